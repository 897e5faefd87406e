"""Is a package of our locks known to be vulnerable? Asked of a list that lies in the repository, so that no network is needed.

``python -m script.advisories`` compares the locks with ``script/advisories.json``; script/check does so each time.
``python -m script.advisories --from FOLDER`` writes the list anew from a clone of github.com/pypa/advisory-database (CC BY 4.0),
and keeps what was added by hand, each with the address where it was read.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "script" / "advisories.json"
LOCKS = (ROOT / "requirements.lock", ROOT / "requirements-dev.lock", ROOT / "script" / "installer.lock")
OLD_AFTER_DAYS = 90
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.M)


def main() -> int:
    """0 if nothing is known against our locks."""
    options = argparse.ArgumentParser(prog="script/check")
    options.add_argument("locks", nargs="*", type=Path, default=LOCKS)
    options.add_argument(
        "--from", dest="clone", type=Path, help="a clone of the advisory database: write the list anew"
    )
    given = options.parse_args()
    if given.clone:
        write_anew(given.clone)
    known = json.loads(LIST.read_text("utf-8"))
    found = sorted({line for lock in given.locks for line in faults(lock.read_text("utf-8"), known["advisories"])})
    print("\n".join([*found, age_of(known, datetime.now(UTC).date())]), file=sys.stderr if found else sys.stdout)
    return 1 if found else 0


def faults(lock: str, advisories: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line for each package of a lock with something known against its version."""
    locked = packages(lock)
    return [
        f"{one['package']} {version} is vulnerable: {one['id']} {' '.join(one['aliases'])}".rstrip()
        for one in advisories
        for version in locked.get(one["package"], ())
        if is_affected(version, one["ranges"])
    ]


def packages(lock: str) -> dict[str, set[str]]:
    """Every package of a lock with the versions that it may have (by platform or Python)."""
    found: dict[str, set[str]] = {}
    for name, version in _LOCKED.findall(lock):
        found.setdefault(_normal(name), set()).add(version)
    return found


def is_affected(version: str, ranges: Sequence[Mapping[str, str]]) -> bool:
    """By the ranges of the OSV format: from ``introduced``, up to and without ``fixed`` or up to and with ``last_affected``."""
    ours = Version(version)
    return any(
        Version(each["introduced"]) <= ours
        and ("fixed" not in each or ours < Version(each["fixed"]))
        and ("last_affected" not in each or ours <= Version(each["last_affected"]))
        for each in ranges
    )


def age_of(known: Mapping[str, Any], today: date) -> str:
    """How old the list is, said aloud where it is too old to be trusted alone."""
    days = (today - date.fromisoformat(known["database"]["day"])).days
    told = f"{len(known['advisories'])} advisories, the database as of {known['database']['day']}, added by hand until {known['added_until']}"
    if days <= OLD_AFTER_DAYS:
        return told
    return f"{told}. The database is {days} days old: script/check --audit asks for what is known today, see docs/operations.md"


def write_anew(clone: Path) -> None:
    """The list from a clone, for the packages of our locks; what was added by hand stays until the database has it."""
    wanted = {name for lock in LOCKS for name in packages(lock.read_text("utf-8"))}
    before: dict[str, Any] = json.loads(LIST.read_text("utf-8"))
    read = [one for name in sorted(wanted) for one in _read(clone / "vulns" / name)]
    known = {alias for one in read for alias in (one["id"], *one["aliases"])}
    kept = [one for one in before["advisories"] if "read_at" in one and not {one["id"], *one["aliases"]} & known]
    said: dict[str, Any] = {
        "database": _database(clone),
        "added_until": before["added_until"],
        "advisories": read + kept,
    }
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in said.pop("advisories"))
    head = json.dumps(said, indent=1, ensure_ascii=False).removesuffix("\n}")
    LIST.write_text(f'{head},\n "advisories": [\n{lines}\n ]\n}}\n', "utf-8")


def _read(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.yaml")):
        told = yaml.safe_load(path.read_text("utf-8"))
        ranges = [each for affected in told["affected"] for each in _ranges(affected)]
        if ranges and "withdrawn" not in told:
            names = [alias for alias in told.get("aliases", []) if alias.startswith(("CVE-", "GHSA-"))]
            yield {"id": told["id"], "package": folder.name, "aliases": names, "ranges": ranges}


def _ranges(affected: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Events come in pairs; where there are none, single versions are named."""
    events = [event for each in affected.get("ranges", []) if each["type"] == "ECOSYSTEM" for event in each["events"]]
    begun: str | None = None
    for event in events:
        (kind, version), *_ = event.items()
        if kind == "introduced":
            if begun is not None:
                yield {"introduced": begun}
            begun = version
        elif begun is not None and kind in ("fixed", "last_affected"):
            yield {"introduced": begun, kind: version}
            begun = None
    if begun is not None:
        yield {"introduced": begun}
    if not events:
        for version in filter(_is_version, affected.get("versions", [])):
            yield {"introduced": version, "last_affected": version}


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _database(clone: Path) -> dict[str, str]:
    log = ["git", "-C", str(clone), "log", "-1", "--format=%H %cs"]
    commit, day = subprocess.run(log, check=True, capture_output=True, text=True).stdout.split()  # noqa: S603
    return {"source": "https://github.com/pypa/advisory-database", "licence": "CC BY 4.0", "commit": commit, "day": day}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
