"""Whether a credential of another node holds today, from that node's lists of bits (W3C Bitstring Status List 1.0).

Whoever asks fetches the list of all, so the node does not learn which credential was looked at; no name goes over the wire.
A list is kept as long as it says that it is good, so a node that is away for some hours is judged by what it last said.
"""

import base64
import json
import zlib
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from certificates.badges.signing import ALGORITHM
from certificates.network.issuer_list import IssuerList
from certificates.network.models import Node, NodeStatusList
from lms.core import clock, http
from lms.core.db import db, insert_once, reading, transaction
from lms.core.errors import RemoteFailure

FRESH_FOR = timedelta(minutes=5)
MOST_BITS = 8 * 1024 * 1024
PURPOSES = ("revocation", "suspension")


class NotToBeHad(Exception):
    """The node does not answer, or not with a list that we can believe; so nothing is known of the standing."""


def set_bits(node: Node, said: IssuerList, entries: Iterable[Mapping[str, Any]]) -> set[str]:
    """For which purposes the bit of a credential is set. Opens transactions of its own.

    :param entries: ``credentialStatus`` of the credential.
    :raises NotToBeHad: if one of the two lists is missing.
    """
    by_purpose = {str(entry["statusPurpose"]): entry for entry in entries}
    if not set(PURPOSES) <= set(by_purpose):
        raise NotToBeHad("a purpose is missing")
    return {purpose for purpose in PURPOSES if _is_set(node, said, by_purpose[purpose])}


def _is_set(node: Node, said: IssuerList, entry: Mapping[str, Any]) -> bool:
    address, position = str(entry["statusListCredential"]), int(entry["statusListIndex"])
    if not address.startswith(f"{node.address}/credentials/status/"):  # never further than the node itself
        raise NotToBeHad("a list elsewhere")
    bits = _bits(_list(node, said, address))
    if not 0 <= position < len(bits) * 8:
        raise NotToBeHad("no such position")
    return bool(bits[position // 8] & 0x80 >> position % 8)


def _list(node: Node, said: IssuerList, address: str) -> Mapping[str, Any]:
    """The list of a few minutes ago, or one fetched now; if that fails, the one we have, while it is good."""
    with reading():
        kept = db.session.get(NodeStatusList, address)
    if kept and kept.fetched_at + FRESH_FOR > clock.now():
        return _proved(kept.text, said, address)
    try:
        text = _fetched(address)
        found = _proved(text, said, address)
    except NotToBeHad:
        if kept is None:
            raise
        return _proved(kept.text, said, address)
    _keep(node, address, text)
    return found


def _fetched(address: str) -> str:
    try:
        answer = http.get(address)
    except RemoteFailure as failure:
        raise NotToBeHad(failure.code) from failure
    if not answer.is_success or not answer.body.isascii():
        raise NotToBeHad("no list")
    return answer.body.decode("ascii").strip()


def _keep(node: Node, address: str, text: str) -> None:
    with transaction():
        facts = {"node_id": node.id, "text": text, "fetched_at": clock.now()}
        row, is_new = insert_once(NodeStatusList, {"address": address}, facts)
        if not is_new:
            row.text, row.fetched_at = text, clock.now()


def _proved(text: str, said: IssuerList, address: str) -> Mapping[str, Any]:
    """Signed by a key of the node that is still believed, about this address, and not over."""
    try:
        kid = str(jws.extract_compact(text.encode()).headers()["kid"]).rpartition("/")[2]
        key = said.keys[kid]
        if key.compromised_at is not None:
            raise NotToBeHad("key compromised")
        signed = jws.deserialize_compact(text, RSAKey.import_key(dict(key.jwk)), algorithms=[ALGORITHM])
        payload: Mapping[str, Any] = json.loads(signed.payload)
        if payload["id"] != address or payload["exp"] < clock.now().timestamp():
            raise NotToBeHad("another list, or an old one")
        return payload["credentialSubject"]  # type: ignore[no-any-return]
    except (JoseError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise NotToBeHad("not a list of the node") from error


def _bits(subject: Mapping[str, Any]) -> bytes:
    try:
        packed = str(subject["encodedList"]).removeprefix("u")
        data = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        return zlib.decompressobj(wbits=31).decompress(data, MOST_BITS // 8)
    except (KeyError, ValueError, zlib.error) as error:
        raise NotToBeHad("bits that cannot be read") from error
