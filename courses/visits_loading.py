"""Puts programmes of visits where instructors choose from them."""

from sqlalchemy import select

from courses.event_models import VisitProgramme
from courses.visits_reading import Programme, from_document, to_document
from lms.core import audit, clock
from lms.core.db import db, insert_once


def load(programmes: list[Programme]) -> list[str]:
    """Offer these from now on; returns the slugs of those that are new or changed. Visits that are held stay as they are."""
    return [programme.slug for programme in programmes if _is_changed_by(programme)]


def offered() -> list[Programme]:
    """Every programme that instructors can choose, the shortest first."""
    rows = db.session.scalars(select(VisitProgramme))
    return sorted((from_document(row.document) for row in rows), key=lambda one: (len(one.days), one.slug))


def _is_changed_by(programme: Programme) -> bool:
    document = to_document(programme)
    row, is_new = insert_once(VisitProgramme, {"slug": programme.slug}, {"document": document})
    is_changed = is_new or from_document(row.document) != programme
    if is_changed:
        row.document, row.loaded_at = document, clock.now()
        audit.record("visit-programme.loaded", subject=f"programme:{programme.slug}", actor="cli")
    return is_changed
