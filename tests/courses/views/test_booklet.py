"""The module as one file: it stands alone, holds what the track holds, and all 72 hours of it are small."""

import re
from pathlib import Path

import pytest
from flask import render_template

from courses import booklet, loading
from courses.catalogue import Edition
from courses.documents import to_document
from lms.core.i18n import LANGUAGES, use_language
from lms.core.web import Bilim
from tests.courses.conftest import Visitor

PRODUCT = Path(__file__).parents[3] / "courses" / "content"
LARGEST_BYTES = 20 * 1024 * 1024


@pytest.fixture
def kept(trainee: Visitor) -> str:
    """In Kyrgyz."""
    return trainee.get("/learn/roads/booklet?lang=ky").text


def test_the_booklet_names_nothing_outside_itself_but_sources(kept: str) -> None:
    assert re.findall(r'(?:src|srcset)="(?!data:image/svg\+xml;base64,)[^"]*"', kept) == []
    assert re.findall(r"<(?:link|script|iframe|form)\b", kept) == []
    assert {href[0] for href in re.findall(r'<a href="(.)', kept)} <= {"#", "h"}


def test_every_citation_leads_to_a_source_in_the_same_file(kept: str) -> None:
    targets = re.findall(r'href="#([^"]+)"', kept)

    assert targets
    assert [target for target in targets if kept.count(f'id="{target}"') != 1] == []


def test_it_is_a_file_to_keep_named_by_its_language(trainee: Visitor) -> None:
    answer = trainee.get("/learn/roads/booklet?lang=ru")

    assert answer.headers["Content-Disposition"].startswith('attachment; filename="roads-ru.html"')


def test_questions_are_not_in_it(kept: str) -> None:
    assert "rd1-q" not in kept
    assert "<input" not in kept


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_all_seventy_two_hours_in_four_languages_stay_below_twenty_megabytes(app: Bilim) -> None:
    outlines = loading.read_all(PRODUCT)
    editions = [
        Edition(
            module_id=outline.slug,
            version_id=outline.slug,
            digest=str(hash(str(to_document(outline)))),
            outline=outline,
        )
        for outline in outlines
    ]
    sizes = []
    with app.test_request_context():
        for edition in editions:
            for language in LANGUAGES:
                with use_language(language):
                    parts = booklet.parts(edition, language=language, picture_address="/{}/{}/{}".format)
                    sizes.append(len(render_template("courses/booklet.html", outline=edition.outline, parts=parts)))

    assert len(sizes) == 12
    assert 1_000_000 < sum(sizes) < LARGEST_BYTES
