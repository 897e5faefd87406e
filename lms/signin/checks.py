"""Every check of the provider's answer, one function each, in the order of OpenID Connect core 1.0, section 3.1.3.7.

Each refuses by a stable code. Nothing here reads or writes the database or the network.
"""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry, deserialize_compact

from lms.core.i18n import _l
from lms.signin.models import LONGEST_SUBJECT
from lms.signin.refusals import SignInRefused, not_proved, try_again

LONGEST_TOKEN = 64 * 1024
LEEWAY = timedelta(seconds=120)
OLDEST = timedelta(minutes=10)
"""A token comes straight from the provider, so an old one is not the answer to our question (3.1.3.7, 10)."""
ALGORITHMS = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}
"""Never ``none``, and never a symmetric one: then whoever knows our client secret could sign (3.1.3.7, 7 and 8)."""
SHORTEST_RSA_BITS = 2048
LAST_SECOND = 253_402_300_799
"""Of the year 9999. JSON has numbers of any size, and Python reads NaN, which is neither early nor late."""

Key = RSAKey | ECKey


# The form of the answer


def refuse_provider_error(parameters: Mapping[str, str]) -> None:
    """The provider may answer with an error instead of a code (core 3.1.2.6), for example if the person says no."""
    if "error" in parameters:
        raise try_again("provider-said-error", _l("The sign-in service did not let you in."), spec="OIDC core 3.1.2.6")


def refuse_incomplete_answer(parameters: Mapping[str, str]) -> None:
    """An answer has a state and a code (core 3.1.2.5)."""
    if not parameters.get("state"):
        raise _not_complete("state-missing")
    if not parameters.get("code"):
        raise _not_complete("code-missing")


def refuse_answer_of_another(parameters: Mapping[str, str], issuer: str, *, must_be_named: bool) -> None:
    """RFC 9207, 2.4: where the answer says from whom it comes, that is whom we asked."""
    if parameters.get("iss", None if must_be_named else issuer) != issuer:
        raise not_proved("answer-of-another", spec="RFC 9207 2.4")


# The header, before anything in the token can be believed


def header_of(token: str) -> Mapping[str, Any]:
    """The header, not yet proved."""
    if len(token) > LONGEST_TOKEN or token.count(".") != 2:
        raise not_proved("token-malformed", spec="RFC 7515 3.1")
    try:
        header = json.loads(_decoded(token.split(".")[0]))
    except (ValueError, RecursionError) as error:
        raise not_proved("token-malformed", spec="RFC 7515 3.1") from error
    if not isinstance(header, dict):
        raise not_proved("token-malformed", spec="RFC 7515 3.1")
    return header


def refuse_other_algorithm(header: Mapping[str, Any], offered: Sequence[str]) -> str:
    """7. The algorithm is one that the provider says it uses, and that we take. Returns it."""
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or algorithm not in offered:
        raise not_proved("algorithm-not-allowed", spec="OIDC core 3.1.3.7 (7)")
    return algorithm


def key_for(header: Mapping[str, Any], keys: Sequence[Mapping[str, Any]], *, algorithm: str) -> Key:
    """The provider's key for this token. Without a key id there must be only one that fits (core 10.1)."""
    fitting = [key for key in keys if _fits(key, algorithm)]
    if "kid" in header:
        fitting = [key for key in fitting if key.get("kid") == header["kid"]]
    if len(fitting) != 1:
        raise not_proved("key-unknown", spec="OIDC core 10.1")
    return _imported(fitting[0])


# The token: core 3.1.3.7, in its order


def verified_claims(token: str, key: Key, *, algorithm: str) -> Mapping[str, Any]:
    """6. The signature is made with the provider's key."""
    try:
        claims = json.loads(deserialize_compact(token, key, registry=_Registry(algorithms=[algorithm])).payload)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise not_proved("signature-wrong", spec="OIDC core 3.1.3.7 (6)") from error
    if not isinstance(claims, dict):
        raise not_proved("token-malformed", spec="RFC 7519 7.2")
    return claims


def refuse_other_issuer(claims: Mapping[str, Any], issuer: str) -> None:
    """2. The issuer is exactly the one that we asked."""
    if claims.get("iss") != issuer:
        raise not_proved("issuer-wrong", spec="OIDC core 3.1.3.7 (2)")


def refuse_other_audience(claims: Mapping[str, Any], client_id: str) -> None:
    """3. The token is for us, and for nobody whom we do not know."""
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if not named or any(name != client_id for name in named):
        raise not_proved("audience-wrong", spec="OIDC core 3.1.3.7 (3)")


def refuse_other_authorized_party(claims: Mapping[str, Any], client_id: str) -> None:
    """4, 5. Where an authorized party is named, it is us."""
    if claims.get("azp", client_id) != client_id:
        raise not_proved("azp-wrong", spec="OIDC core 3.1.3.7 (5)")


def refuse_expired(claims: Mapping[str, Any], now: datetime) -> None:
    """9. It has not expired."""
    if _moment(claims, "exp") + LEEWAY.total_seconds() <= now.timestamp():
        raise not_proved("expired", spec="OIDC core 3.1.3.7 (9)")


def refuse_other_time(claims: Mapping[str, Any], now: datetime) -> None:
    """10. It was issued just now, but for a difference of clocks."""
    issued_at = _moment(claims, "iat")
    if issued_at - LEEWAY.total_seconds() > now.timestamp():
        raise not_proved("issued-in-future", spec="OIDC core 3.1.3.7 (10)")
    if issued_at + (OLDEST + LEEWAY).total_seconds() < now.timestamp():
        raise not_proved("issued-long-ago", spec="OIDC core 3.1.3.7 (10)")


def refuse_other_nonce(claims: Mapping[str, Any], nonce: str) -> None:
    """11. It answers the very question that we asked."""
    given = claims.get("nonce")
    if not isinstance(given, str) or not given.isascii() or not compare_digest(given, nonce):
        raise not_proved("nonce-wrong", spec="OIDC core 3.1.3.7 (11)")


def refuse_missing_subject(claims: Mapping[str, Any]) -> str:
    """Core 2: a subject of at most 255 ASCII characters. It, and never an e-mail address, says who this is."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or len(subject) > LONGEST_SUBJECT or not re.fullmatch(r"[\x21-\x7e]+", subject):
        raise not_proved("subject-missing", spec="OIDC core 2")
    return subject


def refuse_userinfo_of_another(userinfo: Mapping[str, Any], subject: str) -> None:
    """Core 5.3.2: what the provider says more is about the same person, or is not used."""
    if userinfo and userinfo.get("sub") != subject:
        raise not_proved("userinfo-of-another", spec="OIDC core 5.3.2")


def _not_complete(code: str) -> SignInRefused:
    sentence = _l("The sign-in service sent an answer that is not complete.")
    return try_again(code, sentence, spec="OIDC core 3.1.2.5")


def _fits(key: Mapping[str, Any], algorithm: str) -> bool:
    return (
        key.get("kty") == ALGORITHMS[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
    )


def _imported(key: Mapping[str, Any]) -> Key:
    try:
        if key["kty"] == "EC":
            return ECKey.import_key(dict(key))
        bits = int.from_bytes(_decoded(key["n"])).bit_length()
        if bits >= SHORTEST_RSA_BITS:
            return RSAKey.import_key(dict(key))
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise not_proved("key-not-allowed", spec="RFC 7517 4") from error
    raise not_proved("key-too-short", spec="RFC 7518 3.3")


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= LAST_SECOND:
        raise not_proved("time-missing", spec="OIDC core 2")
    return float(value)


class _Registry(JWSRegistry):
    max_payload_length = LONGEST_TOKEN
    max_header_length = 4096


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
