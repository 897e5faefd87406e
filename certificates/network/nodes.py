"""The nodes that we trust: added by a person who compared a fingerprint, asked every day, forgotten at a person's word."""

from urllib.parse import urlsplit

from sqlalchemy import select

from certificates.network import issuer_list
from certificates.network.issuer_list import IssuerList, NotGenuine
from certificates.network.models import Node, NodeStatusList
from lms.core import audit, clock, http, jobs, settings
from lms.core.db import can_keep, db, insert_once, new_id, reading, transaction
from lms.core.errors import Conflict, Invalid, NotFound, Problem
from lms.core.i18n import _l

JOB = "network-lists"


def listed() -> list[Node]:
    """All of them, by address. Reads in the caller's transaction."""
    return list(db.session.scalars(select(Node).order_by(Node.address)))


def find(node_id: str) -> Node:
    """:raises NotFound: ``node-unknown``."""
    row = db.session.get(Node, node_id)
    if row is None:
        raise NotFound("node-unknown", _l("There is no such node."))
    return row


def named_by(address: str) -> Node | None:
    """The node below whose address this one is. Reads in the caller's transaction."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if not can_keep(address):
        return None
    return db.session.scalar(select(Node).filter_by(address=f"{parts.scheme}://{parts.netloc}"))


def list_of(node: Node) -> IssuerList:
    """What it last said of itself.

    :raises NotGenuine: never for a row that :func:`add` or :func:`ask` wrote.
    """
    return issuer_list.read(node.list_text, node.keys)


def add(address: str, fingerprint: str, *, actor: str) -> Node:
    """Trust another installation. Asks it for its list; opens transactions of its own, and none while it waits.

    :param fingerprint: of the key that signs its list, learnt by another way than the network.
    :raises Invalid: ``node-address-not-valid``, ``node-is-this-one``, ``node-fingerprint-differs``, ``node-list-not-valid``.
    :raises Conflict: ``node-known``.
    :raises RemoteFailure: if it does not answer.
    """
    base = _base_of(address)
    text = _fetched(base)
    try:
        said = issuer_list.signed_by(text, fingerprint)
    except LookupError as error:
        raise Invalid(
            "node-fingerprint-differs",
            _l("The node shows another fingerprint. Compare it with its people once more, by telephone or by letter."),
        ) from error
    except NotGenuine as error:
        raise _not_valid() from error
    if said.address != base:
        raise _not_valid()
    with transaction():
        row, is_new = insert_once(Node, {"address": base}, {"id": new_id(), **_kept(said, text)})
        if not is_new:
            raise Conflict("node-known", _l("This node is in the list already."))
        audit.record("network.node-added", subject=f"node:{row.id}", actor=actor, address=base)
    return row


def remove(node_id: str, *, actor: str) -> None:
    """Trust it no more, in the caller's transaction: its credentials are those of a stranger from now on."""
    row = find(node_id)
    audit.record("network.node-removed", subject=f"node:{row.id}", actor=actor, address=row.address)
    for kept in db.session.scalars(select(NodeStatusList).filter_by(node_id=row.id)):
        db.session.delete(kept)
    db.session.flush()
    db.session.delete(row)


def ask(node_id: str) -> str | None:
    """Fetch the newest list of a node. What we have is kept if that fails; gives the code of the fault then.

    Opens transactions of its own, and none while it waits.
    """
    with reading():
        row = find(node_id)
    said: IssuerList | None = None
    fault, text = None, ""
    try:
        text = _fetched(row.address)
        said = _newer(row, text)
    except Problem as problem:
        fault = problem.code
    with transaction():
        kept = find(node_id)
        kept.fault, kept.tried_at = fault, clock.now()
        if said is not None:
            for name, value in _kept(said, text).items():
                setattr(kept, name, value)
    return fault


@jobs.daily(JOB)
def ask_all(_subject: str) -> None:
    """One that does not answer keeps nobody else waiting for longer than a call lasts."""
    with reading():
        known = [row.id for row in listed()]
    for node_id in known:
        ask(node_id)


def _newer(row: Node, text: str) -> IssuerList:
    """:raises Invalid: ``node-list-not-valid``, ``node-list-older``."""
    try:
        said = issuer_list.read(text, row.keys)
    except NotGenuine as error:
        raise _not_valid() from error
    if said.address != row.address:
        raise _not_valid()
    if said.issued_at < row.list_issued_at:  # somebody plays back a list in which a key was still good
        raise Invalid("node-list-older", _l("The node sent an older list than before. The newer one is kept."))
    return said


def _kept(said: IssuerList, text: str) -> dict[str, object]:
    now = clock.now()
    return {
        "keys": [dict(key) for key in said.node_keys],
        "list_text": text.strip(),
        "list_issued_at": said.issued_at,
        "fetched_at": now,
        "tried_at": now,
        "fault": None,
    }


def _fetched(base: str) -> str:
    answer = http.get(f"{base}{issuer_list.PATH}")
    if not answer.is_success or not answer.body.isascii():
        raise _not_valid()
    return answer.body.decode("ascii")


def _base_of(address: str) -> str:
    parts = urlsplit(address.strip())
    base = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username is not None:
        raise Invalid("node-address-not-valid", _l("Type the address as https://, followed by the name of the node."))
    if base == settings.current().public_url:
        raise Invalid("node-is-this-one", _l("This is the address of this installation."))
    return base


def _not_valid() -> Invalid:
    return Invalid("node-list-not-valid", _l("No list of issuers that we can believe was found at this address."))
