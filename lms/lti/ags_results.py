"""Grades as they stand in the platform's gradebook now, which people may have changed there (AGS 2.0, 3.3)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from lms.core.errors import RemoteFailure
from lms.core.i18n import _l
from lms.lti import paging
from lms.lti.access import Access
from lms.lti.platforms.base import PASSING

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
CONTAINER = "application/vnd.ims.lis.v2.resultcontainer+json"


@dataclass(frozen=True)
class Result:
    """One person's cell."""

    user_id: str
    score: float | None
    """None: not graded."""
    maximum: float
    """1 where the platform does not say (AGS 2.0, 3.3.4.6)."""
    comment: str | None
    scoring_user_id: str | None


def results_url(line_item_url: str) -> str:
    """``/results`` goes behind the path and before the query (AGS 2.0, 3.3.1)."""
    parts = urlsplit(line_item_url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/results"))


def of(access: Access, line_item_url: str, *, user_id: str | None = None) -> Iterator[Result]:
    """The results of a column, of everybody or of one person. No limit is sent: Moodle answers 404 to one.

    Calls the platform, so no transaction may be open.

    :raises RemoteFailure: ``results-unavailable``; and as :func:`lms.lti.paging.pages`.
    """
    url = paging.with_query(results_url(line_item_url), user_id=user_id)
    for page in paging.pages(access, url, scopes=[SCOPE], accept=CONTAINER):
        if not page.answer.is_success or not isinstance(page.body, list):
            status = page.answer.status
            raise RemoteFailure(
                "results-unavailable",
                _l("The learning system did not give us its grades."),
                asked=paging.named(url),
                status_code=status,
                retryable=status in PASSING or status >= 500 or page.answer.is_success,
                retry_after_seconds=page.answer.retry_after_seconds,
            )
        found = (_result(each) for each in page.body)
        yield from (result for result in found if result and user_id in (None, result.user_id))


def _result(described: object) -> Result | None:
    if not isinstance(described, dict) or not isinstance(described.get("userId"), (str, int)):
        return None
    return Result(
        user_id=str(described["userId"]),
        score=_number(described, "resultScore"),
        maximum=_number(described, "resultMaximum") or 1,
        comment=_text(described, "comment"),
        scoring_user_id=_text(described, "scoringUserId"),
    )


def _number(described: Mapping[str, Any], name: str) -> float | None:
    value = described.get(name)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _text(described: Mapping[str, Any], name: str) -> str | None:
    value = described.get(name)
    return value or None if isinstance(value, str) else None
