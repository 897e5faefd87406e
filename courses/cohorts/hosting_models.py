"""What the host abroad tells: where a cohort lives and who teaches it, and what became of each person there."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from courses.cohorts.models import Cohort, Member
from lms.core import clock
from lms.core.db import Base


class HostPlan(Base):
    """How the host receives a cohort, in its own words."""

    __tablename__ = "bureau_host_plan"

    cohort_id: Mapped[str] = mapped_column(ForeignKey(Cohort.id), primary_key=True)
    lodging: Mapped[str] = mapped_column(Text, default="")
    faculty: Mapped[str] = mapped_column(
        Text, default="", info={"personal": "names of lecturers, as the host writes them"}
    )
    offered: Mapped[str] = mapped_column(Text, default="")
    """Courses that the host offers."""
    changed_by: Mapped[str] = mapped_column(String(80))
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)


class Stay(Base):
    """What the host told of one person: the last word counts, the audit has who gave it and when."""

    __tablename__ = "bureau_stay"

    member_id: Mapped[str] = mapped_column(ForeignKey(Member.id), primary_key=True)
    hours: Mapped[int | None] = mapped_column(info={"personal": "academic hours attended at the host"})
    result: Mapped[int | None] = mapped_column(info={"personal": "result at the host, of 100"})
    came_back_on: Mapped[date | None] = mapped_column(info={"personal": "day on which the person came back"})
    told_at: Mapped[datetime] = mapped_column(default=clock.now)
