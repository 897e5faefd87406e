"""Lists of a platform's services come in pages, each naming the next in a ``Link`` header (RFC 8288; AGS 2.0, 3.2.4).

The address of the next page is used as it is. What is read tolerantly is the header around it, because platforms write it
in many ways; what is guarded is where it leads: never to another host, which would be handed our token, never in a
circle, and never on without end. Everything here calls the platform, so no transaction may be open.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from lms.core.errors import RemoteFailure
from lms.core.http import Answer, origin
from lms.core.i18n import _l
from lms.lti.access import Access
from lms.lti.platforms import Platform

MOST_PAGES = 1000
_LINK = re.compile(r"<(?P<url>[^<>]*)>(?P<parameters>[^<]*)")
_REL = re.compile(r";\s*rel\s*=\s*[\"'“”„‟«]?(?P<names>[^\"'“”„‟»;,]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """One page of a list."""

    answer: Answer
    body: Any
    next_url: str | None
    """Where the next page is; None on the last one."""
    links: Mapping[str, str]
    """All addresses that the header names, by their relation in lower case."""


def pages(access: Access, url: str, *, scopes: Iterable[str], accept: str) -> Iterator[Page]:
    """Every page of a list, one at a time.

    An answer that is no success is given out as it is, as the last page: what it means is for the service to say.

    :param url: of the first page, with its filters; they are not added to those that follow.
    :raises RemoteFailure: ``pages-without-end`` for a circle or more than a thousand pages, ``page-elsewhere`` for an
        address on another host, ``answer-unreadable``; and as :func:`lms.lti.tokens.call`.
    """
    wanted, seen, next_url = list(scopes), {url}, url
    for _number in range(MOST_PAGES):
        page = _page(access, next_url, scopes=wanted, accept=accept)
        yield page
        if page.next_url is None:
            return
        _refuse_elsewhere(next_url, page.next_url)
        if page.next_url in seen:
            break
        seen.add(page.next_url)
        next_url = page.next_url
    raise RemoteFailure(
        "pages-without-end",
        _l("The list of the learning system does not end. Its administrator must look into its log."),
        asked=named(url),
        retryable=False,
    )


def with_query(url: str, **filters: str | None) -> str:
    """The address with further parameters behind those it has, each encoded (Open edX: an unencoded + gives 500)."""
    parts = urlsplit(url)
    added = [(name, value) for name, value in filters.items() if value is not None]
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in filters]
    if not added:
        return url
    if len(kept) == len(parse_qsl(parts.query, keep_blank_values=True)):
        return urlunsplit(parts._replace(query="&".join(part for part in (parts.query, urlencode(added)) if part)))
    return urlunsplit(parts._replace(query=urlencode([*kept, *added])))


def links_of(header: str, *, asked: str, habits: Platform) -> dict[str, str]:
    """Addresses by relation. Any case, any quotes, several relations in one, addresses relative to what was asked."""
    found: dict[str, str] = {}
    for link in _LINK.finditer(_as_written(header)):
        relations = _REL.search(link["parameters"])
        for relation in relations["names"].lower().split() if relations else ():
            found.setdefault(relation, urljoin(asked, habits.linked_address(link["url"].strip())))
    return found


def named(url: str, method: str = "GET") -> str:
    """How a call is named in errors: without its query."""
    parts = urlsplit(url)
    return f"{method} {parts.hostname}{parts.path}"


def _as_written(header: str) -> str:
    """Headers arrive read as Latin-1; what is not plain ASCII in one was meant as UTF-8 (Moodle's quotes)."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def _page(access: Access, url: str, *, scopes: list[str], accept: str) -> Page:
    answer = access.call("GET", url, scopes=scopes, headers={"Accept": accept})
    if not answer.is_success:
        return Page(answer, None, None, {})
    links = links_of(answer.headers.get("Link") or "", asked=url, habits=access.habits)
    try:
        return Page(answer, answer.json(), links.get("next"), links)
    except ValueError as error:
        raise RemoteFailure(
            "answer-unreadable",
            _l("The learning system answered with something that we cannot read. We will try again by ourselves."),
            asked=named(url),
            status_code=answer.status,
        ) from error


def _refuse_elsewhere(before: str, after: str) -> None:
    if origin(after).lower() != origin(before).lower():
        raise RemoteFailure(
            "page-elsewhere",
            _l("The list of the learning system goes on at another address. Its administrator must correct that."),
            asked=named(before),
            retryable=False,
        )
