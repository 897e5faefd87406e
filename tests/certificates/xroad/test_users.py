import json

import pytest
from sqlalchemy import select

from certificates.xroad import users
from certificates.xroad.models import XroadRequest, XroadUser
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.web import Bilim
from lms.people import number_keys

USER, MESSAGE = "KG00000000000042", "fa2e18a5-c2cb-4d09-b994-f57727f7c3fb"


@pytest.mark.usefixtures("app")
def test_who_asked_is_read_before_and_after_the_key_of_personal_numbers_changes(app: Bilim) -> None:
    with transaction():
        for message_id, user_id in ((MESSAGE, USER), ("silent", ""), ("other", "clerk 7")):
            line = XroadRequest(message_id=message_id, client="KG/GOV/1/hr", service="changes", is_allowed=True)
            db.session.add(line)
            users.keep(line, user_id)

    def asked(message_id: str) -> list[str]:
        told = app.test_cli_runner().invoke(args=["xroad", "asked", message_id]).output
        return [json.loads(row)["user_id"] for row in told.splitlines()]

    assert (asked(MESSAGE), asked("silent"), asked("unknown")) == ([USER], [""], [])

    key_id, moved = number_keys.rotate(actor="operator:test", batch=1)

    with reading():
        kept = db.session.scalars(select(XroadUser)).all()
        looked = db.session.scalars(select(AuditEvent.subject).filter_by(action="xroad.user-read")).all()
    assert (moved, {row.number_key for row in kept}) == (2, {key_id})
    assert all(row.user_id_encrypted.startswith(key_id.encode()) for row in kept)
    assert (asked(MESSAGE), asked("other")) == ([USER], ["clerk 7"])
    assert looked == ["xroad-message:" + each for each in (MESSAGE, "silent", "unknown")]
