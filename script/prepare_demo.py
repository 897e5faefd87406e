"""Prepares the demo's installation: migrations, invented people and organisations, modules, keys, the sandbox's registration.

Everything in it may run again; what is there already stays.
"""

import sys
from pathlib import Path

from flask_migrate import upgrade

from lms.core import settings
from lms.core.web import Bilim
from lms.sandbox import addresses, openid
from lms.sandbox import demo as sandbox
from lms.sandbox.staff import STAFF
from wsgi import create_app

ACADEMY = "demonstration-academy"
SCOPES = ("completions:write", "certificates:read", "records:read", "plans:read")


def prepare(content: Path | None = None) -> None:
    """Make the installation of the present settings ready to start.

    :param content: a folder of modules to teach in the place of the product's own.
    """
    app = create_app()
    with app.app_context():
        upgrade()
        run(app, "organisations", "load", str(Path("lms/organisations/demo.yaml")))
        run(app, "organisations", "load", str(Path("lms/organisations/network.yaml")))
        run(app, "courses", "load", *([str(content)] if content else []))
        run(app, "courses", "load-demo-cohorts")
        run(app, "certificates", "make-authority")
        run(app, "lti", "add-platform", *platform_options(settings.current().sandbox_url))
        admit_staff(app)
        make_client(app, settings.current().instance / "oauth-client.json")


def platform_options(sandbox_url: str) -> list[str]:
    """How the sandbox is registered with the tool."""
    return [
        *("--issuer", sandbox_url),
        *("--client-id", sandbox.CLIENT_ID),
        *("--auth-url", f"{sandbox_url}{addresses.AUTHORIZE_PATH}"),
        *("--token-url", f"{sandbox_url}{addresses.TOKEN_PATH}"),
        *("--jwks-url", f"{sandbox_url}{addresses.JWKS_PATH}"),
        *("--deployment", sandbox.DEPLOYMENT_ID),
        *("--name", "Sandbox"),
    ]


def admit_staff(app: Bilim) -> None:
    """The invented staff whom the sandbox's sign-in service knows; nobody if another service is set."""
    if settings.current().staff_issuer != f"{settings.current().sandbox_url}{openid.PREFIX}":
        return
    for person in (each for each in STAFF if not each.is_invited_later):
        words = ["--subject", person.id, "--name", person.name, "--role", person.id]
        run(app, "staff", "admit", *words, *_where(person.id))


def _where(role: str) -> list[str]:
    return ["--organisation", ACADEMY] if role == "academy-administrator" else []


def make_client(app: Bilim, path: Path) -> None:
    """A program that may report completions, read certificates and see how far plans are filled; its secret is shown once, so it is kept beside."""
    if path.exists():
        return
    scopes = [part for scope in SCOPES for part in ("--scope", scope)]
    reach = ["--every-platform", "--every-module"]
    path.write_text(run(app, "oauth", "create-client", "--name", "Demonstration program", *scopes, *reach))
    path.chmod(0o600)


def run(app: Bilim, *words: str) -> str:
    """Run one command of the command line in this process."""
    result = app.test_cli_runner().invoke(args=list(words))
    if result.exit_code:
        sys.exit(f"flask {' '.join(words[:2])} failed:\n{result.output}\n{result.exception!r}")
    return result.output


if __name__ == "__main__":
    prepare(*map(Path, sys.argv[1:2]))
