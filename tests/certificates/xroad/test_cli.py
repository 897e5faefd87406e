import json

from lms.core.web import Bilim
from tests.certificates import registered


def test_the_operator_says_who_may_ask_for_what(app: Bilim) -> None:
    registered.open_register()

    def run(*words: str) -> tuple[int, str]:
        done = app.test_cli_runner().invoke(args=["xroad", *words])
        return done.exit_code, done.output

    allowed = ("allow", "KG/GOV/70000001/hr", "--service", "training-records", "--ground", "Agreement 1")
    assert run(*allowed) == (1, "Error: Name the purposes for which this body may ask.\n")
    assert run("allow", "hr", "--service", "changes", "--ground", "x")[0] == 1
    assert run("allow", "KG/GOV/1", "--service", "changes", "--ground", "x", "--organisation", "nobody")[0] == 1
    assert run(*allowed, "--purpose", "competition", "--organisation", "demonstration-academy")[0] == 0
    assert run(*allowed, "--purpose", "reserve", "--purpose", "competition")[0] == 0
    assert json.loads(run("list")[1]) == {
        "client": "KG/GOV/70000001/hr",
        "service": "training-records",
        "purposes": ["competition", "reserve"],
        "organisation_id": None,
        "ground": "Agreement 1",
    }
    assert run("withdraw", "KG/GOV/70000001/hr", "--service", "training-records")[0] == 0
    assert run("withdraw", "KG/GOV/70000001/hr", "--service", "training-records")[0] == 1
    assert run("list") == (0, "")
