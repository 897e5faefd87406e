"""Versions of an organisation's template: a draft is changed, tried and published; what is published never changes.

New certificates are printed with the version that is in use on that day; an issued one keeps its own for ever, found by
its hash. Without a version of its own, an organisation prints with the template that comes with the product.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from sqlalchemy import func, select

from certificates.layout import NEWEST, Layout, built_in
from certificates.snapshot import Snapshot
from certificates.studio import pictures
from certificates.studio.models import TemplateVersion, VersionState
from certificates.studio.trial import Trial
from lms.core import audit, clock
from lms.core.db import db, new_id
from lms.core.errors import Conflict, Invalid, NotFound, Unavailable
from lms.core.i18n import _l

MAX_PICTURES = 12
MAX_STYLE = 64 * 1024
"""Characters."""
FIRST_NUMBER = 2
"""Of an organisation's own versions; one was the product's."""


def of_organisation(organisation_id: str) -> list[TemplateVersion]:
    """All its versions, drafts first, then the newest."""
    wanted = select(TemplateVersion).filter_by(organisation_id=organisation_id)
    return list(db.session.scalars(wanted.order_by(TemplateVersion.number.desc().nulls_first(), TemplateVersion.title)))


def known(version_id: str) -> TemplateVersion | None:
    """A version, if there is one."""
    return db.session.get(TemplateVersion, version_id)


def found(version_id: str) -> TemplateVersion:
    """:raises NotFound: ``template-unknown``."""
    version = known(version_id)
    if version is None:
        raise NotFound("template-unknown", _l("There is no such template."))
    return version


def in_use(organisation_id: str) -> TemplateVersion | None:
    """The version that new certificates are printed with; None means the one of the product."""
    wanted = select(TemplateVersion).filter_by(organisation_id=organisation_id, state=VersionState.PUBLISHED)
    return db.session.scalar(wanted)


def draft(
    organisation_id: str, *, title: str, layout: Layout, actor: str, picture_hashes: Mapping[str, str] | None = None
) -> TemplateVersion:
    """A new draft that begins with this layout."""
    hashes = dict(picture_hashes or {name: pictures.keep(data) for name, data in layout.pictures.items()})
    version = TemplateVersion(
        id=new_id(),
        organisation_id=organisation_id,
        title=title.strip()[:120] or "-",
        page=layout.page,
        style=layout.style,
        frame=layout.frame,
        pictures=hashes,
        created_by=actor,
    )
    db.session.add(version)
    _record("template.drafted", version, actor)
    return version


def change(version: TemplateVersion, *, title: str, page: str, style: str, frame: str) -> None:
    """Let a draft say something else.

    :raises Conflict: ``template-not-a-draft``.
    :raises Invalid: ``style-too-large``, or what ``pictures.refuse_frame`` raises.
    """
    _refuse_unless_draft(version)
    if len(style) > MAX_STYLE:
        raise Invalid("style-too-large", _l("The style may have 64 KB."))
    pictures.refuse_frame(frame)
    version.title, version.page, version.style, version.frame = title.strip()[:120] or "-", page, style, frame
    version.changed_at = clock.now()


def add_picture(version: TemplateVersion, name: str, data: bytes) -> None:
    """Put a picture into a draft, or another one under the same name.

    :raises Conflict: ``template-not-a-draft``.
    :raises Invalid: ``pictures-too-many``, or what ``pictures.cleaned`` raises.
    """
    _refuse_unless_draft(version)
    if name not in version.pictures and len(version.pictures) >= MAX_PICTURES:
        raise Invalid("pictures-too-many", _l("A template may have twelve pictures."))
    version.pictures = {**version.pictures, name: pictures.keep(pictures.cleaned(name, data))}
    version.changed_at = clock.now()


def remove_picture(version: TemplateVersion, name: str) -> None:
    """:raises Conflict: ``template-not-a-draft``."""
    _refuse_unless_draft(version)
    version.pictures = {known: digest for known, digest in version.pictures.items() if known != name}
    version.changed_at = clock.now()


def publish(version: TemplateVersion, trial: Trial, *, actor: str) -> None:
    """Use it for new certificates from now on. The version that was in use retires.

    :param trial: of this very layout; made before, outside the transaction.
    :raises Conflict: ``template-not-a-draft``, ``template-changed`` if the trial was of something else.
    :raises Invalid: ``template-not-ready`` with the reasons.
    """
    _refuse_unless_draft(version)
    layout = layout_of_version(version)
    if trial.sha256 != layout.sha256:
        raise Conflict("template-changed", _l("The draft was changed meanwhile. Look at it again and publish it then."))
    if trial.refusals:
        raise Invalid(
            "template-not-ready",
            _l("This template cannot be published yet. See what its trial says."),
            reasons=[refusal.code for refusal in trial.refusals],
        )
    if (before := in_use(version.organisation_id)) is not None:
        _retire(before, actor)
        db.session.flush()  # one at a time is a constraint
    version.number = _next_number(version.organisation_id)
    version.state, version.sha256 = VersionState.PUBLISHED, layout.sha256
    version.published_at, version.published_by = clock.now(), actor
    _record("template.published", version, actor, number=version.number, sha256=layout.sha256)


def retire(version: TemplateVersion, *, actor: str) -> None:
    """Use the product's template again for new certificates.

    :raises Conflict: ``template-not-in-use``.
    """
    if version.state != VersionState.PUBLISHED:
        raise Conflict("template-not-in-use", _l("This template is not in use."))
    _retire(version, actor)


def discard(version: TemplateVersion, *, actor: str) -> None:
    """Throw a draft away.

    :raises Conflict: ``template-not-a-draft``.
    """
    _refuse_unless_draft(version)
    _record("template.discarded", version, actor)
    db.session.delete(version)


def dressed(snapshot: Snapshot, organisation_id: str) -> Snapshot:
    """The snapshot with the template that its organisation uses today."""
    version = in_use(organisation_id)
    if version is None or version.number is None:
        return replace(snapshot, template_version=NEWEST, template_sha256=None)
    return replace(snapshot, template_version=version.number, template_sha256=version.sha256)


def layout_of(snapshot: Snapshot) -> Layout:
    """What a certificate is printed with, today as on the day of its issue.

    :raises Unavailable: ``template-missing`` if its template is not there or is not what it was.
    """
    if snapshot.template_sha256 is None:
        return built_in(snapshot.template_version)
    version = db.session.scalar(select(TemplateVersion).filter_by(sha256=snapshot.template_sha256).limit(1))
    if version is None:
        raise _missing()
    try:
        layout = _kept(version.page, version.style, version.frame, _frozen(version.pictures))
    except NotFound as error:
        raise _missing() from error
    if layout.sha256 != snapshot.template_sha256:
        raise _missing()
    return layout


def layout_of_version(version: TemplateVersion) -> Layout:
    """A version with the bytes of its pictures."""
    return Layout(
        version.page,
        version.style,
        version.frame,
        {name: pictures.read(digest) for name, digest in version.pictures.items()},
    )


@lru_cache(maxsize=32)
def _kept(page: str, style: str, frame: str, hashes: tuple[tuple[str, str], ...]) -> Layout:
    return Layout(page, style, frame, {name: pictures.read(digest) for name, digest in hashes})


def _frozen(hashes: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(hashes.items()))


def _next_number(organisation_id: str) -> int:
    last = db.session.scalar(select(func.max(TemplateVersion.number)).filter_by(organisation_id=organisation_id))
    return last + 1 if last else FIRST_NUMBER


def _retire(version: TemplateVersion, actor: str) -> None:
    version.state, version.retired_at = VersionState.RETIRED, clock.now()
    _record("template.retired", version, actor, number=version.number)


def _refuse_unless_draft(version: TemplateVersion) -> None:
    if version.state != VersionState.DRAFT:
        raise Conflict(
            "template-not-a-draft",
            _l("Certificates were printed with this version, so it stays as it is. Make a new draft from it."),
        )


def _missing() -> Unavailable:
    return Unavailable("template-missing", _l("The template of this certificate is missing. Restore it first."))


def _record(action: str, version: TemplateVersion, actor: str, **facts: object) -> None:
    audit.record(action, subject=f"template:{version.id}", actor=actor, organisation=version.organisation_id, **facts)
