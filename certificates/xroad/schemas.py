"""What bodies send over X-Road, field by field."""

from datetime import UTC, date, datetime

from marshmallow import fields
from marshmallow.validate import Length, OneOf, Range, Regexp

from lms.core import cursors
from lms.core.schemas import Request
from lms.people.purposes import PURPOSES

EARLIEST = date(2000, 1, 1)
MOST_AT_ONCE = 500


class RecordsQuery(Request):
    """Whose records, and for what. The number of a person stands here and in no address."""

    pin = fields.String(required=True, validate=Regexp(r"[0-9]{14}\Z"))
    purpose = fields.String(required=True, validate=OneOf(list(PURPOSES)))
    since = fields.Date(load_default=None, validate=Range(min=EARLIEST))


class ChangesQuery(Request):
    """Where to go on."""

    cursor = fields.String(load_default=None, validate=[Length(max=cursors.LONGEST), Regexp(r"[A-Za-z0-9_-]+\Z")])
    limit = fields.Integer(load_default=100, validate=Range(1, MOST_AT_ONCE))


def beginning_of(day: date | None) -> datetime | None:
    """The first moment of a day, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
