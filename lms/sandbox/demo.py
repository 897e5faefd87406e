"""The invented academy that the sandbox shows: its people, its course, and the tool registered in it.

No person here exists. The surnames say so: Өрнөк, Ўрнак and 例 mean *example*, көрсөтмө *instruction*, жардамчы *helper*,
мурун *formerly*. Their letters (ң ө ү ў, hanzi) are those that names lose most easily on the way to a certificate.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

CLIENT_ID = "bilim-demo"
DEPLOYMENT_ID = "1"


class Role(StrEnum):
    """What a person is in the course; each profile says it in role addresses of its own."""

    LEARNER = "learner"
    INSTRUCTOR = "instructor"
    TEACHING_ASSISTANT = "teaching-assistant"
    ADMINISTRATOR = "administrator"
    TEST_STUDENT = "test-student"
    """Somebody who looks at the course as a student would, and is none."""


@dataclass(frozen=True)
class Person:
    """Somebody with an account in the sandbox."""

    id: str
    number: int
    """The identifier that platforms with numbered accounts send."""
    uuid: str
    """The identifier that platforms with opaque accounts send."""
    given_name: str
    family_name: str
    name: str
    language: str
    role: Role
    left: bool = False
    """Whether this person no longer takes part when the sandbox starts."""

    @property
    def teaches(self) -> bool:
        """Whether this person sees everybody's grades and may change the course."""
        return self.role not in (Role.LEARNER, Role.TEST_STUDENT)

    @property
    def email(self) -> str:
        """An address in a domain that can never exist (RFC 2606)."""
        return f"{self.id}@academy.example"


@dataclass(frozen=True)
class Module:
    """An activity with which the first course begins."""

    slug: str
    number: int
    titles: dict[str, str]
    summaries: dict[str, str]


@dataclass(frozen=True)
class Course:
    """The first course; ``language`` is the one in which it names its activities to tools."""

    number: int
    label: str
    language: str
    titles: dict[str, str]


PEOPLE = (
    Person(
        id="trainee-1",
        number=11,
        uuid="5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a011",
        given_name="Жаңылгүл",
        family_name="Өрнөкова",
        name="Жаңылгүл Өрнөкова",
        language="ky",
        role=Role.LEARNER,
    ),
    Person(
        id="trainee-2",
        number=12,
        uuid="5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a012",
        given_name="Намуна",
        family_name="Ўрнакова",
        name="Намуна Ўрнакова",
        language="ru",
        role=Role.LEARNER,
    ),
    Person(
        id="trainee-3",
        number=13,
        uuid="5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a013",
        given_name="例生",
        family_name="范",
        name="范例生",
        language="ru",
        role=Role.LEARNER,
    ),
    Person(
        id="instructor",
        number=21,
        uuid="5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a021",
        given_name="Үмүт",
        family_name="Көрсөтмөев",
        name="Үмүт Көрсөтмөев",
        language="ky",
        role=Role.INSTRUCTOR,
    ),
    Person(
        id="assistant",
        number=22,
        uuid="5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a022",
        given_name="Өмүр",
        family_name="Жардамчиев",
        name="Өмүр Жардамчиев",
        language="ru",
        role=Role.TEACHING_ASSISTANT,
    ),
    Person(
        id="trainee-left",
        number=14,
        uuid="5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a014",
        given_name="Кеткен",
        family_name="Мурунов",
        name="Кеткен Мурунов",
        language="ky",
        role=Role.LEARNER,
        left=True,
    ),
    Person(
        id="administrator",
        number=31,
        uuid="5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a031",
        given_name="Мисал",
        family_name="Башкаруучуев",
        name="Мисал Башкаруучуев",
        language="ky",
        role=Role.ADMINISTRATOR,
    ),
)

ROSTER_ONLY = (
    Person(
        id="trainee-signs",
        number=15,
        uuid="5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a015",
        given_name="Ө'Мисал",
        family_name="Белгиев & <Ко>",
        name="Ө'Мисал Белгиев & <Ко>",
        language="ky",
        role=Role.LEARNER,
    ),
    Person(
        id="test-student",
        number=16,
        uuid="5f0c2a1e-8d1b-4f5e-9a53-0b6c4de1a016",
        given_name="Сыноо",
        family_name="Үлгүев",
        name="Сыноо Үлгүев",
        language="ky",
        role=Role.TEST_STUDENT,
    ),
)
"""In the course, but not on the sign-in page: whom only a test needs."""

EVERYBODY = PEOPLE + ROSTER_ONLY
CROWD = 10_000
"""Members of the big course, all told."""

COURSE = Course(
    number=2,
    label="DEMO-1",
    language="ky",
    titles={
        "ky": "Муниципалдык кызматкерлердин квалификациясын жогорулатуу",
        "ru": "Повышение квалификации муниципальных служащих",
        "zh": "市政公务员进修课程",
        "en": "Professional development for municipal employees",
    },
)

MODULES = (
    Module(
        slug="public-management",
        number=4,
        titles={
            "ky": "Мамлекеттик башкаруу",
            "ru": "Публичное управление",
            "zh": "公共管理",
            "en": "Public management",
        },
        summaries={
            "ky": "Мамлекеттик кызматтын милдеттери, чечим кабыл алуу жана жоопкерчилик.",
            "ru": "Задачи государственной службы, принятие решений и ответственность.",
            "zh": "公共服务的任务、决策与责任。",
            "en": "What public service is for, how decisions are made, and who answers for them.",
        },
    ),
    Module(
        slug="urban-governance",
        number=5,
        titles={
            "ky": "Шаарды башкаруу",
            "ru": "Городское управление",
            "zh": "城市治理",
            "en": "Urban governance",
        },
        summaries={
            "ky": "Шаардын бюджети, кызматтары жана тургундардын катышуусу.",
            "ru": "Бюджет города, городские услуги и участие жителей.",
            "zh": "城市预算、公共服务与居民参与。",
            "en": "A city's budget, its services, and the part residents take.",
        },
    ),
    Module(
        slug="e-government",
        number=6,
        titles={
            "ky": "Электрондук өкмөт",
            "ru": "Электронное правительство",
            "zh": "电子政务",
            "en": "E-government",
        },
        summaries={
            "ky": "Санариптик кызматтар, маалымат алмашуу жана жеке маалыматты коргоо.",
            "ru": "Цифровые услуги, обмен данными и защита персональных данных.",
            "zh": "数字服务、数据交换与个人数据保护。",
            "en": "Digital services, exchange of data, and the protection of personal data.",
        },
    ),
)

_PEOPLE_BY_ID = {person.id: person for person in EVERYBODY}


def person(person_id: str | None) -> Person | None:
    """The person with this account, if there is one."""
    found = _PEOPLE_BY_ID.get(person_id or "")
    return found or _member_of_crowd(person_id or "")


def crowd() -> Iterator[Person]:
    """The further members of the big course: they have accounts and names like the others, but do nothing by themselves."""
    for position in range(1, CROWD - len(EVERYBODY) + 1):
        yield _crowd_member(position)


def _member_of_crowd(person_id: str) -> Person | None:
    prefix, _, digits = person_id.partition("-")
    if prefix != "member" or len(digits) != 5 or not digits.isdecimal():
        return None
    position = int(digits)
    return _crowd_member(position) if 1 <= position <= CROWD - len(EVERYBODY) else None


def _crowd_member(position: int) -> Person:
    given, family = f"Үлгү-{position}", "Мүчөева" if position % 2 else "Мүчөев"
    return Person(
        id=f"member-{position:05}",
        number=1000 + position,
        uuid=f"5f0c2a1e-8d1b-4f5e-9a53-{position:012}",
        given_name=given,
        family_name=family,
        name=f"{given} {family}",
        language="ky",
        role=Role.LEARNER,
    )
