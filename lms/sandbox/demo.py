"""The invented academy that the sandbox shows: its people, its course, and the tool registered in it.

No person here exists. The surnames say so: Өрнөк, Ўрнак and 例 mean *example*, көрсөтмө *instruction*, жардамчы *helper*,
мурун *formerly*. Their letters (ң ө ү ў, hanzi) are those that names lose most easily on the way to a certificate.
"""

from dataclasses import dataclass
from enum import StrEnum

from lms.core.settings import Settings

CLIENT_ID = "bilim-demo"
DEPLOYMENT_ID = "1"


class Role(StrEnum):
    """What a person is in the course; each profile says it in role addresses of its own."""

    LEARNER = "learner"
    INSTRUCTOR = "instructor"
    TEACHING_ASSISTANT = "teaching-assistant"


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
    def email(self) -> str:
        """An address in a domain that can never exist (RFC 2606)."""
        return f"{self.id}@academy.example"


@dataclass(frozen=True)
class Module:
    """An activity of the course that opens the tool."""

    slug: str
    number: int
    titles: dict[str, str]
    summaries: dict[str, str]


@dataclass(frozen=True)
class Course:
    """The one course of the sandbox; ``language`` is the one in which it names its activities to tools."""

    number: int
    label: str
    language: str
    titles: dict[str, str]


@dataclass(frozen=True)
class Registration:
    """What the sandbox knows about the tool, as an administrator would have typed it in."""

    client_id: str
    deployment_id: str
    login_url: str
    redirect_uris: tuple[str, ...]
    jwks_url: str
    tool_url: str

    def target_of(self, module: Module) -> str:
        """The address that a launch of this module asks for (``target_link_uri``)."""
        return f"{self.tool_url}/learn/{module.slug}"


def registration(settings: Settings) -> Registration:
    """The one tool of the sandbox: the service at the public address."""
    tool = settings.public_url
    return Registration(
        client_id=CLIENT_ID,
        deployment_id=DEPLOYMENT_ID,
        login_url=f"{tool}/lti/login",
        redirect_uris=(f"{tool}/lti/launch",),
        jwks_url=f"{tool}/lti/jwks.json",
        tool_url=tool,
    )


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
)

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

_PEOPLE_BY_ID = {person.id: person for person in PEOPLE}
_MODULES_BY_SLUG = {module.slug: module for module in MODULES}


def person(person_id: str | None) -> Person | None:
    """The person with this account, if there is one."""
    return _PEOPLE_BY_ID.get(person_id or "")


def module(slug: str | None) -> Module | None:
    """The activity with this slug, if the course has one."""
    return _MODULES_BY_SLUG.get(slug or "")
