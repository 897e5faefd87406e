"""Every text for people stands in all four languages, with the same placeholders, and is compiled."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "lms" / "core" / "translations"
LANGUAGES = ("ky", "ru", "zh", "en")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    template = tmp_path_factory.mktemp("texts") / "messages.pot"
    words = ["extract", "-F", "pyproject.toml", "-k", "_l", "-k", "_n:1,2", "-o", str(template)]
    packages = ["lms", "courses", "certificates"]
    command = [sys.executable, "-m", "babel.messages.frontend", *words, *packages]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with template.open("rb") as file:
        return read_po(file)


def catalogue(language: str) -> Catalog:
    with (FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def translations(catalog: Catalog) -> dict[str, list[str]]:
    """Texts by their English form; a plural has several."""
    found = {}
    for message in catalog:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            found[key] = [message.string] if isinstance(message.string, str) else list(message.string)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str, collected: Catalog) -> None:
    known = translations(catalogue(language))
    wanted = set(translations(collected))

    missing = sorted(text for text in wanted if not all(known.get(text, [""])))

    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_left_over(language: str, collected: Catalog) -> None:
    assert sorted(set(translations(catalogue(language))) - set(translations(collected))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_placeholders(language: str) -> None:
    broken = [
        text
        for text, forms in translations(catalogue(language)).items()
        if any(set(PLACEHOLDER.findall(form)) - set(PLACEHOLDER.findall(text)) for form in forms)
        or not any(set(PLACEHOLDER.findall(form)) >= set(PLACEHOLDER.findall(text)) for form in forms)
    ]

    assert broken == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_fresh(language: str) -> None:
    with (FOLDER / language / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        compiled = read_mo(file)

    assert translations(compiled) == translations(catalogue(language))


def test_kyrgyz_is_not_russian() -> None:
    russian, kyrgyz = translations(catalogue("ru")), translations(catalogue("ky"))
    same = [text for text in kyrgyz if kyrgyz[text] == russian.get(text) and len(text) > 20]

    assert same == []
