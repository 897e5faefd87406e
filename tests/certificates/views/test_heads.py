from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet

from certificates import chain
from certificates.views import heads
from lms.core import clock
from lms.core.web import Bilim
from tests.certificates import registered

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def sign_three_days() -> None:
    organisation_id = registered.open_register()
    for day in range(3):
        with clock.frozen(NOON + timedelta(days=day)):
            registered.issue(organisation_id)
        with clock.frozen(NOON + timedelta(days=day + 1)):
            chain.sign_head_of_yesterday("")


def test_an_outsider_takes_the_signed_heads_and_checks_them(
    app: Bilim, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = client.get("/verify/heads.json").get_json()
    sign_three_days()

    answer = client.get("/verify/heads.json")
    known = client.get("/verify/heads/jwks.json").get_json()
    later = client.get("/verify/heads.json?after=2026-11-21").get_json()
    wrong = client.get("/verify/heads.json?after=yesterday", headers={"Accept": "application/json"})
    monkeypatch.setattr(heads, "AT_ONCE", 2)
    first = client.get("/verify/heads.json").get_json()
    rest = client.get(first["next"]).get_json()

    assert empty == {"heads": [], "next": None}
    found = answer.get_json()["heads"]
    assert [(head["day"], head["event"]) for head in found] == [("2026-11-20", 2), ("2026-11-21", 4), ("2026-11-22", 6)]
    claims = jwt.decode(found[-1]["statement"], KeySet.import_key_set(known), ["ES256"]).claims
    assert (claims["day"], claims["event"], claims["hash"]) == ("2026-11-22", 6, found[-1]["hash"])
    assert "d" not in known["keys"][0]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert [head["day"] for head in later["heads"]] == ["2026-11-22"]
    assert (wrong.status_code, wrong.get_json()["code"]) == (422, "day-not-valid")
    assert (len(first["heads"]), [head["day"] for head in rest["heads"]], rest["next"]) == (2, ["2026-11-22"], None)
