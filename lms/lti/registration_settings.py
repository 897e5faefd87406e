"""What may be set for a registration, checked in one place for the command and for the page."""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load
from marshmallow.validate import Length, OneOf, Range

from lms.core.errors import Invalid
from lms.core.i18n import _l
from lms.lti import algorithms, platforms
from lms.lti.registration_configuration import LONGEST_ADDRESS, is_address
from lms.lti.registrations import LONGEST_LEEWAY, POLICIES

FAMILIES = ("", *platforms.FAMILIES)


class Settings(Schema):
    """Of one registration; what is not given is not changed."""

    class Meta:
        unknown = EXCLUDE

    name = fields.String(validate=Length(max=255))
    deployment_policy = fields.String(validate=OneOf(POLICIES))
    token_audience = fields.String(validate=Length(max=LONGEST_ADDRESS))
    algorithms = fields.List(fields.String(validate=OneOf(algorithms.KNOWN)), validate=Length(min=1))
    leeway_seconds = fields.Integer(validate=Range(min=0, max=int(LONGEST_LEEWAY.total_seconds())))
    family_override = fields.String(validate=OneOf(FAMILIES))
    allows_anonymous = fields.Boolean()

    @post_load
    def _as_kept(self, values: dict[str, Any], **_context: Any) -> dict[str, Any]:
        """Nothing is None where a registration says so; algorithms are one text."""
        for name in {"token_audience", "family_override"} & set(values):
            values[name] = values[name].strip() or None
        if "algorithms" in values:
            values["algorithms"] = algorithms.joined(values["algorithms"])
        return values


class Addresses(Schema):
    """By which a registration is made by hand."""

    class Meta:
        unknown = EXCLUDE

    auth_url = fields.String()
    token_url = fields.String()
    jwks_url = fields.String(validate=Length(max=500))


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """:raises Invalid: ``settings-not-valid`` with the faults by field."""
    try:
        loaded: dict[str, Any] = {**Settings().load(values), **Addresses().load(values)}
    except ValidationError as error:
        raise _invalid(error.normalized_messages()) from error  # type: ignore[no-untyped-call]
    wrong = [name for name in ("auth_url", "token_url", "jwks_url") if not _is_good(loaded.get(name))]
    if wrong:
        raise _invalid({name: ["Not a web address."] for name in wrong})
    return loaded


def _is_good(address: str | None) -> bool:
    return address is None or is_address(address, LONGEST_ADDRESS)


def _invalid(faults: dict[str, Any]) -> Invalid:
    return Invalid(
        "settings-not-valid", _l("Some values are not possible. Correct them and save again."), fields=faults
    )
