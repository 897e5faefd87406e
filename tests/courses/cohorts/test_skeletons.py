"""Names that look alike over scripts: a hint, and never more."""

import pytest

from courses.cohorts import skeletons


@pytest.mark.parametrize(
    ("one", "other"),
    [("Жээнбек", "Dzheenbek"), ("Жээнбек", "Jeenbek"), ("Хамид", "Khamid"), ("Өмүрбек", "Omurbek"), ("Айгүл", "Aigul")],
)
def test_spellings_of_one_name_share_a_skeleton(one: str, other: str) -> None:
    assert skeletons.skeleton(one) == skeletons.skeleton(other)


def test_different_names_do_not() -> None:
    assert skeletons.skeleton("Мисал") != skeletons.skeleton("Нуска")


def test_a_missing_patronymic_and_another_order_are_no_difference() -> None:
    known = {"p1": skeletons.words_of("Synakov Misal"), "p2": skeletons.words_of("Synakov Nuska")}

    assert skeletons.alike("Мисал Сынаков Үлгү уулу", known) == [("p1", 100), ("p2", 50)]
