"""Pages for platform administrators: which programs may use the API, for what, and since when nobody heard of them."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms.core import keys as signing_keys
from lms.core.errors import Invalid
from lms.core.i18n import _, pick
from lms.oauth import client_keys, client_secrets, clients, reach, scopes, tokens
from lms.oauth.cli import PLATFORMS
from lms.oauth.client_keys import KeySource
from lms.oauth.models import Client
from lms.organisations import issuers

blueprint = Blueprint("oauth_administration", __name__, template_folder="templates")
FIELD_OF = {
    "name-missing": "name",
    "scope-unknown": "scope",
    "reach-missing": "reach",
    "reach-not-wanted": "reach",
    "platforms-not-valid": "reach",
    "modules-not-valid": "modules",
    "keys-not-valid": "jwks",
    "keys-address-not-valid": "jwks_uri",
}
"""Beside which field a fault is shown."""


@blueprint.get("/")
def listing() -> str:
    """All programs."""
    return render_template("oauth/clients.html", clients=clients.listed())


@blueprint.get("/new")
def new() -> str:
    """The form by which a program is admitted."""
    return _form({})


@blueprint.post("/new")
def admit() -> ResponseReturnValue:
    """Admit it; what is wrong is shown beside its field. The secret is shown on the answer and never again."""
    try:
        client, secret = _admitted()
    except Invalid as invalid:
        return _form({FIELD_OF.get(invalid.code, "name"): invalid.sentence}), invalid.status
    return _page(client, secret=secret)


@blueprint.get("/<client_id>")
def client(client_id: str) -> str:
    """One program."""
    return _page(clients.find(client_id))


@blueprint.post("/<client_id>/secrets")
def add_secret(client_id: str) -> ResponseReturnValue:
    """One more secret, shown on the answer and never again."""
    found = clients.find(client_id)
    return _page(found, secret=client_secrets.add(found, actor=g.actor))


@blueprint.post("/<client_id>/secrets/<secret_id>/retire")
def retire_secret(client_id: str, secret_id: str) -> ResponseReturnValue:
    """A secret that is not in use any more, or in other hands."""
    client_secrets.retire(client_id, secret_id, actor=g.actor)
    flash(_("The secret is good no more."), "success")
    return _back(client_id)


@blueprint.post("/<client_id>/reach")
def bind(client_id: str) -> ResponseReturnValue:
    """For which learning systems and modules it reports."""
    found = clients.find(client_id)
    try:
        clients.bind(found, platforms=_platforms_chosen(), modules=_modules_typed(), actor=g.actor)
    except Invalid as invalid:
        return _page(found, faults={FIELD_OF.get(invalid.code, "reach"): invalid.sentence}), invalid.status
    flash(_("The settings are saved."), "success")
    return _back(client_id)


@blueprint.post("/<client_id>/disable")
def disable(client_id: str) -> ResponseReturnValue:
    """Turn it off, with all its tokens."""
    clients.disable(client_id, actor=g.actor)
    flash(_("The program is turned off. Its tokens are good no more."), "success")
    return _back(client_id)


def _admitted() -> tuple[Client, str | None]:
    form = request.form
    admitted = clients.admit(
        name=form.get("name", ""),
        scope=form.getlist("scope"),
        actor=g.actor,
        platforms=_platforms_chosen(),
        modules=_modules_typed(),
        organisation_id=_organisation_chosen(),
        keys=_keys_given(),
    )
    signing_keys.ensure(tokens.KEY_USE, tokens.ALGORITHM)
    return admitted


def _platforms_chosen() -> list[str]:
    known: reach.Platforms = current_app.extensions[PLATFORMS]
    return reach.checked_platforms(request.form.getlist("platforms"), {platform_id for platform_id, _name in known()})


def _modules_typed() -> list[str]:
    if "every_module" in request.form:
        return [reach.EVERY]
    return reach.checked_modules(request.form.get("modules", "").replace(",", " ").split())


def _organisation_chosen() -> str | None:
    chosen = request.form.get("organisation_id", "")
    return chosen if chosen in {each.id for each in issuers.named(None)} else None


def _keys_given() -> KeySource | None:
    jwks, jwks_uri = request.form.get("jwks", "").strip(), request.form.get("jwks_uri", "").strip()
    return client_keys.source(jwks=jwks, jwks_uri=jwks_uri) if jwks or jwks_uri else None


def _back(client_id: str) -> ResponseReturnValue:
    return redirect(url_for("oauth_administration.client", client_id=client_id), 303)


def _form(faults: Mapping[str, object]) -> str:
    return render_template(
        "oauth/new_client.html",
        scopes=scopes.SCOPES,
        platforms=current_app.extensions[PLATFORMS](),
        organisations=[("", _("all organisations")), *((each.id, pick(each.names)) for each in issuers.named(None))],
        faults=faults,
        given=request.form,
        every=reach.EVERY,
    )


def _page(found: Client, *, secret: str | None = None, faults: Mapping[str, Any] | None = None) -> str:
    organisation = next((each for each in issuers.named(None) if each.id == found.organisation_id), None)
    return render_template(
        "oauth/client.html",
        client=found,
        secret=secret,
        secrets=client_secrets.of(found.id),
        scopes=[(scope, sentence) for scope, sentence in scopes.SCOPES.items() if scope in scopes.split(found.scope)],
        reports=scopes.COMPLETIONS_WRITE in scopes.split(found.scope),
        platforms=current_app.extensions[PLATFORMS](),
        organisation=organisation,
        token_url=f"{tokens.issuer()}/oauth/token",
        faults=faults or {},
        every=reach.EVERY,
    )
