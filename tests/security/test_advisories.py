"""What is known against packages of ours is found without a network; and nothing is known against those that are locked."""

import json
from datetime import date
from pathlib import Path

import pytest

from script import advisories

KNOWN = json.loads(advisories.LIST.read_text("utf-8"))
VULNERABLE = 'Jinja2==2.11.2 \\\n    --hash=sha256:00\nweasyprint==69.0 ; python_version < "4"\nflask==3.1.3\n'


def test_nothing_is_known_against_what_is_locked() -> None:
    found = [
        line for lock in advisories.LOCKS for line in advisories.faults(lock.read_text("utf-8"), KNOWN["advisories"])
    ]

    assert found == []


def test_a_lock_with_a_vulnerable_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(VULNERABLE)

    monkeypatch.setattr("sys.argv", ["script/check", str(lock)])

    assert advisories.main() == 1
    found = advisories.faults(VULNERABLE, KNOWN["advisories"])
    assert "weasyprint 69.0 is vulnerable: CVE-2026-55073" in found
    assert "jinja2 2.11.2 is vulnerable: PYSEC-2021-66 CVE-2020-28493 GHSA-g3rq-g295-4j3m" in found
    assert [line for line in found if line.startswith("flask")] == []


@pytest.mark.parametrize(
    ("version", "is_affected"),
    [
        ("0.9", False),
        ("1.0", True),
        ("1.4.9", True),
        ("1.5rc1", True),
        ("1.5", False),
        ("2.0", True),
        ("2.1", True),
        ("2.2", False),
    ],
)
def test_a_range_ends_before_the_repair_or_with_the_last_that_is_affected(version: str, is_affected: bool) -> None:
    ranges = [{"introduced": "1.0", "fixed": "1.5"}, {"introduced": "2.0", "last_affected": "2.1"}]

    assert advisories.is_affected(version, ranges) is is_affected


def test_every_package_of_our_locks_is_read() -> None:
    lock = (advisories.ROOT / "requirements-dev.lock").read_text("utf-8")

    read = advisories.packages(lock)

    assert len(read) == len({line.split("==")[0] for line in lock.splitlines() if line[:1].isalnum()}) > 150
    assert "" not in {version for versions in read.values() for version in versions}


def test_an_old_list_says_that_it_is_old() -> None:
    known = {"advisories": [], "added_until": "2026-11-22", "database": {"day": "2026-01-01"}}

    assert "days old" not in advisories.age_of(known, date(2026, 3, 1))
    assert "The database is 120 days old" in advisories.age_of(known, date(2026, 5, 1))


def test_what_was_added_by_hand_says_where_it_was_read() -> None:
    by_hand = [one for one in KNOWN["advisories"] if not one["id"].startswith("PYSEC-")]

    assert [one["id"] for one in by_hand if not one.get("read_at", "").startswith("https://")] == []
