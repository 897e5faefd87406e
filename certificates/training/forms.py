"""What the form of the register of training sends, field by field. Its faults are sentences for people."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_load, validates
from marshmallow.validate import Length, Range

from certificates.training.search import Question
from courses import records
from lms.core.i18n import _l
from lms.core.schemas import READABLE, Message
from lms.people import purposes

SHORTEST_NAME = 2
_WHAT = ("name", "personal_number", "number", "programme", "region", "agency_id", "year")


def _text(longest: int, *, least: int = 0) -> fields.String:
    too_short, too_long = _l("Write at least %(number)s letters.", number=least), _l("This is too long.")
    return fields.String(
        load_default="",
        validate=[Length(min=least, error=too_short), Length(max=longest, error=too_long), READABLE],
    )


class LookUpForm(Message):
    """Whom or what somebody looks for, and for which purpose."""

    name = _text(120, least=SHORTEST_NAME)
    personal_number = fields.String(load_default="")
    number = _text(40)
    programme = _text(80)
    region = _text(10)
    agency_id = _text(36)
    year = fields.Integer(
        load_default=None,
        error_messages={"invalid": _l("Write a whole number.")},
        validate=Range(2000, 2100, error=_l("Write a year, such as 2026.")),
    )
    purpose = fields.String(load_default="")
    words = fields.String(load_default="")

    @pre_load
    def _leave_out_empty(self, data: Mapping[str, Any], **_more: object) -> dict[str, Any]:
        """A form sends what was left open as an empty text."""
        return {name: value.strip() for name, value in data.items() if value.strip()}

    @validates("personal_number")
    def _is_personal_number(self, value: str, **_more: object) -> None:
        if value and not records.is_personal_number(value):
            raise ValidationError([str(_l("A personal number has 14 digits."))])

    @post_load
    def _asked(self, data: Mapping[str, Any], **_more: object) -> dict[str, Any]:
        """:raises Invalid: ``purpose-missing``."""
        purpose = purposes.stated(data["purpose"], data["words"])
        return {"question": Question(**{name: data[name] for name in _WHAT}), "purpose": purpose}
