"""Our list for other nodes, open to all; and the nodes that we trust, for platform administrators."""

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certificates.network import issuer_list, nodes, publishing
from certificates.network.models import Node
from lms.core import clock
from lms.core.errors import Problem
from lms.core.i18n import _, pick
from lms.core.web import limiter, writes

LIST_TYPE = "application/jwt"
KEPT_SECONDS = 3600
FIELD_OF = {"node-fingerprint-differs": "fingerprint"}
"""Beside which field a fault is shown."""

public = Blueprint("network", __name__, template_folder="../templates")
administration = Blueprint("network_administration", __name__, template_folder="../templates")


@public.get(issuer_list.PATH)
@limiter.limit("60/minute")
@writes
def ours() -> Response:
    """Who issues here, and every key that ever signed a credential (the first call makes the key that signs this)."""
    answer = Response(publishing.composed(), mimetype=LIST_TYPE)
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


@administration.get("/")
@writes
def listing() -> str:
    """Our own fingerprint, the nodes that we trust, and a form for another."""
    return _page({})


@administration.post("/")
@limiter.limit("20/minute")
def add() -> ResponseReturnValue:
    """Trust another node, whose fingerprint was compared."""
    try:
        nodes.add(request.form.get("address", ""), request.form.get("fingerprint", ""), actor=g.actor)
    except Problem as problem:
        return _page({FIELD_OF.get(problem.code, "address"): problem.sentence}), problem.status
    flash(_("The node is trusted. Its credentials can be verified here from now on."), "success")
    return _back()


@administration.post("/<node_id>/ask")
@limiter.limit("20/minute")
def ask(node_id: str) -> ResponseReturnValue:
    """Fetch its list now."""
    if nodes.ask(node_id):
        flash(_("The node did not answer as it should. The list that we have is kept."), "error")
    else:
        flash(_("The list of the node is new."), "success")
    return _back()


@administration.post("/<node_id>/remove")
def remove(node_id: str) -> ResponseReturnValue:
    """Trust it no more."""
    nodes.remove(node_id, actor=g.actor)
    flash(_("The node is trusted no more."), "success")
    return _back()


def _page(faults: dict[str, object]) -> str:
    return render_template(
        "certificates/network/nodes.html",
        nodes=[_told(row) for row in nodes.listed()],
        fingerprint=issuer_list.shown(publishing.fingerprint()),
        faults=faults,
        given=request.form,
    )


def _told(row: Node) -> dict[str, object]:
    said = nodes.list_of(row)
    return {
        "row": row,
        "bodies": [pick(body.names) for body in said.bodies.values()],
        "is_old": said.expires_at < clock.now(),
    }


def _back() -> ResponseReturnValue:
    return redirect(url_for("network_administration.listing"), 303)
