"""Signing in at the provider: the question, then the answer (OpenID Connect core 1.0, authorization code flow).

The provider is called with no transaction open. The state is used up first and stays used, whatever comes then; rights
come from our own rows, never from a claim. Of what the provider says we keep the subject, the name and the e-mail
address; a personal number (``pin``) is not even read, and ``organizations`` gives no right.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lms.core import audit, clock, settings
from lms.core.db import transaction
from lms.core.i18n import _l, locale, negotiated
from lms.signin import checks, invitations, links, members, provider, questions
from lms.signin.models import StaffMember
from lms.signin.provider import Provider
from lms.signin.questions import Asked, Question
from lms.signin.refusals import SignInRefused

CALLBACK_PATH = "/staff/callback"


@dataclass(frozen=True)
class Identity:
    """What we take from the provider about a person."""

    issuer: str
    subject: str
    name: str
    email: str | None
    language: str | None


def address_of(asked_of: Provider, asked: Asked) -> str:
    """Where the browser has to go to be asked who this is (core 3.1.2.1, RFC 7636)."""
    configured = settings.current()
    question = {
        "response_type": "code",
        "client_id": configured.staff_client_id,
        "redirect_uri": redirect_uri(),
        "scope": configured.staff_scopes,
        "state": asked.state,
        "nonce": asked.nonce,
        "code_challenge": asked.challenge,
        "code_challenge_method": "S256",
        "ui_locales": locale(),
    }
    if asked_of.posts_answers:
        question["response_mode"] = "form_post"
    parts = urlsplit(asked_of.authorization_url)
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), *question.items()])))


def redirect_uri() -> str:
    """The one address that the provider knows; providers compare it exactly."""
    return f"{settings.current().public_url}{CALLBACK_PATH}"


def answered(parameters: Mapping[str, str]) -> tuple[Identity, Question]:
    """Who it is, proved, and what the sign-in was begun for. Calls the provider: no transaction may be open.

    :raises SignInRefused: with the code of the check that failed.
    :raises RemoteFailure: if the provider does not answer as it should.
    """
    if not parameters.get("state"):
        checks.refuse_incomplete_answer(parameters)
    with transaction():
        question = questions.use_up(parameters["state"])
    asked_of = provider.described()
    checks.refuse_answer_of_another(parameters, asked_of.issuer, must_be_named=asked_of.names_itself_in_answers)
    checks.refuse_provider_error(parameters)
    checks.refuse_incomplete_answer(parameters)
    tokens = provider.exchanged(
        asked_of, code=parameters["code"], verifier=question.verifier, redirect_uri=redirect_uri()
    )
    claims = verify(tokens.id_token, asked_of, question)
    return _identity(claims, asked_of, tokens.access_token), question


def verify(id_token: str, asked_of: Provider, question: Question) -> Mapping[str, Any]:
    """All checks of the token, in the order of the specification."""
    now, client_id = clock.now(), settings.current().staff_client_id
    header = checks.header_of(id_token)
    algorithm = checks.refuse_other_algorithm(header, asked_of.algorithms)
    keys = provider.keys(asked_of, kid=header.get("kid"))
    key = checks.key_for(header, keys, algorithm=algorithm)
    claims = checks.verified_claims(id_token, key, algorithm=algorithm)
    checks.refuse_other_issuer(claims, asked_of.issuer)
    checks.refuse_other_audience(claims, client_id)
    checks.refuse_other_authorized_party(claims, client_id)
    checks.refuse_expired(claims, now)
    checks.refuse_other_time(claims, now)
    checks.refuse_other_nonce(claims, question.nonce)
    checks.refuse_missing_subject(claims)
    return claims


def recognised(identity: Identity, question: Question) -> StaffMember:
    """The member of staff whom the provider means; a stranger only with an invitation, which is used up.

    :raises SignInRefused: ``staff-unknown``, ``account-disabled``, ``invitation-not-good``.
    """
    member = members.known_as(identity.issuer, identity.subject)
    if member is None and question.invitation_id is None:
        audit.record("staff.stranger-refused", subject="sign-in:provider", actor="visitor")
        raise SignInRefused(
            "staff-unknown",
            _l("The sign-in service knows you, but nobody has invited you here."),
        )
    if member is not None:
        links.enabled(member)
    invitation = invitations.take(question.invitation_id) if question.invitation_id else None
    member = member or _admitted(identity)
    if invitation is not None:
        invitations.hand_over(invitation, member)
    member.name, member.email = identity.name, identity.email
    member.language = identity.language or member.language
    return member


def _admitted(identity: Identity) -> StaffMember:
    return members.admit(identity.name, actor="visitor:invited", issuer=identity.issuer, subject=identity.subject)


def _identity(claims: Mapping[str, Any], asked_of: Provider, access_token: str) -> Identity:
    """IdentityServer keeps the name for its userinfo endpoint, so it is asked where the token says none."""
    subject = checks.refuse_missing_subject(claims)
    said = dict(claims)
    if not _text(claims, "name"):
        more = provider.userinfo(asked_of, access_token)
        checks.refuse_userinfo_of_another(more, subject)
        said |= more
    language = _text(said, "locale")
    return Identity(
        issuer=asked_of.issuer,
        subject=subject,
        name=_text(said, "name") or _joined_name(said) or subject,
        email=_text(said, "email") or None,
        language=negotiated([language]) if language else None,
    )


def _joined_name(said: Mapping[str, Any]) -> str:
    return " ".join(part for name in ("given_name", "family_name") if (part := _text(said, name)))


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return "".join(mark for mark in value if mark.isprintable()).strip()[:255] if isinstance(value, str) else ""
