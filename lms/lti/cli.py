"""``flask lti``: what an administrator does where no page is."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import click
from flask.cli import AppGroup

from lms.core import audit, settings
from lms.core import keys as signing_keys
from lms.core.db import reading, transaction
from lms.core.errors import Invalid, Problem
from lms.lti import algorithms, doctor, invitations, keys, registration_settings, registrations
from lms.lti.findings import Finding, Report
from lms.lti.models import Deployment, Registration
from lms.lti.registrations import POLICIES

cli = AppGroup("lti", help="Platforms (LMSs) that may launch Bilim, and the keys that prove to them who we are.")
ACTOR = "command-line"


@cli.command("add-platform")
@click.option("--issuer", required=True, help="The platform's issuer, exactly as it writes it.")
@click.option("--client-id", required=True, help="The client id that the platform gave us.")
@click.option("--auth-url", required=True, help="Its OIDC authentication request address.")
@click.option("--token-url", required=True, help="Its access token address.")
@click.option("--jwks-url", required=True, help="Its public key set.")
@click.option("--deployment", "deployments", multiple=True, help="A deployment id to take; may be given several times.")
@click.option("--policy", "deployment_policy", type=click.Choice(POLICIES),
              help="What to do with a deployment that is not known; closed if never said.")  # fmt: skip
@click.option("--name", help="How people call this platform.")
@click.option("--token-audience", help="The audience of token requests, where it is not the token address.")
@click.option("--algorithm", "algorithm_names", multiple=True, type=click.Choice(algorithms.KNOWN),
              help="By what it may sign; may be given several times; RS256 if never said.")  # fmt: skip
@click.option("--family", "family_override", type=click.Choice(registration_settings.FAMILIES),
              help="Its product, where it does not say so itself.")  # fmt: skip
@click.option(
    "--leeway", "leeway_seconds", type=int, help="By how many seconds its clock may differ; 120 if never said."
)
@click.option("--anonymous/--no-anonymous", "allows_anonymous", default=None,
              help="Whether people whom it does not name may look; nothing is kept of them.")  # fmt: skip
def add_platform(
    issuer: str, client_id: str, deployments: tuple[str, ...], algorithm_names: tuple[str, ...], **given: Any
) -> None:
    """Let a platform launch us, or change what we know of it. Prints what the platform has to be told.

    What is not given stays as it is.
    """
    said = {name: value for name, value in given.items() if value is not None}
    values = _checked({**said, **({"algorithms": list(algorithm_names)} if algorithm_names else {})})
    with transaction():
        registration = registrations.put(issuer, client_id, values, actor=ACTOR)
        for deployment_id in deployments:
            registrations.approve(registration, deployment_id, actor=ACTOR)
    click.echo(json.dumps(_card(registration, deployments), indent=2))


@cli.command("list")
def show_platforms() -> None:
    """Print all platforms, one line each: id, state, issuer, client id, policy, places, places that wait, people."""
    with reading():
        for each in registrations.listed():
            row = each.registration
            numbers = f"{each.deployments} {each.waiting} {each.people}"
            click.echo(f"{row.id} {row.state} {row.issuer} {row.client_id} {row.deployment_policy} {numbers}")
            for place in registrations.deployments_of(row):
                click.echo(f"  deployment {place.deployment_id} {_state_of(place)}")


@cli.command("approve-deployment")
@click.argument("registration_id")
@click.argument("deployment_id")
@click.option("--refuse", is_flag=True, help="Say no instead.")
def approve_deployment(registration_id: str, deployment_id: str, *, refuse: bool) -> None:
    """Take one place of a platform, whether or not anybody came from there, or refuse it."""
    with _decision(registration_id) as row:
        if refuse:
            registrations.refuse(row, deployment_id, actor=ACTOR)
        else:
            registrations.approve(row, deployment_id, actor=ACTOR)
    click.echo("refused" if refuse else "approved")


@cli.command("confirm")
@click.argument("registration_id")
def confirm(registration_id: str) -> None:
    """Say that a platform which registered by itself is who it says, or take the new values that it sent."""
    with _decision(registration_id) as row:
        registrations.confirm(row, actor=ACTOR)
    click.echo(row.state)


@cli.command("disable")
@click.argument("registration_id")
def disable(registration_id: str) -> None:
    """Let a platform launch nothing until it is enabled; ends its open pages. Records stay."""
    with _decision(registration_id) as row:
        registrations.disable(row, actor=ACTOR)
    click.echo(row.state)


@cli.command("enable")
@click.argument("registration_id")
def enable(registration_id: str) -> None:
    """Let a platform launch again."""
    with _decision(registration_id) as row:
        registrations.enable(row, actor=ACTOR)
    click.echo(row.state)


@cli.command("delete")
@click.argument("registration_id")
def delete(registration_id: str) -> None:
    """Close a platform for good. Records of people stay; add-platform with the same ids opens it again."""
    with _decision(registration_id) as row:
        registrations.delete_platform(row, actor=ACTOR)
    click.echo(row.state)


@cli.command("invite")
@click.option("--note", default="", help="For which platform.")
@click.option("--days", type=click.IntRange(1, 90), default=7, show_default=True, help="How long it is good.")
@click.option("--policy", type=click.Choice(POLICIES), default="approve", show_default=True,
              help="What the new registration does with a deployment that is not known.")  # fmt: skip
def invite(note: str, days: int, policy: str) -> None:
    """Print an address at which one platform can register by itself, once. It waits for your confirmation then."""
    with transaction():
        row, address = invitations.invite(note=note, actor=ACTOR, policy=policy, life=timedelta(days=days))
    card = {"invitation": row.id, "register_url": address, "expires_at": row.expires_at.isoformat()}
    click.echo(json.dumps(card, indent=2))


@cli.command("doctor")
@click.argument("registration_id", required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def examine(registration_id: str | None, *, as_json: bool) -> None:
    """Find out what does not work with a platform, or with all of them, and who must change what where.

    Calls the platforms. Ends with 1 if one has a problem, else with 0.
    """
    try:
        reports = [doctor.look_at(each) for each in ([registration_id] if registration_id else doctor.everybody())]
    except Problem as problem:
        raise click.ClickException(f"{problem.sentence} ({problem.code})") from problem
    is_healthy = all(report.is_healthy for report in reports)
    if as_json:
        told = {"healthy": is_healthy, "platforms": [report.as_json() for report in reports]}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        click.echo("\n\n".join(_told(report) for report in reports) or "No platform is registered.")
    raise SystemExit(0 if is_healthy else 1)


@cli.command("rotate-keys")
def rotate_keys() -> None:
    """Publish the next signing key now. It signs from a day later, when platforms have seen it."""
    with transaction():
        key = signing_keys.publish_next(keys.USE, actor=ACTOR)
    click.echo(json.dumps({"kid": key.kid, "signs_from": key.active_from.isoformat()}, indent=2))


@cli.command("withdraw-key")
@click.argument("kid")
def withdraw_key(kid: str) -> None:
    """Stop using and publishing a key at once, because its private part is in other hands. Another signs from now on."""
    with transaction():
        if kid not in {row.kid for row in signing_keys.history(keys.USE)}:
            raise click.ClickException(f"no key has the id {kid}")
        signing_keys.withdraw(kid)
        audit.record("lti.key-withdrawn", subject=kid, actor=ACTOR)
        now = signing_keys.signing_now(keys.USE)
    click.echo(json.dumps({"withdrawn": kid, "signs_now": now}, indent=2))


def _told(report: Report) -> str:
    row = report.registration
    lines = [f"{row.name or row.client_id} {row.issuer} {row.id}", *(_line(finding) for finding in report.findings)]
    return "\n".join([*lines, "healthy" if report.is_healthy else "not healthy"])


def _line(finding: Finding) -> str:
    told = f"{finding.severity:9} {finding.code}: {finding.what}"
    return f"{told}\n          {finding.cure}" if finding.cure else told


@contextmanager
def _decision(registration_id: str) -> Iterator[Registration]:
    """A transaction about one registration; what is refused is said in a line."""
    try:
        with transaction():
            yield registrations.find(registration_id)
    except Problem as problem:
        raise click.ClickException(f"{problem.sentence} ({problem.code})") from problem


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    try:
        return registration_settings.checked(given)
    except Invalid as invalid:
        raise click.ClickException(f"{invalid.sentence} {json.dumps(invalid.fields)}") from invalid


def _state_of(place: Deployment) -> str:
    if place.is_approved:
        return "approved"
    return "refused" if place.refused_at else "waiting"


def _card(registration: Registration, deployments: tuple[str, ...]) -> dict[str, Any]:
    ours = settings.current().public_url
    return {
        "registration": registration.id,
        "issuer": registration.issuer,
        "client_id": registration.client_id,
        "deployments": list(deployments),
        "policy": registration.deployment_policy,
        "login_url": f"{ours}/lti/login",
        "launch_url": f"{ours}/lti/launch",
        "redirect_uris": [f"{ours}/lti/launch"],
        "jwks_url": f"{ours}/lti/jwks.json",
    }
