"""Questions in a spreadsheet (XLSX): a heading, then a row for each. Columns are known by their names, in any order."""

import re
from collections.abc import Iterator, Mapping
from zipfile import ZipFile

from courses.exchange import fitting, markup
from courses.exchange.fitting import FULL, NOTHING, Weighted
from courses.exchange.items import Draft, Found, Remarks, found
from courses.exchange.wording import Refused, Unreadable
from courses.short_answers import normalised
from lms.core import sheets
from lms.core.sheets import Cell

LIMITS = sheets.Limits(rows=2000, text=8000)
COLUMNS = {
    "id": ("id", "код", "номер", "code", "编号"),
    "type": ("type", "questiontype", "тип", "түрү", "题型"),
    "only one": ("single",),
    "question": ("question", "questiontext", "text", "вопрос", "текст вопроса", "текст", "суроо", "题目", "问题"),
    "answer": (
        *("answer", "correct", "correct answer", "right answer", "ответ", "правильный ответ", "верный ответ"),
        *("правильные ответы", "жооп", "туура жооп", "答案", "正确答案"),
    ),
    "explanation": ("explanation", "comment", "пояснение", "объяснение", "комментарий", "түшүндүрмө", "解析"),
    "tolerance": ("tolerance", "погрешность", "допуск", "误差"),
    "unit": ("unit", "единица", "единица измерения", "бирдик", "单位"),
}
OPTION = re.compile(r"(?:option|answer|choice|вариант|вариант ответа|ответ|жооп|选项)?\s*([a-hа-зabcdef]|\d{1,2})[.)]?")
FEEDBACK = re.compile(r"(?:feedback|отзыв|комментарий)\s*([a-hа-з]|\d{1,2})")
LETTERS, CYRILLIC = "abcdefgh", "абвгдежз"
TYPES = {
    "single": ("single", "multichoice", "один", "один ответ", "одиночный выбор", "бир", "单选"),
    "multiple": ("multiple", "несколько", "несколько ответов", "множественный выбор", "бир нече", "多选"),
    "truth": ("truefalse", "true/false", "верно/неверно", "да/нет", "判断"),
    "numeric": ("numeric", "numerical", "number", "число", "числовой", "сан", "数字"),
    "short": ("short", "shortanswer", "краткий ответ", "короткий ответ", "кыска жооп", "填空"),
    "order": ("order", "порядок", "последовательность", "упорядочивание", "иреттүүлүк", "排序"),
    "match": ("match", "matching", "соответствие", "сопоставление", "дал келүү", "配对"),
}
TRUE = ("true", "верно", "да", "истина", "туура", "1", "正确", "对")
FALSE = ("false", "неверно", "нет", "ложь", "туура эмес", "0", "错误", "错")
SHARES = ("fraction", "доля", "баллы", "share", "%")
"""Behind an answer, how much of the points it brings."""
SEPARATORS = re.compile(r"\s*[;,/\n]\s*")
SIDES = re.compile(r"\s*(?:->|=>|→|=)\s*")
LOOKED_AT = 10

Row = Mapping[str, str]


def read(packed: ZipFile) -> Iterator[Found]:
    """One entry for each row below the heading.

    :raises NotRead: see :func:`lms.core.sheets.read`.
    :raises Unreadable: ``sheet-without-heading``.
    """
    sheet = sheets.read(packed, LIMITS, _checked)
    lines = sorted(sheet.lines.items())
    start, columns = _heading(lines)
    merged = {row for top, _left, bottom, _right in sheet.ranges for row in (top, min(bottom, top + LIMITS.rows))}
    for number, cells in lines[start + 1 :]:
        yield _found(number, cells, columns, is_merged=number in merged)


def _checked(text: str) -> tuple[str, str | None]:
    return text[: LIMITS.text], "too-long" if len(text) > LIMITS.text else None


def _heading(lines: list[tuple[int, Mapping[int, Cell]]]) -> tuple[int, dict[int, str]]:
    """Which of the first lines names the columns, and what each column holds."""
    for place, (_number, cells) in enumerate(lines[:LOOKED_AT]):
        columns = _columns(cells)
        if "question" in columns.values() and len(columns) > 1:
            return place, columns
    raise Unreadable(
        "sheet-without-heading", "no line of the first sheet names its columns (question, A, B, C, answer)"
    )


def _columns(cells: Mapping[int, Cell]) -> dict[int, str]:
    columns: dict[int, str] = {}
    before = ""
    for column, cell in sorted(cells.items()):
        word = " ".join(cell.text.casefold().split()).rstrip(":")
        name = before.replace("option", "share") if word in SHARES and before.startswith("option") else _column(word)
        before = name
        if name and name not in columns.values():
            columns[column] = name
    return columns


def _column(word: str) -> str:
    for name, words in COLUMNS.items():
        if word in words:
            return name
    if feedback := FEEDBACK.fullmatch(word):
        return f"feedback {_letter(feedback[1])}"
    option = OPTION.fullmatch(word)
    return f"option {_letter(option[1])}" if option else ""


def _letter(sign: str) -> str:
    """``a`` for A, А, 1."""
    if sign.isdecimal():
        return LETTERS[int(sign) - 1] if 0 < int(sign) <= len(LETTERS) else ""
    return sign if sign in LETTERS else LETTERS[CYRILLIC.index(sign)] if sign in CYRILLIC else ""


def _found(number: int, cells: Mapping[int, Cell], columns: Mapping[int, str], *, is_merged: bool) -> Found:
    row = {name: cells[column].text.strip() for column, name in columns.items() if column in cells}
    faults = [cells[column].fault for column in columns if column in cells and cells[column].fault]
    if is_merged:
        faults.append("merged-cell")
    return found(
        f"row {number}", row.get("question", ""), row.get("id", ""), lambda remarks: _draft(row, faults, remarks)
    )


def _draft(row: Row, faults: list[str | None], remarks: Remarks) -> Draft:
    if "formula" in faults:
        raise Refused("formula")
    if faults:
        raise Refused("cell-fault", what=faults[0])
    text = markup.from_either(row.get("question", ""), remarks)
    explanation = markup.from_either(row.get("explanation", ""), remarks)
    options = [
        (letter, markup.from_either(row[f"option {letter}"], remarks))
        for letter in LETTERS
        if row.get(f"option {letter}")
    ]
    return _of_type(_type(row, options), row, options, (text, explanation), remarks)


def _of_type(kind: str, row: Row, options: list[tuple[str, str]], texts: tuple[str, str], remarks: Remarks) -> Draft:
    answer = row.get("answer", "")
    has_shares = any(row.get(f"share {letter}") for letter, _text in options)
    if not answer and not has_shares and kind not in ("order", "match"):
        raise Refused("no-answer")
    if kind in ("single", "multiple"):
        return fitting.choice(*texts, _marked(row, options, remarks), remarks, is_single=kind == "single")
    if kind == "truth":
        return fitting.truth(*texts, is_true=answer.casefold() in TRUE)
    if kind == "numeric":
        tolerance = fitting.number(row["tolerance"]) if row.get("tolerance") else NOTHING
        return fitting.numeric(*texts, [(fitting.number(answer), tolerance, FULL)], remarks, unit=row.get("unit", ""))
    if kind == "short":
        return fitting.short(*texts, [(one, "", FULL) for one in re.split(r"\s*[;\n]\s*", answer) if one], remarks)
    if kind == "order":
        items = tuple(text for _letter, text in options)
        return fitting.checked(Draft(type="order", text=texts[0], explanation=texts[1], items=items))
    return fitting.match(*texts, [_pair(text) for _letter, text in options], remarks)


def _type(row: Row, options: list[tuple[str, str]]) -> str:
    """What the row says, or what its cells look like."""
    said = " ".join(row.get("type", "").casefold().split())
    if said:
        kind = next((kind for kind, words in TYPES.items() if said in words), "")
        if not kind:
            raise Refused("unknown-column-value", column="type", value=repr(said[:40]))
        return "multiple" if kind == "single" and row.get("only one", "true").casefold() in FALSE else kind
    answer = row.get("answer", "")
    if options:
        return "multiple" if len(_letters(answer, options)) > 1 else "single"
    if answer.casefold() in TRUE[:-3] + FALSE[:-3] and not answer.isdecimal():
        return "truth"
    try:
        fitting.number(answer)
    except Refused:
        return "short"
    return "numeric"


def _marked(row: Row, options: list[tuple[str, str]], remarks: Remarks) -> list[Weighted]:
    feedbacks = {letter: markup.from_either(row.get(f"feedback {letter}", ""), remarks) for letter, _text in options}
    if not row.get("answer"):
        shares = {letter: fitting.number(row.get(f"share {letter}") or "0") for letter, _text in options}
        return [(text, feedbacks[letter], shares[letter]) for letter, text in options]
    right = _letters(row["answer"], options)
    if not right:
        raise Refused("unknown-column-value", column="answer", value=repr(row["answer"][:40]))
    return [(text, feedbacks[letter], FULL if letter in right else NOTHING) for letter, text in options]


def _letters(answer: str, options: list[tuple[str, str]]) -> set[str]:
    """The options that an answer names: by letter, by number, or by their whole text."""
    known = {letter for letter, _text in options}
    parts = [part.casefold().rstrip(".)") for part in SEPARATORS.split(answer.strip()) if part]
    named = {_letter(part) for part in parts if len(part) <= 2}
    if parts and len(named) == len(parts) and named <= known:
        return named
    return {letter for letter, text in options if normalised(text) == normalised(answer)}


def _pair(text: str) -> tuple[str, str]:
    left, *right = SIDES.split(text, maxsplit=1)
    if not right:
        raise Refused("broken", what="a pair without -> between its sides")
    return left.strip(), right[0].strip()
