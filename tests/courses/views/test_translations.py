"""Lessons by language, for administrators of the academy."""

import pytest

from lms.core.web import Bilim
from lms.signin.roles import BUREAU_OFFICER, PLATFORM_ADMINISTRATOR
from tests.courses.conftest import counted_queries
from tests.staff import sign_in


@pytest.mark.usefixtures("module")
def test_an_administrator_reads_a_unit_in_two_languages(app: Bilim) -> None:
    browser = app.test_client()
    sign_in(browser, PLATFORM_ADMINISTRATOR)

    listed = browser.get("/admin/translations/?lang=en").text
    assert "/admin/translations/roads/rd1" in listed
    assert "Кыр<span>гызча</span>" in listed, "the languages of the page itself"
    assert "Missing" in listed, "a unit that is not written"
    with counted_queries() as asked:
        page = browser.get("/admin/translations/roads/rd1?left=zh&right=en&lang=en").text
    assert '<div lang="zh">' in page
    assert '<div lang="en">' in page
    assert '<div lang="ru">' not in page
    assert "Learning outcome 1" in page
    assert len(asked) <= 8, "\n".join(asked)
    assert browser.get("/admin/translations/roads/rd9").status_code == 404
    assert browser.get("/admin/translations/roads/rd1?left=tr").status_code == 200


@pytest.mark.usefixtures("module")
def test_others_do_not(app: Bilim) -> None:
    browser = app.test_client()
    sign_in(browser, BUREAU_OFFICER)

    assert browser.get("/admin/translations/").status_code == 403
