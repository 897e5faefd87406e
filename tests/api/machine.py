"""A program that calls the API with its token."""

from dataclasses import dataclass
from io import BytesIO
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

    def get(self, path: str, **headers: str) -> TestResponse:
        """What the API answers. Headers are written with underscores."""
        return self.client.get(f"/api/v1{path}", headers=self._headers() | _named(headers))

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        """Send JSON."""
        return self.client.post(f"/api/v1{path}", json=body, headers=self._headers() | _named(headers))

    def send_file(self, path: str, data: bytes, **headers: str) -> TestResponse:
        """Send a form with one file."""
        form = {"file": (BytesIO(data), "file.bin")}
        return self.client.post(f"/api/v1{path}", data=form, headers=self._headers() | _named(headers))

    def send(self, path: str, data: bytes | str, content_type: str, **headers: str) -> TestResponse:
        """Send bytes as they are."""
        return self.client.post(
            f"/api/v1{path}", data=data, content_type=content_type, headers=self._headers() | _named(headers)
        )

    def _headers(self) -> dict[str, str]:
        return {**bearer(self.token), "Accept-Language": "en"}


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
