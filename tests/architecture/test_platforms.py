"""What one LMS does otherwise than the specification stands in one folder."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = re.compile(
    r"\b(moodle|canvas|blackboard|brightspace|desire2learn|d2l|sakai|open ?edx)\b|instructure\.com", re.I
)
READS_IT = {
    "lms/lti/claims.py": "the claim's name",
    "lms/lti/registration_configuration.py": "the claim's name",
    "lms/lti/recognition.py": "remembers it",
    "lms/lti/registration.py": "remembers it",
    "lms/lti/states.py": "carries it",
    "lms/lti/launch.py": "passes it on to the habits",
    "lms/lti/models.py": "the column",
}
"""Rooms that may say ``product_family_code``; what it means is for ``lms/lti/platforms`` alone."""
NAMES_OF_FORMATS = "courses/exchange/"
"""Moodle XML is the name of a kind of file; who sent the launch has no part in reading it."""
CANVAS_SENDS = {"canvas_region", "canvas_environment"}


def rooms() -> Iterator[tuple[str, ast.Module]]:
    """All our code, but for the habits themselves and for the sandbox, which plays them."""
    for package in ("lms", "courses", "certificates"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if not name.startswith(("lms/lti/platforms/", "lms/sandbox/")):
                yield name, ast.parse(path.read_text("utf-8"))


def values(tree: ast.Module) -> Iterator[str]:
    """Every text that code works with; docstrings explain and may name whom they like."""
    spoken = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spoken:
            yield node.value
        elif isinstance(node, ast.Name | ast.Attribute):
            yield node.id if isinstance(node, ast.Name) else node.attr


def test_no_other_room_knows_a_product_by_name() -> None:
    knowing = [
        f"{name}: {value}"
        for name, tree in rooms()
        for value in values(tree)
        if PRODUCT.search(value) and value not in CANVAS_SENDS and not name.startswith(NAMES_OF_FORMATS)
    ]

    assert knowing == [], "a habit of one LMS belongs into lms/lti/platforms"


def test_the_product_is_read_where_it_is_passed_on_and_nowhere_else() -> None:
    reading = {name for name, tree in rooms() if any("product_family" in value for value in values(tree))}

    assert reading <= set(READS_IT), "ask lms.lti.platforms.of for the habits of a platform"


def test_a_name_in_code_is_found() -> None:
    planted = ast.parse('"""Moodle."""\nif family == "moodle":\n    pass\n')

    assert [value for value in values(planted) if PRODUCT.search(value)] == ["moodle"]
