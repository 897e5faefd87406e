"""For everybody who holds a certificate in the hand: type or scan its code or hash, or upload its file. No account, no cookie."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from certificates import lookup, numbering, verification, wording
from certificates import typed as typed_as
from certificates.badges import credential
from certificates.batches import receipt
from certificates.batches import wording as batch_wording
from certificates.network import foreign
from certificates.reports import editions, periods
from certificates.verdicts import VerdictCode
from certificates.verification import Verdict
from lms.core import clock, settings
from lms.core.db import reading
from lms.core.errors import Sentence
from lms.core.i18n import _, pick
from lms.core.web import csrf, limiter

CACHED_SECONDS = 60
KEYS_CACHED_SECONDS = 3600

blueprint = Blueprint("public_certificates", __name__, template_folder="../templates")


@blueprint.get("/verify")
def verify() -> ResponseReturnValue:
    """Ask for a code or a file. A typed code gets an address of its own, so that a verdict can be reloaded."""
    typed = request.args.get("code")
    return _form() if typed is None else _on_to_verdict(typed)


@blueprint.post("/verify")
@limiter.limit("60/minute")
def verify_from_anywhere() -> ResponseReturnValue:
    """The same from the field at the top of each page for staff. Nothing changes, so no token guards it."""
    return _on_to_verdict(request.form.get("code", ""))


def _on_to_verdict(typed: str) -> ResponseReturnValue:
    code = typed_as.sha256_of(typed) or numbering.normalise(typed)
    if not code:
        return _form(code_error=_("Type the code from the paper.")), 422
    return redirect(url_for("public_certificates.verdict", code=code), 303)


@blueprint.get("/v/<code>", endpoint="verdict")
@blueprint.get("/V/<code>", endpoint="scanned")
@limiter.limit("60/minute")
def verdict(code: str) -> Response:
    """The verdict on a code, or on the hash of a file. QR codes hold the address in capitals."""
    found = verification.verify_typed(code)
    page = make_response(_verdict_page(found, typed=code), 200 if found.facts else 404)
    # A page that was asked for in another language sets a cookie, which no shared cache may keep.
    keeper = "private" if "lang" in request.args else "public"
    page.headers["Cache-Control"] = f"{keeper}, max-age={CACHED_SECONDS}"
    page.vary.update(("Accept-Language", "Cookie"))
    return page


@blueprint.post("/verify/pdf")
@limiter.limit("20/minute")
def verify_file() -> ResponseReturnValue:
    """The verdict on an uploaded file. The file is not kept. Nothing changes, so no token guards the form."""
    upload = request.files.get("file")
    data = upload.read() if upload else b""
    if not data:
        return _form(file_error=_("Choose the PDF file first.")), 422
    if receipt.looks_like_one(data):
        return _receipt_page(data)
    if credential.looks_like_one(data):
        return _verdict_page(foreign.verify(data.decode("ascii")))
    found = verification.verify_pdf(data)
    if found.receipt:
        return _sealed_receipt_page(found, found.receipt)
    return _report_page(found, found.report, lookup.digest(data)) if found.report else _verdict_page(found)


@blueprint.post("/verify/credential")
@limiter.limit("20/minute")
def verify_credential() -> ResponseReturnValue:
    """The verdict on a credential that was pasted. It is not kept."""
    jwt = request.form.get("credential", "").strip()
    if not jwt:
        return _form(credential_error=_("Paste the credential first.")), 422
    if receipt.looks_like_one(jwt.encode("utf-8", "replace")):
        return _receipt_page(jwt.encode("utf-8", "replace"))
    return _verdict_page(foreign.verify(jwt))


@blueprint.get("/verify/receipts/jwks.json")
def receipt_keys() -> Response:
    """Every public key that ever signed a receipt of verifications."""
    answer = jsonify(receipt.key_set())
    answer.mimetype = "application/jwk-set+json"
    answer.headers["Cache-Control"] = f"public, max-age={KEYS_CACHED_SECONDS}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


csrf.exempt(verify_from_anywhere)
csrf.exempt(verify_file)
csrf.exempt(verify_credential)


@blueprint.after_request
def _keep_out_of_search_engines(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _form(*, code_error: str = "", file_error: str = "", credential_error: str = "") -> str:
    return render_template(
        "certificates/verify.html",
        code_error=code_error,
        file_error=file_error,
        credential_error=credential_error,
        **_about_us(),
    )


def _verdict_page(found: Verdict, *, typed: str = "") -> str:
    return render_template(
        "certificates/verdict.html",
        verdict=found,
        wording=wording.of_verdict(found),
        status_reason=_status_reason(found),
        reasons=wording.of_reasons(found),
        field_names={one.field: wording.of_field(one.field) for one in found.differences},
        shown_mentioned=numbering.shown(found.mentioned_code or ""),
        typed=typed,
        is_hash=typed_as.sha256_of(typed) is not None,
        shown_code=numbering.shown(found.facts.code) if found.facts else "",
        checked_at=clock.now(),
        **_about_us(),
    )


def _receipt_page(data: bytes) -> str:
    """Whether a receipt of many verifications bears our signature, and what it says."""
    with reading():
        return _told_receipt(receipt.read(data.decode("ascii", "replace")), is_sealed=False)


def _told_receipt(said: dict[str, Any] | None, *, is_sealed: bool) -> str:
    """The page about a receipt, or that it does not bear our signature."""
    asked_at = datetime.fromisoformat(said["asked_at"]) if said else None
    words = [batch_wording.of_told(row) for row in said["rows"]] if said else []
    return render_template(
        "certificates/receipt.html", said=said, asked_at=asked_at, words=words, is_sealed=is_sealed, **_about_us()
    )


def _sealed_receipt_page(found: Verdict, statement: str) -> str:
    """A receipt as PDF: our seal holds, so what is printed is ours; what is attached has to bear our signature as well."""
    with reading():
        said = receipt.read(statement)
    if said is None:
        return _verdict_page(
            replace(found, code=VerdictCode.INCONSISTENT, reasons=("receipt-not-signed",), receipt=None)
        )
    return _told_receipt(said, is_sealed=True)


def _report_page(found: Verdict, figures: str, pdf_sha256: str) -> str:
    """A sealed report: which edition it is, and whether a newer one holds. Its figures have to be those that we keep."""
    with reading():
        edition = editions.with_figures(figures, pdf_sha256)
        newest = editions.latest(edition.organisation_id, edition.period) if edition else None
    if edition is None or newest is None:
        return _verdict_page(replace(found, code=VerdictCode.INCONSISTENT, reasons=("report-not-kept",), report=None))
    return render_template(
        "certificates/report.html",
        edition=edition,
        newest=newest,
        organisation=pick(json.loads(edition.figures)["organisation"]["names"]),
        period=periods.words(edition.period),
        **_about_us(),
    )


def _status_reason(found: Verdict) -> Sentence:
    reason = found.standing.reason if found.standing else None
    return wording.of_status_reason(reason) if reason else ""


def _about_us() -> dict[str, str]:
    """Readers compare this with their browser's address line: a false QR code leads to a false page."""
    return {"our_address": settings.current().public_url.removeprefix("https://").removeprefix("http://")}
