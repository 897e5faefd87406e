"""Which bodies stand behind one: those whose duties came to it, also by way of others."""

import pytest

from lms.core.db import db, reading, transaction
from lms.organisations import issuers
from lms.organisations.models import Organisation


@pytest.mark.usefixtures("app")
def test_a_body_stands_for_all_whose_duties_came_to_it_and_for_no_other() -> None:
    with transaction():
        today = Organisation(id="c", code="c", country="KG", names={})
        between = Organisation(id="b", code="b", country="KG", names={}, successor_id="c")
        first = Organisation(id="a", code="a", country="KG", names={}, successor_id="b")
        other = Organisation(id="x", code="x", country="KG", names={})
        for row in (today, between, first, other):
            db.session.add(row)
            db.session.flush()

    with reading():
        assert issuers.with_predecessors("c") == {"a", "b", "c"}
        assert issuers.with_predecessors("b") == {"a", "b"}
        assert issuers.with_predecessors("x") == {"x"}
