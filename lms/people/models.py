"""A person, and every form of the name that was ever sent or confirmed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Base, new_id

MAIL_CONSENT_VERSION = "2026-1"
"""Of the sentence beside the field for an e-mail address; another sentence gets another version."""


class Person(Base):
    """Somebody whom a platform has sent. What a platform calls the person is kept by ``lms.lti``."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class PersonName(Base):
    """One form of a name, in one script. A form that is replaced stays: old documents carry it."""

    __tablename__ = "person_name"
    __table_args__ = (
        Index(
            "uq_person_name_current",
            "person_id",
            "script",
            "source",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    script: Mapped[str] = mapped_column(String(4))
    """ISO 15924: Cyrl, Latn or Hani."""
    text: Mapped[str] = mapped_column(String(120), info={"personal": "name as printed on certificates"})
    source: Mapped[str] = mapped_column(String(10))
    """``platform`` for what a platform sent (a suggestion), ``holder`` for what the person confirmed."""
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    confirmed_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]


class MailAddress(Base):
    """Where a person wants to get mail. Only what the person typed and then confirmed from the mailbox is used."""

    __tablename__ = "mail_address"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254), info={"personal": "e-mail address, given with consent"})
    language: Mapped[str] = mapped_column(String(2))
    """In which the person read the page when giving it."""
    key: Mapped[str] = mapped_column(String(36), default=new_id)
    """Names this address in links of its mails; another address gets another key."""
    consented_at: Mapped[datetime] = mapped_column(default=clock.now)
    consent_version: Mapped[str] = mapped_column(
        String(20), default=MAIL_CONSENT_VERSION, server_default=MAIL_CONSENT_VERSION
    )
    """Of the sentence that was agreed to."""
    confirmed_at: Mapped[datetime | None]
