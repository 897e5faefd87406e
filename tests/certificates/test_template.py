from datetime import date

import pytest

from certificates import template
from certificates.snapshot import Snapshot
from lms.core.errors import Invalid
from tests.certificates.conftest import make_snapshot


def test_the_page_says_who_completed_what_in_four_languages(snapshot: Snapshot) -> None:
    page = template.page(snapshot)

    assert "Ысакова Айгүл Өмүрбековна" in page
    assert "2026-жылдын 20-ноябрында 24 академиялык саат көлөмүндө ийгиликтүү аяктады." in page
    assert "в объёме 24 академических часов успешно завершено 20 ноября 2026 года." in page
    assert "兹证明上列持证人于2026年11月20日完成《公共管理》模块的学习，共24学时，成绩合格。" in page
    assert "module “Public Management” of 24 academic hours on 20 November 2026." in page
    assert "7Q4M-X2DN-9TVC-Z" in page


def test_russian_hours_agree_with_their_number() -> None:
    assert "21 академического часа " in template.page(make_snapshot(hours=21))
    assert "11 академических часов " in template.page(make_snapshot(hours=11))
    assert "72 академических часов " in template.page(make_snapshot(hours=72))


def test_a_module_without_a_mark_has_no_column_for_it() -> None:
    assert "Жыйынтыгы" not in template.page(make_snapshot(score_percent=None))


def test_the_name_of_a_holder_without_cyrillic_leads_in_hanzi() -> None:
    page = template.page(make_snapshot(holder={"Latn": "Wang Wei", "Hani": "王伟"}))

    assert '<p class="name name0" lang="zh-Hans">王伟</p>' in page
    assert '<p class="name-again"><span lang="en">Wang Wei</span></p>' in page


def test_a_long_name_takes_a_smaller_size() -> None:
    short = template.page(make_snapshot(holder={"Cyrl": "Айгүл"}))
    long = template.page(make_snapshot(holder={"Cyrl": "Абдыкеримова-Токтосунова Гүлжамал Жеңишбек кызы"}))

    assert 'class="name name0"' in short
    assert 'class="name name4"' in long


def test_every_month_is_written_in_each_language() -> None:
    pages = [template.page(make_snapshot(completed_on=date(2026, month, 1))) for month in range(1, 13)]

    assert "1-июнунда" in pages[5]
    assert "1 мая 2026 года" in pages[4]
    assert "1 December 2026" in pages[11]


def test_what_a_person_wrote_is_text_and_never_markup() -> None:
    page = template.page(make_snapshot(holder={"Cyrl": "<b>{{ 7*7 }}</b> & Ко"}))

    assert "&lt;b&gt;{{ 7*7 }}&lt;/b&gt; &amp; Ко" in page


def test_a_missing_translation_refuses_the_page() -> None:
    with pytest.raises(Invalid) as refusal:
        template.page(make_snapshot(titles={"ky": "Мамлекеттик башкаруу"}))

    assert refusal.value.code == "placeholder-unknown"
    assert refusal.value.facts["field"] == "titles.ru"
