"""Which of two answers is the newer one."""

import pytest

from courses.newer import Kept, Sent, decide

KEPT = Kept(given=("a",), revision=2, page="laptop", turn=4)


def test_the_first_answer_is_saved() -> None:
    assert decide(None, Sent(page="phone", has_waited=True, turn=1), ("a",)) == "save"


def test_a_page_changes_its_own_answer_as_often_as_it_wants() -> None:
    assert decide(KEPT, Sent(page="laptop", turn=5), ("b",)) == "save"
    assert decide(KEPT, Sent(page="laptop", turn=5, has_waited=True), ("b",)) == "save"
    assert decide(KEPT, Sent(page="laptop"), ("b",)) == "save"


@pytest.mark.parametrize("turn", [3, 4])
def test_a_slow_request_does_not_undo_a_later_one_of_the_same_page(turn: int) -> None:
    assert decide(KEPT, Sent(page="laptop", turn=turn), ("b",)) == "keep"


def test_an_answer_that_comes_at_once_is_the_newer_one_whatever_its_page_had_seen() -> None:
    assert decide(KEPT, Sent(page="phone", seen=0, turn=1), ("b",)) == "save"


def test_an_answer_that_waited_for_the_network_does_not_undo_one_it_had_not_seen() -> None:
    assert decide(KEPT, Sent(page="phone", seen=1, turn=1, has_waited=True), ("b",)) == "ask"


def test_an_answer_that_waited_is_saved_where_nothing_else_came_meanwhile() -> None:
    assert decide(KEPT, Sent(page="phone", seen=2, turn=1, has_waited=True), ("b",)) == "save"


def test_a_form_without_script_that_had_not_seen_the_answer_asks() -> None:
    assert decide(KEPT, Sent(page="phone", seen=1), ("b",)) == "ask"
    assert decide(KEPT, Sent(page="phone", seen=2), ("b",)) == "save"


def test_the_same_answer_is_never_a_question() -> None:
    assert decide(KEPT, Sent(page="phone", seen=0, turn=1, has_waited=True), ("a",)) == "keep"
    assert decide(KEPT, Sent(), ("a",)) == "keep"


def test_pages_without_a_name_are_not_one_page() -> None:
    unnamed = Kept(given=("a",), revision=1, page="", turn=None)

    assert decide(unnamed, Sent(seen=0), ("b",)) == "ask"


def test_a_form_that_says_nothing_about_itself_is_not_doubted() -> None:
    assert decide(KEPT, Sent(), ("b",)) == "save"
