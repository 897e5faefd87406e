"""A program that calls the API with its token."""

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.lms.oauth.machine import bearer


@dataclass
class Caller:
    """One program and its token."""

    client: FlaskClient
    client_id: str
    token: str

    def get(self, path: str) -> TestResponse:
        """What the API answers."""
        return self.client.get(f"/api/v1{path}", headers=self._headers())

    def post(self, path: str, body: Any) -> TestResponse:
        """Send JSON."""
        return self.client.post(f"/api/v1{path}", json=body, headers=self._headers())

    def send(self, path: str, data: bytes | str, content_type: str) -> TestResponse:
        """Send bytes as they are."""
        return self.client.post(f"/api/v1{path}", data=data, content_type=content_type, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {**bearer(self.token), "Accept-Language": "en"}
