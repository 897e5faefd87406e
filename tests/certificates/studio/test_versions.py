from dataclasses import replace

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from certificates import rendering
from certificates.layout import NEWEST, built_in
from certificates.studio import pictures, versions
from certificates.studio.findings import Finding
from certificates.studio.models import TemplateVersion, VersionState
from certificates.studio.trial import Trial
from lms.core.audit import AuditEvent
from lms.core.db import db, reading, transaction
from lms.core.errors import Conflict, Invalid, Problem, Unavailable
from lms.core.web import Bilim
from lms.organisations import loading
from lms.organisations.models import Organisation
from tests.certificates.conftest import make_snapshot
from tests.certificates.studio.test_pictures import encoded

ACTOR = "staff:test"


@pytest.fixture
def organisation_id(app: Bilim) -> str:
    with transaction():
        return loading.load(loading.DEMO.read_text("utf-8"))[0].id


def make_draft(organisation_id: str, *, style: str = "") -> str:
    with transaction():
        layout = replace(built_in(), style=built_in().style + style)
        return versions.draft(organisation_id, title="Биринчи", layout=layout, actor=ACTOR).id


def publish(version_id: str, *refusals: Finding) -> None:
    with transaction():
        version = versions.found(version_id)
        versions.publish(version, Trial(versions.layout_of_version(version).sha256, refusals), actor=ACTOR)


def state_of(version_id: str) -> str:
    with reading():
        return versions.found(version_id).state


def dressed(organisation_id: str) -> tuple[int, str | None]:
    with reading():
        snapshot = versions.dressed(make_snapshot(), organisation_id)
    return snapshot.template_version, snapshot.template_sha256


def refusal_of_change(version_id: str) -> str:
    with pytest.raises(Problem) as refused, transaction():
        versions.change(versions.found(version_id), title="x", page="x", style="", frame="")
    return refused.value.code


def test_without_a_version_of_its_own_an_organisation_prints_with_the_products(organisation_id: str) -> None:
    make_draft(organisation_id)

    assert dressed(organisation_id) == (NEWEST, None)


def test_a_published_version_is_used_for_new_certificates(organisation_id: str) -> None:
    first = make_draft(organisation_id, style="/* 1 */")
    publish(first)

    number, sha256 = dressed(organisation_id)
    assert number == 2
    assert sha256 == replace(built_in(), style=built_in().style + "/* 1 */").sha256


def test_an_issued_certificate_keeps_its_own_version_for_ever(organisation_id: str) -> None:
    first, second = make_draft(organisation_id, style="p { color: #111 }"), make_draft(organisation_id)
    publish(first)
    with reading():
        issued = versions.dressed(make_snapshot(), organisation_id)
        before = rendering.render(issued, layout=versions.layout_of(issued))
    publish(second)

    with reading():
        layout = versions.layout_of(issued)
    assert layout.style.endswith("p { color: #111 }")
    assert rendering.render(issued, layout=layout) == before
    assert state_of(first) == VersionState.RETIRED
    assert dressed(organisation_id)[0] == 3


def test_what_was_published_cannot_be_changed_or_thrown_away(organisation_id: str) -> None:
    version_id = make_draft(organisation_id)
    publish(version_id)

    assert refusal_of_change(version_id) == "template-not-a-draft"
    with pytest.raises(Conflict), transaction():
        versions.add_picture(versions.found(version_id), "a.png", encoded())
    with pytest.raises(Conflict), transaction():
        versions.discard(versions.found(version_id), actor=ACTOR)


@pytest.mark.parametrize("column", ["page", "style", "frame", "sha256"])
def test_the_database_itself_keeps_a_published_version(organisation_id: str, column: str) -> None:
    version_id = make_draft(organisation_id)
    publish(version_id)

    with pytest.raises(DBAPIError, match="a published template never changes"), transaction():
        db.session.execute(update(TemplateVersion).values({column: "other"}))
    with pytest.raises(DBAPIError, match="a published template never changes"), transaction():
        db.session.execute(text("DELETE FROM template_version"))


def test_a_template_that_is_not_ready_is_not_published(organisation_id: str) -> None:
    version_id = make_draft(organisation_id)

    with pytest.raises(Invalid) as refused:
        publish(version_id, Finding("qr-missing"))

    assert refused.value.code == "template-not-ready"
    assert refused.value.facts["reasons"] == ["qr-missing"]
    assert state_of(version_id) == VersionState.DRAFT


def test_a_draft_that_changed_after_its_trial_is_not_published(organisation_id: str) -> None:
    version_id = make_draft(organisation_id)

    with pytest.raises(Conflict) as refused, transaction():
        versions.publish(versions.found(version_id), Trial(built_in().sha256[::-1], ()), actor=ACTOR)

    assert refused.value.code == "template-changed"


def test_retiring_goes_back_to_the_template_of_the_product(organisation_id: str) -> None:
    version_id = make_draft(organisation_id)
    publish(version_id)

    with transaction():
        versions.retire(versions.found(version_id), actor=ACTOR)

    assert dressed(organisation_id) == (NEWEST, None)
    with pytest.raises(Conflict) as refused, transaction():
        versions.retire(versions.found(version_id), actor=ACTOR)
    assert refused.value.code == "template-not-in-use"


def test_a_template_that_is_gone_or_was_altered_prints_nothing(organisation_id: str) -> None:
    lost = replace(make_snapshot(), template_version=9, template_sha256="ab" * 32)

    with pytest.raises(Unavailable) as refused, reading():
        versions.layout_of(lost)

    assert refused.value.code == "template-missing"


def test_pictures_of_a_version_are_printed_with_it(organisation_id: str) -> None:
    version_id = make_draft(organisation_id)
    with transaction():
        version = versions.found(version_id)
        versions.add_picture(version, "logo.png", encoded())
        versions.add_picture(version, "other.png", encoded())
        versions.remove_picture(version, "other.png")

    with reading():
        layout = versions.layout_of_version(versions.found(version_id))
    assert layout.pictures == {"logo.png": pictures.cleaned("logo.png", encoded())}


def test_a_template_may_have_twelve_pictures(organisation_id: str) -> None:
    version_id = make_draft(organisation_id)

    with pytest.raises(Invalid) as refused, transaction():
        for number in range(13):
            versions.add_picture(versions.found(version_id), f"p{number}.png", encoded())

    assert refused.value.code == "pictures-too-many"


def test_every_step_stands_in_the_audit_log(organisation_id: str) -> None:
    first, second = make_draft(organisation_id), make_draft(organisation_id)
    publish(first)
    with transaction():
        versions.retire(versions.found(first), actor=ACTOR)
        versions.discard(versions.found(second), actor=ACTOR)

    with reading():
        actions = db.session.scalars(
            select(AuditEvent.action).where(AuditEvent.actor == ACTOR).order_by(AuditEvent.id)
        ).all()
    assert actions == [
        "template.drafted",
        "template.drafted",
        "template.published",
        "template.retired",
        "template.discarded",
    ]


def test_organisations_do_not_see_each_others_versions(organisation_id: str) -> None:
    with transaction():
        other = Organisation(code="other", country="KG", names={})
        db.session.add(other)
        db.session.flush()
        other_id = other.id
    make_draft(organisation_id)

    with reading():
        assert versions.of_organisation(other_id) == []
        assert len(versions.of_organisation(organisation_id)) == 1
