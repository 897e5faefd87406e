import gzip
import re
from pathlib import Path

from flask.testing import FlaskClient

from lms.core import assets
from lms.core.web import Bilim

STYLE = Path(assets.__file__).parent / "static" / "bilim.css"


def test_addresses_of_static_files_carry_a_digest_and_may_be_kept_for_a_year(app: Bilim, client: FlaskClient) -> None:
    with app.test_request_context():
        address = app.url_for("static", filename="bilim.css")

    answer = client.get(address)

    assert "?v=" in address
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_static_file_asked_for_without_its_digest_is_not_kept_for_a_year(client: FlaskClient) -> None:
    assert "immutable" not in client.get("/static/bilim.css").headers["Cache-Control"]


def test_static_text_is_compressed_for_those_who_can_read_it(client: FlaskClient) -> None:
    compressed = client.get("/static/bilim.css", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/static/bilim.css")

    assert compressed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(compressed.data) == plain.data
    assert len(compressed.data) < len(plain.data) / 2


def test_a_font_has_the_same_address_in_a_page_and_in_the_style_sheet(app: Bilim, client: FlaskClient) -> None:
    style = client.get("/static/bilim.css").text
    fonts = re.findall(r'url\("(fonts/[^"]+)"\)', style)

    with app.test_request_context():
        assert [app.url_for("static", filename=font.partition("?")[0]) for font in fonts] == [
            f"/static/{font}" for font in fonts
        ]
    assert len(fonts) == STYLE.read_text("utf-8").count("@font-face") == 4


def test_pages_are_not_compressed_because_they_hold_secrets(client: FlaskClient) -> None:
    assert "Content-Encoding" not in client.get("/", headers={"Accept-Encoding": "gzip"}).headers


def test_a_static_file_that_is_missing_is_an_ordinary_page_not_found(client: FlaskClient) -> None:
    assert client.get("/static/nothing.css?v=1").status_code == 404


def test_a_static_file_whose_name_no_disk_keeps_is_not_found_either(client: FlaskClient) -> None:
    assert client.get(f"/static/{'x' * 5000}").status_code == 404
