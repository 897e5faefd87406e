"""What the forms about staff send. Their faults are sentences for people, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, pre_load
from marshmallow.validate import Length

from lms.core.i18n import _l
from lms.core.schemas import READABLE, Message
from lms.signin.roles import Role

_NO_ROLE = {"required": _l("Choose a role."), "null": _l("Choose a role."), "unknown": _l("Choose a role.")}
_NO_NAME = {"required": _l("Write who is invited."), "null": _l("Write who is invited.")}
_NO_DAY = {"invalid": _l("Choose a day of the calendar.")}


class PostForm(Message):
    """A role to give."""

    role = fields.Enum(Role, by_value=True, required=True, error_messages=_NO_ROLE)
    organisation = fields.String(load_default=None, allow_none=True, validate=Length(max=36))
    ends_on = fields.Date(load_default=None, allow_none=True, error_messages=_NO_DAY)

    @pre_load
    def _leave_out_empty(self, data: Mapping[str, Any], **_more: object) -> dict[str, Any]:
        """A form sends what was left open as an empty text."""
        return {name: text.strip() or None for name, text in data.items()}


class InvitationForm(PostForm):
    """Somebody to invite, with the role to give."""

    name = fields.String(
        required=True,
        error_messages=_NO_NAME,
        validate=[Length(max=255, error=_l("At most 255 characters.")), READABLE],
    )
