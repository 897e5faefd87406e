"""What schemas have in common: requests to our API refuse unknown fields, messages of platforms ignore them."""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields
from marshmallow.validate import Length, Range, Regexp

from lms.core import cursors
from lms.core.errors import Invalid
from lms.core.i18n import _l


class Request(Schema):
    """What somebody asks of our API. An unknown field is refused, so that a misspelt one is noticed."""

    class Meta:
        unknown = RAISE


AT_ONCE, MOST_AT_ONCE = 100, 200


class PageQuestion(Request):
    """Which part of a list."""

    cursor = fields.String(
        load_default=None,
        validate=[Length(min=1, max=cursors.LONGEST), Regexp(r"^[A-Za-z0-9_-]+$")],
        metadata={"description": "As the last answer gave it; left out for the beginning."},
    )
    limit = fields.Integer(load_default=AT_ONCE, validate=Range(min=1, max=MOST_AT_ONCE))


class Message(Schema):
    """What a platform sends. Unknown members are ignored, as LTI Core 1.3 section 4.3 demands."""

    class Meta:
        unknown = EXCLUDE


class View(Schema):
    """What our API answers. More fields may come, so callers have to ignore those they do not know."""

    class Meta:
        unknown = EXCLUDE


READABLE = Regexp(r"^[^\x00-\x1f\x7f\ud800-\udfff]+$", error="Holds characters that cannot be stored.")
"""No control characters (PostgreSQL stores no zero byte) and no half of a surrogate pair (which is no UTF-8)."""


def line(description: str, *, example: str, longest: int = 255) -> fields.String:
    """One line of text that must be given."""
    return fields.String(
        required=True,
        validate=[Length(min=1, max=longest), READABLE],
        metadata={"description": description, "example": example},
    )


def load(schema: Schema, data: Mapping[str, Any]) -> dict[str, Any]:
    """The checked values.

    :raises Invalid: ``values-not-valid`` with the faults by field.
    """
    try:
        loaded: dict[str, Any] = schema.load(data)
    except ValidationError as error:
        raise Invalid(
            "values-not-valid",
            _l("Some values are missing or not valid. Correct them and send again."),
            fields=error.normalized_messages(),  # type: ignore[no-untyped-call]
        ) from error
    return loaded
