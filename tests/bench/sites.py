"""Installations that run as in production, filled with so many people, whose processes tell what they cost."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import func, select

from certificates.models import Certificate
from courses.models import Module
from lms.core.clock import now
from lms.core.db import db, reading, transaction
from lms.core.jobs import Job
from lms.core.settings import Settings
from lms.core.web import Bilim
from lms.lti.models import Context, Deployment, PlatformKeySet, ResourceLink
from lms.organisations import issuers
from lms.organisations.models import Organisation
from script.prepare_demo import ACADEMY
from script.run_cluster import PORTS, SMALL, WHOLE, Cluster
from tests.bench import filling, people
from tests.bench.people import Surroundings
from tests.bench.visitors import MODULE, Network
from tests.platform import SCORE_SCOPE, Platform
from wsgi import create_app

LINKS, A_COURSE = 20, 25
UNFINISHED = 1_000
"""Further people who are enrolled, so that there is something to complete."""
WEB, DATABASE, WORKER, OTHERS = "web", "database", "worker", "proxy and broker"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Site:
    """An installation that runs."""

    name: str
    people: int
    cluster: Cluster
    platform: Platform
    app: Bilim
    token: str
    unfinished: Iterator[int] = field(init=False)

    def __post_init__(self) -> None:
        self.unfinished = iter(range(self.people, self.people + UNFINISHED))

    def asker(self) -> Network:
        """A new connection to where browsers ask."""
        host = self.cluster.tool.removeprefix("http://")
        return Network(int(host.rpartition(":")[2]), host)

    def cpu_seconds(self) -> dict[str, float]:
        """Of the installation's processes by what they are, since each began."""
        return {kind: sum(_cpu_seconds(pid) for pid in pids) for kind, pids in self._processes().items()}

    def memory_mib(self) -> dict[str, int]:
        """What each kind holds for itself; pages that several share are divided among them."""
        return {kind: round(sum(_own_kib(pid) for pid in pids) / 1024) for kind, pids in self._processes().items()}

    def settle(self) -> int:
        """Wait until no work is left; returns how many certificates the installation made itself."""
        until = time.monotonic() + 180
        with self.app.app_context():
            while time.monotonic() < until:
                with reading():
                    if not db.session.scalar(select(func.count()).where(Job.served < Job.wanted, _is_ours())):
                        break
                time.sleep(0.3)
            with reading():
                made = db.session.scalar(select(func.count(Certificate.id)).where(Certificate.number.like("2026-%")))
        return int(made or 0)

    def _processes(self) -> dict[str, list[int]]:
        children = _children()
        found: dict[str, list[int]] = {WEB: [], DATABASE: [], WORKER: [], OTHERS: []}
        for name, part in self.cluster.parts.parts.items():
            if part.process and (kind := _KINDS.get(name.split("-")[0])):
                found[kind] += _descendants(part.process.pid, children)
        return found


_KINDS = {"web": WEB, "postgresql": DATABASE, "worker": WORKER, "beat": WORKER, "nginx": OTHERS, "redis": OTHERS}


def _is_ours() -> Any:
    return Job.kind.in_(("score", "record-changed"))


@contextmanager
def running(
    name: str, folder: Path, platform: Platform, *, count: int, first_port: int, is_small: bool
) -> Iterator[Site]:
    """One installation, with its people."""
    ports = {part: first_port + place for place, part in enumerate(PORTS)}
    folder.mkdir(parents=True)
    cluster = Cluster(folder, ports, SMALL if is_small else WHOLE)
    cluster.environment["BILIM_TRUSTED_PRIVATE_HOSTS"] += f",{platform.url.removeprefix('http://')}"
    try:
        cluster.start(None)
        app = create_app(Settings.from_environment({**os.environ, **cluster.environment}))
        site = Site(name, count, cluster, _as_seen_by(platform, cluster), app, _token(cluster))
        _fill(site)
        yield site
        with app.app_context():
            db.engine.dispose()
    finally:
        cluster.end()


def _as_seen_by(platform: Platform, cluster: Cluster) -> Platform:
    return Platform(url=platform.url, target=f"{cluster.tool}/lti/launch")


def _fill(site: Site) -> None:
    with site.app.app_context():
        around = _surroundings(site)
        with filling.connected(site.app.extensions["bilim.settings"].database_url) as connection:
            people.fill(connection, range(site.people), around, certified=True)
            people.fill(connection, range(site.people, site.people + UNFINISHED), around, certified=False)
            filling.settled(connection)


def _surroundings(site: Site) -> Surroundings:
    """Courses of some people each, as the platform would have made them."""
    platform = site.platform
    registration_id = platform.register()
    with transaction():
        deployment_id = db.session.scalars(select(Deployment.id).filter_by(registration_id=registration_id)).one()
        contexts = [
            Context(deployment_id=deployment_id, context_id=f"course-{number}", title="Public management 2026")
            for number in range(max(1, site.people // A_COURSE))
        ]
        db.session.add_all([*contexts, _keys(platform)])
        db.session.flush()
        links = [_link(platform, registration_id, contexts[0], number) for number in range(LINKS)]
        db.session.add_all(links)
        academy = db.session.scalars(select(Organisation).filter_by(code=ACADEMY)).one()
        issuers.assign(registration_id, academy, actor="operator")
        module = db.session.scalars(select(Module).filter_by(slug=MODULE)).one()
        db.session.flush()
        return Surroundings(
            registration_id,
            deployment_id,
            [row.id for row in contexts],
            [row.id for row in links],
            module.id,
            module.current_version_id,
            academy.id,
        )


def _keys(platform: Platform) -> PlatformKeySet:
    jwks = json.dumps({"keys": platform.keys})
    return PlatformKeySet(jwks_url=f"{platform.url}/jwks", jwks=jwks, fetched_at=now(), tried_at=now())


def _link(platform: Platform, registration_id: str, context: Context, number: int) -> ResourceLink:
    return ResourceLink(
        registration_id=registration_id,
        deployment_id=context.deployment_id,
        context_id=context.id,
        resource_link_id=f"link-{number}",
        line_item_url=f"{platform.url}/items/{number}/lineitem",
        ags_scopes=[SCORE_SCOPE],
    )


def _token(cluster: Cluster) -> str:
    """Of the demonstration's program, which may report completions."""
    client = json.loads((cluster.folder / "oauth-client.json").read_text())
    answer = requests.post(
        f"{cluster.tool}/oauth/token",
        data={"grant_type": "client_credentials", "scope": "completions:write"},
        auth=(client["client_id"], client["client_secret"]),
        timeout=30,
    )
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        found.setdefault(parent, []).append(int(path.parent.name))
    return found


def _descendants(pid: int, children: dict[int, list[int]]) -> list[int]:
    return [pid, *(below for child in children.get(pid, ()) for below in _descendants(child, children))]


def _cpu_seconds(pid: int) -> float:
    """Its own and of its children that have ended (proc(5), fields 14 to 17)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15]) / _TICKS


def _own_kib(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)
