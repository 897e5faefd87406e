"""docs/api.md is enough: its examples are run as they stand there, by bash and curl, against a server with a worker."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from certificates import life, numbering, register
from certificates.models import Certificate
from certificates.register import SealedFile
from certificates.standing import ReasonCode
from courses import loading
from lms.core import files, jobs
from lms.core.db import new_id, transaction
from lms.core.settings import Settings
from lms.core.web import Bilim
from lms.oauth import assertions, client_keys, clients
from tests.certificates import academy, registered
from tests.certificates.academy import CLIENT, ISSUER
from tests.certificates.batches import uploads
from tests.certificates.batches.conftest import Register
from tests.certificates.batches.conftest import held as held
from tests.certificates.conftest import make_snapshot
from tests.conftest import application
from tests.journeys.arriving import served
from tests.lms.oauth.machine import admitted

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
NEXT = "--- next example"
PDF = b"%PDF-1.7 of the first"
NOBODY = "7Q4MX2DN9TVCZ"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def examples() -> list[str]:
    """What a program sends, in the order of the page; what an administrator types is left out."""
    found: list[str] = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.M | re.S)
    return [example for example in found if not example.startswith("flask")]


def replaceable() -> set[str]:
    """What the page says to replace."""
    table = GUIDE.partition("| in the examples | by |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return set(re.findall("`([^`]+)`", " ".join(cells)))


@pytest.fixture
def app(settings: Settings) -> Iterator[Bilim]:
    """With the limits that hold outside of tests."""
    with application(settings, rate_limits=True, public_url=f"http://localhost:{_free_port()}") as made:
        yield made


@pytest.fixture
def issued(held: Register, tmp_path: Path) -> list[Certificate]:
    """299 certificates, of which one is revoked and one suspended, and the files that the page speaks of."""
    with transaction():
        made = [_registered(held.organisation_id) for _each in range(299)]
    files.store(str(made[0].file_name), PDF)
    with transaction():
        life.revoke(made[6].id, reason=ReasonCode.ISSUED_IN_ERROR, actor="staff:clerk")
        life.suspend(made[39].id, reason=ReasonCode.UNDER_REVIEW, actor="staff:clerk")
    codes = [str(each.code) for each in made]
    (tmp_path / "codes.txt").write_text("\n".join([*codes[:99], NOBODY, *codes[99:]]))
    (tmp_path / "list.xlsx").write_bytes(uploads.sheet(*([code] for code in codes[:20])))
    (tmp_path / "certificate.pdf").write_bytes(PDF)
    return made


def _registered(organisation_id: str) -> Certificate:
    """A valid certificate, all in the transaction of the caller: hundreds one by one would take a minute."""
    number = register.next_number("KG", 2026, "PM")
    facts = make_snapshot(certificate_id=new_id(), number=number, code=numbering.new_code())
    made = register.reserve(
        facts, record_id=new_id(), person_id="person", organisation_id=organisation_id, actor=registered.CLERK
    )
    own = sha256(PDF if number.endswith("000001") else number.encode()).hexdigest()
    register.make_valid(made.id, SealedFile(f"certificates/{own}.pdf", own, own, "0" * 64), actor=registered.CLERK)
    return made


@on_sqlite
def test_an_outside_program_needs_nothing_but_the_page(
    app: Bilim, client: FlaskClient, issued: list[Certificate], tmp_path: Path
) -> None:
    with transaction():
        loading.load([academy.module()])
    learner, program = academy.enrol(), admitted(client)
    values = {
        "b3a8c0de-52f1-4c0b-9a41-6f0d8e7c1a90": _admitted_by_a_key(tmp_path),
        "7006aad5-1e2a-44e1-9eed-8cf08b2c2732": program.id,
        "bilim_secret_…": program.secret,
        "http://127.0.0.1:8301": ISSUER,
        "bilim-demo": CLIENT,
        "5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a012": learner.sub,
        "urban-governance": "public-management",
        "KKTX-HG4Q-ZHCQ-4": str(issued[0].code),
    }
    port = urlsplit(app.extensions["bilim.settings"].public_url).port
    with _heard(app) as told, served(app, port=port or 0) as address, _a_worker(app):
        answers = _run(tmp_path, {"http://localhost:8300": address, **values})

    assert set(values) <= replaceable()
    assert _without_repeats(told) == EXPECTED
    assert all('"verdict":"AUTHENTIC_EXACT"' in _answer(answers, word) for word in ("by-hash", "verify-file"))
    assert _answer(answers, "codes.txt").splitlines() == [
        "done 300 of 300 answered, 297 to be accepted",
        f"7 {issued[6].code} REVOKED",
        f"40 {issued[39].code} SUSPENDED",
        f"100 {NOBODY} UNKNOWN",
    ]
    assert answers[-1].splitlines() == ["200", "401", '{"active": false}']
    checked = app.test_cli_runner().invoke(args=["certificates", "verify-receipt", str(tmp_path / "receipt.jws")])
    assert checked.exit_code == 0, checked.output


BATCHES = "/api/v1/certificates/batches"
EXPECTED = [
    ("/oauth/token", 200),
    ("/api/v1/completions", 201),
    ("/api/v1/certificates/CODE", 200),
    ("/api/v1/certificates/by-hash/HASH", 200),
    ("/api/v1/certificates/verify-file", 200),
    ("/api/v1/certificates/by-number/2026-KG-PM000001", 200),
    (BATCHES, 202),
    (f"{BATCHES}/files", 202),
    (f"{BATCHES}/ID", 200),
    (BATCHES, 202),
    (f"{BATCHES}/ID", 200),
    (f"{BATCHES}/ID/receipt.jws", 200),
    ("/api/v1/records", 200),
    ("/api/v1/changes", 200),
    ("/api/v1/completions", 422),
    ("/api/v1/certificates/CODE", 401),
    ("/oauth/token", 401),
    ("/oauth/introspect", 200),
    ("/oauth/revoke", 200),
    ("/api/v1/certificates/CODE", 401),
    ("/oauth/introspect", 200),
]
"""Addresses and their answers, in the order of the page; the same one several times in a row stands here once."""


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _admitted_by_a_key(folder: Path) -> str:
    """What the administrator does with the key set that a program made by the page."""
    (folder / "assertion.py").write_text(re.findall(r"^```python\n(.*?)^```", GUIDE, re.M | re.S)[0])
    _bash(next(example for example in examples() if "genpkey" in example), folder)
    keys = client_keys.source(jwks=(folder / "jwks.json").read_text())
    with transaction():
        made, _none = clients.admit(name="Course server", scope=["certificates:read"], actor="test:setup", keys=keys)
    return made.id


def _run(folder: Path, values: dict[str, str]) -> list[str]:
    """What each example printed."""
    script = "\n".join(f"echo '{NEXT}'\n{example}" for example in examples())
    for shown, own in values.items():
        script = script.replace(shown, own)
    return _bash(script, folder).split(f"{NEXT}\n")[1:]


def _bash(script: str, folder: Path) -> str:
    """What it printed; it complained of nothing."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-uo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def _answer(answers: list[str], word: str) -> str:
    """What the first example printed in which this word stands."""
    return next(answer for example, answer in zip(examples(), answers, strict=True) if word in example)


@contextmanager
def _heard(app: Bilim) -> Iterator[list[tuple[str, int]]]:
    """Every address that was asked for, with the status of its answer."""
    told: list[tuple[str, int]] = []
    answer = app.wsgi_app

    def _answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def _start(status: str, *more: Any) -> Any:
            told.append((environ["PATH_INFO"], int(status[:3])))
            return start_response(status, *more)

        return answer(environ, _start)

    app.wsgi_app = _answer  # type: ignore[method-assign]
    yield told


def _without_repeats(told: list[tuple[str, int]]) -> list[tuple[str, int]]:
    return [place for place, _same in groupby((_named(path), status) for path, status in told)]


def _named(path: str) -> str:
    """An address with words in place of codes, hashes and ids."""
    path = re.sub(r"(?<=/batches/)[0-9a-f-]{36}", "ID", re.sub(r"[0-9a-f]{64}", "HASH", path))
    return re.sub(r"(?<=/certificates/)[0-9A-Z-]{13,16}$", "CODE", path)


@contextmanager
def _a_worker(app: Bilim) -> Iterator[None]:
    """Does what is due, every half second."""
    over = Event()

    def _work() -> None:
        while not over.wait(0.5):
            with app.app_context():
                jobs.run_due()

    thread = Thread(target=_work)
    thread.start()
    yield
    over.set()
    thread.join()


@on_sqlite
def test_every_command_of_the_reading_page_names_an_address_of_the_description(client: FlaskClient) -> None:
    page = client.get("/api/v1/docs?lang=en").text
    paths = client.get("/api/v1/openapi.json").get_json()["paths"]

    addresses = re.findall(r"http://localhost:\d+(/api/v1/[^<\s]+)</code>", page)
    assert sorted(set(addresses)) == sorted(paths)
    assert re.search(r"-F file=@FILE http://localhost:\d+/api/v1/certificates/verify-file", page)
    assert assertions.TYPE in GUIDE
