"""How far a program reaches: for which platforms and modules it may report, and whose records it may read.

A scope says what a program may do; its reach says to whom. "Every" has to be said when a program is admitted: nothing
means none (docs/adr/0031).
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence

from lms.core.errors import Forbidden, Invalid
from lms.core.i18n import _l
from lms.oauth.models import Client
from lms.organisations import issuers

EVERY = "every"
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

Platforms = Callable[[], Sequence[tuple[str, str]]]
"""Id and name of each platform that is registered; this room knows no platforms."""


def checked_platforms(asked: Iterable[str], known: Collection[str]) -> list[str]:
    """What is kept of a choice of platforms.

    :raises Invalid: ``platforms-not-valid``.
    """
    wanted = list(dict.fromkeys(asked))
    if EVERY in wanted:
        return [EVERY]
    if not set(wanted) <= set(known):
        raise Invalid("platforms-not-valid", _l("Name learning systems that are registered here, or all of them."))
    return wanted


def checked_modules(asked: Iterable[str]) -> list[str]:
    """What is kept of a choice of modules. A module may be named before it is loaded.

    :raises Invalid: ``modules-not-valid``.
    """
    wanted = list(dict.fromkeys(asked))
    if EVERY in wanted:
        return [EVERY]
    if not all(SLUG.fullmatch(slug) and len(slug) <= 80 for slug in wanted):
        raise Invalid("modules-not-valid", _l("Name modules by their short names, such as public-management."))
    return wanted


def refuse_other_platform(client: Client, registration_id: str | None) -> None:
    """:raises Forbidden: ``platform-not-bound``; the same for one that is not registered, so that nobody learns which are."""
    if client.platforms != [EVERY] and registration_id not in client.platforms:
        raise Forbidden(
            "platform-not-bound",
            _l("This program may not report for this learning system. Ask the administrator to add it."),
        )


def refuse_other_module(client: Client, slug: str) -> None:
    """:raises Forbidden: ``module-not-bound``."""
    if client.modules != [EVERY] and slug not in client.modules:
        raise Forbidden(
            "module-not-bound", _l("This program may not report this module. Ask the administrator to add it.")
        )


def organisations(client: Client) -> frozenset[str] | None:
    """Ids of the bodies whose records it sees: its own and those whose duties that took over. None means all."""
    return issuers.with_predecessors(client.organisation_id) if client.organisation_id else None
