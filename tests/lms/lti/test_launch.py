"""A launch, from the platform's link to our page."""

from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core.db import db, reading
from lms.lti.models import LaunchSession
from tests.platform import Platform


def test_a_launch_opens_a_session_by_a_redirect_that_a_reload_can_repeat(
    client: FlaskClient, platform: Platform
) -> None:
    answer = platform.launch(client)

    with reading():
        launch = db.session.scalars(select(LaunchSession)).one()
    assert answer.status_code == 303
    assert answer.location == f"/s/{launch.id}/"
    assert client.get(answer.location).status_code == 200
