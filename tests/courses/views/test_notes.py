"""Notes for teachers: on one page for instructors, and nowhere for anybody else."""

from tests.courses.conftest import Visitor

SECRET = "counted <em>twice</em>"


def test_an_instructor_reads_the_notes_of_the_module(teacher: Visitor) -> None:
    link = f'href="{teacher.prefix}/teach/roads/notes"'
    page = teacher.get("/teach/roads/notes?lang=en").text

    assert link in teacher.get("/teach/roads").text
    assert "Note on the pothole</h2>" in page
    assert "<h3>The trap</h3>" in page
    assert SECRET in page


def test_a_trainee_never_sees_them(trainee: Visitor) -> None:
    refused = trainee.get("/teach/roads/notes?lang=en")
    read = [trainee.get(f"/learn/roads/{page}?lang=en") for page in ("overview", "rd1/1", "rd1/2", "booklet")]

    assert refused.status_code == 403
    assert 'class="code">instructors-only' in refused.text
    assert [page.status_code for page in read] == [200, 200, 200, 200]
    assert [page.request.path for page in [refused, *read] if "twice" in page.text or "Note on" in page.text] == []
