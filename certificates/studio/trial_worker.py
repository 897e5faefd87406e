"""The process in which a template is tried (``certificates.studio.trial``): a question comes in, findings go out."""

import json
import resource
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from typing import Any

import pypdfium2
from weasyprint.formatting_structure.boxes import ReplacedBox

from certificates import rendering, template, typesetting
from certificates.layout import Layout
from certificates.snapshot import Snapshot
from certificates.studio.findings import SMALLEST_OFFLINE_QR_MM, SMALLEST_QR_MM, Finding
from lms.core.errors import Invalid

CPU_SECONDS = 25
MEMORY_BYTES = 2 * 1024**3
_PIXELS_PER_MM = 96 / 25.4
_PICTURE_WIDTH = 1200
"""Dots."""


def main() -> None:
    """Read one question from standard input and answer it on standard output."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 2))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    question = json.load(sys.stdin)
    layout = Layout(question["page"], question["style"], question["frame"], _decoded(question["pictures"]))
    signatures = _decoded(question["signatures"])
    refusals: list[Finding] = []
    files = []
    for text in question["snapshots"]:
        file, found = _try(Snapshot.from_json(text), layout, signatures)
        refusals += found
        files.append(file)
    pictures = _pictures(files[0]) if question["with_pictures"] and files[0] else []
    answer = {
        "refusals": [vars(finding) for finding in dict.fromkeys(refusals)],
        "pages": [b64encode(picture).decode() for picture in pictures],
        "pdf": b64encode(files[0]).decode(),
    }
    json.dump(answer, sys.stdout)


def _try(snapshot: Snapshot, layout: Layout, signatures: Mapping[str, bytes]) -> tuple[bytes, list[Finding]]:
    if faults := template.faults_of(layout.page):
        return b"", [Finding(fault.code, fault.detail, fault.line) for fault in faults]
    try:
        file = rendering.render(snapshot, layout=layout, signatures=signatures)
    except Invalid as fault:
        return b"", list(_found(fault))
    return file, list(_lacking(snapshot, layout, signatures))


def _found(fault: Invalid) -> Iterator[Finding]:
    facts: Mapping[str, Any] = fault.facts
    if complaints := facts.get("complaints"):
        yield from (Finding(fault.code, str(complaint)[:200]) for complaint in complaints)
        return
    found = facts.get("field") or " ".join(facts.get("characters", ()))
    yield Finding(fault.code, str(found), facts.get("line"))


def _lacking(snapshot: Snapshot, layout: Layout, signatures: Mapping[str, bytes]) -> Iterator[Finding]:
    """What a certificate cannot do without."""
    sheet = typesetting.Page(template.page(snapshot, layout=layout), layout, signatures)
    root = sheet.etree_element
    body = root.find("body")
    printed = " ".join("".join(body.itertext()).split()) if body is not None else ""
    values = template.placeholders(snapshot)
    needed = {
        "number-not-printed": values["number"],
        "code-not-printed": values["code"],
        "address-not-printed": values["verify_url"],
        "name-not-printed": values["holder"][0].text,
    }
    yield from (Finding(code) for code, text in needed.items() if text not in printed)
    if not (root.findtext("head/title") or "").strip():
        yield Finding("title-missing")
    codes = _sizes_mm(box for page in sheet.laid_out().pages for box in _boxes(page._page_box))
    if template.QR not in codes:
        yield Finding("qr-missing")
    elif codes[template.QR] < SMALLEST_QR_MM:
        yield Finding("qr-too-small", f"{codes[template.QR]:.0f} mm")
    if (offline := codes.get(template.OFFLINE_QR, SMALLEST_OFFLINE_QR_MM)) < SMALLEST_OFFLINE_QR_MM:
        yield Finding("offline-qr-too-small", f"{offline:.0f} mm")


def _sizes_mm(boxes: Iterable[Any]) -> dict[str, float]:
    """How large each QR code stands on the page, where it is largest."""
    sizes: dict[str, float] = {}
    for box in boxes:
        if isinstance(box, ReplacedBox) and (source := box.element.get("src")) in template.CODES:
            sizes[source] = max(sizes.get(source, 0), min(box.width, box.height) / _PIXELS_PER_MM)
    return sizes


def _boxes(box: Any) -> Iterator[Any]:
    """The box and all below it; one that is placed absolutely stands behind a placeholder."""
    box = getattr(box, "_box", box)
    yield box
    for child in getattr(box, "children", ()):
        yield from _boxes(child)


def _pictures(pdf: bytes) -> list[bytes]:

    with pypdfium2.PdfDocument(pdf) as document:
        return [_png(page.render(scale=_PICTURE_WIDTH / page.get_width()).to_pil()) for page in document]


def _png(picture: Any) -> bytes:
    output = BytesIO()
    picture.convert("RGB").save(output, "PNG")
    return output.getvalue()


def _decoded(files: Mapping[str, str]) -> dict[str, bytes]:
    return {name: b64decode(data) for name, data in files.items()}


if __name__ == "__main__":
    main()
