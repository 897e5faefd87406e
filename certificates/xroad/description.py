"""The service in OpenAPI 3.0, which is the version that X-Road describes services in (PR-REST, section 5.1)."""

from collections.abc import Mapping
from typing import Any

from certificates.xroad.rights import Service
from certificates.xroad.schemas import MOST_AT_ONCE
from lms.core import settings
from lms.people.purposes import PURPOSES

VERSION = "3.0.3"
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}, "description": "By language: ky, ru, zh, en."}
_STATES = ["valid", "suspended", "revoked", "expired", "superseded"]
_REFUSALS = {
    "400": "xroad-client-not-valid, body-not-json, cursor-not-valid",
    "403": "xroad-not-allowed, xroad-purpose-not-allowed: no legal basis for this client",
    "404": "certificate-unknown, organisation-unknown; page-not-found if our Security Server did not bring the request",
    "422": "values-not-valid",
    "429": "too-many-requests: wait as long as Retry-After says",
}


def document() -> dict[str, Any]:
    """The description; addresses begin where the service is mapped in the Security Server."""
    return {
        "openapi": VERSION,
        "info": {
            "title": "Bilim: register of training",
            "version": "1",
            "description": (
                "Over X-Road only. Each client is admitted for each service by name, with the ground. Personal numbers "
                "stand in bodies. People can read who asked about them."
            ),
        },
        "servers": [{"url": f"{settings.current().public_url}/xroad"}],
        "paths": {
            "/v1/certificates/{number}": {"get": _certificate()},
            "/v1/training-records/query": {"post": _training_records()},
            "/v1/organizations/{code}/summary": {"get": _summary()},
            "/v1/changes": {"get": _changes()},
        },
        "components": {"schemas": _SCHEMAS},
    }


def _certificate() -> dict[str, Any]:
    number = _parameter("number", "path", {"type": "string", "maxLength": 40}, "Register number.")
    return _operation(Service.CERTIFICATES, "How a certificate stands", "CertificateStatus", parameters=[number])


def _training_records() -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": _reference("RecordsQuery")}}}
    return _operation(
        Service.TRAINING_RECORDS, "What one person completed", "TrainingRecords", parameters=[], requestBody=body
    )


def _summary() -> dict[str, Any]:
    code = _parameter("code", "path", {"type": "string", "maxLength": 40}, "Code of the body.")
    title = "People and hours by year and module, without names"
    return _operation(Service.ORGANIZATIONS, title, "OrganizationSummary", parameters=[code])


def _changes() -> dict[str, Any]:
    cursor = _parameter(
        "cursor", "query", {"type": "string"}, "As the last answer gave it; left out for the beginning."
    )
    limit = _parameter("limit", "query", {"type": "integer", "minimum": 1, "maximum": MOST_AT_ONCE, "default": 100}, "")
    return _operation(Service.CHANGES, "What became of certificates since", "Changes", parameters=[cursor, limit])


def _operation(service: Service, summary: str, answer: str, *, parameters: list[Any], **more: Any) -> dict[str, Any]:
    good = {"description": summary, "content": {"application/json": {"schema": _reference(answer)}}}
    refused = {
        status: {"description": codes, "content": {"application/problem+json": {"schema": _reference("Problem")}}}
        for status, codes in _REFUSALS.items()
    }
    return {
        "operationId": service.value,
        "summary": summary,
        "parameters": [*parameters, *_HEADERS],
        "responses": {"200": good, **refused},
        **more,
    }


def _parameter(name: str, place: str, schema: Mapping[str, Any], words: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": dict(schema), "description": words}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(properties: Mapping[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), "required": required}


def _maybe(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Written out, never a reference: what stands beside one does not count in OpenAPI 3.0."""
    return {**schema, "nullable": True}


_HEADERS = [
    _parameter("X-Road-Issue", "header", {"type": "string", "maxLength": 200}, "Your case. The person reads it."),
    _parameter("X-Road-UserId", "header", {"type": "string", "maxLength": 80}, "Whose action it is, such as KG…"),
]
_STRING, _WHOLE, _DAY, _MOMENT = (
    {"type": "string"},
    {"type": "integer"},
    {"type": "string", "format": "date"},
    {"type": "string", "format": "date-time"},
)
_STATE = {"type": "string", "enum": _STATES}
_ORGANIZATION = _object({"code": _STRING, "names": _TEXTS})
_DOCUMENT = _object({"number": _STRING, "state": _STATE})
_SCHEMAS: dict[str, Any] = {
    "CertificateStatus": _object(
        {
            "number": _STRING,
            "state": _STATE,
            "titles": _TEXTS,
            "year": {**_WHOLE, "description": "Of completion."},
            "initials": _STRING,
            "replaced_by": _maybe(_STRING),
            "as_of": _MOMENT,
        }
    ),
    "RecordsQuery": {
        **_object(
            {
                "pin": {"type": "string", "pattern": "^[0-9]{14}$", "description": "National personal number."},
                "purpose": {"type": "string", "enum": list(PURPOSES), "description": "For what; the person reads it."},
                "since": _maybe(_DAY),
            },
            optional=("since",),
        ),
        "additionalProperties": False,
    },
    "Organization": _ORGANIZATION,
    "TrainingRecord": _object(
        {
            "module": _STRING,
            "track": _STRING,
            "titles": _TEXTS,
            "hours": {**_WHOLE, "description": "Academic hours."},
            "completed_on": _DAY,
            "document": _maybe(_DOCUMENT),
            "organizer": _maybe(_ORGANIZATION),
            "host": _maybe(_ORGANIZATION),
            "funded_by": _maybe(_STRING),
        }
    ),
    "TrainingRecords": _object({"records": {"type": "array", "items": _reference("TrainingRecord")}}),
    "Programme": _object({"module": _STRING, "track": _STRING, "titles": _TEXTS, "people": _WHOLE, "hours": _WHOLE}),
    "Year": _object({"year": _WHOLE, "programmes": {"type": "array", "items": _reference("Programme")}}),
    "OrganizationSummary": _object(
        {"organization": _reference("Organization"), "years": {"type": "array", "items": _reference("Year")}}
    ),
    "Change": _object(
        {
            "position": _WHOLE,
            "kind": {
                "type": "string",
                "description": "certificate.issued, .suspended, .reinstated, .revoked, .superseded",
            },
            "at": _MOMENT,
            "number": _STRING,
            "state": {**_STATE, "description": "Of today."},
            "reason": _maybe(_STRING),
            "replaced_by": _maybe(_STRING),
            "module": _maybe(_STRING),
        }
    ),
    "Changes": _object(
        {
            "changes": {"type": "array", "items": _reference("Change")},
            "next_cursor": {"type": "string", "description": "Keep it, and ask with it the next time."},
            "has_more": {"type": "boolean", "description": "Whether to ask again at once."},
        }
    ),
    "Problem": _object(
        {
            "type": _STRING,
            "title": _STRING,
            "status": _WHOLE,
            "code": {"type": "string", "description": "Stable; decide by it."},
            "detail": _STRING,
            "request_id": _maybe(_STRING),
            "errors": {"type": "object"},
        },
        optional=("errors", "request_id"),
    ),
}
