"""Every check of a launch, one function each, in the order of the specification.

SEC is the 1EdTech Security Framework 1.0 (5.1.3, authentication response validation, has the numbered list); core is LTI
1.3 core. Each refuses by a stable code. Nothing here reads or writes the database or the network.
"""

import base64
import json
import re
from collections.abc import Container, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from hmac import compare_digest
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry, deserialize_compact
from werkzeug.datastructures import MultiDict

from lms.core.web import is_our_address
from lms.lti import claims as claim
from lms.lti.models import LONGEST_ID
from lms.lti.refusals import not_complete, not_proved

LONGEST_TOKEN = 256 * 1024
LEEWAY = timedelta(seconds=120)
"""Clocks of platforms differ; "usually no more than a few minutes" (SEC 5.1.3, 7)."""
SHORTEST_RSA_BITS = 2048
"""RFC 7518, 3.3."""
LAST_SECOND = 253_402_300_799
"""Of the year 9999. JSON has numbers of any size, and Python reads NaN, which is neither early nor late."""

_NEVER_IN_ADDRESSES = re.compile(r"[\\\0\ud800-\udfff]|%00")

Key = RSAKey | ECKey


# The form of the answer


def refuse_incomplete_answer(form: Mapping[str, str]) -> None:
    """An answer has both a state and a token (SEC 5.1.1.3)."""
    if not form.get("state"):
        raise not_complete("state-missing", spec="SEC 5.1.1.3")
    if not form.get("id_token"):
        raise not_complete("token-missing", spec="SEC 5.1.1.3")


def refuse_doubled(form: MultiDict[str, str]) -> None:
    """Nothing is said twice, so that two readers cannot read two things (RFC 6749 3.1)."""
    doubled = [name for name in ("state", "id_token", "error") if len(form.getlist(name)) > 1]
    if doubled:
        raise not_complete("answer-doubled", spec="RFC 6749 3.1", doubled=doubled)


def refuse_oversized(token: str) -> None:
    """No launch needs more than 256 kB; parsing more only helps an attacker."""
    if len(token) > LONGEST_TOKEN:
        raise not_complete("token-too-large", spec="SEC 5.1.2")


# The header, before anything in the token can be believed


def header_of(token: str) -> Mapping[str, Any]:
    """The header, not yet proved. One token has one spelling, down to the last bit of its base64 (RFC 7515, 2 and 3.1)."""
    parts = token.split(".")
    if len(parts) != 3 or any(_encoded(_decoded(part)) != part for part in parts):
        raise not_proved("token-malformed", spec="RFC 7515 3.1")
    return _read(_decoded(parts[0]), spec="RFC 7515 4")


def refuse_extensions(header: Mapping[str, Any]) -> None:
    """What a header calls critical must be understood, and we understand no extension (RFC 7515 4.1.11)."""
    if "crit" in header:
        raise not_proved("extension-unknown", spec="RFC 7515 4.1.11")


def unproved_claims(token: str) -> Mapping[str, Any]:
    """What a token says that answers no question of ours: only to find out whose keys must have signed it."""
    try:
        claims = json.loads(_decoded(token.split(".")[1]))
    except (ValueError, IndexError, RecursionError) as error:
        raise not_proved("token-malformed", spec="RFC 7519 7.2") from error
    if not isinstance(claims, dict):
        raise not_proved("token-malformed", spec="RFC 7519 7.2")
    return claims


def refuse_missing_key_id(header: Mapping[str, Any]) -> str:
    """A kid is required even where there is one key (SEC 6.4). Returns it."""
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise not_proved("key-id-missing", spec="SEC 6.4")
    return kid


def refuse_other_algorithm(header: Mapping[str, Any], registered: str) -> None:
    """The algorithm is the registered one, so neither ``none`` nor a symmetric one can slip in (SEC 5.1.3, 6)."""
    if header.get("alg") != registered:
        raise not_proved("algorithm-not-allowed", spec="SEC 5.1.3 (6)")


def key_for(kid: str, keys: Mapping[str, Mapping[str, Any]], *, algorithm: str) -> Key:
    """The platform's key with this id. A key that names no algorithm takes the registered one (D2L)."""
    found = keys.get(kid)
    if found is None:
        raise not_proved("key-unknown", spec="SEC 5.1.3 (1)", kid=kid[:80])
    if found.get("kty") not in ("RSA", "EC") or found.get("use", "sig") != "sig":
        raise not_proved("key-not-allowed", spec="SEC 6.4")
    if found.get("alg", algorithm) != algorithm:
        raise not_proved("algorithm-not-allowed", spec="SEC 5.1.3 (6)")
    return _imported(json.dumps(found, sort_keys=True))


# The token: SEC 5.1.3, in its order


def verified_claims(token: str, key: Key, *, algorithm: str) -> Mapping[str, Any]:
    """1. The signature is made with the platform's key."""
    try:
        payload = deserialize_compact(token, key, registry=_registry(algorithm)).payload
    except (JoseError, ValueError, TypeError, RecursionError) as error:  # TypeError: a header of odd types
        raise not_proved("signature-wrong", spec="SEC 5.1.3 (1)") from error
    return _read(payload, spec="RFC 7519 7.2")


def refuse_other_issuer(claims: Mapping[str, Any], issuer: str) -> None:
    """2. The issuer is exactly the one that we asked."""
    if claims.get("iss") != issuer:
        raise not_proved("issuer-wrong", spec="SEC 5.1.3 (2)")


def refuse_other_audience(claims: Mapping[str, Any], client_id: str) -> None:
    """3. The token is for us, and for nobody whom we do not know."""
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if not named or any(name != client_id for name in named):
        raise not_proved("audience-wrong", spec="SEC 5.1.3 (3)")


def refuse_other_authorized_party(claims: Mapping[str, Any], client_id: str) -> None:
    """4, 5. Where an authorized party is named, it is us. Several audiences need one."""
    audience = claims.get("aud")
    is_needed = isinstance(audience, list) and len(audience) > 1
    if claims.get("azp", None if is_needed else client_id) != client_id:
        raise not_proved("azp-wrong", spec="SEC 5.1.3 (4, 5)")


def refuse_expired(claims: Mapping[str, Any], now: datetime, leeway: timedelta = LEEWAY) -> None:
    """7. It has not expired."""
    if _moment(claims, "exp") + leeway.total_seconds() <= now.timestamp():
        raise not_proved("expired", spec="SEC 5.1.3 (7)")


def refuse_issued_in_future(claims: Mapping[str, Any], now: datetime, leeway: timedelta = LEEWAY) -> None:
    """8. It was issued before now, but for a difference of clocks."""
    if _moment(claims, "iat") - leeway.total_seconds() > now.timestamp():
        raise not_proved("issued-in-future", spec="SEC 5.1.3 (8)")


def refuse_other_nonce(claims: Mapping[str, Any], nonce: str) -> None:
    """9. It answers the very question that we asked; the question is used up, so each nonce counts once."""
    given = claims.get("nonce")
    if not isinstance(given, str) or not given.isascii() or not compare_digest(given, nonce):
        raise not_proved("nonce-wrong", spec="SEC 5.1.3 (9)")


# The message: core 5.3


def refuse_other_version(claims: Mapping[str, Any]) -> None:
    """It is LTI 1.3 (core 5.3.2)."""
    if claims.get(claim.VERSION) != "1.3.0":
        raise not_complete("version-wrong", spec="LTI core 5.3.2")


def refuse_other_message_type(claims: Mapping[str, Any], known: Container[str]) -> str:
    """It is a message that we serve (core 5.3.1). Returns its type."""
    message_type = claims.get(claim.MESSAGE_TYPE)
    if not isinstance(message_type, str) or message_type not in known:
        raise not_complete("message-type-unknown", spec="LTI core 5.3.1")
    return message_type


def refuse_missing_roles(claims: Mapping[str, Any]) -> None:
    """The claim is there; it may be empty (core 5.3.7)."""
    if not isinstance(claims.get(claim.ROLES), list):
        raise not_complete("roles-missing", spec="LTI core 5.3.7")


def refuse_missing_deployment(claims: Mapping[str, Any]) -> None:
    """It says from which deployment it comes (core 5.3.3)."""
    if not _is_id(claims.get(claim.DEPLOYMENT_ID)):
        raise not_complete("deployment-missing", spec="LTI core 5.3.3")


def refuse_missing_resource_link(claims: Mapping[str, Any]) -> None:
    """It says which link was opened (core 5.3.5)."""
    link = claims.get(claim.RESOURCE_LINK)
    if not isinstance(link, dict) or not _is_id(link.get("id")):
        raise not_complete("resource-link-missing", spec="LTI core 5.3.5")


def refuse_missing_subject(claims: Mapping[str, Any]) -> None:
    """It says who launches: we certify persons, so nobody is anonymous here (core 5.3.6, and the certification suite)."""
    if not _is_id(claims.get("sub")):
        raise not_complete("subject-missing", spec="LTI core 5.3.6")


def refuse_foreign_target(claims: Mapping[str, Any]) -> None:
    """It leads to a page of ours (core 5.3.4). The address in the login was not signed; this one is."""
    target = claims.get(claim.TARGET_LINK_URI)
    if not isinstance(target, str) or not _is_ours(target):
        raise not_complete("target-not-ours", spec="LTI core 5.3.4")


def _is_ours(target: str) -> bool:
    try:
        path = urlsplit(target).path
        return is_our_address(target) and ".." not in path.split("/") and not _NEVER_IN_ADDRESSES.search(target)
    except ValueError:
        return False


def _is_id(value: object) -> bool:
    return isinstance(value, str) and len(value.strip()) > 0 and len(value) <= LONGEST_ID and value.isprintable()


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= LAST_SECOND:
        raise not_proved(f"{name}-missing", spec="SEC 5.1.2")
    return float(value)


class _Registry(JWSRegistry):
    max_payload_length = LONGEST_TOKEN
    max_header_length = 4096


@lru_cache(maxsize=8)
def _registry(algorithm: str) -> JWSRegistry:
    return _Registry(algorithms=[algorithm], strict_check_header=False)


@lru_cache(maxsize=256)
def _imported(jwk: str) -> Key:
    values = json.loads(jwk)
    try:
        if values["kty"] == "EC":
            return ECKey.import_key(values)
        _refuse_short(values["n"])
        return RSAKey.import_key(values)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise not_proved("key-not-allowed", spec="SEC 6.4") from error


def _refuse_short(modulus: str) -> None:
    bits = int.from_bytes(_decoded(modulus)).bit_length()
    if bits < SHORTEST_RSA_BITS:
        raise not_proved("key-too-short", spec="RFC 7518 3.3", bits=bits)


def _read(data: bytes, *, spec: str) -> Mapping[str, Any]:
    """One JSON object in UTF-8, with each name once (RFC 7515, 4; RFC 7519, 4)."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise not_proved("token-malformed", spec=spec) from error
    if not isinstance(value, dict):
        raise not_proved("token-malformed", spec=spec)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_number(name: str) -> None:
    """Python reads NaN and Infinity, which JSON has not (RFC 8259, 6)."""
    raise ValueError(name)


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise not_proved("token-malformed", spec="RFC 7515 2") from error


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
