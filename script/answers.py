"""The right answers to the product's tests, from the authors' own files: for walks through the demo and for browsers of tests."""

import html
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

CONTENT = Path("courses/content")
Fields = list[tuple[str, str]]


def units(module: str) -> list[str]:
    """Codes of the units that are written, in small letters as in addresses."""
    described = yaml.safe_load((CONTENT / module / "module.yaml").read_text())
    return [unit["code"].lower() for unit in described["units"] if unit["folder"]]


def right_answers(module: str, unit: str) -> dict[int, Fields]:
    """What a form sends for each question of a unit, by number; true where all questions are asked in their order."""
    return {number: fields(question) for number, question in enumerate(_questions(module, unit), start=1)}


def answer_on(page: str, module: str, unit: str) -> Fields:
    """What a form sends for the question that stands on a page, in whatever language.

    :raises LookupError: when none of the unit's questions stands there.
    """
    shown = html.unescape(page)
    for question in _questions(module, unit):
        if any(text in shown for text in question["text"].values()):
            return fields(question)
    raise LookupError(f"no question of {unit} on this page")


def fields(question: dict[str, Any]) -> Fields:
    """Names and values of a form with the right answer."""
    kind = question["type"]
    if kind == "numeric":
        return [("answer", str(question["answer"]).replace(".", ","))]
    if kind == "short":
        return [("answer", question["accepted"]["ru"][0])]
    if kind == "order":
        return [(f"answer-{item['id']}", str(place)) for place, item in enumerate(question["items"], start=1)]
    if kind == "match":
        return [(f"answer-{pair['id']}", pair["id"]) for pair in question["pairs"]]
    if kind == "scenario":
        return [(f"answer-{step['id']}", _right(step["options"])[0]) for step in question["steps"]]
    return [("answer", option) for option in _right(question["options"])]


def _right(options: list[dict[str, Any]]) -> list[str]:
    return [option["id"] for option in options if option["correct"]]


@lru_cache
def _questions(module: str, unit: str) -> list[dict[str, Any]]:
    described = yaml.safe_load((CONTENT / module / "module.yaml").read_text())
    (folder,) = (each["folder"] for each in described["units"] if each["code"].lower() == unit)
    questions: list[dict[str, Any]] = yaml.safe_load(
        (CONTENT / module / "units" / folder / "questions.yaml").read_text()
    )
    return questions
