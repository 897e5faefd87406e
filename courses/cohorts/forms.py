"""What the forms of the bureau send, field by field. Their faults are sentences for people."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_load, validates_schema
from marshmallow.validate import Email, Length, OneOf, Range, Regexp

from courses.cohorts import identity, wording
from courses.cohorts.criteria import Criteria
from lms.core.i18n import LANGUAGES, _l
from lms.core.schemas import READABLE, Message

_MISSING = _l("Fill in this field.")
_NUMBER = _l("Write a whole number.")
_DAY = _l("Choose a day of the calendar.")
_CHOICE = _l("Choose one.")
_NEEDED = {"required": _MISSING, "null": _MISSING}
MOST_PLACES = 100_000


class _Form(Message):
    @pre_load
    def _leave_out_empty(self, data: Mapping[str, Any], **_more: object) -> dict[str, Any]:
        """A form sends what was left open as an empty text."""
        return {name: value for name, value in data.items() if not isinstance(value, str) or value.strip()}


def _text(longest: int) -> fields.String:
    return fields.String(
        required=True, error_messages=_NEEDED, validate=[Length(max=longest, error=_l("This is too long.")), READABLE]
    )


def _count(least: int = 0, most: int = MOST_PLACES, **more: Any) -> fields.Integer:
    faults = {**_NEEDED, "invalid": _NUMBER}
    return fields.Integer(error_messages=faults, validate=Range(least, most, error=_NUMBER), **more)


def _day(**more: Any) -> fields.Date:
    return fields.Date(error_messages={**_NEEDED, "invalid": _DAY}, **more)


def _one_of(words: Mapping[str, object] | tuple[str, ...], **more: Any) -> fields.String:
    return fields.String(error_messages=_NEEDED, validate=OneOf(list(words), error=_CHOICE), **more)


class PlanForm(_Form):
    """A plan of places."""

    programme = fields.String(
        required=True,
        error_messages=_NEEDED,
        validate=Regexp(r"[a-z0-9][a-z0-9-]{1,78}$", error=_l("Small Latin letters, digits and hyphens.")),
    )
    title = _text(200)
    modules = fields.List(fields.String(validate=Length(max=80)), load_default=list)
    year = _count(2000, 2100, required=True)
    offered = _count(load_default=0)
    places = _count(1, required=True)
    least_women = _count(load_default=0)
    funded_by = fields.String(load_default="", validate=[Length(max=200, error=_l("This is too long.")), READABLE])


class QuotaForm(_Form):
    """Places for one share of a plan."""

    dimension = _one_of(wording.DIMENSIONS, required=True)
    share = _text(36)
    places = _count(required=True)

    @validates_schema
    def _refuse_unknown(self, data: Mapping[str, Any], **_more: object) -> None:
        known = {"region": wording.REGIONS, "level": wording.LEVELS}.get(data["dimension"])
        if known is not None and data["share"] not in known:
            raise ValidationError([str(_CHOICE)], "share")


class CallForm(_Form):
    """Dates of a call; its criteria are read by :class:`CriteriaForm`."""

    title = _text(200)
    opens_on = _day(required=True)
    closes_on = _day(required=True)


class CriteriaForm(_Form):
    """Conditions and points, in the form's flat names."""

    least_service_years = _count(0, 60, load_default=0)
    post_groups = fields.List(_one_of(wording.POST_GROUPS), load_default=list)
    languages = fields.List(_one_of(wording.SPOKEN), load_default=list)
    months_since_training = _count(0, 600, load_default=0)
    points_per_service_year = _count(0, 100, load_default=0)
    most_service_points = _count(0, 1000, load_default=0)
    never_trained_points = _count(0, 1000, load_default=0)
    local_points = _count(0, 1000, load_default=0)
    english_points = _count(0, 1000, load_default=0)
    chinese_points = _count(0, 1000, load_default=0)

    @post_load
    def _criteria(self, data: Mapping[str, Any], **_more: object) -> dict[str, Any]:
        values = dict(data)
        spoken = {"en": values.pop("english_points"), "zh": values.pop("chinese_points")}
        levels = {"local": values.pop("local_points")}
        post_groups, languages = tuple(values.pop("post_groups")), tuple(values.pop("languages"))
        made = Criteria(
            post_groups=post_groups,
            languages=languages,
            level_points=_given(levels),
            language_points=_given(spoken),
            **values,
        )
        return {"criteria": made}


def _given(points: Mapping[str, int]) -> dict[str, int]:
    return {key: value for key, value in points.items() if value}


class NominationForm(_Form):
    """A nominee with the consent."""

    name = _text(120)
    latin_name = fields.String(load_default=None, validate=[Length(max=120), READABLE])
    gender = _one_of(wording.GENDERS, required=True)
    region = _one_of(wording.REGIONS, required=True)
    level = _one_of(wording.LEVELS, required=True)
    agency_id = fields.String(required=True, error_messages=_NEEDED, validate=Length(max=36))
    post_group = _one_of(wording.POST_GROUPS, required=True)
    service_years = _count(0, 60, required=True)
    languages = fields.List(_one_of(wording.SPOKEN), load_default=list)
    last_training_on = _day(load_default=None, allow_none=True)
    email = fields.String(
        load_default=None, validate=[Length(max=254), Email(error=_l("This is not an e-mail address."))]
    )
    personal_number = fields.String(load_default=None)
    consent_language = _one_of(LANGUAGES, required=True)
    consented_on = _day(required=True)

    @validates_schema
    def _somebody(self, data: Mapping[str, Any], **_more: object) -> None:
        number = data["personal_number"]
        if number and not identity.is_personal_number(number):
            raise ValidationError([str(_l("A personal number has 14 digits."))], "personal_number")
        if not number and not data["email"]:
            raise ValidationError([str(_l("Write a personal number or an e-mail address."))], "personal_number")


class OrderForm(_Form):
    """An order."""

    number = _text(60)
    on = _day(required=True)


class DecisionForm(_Form):
    """A decision after the order."""

    nomination = _text(36)
    reason = _text(500)
    act = _text(60)


class CohortForm(_Form):
    """A cohort."""

    title = _text(200)
    starts_on = _day(required=True)
    ends_on = _day(required=True)
    places = _count(1, required=True)
    academy_id = fields.String(load_default=None, validate=Length(max=36))
    host_id = fields.String(load_default=None, validate=Length(max=36))

    @validates_schema
    def _in_order(self, data: Mapping[str, Any], **_more: object) -> None:
        if data["ends_on"] < data["starts_on"]:
            raise ValidationError([str(_l("The last day lies before the first."))], "ends_on")
