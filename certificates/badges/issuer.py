"""Who issues, and with which keys: profiles, the key set, and the installation's did:web document."""

from typing import Any

from sqlalchemy import select

from certificates.badges import signing
from certificates.badges.addresses import CONTEXTS, Addresses
from certificates.badges.models import Credential
from lms.core.db import db
from lms.organisations.models import Organisation

_DID_CONTEXTS = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1"]


def profile(organisation_id: str, addresses: Addresses) -> dict[str, Any] | None:
    """The body that issues (Open Badges 3.0, ``Profile``), or None if there is no such body."""
    organisation = db.session.get(Organisation, organisation_id)
    if organisation is None:
        return None
    name, *others = [
        organisation.names[language] for language in ("en", "ky", "ru", "zh") if organisation.names.get(language)
    ]
    document: dict[str, Any] = {
        "@context": CONTEXTS,
        "id": addresses.issuer(organisation_id),
        "type": ["Profile"],
        "name": name,
        "url": addresses.base,
        "address": {"type": ["Address"], "addressCountryCode": organisation.country},
    }
    if others:
        document["description"] = " · ".join(others)
    return document


def key_set() -> dict[str, Any]:
    """Every public key that ever signed credentials (RFC 7517)."""
    return {"keys": [row.public_jwk for row in signing.history()]}


def did_document(addresses: Addresses) -> dict[str, Any]:
    """All keys are verification methods; only those that are still believed may assert (W3C DID 1.0, 5.3.2)."""
    did, history = addresses.did(), signing.history()
    issuers = db.session.scalars(select(Credential.organisation_id).distinct().order_by(Credential.organisation_id))
    document: dict[str, Any] = {
        "@context": _DID_CONTEXTS,
        "id": did,
        "verificationMethod": [
            {"id": f"{did}#{row.kid}", "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": row.public_jwk}
            for row in history
        ],
        "assertionMethod": [f"{did}#{row.kid}" for row in history if row.withdrawn_at is None],
    }
    if known := [addresses.issuer(organisation_id) for organisation_id in issuers]:
        document["alsoKnownAs"] = known
    return document
