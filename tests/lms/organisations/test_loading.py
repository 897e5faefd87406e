from datetime import date

import pytest
from sqlalchemy import func, select

from lms.core.db import db, reading, transaction
from lms.core.errors import Invalid
from lms.core.web import Bilim
from lms.organisations import issuers, loading
from lms.organisations.models import Organisation, Series, Signer

DEMO = loading.DEMO.read_text("utf-8")

SUCCESSION = """
organisations:
  - code: new-academy
    country: KG
    names: {ky: Жаңы, ru: Новая, zh: 新, en: New}
  - code: demonstration-academy
    country: KG
    names: {ky: Эски, ru: Старая, zh: 旧, en: Old}
    successor: {code: new-academy, act: Decree 1 (invented), date: 2026-02-01}
"""


def counted() -> tuple[int, int, int]:
    with reading():
        counts = [
            db.session.scalar(select(func.count()).select_from(table)) for table in (Organisation, Signer, Series)
        ]
        return counts[0] or 0, counts[1] or 0, counts[2] or 0


def test_the_demonstration_academy_numbers_three_series_and_has_a_signer(app: Bilim) -> None:
    with transaction():
        loading.load(DEMO)

    with reading():
        issuer = issuers.issuer_of("PM")
        assert issuer is not None
        assert issuer.names["en"] == "Demonstration Academy of Public Administration"
        assert set(issuer.names) == {"ky", "ru", "zh", "en"}
        signer = issuers.signer_on(issuer.id, date(2026, 11, 23))
        assert signer is not None
        assert signer.post["ru"] == "Ректор академии"


def test_loading_again_changes_nothing(app: Bilim) -> None:
    for _time in range(2):
        with transaction():
            loading.load(DEMO)

    assert counted() == (1, 1, 3)


def test_loading_again_takes_over_what_the_file_changed(app: Bilim) -> None:
    with transaction():
        loading.load(DEMO)
    with transaction():
        loading.load(DEMO.replace("Rector of the Academy", "Acting rector"))

    with reading():
        posts = [signer.post["en"] for signer in db.session.scalars(select(Signer))]
    assert posts == ["Acting rector"]


def test_a_successor_answers_for_what_the_old_body_issued(app: Bilim) -> None:
    with transaction():
        loading.load(SUCCESSION)

    with reading():
        old = db.session.scalars(select(Organisation).filter_by(code="demonstration-academy")).one()
        succession = issuers.succession_of(old.id)
        assert succession is not None
        assert (succession.names["en"], succession.act, succession.day) == (
            "New",
            "Decree 1 (invented)",
            date(2026, 2, 1),
        )


def test_a_body_without_successor_answers_for_itself(app: Bilim) -> None:
    with transaction():
        loading.load(DEMO)

    with reading():
        issuer = issuers.issuer_of("PM")
        assert issuer is not None
        assert issuers.succession_of(issuer.id) is None


def test_circles_of_successors_end(app: Bilim) -> None:
    with transaction():
        loading.load(SUCCESSION)
        old, new = (
            db.session.scalars(select(Organisation).filter_by(code=code)).one()
            for code in ("demonstration-academy", "new-academy")
        )
        new.successor_id = old.id

    with reading():
        assert issuers.succession_of(old.id) is not None


@pytest.mark.parametrize(
    ("day", "post"),
    [
        (date(2024, 12, 31), None),
        (date(2025, 1, 1), "First"),
        (date(2025, 12, 31), "First"),
        (date(2026, 1, 1), "Second"),
        (date(2036, 1, 1), "Second"),
    ],
)
def test_who_signs_is_who_held_the_post_on_that_day(app: Bilim, day: date, post: str | None) -> None:
    with transaction():
        academy = loading.load(DEMO)[0]
        db.session.query(Signer).delete()
        for name, first, last in (
            ("First", date(2025, 1, 1), date(2025, 12, 31)),
            ("Second", date(2026, 1, 1), None),
        ):
            db.session.add(
                Signer(
                    organisation_id=academy.id, name={"en": name}, post={"en": name}, valid_from=first, valid_until=last
                )
            )

    with reading():
        signer = issuers.signer_on(academy.id, day)
        assert (signer.post["en"] if signer else None) == post


def test_a_series_of_nobody_or_of_two_countries_has_no_issuer_until_a_code_tells(app: Bilim) -> None:
    with transaction():
        loading.load(DEMO)
        loading.load(DEMO.replace("demonstration-academy", "other-academy").replace("country: KG", "country: KZ"))

    with reading():
        assert issuers.issuer_of("XX") is None
        assert issuers.issuer_of("PM") is None
        issuer = issuers.issuer_of("PM", organisation_code="other-academy")
        assert issuer is not None
        assert issuer.country == "KZ"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("organisations: [", "file-not-readable"),
        ("", "values-not-valid"),
        ("just words", "values-not-valid"),
        (DEMO.replace("zh: 院长", "zh: ''"), "values-not-valid"),
        (DEMO.replace("2025-01-01", "soon"), "values-not-valid"),
        (DEMO.replace("country: KG", "country: Kyrgyzstan"), "values-not-valid"),
        (DEMO + "    moto: none\n", "values-not-valid"),
        (SUCCESSION.replace("{code: new-academy,", "{code: nobody,"), "successor-unknown"),
    ],
)
def test_a_wrong_file_is_refused_and_nothing_of_it_is_kept(app: Bilim, text: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal, transaction():
        loading.load(text)

    assert refusal.value.code == code
    assert counted() == (0, 0, 0)


def test_two_bodies_of_one_country_cannot_number_one_series(app: Bilim) -> None:
    with transaction():
        loading.load(DEMO)

    with pytest.raises(Invalid) as refusal, transaction():
        loading.load(DEMO.replace("demonstration-academy", "other-academy"))
    assert (refusal.value.code, counted()) == ("series-taken", (1, 1, 3))


def test_the_command_says_what_it_loaded(app: Bilim) -> None:
    result = app.test_cli_runner().invoke(loading.cli, ["load", str(loading.DEMO)])

    assert (result.exit_code, result.output) == (0, "1 organisations are known: demonstration-academy\n")


def test_the_command_says_where_a_file_is_wrong(app: Bilim, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("wrong") / "academy.yaml"
    file.write_text(DEMO.replace("zh: 院长", "cn: 院长"), "utf-8")

    result = app.test_cli_runner().invoke(loading.cli, ["load", str(file)])

    assert result.exit_code == 1
    assert "academy.yaml" in result.output
    assert "'cn'" in result.output
