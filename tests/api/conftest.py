import pytest
from flask.testing import FlaskClient

from lms.core.web import Bilim
from tests.api.machine import Caller
from tests.certificates import academy
from tests.certificates.academy import Learner
from tests.lms.oauth.machine import admitted


@pytest.fixture
def caller(client: FlaskClient) -> Caller:
    """A program with a token for everything."""
    machine = admitted(client)
    return Caller(client=client, client_id=machine.id, token=machine.token())


@pytest.fixture
def learner(app: Bilim) -> Learner:
    """Somebody of the invented academy who opened the module and has not completed it."""
    academy.open_academy(app)
    return academy.enrol()
