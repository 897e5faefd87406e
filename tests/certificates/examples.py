"""Certificates that ask much of a page: the longest names, joint issue, and a transcript of twelve modules."""

from dataclasses import replace
from datetime import date
from hashlib import sha256
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from certificates.snapshot import CoIssuer, Issuer, Signer, Snapshot, TranscriptLine
from tests.certificates.conftest import make_snapshot

LONG: dict[str, Any] = {
    "holder": {
        "Cyrl": "Абдыкеримова-Токтосунова Гүлжамал Жеңишбек кызы",
        "Latn": "Guljamal Jenishbek kyzy Abdykerimova-Toktosunova",
        "Hani": "古丽扎姆·热尼什别克·阿布德克里莫娃",
    },
    "titles": {
        "ky": "Шаардык башкаруу жана жергиликтүү өз алдынча башкаруу органдарынын ишин уюштуруу",
        "ru": "Городское управление и организация деятельности органов местного самоуправления",
        "zh": "城市治理与地方自治机构工作组织",
        "en": "Urban Governance and the Organisation of Local Self-Government Bodies",
    },
    "issuer": Issuer(
        names={
            "ky": "Кыргыз Республикасынын Президентине караштуу көргөзмө мамлекеттик башкаруу академиясы",
            "ru": "Демонстрационная академия государственного управления при Президенте Кыргызской Республики",
            "zh": "吉尔吉斯共和国总统直属示范国家管理学院",
            "en": "Demonstration Academy of Public Administration under the President of the Kyrgyz Republic",
        },
        country="KG",
    ),
    "signer": Signer(
        name={"ky": "Ж. К. Абдыкеримов", "ru": "Ж. К. Абдыкеримов", "zh": "阿萨诺夫", "en": "J. Abdykerimov"},
        post={
            "ky": "Академиянын ректорунун окуу иштери жана эл аралык байланыштар боюнча орун басары",
            "ru": "Проректор академии по учебной работе и международным связям",
            "zh": "副院长",
            "en": "Vice-Rector",
        },
    ),
}

SIXTY_LETTERS = "Токтогул-Абдырахманова Гүлжамийла Жеңишбек-Эсенканова кызы-ның"
THREE_LINES = {
    language: f"{text}: {more}"
    for (language, text), more in zip(
        LONG["titles"].items(),
        (
            "мамлекеттик жана муниципалдык кызматчылардын квалификациясын жогорулатуунун кеңейтилген программасы",
            "расширенная программа повышения квалификации государственных и муниципальных служащих",
            "国家和市政公务员扩展培训计划",
            "the extended programme of in-service training for civil and municipal servants",
        ),
        strict=True,
    )
}


def hand() -> bytes:
    """An invented signature as a PNG with a transparent ground."""
    picture = Image.new("LA", (240, 80), (0, 0))
    points = [(10, 60), (40, 15), (60, 65), (90, 20), (120, 60), (150, 30), (180, 55), (230, 25)]
    ImageDraw.Draw(picture).line(points, fill=(20, 255), width=4, joint="curve")
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


HAND = hand()
SIGNATURES = {sha256(HAND).hexdigest(): HAND}
OTHER = CoIssuer(
    Issuer(
        names={
            "ky": "Сиань мамлекеттик башкаруу мектеби (көргөзмө)",
            "ru": "Сианьская школа государственного управления (демонстрационная)",
            "zh": "西安公共管理学院（示范）",
            "en": "Xi'an School of Public Administration (demonstration)",
        },
        country="CN",
    ),
    Signer(
        name={"ky": "А. А. Мамытова", "ru": "А. А. Мамытова", "zh": "马美托娃", "en": "A. A. Mamytova"},
        post={"ky": "Мектептин директору", "ru": "Директор школы", "zh": "校长", "en": "Director"},
        signature=sha256(HAND).hexdigest(),
    ),
)


def transcript(lines: int) -> tuple[TranscriptLine, ...]:
    titles = make_snapshot().titles
    return tuple(
        TranscriptLine({language: f"{text} {number}" for language, text in titles.items()}, number, 70 + number)
        for number in range(1, lines + 1)
    )


def offline_url(number: int = 0) -> str:
    """As long as a real summary is."""
    return f"https://verify.example.kg/offline#{'31415926535897932384' * 28}{number:09d}"


def everything() -> Snapshot:
    """Joint issue with two pictures of signatures, valid for five years, with a transcript and both codes."""
    plain = make_snapshot()
    return replace(
        plain,
        valid_until=date(2031, 11, 20),
        signer=replace(plain.signer, signature=sha256(HAND).hexdigest()),
        co_issuers=(OTHER,),
        transcript=transcript(12),
        offline_url=offline_url(),
    )
