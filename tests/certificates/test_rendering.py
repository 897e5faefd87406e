"""The page as file and as picture, read back by programs that did not make it: poppler, MuPDF, qpdf, pikepdf, zbar."""

import os
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat

from certificates import rendering
from certificates.layout import built_in
from certificates.snapshot import Snapshot
from lms.core.errors import Invalid
from tests.certificates import examples
from tests.certificates.conftest import make_snapshot


@pytest.fixture(scope="module")
def everything() -> bytes:
    return rendering.render(examples.everything(), signatures=examples.SIGNATURES)


@pytest.fixture
def file(unsealed: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "certificate.pdf"
    path.write_bytes(unsealed)
    return path


def run(*command: str | Path) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, check=True)
    return done.stdout.decode()


def text_of(path: Path) -> str:
    return " ".join(run("pdftotext", "-layout", path, "-").split())


def test_the_text_can_be_copied_in_four_languages(file: Path) -> None:
    text = text_of(file)

    assert "Ысакова Айгүл Өмүрбековна" in text
    assert "«Мамлекеттик башкаруу» окуу модулун" in text
    assert "Обучение по модулю «Государственное управление»" in text
    assert "兹证明上列持证人于2026年11月20日完成《公共管理》模块的学习，共24学时，成绩合格。" in text
    assert "successfully completed the module “Public Management”" in text
    assert "2026-KG-PM000123" in text
    assert "7Q4M-X2DN-9TVC-Z" in text


def test_every_font_is_ours_and_embedded_with_its_letters(file: Path) -> None:
    fonts = [line.split() for line in run("pdffonts", file).splitlines()[2:]]

    assert {font[0].partition("+")[2] for font in fonts} == {
        "Bilim-Serif",
        "Bilim-Serif-Bold",
        "Bilim-Song",
        "Bilim-Mono",
    }
    assert {tuple(font[-5:-2]) for font in fonts} == {("yes", "yes", "yes")}
    assert {tuple(font[1:3]) for font in fonts} == {("CID", "TrueType")}


def test_a_second_renderer_draws_it_without_complaint(file: Path) -> None:
    drawn = subprocess.run(
        ["mutool", "draw", "-o", str(file.with_suffix(".png")), str(file)], capture_output=True, text=True, check=True
    )

    complaints = [line for line in drawn.stderr.splitlines() if line.startswith("error") or "glyph" in line]
    assert complaints == []
    assert run("mutool", "draw", "-F", "text", file).count("艾古丽") == 1


@pytest.mark.parametrize(("tool", "dots_per_inch"), [("poppler", 200), ("poppler", 75), ("mupdf", 150)])
def test_the_qr_code_is_read_from_the_picture(file: Path, tool: str, dots_per_inch: int) -> None:
    picture = file.with_suffix(".png")
    if tool == "poppler":
        run("pdftoppm", "-gray", "-png", "-singlefile", "-r", str(dots_per_inch), file, picture.with_suffix(""))
    else:
        run("mutool", "draw", "-q", "-r", str(dots_per_inch), "-o", picture, file)

    assert run("zbarimg", "--quiet", "--raw", picture).strip() == "HTTPS://VERIFY.EXAMPLE.KG/V/7Q4MX2DN9TVCZ"


def test_the_qr_code_is_at_least_28_mm_wide(file: Path) -> None:
    picture = file.with_suffix("")
    run("pdftoppm", "-gray", "-r", "254", "-png", "-singlefile", file, picture)

    # 254 dots per inch are ten dots per millimetre.
    assert 280 <= width_of_the_dark(picture.with_suffix(".png"), (1860, 1380, 2240, 1760)) <= 320


def test_the_code_for_a_check_without_a_network_is_more_than_40_mm_wide(everything: bytes, tmp_path: Path) -> None:
    path = tmp_path / "everything.pdf"
    path.write_bytes(everything)
    run("pdftoppm", "-gray", "-r", "254", "-png", "-singlefile", path, tmp_path / "picture")

    assert 400 <= width_of_the_dark(tmp_path / "picture.png", (2240, 1400, 2700, 1840)) <= 460


def width_of_the_dark(picture: Path, window: tuple[int, int, int, int]) -> int:
    dark = Image.open(picture).convert("L").crop(window).point(lambda dot: 255 if dot < 100 else 0).getbbox()
    assert dark is not None
    return dark[2] - dark[0]


def test_the_file_is_pdf_a_3a_and_pdf_ua_1_by_structure(unsealed: bytes) -> None:
    with pikepdf.open(BytesIO(unsealed)) as pdf:
        root, metadata = pdf.Root, pdf.Root.Metadata.read_bytes()
        assert len(pdf.pages) == 1
        assert root.MarkInfo.Marked
        assert root.StructTreeRoot.Type == "/StructTreeRoot"
        assert root.ViewerPreferences.DisplayDocTitle
        assert root.OutputIntents[0].S == "/GTS_PDFA1"
        assert str(root.Lang) == "ky"
        assert not pdf.is_encrypted
        assert all(annotation.F & 4 for annotation in pdf.pages[0].Annots)
        assert all(str(annotation.Contents).startswith("https://") for annotation in pdf.pages[0].Annots)
    assert b'pdfaid:part="3"' in metadata or b"<pdfaid:part>3" in metadata
    assert b'pdfaid:conformance="A"' in metadata or b"<pdfaid:conformance>A" in metadata
    assert b"<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert metadata.count(b"</rdf:RDF>") == 1


def test_the_ornament_is_decoration_that_no_reader_speaks(unsealed: bytes) -> None:
    with pikepdf.open(BytesIO(unsealed)) as pdf:
        first = [str(step.operator) for step in pikepdf.parse_content_stream(pdf.pages[0])[:5]]

    assert first[:5] == ["BMC", "q", "Do", "Q", "EMC"]


def runs_of(pdf: pikepdf.Pdf) -> list[tuple[str, str]]:
    """Each run of text with the language that it is marked as, in the order of the page; no mark means Kyrgyz."""
    found, parents = [], pdf.Root.StructTreeRoot.ParentTree.Nums
    for number, page in enumerate(pdf.pages):
        runs: dict[int, str] = {}
        letters = {name: to_unicode(font) for name, font in page.Resources.Font.items()}
        font: dict[int, str] = {}
        for step in pikepdf.parse_content_stream(page):
            if str(step.operator) == "BDC":
                runs[int(step.operands[1].MCID)] = ""
            elif str(step.operator) == "Tf":
                font = letters[str(step.operands[0])]
            elif str(step.operator) == "TJ":
                codes = b"".join(bytes(part) for part in step.operands[0] if isinstance(part, pikepdf.String))
                glyphs = (int.from_bytes(codes[at : at + 2], "big") for at in range(0, len(codes), 2))
                runs[max(runs)] += "".join(font[glyph] for glyph in glyphs)
        for mark, text in sorted(runs.items()):
            found.append((str(parents[2 * number + 1][mark].get("/Lang", "ky")), text))
    return found


def to_unicode(font: pikepdf.Object) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9a-f]{4})> <([0-9a-f]+)>", font.ToUnicode.read_bytes())
    return {int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in pairs}


def is_hanzi(letter: str) -> bool:
    return "CJK" in unicodedata.name(letter, "")


def is_cyrillic(letter: str) -> bool:
    return "CYRILLIC" in unicodedata.name(letter, "")


def test_each_run_of_text_tells_a_screen_reader_its_language(everything: bytes) -> None:
    with pikepdf.open(BytesIO(everything)) as pdf:
        runs = runs_of(pdf)

    assert {language for language, _ in runs} == {"ky", "ru", "zh-Hans", "en"}
    for language, text in runs:
        assert any(map(is_hanzi, text)) <= (language == "zh-Hans"), (language, text)
        assert any(map(is_cyrillic, text)) <= (language in ("ky", "ru")), (language, text)
    assert any(language == "ru" and text.strip().startswith("· Регистрационный") for language, text in runs)
    assert ("ky", "Каттоо номери") in [(language, text.strip()) for language, text in runs]


def test_pictures_say_what_they_show(everything: bytes) -> None:
    with pikepdf.open(BytesIO(everything)) as pdf:
        pictures = [
            item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure"
        ]

    assert {str(picture.Alt) for picture in pictures} == {
        "QR: https://verify.example.kg/v/7Q4MX2DN9TVCZ",
        "QR",
        "Б. Т. Асанов",
        "А. А. Мамытова",
    }


def test_qpdf_finds_no_fault(file: Path) -> None:
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", file)


def test_long_names_and_titles_stay_on_one_page_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"

    path.write_bytes(rendering.render(make_snapshot(**examples.LONG)))

    text = text_of(path)
    assert "Pages: 1" in " ".join(run("pdfinfo", path).split())
    assert "Абдыкеримова-Токтосунова Гүлжамал Жеңишбек кызы" in text
    assert "«Шаардык башкаруу жана жергиликтүү өз алдынча башкаруу органдарынын ишин уюштуруу»" in text
    assert "7Q4M-X2DN-9TVC-Z" in text


def test_a_text_without_end_is_refused_instead_of_cut() -> None:
    endless = dict.fromkeys(("ky", "ru", "zh", "en"), "Мамлекеттик башкаруу " * 80)

    with pytest.raises(Invalid) as refusal:
        rendering.render(make_snapshot(titles=endless))

    assert refusal.value.code == "certificate-too-long"


def test_a_character_of_no_font_is_refused_and_named() -> None:
    with pytest.raises(Invalid) as refusal:
        rendering.render(make_snapshot(holder={"Hani": "王𱍊"}))

    assert refusal.value.code == "glyph-missing"
    assert refusal.value.facts["characters"] == ["U+3134A"]


def test_a_complaint_of_the_layout_engine_refuses_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    import logging

    page = rendering.template.page

    def page_with_fault(snapshot: Snapshot, **options: Any) -> str:
        logging.getLogger("weasyprint").warning("Ignored something")
        return page(snapshot, **options)

    monkeypatch.setattr(rendering.template, "page", page_with_fault)

    with pytest.raises(Invalid) as refusal:
        rendering.render(make_snapshot())
    assert refusal.value.code == "certificate-not-clean"


def test_the_same_snapshot_gives_the_same_bytes_in_another_process(unsealed: bytes) -> None:
    script = (
        "import sys; from certificates import rendering; from tests.certificates.conftest import make_snapshot;"
        "sys.stdout.buffer.write(rendering.render(make_snapshot()))"
    )
    surroundings = {**os.environ, "TZ": "Asia/Bishkek", "PYTHONHASHSEED": "7", "LC_ALL": "C"}

    again = subprocess.run([sys.executable, "-c", script], env=surroundings, capture_output=True, check=True).stdout

    assert again == unsealed


def test_rendering_leaves_the_fonts_of_other_programs_alone(unsealed: bytes) -> None:
    assert unsealed
    assert "FONTCONFIG_FILE" not in os.environ


def test_the_file_is_small_enough_for_a_weak_network(unsealed: bytes) -> None:
    assert len(unsealed) < 60_000


def test_a_certificate_with_everything_has_its_transcript_on_a_second_page(everything: bytes, tmp_path: Path) -> None:
    path = tmp_path / "everything.pdf"
    path.write_bytes(everything)

    text = text_of(path)
    assert "Pages: 2" in " ".join(run("pdfinfo", path).split())
    assert "Жарактуу мөөнөтү" in text
    assert "20.11.2031" in text
    assert "Сиань мамлекеттик башкаруу мектеби (көргөзмө)" in text
    assert "西安公共管理学院（示范）" in text
    assert "А. А. Мамытова" in text
    assert "Мамлекеттик башкаруу 12 · Государственное управление 12" in text
    assert "82 %" in text
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", path)


def test_heads_of_tables_are_heads_for_a_screen_reader(everything: bytes) -> None:
    with pikepdf.open(BytesIO(everything)) as pdf:
        elements = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/S" in item]
        heads = {str(item.ID) for item in elements if item.S == "/TH"}
        cells = [item for item in elements if item.S == "/TD"]

    assert len(heads) == 5 + 3 + 12
    assert all({str(head) for head in cell.A.Headers} <= heads for cell in cells)
    assert {len(cell.A.Headers) for cell in cells} == {1, 2}


def test_pictures_are_not_smoothed_because_pdf_a_forbids_it(everything: bytes) -> None:
    with pikepdf.open(BytesIO(everything)) as pdf:
        pictures = [
            item for item in pdf.objects if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Image"
        ]

    assert len(pictures) >= 2
    assert all(picture.get("/Interpolate", False) is False for picture in pictures)


def test_an_attachment_is_an_associated_file_of_the_document(snapshot: Snapshot, tmp_path: Path) -> None:
    attachment = rendering.Attachment("credential.jwt", b"eyJ.eyJ.sig", "application/jwt", "Open Badges 3.0 credential")
    path = tmp_path / "attached.pdf"
    path.write_bytes(rendering.render(snapshot, attachments=[attachment]))

    with pikepdf.open(path) as pdf:
        (file,) = pdf.Root.AF
        assert file.AFRelationship == "/Data"
        assert str(file.UF) == "credential.jwt"
        assert str(file.Desc) == "Open Badges 3.0 credential"
        assert file.EF.F.Subtype == "/application/jwt"
        assert file.EF.F.read_bytes() == b"eyJ.eyJ.sig"
        assert str(file.EF.F.Params.ModDate) == "D:20261121000000Z"
    assert "1: credential.jwt" in run("pdfdetach", "-list", path)


def test_the_metadata_say_what_it_is_and_who_issued_it(file: Path) -> None:
    told = dict(line.split(":", 1) for line in run("pdfinfo", file).splitlines() if ":" in line)

    assert told["Title"].strip() == "Сертификат 2026-KG-PM000123"
    assert told["Author"].strip() == "Көргөзмө мамлекеттик башкаруу академиясы"
    assert told["Tagged"].strip() == "yes"
    assert told["Page size"].strip().startswith("841.89 x 595.276 pts (A4)")


def test_two_renderers_draw_the_same_page(everything: bytes, tmp_path: Path) -> None:
    path = tmp_path / "everything.pdf"
    path.write_bytes(everything)
    run("pdftoppm", "-gray", "-r", "60", "-png", path, tmp_path / "poppler")
    run("mutool", "draw", "-q", "-c", "gray", "-r", "60", "-o", tmp_path / "mupdf-%d.png", path)

    for number in (1, 2):
        one, other = (Image.open(tmp_path / f"{name}-{number}.png").convert("L") for name in ("poppler", "mupdf"))
        other = other.resize(one.size)
        blurred = [picture.resize((one.width // 8, one.height // 8), Image.Resampling.BOX) for picture in (one, other)]
        distance = ImageStat.Stat(ImageChops.difference(*blurred))
        assert distance.mean[0] < 4, number
        assert distance.extrema[0][1] < 60, number


@pytest.mark.parametrize("turned_by_degrees", [0, 4])
def test_the_qr_code_is_read_from_a_bad_photograph(file: Path, turned_by_degrees: int) -> None:
    run("pdftoppm", "-gray", "-png", "-singlefile", "-r", "110", file, file.with_suffix(""))
    picture = file.with_suffix(".png")
    photograph = Image.open(picture).convert("L").rotate(turned_by_degrees, expand=True, fillcolor=255)
    photograph = photograph.filter(ImageFilter.GaussianBlur(0.8)).point(lambda dot: 60 + dot * 130 // 255)
    photograph.save(file.with_suffix(".jpg"), quality=35)

    read = run("zbarimg", "--quiet", "--raw", file.with_suffix(".jpg")).strip()

    assert read == "HTTPS://VERIFY.EXAMPLE.KG/V/7Q4MX2DN9TVCZ"


@pytest.mark.parametrize("co_issuers", [(), (examples.OTHER,)])
def test_a_name_of_sixty_letters_and_a_title_of_three_lines_fit_one_page(co_issuers: tuple[Any, ...]) -> None:
    longest = make_snapshot(
        **examples.LONG | {"titles": examples.THREE_LINES, "co_issuers": co_issuers},
    )
    named = replace(longest, holder={**longest.holder, "Cyrl": examples.SIXTY_LETTERS})

    with pikepdf.open(BytesIO(rendering.render(named, signatures=examples.SIGNATURES))) as pdf:
        assert len(pdf.pages) == 1


def test_a_signature_that_is_lost_refuses_the_page() -> None:
    with pytest.raises(Invalid) as refusal:
        rendering.render(examples.everything())

    assert refusal.value.code == "signature-missing"


@pytest.mark.parametrize(
    ("version", "sha256"),
    [
        (1, "cd1704387942e6896961190e94e3567abaac69123c1b88186302e05437cd77a9"),
        (2, "79789d70fbfd2cee0f7ab0b80d28451b17d93970b770e497d80099515bd9c191"),
    ],
)
def test_the_templates_that_certificates_were_printed_with_have_not_changed(version: int, sha256: str) -> None:
    # They are in the register. To change the page, add a version and let these stand.
    assert built_in(version).sha256 == sha256
