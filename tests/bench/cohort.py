"""An invented cohort: names of all lengths, three days of completion, every mark."""

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha512

from certificates.offline import summary
from certificates.snapshot import Issuer, Signer, Snapshot

_FAMILY = [
    "Ысакова",
    "Токтосунов",
    "Ким",
    "Абдыкеримова-Токтосунова",
    "Өмүрбеков",
    "Жусупова",
    "Ли",
    "Бейшеналиева",
    "Асанов",
    "Цой",
]
_FIRST = ["Айгүл", "Бакыт", "Виктор", "Гүлжамал", "Үсөн", "Нургүл", "Эр", "Жаңыл", "Темирлан", "Анна", "Сыймык"]
_FATHER = ["Өмүрбековна", "Жеңишбекович", "Сергеевич", "Токтогуловна", "Асанович", "кызы", "Бекназаровна"]
_LATIN = [
    "Ysakova",
    "Toktosunov",
    "Kim",
    "Abdykerimova",
    "Omurbekov",
    "Jusupova",
    "Li",
    "Beishenalieva",
    "Asanov",
    "Tsoi",
]

FIRST = Snapshot(
    certificate_id="3f2c8a52-6f0e-4b52-9a35-0d1a5a3f7c10",
    number="2026-KG-PM000123",
    code="7Q4MX2DN9TVCZ",
    holder={"Cyrl": "Ысакова Айгүл Өмүрбековна", "Latn": "Aigul Ysakova"},
    titles={
        "ky": "Мамлекеттик башкаруу",
        "ru": "Государственное управление",
        "zh": "公共管理",
        "en": "Public Management",
    },
    hours=24,
    score_percent=87,
    completed_on=date(2026, 11, 18),
    issued_on=date(2026, 11, 21),
    issuer=Issuer(
        names={
            "ky": "Көргөзмө мамлекеттик башкаруу академиясы",
            "ru": "Демонстрационная академия государственного управления",
            "zh": "示范公共管理学院",
            "en": "Demonstration Academy of Public Administration",
        },
        country="KG",
    ),
    signer=Signer(
        name={"ky": "Б. Т. Асанов", "ru": "Б. Т. Асанов", "zh": "阿萨诺夫", "en": "B. T. Asanov"},
        post={"ky": "Академиянын ректору", "ru": "Ректор академии", "zh": "院长", "en": "Rector"},
    ),
    verify_url="https://verify.example.kg/v/7Q4MX2DN9TVCZ",
)


def member(number: int) -> Snapshot:
    """Somebody else each time: nothing may be remembered from one certificate to the next."""
    name = f"{_FAMILY[number % 10]} {_FIRST[number % 11]} {_FATHER[number % 7]}"
    code = f"{abs(number):07X}X2DN9T".translate(str.maketrans("ILOU", "1100"))
    named = replace(
        FIRST,
        certificate_id=f"3f2c8a52-6f0e-4b52-9a35-{number:012d}",
        number=f"2026-KG-PM{number:06d}",
        code=code,
        verify_url=f"https://verify.example.kg/v/{code}",
        holder={"Cyrl": name, "Latn": f"{_LATIN[number % 10]} {number % 97}"},
        score_percent=60 + number % 41,
        completed_on=FIRST.completed_on + timedelta(days=number % 3),
    )
    signature = sha512(code.encode()).digest()
    digits = summary.written(summary.packed(named, kid="bench"), signature)
    return replace(named, offline_url=f"https://verify.example.kg{summary.PATH}#{digits}")
