"""Invented staff with accounts at the sandbox's sign-in service. Nobody here exists: Үлгү, Мисал and Нуска mean *model*,
*example* and *sample*, and so does 范例.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class StaffPerson:
    """Somebody whom the sign-in service knows."""

    id: str
    """What the service calls the person (``sub``)."""
    given_name: str
    family_name: str
    language: str
    posts: dict[str, str]
    is_invited_later: bool = False
    """Whether the product of the demonstration does not know the person until somebody sends an invitation."""

    @property
    def name(self) -> str:
        """The whole name, as people of that language write it."""
        return (
            f"{self.family_name}{self.given_name}" if self.language == "zh" else f"{self.given_name} {self.family_name}"
        )

    @property
    def email(self) -> str:
        """An address in a domain that can never exist (RFC 2606)."""
        return f"{self.id}@office.example"


STAFF = (
    StaffPerson(
        id="platform-administrator",
        given_name="Үлгү",
        family_name="Башкаруучуева",
        language="ky",
        posts={
            "ky": "Платформанын администратору",
            "ru": "Администратор платформы",
            "zh": "平台管理员",
            "en": "Platform administrator",
        },
    ),
    StaffPerson(
        id="academy-administrator",
        given_name="Мисал",
        family_name="Окуубөлүмов",
        language="ky",
        posts={
            "ky": "Академиянын администратору",
            "ru": "Администратор академии",
            "zh": "学院管理员",
            "en": "Academy administrator",
        },
    ),
    StaffPerson(
        id="bureau-officer",
        given_name="Нуска",
        family_name="Кызматова",
        language="ru",
        posts={
            "ky": "Мамлекеттик агенттиктин кызматкери",
            "ru": "Сотрудник государственного агентства",
            "zh": "国家公务员局官员",
            "en": "Bureau officer",
        },
    ),
    StaffPerson(
        id="auditor",
        given_name="Үлгү",
        family_name="Текшерүүчүев",
        language="ru",
        posts={"ky": "Аудитор", "ru": "Аудитор", "zh": "审计员", "en": "Auditor"},
    ),
    StaffPerson(
        id="guest-lecturer",
        given_name="例讲",
        family_name="范",
        language="zh",
        posts={
            "ky": "Конок окутуучу, азырынча чакырыла элек",
            "ru": "Приглашённый преподаватель, пока без приглашения",
            "zh": "客座讲师，尚未受邀",
            "en": "Guest lecturer, not invited yet",
        },
        is_invited_later=True,
    ),
)

_BY_ID = {person.id: person for person in STAFF}


def staff_person(person_id: str | None) -> StaffPerson | None:
    """The person with this account, if there is one."""
    return _BY_ID.get(person_id or "")
