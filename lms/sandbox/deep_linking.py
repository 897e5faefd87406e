"""Content is asked for, and the tool's answer is checked and put into the course (deep linking 2.0)."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import delete, select

from lms.core import clock
from lms.sandbox import addresses, content_items, courses, registrations, store, tool_signatures
from lms.sandbox.content_items import RESOURCE_LINK, Accepted
from lms.sandbox.demo import COURSE, Person
from lms.sandbox.launch_custom import CLAIM
from lms.sandbox.models import Context, DeepLinking, LineItem, Link, Result, Tool
from lms.sandbox.options import Option, value
from lms.sandbox.profiles import Profile
from lms.sandbox.quirks import Quirk
from lms.sandbox.refusals import MessageRefused
from lms.sandbox.registrations import Placement

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
LONGEST_LIFE = timedelta(hours=1)
EVERY_TYPE = ["link", "file", "html", RESOURCE_LINK, "image"]
MESSAGES = ("msg", "log", "errormsg", "errorlog")


def ask(person: Person, context: Context, placement: Placement, profile: Profile) -> DeepLinking:
    """Note a request and what it allows."""
    asked = DeepLinking(
        id=secrets.token_hex(12),
        person_id=person.id,
        context_id=context.id,
        client_id=placement.tool.client_id,
        deployment_id=placement.deployment_id,
        settings={},
        began_at=clock.now(),
        outcome=None,
        reason="",
        messages={},
        made=[],
    )
    asked.settings = _settings(asked.id, profile)
    store.session().add(asked)
    return asked


def find(deep_linking_id: str) -> DeepLinking | None:
    """The request with this number."""
    return store.session().get(DeepLinking, deep_linking_id)


def everything() -> Sequence[DeepLinking]:
    """All requests, the oldest first."""
    return store.session().scalars(select(DeepLinking).order_by(DeepLinking.began_at, DeepLinking.id)).all()


def answer(asked: DeepLinking, token: str, profile: Profile) -> None:
    """Take the tool's answer: what it brings becomes activities and columns. What is refused is noted with its reason.

    :raises MessageRefused: at the first thing that is missing or wrong.
    """
    try:
        claims = _claims(asked, token, profile)
        items = content_items.read(claims.get(f"{DL}content_items"), _accepted(asked))
        messages = _messages(claims)
    except MessageRefused as refusal:
        if asked.outcome is None:
            asked.outcome, asked.reason = "refused", refusal.reason
        raise
    asked.outcome, asked.reason, asked.messages = "accepted", "", messages
    asked.made = _add(asked, items, profile)


def _settings(deep_linking_id: str, profile: Profile) -> dict[str, object]:
    """Section 4.4.1. ``data`` is sent unless the profile or the option says otherwise."""
    only_links = Quirk.ACCEPTS_ONLY_LINKS in profile
    settings: dict[str, object] = {
        "deep_link_return_url": addresses.deep_link_return(deep_linking_id),
        "accept_types": value(Option.ACCEPT_TYPES).split() or ([RESOURCE_LINK] if only_links else EVERY_TYPE),
        "accept_presentation_document_targets": ["iframe", "window"] if only_links else ["iframe", "window", "embed"],
        "title": "",
        "text": "",
    }
    booleans = {
        "accept_multiple": (Option.ACCEPT_MULTIPLE, True),
        "accept_lineitem": (Option.ACCEPT_LINE_ITEM, Quirk.LINE_ITEM_OF_ITEMS_IGNORED not in profile),
        "auto_create": (Option.AUTO_CREATE, Quirk.DEEP_LINK_REPLACES in profile),
    }
    for name, (option, usual) in booleans.items():
        chosen = value(option) or ("yes" if usual else "no")
        if chosen != "absent":
            settings[name] = chosen == "yes"
    data = value(Option.DATA) or ("absent" if only_links else f"data-{deep_linking_id}")
    return settings if data == "absent" else {**settings, "data": data}


def _claims(asked: DeepLinking, token: str, profile: Profile) -> dict[str, object]:
    """The tool's message after every check (security framework 1.0, section 5.1.4; deep linking 2.0, section 4.5)."""
    tool = _tool(asked, token)
    claims = tool_signatures.claims_of(token, tool)
    _refuse_other_audience(claims, tool.client_id, profile)
    expires_at = tool_signatures.refuse_other_time(claims, longest_life=LONGEST_LIFE)
    tool_signatures.refuse_replay(claims.get("nonce"), "nonce", expires_at)
    _refuse_other_message(claims, asked)
    _refuse_other_data(claims, asked)
    if asked.outcome == "accepted":
        raise MessageRefused("This request was answered before")
    return claims


def _tool(asked: DeepLinking, token: str) -> Tool:
    """Section 4.5: ``iss`` is the client_id of the tool that was asked."""
    issuer = tool_signatures.unverified_text(token, "iss")
    tool = registrations.find(issuer)
    if tool is None or issuer != asked.client_id:
        raise MessageRefused("iss must be the client_id of the tool that was asked")
    return tool


def _refuse_other_audience(claims: Mapping[str, object], client_id: str, profile: Profile) -> None:
    named = claims.get("aud")
    audiences = named if isinstance(named, list) else [named]
    if audiences != [addresses.issuer(profile)]:
        raise MessageRefused(f"aud must be {addresses.issuer(profile)} and nobody else")
    if claims.get("azp", client_id) != client_id:
        raise MessageRefused("azp must be the client_id")


def _refuse_other_message(claims: Mapping[str, object], asked: DeepLinking) -> None:
    expected = {
        "message_type": "LtiDeepLinkingResponse",
        "version": "1.3.0",
        "deployment_id": asked.deployment_id,
    }
    for name, wanted in expected.items():
        if claims.get(f"{CLAIM}{name}") != wanted:
            raise MessageRefused(f"{name} must be {wanted}")


def _refuse_other_data(claims: Mapping[str, object], asked: DeepLinking) -> None:
    """Section 4.5.5: the same as was sent, and nothing when nothing was sent."""
    if "data" not in asked.settings:
        if f"{DL}data" in claims:
            raise MessageRefused("data was not sent and must not come back")
    elif claims.get(f"{DL}data") != asked.settings["data"]:
        raise MessageRefused("data must come back exactly as it was sent")


def _messages(claims: Mapping[str, object]) -> dict[str, str]:
    found = {}
    for name in MESSAGES:
        text = claims.get(f"{DL}{name}")
        if text is None:
            continue
        if not isinstance(text, str):
            raise MessageRefused(f"{name} must be a text")
        found[name] = text
    return found


def _accepted(asked: DeepLinking) -> Accepted:
    types = asked.settings["accept_types"]
    tool = registrations.find(asked.client_id)
    return Accepted(
        types=frozenset(types if isinstance(types, list) else ()),
        several=asked.settings.get("accept_multiple") is not False,
        tool_host=urlsplit(tool.target_url if tool else "").netloc,
    )


def _add(asked: DeepLinking, items: list[dict[str, object]], profile: Profile) -> list[str]:
    links = [item for item in items if item["type"] == RESOURCE_LINK]
    if links and Quirk.DEEP_LINK_REPLACES in profile:
        _remove_earlier(asked.context_id)
    return [_add_link(asked, item, profile).slug for item in links]


def _add_link(asked: DeepLinking, item: dict[str, object], profile: Profile) -> Link:
    kept = dict(item)
    if Quirk.WINDOWS_OF_ITEMS_IGNORED in profile:
        for ignored in ("iframe", "window", "available", "submission"):
            kept.pop(ignored, None)
    custom = kept.get("custom")
    link = Link(
        slug=f"new-{secrets.token_hex(8)}",
        context_id=asked.context_id,
        client_id=asked.client_id,
        deployment_id=asked.deployment_id,
        titles={COURSE.language: str(kept.get("title", ""))},
        summaries={COURSE.language: str(kept.get("text", ""))},
        url=str(kept["url"]) if "url" in kept else None,
        custom={name: str(text) for name, text in custom.items()} if isinstance(custom, dict) else {},
        item=kept,
        history=[],
        by_deep_linking=True,
    )
    store.session().add(link)
    store.session().flush()
    link.slug = f"item-{link.id}"
    _add_column(asked, link, profile)
    return link


def _add_column(asked: DeepLinking, link: Link, profile: Profile) -> None:
    """Section 3.2: the column has the item's own label, or its title."""
    described = link.item.get("lineItem")
    is_wanted = asked.settings.get("accept_lineitem") is not False and Quirk.LINE_ITEM_OF_ITEMS_IGNORED not in profile
    if not isinstance(described, dict) or not is_wanted:
        return
    title = link.titles[COURSE.language] or link.slug
    label = title if Quirk.LINE_ITEM_LABEL_IGNORED in profile else str(described.get("label") or title)
    extras = {name: described[name] for name in ("gradesReleased", "submissionReview") if name in described}
    store.session().add(
        LineItem(
            context_id=link.context_id,
            link_id=link.id,
            label=label,
            score_maximum=described["scoreMaximum"],
            resource_id=described.get("resourceId"),
            tag=described.get("tag"),
            extras=extras,
        )
    )
    store.session().flush()


def _remove_earlier(context_id: int) -> None:
    for link in courses.of_context(context_id):
        if link.by_deep_linking:
            columns = select(LineItem.id).where(LineItem.link_id == link.id)
            store.session().execute(delete(Result).where(Result.line_item_id.in_(columns)))
            store.session().execute(delete(LineItem).where(LineItem.link_id == link.id))
            store.session().delete(link)
    store.session().flush()
