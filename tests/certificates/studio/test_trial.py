"""Templates that want too much are stopped where they are tried, and the reason is told."""

import json
from dataclasses import replace

import pytest

from certificates.layout import Layout, built_in
from certificates.studio import examples, findings, trial


def codes(layout: Layout) -> set[str]:
    tried = trial.try_out(layout, [examples.LONG], signatures={}, with_pictures=False)
    return {finding.code for finding in tried.refusals}


def styled(more: str) -> Layout:
    return replace(built_in(), style=built_in().style + more)


def paged(old: str, new: str) -> Layout:
    assert old in built_in().page
    return replace(built_in(), page=built_in().page.replace(old, new))


def test_the_template_of_the_product_passes_every_trial() -> None:
    tried = trial.try_all(built_in())

    assert tried.refusals == ()
    assert tried.sha256 == built_in().sha256


@pytest.mark.parametrize(
    ("layout", "code"),
    [
        (paged("{{ number }}", ""), "number-not-printed"),
        (paged('<img class="qr" src="{{ qr }}" alt="QR: {{ verify_url }}"/>', ""), "qr-missing"),
        (paged("</main>", ""), "page-syntax"),
        (paged("<main>", '<main><img src="file:///etc/passwd" alt="x"/>'), "certificate-not-clean"),
        (styled("main { background: url(http://127.0.0.1:9/x.png) }"), "certificate-not-clean"),
        (styled(".qr { width: 20mm; height: 20mm }"), "qr-too-small"),
        (styled(".offline-qr { width: 39mm; height: 39mm }"), "offline-qr-too-small"),
        (styled("main { height: 900mm }"), "certificate-too-long"),
    ],
)
def test_what_a_certificate_cannot_do_without_or_must_not_do_is_found(layout: Layout, code: str) -> None:
    assert codes(layout) == {code}


def test_a_template_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "SECONDS", 1)

    assert codes(built_in()) == {"trial-too-long"}


def test_the_process_sees_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    def run(_command: object, **options: object) -> object:
        seen.update(options)
        return type("Done", (), {"returncode": 0, "stdout": json.dumps({"refusals": [], "pages": [], "pdf": ""})})

    monkeypatch.setenv("BILIM_SECRET_KEY", "secret")
    monkeypatch.setattr(trial.subprocess, "run", run)
    trial.try_out(built_in(), [examples.SHORT], signatures={})

    assert "BILIM_SECRET_KEY" not in seen["env"]  # type: ignore[operator]


def test_every_finding_has_a_sentence() -> None:
    assert findings.SENTENCES.keys() >= {"page-statement", "placeholder-unknown", "qr-too-small", "trial-too-long"}
    assert findings.sentence_of(findings.Finding("newer")) == "newer"
