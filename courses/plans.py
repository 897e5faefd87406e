"""Programmes of study and packs of rules as they were loaded last: one row for all programmes, one for each country.

Nothing points at them, so a changed file simply takes the place of the earlier one; the audit says when.
"""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from courses import programmes, rule_packs
from courses.authoring import ContentFaults
from courses.file_reading import Faults
from courses.models import StoredPlan
from courses.outline import ModuleOutline
from courses.programmes import Programme
from courses.rule_packs import Pack
from lms.core import audit, clock
from lms.core.db import db, insert_once

PROGRAMMES, RULES = "programmes", "rules/"


@dataclass(frozen=True)
class Plans:
    """What a folder of content says beside its modules."""

    programmes: tuple[Programme, ...]
    packs: tuple[Pack, ...]


def read_all(folder: Path, outlines: Collection[ModuleOutline]) -> Plans:
    """What stands in a folder.

    :raises ContentFaults: with every mistake.
    """
    faults = Faults(folder)
    plans = Plans(programmes.read_programmes(folder, outlines, faults), rule_packs.read_packs(folder, faults))
    if faults.found:
        raise ContentFaults(sorted(set(faults.found)))
    return plans


def load(plans: Plans) -> list[str]:
    """Let them hold from now on; names of what is new or changed. What a folder does not have stays as it is."""
    documents: dict[str, dict[str, Any]] = {f"{RULES}{pack.country}": asdict(pack) for pack in plans.packs}
    if plans.programmes:
        documents[PROGRAMMES] = {"programmes": [asdict(programme) for programme in plans.programmes]}
    return [name for name, document in documents.items() if _is_changed_by(name, _plain(document))]


def all_programmes() -> list[Programme]:
    """The programmes, in the order of their file."""
    row = db.session.get(StoredPlan, PROGRAMMES)
    return [programmes.from_document(each) for each in row.document["programmes"]] if row else []


def packs() -> list[Pack]:
    """The packs, by country."""
    rows = db.session.scalars(select(StoredPlan).where(StoredPlan.name.startswith(RULES)).order_by(StoredPlan.name))
    return [rule_packs.from_document(row.document) for row in rows]


def _is_changed_by(name: str, document: dict[str, Any]) -> bool:
    row, is_new = insert_once(StoredPlan, {"name": name}, {"document": document})
    is_changed = is_new or row.document != document
    if is_changed:
        row.document, row.loaded_at = document, clock.now()
        audit.record("plan.loaded", subject=f"plan:{name}", actor="cli")
    return is_changed


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(document, default=date.isoformat))
    return plain
