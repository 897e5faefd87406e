import pytest
from flask.testing import FlaskClient

from tests.lms.oauth.machine import Machine, admitted


@pytest.fixture
def machine(client: FlaskClient) -> Machine:
    """A program that may do all there is."""
    return admitted(client)
