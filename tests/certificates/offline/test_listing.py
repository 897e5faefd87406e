"""What holds, without a network: the list, the bundle, files checked by it."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from certificates import chain, life, lookup
from certificates.models import Certificate, SealKey
from certificates.offline import listing, marks, signing, summary
from certificates.offline.listing import Entry, Listed
from certificates.snapshot import Snapshot
from certificates.standing import ReasonCode
from lms.core import clock, files, jobs, keys
from lms.core.db import db, reading, transaction
from lms.core.errors import NotFound
from lms.core.web import Bilim
from lms.organisations.models import Organisation
from tests.certificates import academy
from tests.certificates.academy import Learner
from tests.conftest import application, make_settings

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.fixture
def graduates(app: Bilim) -> Iterator[list[Learner]]:
    """Three people with a certificate each."""
    with clock.frozen(NOW):
        academy.open_academy(app)
        found = [academy.graduate() for _ in range(3)]
        jobs.run_due()
        with transaction():
            keys.ensure(chain.KEY_USE, chain.ALGORITHM)
        yield found


def certificates() -> list[Certificate]:
    with reading():
        return list(db.session.scalars(select(Certificate).order_by(Certificate.number)))


def snapshots() -> list[Snapshot]:
    return [lookup.snapshot_of(row) for row in certificates()]


def change(certificate: Certificate, verb: str) -> None:
    with transaction():
        getattr(life, verb)(certificate.id, reason=ReasonCode.OTHER, note="", actor="staff:test")


def claims() -> dict[str, object]:
    with reading():
        return dict(listing.read(listing.composed(), keys.published(chain.KEY_USE)))


def digits_of(snapshot: Snapshot) -> str:
    assert snapshot.offline_url is not None
    return snapshot.offline_url.partition("#")[2]


def run(app: Bilim, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["certificates", *words])
    return result.exit_code, result.output


def test_each_certificate_carries_a_summary_under_the_key_of_the_day(graduates: list[Learner]) -> None:
    (kid,) = [row.kid for row in read_history()]

    for snapshot in snapshots():
        facts, _signature = summary.taken_apart(digits_of(snapshot))
        read = summary.unpacked(facts)
        assert read.key == summary.key_mark(kid)
        assert (read.number, read.code) == (snapshot.number, snapshot.code)
        assert read.holder == {"Cyrl": "Ысакова Айгүл Өмүрбековна", "Latn": "Aigul Ysakova"}


def read_history() -> list[keys.SigningKey]:
    with reading():
        return signing.history()


def test_the_list_names_what_does_not_hold_and_nobody(graduates: list[Learner]) -> None:
    revoked, suspended, valid = certificates()
    change(revoked, "revoke")
    change(suspended, "suspend")

    told = claims()

    assert listing.found(told, revoked.number, revoked.code) == Listed(Entry.REVOKED, date(2026, 11, 22))
    assert listing.found(told, suspended.number, suspended.code) == Listed(Entry.SUSPENDED, date(2026, 11, 22))
    assert listing.found(told, valid.number, valid.code) is None
    assert listing.found(told, valid.number, revoked.code) is None
    assert len(listing.decoded(str(told["entries"]))) == 2 * 11
    text = json.dumps(told, ensure_ascii=False)
    assert [word for word in ("Ысакова", "Ysakova", revoked.code, revoked.number) if word in text] == []
    assert told["head"] == {"event": chain_head()[0], "hash": chain_head()[1]}


def chain_head() -> tuple[int, str]:
    with reading():
        return chain.head()


def test_the_list_of_a_day_is_composed_once_and_given_to_all(app: Bilim, graduates: list[Learner]) -> None:
    client = app.test_client()
    first = client.get("/offline/list")
    change(certificates()[0], "revoke")
    second = client.get("/offline/list")
    with clock.frozen(NOW + timedelta(days=1)):
        jobs.queue_daily()
        jobs.run_due()
        third = client.get("/offline/list")

    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert second.data == first.data
    assert [name[:18] for name in sorted(files.names("offline"))] == ["offline/2026-11-22", "offline/2026-11-23"]
    with reading():
        newest = listing.read(third.text, keys.published(chain.KEY_USE))
    assert len(listing.decoded(newest["entries"])) == 11


def test_on_a_new_installation_keys_and_list_are_there_for_the_first_who_asks(app: Bilim) -> None:
    with reading(), pytest.raises(NotFound):
        listing.today()

    known = app.test_client().get("/offline/keys.json").get_json()
    answer = app.test_client().get("/offline/list")

    assert answer.status_code == 200
    assert listing.read(answer.text, known)["entries"] == ""


def test_the_list_alone_is_enough_to_be_published(app: Bilim) -> None:
    answer = app.test_client().get("/offline/list")

    assert answer.status_code == 200
    assert app.test_client().get("/offline/list").data == answer.data


def test_an_operator_publishes_what_holds_now(app: Bilim, graduates: list[Learner]) -> None:
    client, revoked = app.test_client(), certificates()[0]
    before = client.get("/offline/list").data
    change(revoked, "revoke")
    with clock.frozen(NOW + timedelta(hours=1)):
        code, output = run(app, "publish-list")
        after = client.get("/offline/list")

    assert (code, "offline/2026-11-22/" in output) == (0, True)
    assert after.data != before
    with reading():
        newest = listing.read(after.text, keys.published(chain.KEY_USE))
    assert listing.found(newest, revoked.number, revoked.code) == Listed(Entry.REVOKED, date(2026, 11, 22))


def test_whoever_has_a_replaced_certificate_reads_the_number_in_its_place_and_nobody_else(
    app: Bilim, graduates: list[Learner], tmp_path: Path
) -> None:
    old, other, _third = certificates()
    assert run(app, "supersede", old.number, "--hours", "36")[0] == 0
    told = claims()
    new = certificates()[-1].number
    pdf, bundle = tmp_path / "old.pdf", tmp_path / "bundle.json"
    pdf.write_bytes(files.read(str(old.file_name)))
    run(app, "offline-bundle", str(bundle))

    assert listing.found(told, old.number, old.code) == Listed(Entry.SUPERSEDED, date(2026, 11, 22), new)
    assert new not in json.dumps(told)
    replacements = listing.decoded(str(told["replacements"]))
    assert new.encode() not in replacements
    assert len(replacements) == 40
    assert marks.successor_in(replacements, old.number, other.code) is None
    code, output = run(app, "verify", str(pdf), "--offline", str(bundle))
    assert (code, f"replaced by: {new}" in output) == (1, True)


def test_a_list_under_another_key_or_of_another_kind_is_refused(graduates: list[Learner]) -> None:
    with reading():
        text, known = listing.composed(), keys.published(chain.KEY_USE)
        others = keys.published("lti") + [row.public_jwk for row in signing.history()]
    with clock.frozen(NOW + timedelta(days=1)):
        chain.sign_head_of_yesterday("")
    with reading():
        statement = chain.signed_heads()[-1].statement

    for wrong, pinned in ((text, others), (statement, known), (text[:-4] + "AAAA", known), ("eyJ", known)):
        with pytest.raises(listing.NotGenuine):
            listing.read(wrong, pinned)


def test_of_a_stolen_key_the_register_vouches_for_what_is_older(app: Bilim, graduates: list[Learner]) -> None:
    (kid,) = [row.kid for row in read_history()]
    with clock.frozen(NOW + timedelta(hours=2)):
        code, output = run(app, "offline-keys", "compromised", kid, "--since", "2026-11-22T06:30+00:00")
        academy.graduate()
        jobs.run_due()
        told = claims()
        listed = run(app, "offline-keys", "list")[1]

    vouched = listing.decoded(str(told["vouched"]))
    assert code == 0, output
    assert len(vouched) == 3 * 16
    assert f"{kid} compromised since 2026-11-22T06:30Z" in listed
    assert listed.count(" active from ") == 1
    newest = summary.unpacked(summary.taken_apart(digits_of(snapshots()[-1]))[0])
    assert newest.key != summary.key_mark(kid)
    assert run(app, "offline-keys", "compromised", "lti-x")[0] == 1


def test_a_file_is_checked_with_neither_network_nor_database(
    app: Bilim, graduates: list[Learner], tmp_path: Path
) -> None:
    revoked, valid, _other = certificates()
    change(revoked, "revoke")
    with transaction():
        rename_the_issuer()
    pdfs = {name: tmp_path / f"{name}.pdf" for name in ("valid", "revoked", "tampered")}
    pdfs["valid"].write_bytes(files.read(str(valid.file_name)))
    pdfs["revoked"].write_bytes(files.read(str(revoked.file_name)))
    pdfs["tampered"].write_bytes(files.read(str(valid.file_name)).replace(b"/Type /Page", b"/Type /page", 1))
    bundle = tmp_path / "bundle.json"
    assert run(app, "offline-bundle", str(bundle))[0] == 0

    nowhere = make_settings(tmp_path / "elsewhere", "postgresql://nobody@127.0.0.1:9/none")
    with application(nowhere) as machine:
        told = {name: run(machine, "verify", str(path), "--offline", str(bundle)) for name, path in pdfs.items()}
        with clock.frozen(NOW + timedelta(days=8)):
            late = run(machine, "verify", str(pdfs["valid"]), "--offline", str(bundle))
        damaged = tmp_path / "damaged.json"
        damaged.write_text(bundle.read_text().replace('"x": "', '"x": "A', 1))
        refused = run(machine, "verify", str(pdfs["valid"]), "--offline", str(damaged))

    assert told["valid"][0] == 0, told["valid"]
    assert "AUTHENTIC_BY_SIGNATURE: Genuine." in told["valid"][1]
    assert "register: valid" in told["valid"][1]
    assert f"{valid.number} Public Management, 4 academic hours" in told["valid"][1]
    assert "today New academy" in told["valid"][1]
    assert "what holds is known as of 2026-11-22" in told["valid"][1]
    assert told["revoked"][0] == 1
    assert "AUTHENTIC_BY_SIGNATURE: Revoked." in told["revoked"][1]
    assert told["tampered"][0] == 1
    assert "TAMPERED: Altered." in told["tampered"][1]
    assert (late[0], "The list of what holds is old." in late[1]) == (0, True)
    assert refused[0] == 1
    assert "is no bundle" in refused[1]


def rename_the_issuer() -> None:
    old = db.session.scalars(select(Organisation)).first()
    assert old is not None
    new = Organisation(
        code="new",
        country="KG",
        names={"ky": "Жаңы академия", "ru": "Новая академия", "zh": "新学院", "en": "New academy"},
    )
    db.session.add(new)
    db.session.flush()
    old.successor_id, old.succession_act, old.succession_date = new.id, "Act 1", date(2026, 11, 1)


def test_of_a_stolen_seal_the_bundle_vouches_for_files_that_are_older(
    app: Bilim, graduates: list[Learner], tmp_path: Path
) -> None:
    old = certificates()[0]
    with transaction():
        seal = db.session.scalars(select(SealKey)).one()
        seal.compromised_at = NOW + timedelta(hours=1)
        fingerprint = seal.fingerprint
    bundle = tmp_path / "bundle.json"
    run(app, "offline-bundle", str(bundle))
    known, unknown = tmp_path / "known.pdf", tmp_path / "unknown.pdf"
    known.write_bytes(files.read(str(old.file_name)))
    with transaction():
        db.session.get_one(SealKey, fingerprint).compromised_at = NOW - timedelta(hours=1)
    late = tmp_path / "late.json"
    run(app, "offline-bundle", str(late))
    unknown.write_bytes(known.read_bytes())

    assert run(app, "verify", str(known), "--offline", str(bundle))[0] == 0
    code, output = run(app, "verify", str(unknown), "--offline", str(late))
    assert (code, "UNKNOWN_SIGNER" in output) == (1, True)
