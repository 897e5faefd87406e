"""Every address of the product that shows a page, and who of a furnished house may open it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from werkzeug.routing import Rule

from tests.journeys.house import House

PUBLIC = "public"
LAUNCHED = ("trainee", "holder", "instructor", "reviewer", "chooser", "subject")
ACADEMY = ("administrator", "platform administrator")
STAFF = (
    ("/admin/certificates/", ACADEMY),
    ("/admin/templates/", ACADEMY),
    ("/admin/", ("platform administrator", "administrator")),
    ("/bureau/host/", ("host",)),
    ("/bureau/", ("officer", "administrator", "auditor")),
)
FILES = (
    ".pdf",
    ".json",
    ".xlsx",
    ".csv",
    ".jws",
    ".jwt",
    ".js",
    "/file",
    "/package",
    "<file_id>",
    "<path:filename>",
    ".<kind>",
)
NO_PAGES = {
    # ways on to another page
    *("learn.module_of_link", "learn.unit", "lti.begin", "staff.begin", "staff.callback", "staff.accept"),
    # files, and documents for programs
    *("booklet.download", "modules.figure", "holder_credential.download", "shared_certificates.take"),
    *("oauth.metadata", "health.alive", "health.ready", "health.metrics", "offline.list_of_today"),
    *("credentials.newest", "credentials.profile", "credentials.edition", "credentials.key", "credentials.status"),
    "teach_attendance.count",
}


class Visit(NamedTuple):
    """Somebody at an address."""

    who: str
    path: str


@dataclass
class Doors:
    """Of a furnished house."""

    house: House
    lacking: list[str] = field(default_factory=list)
    """Addresses that the house has nothing for."""

    def visits(self) -> Iterator[list[Visit]]:
        """For each address, those who might open it, the likeliest first; some twice, where a page has several faces."""
        rules = [rule for rule in self.house.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
        for rule in sorted(rules, key=lambda rule: rule.rule):
            if not _shows_a_page(rule):
                continue
            try:
                yield [Visit(who, self._path(rule, who)) for who in _candidates(rule)]
            except LookupError as lack:
                self.lacking.append(str(lack))
        for visit in self._further_faces():
            yield [visit]

    def _path(self, rule: Rule, who: str) -> str:
        def _place(found: re.Match[str]) -> str:
            name = found[1]
            if name == "launch":
                return self.house.launched[who].prefix.rpartition("/")[2]
            place = self.house.places.get(f"{rule.endpoint}/{name}", self.house.places.get(name))
            if place is None:
                raise LookupError(f"tests/journeys/house.py has no {name} for {rule.rule} ({rule.endpoint})")
            return place

        return re.sub(r"<(?:[^<>]*:)?(\w+)>", _place, rule.rule)

    def _further_faces(self) -> Iterator[Visit]:
        module, unit = self.house.places["slug"], self.house.places["unit"]
        own = (f"/learn/{module}", f"/learn/{module}/assignment", f"/certificates/{module}", f"/why/{module}")
        further = {
            "holder": (*own, f"/learn/{module}/{unit}/test/result/2", "/certificates/"),
            "trainee": tuple(f"/learn/{module}/{unit}/test/{number}" for number in range(2, 7)),
        }
        for who, paths in further.items():
            for path in paths:
                yield Visit(who, f"{self.house.launched[who].prefix}{path}")
        for who in ("officer", "administrator", "host", "auditor"):
            yield Visit(who, "/admin/")


def _shows_a_page(rule: Rule) -> bool:
    is_for_programs = (
        rule.rule.startswith(("/api/", "/xroad/", "/.well-known/")) and rule.endpoint != "api.reading_page"
    )
    return not is_for_programs and rule.endpoint not in NO_PAGES and not rule.rule.endswith(FILES)


def _candidates(rule: Rule) -> tuple[str, ...]:
    if "launch" in rule.arguments:
        return LAUNCHED
    return next((who for prefix, who in STAFF if rule.rule.startswith(prefix)), (PUBLIC,))
