import json

from certificates.snapshot import Snapshot
from tests.certificates.conftest import make_snapshot


def test_a_snapshot_comes_back_from_its_json_as_it_was(snapshot: Snapshot) -> None:
    assert Snapshot.from_json(snapshot.canonical_json()) == snapshot


def test_the_json_has_one_spelling() -> None:
    one = make_snapshot(holder={"Cyrl": "Айгүл", "Latn": "Aigul"})
    same = make_snapshot(holder={"Latn": "Aigul", "Cyrl": "Айгүл"})

    assert one.canonical_json() == same.canonical_json()
    assert one.sha256() == same.sha256()
    assert ": " not in one.canonical_json()
    assert list(json.loads(one.canonical_json())) == sorted(json.loads(one.canonical_json()))


def test_texts_are_kept_composed() -> None:
    assert make_snapshot(holder={"Cyrl": " Каи\u0306рат "}).holder == {"Cyrl": "Кайрат"}


def test_another_fact_gives_another_hash(snapshot: Snapshot) -> None:
    assert make_snapshot(hours=25).sha256() != snapshot.sha256()
