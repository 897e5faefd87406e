"""Ways to make one sealed certificate; each runs in a process of its own."""

import json
import shutil
from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import segno
import segno.consts

from certificates.snapshot import Snapshot

PASSPHRASE = "bench"
CREDENTIAL = b"eyJhbGciOiJSUzI1NiJ9." + b"Zm9yIHNpemUgb25seQ" * 170
"""As large as an Open Badges credential."""

Make = Callable[[Snapshot], bytes]
Check = Callable[[bytes], Any]


def one(seal_path: Path) -> Make:
    """Ours, laid out for each."""
    from certificates import rendering
    from certificates.seal import Seal

    seal = Seal.load(seal_path, PASSPHRASE)
    attached = [_credential()]
    return lambda snapshot: seal.seal(rendering.render(snapshot, attachments=attached))


def bulk(seal_path: Path) -> Make:
    """Ours, as a cohort is issued."""
    from certificates import rendering
    from certificates.seal import Seal

    seal = Seal.load(seal_path, PASSPHRASE)
    attached = [_credential()]

    def make(snapshot: Snapshot) -> bytes:
        return seal.seal(next(rendering.render_many([snapshot], attachments=lambda _: attached)))

    return make


def naive(seal_path: Path, **variant: str) -> Make:
    """The same page written the way the documentation of both libraries begins."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from weasyprint import CSS, HTML

    from certificates import template
    from certificates.layout import built_in

    frame = b64encode(built_in().frame.encode()).decode()
    style = (
        built_in()
        .style.replace("Bilim Serif", "Noto Serif")
        .replace("Bilim Song", "Noto Serif CJK SC")
        .replace("Bilim Mono", "Noto Sans Mono")
        .replace("@page {", f"@page {{ background: url(data:image/svg+xml;base64,{frame});")
    )
    signer = signers.SimpleSigner.load_pkcs12(str(seal_path), passphrase=PASSPHRASE.encode())

    def make(snapshot: Snapshot) -> bytes:
        code = segno.make(snapshot.verify_url.upper(), error="q", micro=False).svg_data_uri(border=4)
        page = template.page(snapshot).replace(template.QR, code.replace("&", "&amp;"))
        large = _large_code(snapshot).svg_data_uri(border=4)
        page = page.replace(template.OFFLINE_QR, large.replace("&", "&amp;"))
        pdf = HTML(string=page).write_pdf(stylesheets=[CSS(string=style)], **variant)
        signed = BytesIO()
        metadata = signers.PdfSignatureMetadata(field_name="IssuerSeal", certify=True)
        signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), metadata, signer=signer, output=signed)
        return signed.getvalue()

    return make


def naive_tagged(seal_path: Path) -> Make:
    """The naive page with the variant that we always write."""
    return naive(seal_path, pdf_variant="pdf/a-3a")


def typst_tagged(seal_path: Path) -> Make:
    """Typst with its compiler kept warm, tagged as it is by default, and pyHanko with its key kept."""
    return _typst(seal_path.parent, _pyhanko_with_kept_key(seal_path))


def typst_pdfa(seal_path: Path) -> Make:
    """The same as PDF/A-3a."""
    return _typst(seal_path.parent, _pyhanko_with_kept_key(seal_path), pdf_standards=["a-3a"])


def typst_our_seal(seal_path: Path) -> Make:
    """Typst with the quick seal that we wrote for ourselves."""
    from certificates.seal import Seal

    return _typst(seal_path.parent, Seal.load(seal_path, PASSPHRASE).seal)


def _pyhanko_with_kept_key(seal_path: Path) -> Callable[[bytes], bytes]:
    """The best ordinary choice: pyHanko as it is, with a signer that does not parse the key for each signature."""
    from certificates.seal import Seal

    seal = Seal.load(seal_path, PASSPHRASE)

    def sign(pdf: bytes) -> bytes:
        seal._signer._form = None
        return seal.seal(pdf)

    return sign


def _typst(scratch: Path, sign: Callable[[bytes], bytes], **options: Any) -> Make:
    import typst

    from certificates import glyphs, phrases, template
    from certificates.layout import built_in

    folder = Path(mkdtemp(dir=scratch))
    shutil.copy(Path(__file__).with_name("certificate.typ"), folder / "main.typ")
    (folder / "frame.svg").write_text(built_in().frame)
    compiler = typst.Compiler(
        str(folder / "main.typ"), root=str(folder), font_paths=[str(glyphs.FONTS)], ignore_system_fonts=True
    )
    sizes = (3.3, 2.9, 2.55, 2.25, 2.05, 2.25)

    def make(snapshot: Snapshot) -> bytes:
        values = template.placeholders(snapshot)
        code = BytesIO()
        segno.make(snapshot.verify_url.upper(), error="q", micro=False, boost_error=False, mask=3).save(
            code, kind="svg", border=4
        )
        data = {
            "title": f"Сертификат {snapshot.number}",
            "description": " / ".join(snapshot.titles.values()),
            "issuer": values["issuer"],
            "holder": [form.text for form in values["holder"]],
            "name_size": sizes[values["name_size"]],
            "titles": values["titles"],
            "completed": phrases.on_the_day(snapshot.completed_on),
            "hours": str(snapshot.hours),
            "facts": values["facts"],
            "signer": values["signers"][0],
            "number": snapshot.number,
            "code": values["code"],
            "url": snapshot.verify_url,
        }
        large = BytesIO()
        _large_code(snapshot).save(large, kind="svg", border=4)
        inputs = {
            "data": json.dumps(data, ensure_ascii=False),
            "qr": code.getvalue().decode(),
            "offline": large.getvalue().decode(),
        }
        pdf = compiler.compile(format="pdf", sys_inputs=inputs, timestamp=1795219200, **options)
        assert isinstance(pdf, bytes)
        return sign(pdf)

    return make


def self_check(seal_path: Path) -> Check:
    """What the product's own verifier does with each file before it is stored."""
    from cryptography.hazmat.primitives.serialization import Encoding

    from certificates import examining
    from certificates.seal import Seal
    from certificates.verdicts import TrustedSeal, VerdictCode

    seal = Seal.load(seal_path, PASSPHRASE)
    seals = [TrustedSeal(seal.fingerprint, seal.root.public_bytes(Encoding.DER))]

    def check(pdf: bytes) -> None:
        assert examining.examine(pdf, seals=seals).code is VerdictCode.AUTHENTIC_BY_SIGNATURE

    return check


def _large_code(snapshot: Snapshot) -> Any:
    """By the library, with as few modules as ours and without its search for the best mask, which would take longest."""
    place, sign, digits = str(snapshot.offline_url).partition("#")
    parts: Any = [(place.upper(), segno.consts.MODE_ALPHANUMERIC), (sign, segno.consts.MODE_BYTE)]
    parts += [(digits, segno.consts.MODE_NUMERIC)]
    return segno.make(parts, error="m", micro=False, boost_error=False, mask=3)


def _credential() -> Any:
    from certificates.rendering import Attachment

    return Attachment("credential.jwt", CREDENTIAL, "application/jwt", "Open Badges 3.0 credential")
