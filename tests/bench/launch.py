"""One launch - login and signed answer - against a tool made with pylti1p3 on the same server: ``script/bench launch``.

Every design is a gunicorn worker of its own. They are asked in turn, in blocks within one run, so that a busy machine
slows all of them alike; each block begins after a rest, and what counts is the CPU time of the worker, asked from itself.
Every launch is a new browser of one of 200 people and 20 links that are known already. The peer gets its platform's keys
in its settings, so it never fetches them; its rows are made with the same SQLAlchemy and one commit a request.
"""

import argparse
import http.client
import json
import os
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

import jwt
from flask import Flask, redirect, request

from tests.platform import MEMBERSHIP, Platform, public_jwk, rsa_key

GOAL = 1.5
OURS = "ours"
PEER = "pylti1p3, same rows"
PEER_LESS = "pylti1p3, launch data only, bare sqlite3"
PING = "bare Flask, two requests"
FACTORIES = {OURS: "ours", PEER: "peer", PEER_LESS: "peer_less", PING: "ping"}
TOOL = "http://localhost:8000"
PEOPLE, LINKS = 200, 20


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        key_set = Path(folder) / "jwks.json"
        key_set.write_text(json.dumps({"keys": [public_jwk(rsa_key(), kid="platform-key-1")]}))
        with _servers(Path(folder)) as servers:
            measured = _measure(servers, blocks=options.blocks, launches=options.launches)
    report = _report(measured, launches=options.launches)
    print(json.dumps(report, ensure_ascii=False) if options.json else _table(report))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench launch")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--blocks", type=int, default=15)
    parser.add_argument("--launches", type=int, default=100, help="in each block")
    return parser.parse_args()


# The designs, each made by a factory that gunicorn calls


def ours() -> Any:
    """The whole product as it is run, rate limits included."""
    from lms.core.db import db, transaction
    from lms.core.settings import Settings
    from lms.lti.models import Deployment, PlatformKeySet, Registration
    from wsgi import create_app

    folder = Path(os.environ["BENCH_FOLDER"])
    app = create_app(
        Settings(
            public_url=TOOL,
            secret_key="bench-only-secret-key-of-forty-characters",
            instance=folder / "ours",
            database_url=f"sqlite:///{folder / 'ours.sqlite3'}",
            files_url=(folder / "files").as_uri(),
        )
    )
    platform = Platform(url="http://127.0.0.1:9")
    with app.app_context(), transaction():
        db.metadata.create_all(db.session.connection())
        addresses = {name: f"{platform.url}/{name}" for name in ("auth_url", "token_url", "jwks_url")}
        registration = Registration(issuer=platform.issuer, client_id=platform.client_id, **addresses)
        db.session.add(registration)
        db.session.flush()
        deployment = Deployment(registration_id=registration.id, deployment_id=platform.deployment_id, is_approved=True)
        now = registration.created_at
        keys = PlatformKeySet(
            jwks_url=registration.jwks_url, jwks=(folder / "jwks.json").read_text(), fetched_at=now, tried_at=now
        )
        db.session.add_all([deployment, keys])
    return _with_clock(app)


def peer() -> Any:
    """What one would write with pylti1p3 and Flask-SQLAlchemy, keeping what we keep."""
    from flask_sqlalchemy import SQLAlchemy
    from pylti1p3.launch_data_storage.base import LaunchDataStorage
    from sqlalchemy import Engine, ForeignKey, String, Text, and_, event, select
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase):
        pass

    class Entry(Base):
        __tablename__ = "entry"
        key: Mapped[str] = mapped_column(String(255), primary_key=True)
        value: Mapped[str] = mapped_column(Text)
        expires: Mapped[float] = mapped_column(index=True)

    class Deployment(Base):
        __tablename__ = "deployment"
        id: Mapped[int] = mapped_column(primary_key=True)
        deployment_id: Mapped[str] = mapped_column(String(255), unique=True)

    class Context(Base):
        __tablename__ = "context"
        id: Mapped[int] = mapped_column(primary_key=True)
        context_id: Mapped[str] = mapped_column(String(255), unique=True)
        title: Mapped[str] = mapped_column(String(255))

    class Link(Base):
        __tablename__ = "link"
        id: Mapped[int] = mapped_column(primary_key=True)
        resource_link_id: Mapped[str] = mapped_column(String(255), unique=True)
        title: Mapped[str] = mapped_column(String(255))
        line_item_url: Mapped[str | None] = mapped_column(Text)

    class Person(Base):
        __tablename__ = "person"
        id: Mapped[int] = mapped_column(primary_key=True)
        sub: Mapped[str] = mapped_column(String(255), unique=True)
        name: Mapped[str | None] = mapped_column(String(255))

    class Launch(Base):
        __tablename__ = "launch"
        id: Mapped[str] = mapped_column(String(64), primary_key=True)
        person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
        context_id: Mapped[int] = mapped_column(ForeignKey("context.id"))
        link_id: Mapped[int] = mapped_column(ForeignKey("link.id"))
        roles: Mapped[str] = mapped_column(Text)

    db = SQLAlchemy(model_class=Base)

    class Storage(LaunchDataStorage[Any]):
        def can_set_keys_expiration(self) -> bool:
            return True

        def get_session_cookie_name(self) -> None:
            return None

        def set_value(self, key: str, value: Any, exp: int | None = None) -> None:
            db.session.merge(
                Entry(key=self._prepare_key(key), value=json.dumps(value), expires=time.time() + (exp or 0))
            )

        def get_value(self, key: str) -> Any:
            entry = db.session.get(Entry, self._prepare_key(key))
            return json.loads(entry.value) if entry else None

        def check_value(self, key: str) -> bool:
            return self.get_value(key) is not None

    def keep(launch_id: str, data: dict[str, Any]) -> None:
        context_claim, link_claim = data[f"{CLAIM}context"], data[f"{CLAIM}resource_link"]
        found = db.session.execute(
            select(Deployment, Context, Link, Person)
            .select_from(Deployment)
            .outerjoin(Context, Context.context_id == context_claim["id"])
            .outerjoin(Link, Link.resource_link_id == link_claim["id"])
            .outerjoin(Person, and_(Person.sub == data["sub"]))
            .where(Deployment.deployment_id == data[f"{CLAIM}deployment_id"])
        ).first()
        _deployment, context, link, person = found or (None, None, None, None)
        context = context or Context(context_id=context_claim["id"])
        context.title = context_claim["title"]
        link = link or Link(resource_link_id=link_claim["id"])
        link.title, link.line_item_url = link_claim["title"], data[AGS]["lineitem"]
        person = person or Person(sub=data["sub"])
        person.name = data["name"]
        db.session.add_all([context, link, person])
        db.session.flush()
        roles = json.dumps(data[f"{CLAIM}roles"])
        db.session.add(Launch(id=launch_id, person_id=person.id, context_id=context.id, link_id=link.id, roles=roles))
        db.session.commit()

    app = _peer_app(Storage, finish=lambda: db.session.commit(), keep=keep)
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{os.environ['BENCH_FOLDER']}/peer.sqlite3"
    db.init_app(app)
    with app.app_context():
        _prepare(db.engine, event, Engine)
        db.create_all()
        db.session.add(Deployment(deployment_id=Platform(url="").deployment_id))
        db.session.commit()
    return _with_clock(app)


def peer_less() -> Any:
    """The least that lasts: pylti1p3's own entries in a table, by the driver, one commit a request. Knows nobody."""
    from pylti1p3.launch_data_storage.base import LaunchDataStorage

    path = f"{os.environ['BENCH_FOLDER']}/peer_less.sqlite3"
    local = _Local(path)
    local.connection().execute("CREATE TABLE entry (key TEXT PRIMARY KEY, value TEXT, expires REAL)")

    class Storage(LaunchDataStorage[Any]):
        def can_set_keys_expiration(self) -> bool:
            return True

        def get_session_cookie_name(self) -> None:
            return None

        def set_value(self, key: str, value: Any, exp: int | None = None) -> None:
            row = (self._prepare_key(key), json.dumps(value), time.time() + (exp or 0))
            local.connection().execute("INSERT OR REPLACE INTO entry VALUES (?, ?, ?)", row)

        def get_value(self, key: str) -> Any:
            found = local.connection().execute("SELECT value FROM entry WHERE key = ?", (self._prepare_key(key),))
            row = found.fetchone()
            return json.loads(row[0]) if row else None

        def check_value(self, key: str) -> bool:
            return self.get_value(key) is not None

    app = _peer_app(Storage, finish=local.commit, keep=lambda _id, _data: local.commit())
    return _with_clock(app)


def ping() -> Any:
    """What two requests cost that do nothing."""
    app = Flask("ping")

    @app.route("/lti/login")
    def login() -> Any:
        return redirect(f"{TOOL}/auth?state=s&nonce=n")

    @app.post("/lti/launch")
    def launch() -> Any:
        return redirect(f"/s/{len(request.form['id_token'])}/", 303)

    return _with_clock(app)


CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"


def _peer_app(
    storage: Callable[[], Any], *, finish: Callable[[], None], keep: Callable[[str, dict[str, Any]], None]
) -> Flask:
    from pylti1p3.contrib.flask import FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
    from pylti1p3.tool_config import ToolConfDict

    platform = Platform(url="http://127.0.0.1:9")
    config = ToolConfDict(
        {
            platform.issuer: [
                {
                    "default": True,
                    "client_id": platform.client_id,
                    "auth_login_url": f"{platform.url}/auth",
                    "auth_token_url": f"{platform.url}/token",
                    "key_set": json.loads((Path(os.environ["BENCH_FOLDER"]) / "jwks.json").read_text()),
                    "deployment_ids": [platform.deployment_id],
                }
            ]
        }
    )
    config.set_private_key(platform.issuer, "", client_id=platform.client_id)
    app = Flask("peer")
    app.secret_key = "bench-only"

    @app.route("/lti/login", methods=["GET", "POST"])
    def login() -> Any:
        oidc = FlaskOIDCLogin(FlaskRequest(), config, launch_data_storage=storage())
        answer = oidc.redirect(f"{TOOL}/lti/launch")
        finish()
        return answer

    @app.post("/lti/launch")
    def launch() -> Any:
        message = FlaskMessageLaunch(FlaskRequest(), config, launch_data_storage=storage())
        data = message.get_launch_data()
        launch_id = message.get_launch_id()
        keep(launch_id, data)
        return redirect(f"/s/{launch_id}/", 303)

    return app


class _Local:
    """One connection for each thread, set up as ours are."""

    def __init__(self, path: str) -> None:
        from threading import local

        self._path, self._local = path, local()

    def connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = sqlite3.connect(self._path, timeout=10)
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
                self._local.connection.execute(f"PRAGMA {pragma}")
        connection: sqlite3.Connection = self._local.connection
        return connection

    def commit(self) -> None:
        self.connection().commit()


def _prepare(engine: Any, event: Any, _kind: Any) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=10000", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")


def _with_clock(app: Flask) -> Any:
    """The worker tells its own CPU time, in all threads."""

    def _answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] != "/cpu":
            return app.wsgi_app(environ, start_response)
        body = str(time.process_time()).encode()
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]

    return _answer


# The run


class _Server:
    """A gunicorn worker, and one keep-alive connection to it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.port = _free_port()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "--workers", "1"),
                *("--worker-class", "gthread", "--threads", "4", "--keep-alive", "60", "--log-level", "error"),
                f"tests.bench.launch:{FACTORIES[name]}()",
            ],
            env={**os.environ, "BENCH_FOLDER": str(folder)},
            stdout=subprocess.DEVNULL,
        )
        self._addresses = count(2)

    def new_connection(self) -> None:
        """From another address of this machine, because we limit how often one address may launch."""
        source = f"127.0.0.{next(self._addresses) % 250 + 2}"
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, source_address=(source, 0))

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        self._connection.request(method, path, body or None, {"Host": "localhost:8000", **form, **headers})
        answer = self._connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def cpu_seconds(self) -> float:
        return float(self.ask("GET", "/cpu")[2])

    def wait_until_ready(self) -> None:
        for _try in range(300):
            try:
                self.new_connection()
                self.cpu_seconds()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{self.name} did not start")

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)


@contextmanager
def _servers(folder: Path) -> Iterator[list[_Server]]:
    servers = [_Server(name, folder) for name in FACTORIES]
    try:
        for server in servers:
            server.wait_until_ready()
        yield servers
    finally:
        for server in servers:
            server.stop()


def _measure(servers: list[_Server], *, blocks: int, launches: int) -> dict[str, list[float]]:
    """Milliseconds of CPU a launch, for each block."""
    platform = Platform(url="http://127.0.0.1:9")
    numbers = count()
    for server in servers:
        for _number in range(PEOPLE):  # everybody is known, and everything is warm
            _launch(server, platform, next(numbers))
    costs: dict[str, list[float]] = {server.name: [] for server in servers}
    for _block in range(blocks):
        for server in servers:
            server.new_connection()
            before = server.cpu_seconds()
            for _number in range(launches):
                _launch(server, platform, next(numbers))
            costs[server.name].append((server.cpu_seconds() - before) * 1000 / launches)
    return costs


def _launch(server: _Server, platform: Platform, number: int) -> None:
    login = urlencode(platform.login_parameters())
    status, headers, _body = server.ask("GET", f"/lti/login?{login}")
    assert status == 302, (server.name, status, _body)
    question = dict(parse_qsl(urlsplit(headers["Location"]).query))
    cookies = "; ".join(cookie.split(";")[0] for cookie in headers.get_all("Set-Cookie") or [])
    claims = platform.claims(
        question,
        sub=f"person-{number % PEOPLE}",
        name=f"Айгүл Токтогулова {number % PEOPLE}",
        resource_link={"id": f"link-{number % LINKS}", "title": "Public management"},
        target_link_uri=f"{TOOL}/learn/public-management",
        roles=[f"{MEMBERSHIP}Learner"],
        email="aigul@academy.example",
        jti=str(uuid4()),
    )
    token = jwt.encode(claims, rsa_key(), algorithm="RS256", headers={"kid": platform.kid})
    form = urlencode({"state": question["state"], "id_token": token})
    status, _headers, _body = server.ask("POST", "/lti/launch", form, Cookie=cookies)
    assert status == 303, (server.name, status, _body)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


# What it says


def _report(measured: dict[str, list[float]], *, launches: int) -> dict[str, Any]:
    designs = {name: _summary(costs) for name, costs in measured.items()}
    ratios = {name: _ratio(costs, measured[OURS]) for name, costs in measured.items() if name != OURS}
    return {
        "bench": "launch",
        "unit": "CPU milliseconds of the server for one login and launch",
        "launches_a_block": launches,
        "ours": designs[OURS],
        "peers": {name: design for name, design in designs.items() if name != OURS},
        "ratios": ratios,
        "goal": {"against": PEER, "ratio": GOAL, "met": ratios[PEER]["median"] >= GOAL},
    }


def _summary(costs: list[float]) -> dict[str, Any]:
    low, _, high = statistics.quantiles(costs, n=4)
    return {
        "blocks": len(costs),
        "median": round(statistics.median(costs), 3),
        "quartiles": [round(low, 3), round(high, 3)],
        "worst": round(max(costs), 3),
    }


def _ratio(theirs: list[float], ours: list[float]) -> dict[str, float]:
    """Block by block, so that the machine's moods cancel; ``worst`` is the least flattering block."""
    ratios = [their / our for their, our in zip(theirs, ours, strict=True)]
    return {"median": round(statistics.median(ratios), 2), "worst": round(min(ratios), 2)}


def _table(report: dict[str, Any]) -> str:
    designs = {OURS: report["ours"], **report["peers"]}
    lines = [f"{'one login and launch':<44}{'CPU ms':>8}{'quartiles':>15}{'worst':>8}{'x ours':>8}"]
    for name, design in designs.items():
        quartiles = "{}-{}".format(*design["quartiles"])
        ratio = report["ratios"].get(name, {"median": 1.0})["median"]
        lines.append(f"{name:<44}{design['median']:>8}{quartiles:>15}{design['worst']:>8}{ratio:>8}")
    goal = report["goal"]
    lines.append(f"goal: {goal['ratio']} x {goal['against']}, {'met' if goal['met'] else 'not met'}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
