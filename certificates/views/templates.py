"""For administrators of an academy: make a template, try it, publish it. What is published never changes."""

from base64 import b64encode

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certificates import file_names, lookup
from certificates.layout import Layout, built_in
from certificates.snapshot import Snapshot
from certificates.studio import examples, packing, signatures, trial, versions
from certificates.studio.findings import sentence_of
from certificates.studio.models import TemplateVersion, VersionState
from certificates.studio.trial import Trial
from lms.core import clock, vault
from lms.core.errors import BadRequest, Invalid, NotFound, Problem, TooLarge
from lms.core.i18n import _, _l
from lms.core.problems import wants_json
from lms.organisations import issuers
from lms.organisations.models import Organisation
from lms.signin import guard
from lms.signin.roles import ACADEMY_ADMINISTRATOR

blueprint = Blueprint(
    "certificate_templates",
    __name__,
    template_folder="../templates",
    static_folder="../static",
    static_url_path="/static",
)
TAGS = {VersionState.DRAFT: "now", VersionState.PUBLISHED: "good", VersionState.RETIRED: "neutral"}
STATES = {
    VersionState.DRAFT: _l("Draft"),
    VersionState.PUBLISHED: _l("In use"),
    VersionState.RETIRED: _l("Retired"),
}
EXAMPLES = {
    "short": _l("A short one"),
    "long": _l("The longest names and titles"),
    "full": _l("Joint issue, signatures and a supplement"),
    "foreign": _l("A name without Cyrillic"),
}
_PROOF = "template-trial"


@blueprint.get("/")
def listing() -> str:
    """The templates of the organisations in which one is administrator, and how to begin another one."""
    return render_template(
        "certificates/templates/list.html",
        organisations=[(body, versions.of_organisation(body.id), versions.in_use(body.id)) for body in _own()],
        states=STATES,
        tags=TAGS,
    )


@blueprint.post("/drafts")
def begin() -> ResponseReturnValue:
    """A new draft: from another version, or from the template of the product."""
    organisation = _own_organisation(request.form.get("organisation", ""))
    layout, title = built_in(), request.form.get("title", "")
    if (base_id := request.form.get("base")) is not None:
        base = _own_version(base_id)
        layout, title = versions.layout_of_version(base), title or base.title
    made = versions.draft(organisation.id, title=title, layout=layout, actor=guard.current().actor)
    return redirect(url_for("certificate_templates.one", version_id=made.id), 303)


@blueprint.post("/packages")
def bring_in() -> ResponseReturnValue:
    """A draft from a package."""
    organisation = _own_organisation(request.form.get("organisation", ""))
    package = packing.unpack(_uploaded(packing.MAX_PACKAGE_BYTES))
    made = versions.draft(organisation.id, title=package.title, layout=package.layout, actor=guard.current().actor)
    flash(_("The package became a draft."), "success")
    return redirect(url_for("certificate_templates.one", version_id=made.id), 303)


@blueprint.get("/<version_id>")
def one(version_id: str) -> str:
    """A draft to work on, or a published version to look at."""
    return _page(_own_version(version_id))


@blueprint.post("/<version_id>")
def save(version_id: str) -> ResponseReturnValue:
    """Keep what was typed; the page does so by itself while somebody types."""
    version = _own_version(version_id)
    typed = {name: request.form.get(name, "").replace("\r\n", "\n") for name in ("title", "page", "style", "frame")}
    try:
        versions.change(version, **typed)
    except Invalid as fault:
        if wants_json():
            raise
        return _page(version, typed=typed, fault=fault), 422
    saved = _("Saved %(time)s", time=f"{clock.now():%H:%M:%S} UTC")
    if wants_json():
        return {"saved": saved}
    flash(saved, "success")
    return redirect(url_for("certificate_templates.one", version_id=version.id), 303)


@blueprint.post("/<version_id>/pictures")
def add_picture(version_id: str) -> ResponseReturnValue:
    """Put a picture into a draft."""
    version = _own_version(version_id)
    file = request.files.get("file")
    name = (file.filename or "").lower() if file else ""
    versions.add_picture(version, name, _uploaded(signatures.MAX_BYTES))
    return redirect(url_for("certificate_templates.one", version_id=version.id, _anchor="pictures"), 303)


@blueprint.post("/<version_id>/pictures/<name>/remove")
def remove_picture(version_id: str, name: str) -> ResponseReturnValue:
    """Take a picture out of a draft."""
    version = _own_version(version_id)
    versions.remove_picture(version, name)
    return redirect(url_for("certificate_templates.one", version_id=version.id, _anchor="pictures"), 303)


@blueprint.get("/<version_id>/preview")
def preview(version_id: str) -> str:
    """How it looks with an invented certificate, or with one of the organisation: pictures, and what is wrong."""
    version = _own_version(version_id)
    tried = _tried(version)
    return render_template(
        "certificates/templates/_preview.html" if "part" in request.args else "certificates/templates/preview.html",
        version=version,
        pages=[b64encode(page).decode() for page in tried.pages],
        findings=_told(tried),
        examples=EXAMPLES,
    )


@blueprint.get("/<version_id>/preview.pdf")
def preview_file(version_id: str) -> Response:
    """The same as a file, to print it. It has no seal."""
    tried = _tried(_own_version(version_id))
    if not tried.pdf:
        raise Invalid("template-not-ready", _l("This template cannot be published yet. See what its trial says."))
    return Response(tried.pdf, mimetype="application/pdf")


@blueprint.get("/<version_id>/trial")
def try_it(version_id: str) -> str:
    """Try it with every invented certificate; only then it can be published."""
    version = _own_version(version_id)
    tried = trial.try_all(versions.layout_of_version(version))
    return render_template(
        "certificates/templates/trial.html",
        version=version,
        findings=_told(tried),
        sha256=tried.sha256,
        proof=None if tried.refusals else vault.keyed_hash(tried.sha256, _PROOF),
    )


@blueprint.post("/<version_id>/publish")
def publish(version_id: str) -> ResponseReturnValue:
    """Use it for new certificates. The form proves that a trial of this very layout went well."""
    version, sha256 = _own_version(version_id), request.form.get("sha256", "")
    if not vault.is_keyed_hash(request.form.get("proof", ""), sha256, _PROOF):
        raise BadRequest("trial-missing", _l("Try the template first."))
    versions.publish(version, Trial(sha256, ()), actor=guard.current().actor)
    flash(_("The template is in use. New certificates are printed with it."), "success")
    return redirect(url_for("certificate_templates.one", version_id=version.id), 303)


@blueprint.post("/<version_id>/retire")
def retire(version_id: str) -> ResponseReturnValue:
    """Go back to the template of the product."""
    versions.retire(_own_version(version_id), actor=guard.current().actor)
    flash(_("The template is retired. Certificates that were printed with it keep it."), "success")
    return redirect(url_for("certificate_templates.listing"), 303)


@blueprint.post("/<version_id>/discard")
def discard(version_id: str) -> ResponseReturnValue:
    """Throw a draft away."""
    versions.discard(_own_version(version_id), actor=guard.current().actor)
    flash(_("The draft is gone."), "success")
    return redirect(url_for("certificate_templates.listing"), 303)


@blueprint.get("/<version_id>/package")
def package(version_id: str) -> Response:
    """The version as a ZIP."""
    version = _own_version(version_id)
    response = Response(packing.pack(version, versions.layout_of_version(version)), mimetype="application/zip")
    name = f"{file_names.safe(version.title)}.zip"
    response.headers["Content-Disposition"] = file_names.disposition(name, fallback="template.zip")
    return response


def _own() -> list[Organisation]:
    return issuers.named(guard.current().organisations(ACADEMY_ADMINISTRATOR))


def _own_organisation(organisation_id: str) -> Organisation:
    """:raises NotFound: ``not-found``, also for an organisation of others."""
    for body in _own():
        if body.id == organisation_id:
            return body
    raise NotFound("not-found", _l("There is no page at this address. Check the address or go back."))


def _own_version(version_id: str) -> TemplateVersion:
    """:raises NotFound: ``not-found``, also for a template of others: strangers do not learn that it exists."""
    version = versions.known(version_id)
    guard.require(ACADEMY_ADMINISTRATOR, version.organisation_id if version else "-")
    return versions.found(version_id)


def _page(version: TemplateVersion, *, typed: dict[str, str] | None = None, fault: Problem | None = None) -> str:
    return render_template(
        "certificates/templates/one.html",
        version=version,
        typed=typed or {name: getattr(version, name) for name in ("title", "page", "style", "frame")},
        fault=fault,
        is_draft=version.state == VersionState.DRAFT,
        is_in_use=version.state == VersionState.PUBLISHED,
        state=STATES[VersionState(version.state)],
        kind=TAGS[VersionState(version.state)],
        examples=EXAMPLES,
    )


def _tried(version: TemplateVersion) -> Trial:
    layout: Layout = versions.layout_of_version(version)
    if number := request.args.get("number", "").strip():
        snapshot = _own_snapshot(number, version.organisation_id)
        return trial.try_out(layout, [snapshot], signatures=signatures.of(snapshot))
    example = examples.ALL.get(request.args.get("example", ""), examples.SHORT)
    return trial.try_out(layout, [example], signatures=examples.SIGNATURES)


def _own_snapshot(number: str, organisation_id: str) -> Snapshot:
    """:raises NotFound: ``certificate-unknown``, also for one of another organisation."""
    certificate = lookup.by_number(number)
    if certificate is None or certificate.organisation_id != organisation_id:
        raise NotFound("certificate-unknown", _l("The register holds no such certificate."))
    return lookup.snapshot_of(certificate)


def _told(tried: Trial) -> list[dict[str, object]]:
    return [
        {"sentence": sentence_of(finding), "found": finding.found, "line": finding.line} for finding in tried.refusals
    ]


def _uploaded(limit: int) -> bytes:
    """:raises TooLarge: ``file-too-large``."""
    file = request.files.get("file")
    data = file.read(limit + 1) if file else b""
    if len(data) > limit:
        raise TooLarge("file-too-large", _l("This file is too large."))
    return data
