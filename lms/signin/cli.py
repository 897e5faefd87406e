"""``flask staff``: the first administrator, and the way in when the sign-in provider is away."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from flask.cli import AppGroup
from sqlalchemy import select

from lms.core import clock, settings
from lms.core.db import db, reading, transaction
from lms.core.errors import Invalid, Problem
from lms.organisations.models import Organisation
from lms.signin import invitations, links, members, roles
from lms.signin.members import Post
from lms.signin.models import StaffMember
from lms.signin.roles import Role

ACTOR = "operator:command-line"

cli = AppGroup("staff", help="People who administer Bilim.")


@cli.command("break-glass")
@click.option("--name", default="Operator", show_default=True, help="Name of the new platform administrator.")
@click.option("--staff", "staff_id", help="Id of a member of staff who is there already; comes in with the roles held.")
def break_glass(name: str, staff_id: str | None) -> None:
    """Print a link that signs in once, within minutes, without the provider: as a new platform administrator, or as
    somebody who is there already.
    """
    with _told(), transaction():
        member = members.find(staff_id) if staff_id else _new_administrator(name)
        address = links.make(member.id, actor=ACTOR)
        until = clock.now() + links.LIFE
    _show({"staff": member.id, "link": address, "good_until": until.isoformat()})


@cli.command("invite")
@click.option("--name", required=True, help="Who is invited, so that the list of invitations can be read.")
@click.option("--role", required=True, type=click.Choice([str(role) for role in Role]))
@click.option("--organisation", "code", help="Code of the organisation in which the role is held.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the role; guests must have one.")
def invite(name: str, role: str, code: str | None, until: datetime | None) -> None:
    """Print a link by which one person takes up a role, after signing in at the provider."""
    with _told(), transaction():
        post = Post(Role(role), _organisation_id(code), members.end_of(until.date()) if until else None)
        invitation, address = invitations.invite(name, post, actor=ACTOR)
    _show({"invitation": invitation.id, "link": address, "good_until": invitation.expires_at.isoformat()})


@cli.command("admit")
@click.option("--subject", required=True, help="What the sign-in provider calls this person (sub).")
@click.option("--name", required=True, help="Until the provider sends another.")
@click.option("--role", required=True, type=click.Choice([str(role) for role in Role]))
@click.option("--organisation", "code", help="Code of the organisation in which the role is held.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the role; guests must have one.")
def admit(subject: str, name: str, role: str, code: str | None, until: datetime | None) -> None:
    """Give a role to somebody whose number at the provider you know: then no invitation is needed."""
    issuer = settings.current().staff_issuer
    if not issuer:
        raise click.ClickException("BILIM_STAFF_ISSUER is not set: there is no provider that could know this person.")
    with _told(), transaction():
        post = _checked(Post(Role(role), _organisation_id(code), members.end_of(until.date()) if until else None))
        known = members.known_as(issuer, subject)
        member = known or members.admit(name, actor=ACTOR, issuer=issuer, subject=subject)
        members.give(member, post, actor=ACTOR)
    _show({"staff": member.id, "role": role})


@cli.command("disable")
@click.argument("staff_id")
def disable(staff_id: str) -> None:
    """Turn an account off at once, with all its sessions."""
    with _told(), transaction():
        members.disable(members.find(staff_id), actor=ACTOR)
    click.echo("disabled")


@cli.command("list")
def list_staff() -> None:
    """Print all members of staff, one line each, with the roles held now."""
    with reading():
        for member in db.session.scalars(select(StaffMember).order_by(StaffMember.created_at)):
            state = "disabled" if member.disabled_at else "enabled"
            held = ",".join(sorted(grant.role for grant in member.grants)) or "-"
            click.echo(f"{member.id} {state} {held} {member.name}")


def _new_administrator(name: str) -> StaffMember:
    member = members.admit(name, actor=ACTOR)
    members.give(member, Post(roles.PLATFORM_ADMINISTRATOR, organisation_id=None, ends_at=None), actor=ACTOR)
    return member


def _checked(post: Post) -> Post:
    members.refuse_wrong_post(post)
    return post


def _organisation_id(code: str | None) -> str | None:
    if code is None:
        return None
    found = db.session.scalar(select(Organisation.id).filter_by(code=code))
    if found is None:
        raise click.ClickException(f"There is no organisation with the code {code}.")
    return found


@contextmanager
def _told() -> Iterator[None]:
    """A problem is told in its sentences, not by a traceback."""
    try:
        yield
    except Invalid as problem:
        raise click.ClickException(" ".join(str(fault) for fault in problem.fields.values())) from problem
    except Problem as problem:
        raise click.ClickException(str(problem.sentence)) from problem


def _show(card: dict[str, object]) -> None:
    click.echo(json.dumps(card, ensure_ascii=False, indent=2))
