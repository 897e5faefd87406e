"""Two installations side by side, each on a database of its own, that meet over HTTP only."""

import json
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from joserfc import jws
from werkzeug.serving import make_server

from certificates import lookup, register
from certificates.badges import making, signing
from certificates.badges.addresses import Addresses
from certificates.models import Certificate
from certificates.network import foreign, issuer_list, nodes, publishing
from certificates.network.models import NodeStatusList
from certificates.standing import Kind
from certificates.verification import Verdict
from lms.core import clock, keys
from lms.core.db import db, transaction
from lms.core.errors import Conflict, Invalid
from lms.core.web import Bilim
from lms.signin.roles import Role
from tests.answering import answering
from tests.certificates import registered
from tests.conftest import application, make_settings
from tests.staff import csrf_token, sign_in

STRANGE = " ".join(["0000"] * 16)


@dataclass(frozen=True)
class House:
    """One of the two."""

    app: Bilim
    address: str


@dataclass(frozen=True)
class Issued:
    """A certificate of the far node, as its holder carries it."""

    certificate: Certificate
    jwt: str


@pytest.fixture
def far(tmp_path: Path, sqlite_template: Path) -> Iterator[House]:
    """The node that issues; it answers over HTTP."""
    with _house(tmp_path / "far", sqlite_template, f"http://127.0.0.1:{_free_port()}") as house:
        server = make_server("127.0.0.1", int(house.address.rpartition(":")[2]), house.app, threaded=True)
        with answering(server):
            yield house


@pytest.fixture
def near(tmp_path: Path, sqlite_template: Path) -> Iterator[House]:
    """The node where somebody wants to know."""
    with _house(tmp_path / "near", sqlite_template, "http://localhost:8000") as house:
        yield house


@pytest.fixture
def issued(far: House) -> Issued:
    with far.app.app_context():
        certificate = registered.issue(registered.open_register(), verify_url=f"{far.address}/v/0123456789ABC")
        (attached,) = making.attachments_of(lookup.snapshot_of(certificate), certificate.organisation_id)
        return Issued(certificate, attached.data.decode())


@pytest.fixture
def trusted(far: House, near: House, issued: Issued) -> str:
    """Id of the far node, in the list of the near one."""
    with near.app.app_context():
        return nodes.add(far.address, _fingerprint(far), actor="staff:me").id


def test_a_credential_of_a_node_that_nobody_trusts_is_not_ours(near: House, issued: Issued) -> None:
    assert _verdict(near, issued.jwt)[:2] == ("UNKNOWN_SIGNER", ("signer-not-ours",))


@pytest.mark.usefixtures("trusted")
def test_a_credential_of_a_trusted_node_is_genuine_with_its_facts_and_its_standing(
    far: House, near: House, issued: Issued
) -> None:
    found = _found(near, issued.jwt)

    assert (found.code, found.reasons, found.node) == ("AUTHENTIC_BY_SIGNATURE", ("signed-by-node",), far.address)
    assert (found.register_status, found.is_accepted) == ("valid", True)
    assert found.facts is not None
    said, printed = found.facts, lookup.snapshot_of(issued.certificate)
    assert (said.number, said.hours, said.holder) == (printed.number, printed.hours, printed.holder)
    assert (said.completed_on, said.issued_on) == (printed.completed_on, printed.issued_on)
    assert said.issuer.names["en"] == "Demonstration Academy of Public Administration"


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(("kind", "status"), [(Kind.REVOKED, "revoked"), (Kind.SUSPENDED, "suspended")])
def test_what_the_far_register_takes_back_does_not_hold_here_either(
    far: House, near: House, issued: Issued, kind: Kind, status: str
) -> None:
    with far.app.app_context(), transaction():
        register.change(issued.certificate.id, kind, actor="staff:far", reason_code="other", note="")

    found = _found(near, issued.jwt)

    assert (found.code, found.register_status, found.is_accepted) == ("AUTHENTIC_BY_SIGNATURE", status, False)


@pytest.mark.usefixtures("trusted")
def test_a_changed_credential_is_tampered_with(near: House, issued: Issued) -> None:
    head, body, signature = issued.jwt.split(".")
    other = body[:200] + ("A" if body[200] != "A" else "B") + body[201:]

    assert _verdict(near, f"{head}.{other}.{signature}")[:2] == ("TAMPERED", ("content-changed",))


def test_a_key_that_got_into_other_hands_is_believed_no_more_after_the_next_list(
    far: House, near: House, issued: Issued, trusted: str
) -> None:
    with far.app.app_context(), transaction():
        keys.withdraw(signing.history()[0].kid)
    with near.app.app_context():
        nodes.ask(trusted)

    assert _verdict(near, issued.jwt)[:2] == ("UNKNOWN_SIGNER", ("node-key-compromised",))


def test_a_credential_under_a_newer_key_is_genuine_after_the_next_list(
    far: House, near: House, issued: Issued, trusted: str
) -> None:
    with far.app.app_context(), transaction():
        payload = json.loads(jws.extract_compact(issued.jwt.encode()).payload)
        keys.add(signing.USE, signing.ALGORITHM, active_from=clock.now())
        newer = signing.sign(payload, Addresses(far.address)).jwt
    before = _verdict(near, newer)
    with near.app.app_context():
        nodes.ask(trusted)

    assert before[:2] == ("UNKNOWN_SIGNER", ("node-key-unknown",))
    assert _verdict(near, newer)[:2] == ("AUTHENTIC_BY_SIGNATURE", ("signed-by-node",))


def test_a_node_may_not_speak_for_a_body_that_is_not_in_its_list(
    far: House, near: House, issued: Issued, trusted: str
) -> None:
    with far.app.app_context(), transaction():
        payload = json.loads(jws.extract_compact(issued.jwt.encode()).payload)
        payload["issuer"]["id"] = f"{far.address}/credentials/issuers/somebody-else"
        forged = signing.sign(payload, Addresses(far.address)).jwt

    assert _verdict(near, forged)[:2] == ("INCONSISTENT", ("credential-malformed",))


def test_a_node_that_does_not_answer_leaves_the_standing_unknown_until_a_list_is_kept(
    far: House, near: House, issued: Issued, trusted: str
) -> None:
    with _closed(far):
        away = _found(near, issued.jwt)
    known = _found(near, issued.jwt)
    with _closed(far), clock.frozen(clock.now() + timedelta(hours=1)):
        kept = _found(near, issued.jwt)

    assert (away.code, away.register_status) == ("AUTHENTIC_BY_SIGNATURE", "unknown")
    assert away.reasons == ("signed-by-node", "node-not-reached")
    assert (known.register_status, kept.register_status) == ("valid", "valid")


def test_a_node_is_trusted_only_under_the_fingerprint_that_a_person_compared(
    far: House, near: House, issued: Issued
) -> None:
    with near.app.app_context():
        with pytest.raises(Invalid) as refused:
            nodes.add(far.address, STRANGE, actor="staff:me")
        assert refused.value.code == "node-fingerprint-differs"
        nodes.add(f"{far.address}/", _fingerprint(far).upper(), actor="staff:me")
        with pytest.raises(Conflict, match="node-known"):
            nodes.add(far.address, _fingerprint(far), actor="staff:me")


def test_the_next_key_of_a_list_is_trusted_because_the_present_one_announced_it(
    far: House, near: House, trusted: str
) -> None:
    with far.app.app_context(), transaction():
        publishing.announce_next_key(actor="operator")
    with near.app.app_context():
        assert nodes.ask(trusted) is None
    with clock.frozen(clock.now() + timedelta(days=31)):
        with near.app.app_context():
            assert nodes.ask(trusted) is None
        with far.app.app_context(), transaction():
            other = keys.add(publishing.USE, issuer_list.ALGORITHM, active_from=clock.now())
            assert other.kid != keys.signing_now("lti")
        with near.app.app_context():
            assert nodes.ask(trusted) == "node-list-not-valid"


def test_an_older_list_is_not_taken_in_the_place_of_a_newer(far: House, near: House, trusted: str) -> None:
    with near.app.app_context():
        with transaction():
            nodes.find(trusted).list_issued_at += timedelta(hours=1)

        assert nodes.ask(trusted) == "node-list-older"


def test_a_node_that_is_trusted_no_more_is_a_stranger(near: House, issued: Issued, trusted: str) -> None:
    _found(near, issued.jwt)
    with near.app.app_context(), transaction():
        nodes.remove(trusted, actor="staff:me")
        assert db.session.scalars(db.select(NodeStatusList)).all() == []

    assert _verdict(near, issued.jwt)[:2] == ("UNKNOWN_SIGNER", ("signer-not-ours",))


def test_administrators_add_a_node_on_a_page_and_verifiers_read_whose_it_is(
    far: House, near: House, issued: Issued
) -> None:
    with near.app.app_context():
        client = near.app.test_client()
        sign_in(client, Role.PLATFORM_ADMINISTRATOR)
        page = client.get("/admin/network/?lang=en").text
        form = {"address": far.address, "csrf_token": csrf_token(client, "/admin/network/")}
        refused = client.post("/admin/network/", data={**form, "fingerprint": "12"})
        added = client.post("/admin/network/", data={**form, "fingerprint": _fingerprint(far)})
        told = client.get("/admin/network/").text
        verdict = client.post("/verify/credential?lang=en", data={"credential": issued.jwt}).text

    assert "No other node yet" in page
    assert (refused.status_code, added.status_code) == (422, 303)
    assert far.address in told
    assert "What the node vouches for" in verdict
    assert far.address in verdict


@contextmanager
def _house(folder: Path, template: Path, address: str) -> Iterator[House]:
    folder.mkdir()
    shutil.copy(template, folder / "bilim.sqlite3")
    settings = replace(make_settings(folder, f"sqlite:///{folder / 'bilim.sqlite3'}"), public_url=address)
    settings = replace(settings, trusted_private_hosts=frozenset({"127.0.0.1"}))
    with application(settings) as app:
        yield House(app, address)


@contextmanager
def _closed(house: House) -> Iterator[None]:
    """Nothing of it answers."""
    answer = house.app.wsgi_app
    house.app.wsgi_app = _unavailable  # type: ignore[method-assign, assignment]
    yield
    house.app.wsgi_app = answer  # type: ignore[method-assign]


def _unavailable(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("503 Service Unavailable", [("Content-Length", "0")])
    return []


def _fingerprint(house: House) -> str:
    with house.app.app_context(), transaction():
        return issuer_list.shown(publishing.fingerprint())


def _found(house: House, jwt: str) -> Verdict:
    with house.app.app_context():
        return foreign.verify(jwt)


def _verdict(house: House, jwt: str) -> tuple[str, tuple[str, ...], str]:
    found = _found(house, jwt)
    return (found.code, found.reasons, found.register_status)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
