"""The pages as people meet them."""

import pytest

from tests.lms.sandbox.conftest import Lms


def test_the_sign_in_page_names_seven_people(lms: Lms) -> None:
    page = lms.browser.get("/").text

    names = ["Жаңылгүл Өрнөкова", "Намуна Ўрнакова", "范例生", "Үмүт Көрсөтмөев", "Өмүр Жардамчиев", "Кеткен Мурунов"]
    names.append("Мисал Башкаруучуев")
    assert [name for name in names if name in page] == names
    assert page.count('<button name="person"') == 7


def test_choosing_a_person_opens_the_course_in_that_persons_language(lms: Lms) -> None:
    answer = lms.browser.post("/sign-in", data={"person": "trainee-2"}, follow_redirects=True)

    assert '<html lang="ru">' in answer.text
    assert "<h1>Повышение квалификации муниципальных служащих</h1>" in answer.text


def test_another_language_may_be_chosen_and_stays(lms: Lms) -> None:
    lms.browser.get("/enter?person=trainee-1&module=e-government")

    lms.browser.get("/course?lang=zh")

    assert '<html lang="zh">' in lms.browser.get("/grades").text


def test_the_direct_door_takes_a_language_along(lms: Lms) -> None:
    lms.browser.get("/enter?person=trainee-1&lang=en")

    assert '<html lang="en">' in lms.browser.get("/course").text


def test_a_new_person_speaks_that_persons_language_again(lms: Lms) -> None:
    lms.browser.get("/course?lang=zh")

    lms.browser.get("/enter?person=trainee-1")

    assert '<html lang="ky">' in lms.browser.get("/course").text


def test_the_course_lists_its_three_modules(lms: Lms) -> None:
    lms.browser.get("/enter?person=trainee-1")

    page = lms.browser.get("/course").text

    slugs = ["public-management", "urban-governance", "e-government"]
    assert [slug for slug in slugs if f'href="/course/{slug}"' in page] == slugs
    assert "<iframe" not in page


def test_the_direct_door_signs_in_and_starts_the_module_in_its_frame(lms: Lms) -> None:
    page = lms.browser.get("/enter?person=trainee-1&module=e-government", follow_redirects=True).text

    assert 'src="/launch/e-government?target=iframe"' in page
    assert 'href="/launch/e-government?target=window" target="_blank"' in page


@pytest.mark.parametrize("query", ["", "?person=nobody", "?person=trainee-1&module=astronomy"])
def test_the_direct_door_leads_to_known_people_and_modules_only(lms: Lms, query: str) -> None:
    assert lms.browser.get(f"/enter{query}").status_code == 404


def test_somebody_who_left_sees_the_course_but_opens_nothing(lms: Lms) -> None:
    page = lms.browser.get("/enter?person=trainee-left&module=e-government", follow_redirects=True).text

    assert "<iframe" not in page
    assert 'class="flash attention"' in page


@pytest.mark.parametrize("path", ["/course", "/course/e-government", "/grades"])
def test_nobody_sees_the_course_without_signing_in(lms: Lms, path: str) -> None:
    answer = lms.browser.get(path)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_the_gradebook_shows_an_instructor_what_arrived(lms: Lms) -> None:
    lms.send_score("trainee-3", scoreGiven=85.5, scoreMaximum=100, comment="<b>Жакшы</b>")
    lms.browser.get("/enter?person=instructor")

    page = lms.browser.get("/grades?lang=ru").text

    assert page.count("<tr><th") == 13
    assert "85,5" in page
    assert "&lt;b&gt;Жакшы&lt;/b&gt;" in page
    assert "20.11.2026, 16:00" in page


def test_the_gradebook_shows_a_trainee_only_her_own_row(lms: Lms) -> None:
    lms.send_score("trainee-3", comment="only for trainee-3")
    lms.browser.get("/enter?person=trainee-1")

    page = lms.browser.get("/grades").text

    assert "only for trainee-3" not in page
    assert "范例生" not in page


def test_a_grade_stands_beside_its_module_on_the_course_page(lms: Lms) -> None:
    lms.send_score("trainee-1", scoreGiven=86, scoreMaximum=100)
    lms.browser.get("/enter?person=trainee-1")

    assert lms.browser.get("/course").text.count('class="tag good"') == 1


def test_the_tools_message_is_shown_as_text_on_return(lms: Lms) -> None:
    page = lms.browser.get("/return?lti_msg=Saved&lti_errormsg=<script>x</script>").text

    assert "<p>Saved</p>" in page
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert 'target="_top"' in page


def test_pages_run_no_inline_script_and_frame_only_the_tool(lms: Lms) -> None:
    answer = lms.browser.get("/enter?person=trainee-1&module=e-government", follow_redirects=True)

    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'self'; img-src 'self' data:; "
        f"frame-src 'self' {lms.tool.url}; form-action 'self' {lms.tool.url}; "
        "frame-ancestors 'self'; object-src 'none'; base-uri 'none'"
    )
    assert " style=" not in answer.text
    assert "onclick" not in answer.text


def test_the_session_cookie_comes_back_from_inside_a_frame(lms: Lms) -> None:
    cookie = lms.browser.get("/enter?person=trainee-1").headers["Set-Cookie"]

    assert cookie.startswith("__Host-sandbox=")
    assert cookie.endswith("; Secure; HttpOnly; Path=/; SameSite=None")


def test_the_switches_page_changes_what_it_shows(lms: Lms) -> None:
    answer = lms.browser.post("/switches", data={"fault": "service-503", "times": "1"}, follow_redirects=True)

    assert answer.text.count('class="tag attention"') == 1


def test_an_unknown_page_is_not_found_kindly(lms: Lms) -> None:
    answer = lms.browser.get("/astronomy")

    assert answer.status_code == 404
    assert "<h1>" in answer.text


def test_the_common_face_and_the_own_script_are_served(lms: Lms) -> None:
    paths = ["/static/bilim.css", "/sandbox-static/sandbox.css", "/sandbox-static/launch.js"]

    assert [lms.browser.get(path).status_code for path in paths] == [200, 200, 200]
