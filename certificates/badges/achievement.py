"""What was achieved, as Open Badges documents: one edition for each language, which name each other (3.0, ``related``).

Everything comes from the snapshot of a certificate, so certificates of one module and one version of it share one
achievement, and its address never says anything else.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from certificates import numbering
from certificates.badges.addresses import Addresses
from certificates.badges.models import Achievement
from certificates.snapshot import Snapshot
from lms.core.db import db, insert_once

TAGS = {"en": "en", "ky": "ky", "ru": "ru", "zh": "zh-Hans"}
"""The languages of editions (BCP 47), the one that is embedded into credentials first."""
KIND = "CertificateOfCompletion"

_DESCRIPTION = {
    "en": "A module of {hours} academic hours.",
    "ky": "Көлөмү {hours} академиялык саат болгон модуль.",
    "ru": "Модуль объёмом {hours} академических часов.",
    "zh": "{hours}学时的课程模块。",
}
_CRITERIA = {
    "en": "The module was completed by the rules of the organisation that issued the certificate.",
    "ky": "Модуль күбөлүктү берген уюмдун эрежелери боюнча аяктады.",
    "ru": "Модуль завершён по правилам организации, выдавшей сертификат.",
    "zh": "已按颁发证书的机构的规定完成本模块。",
}
_HOURS = {"en": "Academic hours", "ky": "Академиялык сааттар", "ru": "Академические часы", "zh": "学时"}
_RESULT = {"en": "Result", "ky": "Жыйынтык", "ru": "Результат", "zh": "成绩"}


def facts_of(snapshot: Snapshot, organisation_id: str) -> dict[str, Any]:
    """What all certificates of the same module say alike."""
    return {
        "organisation_id": organisation_id,
        "issuer": asdict(snapshot.issuer),
        "series": numbering.series_of(snapshot.number),
        "titles": dict(snapshot.titles),
        "hours": snapshot.hours,
        "parts": [{"titles": dict(line.titles), "hours": line.hours} for line in snapshot.transcript],
    }


def identifier(facts: Mapping[str, Any]) -> str:
    """Named by what it says: the first half of the SHA-256 of its canonical JSON."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:32]


def keep(facts: dict[str, Any]) -> None:
    """Let its documents be found from now on, in the caller's transaction."""
    insert_once(Achievement, {"id": identifier(facts)}, {"facts": facts})


def kept(achievement_id: str) -> dict[str, Any] | None:
    """The facts behind an address. Reads in the caller's transaction."""
    row = db.session.get(Achievement, achievement_id)
    return row.facts if row else None


def first_language(facts: Mapping[str, Any]) -> str:
    """The edition that is embedded: English if there is one."""
    return next((language for language in TAGS if facts["titles"].get(language)), next(iter(facts["titles"])))


def edition(facts: Mapping[str, Any], language: str, addresses: Addresses) -> dict[str, Any]:
    """The achievement in one language (Open Badges 3.0, ``Achievement``), without a context."""
    name = identifier(facts)
    own_address = addresses.achievement(name, language)
    others = [other for other in TAGS if other != language and facts["titles"].get(other)]
    document = {
        "id": own_address,
        "type": ["Achievement"],
        "achievementType": KIND,
        "inLanguage": TAGS[language],
        "name": facts["titles"][language],
        "description": _DESCRIPTION[language].format(hours=facts["hours"]),
        "criteria": {"narrative": _CRITERIA[language]},
        "humanCode": facts["series"],
        "creator": {
            "id": addresses.issuer(facts["organisation_id"]),
            "type": ["Profile"],
            "name": facts["issuer"]["names"].get(language) or next(iter(facts["issuer"]["names"].values())),
        },
        "resultDescription": _result_descriptions(facts, language, own_address),
    }
    if others:  # empty lists must not be written (Open Badges 3.0, serialization)
        document["related"] = [
            {"id": addresses.achievement(name, other), "type": ["Related"], "inLanguage": TAGS[other]}
            for other in others
        ]
    return document


def results(snapshot: Snapshot, own_address: str) -> list[dict[str, Any]]:
    """What this holder reached, by the descriptions of the achievement."""
    values = [("hours", snapshot.hours), ("result", snapshot.score_percent)]
    values += [(f"part-{place}", line.score_percent) for place, line in enumerate(snapshot.transcript, 1)]
    return [
        {"type": ["Result"], "resultDescription": f"{own_address}#{name}", "value": str(value)}
        for name, value in values
        if value is not None
    ]


def _result_descriptions(facts: Mapping[str, Any], language: str, own_address: str) -> list[dict[str, Any]]:
    parts = [
        _percent(f"{own_address}#part-{place}", part["titles"].get(language) or next(iter(part["titles"].values())))
        for place, part in enumerate(facts["parts"], 1)
    ]
    hours = {
        "id": f"{own_address}#hours",
        "type": ["ResultDescription"],
        "name": _HOURS[language],
        "resultType": "RawScore",
    }
    return [hours, _percent(f"{own_address}#result", _RESULT[language]), *parts]


def _percent(identifier: str, name: str) -> dict[str, Any]:
    return {
        "id": identifier,
        "type": ["ResultDescription"],
        "name": name,
        "resultType": "Percent",
        "valueMin": "0",
        "valueMax": "100",
    }
