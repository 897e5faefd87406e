"""A program that uses our API, as an outside program would: over HTTP, knowing only its id and secret."""

from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lms.core.db import transaction
from lms.oauth import clients, reach, scopes


@dataclass
class Machine:
    """One program and the client by which it speaks."""

    client: FlaskClient
    id: str
    secret: str

    def token(self, scope: str | None = None) -> str:
        """A token, or the test fails."""
        answer = self.ask_token(scope)
        assert answer.status_code == 200, answer.text
        text: str = answer.get_json()["access_token"]
        return text

    def ask_token(self, scope: str | None = None) -> TestResponse:
        """What the token endpoint answers."""
        form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        return self.post("/oauth/token", form)

    def post(self, path: str, form: dict[str, str]) -> TestResponse:
        """Send a form with this program's credentials."""
        return self.client.post(path, data=form, auth=(self.id, self.secret))


def admitted(client: FlaskClient, *, name: str = "Personnel register", scope: tuple[str, ...] = ()) -> Machine:
    """A program that was admitted with these scopes; with all there are if none is named."""
    with transaction():
        granted = scope or tuple(scopes.SCOPES)
        every = [reach.EVERY] if scopes.COMPLETIONS_WRITE in granted else []
        made, secret = clients.admit(name=name, scope=granted, actor="test:setup", platforms=every, modules=every)
    return Machine(client=client, id=made.id, secret=str(secret))


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}
