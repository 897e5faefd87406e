"""Who sees a shared certificate, and for how long."""

import pytest
from flask.testing import FlaskClient

from certificates import issuing
from certificates.badges import sharing
from certificates.models import Certificate
from lms.core.db import reading, transaction
from lms.core.web import Bilim
from tests.certificates import academy


@pytest.fixture
def issued(app: Bilim) -> Certificate:
    academy.open_academy(app)
    return issuing.issue(academy.graduate().record_id)


def test_nothing_is_shared_until_its_holder_says_so(issued: Certificate) -> None:
    with reading():
        assert sharing.of_certificate(issued.id) is None


def test_a_link_shows_the_certificate_until_it_is_taken_back(client: FlaskClient, issued: Certificate) -> None:
    with transaction():
        token = sharing.share(issued).token
    with transaction():
        assert sharing.share(issued).token == token

    page = client.get(f"/c/{token}")
    assert page.status_code == 200
    assert "Aigul Ysakova" in page.text
    assert "87 %" in page.text
    assert (page.headers["Cache-Control"], page.headers["X-Robots-Tag"]) == ("no-store", "noindex, nofollow")
    assert client.get(f"/c/{token}/credential").text.startswith("eyJ")

    with transaction():
        sharing.stop(issued)
    assert client.get(f"/c/{token}").status_code == 404
    assert client.get(f"/c/{token}/credential").status_code == 404
    with transaction():
        assert sharing.share(issued).token != token
