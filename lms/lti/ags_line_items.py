"""Columns of a platform's gradebook: list, read, create, replace, remove (Assignment and Grade Services 2.0, 3.2).

Each media type is sent exactly as the specification writes it: Moodle answers 400 to a list of types or to ``*/*``.
Everything here calls the platform, so no transaction may be open.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lms.core.errors import RemoteFailure
from lms.core.http import Answer
from lms.core.i18n import _l
from lms.lti import paging, reviewable
from lms.lti.access import Access
from lms.lti.platforms.base import PASSING

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
READ_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
ITEM = "application/vnd.ims.lis.v2.lineitem+json"
CONTAINER = "application/vnd.ims.lis.v2.lineitemcontainer+json"
FIXED = ("id", "resourceLinkId")
"""What a tool must not change (AGS 2.0, 3.2.6)."""


@dataclass(frozen=True)
class LineItem:
    """A column as the platform describes it."""

    url: str
    """Its ``id``, which is where it is read, replaced and removed."""
    label: str
    score_maximum: float
    resource_link_id: str | None
    """None where it belongs to no link."""
    resource_id: str | None
    """Our own name for what is graded."""
    tag: str | None
    described: Mapping[str, Any] = field(repr=False)
    """Everything that the platform said of it, also what we do not know."""


class LineItemRefused(RemoteFailure):
    """The platform will not do this to its columns, however often it is asked."""

    def __init__(self, code: str, *, asked: str, status_code: int) -> None:
        super().__init__(
            code,
            _l("The learning system does not let us use this column of the gradebook. See the reason."),
            asked=asked,
            status_code=status_code,
            retryable=False,
        )


def listed(
    access: Access,
    line_items_url: str,
    *,
    scopes: list[str],
    resource_link_id: str | None = None,
    resource_id: str | None = None,
    tag: str | None = None,
) -> Iterator[LineItem]:
    """The columns of a course that fit, page by page. No limit is sent: Moodle's links between pages are broken by it.

    What does not fit is left out here too, for platforms that overlook a filter.

    :param scopes: those of ``lineitem`` and ``lineitem.readonly`` that the launch allowed us to ask for.
    :raises RemoteFailure: ``line-items-unavailable``; :class:`LineItemRefused` by ``line-items-not-allowed``,
        ``line-items-missing``, ``line-item-refused``; and as :func:`lms.lti.paging.pages`.
    """
    filters = {"resource_link_id": resource_link_id, "resource_id": resource_id, "tag": tag}
    wanted = {"resourceLinkId": resource_link_id, "resourceId": resource_id, "tag": tag}
    url = paging.with_query(line_items_url, **filters)
    for page in paging.pages(access, url, scopes=scopes, accept=CONTAINER):
        _refuse_failure(page.answer, "GET", url)
        for described in page.body if isinstance(page.body, list) else []:
            item = _item(described)
            if item and all(value in (None, described.get(name)) for name, value in wanted.items()):
                yield item


def read(access: Access, url: str, *, scopes: list[str]) -> LineItem:
    """One column. Raises as :func:`listed`."""
    return _sent(access, "GET", url, scopes=scopes, headers={"Accept": ITEM})


def create(
    access: Access,
    line_items_url: str,
    *,
    label: str,
    score_maximum: int,
    resource_id: str,
    tag: str,
    resource_link_id: str | None = None,
) -> LineItem:
    """A new column. Look first: a platform makes a second one of the same name without a word (AGS 2.0, 3.2.15).

    Raises as :func:`listed`.
    """
    described = {
        "label": label.strip(),
        "scoreMaximum": score_maximum,
        "resourceId": resource_id,
        "tag": tag,
        "submissionReview": reviewable.declaration(),
        **({"resourceLinkId": resource_link_id} if resource_link_id else {}),
    }
    return _sent(access, "POST", line_items_url, scopes=[SCOPE], described=described)


def replace(access: Access, url: str, **changes: object) -> LineItem:
    """Change a column. It is read first and sent whole, because what is left out is gone (AGS 2.0, 3.2.6).

    :param changes: by the names of the specification; ``id`` and ``resourceLinkId`` are never changed.
    :raises ValueError: for a change of what must not be changed.
    """
    if set(changes) & set(FIXED):
        raise ValueError("a line item keeps its id and its link")
    present = read(access, url, scopes=[SCOPE])
    return _sent(access, "PUT", url, scopes=[SCOPE], described={**present.described, **changes})


def remove(access: Access, url: str) -> None:
    """Take a column away, and every grade in it. One that is not there any more is fine. Raises as :func:`listed`."""
    answer = access.call("DELETE", url, scopes=[SCOPE], headers={"Accept": ITEM})
    if answer.status not in (404, 410):
        _refuse_failure(answer, "DELETE", url)


def _sent(
    access: Access,
    method: str,
    url: str,
    *,
    scopes: list[str],
    headers: Mapping[str, str] | None = None,
    described: Mapping[str, Any] | None = None,
) -> LineItem:
    body = json.dumps(described).encode() if described is not None else None
    types = headers or {"Content-Type": ITEM, "Accept": ITEM}
    answer = access.call(method, url, scopes=scopes, headers=types, body=body)
    _refuse_failure(answer, method, url)
    try:
        item = _item(answer.json())
    except ValueError:
        item = None
    if item is None:
        raise _unavailable(answer, method, url)
    return item


def _item(described: object) -> LineItem | None:
    """None for what is no line item, for example one without an address."""
    if not isinstance(described, dict) or not isinstance(described.get("id"), str):
        return None
    maximum = described.get("scoreMaximum")
    return LineItem(
        url=described["id"],
        label=str(described.get("label") or ""),
        score_maximum=maximum if isinstance(maximum, (int, float)) else 0,
        resource_link_id=_text(described, "resourceLinkId"),
        resource_id=_text(described, "resourceId"),
        tag=_text(described, "tag"),
        described=described,
    )


def _text(described: Mapping[str, Any], name: str) -> str | None:
    """Blank and null are as good as left out (AGS 2.0, 3.2.10)."""
    value = described.get(name)
    return value if isinstance(value, str) and value.strip() else None


def _refuse_failure(answer: Answer, method: str, url: str) -> None:
    if answer.is_success:
        return
    if answer.status in PASSING or answer.status >= 500:
        raise _unavailable(answer, method, url)
    asked, status = paging.named(url, method), answer.status
    if status in (401, 403):
        raise LineItemRefused("line-items-not-allowed", asked=asked, status_code=status)
    raise LineItemRefused(
        "line-items-missing" if status in (404, 410) else "line-item-refused", asked=asked, status_code=status
    )


def _unavailable(answer: Answer, method: str, url: str) -> RemoteFailure:
    return RemoteFailure(
        "line-items-unavailable",
        _l("The learning system did not give us its gradebook columns now. We will ask again by ourselves."),
        asked=paging.named(url, method),
        status_code=answer.status,
        retry_after_seconds=answer.retry_after_seconds,
    )
