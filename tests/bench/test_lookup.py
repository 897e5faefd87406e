"""What ``script/bench lookup`` measures stays small whatever the register holds; its rows are those of real certificates."""

from flask.testing import FlaskClient
from sqlalchemy import event, insert

from certificates import lookup, numbering
from certificates.snapshot import Snapshot
from lms.core.db import db, new_id, reading, transaction
from lms.core.settings import Settings
from lms.core.web import Bilim
from lms.organisations.models import Organisation
from tests.bench import crowd, filling


def test_a_code_is_found_by_one_statement_and_its_page_by_two_among_few_and_among_many(
    app: Bilim, client: FlaskClient, settings: Settings
) -> None:
    organisation_id = _organisation()
    sent: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    found = []

    for numbers in (range(3), range(3, 300)):
        with filling.connected(settings.database_url) as connection:
            rows = crowd.certificates(numbers, organisation_id=organisation_id)
            filling.fill(connection, "certificate", crowd.CERTIFICATE, rows)
        code = crowd.code_of(crowd.drawn(numbers[-1]))
        sent.clear()
        with reading():
            assert lookup.by_code(code) is not None
        looked = len(sent)
        sent.clear()
        assert client.get(f"/v/{code}").status_code == 200
        found.append((looked, len(sent)))

    assert found == [(1, 2), (1, 2)]


def test_an_index_that_was_put_aside_is_there_again(app: Bilim, settings: Settings) -> None:
    with filling.connected(settings.database_url) as connection:
        before = sorted(filling._indexes(connection, "certificate")[1])
        with filling.without_indexes(connection, "certificate"):
            during = filling._indexes(connection, "certificate")[1]
        after = sorted(filling._indexes(connection, "certificate")[1])

    assert (during, after) == ([], before)
    assert any("record_id" in statement for statement in before)


def test_invented_certificates_read_as_real_ones() -> None:
    first, second = crowd.certificates(range(2), organisation_id="body")

    row = dict(zip(crowd.CERTIFICATE, second, strict=True))
    snapshot = Snapshot.from_json(row["snapshot"])
    assert snapshot.sha256() == row["snapshot_sha256"]
    assert (snapshot.code, snapshot.number, row["number"]) == (row["code"], "2020-KG-PM000002", "2020-KG-PM000002")
    assert numbering.check(row["code"])
    assert dict(zip(crowd.CERTIFICATE, first, strict=True))["code"] != row["code"]


def _organisation() -> str:
    organisation_id = new_id()
    with transaction():
        names = dict.fromkeys(("ky", "ru", "zh", "en"), "Invented academy")
        values = {"id": organisation_id, "code": "invented", "country": "KG", "names": names}
        db.session.execute(insert(Organisation), [values])
    return organisation_id
