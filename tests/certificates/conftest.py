"""A plainly invented certificate, and a seal to put on it."""

from datetime import date

import pytest

from certificates import authority, rendering
from certificates.seal import Seal
from certificates.snapshot import Issuer, Signer, Snapshot


def make_snapshot(**changes: object) -> Snapshot:
    facts: dict[str, object] = {
        "certificate_id": "3f2c8a52-6f0e-4b52-9a35-0d1a5a3f7c10",
        "number": "2026-KG-PM000123",
        "code": "7Q4MX2DN9TVCZ",
        "holder": {"Cyrl": "Ысакова Айгүл Өмүрбековна", "Latn": "Aigul Ysakova", "Hani": "艾古丽"},
        "titles": {
            "ky": "Мамлекеттик башкаруу",
            "ru": "Государственное управление",
            "zh": "公共管理",
            "en": "Public Management",
        },
        "hours": 24,
        "score_percent": 87,
        "completed_on": date(2026, 11, 20),
        "issued_on": date(2026, 11, 21),
        "issuer": Issuer(
            names={
                "ky": "Көргөзмө мамлекеттик башкаруу академиясы",
                "ru": "Демонстрационная академия государственного управления",
                "zh": "示范公共管理学院",
                "en": "Demonstration Academy of Public Administration",
            },
            country="KG",
        ),
        "signer": Signer(
            name={"ky": "Б. Т. Асанов", "ru": "Б. Т. Асанов", "zh": "阿萨诺夫", "en": "B. T. Asanov"},
            post={"ky": "Ректор", "ru": "Ректор", "zh": "院长", "en": "Rector"},
        ),
        "verify_url": "https://verify.example.kg/v/7Q4MX2DN9TVCZ",
    }
    return Snapshot(**(facts | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def snapshot() -> Snapshot:
    return make_snapshot()


@pytest.fixture(scope="session")
def unsealed(snapshot: Snapshot) -> bytes:
    return rendering.render(snapshot)


@pytest.fixture(scope="session")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Seal:
    path = tmp_path_factory.mktemp("seal") / "seal.p12"
    authority.make_authority(path, "correct horse", organisation="Demonstration Academy", country="KG")
    return Seal.load(path, "correct horse")


@pytest.fixture(scope="session")
def sealed(seal: Seal, unsealed: bytes) -> bytes:
    return seal.seal(unsealed)
