"""What is printed follows from the day of issue: template, signatures, joint issuers; and stays for ever."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pikepdf
import pytest
from sqlalchemy import select

from certificates import issuing, lookup, printing, rendering
from certificates.layout import built_in
from certificates.snapshot import Snapshot
from certificates.studio import signatures, versions
from certificates.studio.trial import Trial
from lms.core import jobs
from lms.core.db import db, reading, transaction
from lms.core.errors import Invalid
from lms.core.settings import Settings
from lms.core.web import Bilim
from lms.organisations import loading
from lms.organisations.models import Organisation, Signer
from tests.certificates import academy, examples

SECOND = """
organisations:
  - code: second-academy
    country: CN
    names: {ky: Экинчи академия, ru: Вторая академия, zh: 第二学院, en: Second Academy}
    signers:
      - name: {ky: Б. Мисал, ru: Б. Мисал, zh: 米萨尔, en: B. Misal}
        post: {ky: Директор, ru: Директор, zh: 校长, en: Director}
        valid_from: 2025-01-01
        valid_until: %s
  - code: demonstration-academy
    country: KG
    names: {ky: Көргөзмө академия, ru: Демонстрационная академия, zh: 示范学院, en: Demonstration Academy}
    series: [PM]
    joint: {PM: [second-academy]}
"""


@pytest.fixture
def graduate(app: Bilim) -> academy.Learner:
    academy.open_academy(app)
    return academy.graduate()


def issue(learner: academy.Learner) -> Snapshot:
    return lookup.snapshot_of(issuing.issue(learner.record_id))


def organisation_id() -> str:
    return db.session.scalars(select(Organisation.id).filter_by(code="demonstration-academy")).one()


def publish(style: str) -> None:
    with transaction():
        layout = replace(built_in(), style=built_in().style + style)
        version = versions.draft(organisation_id(), title="x", layout=layout, actor="staff:x")
        db.session.flush()
        versions.publish(version, Trial(layout.sha256, ()), actor="staff:x")


def test_an_issued_certificate_prints_the_same_after_the_template_has_changed(graduate: academy.Learner) -> None:
    publish("/* first */")
    snapshot = issue(graduate)
    before = printing.printed(snapshot)
    publish("p { color: #333 }")

    with reading():
        certificate = lookup.of_record(graduate.record_id)
        assert certificate is not None
        assert certificate.template_version == snapshot.template_version == 2
    assert printing.printed(snapshot) == before
    assert rendering.render(snapshot) == before  # a comment in the style draws nothing
    assert issue(academy.graduate()).template_version == 3


def test_two_organisations_issue_together_while_both_have_a_signer(graduate: academy.Learner) -> None:
    with transaction():
        loading.load(SECOND % "null")

    snapshot = issue(graduate)

    assert [other.issuer.names["en"] for other in snapshot.co_issuers] == ["Second Academy"]
    assert [signer.name["en"] for signer in snapshot.signers][1:] == ["B. Misal"]


def test_an_organisation_without_a_signer_on_the_day_does_not_issue(graduate: academy.Learner) -> None:
    with transaction():
        loading.load(SECOND % "2025-12-31")

    assert issue(graduate).co_issuers == ()


def test_a_series_with_a_transcript_prints_units_hours_and_results(graduate: academy.Learner) -> None:
    with transaction():
        loading.load((SECOND % "null").replace("series: [PM]", "series: [{code: PM, transcript: true}]"))

    snapshot = issue(graduate)

    assert [(line.titles["en"], line.hours, line.score_percent) for line in snapshot.transcript] == [("Unit", 4, None)]
    with pikepdf.open(BytesIO(printing.printed(snapshot))) as pdf:
        assert len(pdf.pages) == 2


def test_a_series_that_is_not_known_cannot_be_issued_jointly(app: Bilim) -> None:
    with pytest.raises(Invalid) as refused, transaction():
        loading.load((SECOND % "null").replace("joint: {PM:", "joint: {XX:"))

    assert refused.value.code == "joint-issuer-unknown"


def test_a_signature_is_printed_and_kept_when_it_is_taken_away(graduate: academy.Learner) -> None:
    with transaction():
        signer = db.session.scalars(select(Signer)).one()
        signatures.put(signer, examples.HAND, actor="staff:x")
    snapshot = issue(graduate)
    with transaction():
        signatures.remove(db.session.scalars(select(Signer)).one(), actor="staff:x")

    with pikepdf.open(BytesIO(printing.printed(snapshot))) as pdf:
        figures = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"]
    assert len(figures) == 3
    assert snapshot.signer.signature is not None
    assert issue(academy.graduate()).signer.signature is None


def test_a_signature_that_is_lost_is_noticed_before_a_number_is_given(
    graduate: academy.Learner, settings: Settings
) -> None:
    with transaction():
        signatures.put(db.session.scalars(select(Signer)).one(), examples.HAND, actor="staff:x")
    for stored in Path(urlsplit(settings.files_url).path).glob("templates/pictures/*"):
        stored.unlink()

    with pytest.raises(jobs.NeedsPerson, match="signature-missing"):
        issuing.issue(graduate.record_id)
    with reading():
        assert lookup.of_record(graduate.record_id) is None


def test_signers_of_a_snapshot_are_those_of_its_day() -> None:
    assert (
        printing.signer_of(
            Signer(name={"ky": "А"}, post={"ky": "Б"}, valid_from=date(2026, 1, 1), signature_sha256="ab")
        ).signature
        == "ab"
    )
