"""The verdict on a credential of another node: by its key history, its bodies and its status lists, never by its own word.

The header of a credential only says which of the nodes we trust is meant; no address in it is followed to find a key.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from certificates import numbering
from certificates.badges import credential
from certificates.badges.signing import ALGORITHM
from certificates.network import nodes, statuses
from certificates.network.issuer_list import Body, IssuerList
from certificates.network.models import Node
from certificates.snapshot import Issuer
from certificates.verdicts import VerdictCode
from certificates.verification import Facts, RegisterStatus, StandingFacts, Verdict
from lms.core import clock
from lms.core.db import reading
from lms.core.i18n import civil_date
from lms.organisations.issuers import Succession
from lms.people import names

HALF_A_DAY = timedelta(hours=12)
_STATUS_OF = {"revocation": RegisterStatus.REVOKED, "suspension": RegisterStatus.SUSPENDED}


@dataclass(frozen=True)
class _Meant:
    """A credential, the node whose key its header names, and the last list of that node."""

    jwt: str
    kid: str
    node: Node
    said: IssuerList


def verify(text: str) -> Verdict:
    """The verdict on a credential of ours or of a node that we trust.

    Opens transactions of its own, and none while it asks another node.
    """
    jwt = "".join(text.split())
    with reading():
        meant = _meant(jwt)
        if meant is None:
            return credential.verify(jwt)
    return _judged(meant)


def _meant(jwt: str) -> _Meant | None:
    """None for what is ours, nobody's, or no credential at all: the judgement at home has the words for it."""
    if not credential.looks_like_one(jwt.encode("utf-8", "replace")):
        return None
    try:
        address = str(jws.extract_compact(jwt.encode()).headers()["kid"])
    except (JoseError, ValueError, KeyError, RecursionError):
        return None
    node = nodes.named_by(address)
    if node is None or not address.startswith(f"{node.address}/credentials/keys/"):
        return None
    return _Meant(jwt, address.rpartition("/")[2], node, nodes.list_of(node))


def _judged(meant: _Meant) -> Verdict:
    key = meant.said.keys.get(meant.kid)
    if key is None:
        return _refused(VerdictCode.UNKNOWN_SIGNER, "node-key-unknown")
    if key.compromised_at is not None:
        return _refused(VerdictCode.UNKNOWN_SIGNER, "node-key-compromised")
    try:
        signed = jws.deserialize_compact(meant.jwt, RSAKey.import_key(dict(key.jwk)), algorithms=[ALGORITHM])
    except (JoseError, ValueError, TypeError):
        return _refused(VerdictCode.TAMPERED, "content-changed")
    try:
        payload = json.loads(signed.payload)
        facts = _facts(payload, _issuing(payload, meant))
        return _with_status(meant, payload, facts)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return _refused(VerdictCode.INCONSISTENT, "credential-malformed")


def _with_status(meant: _Meant, payload: Mapping[str, Any], facts: Facts) -> Verdict:
    end = _day(payload["validUntil"], into=-HALF_A_DAY) if "validUntil" in payload else None
    reasons = ["signed-by-node"]
    try:
        status = _status(meant, payload, end)
    except statuses.NotToBeHad:
        status = RegisterStatus.UNKNOWN
        reasons.append("node-not-reached")
    if meant.said.expires_at < clock.now():
        reasons.append("node-list-old")
    standing = StandingFacts(status, None, None, None, end)
    code = VerdictCode.AUTHENTIC_BY_SIGNATURE
    return Verdict(code, tuple(reasons), status, facts, standing, node=meant.node.address)


def _status(meant: _Meant, payload: Mapping[str, Any], end: date | None) -> RegisterStatus:
    """:raises NotToBeHad: if the node's lists are not to be had."""
    found = statuses.set_bits(meant.node, meant.said, payload["credentialStatus"])
    for purpose in statuses.PURPOSES:
        if purpose in found:
            return _STATUS_OF[purpose]
    if end is not None and end < civil_date(clock.now()):
        return RegisterStatus.EXPIRED
    return RegisterStatus.VALID


def _issuing(payload: Mapping[str, Any], meant: _Meant) -> Body:
    """The body, as the node's list has it: names that a credential gives itself count for nothing.

    :raises KeyError: if the node has no such body.
    """
    base, _slash, organisation_id = str(payload["issuer"]["id"]).rpartition("/")
    if base != f"{meant.node.address}/credentials/issuers":
        raise KeyError(organisation_id)
    return meant.said.bodies[organisation_id]


def _facts(payload: Mapping[str, Any], body: Body) -> Facts:
    subject = payload["credentialSubject"]
    results = {str(one["resultDescription"]).rpartition("#")[2]: one["value"] for one in subject["result"]}
    address = str(payload["evidence"][0]["id"])
    return Facts(
        number=str(subject["licenseNumber"]),
        code=numbering.normalise(address.rpartition("/")[2]),
        holder=_by_script([str(one["identityHash"]) for one in subject["identifier"]]),
        titles={"en": str(payload["name"])},
        hours=int(results["hours"]),
        completed_on=_day(payload["awardedDate"]),
        issued_on=_day(payload["validFrom"]),
        issuer=Issuer(body.names, body.country),
        successor=_successor(body),
        verify_url=address,
    )


def _by_script(forms: list[str]) -> dict[str, str]:
    found = {names.script_of(form): form for form in forms}
    return {script: form for script, form in found.items() if script}


def _successor(body: Body) -> Succession | None:
    if body.today is None:
        return None
    day = body.today["day"]
    return Succession(body.today["names"], body.today["act"], date.fromisoformat(day) if day else None)


def _day(moment: object, *, into: timedelta = HALF_A_DAY) -> date:
    """The day of which the moment is the beginning (or the end) where the issuer is. Its middle is the same day for us."""
    return civil_date(datetime.fromisoformat(str(moment)) + into)


def _refused(code: VerdictCode, reason: str) -> Verdict:
    return Verdict(code, (reason,), RegisterStatus.UNKNOWN, None)
