"""Organisations from a YAML file that the operator writes: ``flask organisations load FILE``.

Loading again changes what the file changed and nothing else; what a file no longer names stays.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click
import yaml
from flask.cli import AppGroup
from marshmallow import fields, validate
from sqlalchemy import delete, select

from lms.core import audit, schemas
from lms.core.db import db, insert_once, transaction
from lms.core.errors import Invalid, Problem
from lms.core.i18n import LANGUAGES, _l
from lms.organisations import issuers
from lms.organisations.kinds import Kind
from lms.organisations.models import JointIssuer, Organisation, Series, Signer

DEMO = Path(__file__).parent / "demo.yaml"
"""An invented academy."""
NETWORK = DEMO.with_name("network.yaml")
"""The academies of the network and their hub, which number nothing."""

cli = AppGroup("organisations", help="The bodies that issue certificates.")


class _Day(fields.Date):
    """YAML reads days by itself."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> date:
        return value if isinstance(value, date) else super()._deserialize(value, attr, data, **options)


_Texts = schemas.Request.from_dict(
    {language: fields.String(required=True, validate=validate.Length(min=1)) for language in LANGUAGES}
)


class _Signer(schemas.Request):
    name = fields.Nested(_Texts, required=True)
    post = fields.Nested(_Texts, required=True)
    valid_from = _Day(required=True)
    valid_until = _Day(load_default=None, allow_none=True)


class _Successor(schemas.Request):
    code = fields.String(required=True)
    act = fields.String(required=True)
    date = _Day(required=True)


class _Validity(schemas.Request):
    code = fields.String(required=True, validate=validate.Regexp(r"[A-Z]{1,10}$"))
    valid_for_months = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(min=1, max=600)
    )
    transcript = fields.Boolean(load_default=False)


class _Series(fields.Field[Mapping[str, Any]]):
    """``PM``, or with more: ``{code: PM, valid_for_months: 36, transcript: true}``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Mapping[str, Any]:
        described: Mapping[str, Any] = _Validity().load({"code": value} if isinstance(value, str) else value)
        return described


class _Organisation(schemas.Request):
    code = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9-]{2,40}$"))
    country = fields.String(required=True, validate=validate.Regexp(r"[A-Z]{2}$"))
    names = fields.Nested(_Texts, required=True)
    kind = fields.String(load_default=Kind.ACADEMY, validate=validate.OneOf([kind.value for kind in Kind]))
    series = fields.List(_Series(), load_default=list)
    signers = fields.List(fields.Nested(_Signer), load_default=list)
    successor = fields.Nested(_Successor, load_default=None, allow_none=True)
    joint = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String(), validate=validate.Length(max=1)), load_default=dict
    )
    """By series, the organisation that issues together with this one. A page has room for two signatures."""


class _File(schemas.Request):
    organisations = fields.List(fields.Nested(_Organisation), required=True)


def load(text: str) -> list[Organisation]:
    """Make what the file describes true, in the caller's transaction.

    :raises Invalid: ``file-not-readable`` if it is not YAML, ``values-not-valid`` with the faults by place,
        ``series-taken`` if another organisation numbers a series, ``successor-unknown``, ``joint-issuer-unknown``.
    """
    described = schemas.load(_File(), _parsed(text))["organisations"]
    organisations = [_keep(facts) for facts in described]
    for organisation, facts in zip(organisations, described, strict=True):
        _keep_successor(organisation, facts["successor"])
        _keep_joint_issuers(organisation, facts["joint"])
    return organisations


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        parsed = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Invalid("file-not-readable", _l("The file is not YAML. Correct it and load it again.")) from error
    return parsed if isinstance(parsed, dict) else {}


def _keep(facts: Mapping[str, Any]) -> Organisation:
    present = {name: facts[name] for name in ("country", "names", "kind")}
    organisation, is_new = insert_once(Organisation, {"code": facts["code"]}, present)
    if is_new:
        audit.record("organisation.loaded", subject=f"organisation:{organisation.code}", actor="operator")
    organisation.country, organisation.names, organisation.kind = facts["country"], facts["names"], facts["kind"]
    for described in facts["series"]:
        _keep_series(organisation, **described)
    for signer in facts["signers"]:
        _keep_signer(organisation, signer)
    return organisation


def _keep_series(organisation: Organisation, *, code: str, valid_for_months: int | None, transcript: bool) -> None:
    key = {"country": organisation.country, "code": code}
    series, _is_new = insert_once(Series, key, {"organisation_id": organisation.id})
    if series.organisation_id != organisation.id:
        raise Invalid("series-taken", _l("Another organisation numbers this series already."), series=code)
    series.valid_for_months, series.has_transcript = valid_for_months, transcript


def _keep_signer(organisation: Organisation, facts: Mapping[str, Any]) -> None:
    key = {"organisation_id": organisation.id, "valid_from": facts["valid_from"]}
    present = {name: facts[name] for name in ("name", "post", "valid_until")}
    signer, _is_new = insert_once(Signer, key, present)
    signer.name, signer.post, signer.valid_until = facts["name"], facts["post"], facts["valid_until"]


def _keep_successor(organisation: Organisation, facts: Mapping[str, Any] | None) -> None:
    if facts is None:
        return
    successor = db.session.scalar(select(Organisation).filter_by(code=facts["code"]))
    if successor is None or successor.id == organisation.id:
        raise Invalid("successor-unknown", _l("The successor is not a known organisation."), successor=facts["code"])
    organisation.successor_id = successor.id
    organisation.succession_act, organisation.succession_date = facts["act"], facts["date"]


def _keep_joint_issuers(organisation: Organisation, codes_by_series: Mapping[str, list[str]]) -> None:
    """What the file says of a series replaces what was known of it."""
    for series_code, codes in codes_by_series.items():
        series = db.session.scalar(select(Series).filter_by(code=series_code, organisation_id=organisation.id))
        others = db.session.scalars(select(Organisation).where(Organisation.code.in_(codes))).all()
        if series is None or len(others) != len(set(codes)) or organisation in others:
            raise Invalid(
                "joint-issuer-unknown",
                _l("A series or an organisation that issues jointly is not known."),
                series=series_code,
                organisations=codes,
            )
        db.session.execute(delete(JointIssuer).where(JointIssuer.series_id == series.id))
        db.session.add_all(JointIssuer(series_id=series.id, organisation_id=other.id) for other in others)


@cli.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def _load(file: Path) -> None:
    """Read organisations, their signers and their series from a YAML file."""
    try:
        with transaction():
            loaded = load(file.read_text("utf-8"))
    except Problem as problem:
        fields = getattr(problem, "fields", None) or dict(problem.facts)
        raise click.ClickException(f"{file}: {problem.sentence} {fields}") from problem
    click.echo(f"{len(loaded)} organisations are known: {', '.join(row.code for row in loaded)}")


@cli.command("assign")
@click.argument("registration_id")
@click.argument("code")
def _assign(registration_id: str, code: str) -> None:
    """Say which organisation answers for the learners of a platform; needed where several number the same series."""
    with transaction():
        organisation = db.session.scalar(select(Organisation).filter_by(code=code))
        if organisation is None:
            raise click.ClickException(f"no organisation has the code {code}")
        issuers.assign(registration_id, organisation, actor="operator")
    click.echo(f"{code} answers for the learners of {registration_id}")
