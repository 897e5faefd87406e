"""Access tokens for a platform's services, asked for with a signed assertion instead of a password (SEC 4.1, core 6).

A token is kept, encrypted, for each registration, deployment and set of scopes until a minute before it ends. Everything
here calls the platform, so it runs outside of any transaction.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from joserfc import jwt
from sqlalchemy import delete, select

from lms.core import circuits, clock, http, secret_key, vault
from lms.core import keys as signing_keys
from lms.core.db import db, insert_once, new_id, reading, transaction
from lms.core.errors import RemoteFailure
from lms.core.http import Answer
from lms.core.i18n import _l
from lms.lti import keys, platforms
from lms.lti.claims import DEPLOYMENT_ID
from lms.lti.models import Deployment, Registration, ServiceToken, State

LEEWAY = timedelta(seconds=60)
ASSERTION_LIFE = timedelta(minutes=5)
DEFAULT_LIFE_SECONDS = 3600
_PURPOSE = "lti-service-token"
secret_key.register(ServiceToken.token_encrypted, _PURPOSE)
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def post(
    registration: Registration,
    url: str,
    *,
    scopes: Iterable[str],
    body: bytes,
    headers: Mapping[str, str],
    deployment_id: str | None = None,
) -> Answer:
    """Send something to a service; as :func:`call`."""
    return call("POST", registration, url, scopes=scopes, body=body, headers=headers, deployment_id=deployment_id)


def call(
    method: str,
    registration: Registration,
    url: str,
    *,
    scopes: Iterable[str],
    headers: Mapping[str, str],
    body: bytes | None = None,
    deployment_id: str | None = None,
) -> Answer:
    """Call a service. A token that the platform does not take any more is replaced once.

    :param deployment_id: as the platform calls it; the only one of the registration if not given.
    :raises RemoteFailure: as :func:`access_token` and :func:`lms.core.http.request`; never for the service's own status.
    :raises PutOff: while the platform is left alone; see :mod:`lms.core.circuits`.
    """

    def _tried() -> Answer:
        return _with_token(method, registration, url, _joined(scopes), deployment_id, headers=headers, body=body)

    return circuits.guarded(registration.id, _tried)


def _with_token(
    method: str,
    registration: Registration,
    url: str,
    wanted: str,
    deployment_id: str | None,
    *,
    headers: Mapping[str, str],
    body: bytes | None,
) -> Answer:
    token = access_token(registration, wanted, deployment_id=deployment_id)
    answer = _call(method, url, token, body=body, headers=headers)
    if answer.status != 401:
        return answer
    _forget(registration, wanted)
    token = access_token(registration, wanted, deployment_id=deployment_id)
    return _call(method, url, token, body=body, headers=headers)


def access_token(registration: Registration, scopes: str, *, deployment_id: str | None = None) -> str:
    """A token good for these scopes, from our store or from the platform.

    :param scopes: sorted, joined by spaces.
    :raises RemoteFailure: ``platform-closed``, ``token-refused`` (a person must look), ``token-unavailable``,
        ``scope-not-granted``.
    """
    with reading():
        _refuse_closed(registration)
        place = deployment_id or _only_deployment(registration)
        unique = {"registration_id": registration.id, "deployment_id": place, "scopes": scopes}
        kept = db.session.scalar(select(ServiceToken).filter_by(**unique))
        if kept and kept.expires_at - LEEWAY > clock.now():
            return vault.decrypt(kept.token_encrypted, _PURPOSE).decode()
        assertion = _assertion(registration, place)
    granted = _ask(registration, scopes, assertion)
    _keep(unique, granted)
    return str(granted["access_token"])


def _refuse_closed(registration: Registration) -> None:
    """A platform that an administrator closed is not called any more. What waits goes out when it is opened again."""
    if db.session.scalar(select(Registration.state).filter_by(id=registration.id)) != State.ACTIVE:
        raise RemoteFailure(
            "platform-closed",
            _l("This learning system is closed in Bilim. An administrator can open it again."),
            asked="POST access token",
            retryable=False,
        )


def _only_deployment(registration: Registration) -> str:
    """The deployment, where there is no doubt which."""
    wanted = select(Deployment.deployment_id).filter_by(registration_id=registration.id, is_approved=True).limit(2)
    found = db.session.scalars(wanted).all()
    return found[0] if len(found) == 1 else ""


def _assertion(registration: Registration, deployment_id: str, other_audience: str = "") -> str:
    """Who we are, signed (core 6.2, SEC 4.1.1). Times are numbers (RFC 7519), though the samples show texts.

    The audience is what the platform calls its authorization server, which is not always the token address. The
    deployment is named because some platforms give tokens for one deployment only (core 6.2.1).
    """
    key = signing_keys.active(keys.USE)
    now = clock.now()
    claims = {
        "iss": registration.client_id,
        "sub": registration.client_id,
        "aud": other_audience or audience(registration),
        "iat": int(now.timestamp()),
        "exp": int((now + ASSERTION_LIFE).timestamp()),
        "jti": new_id(),
        **({DEPLOYMENT_ID: deployment_id} if deployment_id else {}),
    }
    return jwt.encode({"alg": "RS256", "typ": "JWT", "kid": key.kid}, claims, key)


def trial(registration: Registration, scopes: Iterable[str], *, deployment_id: str, other_audience: str = "") -> Answer:
    """What the platform answers when asked for a token, word for word. Nothing is kept; no transaction may be open.

    :param other_audience: to find out which one it takes. Only an address of the platform itself: whoever gets an assertion
        could use it for five minutes where it is addressed to.
    :raises RemoteFailure: ``platform-closed``, and as :func:`lms.core.http.post`.
    """
    with reading():
        _refuse_closed(registration)
        place = deployment_id or _only_deployment(registration)
        assertion = _assertion(registration, place, other_audience)
    return _posted(registration, _joined(scopes), assertion)


def audience(registration: Registration) -> str:
    """What an assertion names as its audience: as set for this registration, as its product always wants it, or as the
    specification says, the token address.
    """
    habits = platforms.of(registration.issuer, registration.family)
    return registration.token_audience or habits.token_audience or registration.token_url


def _ask(registration: Registration, scopes: str, assertion: str) -> Mapping[str, Any]:
    answer = _posted(registration, scopes, assertion)
    granted = _object(answer)
    if not answer.is_success or not isinstance(granted.get("access_token"), str):
        raise _refused(answer)
    _refuse_smaller_scope(granted, scopes, answer)
    return granted


def _posted(registration: Registration, scopes: str, assertion: str) -> Answer:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": _ASSERTION_TYPE,
        "client_assertion": assertion,
        "scope": scopes,
    }
    return http.post(registration.token_url, data=form, headers={"Accept": "application/json"})


def _refused(answer: Answer) -> RemoteFailure:
    """400 and 401 are the platform's final word on who we are; anything else may pass."""
    is_final = answer.status in (400, 401, 403)
    return RemoteFailure(
        "token-refused" if is_final else "token-unavailable",
        _l("The learning system did not let us use its services. Its administrator must check our registration."),
        asked="POST access token",
        status_code=answer.status,
        retryable=not is_final,
        retry_after_seconds=answer.retry_after_seconds,
    )


def _refuse_smaller_scope(granted: Mapping[str, Any], wanted: str, answer: Answer) -> None:
    """A platform may grant less than was asked, and says so (RFC 6749 3.3). A missing scope means all of it."""
    given = granted.get("scope")
    if isinstance(given, str) and not set(wanted.split()) <= set(given.split()):
        raise RemoteFailure(
            "scope-not-granted",
            _l("The learning system does not let us do this. Its administrator must allow it for our registration."),
            asked="POST access token",
            status_code=answer.status,
            retryable=False,
        )


def _keep(unique: Mapping[str, str], granted: Mapping[str, Any]) -> None:
    life = granted.get("expires_in")
    seconds = int(life) if isinstance(life, (int, float)) and life > 0 else DEFAULT_LIFE_SECONDS
    encrypted = vault.encrypt(str(granted["access_token"]).encode(), _PURPOSE)
    expires_at = clock.now() + timedelta(seconds=seconds)
    with transaction():
        values = {"token_encrypted": encrypted, "expires_at": expires_at}
        row, _created = insert_once(ServiceToken, unique, values)
        row.token_encrypted, row.expires_at = encrypted, expires_at


def _forget(registration: Registration, scopes: str) -> None:
    with transaction():
        db.session.execute(
            delete(ServiceToken).where(ServiceToken.registration_id == registration.id, ServiceToken.scopes == scopes)
        )


def _call(method: str, url: str, token: str, *, body: bytes | None, headers: Mapping[str, str]) -> Answer:
    return http.request(method, url, body=body, headers={**headers, "Authorization": f"Bearer {token}"})


def _object(answer: Answer) -> Mapping[str, Any]:
    """The answer as an object, whatever content type it claims (Moodle says text/html)."""
    try:
        value = answer.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _joined(scopes: Iterable[str]) -> str:
    return " ".join(sorted(set(scopes)))
