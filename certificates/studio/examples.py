"""Invented certificates to try a template with: a short one, the longest that are likely, and one with everything."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageDraw

from certificates.layout import NEWEST
from certificates.snapshot import CoIssuer, Issuer, Signer, Snapshot, TranscriptLine


def _texts(ky: str, ru: str, zh: str, en: str) -> dict[str, str]:
    return {"ky": ky, "ru": ru, "zh": zh, "en": en}


def _signature() -> bytes:
    """An invented stroke of a pen."""
    picture = Image.new("LA", (240, 80), (0, 0))
    points = [(10, 60), (40, 15), (60, 65), (90, 20), (120, 60), (150, 30), (180, 55), (230, 25)]
    ImageDraw.Draw(picture).line(points, fill=(20, 255), width=4, joint="curve")
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


_HAND = _signature()
SIGNATURES: Mapping[str, bytes] = {sha256(_HAND).hexdigest(): _HAND}

SHORT = Snapshot(
    certificate_id="00000000-0000-4000-8000-000000000001",
    number="2026-KG-XX000001",
    code="0000000000000",
    holder={"Cyrl": "Ли Эр", "Latn": "Li Er"},
    titles=_texts("Башкаруу", "Управление", "管理", "Management"),
    hours=8,
    score_percent=None,
    completed_on=date(2026, 5, 1),
    issued_on=date(2026, 5, 2),
    issuer=Issuer(_texts("Көргөзмө академия", "Демонстрационная академия", "示范学院", "Demonstration Academy"), "KG"),
    signer=Signer(_texts("А. Үлгү", "А. Улгу", "乌尔古", "A. Ulgu"), _texts("Ректор", "Ректор", "院长", "Rector")),
    verify_url="https://verify.example.kg/v/0000000000000",
    template_version=NEWEST,
    offline_url=f"https://verify.example.kg/offline#{'1234567890' * 65}",
)

LONG = replace(
    SHORT,
    number="2026-KG-XX999999",
    holder={
        "Cyrl": "Абдыкеримова-Токтосунова Гүлжамал Жеңишбек кызы",
        "Latn": "Guljamal Jenishbek kyzy Abdykerimova-Toktosunova",
        "Hani": "古丽扎姆·热尼什别克·阿布德克里莫娃",
    },
    titles=_texts(
        "Шаардык башкаруу жана жергиликтүү өз алдынча башкаруу органдарынын ишин уюштуруу",
        "Городское управление и организация деятельности органов местного самоуправления",
        "城市治理与地方自治机构工作组织",
        "Urban Governance and the Organisation of Local Self-Government Bodies",
    ),
    hours=144,
    score_percent=100,
    completed_on=date(2026, 9, 30),
    issued_on=date(2026, 12, 31),
    issuer=Issuer(
        _texts(
            "Кыргыз Республикасынын Президентине караштуу көргөзмө мамлекеттик башкаруу академиясы",
            "Демонстрационная академия государственного управления при Президенте Кыргызской Республики",
            "吉尔吉斯共和国总统直属示范国家管理学院",
            "Demonstration Academy of Public Administration under the President of the Kyrgyz Republic",
        ),
        "KG",
    ),
    signer=Signer(
        _texts("Ж. К. Үлгүбаев", "Ж. К. Улгубаев", "乌尔古巴耶夫", "J. K. Ulgubaev"),
        _texts(
            "Академиянын ректорунун окуу иштери жана эл аралык байланыштар боюнча орун басары",
            "Проректор академии по учебной работе и международным связям",
            "副院长",
            "Vice-Rector",
        ),
    ),
)

FULL = replace(
    LONG,
    holder={"Cyrl": "Ысакова Айгүл Өмүрбековна", "Latn": "Aigul Ysakova", "Hani": "艾古丽"},
    titles=_texts("Мамлекеттик башкаруу", "Государственное управление", "公共管理", "Public Management"),
    issuer=SHORT.issuer,
    signer=replace(SHORT.signer, signature=next(iter(SIGNATURES))),
    valid_until=date(2031, 12, 31),
    co_issuers=(
        CoIssuer(
            Issuer(_texts("Үлгү мектеби", "Образцовая школа", "示范学校", "Sample School"), "CN"),
            Signer(
                _texts("Б. Мисал", "Б. Мисал", "米萨尔", "B. Misal"),
                _texts("Директор", "Директор", "校长", "Director"),
                next(iter(SIGNATURES)),
            ),
        ),
    ),
    transcript=tuple(
        TranscriptLine(
            _texts(f"Башкаруу {number}", f"Управление {number}", f"管理{number}", f"Management {number}"),
            12,
            80 + number,
        )
        for number in range(1, 13)
    ),
)

FOREIGN = replace(SHORT, holder={"Latn": "Johannes Sample", "Hani": "王伟"}, score_percent=77)

ALL: Mapping[str, Snapshot] = {"short": SHORT, "long": LONG, "full": FULL, "foreign": FOREIGN}
"""By the name in the address of a preview."""
