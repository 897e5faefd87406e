"""The tools that are registered here, and where they are deployed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from lms.core import clock
from lms.core.settings import Settings
from lms.sandbox import store, tokens
from lms.sandbox.demo import CLIENT_ID, DEPLOYMENT_ID
from lms.sandbox.models import Deployment, Link, Tool
from lms.sandbox.options import Option, value

CLAIMS = ["iss", "sub", "name", "given_name", "family_name", "email", "locale"]


@dataclass(frozen=True)
class Placement:
    """A tool in one of its deployments."""

    tool: Tool
    deployment_id: str


def enter_demo_tool(settings: Settings) -> None:
    """The tool at the public address, as an administrator would have typed it in; its addresses may have changed."""
    tool = find(CLIENT_ID)
    if tool is not None and tool.registration:
        return
    store.session().merge(described(CLIENT_ID, settings.public_url))
    store.session().flush()
    deploy(CLIENT_ID, DEPLOYMENT_ID)


def described(client_id: str, tool_url: str) -> Tool:
    """A registration of the product at an address, with everything allowed."""
    return Tool(
        client_id=client_id,
        name="Bilim",
        login_url=f"{tool_url}/lti/login",
        redirect_uris=[f"{tool_url}/lti/launch"],
        jwks_url=f"{tool_url}/lti/jwks.json",
        target_url=tool_url,
        deep_link_url=f"{tool_url}/lti/deep-link",
        privacy_url=f"{tool_url}/lti/launch",
        scope=" ".join(tokens.ALL_SCOPES),
        claims=CLAIMS,
        custom={},
        registration={},
        access_token_hash=None,
        registered_at=clock.now(),
    )


def find(client_id: str) -> Tool | None:
    """The tool with this client, if it is registered."""
    return store.session().get(Tool, client_id)


def everything() -> Sequence[Tool]:
    """All tools, the oldest first."""
    return store.session().scalars(select(Tool).order_by(Tool.registered_at, Tool.client_id)).all()


def deploy(client_id: str, deployment_id: str) -> None:
    """Deploy a tool once more; the same twice is one."""
    made = insert(Deployment).values(client_id=client_id, id=deployment_id)
    store.session().execute(made.on_conflict_do_nothing())


def deployments(client_id: str) -> Sequence[str]:
    """Where a tool is deployed."""
    statement = select(Deployment.id).where(Deployment.client_id == client_id).order_by(Deployment.id)
    return store.session().scalars(statement).all()


def is_deployed(client_id: str, deployment_id: str) -> bool:
    """Whether there is this deployment."""
    return store.session().get(Deployment, (client_id, deployment_id)) is not None


def switched_on() -> Placement | None:
    """The tool that the activities of the beginning open."""
    return placement(value(Option.CLIENT), value(Option.DEPLOYMENT))


def of_link(link: Link) -> Placement | None:
    """The tool to which an activity belongs."""
    if link.client_id is None or link.deployment_id is None:
        return switched_on()
    return placement(link.client_id, link.deployment_id)


def placement(client_id: str, deployment_id: str) -> Placement | None:
    """This tool in this deployment, if there is such a thing."""
    tool = find(client_id)
    return Placement(tool, deployment_id) if tool and is_deployed(client_id, deployment_id) else None
