"""A verifier in a village without a network: the page was opened once, the code comes from a photograph."""

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select
from werkzeug.serving import BaseWSGIServer, make_server

from certificates import chain, life, lookup
from certificates.models import Certificate
from certificates.offline import signing, summary
from certificates.standing import ReasonCode
from lms.core import clock, files, jobs, keys
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from tests.certificates import academy
from tests.conftest import application, make_settings

PORT = 8791


@dataclass
class Service:
    """An academy whose network can be cut, and everything that anybody ever asked it."""

    app: Bilim
    asked: list[str] = field(default_factory=list)
    server: BaseWSGIServer | None = None

    def start(self) -> None:
        def listening(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
            self.asked.append(repr(sorted((name, str(value)) for name, value in environ.items())))
            return self.app.wsgi_app(environ, start_response)

        self.server = make_server("localhost", PORT, listening, threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


@pytest.fixture(scope="module")
def service(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("offline")
    shutil.copy(sqlite_template, folder / "bilim.sqlite3")
    settings = make_settings(folder, f"sqlite:///{folder / 'bilim.sqlite3'}")
    with application(replace(settings, public_url=f"http://localhost:{PORT}")) as app:
        academy.open_academy(app)
        for _ in range(2):
            person = academy.enrol()
            person.confirm_name(**academy.AIGUL, Hani="艾古丽")
            person.complete()
        jobs.run_due()
        with transaction():
            keys.ensure(chain.KEY_USE, chain.ALGORITHM)
        running = Service(app)
        running.start()
        yield running
        running.stop()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="ky-KG", viewport={"width": 390, "height": 844})
    yield context
    context.close()


def issued() -> list[Certificate]:
    with reading():
        return list(db.session.scalars(select(Certificate).order_by(Certificate.number)))


def photographed(certificate: Certificate, folder: Path) -> str:
    """The address in the large code, from a print that was photographed: askew, blurred, grey, with the noise of dusk."""
    (folder / "file.pdf").write_bytes(files.read(str(certificate.file_name)))
    run("pdftoppm", "-gray", "-r", "150", "-png", "-singlefile", folder / "file.pdf", folder / "page")
    picture = Image.open(folder / "page.png").convert("L")
    width, height = picture.size
    corners = (-30, -20, -60, height + 40, width + 50, height + 10, width + 20, -45)
    picture = picture.transform(picture.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=255)
    picture = picture.filter(ImageFilter.GaussianBlur(0.8)).point(lambda dot: 50 + dot * 150 // 255)
    dusk = Random(7)
    grain = Image.frombytes("L", picture.size, dusk.randbytes(width * height)).point(lambda dot: 110 + dot * 36 // 255)
    Image.blend(picture, grain, 0.15).save(folder / "photograph.jpg", quality=55)
    codes = run("zbarimg", "--quiet", "--raw", folder / "photograph.jpg").split()
    (address,) = [code for code in codes if "/OFFLINE#" in code]
    return address


def run(*command: object) -> str:
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


def opened(context: BrowserContext, address: str) -> Page:
    """As a phone's camera opens it: in a new tab."""
    page = context.new_page()
    page.goto(address.replace(f"HTTP://LOCALHOST:{PORT}", f"http://localhost:{PORT}"))
    return page


def verdict(page: Page) -> str | None:
    expect(page.locator("[data-answer] .verdict")).to_be_visible()
    return page.locator("[data-answer]").get_attribute("data-verdict")


def visit(context: BrowserContext) -> None:
    """Once, with a network."""
    page = context.new_page()
    page.goto(f"http://localhost:{PORT}/offline")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.close()


def digits_of(certificate: Certificate) -> str:
    return str(lookup.snapshot_of(certificate).offline_url).partition("#")[2]


def new_list_of(service: Service) -> None:
    for name in list(files.names("offline")):
        files.remove(name)


def test_after_the_network_is_cut_a_photographed_code_is_authentic_and_a_changed_one_is_not(
    service: Service, visitor: BrowserContext, tmp_path: Path
) -> None:
    certificate, _other = issued()
    address = photographed(certificate, tmp_path)
    assert address.partition("#")[2] == digits_of(certificate)
    visit(visitor)
    visitor.set_offline(True)
    service.stop()
    asked_before = len(service.asked)

    page = opened(visitor, address)

    assert verdict(page) == "VALID"
    assert page.url == f"http://localhost:{PORT}/OFFLINE"
    for language in ("ky", "ru", "zh", "en"):
        page.locator(f"[data-language={language}]").click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        facts = page.locator("[data-answer] .facts")
        for text in ("Ысакова Айгүл Өмүрбековна", "Aigul Ysakova", "艾古丽", certificate.number):
            expect(facts).to_contain_text(text)
        for text in lookup.snapshot_of(certificate).titles.values():
            expect(facts).to_contain_text(text)
        for text in lookup.snapshot_of(certificate).issuer.names.values():
            expect(facts).to_contain_text(text)

    signed, signature = summary.taken_apart(digits_of(certificate))
    for changed in (signed.replace(b"Aigul", b"Adyl."), signed.replace(b"PM000001", b"PM000009")):
        assert changed != signed
        false = opened(visitor, f"http://localhost:{PORT}/offline#{summary.written(changed, signature)}")
        assert verdict(false) == "TAMPERED"
        expect(false.locator("[data-answer] .facts")).to_have_count(0)
    for nonsense in ("12345", "Ысакова", address.partition("#")[2][:200]):
        page.locator("#link").fill(nonsense)
        page.locator("[data-check] button").click()
        expect(page.locator("[data-answer]")).to_have_attribute("data-verdict", "UNREADABLE")

    assert len(service.asked) == asked_before
    service.start()
    visitor.set_offline(False)


def test_no_request_ever_holds_what_stands_behind_the_sign(service: Service, visitor: BrowserContext) -> None:
    certificate, _other = issued()
    sent: list[str] = []
    visitor.on("request", lambda request: sent.append(f"{request.url} {request.headers} {request.post_data}"))

    page = opened(visitor, f"http://localhost:{PORT}/offline#{digits_of(certificate)}")

    assert verdict(page) == "VALID"
    piece = digits_of(certificate)[40:60]
    assert len(service.asked) > 4
    assert [line for line in service.asked if piece in line or "Ysakova" in line] == []
    # The tool that drives the browser tells the address of a navigation as it was typed; nothing else may hold it.
    assert [
        line for line in sent[1:] if piece in line and not line.startswith(f"http://localhost:{PORT}/offline#")
    ] == []


def test_the_worker_answers_for_its_own_page_only(service: Service, visitor: BrowserContext) -> None:
    visit(visitor)
    page = visitor.new_page()

    answer = page.goto(f"http://localhost:{PORT}/verify")

    assert answer is not None
    assert not answer.from_service_worker
    assert [asked for asked in kept(page) if not asked.startswith(("/offline", "/static/bilim.css?offline="))] == []
    assert "/offline" in kept(page)


def kept(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "async () => (await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys())"
        ".map((request) => new URL(request.url).pathname + new URL(request.url).search)))).flat()"
    )
    return found


def test_a_new_list_tells_of_a_revoked_certificate_and_of_what_became_of_a_key(
    service: Service, visitor: BrowserContext
) -> None:
    revoked, other = issued()
    visit(visitor)
    with transaction():
        life.revoke(revoked.id, reason=ReasonCode.OTHER, note="", actor="staff:test")
        row = keys.ensure(signing.USE, signing.ALGORITHM)
        row.retired_at = clock.now() + timedelta(seconds=1)
        kid = row.kid
    new_list_of(service)

    assert verdict(opened(visitor, f"http://localhost:{PORT}/offline#{digits_of(revoked)}")) == "REVOKED"
    visitor.set_offline(True)
    page = opened(visitor, f"http://localhost:{PORT}/offline#{digits_of(other)}")
    assert verdict(page) == "VALID"
    expect(page.locator("[data-answer] .note")).to_have_count(1)

    visitor.set_offline(False)
    with transaction():
        found = signing.known(kid)
        assert found is not None
        signing.compromise(found, clock.now(), actor="operator")
    new_list_of(service)
    page = opened(visitor, f"http://localhost:{PORT}/offline#{digits_of(other)}")
    assert verdict(page) == "VALID"  # the register vouches for it: it was issued before

    with transaction():
        found = signing.known(kid)
        assert found is not None
        signing.compromise(found, clock.now() - timedelta(days=1), actor="operator")
    new_list_of(service)
    page = opened(visitor, f"http://localhost:{PORT}/offline#{digits_of(other)}")
    assert verdict(page) == "UNKNOWN_SIGNER"
