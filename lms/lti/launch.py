"""The second step: the platform's answer becomes a launch session, or is refused (core 5, SEC 5.1.3).

The order matters twice. The checks stand in the order of the specification, each in :mod:`lms.lti.checks`. And the
platform is asked for its keys, if it must be, *before* the first statement that writes: what we asked is looked up in a
transaction that only reads and is over, then keys are fetched with no transaction open, and only then the state is used
up, in the one transaction that also makes the session. A slow platform so never holds the write lock, and a platform
that cannot give its keys uses up nothing: the person may reload.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import CursorResult, and_, delete, insert, select, update

from lms.core import audit, clock
from lms.core.db import Base, db, insert_once, new_id, reading
from lms.core.i18n import _l
from lms.core.vault import hashed
from lms.lti import browser, checks, claims, framing, keys, login, roles, session
from lms.lti.claims import LaunchClaims
from lms.lti.models import (
    Context,
    Deployment,
    LaunchSession,
    LoginState,
    PlatformKeySet,
    PlatformUser,
    Registration,
    ResourceLink,
)
from lms.lti.refusals import LaunchRefused, try_again
from lms.people import names
from lms.people.models import Person

Entry = Callable[[LaunchSession], str]
"""Where a launch goes whose target is the launch address itself: a path."""

_STATE = "SEC 5.1.1.5"
_DEPLOYMENT = "LTI core 5.3.3"
_entries: list[Entry] = []

Kept = TypeVar("Kept", bound=Base)


@dataclass(frozen=True)
class Question:
    """What we asked, whom, and the keys that we know of them."""

    state: LoginState
    registration: Registration
    key_set: PlatformKeySet | None


def register_entry(entry: Entry) -> None:
    """Let a package above say where launches begin that name no page."""
    _entries[:] = [entry]


def accept(*, state: str, id_token: str) -> LaunchSession:
    """Turn the platform's answer into a launch, once.

    The same answer sent again by the same browser (a reload) leads to the launch that it made.

    :raises LaunchRefused: with the code of the check that failed; the state is used up then.
    :raises RemoteFailure: if the platform's keys are needed and cannot be had; nothing is used up.
    """
    checks.refuse_oversized(id_token)
    question = _what_we_asked(state)
    if question.state.consumed_at:
        return _launch_made_before(question.state.launch_id)
    platform_keys = keys.of_platform(question.registration, question.key_set, kid=_named_key(id_token))
    launch_id = new_id()
    if not _use_up(question.state, launch_id):
        return _launch_made_by_a_rival(question.state)
    try:
        return _begin(launch_id, question, claims.read(verify(id_token, question, platform_keys)))
    except LaunchRefused as refused:
        _note(refused, question.registration)
        raise


def verify(id_token: str, question: Question, platform_keys: keys.Keys) -> Mapping[str, Any]:
    """All checks of the token and of the message, in the order of the specification."""
    registration, now = question.registration, clock.now()
    header = checks.header_of(id_token)
    kid = checks.refuse_missing_key_id(header)
    checks.refuse_other_algorithm(header, registration.algorithm)
    key = checks.key_for(kid, platform_keys, algorithm=registration.algorithm)
    token = checks.verified_claims(id_token, key, algorithm=registration.algorithm)
    checks.refuse_other_issuer(token, registration.issuer)
    checks.refuse_other_audience(token, registration.client_id)
    checks.refuse_other_authorized_party(token, registration.client_id)
    checks.refuse_expired(token, now)
    checks.refuse_issued_in_future(token, now)
    checks.refuse_other_nonce(token, question.state.nonce)
    checks.refuse_other_version(token)
    checks.refuse_other_message_type(token)
    checks.refuse_missing_roles(token)
    checks.refuse_missing_deployment(token)
    checks.refuse_missing_resource_link(token)
    checks.refuse_missing_subject(token)
    checks.refuse_foreign_target(token)
    return token


def _what_we_asked(state: str) -> Question:
    """The question that this answers, asked by this browser."""
    with reading():
        found = db.session.execute(
            select(LoginState, Registration, PlatformKeySet)
            .join(Registration, Registration.id == LoginState.registration_id)
            .outerjoin(PlatformKeySet, PlatformKeySet.jwks_url == Registration.jwks_url)
            .where(LoginState.state_hash == hashed(state))
        ).first()
    if found is None:
        raise try_again("state-unknown", _l("We did not ask for this launch, or it was long ago."), spec=_STATE)
    question = Question(*found)
    if not browser.is_same_as(question.state.browser_hash):
        raise try_again(
            "browser-differs",
            _l("This launch was begun in another browser, or cookies are blocked here."),
            spec=_STATE,
        )
    if not question.state.consumed_at and question.state.expires_at <= clock.now():
        raise try_again("state-expired", _l("This launch took too long."), spec=_STATE)
    return question


def _note(refused: LaunchRefused, registration: Registration) -> None:
    """A line for whoever has to find out why. Nobody can make these without a question that we asked."""
    facts = {"code": refused.code, "spec": refused.spec, **refused.facts}
    audit.record("lti.launch-refused", subject=registration.id, actor="platform", **facts)


def _named_key(id_token: str) -> str | None:
    """The key id that the token claims, to decide whether to ask the platform; the checks come later."""
    try:
        kid = checks.header_of(id_token).get("kid")
    except LaunchRefused:
        return None
    return kid if isinstance(kid, str) else None


def _use_up(state: LoginState, launch_id: str) -> bool:
    """Whether we are the first to answer this question: one statement decides, on every database."""
    result = db.session.execute(
        update(LoginState)
        .where(LoginState.state_hash == state.state_hash, LoginState.consumed_at.is_(None))
        .values(consumed_at=clock.now(), launch_id=launch_id)
        .execution_options(synchronize_session=False)
    )
    return isinstance(result, CursorResult) and result.rowcount == 1


def _launch_made_by_a_rival(state: LoginState) -> LaunchSession:
    made = db.session.scalar(select(LoginState.launch_id).where(LoginState.state_hash == state.state_hash))
    return _launch_made_before(made)


def _launch_made_before(launch_id: str | None) -> LaunchSession:
    """A reload: not a second launch, but the way to the first. The token is not read again."""
    launch = db.session.get(LaunchSession, launch_id) if launch_id else None
    if launch is None:
        raise try_again("state-used", _l("This launch was used already."), spec=_STATE)
    return launch


def _begin(launch_id: str, question: Question, said: LaunchClaims) -> LaunchSession:
    """Recognise the platform's things, or remember them, and open a session among them."""
    registration = question.registration
    _remember_family(registration, said.product_family_code)
    known = _recognised(registration, said)
    deployment = known.deployment or _new_deployment(registration, said.deployment_id)
    _refuse_unapproved(deployment)
    context = _context(known.context, deployment, said)
    launch = LaunchSession(
        id=launch_id,
        registration_id=registration.id,
        deployment_id=deployment.id,
        context=context,
        resource_link=_resource_link(known.resource_link, deployment, context, said),
        role_names=sorted(roles.understood(said.roles)),
        custom=dict(said.custom),
        locale=said.locale,
        return_url=said.return_url,
        frame_ancestors=framing.ancestors_of(registration, return_url=said.return_url),
        browser_hash=question.state.browser_hash,
        expires_at=clock.now() + session.IDLE,
        landing_path="/",
        **_who(known.user, registration, said),
    )
    db.session.add(launch)
    session.enter(launch)
    launch.landing_path = _landing_path(launch, said.target_link_uri)
    return launch


@dataclass(frozen=True)
class _Recognised:
    """What we knew before this launch of what it names."""

    deployment: Deployment | None
    context: Context | None
    resource_link: ResourceLink | None
    user: PlatformUser | None


def _recognised(registration: Registration, said: LaunchClaims) -> _Recognised:
    """One query for all, because most launches bring nothing new."""
    context_id = said.context.id if said.context else None
    found = db.session.execute(
        select(Deployment, Context, ResourceLink, PlatformUser)
        .select_from(Deployment)
        .outerjoin(Context, and_(Context.deployment_id == Deployment.id, Context.context_id == context_id))
        .outerjoin(
            ResourceLink,
            and_(
                ResourceLink.deployment_id == Deployment.id,
                ResourceLink.resource_link_id == said.resource_link_id,
            ),
        )
        .outerjoin(
            PlatformUser,
            and_(PlatformUser.registration_id == Deployment.registration_id, PlatformUser.sub == said.sub),
        )
        .where(Deployment.registration_id == registration.id, Deployment.deployment_id == said.deployment_id)
    ).first()
    return _Recognised(*found) if found else _Recognised(None, None, None, None)


def _new_deployment(registration: Registration, deployment_id: str) -> Deployment:
    """What an unknown deployment means is the registration's policy. A refused one that waits stays on the list."""
    if registration.deployment_policy == "closed":
        raise LaunchRefused(
            "deployment-unknown",
            _l("This place in the learning system is not registered with Bilim."),
            spec=_DEPLOYMENT,
            deployment_id=deployment_id,
        )
    deployment, _created = insert_once(
        Deployment,
        {"registration_id": registration.id, "deployment_id": deployment_id},
        {"is_approved": registration.deployment_policy == "open"},
    )
    return deployment


def _refuse_unapproved(deployment: Deployment) -> None:
    if not deployment.is_approved:
        raise LaunchRefused(
            "deployment-waiting",
            _l("The administrator of Bilim has not yet approved this place in the learning system."),
            spec=_DEPLOYMENT,
            deployment_id=deployment.deployment_id,
        )


def _context(known: Context | None, deployment: Deployment, said: LaunchClaims) -> Context | None:
    """The platform's course; a launch from outside of any course has none."""
    if said.context is None:
        return None
    context = known or _once(Context, deployment_id=deployment.id, context_id=said.context.id)
    _update(context, label=said.context.label, title=said.context.title)
    return context


def _resource_link(
    known: ResourceLink | None, deployment: Deployment, context: Context | None, said: LaunchClaims
) -> ResourceLink:
    """The link, with the services that this launch grants: a claim is trusted for as long as no later one differs."""
    link = known or _once(
        ResourceLink,
        {"registration_id": deployment.registration_id, "ags_scopes": []},
        deployment_id=deployment.id,
        resource_link_id=said.resource_link_id,
    )
    _update(link, title=said.resource_link_title, context_id=context.id if context else None)
    if said.has_ags:
        _update(
            link,
            ags_scopes=list(said.ags_scopes),
            line_item_url=said.line_item_url,
            line_items_url=said.line_items_url,
        )
    return link


def _who(known: PlatformUser | None, registration: Registration, said: LaunchClaims) -> dict[str, str]:
    """The person, made at the first launch. A name is passed on when it is not the one that we heard last."""
    user = known or _new_user(registration, said.sub)
    if said.name and said.name != user.name:
        user.name = said.name
        names.from_platform(user.person_id, said.name)
    return {"platform_user_id": user.id, "person_id": user.person_id}


def _new_user(registration: Registration, sub: str) -> PlatformUser:
    """Two first launches at once make one user; the person that the slower one made is taken back."""
    person_id = new_id()
    db.session.execute(insert(Person).values(id=person_id, created_at=clock.now()))
    user = _once(PlatformUser, {"person_id": person_id}, registration_id=registration.id, sub=sub)
    if user.person_id != person_id:
        db.session.execute(delete(Person).where(Person.id == person_id))
    return user


def _remember_family(registration: Registration, family: str | None) -> None:
    if family and family != registration.product_family_code:
        registration.product_family_code = family  # this copy is no longer in a session; the row is written here:
        db.session.execute(
            update(Registration).where(Registration.id == registration.id).values(product_family_code=family)
        )


def _landing_path(launch: LaunchSession, target: str) -> str:
    """The signed target's path, or what a package above registered for the launch address itself."""
    parts = urlsplit(target)
    if parts.path == urlsplit(login.launch_url()).path:
        path = _entries[0](launch) if _entries else "/"
        return path.removeprefix(session.path_of(launch.id))
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _once(model: type[Kept], values: Mapping[str, Any] | None = None, **unique: Any) -> Kept:
    row, _created = insert_once(model, unique, values)
    return row


def _update(row: Base, **values: Any) -> None:
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
