import json
from dataclasses import replace
from datetime import date

from certificates.snapshot import CoIssuer, Issuer, Signer, Snapshot, TranscriptLine
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


def test_a_certificate_from_before_templates_had_versions_keeps_its_json_and_its_hash(snapshot: Snapshot) -> None:
    # Taken from the program as it was when snapshots had no later facts.
    assert snapshot.sha256() == "b8882fee56896532e6d3caf6bf44946317bade34d3f4ec0e3a16134c6217bf24"
    for later in ("template_sha256", "valid_until", "co_issuers", "transcript", "signature"):
        assert later not in snapshot.canonical_json()


def test_a_joint_certificate_with_a_transcript_comes_back_as_it_was(snapshot: Snapshot) -> None:
    texts = {"ky": "Ош", "ru": "Ош", "zh": "奥什", "en": "Osh"}
    full = replace(
        snapshot,
        template_version=3,
        template_sha256="ab" * 32,
        valid_until=date(2031, 11, 20),
        signer=replace(snapshot.signer, signature="cd" * 32),
        co_issuers=(CoIssuer(Issuer(texts, "KG"), Signer(texts, texts, "ef" * 32)),),
        transcript=(TranscriptLine(texts, 8, 91), TranscriptLine(texts, 4, None)),
    )

    assert Snapshot.from_json(full.canonical_json()) == full
    assert [signer.signature for signer in full.signers] == ["cd" * 32, "ef" * 32]
    assert full.sha256() != snapshot.sha256()
