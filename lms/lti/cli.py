"""``flask lti``: what an administrator does where no page is."""

import json
from typing import Any

import click
from flask.cli import AppGroup

from lms.core import audit, settings
from lms.core import keys as signing_keys
from lms.core.db import insert_once, transaction
from lms.lti import keys
from lms.lti.models import Deployment, Registration

cli = AppGroup("lti", help="Platforms (LMSs) that may launch Bilim, and the keys that prove to them who we are.")
ACTOR = "command-line"


@cli.command("add-platform")
@click.option("--issuer", required=True, help="The platform's issuer, exactly as it writes it.")
@click.option("--client-id", required=True, help="The client id that the platform gave us.")
@click.option("--auth-url", required=True, help="Its OIDC authentication request address.")
@click.option("--token-url", required=True, help="Its access token address.")
@click.option("--jwks-url", required=True, help="Its public key set.")
@click.option("--deployment", "deployments", multiple=True, help="A deployment id to take; may be given several times.")
@click.option("--policy", "deployment_policy", type=click.Choice(["closed", "approve", "open"]),
              help="What to do with a deployment that is not known; closed if never said.")  # fmt: skip
@click.option("--name", help="How people call this platform.")
def add_platform(deployments: tuple[str, ...], **values: Any) -> None:
    """Let a platform launch us, or change what we know of it. Prints what the platform has to be told.

    What is not given stays as it is.
    """
    with transaction():
        registration = _registered({name: value for name, value in values.items() if value is not None})
        for deployment_id in deployments:
            _approve(registration, deployment_id)
        signing_keys.ensure(keys.USE)
        audit.record("lti.platform-set", subject=registration.id, actor=ACTOR, issuer=registration.issuer)
    click.echo(json.dumps(_card(registration, deployments), indent=2))


@cli.command("rotate-keys")
def rotate_keys() -> None:
    """Publish the next signing key now. It signs from a day later, when platforms have seen it."""
    with transaction():
        signing_keys.ensure(keys.USE)
        key = signing_keys.rotate(keys.USE)
        audit.record("lti.key-rotated", subject=key.kid, actor=ACTOR)
    click.echo(json.dumps({"kid": key.kid, "signs_from": key.active_from.isoformat()}, indent=2))


def _registered(values: dict[str, Any]) -> Registration:
    unique = {name: values.pop(name) for name in ("issuer", "client_id")}
    registration, created = insert_once(Registration, unique, values)
    if not created:
        for name, value in values.items():
            setattr(registration, name, value)
    return registration


def _approve(registration: Registration, deployment_id: str) -> None:
    unique = {"registration_id": registration.id, "deployment_id": deployment_id}
    deployment, _created = insert_once(Deployment, unique, {"is_approved": True})
    deployment.is_approved = True


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
