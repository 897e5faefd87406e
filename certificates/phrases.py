"""Words of a certificate that are the same in every template: dates, hours and heads of tables in four languages."""

from datetime import date
from typing import NamedTuple

_MONTHS_KY = [
    "январында",
    "февралында",
    "мартында",
    "апрелинде",
    "майында",
    "июнунда",
    "июлунда",
    "августунда",
    "сентябрында",
    "октябрында",
    "ноябрында",
    "декабрында",
]
_MONTHS_RU = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]
_MONTHS_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]  # not from a locale: the same page on every machine


class Words(NamedTuple):
    """One expression in the four languages."""

    ky: str
    ru: str
    zh: str
    en: str


HOURS = Words("Көлөмү, академиялык саат", "Объём, академических часов", "学时", "Academic hours")
RESULT = Words("Жыйынтыгы", "Результат", "成绩", "Result")
COMPLETED = Words("Аяктаган күнү", "Дата завершения", "完成日期", "Completed")
ISSUED = Words("Берилген күнү", "Дата выдачи", "颁发日期", "Issued")
VALID_UNTIL = Words("Жарактуу мөөнөтү", "Действителен до", "有效期至", "Valid until")


def on_the_day(day: date) -> dict[str, str]:
    """The day as it stands in a sentence, by language."""
    return {
        "ky": f"{day.year}-жылдын {day.day}-{_MONTHS_KY[day.month - 1]}",
        "ru": f"{day.day} {_MONTHS_RU[day.month - 1]} {day.year} года",
        "zh": f"{day.year}年{day.month}月{day.day}日",
        "en": f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}",
    }


def academic_hours_ru(hours: int) -> str:
    """Russian agrees with the last digit."""
    return "академического часа" if hours % 10 == 1 and hours % 100 != 11 else "академических часов"


def percent(score: int | None) -> str | None:
    """With the space that does not break; None stays None."""
    return None if score is None else f"{score}\u00a0%"
