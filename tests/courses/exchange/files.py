"""Small files as other systems write them, and what our readers make of them."""

from courses.exchange import reading
from courses.exchange.items import Draft, Found

GIFT = """\
// question: 7  name: Capital
// [id:capital-1]
::Столица::[html]<p>Столица <b>Кыргызстана</b>?</p>{
\t=Бишкек#Верно.
\t~Ош#Второй город.
\t~%50%Токмок
\t####Столица с 1924 года.
}
"""
XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'


def entries(data: bytes | str) -> list[Found]:
    """What stands in a file."""
    return list(reading.read(data.encode() if isinstance(data, str) else data).entries)


def only(data: bytes | str) -> Found:
    """The one item of a file."""
    (found,) = entries(data)
    return found


def taken(data: bytes | str) -> Draft:
    """The one question of a file."""
    found = only(data)
    assert found.draft is not None, found.said
    return found.draft


def reason(data: bytes | str) -> str:
    """Why the one item of a file is refused."""
    refusal = only(data).refusal
    assert refusal is not None
    assert refusal.sentence
    return refusal.code


def moodle(kind: str, inside: str, *, text: str = "Вопрос?", more: str = "") -> str:
    """A question bank of Moodle with one question."""
    return (
        f'{XML_HEAD}<question type="{kind}"><name><text>Имя</text></name>'
        f'<questiontext format="html"><text><![CDATA[{text}]]></text></questiontext>{inside}</question>{more}</quiz>'
    )


def answer(text: str, fraction: str, feedback: str = "", more: str = "") -> str:
    """An answer of Moodle."""
    return (
        f'<answer fraction="{fraction}" format="html"><text>{text}</text>'
        f"<feedback><text>{feedback}</text></feedback>{more}</answer>"
    )
