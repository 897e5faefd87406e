"""What the API answers is what its description says, for whatever is sent: held against a description-driven fuzzer."""

from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from lms.core.web import Bilim
from tests.api.machine import Caller
from tests.certificates.academy import CLIENT, ISSUER, Learner
from tests.lms.oauth.machine import bearer

load_all_checks()
DESCRIBED = {
    "GET /api/v1/certificates/batches/{batch_id}",
    "GET /api/v1/certificates/batches/{batch_id}/receipt.jws",
    "GET /api/v1/certificates/batches/{batch_id}/receipt.pdf",
    "GET /api/v1/certificates/by-hash/{sha256}",
    "GET /api/v1/certificates/by-number/{number}",
    "GET /api/v1/certificates/{code}",
    "GET /api/v1/changes",
    "GET /api/v1/cohorts",
    "GET /api/v1/quotas",
    "GET /api/v1/records",
    "GET /api/v1/training",
    "POST /api/v1/certificates/batches",
    "POST /api/v1/certificates/batches/files",
    "POST /api/v1/certificates/credential",
    "POST /api/v1/certificates/verify-file",
    "POST /api/v1/completions",
    "POST /api/v1/training",
}
ANYTHING_FITS = {label for label in DESCRIBED if label.startswith("GET")}
"""Any text may be asked for as a code, a number, a hash or the id of a batch; what follows a ``?`` is tested by hand."""
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::pytest.PytestWarning")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_as_described(mode: GenerationMode, app: Bilim, caller: Caller, learner: Learner) -> None:
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    operations: list[Any] = [result.ok() for result in described.get_all_operations()]  # type: ignore[union-attr]

    assert {operation.label for operation in operations} == DESCRIBED
    for operation in operations:
        if mode.is_positive or operation.label not in ANYTHING_FITS:
            _send_many(operation, mode, bearer(caller.token))


def _send_many(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> None:
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(case=operation.as_strategy(generation_mode=mode))
    def _send(case: Any) -> None:
        _sometimes_name_somebody_known(case)
        # Whether a completion lies in the future or a person is known is no matter of a schema.
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

    _send()


def _sometimes_name_somebody_known(case: Any) -> None:
    body = case.body
    if isinstance(body, dict) and len(str(body)) % 2:
        known = {"issuer": ISSUER, "client_id": CLIENT, "module": "public-management"}
        body.update({name: value for name, value in known.items() if isinstance(body.get(name), str)})


def test_the_description_is_valid(client: FlaskClient) -> None:
    OpenAPIV31SpecValidator(client.get("/api/v1/openapi.json").get_json()).validate()


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    said: dict[str, Any] = client.get("/api/v1/openapi.json").get_json()
    return said


def test_every_operation_names_the_scope_that_opens_it(document: dict[str, Any]) -> None:
    scopes = {
        (method, path): details["security"]
        for path, methods in document["paths"].items()
        for method, details in methods.items()
        if method != "parameters"
    }

    assert scopes == {
        ("post", "/api/v1/completions"): [{"machine": ["completions:write"]}],
        ("get", "/api/v1/certificates/{code}"): [{"machine": ["certificates:read"]}],
        ("get", "/api/v1/certificates/by-hash/{sha256}"): [{"machine": ["certificates:read"]}],
        ("post", "/api/v1/certificates/batches"): [{"machine": ["certificates:read"]}],
        ("post", "/api/v1/certificates/batches/files"): [{"machine": ["certificates:read"]}],
        ("get", "/api/v1/certificates/batches/{batch_id}"): [{"machine": ["certificates:read"]}],
        ("get", "/api/v1/certificates/batches/{batch_id}/receipt.jws"): [{"machine": ["certificates:read"]}],
        ("get", "/api/v1/certificates/batches/{batch_id}/receipt.pdf"): [{"machine": ["certificates:read"]}],
        ("post", "/api/v1/certificates/credential"): [{"machine": ["certificates:read"]}],
        ("post", "/api/v1/certificates/verify-file"): [{"machine": ["certificates:read"]}],
        ("get", "/api/v1/certificates/by-number/{number}"): [{"machine": ["certificates:read"]}],
        ("get", "/api/v1/changes"): [{"machine": ["records:read"]}],
        ("get", "/api/v1/cohorts"): [{"machine": ["plans:read"]}],
        ("get", "/api/v1/quotas"): [{"machine": ["plans:read"]}],
        ("get", "/api/v1/records"): [{"machine": ["records:read"]}],
        ("get", "/api/v1/training"): [{"machine": ["register:read"]}],
        ("post", "/api/v1/training"): [{"machine": ["register:read"]}],
    }


def test_the_scopes_are_explained_in_english_whoever_asks(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json", headers={"Accept-Language": "ky"}).get_json()

    flow = document["components"]["securitySchemes"]["machine"]["flows"]["clientCredentials"]
    assert flow == {
        "tokenUrl": "http://localhost:8000/oauth/token",
        "scopes": {
            "completions:write": "Report that a person has finished a module.",
            "certificates:read": "Verify certificates: by code, number, hash or file, one or many.",
            "records:read": ("Read who has finished which module and got which certificate, and follow what changes."),
            "register:read": "Look up people in the register of training, for a purpose that they can read.",
            "plans:read": "Read plans of places, how far they are filled, and cohorts. Nobody is named.",
            "tokens:introspect": "Ask about access tokens of other programs, at the address for introspection.",
        },
    }


def test_a_report_has_no_field_that_is_not_listed(document: dict[str, Any]) -> None:
    report = document["components"]["schemas"]["CompletionReport"]

    assert report["additionalProperties"] is False
    assert sorted(report["required"]) == ["client_id", "completed_at", "issuer", "module", "user_id"]
    assert report["properties"]["score_percent"]["type"] == ["integer", "null"]


def test_errors_are_described_as_problem_details(document: dict[str, Any]) -> None:
    for methods in document["paths"].values():
        for details in (details for method, details in methods.items() if method != "parameters"):
            for status, answer in details["responses"].items():
                if status.startswith("4") and "$ref" not in answer:
                    assert list(answer["content"]) == ["application/problem+json"]
