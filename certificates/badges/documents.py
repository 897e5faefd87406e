"""What programs fetch: keys, profiles, achievements, status lists, the newest credential. Open to all, from any page."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from certificates import lookup
from certificates.badges import achievement, credential, issuer, signing, status_list
from certificates.badges.addresses import CONTEXTS, Addresses
from lms.core import settings
from lms.core.errors import NotFound
from lms.core.i18n import _l
from lms.core.web import limiter

HOUR, YEAR = 3600, 365 * 24 * 3600
LIST_TYPE, CREDENTIAL_TYPE = "application/vc+jwt", "text/plain"

blueprint = Blueprint("credentials", __name__)


@blueprint.get("/.well-known/did.json")
def did() -> Response:
    """The installation and its keys as did:web says."""
    return _cached(_json(issuer.did_document(_here()), "application/did+json"), HOUR)


@blueprint.get("/credentials/jwks.json")
def key_set() -> Response:
    """Every public key that ever signed a credential."""
    return _cached(_json(issuer.key_set(), "application/jwk-set+json"), HOUR)


@blueprint.get("/credentials/keys/<kid>")
def key(kid: str) -> Response:
    """One public key as a JWK, also one that signs no more."""
    row = signing.known(kid)
    if row is None:
        raise _unknown()
    return _cached(_json(row.public_jwk, "application/jwk+json"), HOUR)


@blueprint.get("/credentials/issuers/<organisation_id>")
def profile(organisation_id: str) -> Response:
    """The body that issues."""
    return _cached(_json(_found(issuer.profile(organisation_id, _here()))), HOUR)


@blueprint.get("/credentials/achievements/<achievement_id>/<language>")
def edition(achievement_id: str, language: str) -> Response:
    """What was achieved, in one language. It never changes: its name is the hash of what it says."""
    facts = _found(achievement.kept(achievement_id))
    if language not in achievement.TAGS or not facts["titles"].get(language):
        raise _unknown()
    return _cached(_json({"@context": CONTEXTS, **achievement.edition(facts, language, _here())}), YEAR)


@blueprint.get("/credentials/status/<organisation_id>/<int:number>/<purpose>")
@limiter.limit("60/minute")
def status(organisation_id: str, number: int, purpose: str) -> Response:
    """Which credentials do not hold, as the register says now."""
    jwt = _found(status_list.signed(organisation_id, number, purpose, _here()))
    return _cached(Response(jwt, mimetype=LIST_TYPE), int(status_list.GOOD_FOR.total_seconds()))


@blueprint.get("/credentials/<uuid:certificate_id>")
@limiter.limit("60/minute")
def newest(certificate_id: object) -> Response:
    """The credential, or the one that has taken its place. Whoever has one knows its identifier; nobody can guess it."""
    certificate = _found(lookup.by_id(str(certificate_id)))
    (latest,) = lookup.newest_issued([certificate.record_id])
    row = credential.of_certificate(latest.id)
    answer = Response(_found(row).jwt, mimetype=CREDENTIAL_TYPE)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.after_request
def _open_to_every_page(response: Response) -> Response:
    """Verifiers run in browsers too; there is nothing here that a cookie would open."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _here() -> Addresses:
    return Addresses(settings.current().public_url)


def _json(document: Any, media_type: str = "application/ld+json") -> Response:
    answer = jsonify(document)
    answer.mimetype = media_type
    return answer


def _cached(answer: Response, seconds: int) -> Response:
    answer.headers["Cache-Control"] = f"public, max-age={seconds}"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _found(document: Any) -> Any:
    if document is None:
        raise _unknown()
    return document


def _unknown() -> NotFound:
    return NotFound("credential-document-unknown", _l("There is no such document."))
