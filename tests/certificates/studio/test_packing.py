import json
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image

from certificates.layout import Layout, built_in
from certificates.studio import packing
from certificates.studio.models import TemplateVersion
from certificates.studio.pictures import cleaned
from lms.core.errors import Invalid


def png(size: tuple[int, int] = (4, 4)) -> bytes:
    output = BytesIO()
    Image.new("RGB", size, (20, 60, 100)).save(output, "PNG")
    return output.getvalue()


LAYOUT = replace(built_in(), pictures={"logo.png": cleaned("logo.png", png())})


def packed(layout: Layout = LAYOUT) -> bytes:
    return packing.pack(TemplateVersion(title="Көргөзмө", number=3), layout)


def rewritten(change: Callable[[dict[str, bytes]], None], *, mend: bool = True) -> bytes:
    """The package with other contents; the list of files is mended unless the test is about it."""
    with zipfile.ZipFile(BytesIO(packed())) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    change(contents)
    if mend:
        manifest = json.loads(contents["manifest.json"])
        manifest["files"] = {
            name: sha256(data).hexdigest() for name, data in contents.items() if name != "manifest.json"
        }
        contents["manifest.json"] = json.dumps(manifest).encode()
    output = BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return output.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        packing.unpack(data)
    return refused.value.code


def test_a_package_comes_back_as_it_was() -> None:
    package = packing.unpack(packed())

    assert package.title == "Көргөзмө"
    assert package.layout.sha256 == LAYOUT.sha256


def test_the_same_version_gives_the_same_bytes() -> None:
    assert packed() == packed()


def test_what_is_no_archive_is_refused() -> None:
    assert refusal(b"%PDF-1.7") == "package-not-readable"
    assert refusal(packed()[:-30]) == "package-not-readable"
    assert refusal(b"P" * (packing.MAX_PACKAGE_BYTES + 1)) == "package-too-large"


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    assert refusal(rewritten(lambda files: files.update({"pictures/a.png": bytes(9_000_000)}))) == "package-bomb"
    many = {f"pictures/{number}.png": b"x" for number in range(30)}
    assert refusal(rewritten(lambda files: files.update(many))) == "package-bomb"


@pytest.mark.parametrize("name", ["../page.html", "/etc/passwd", "pictures/../../x.png", "C:x.png"])
def test_a_way_out_of_the_folder_is_refused(name: str) -> None:
    assert refusal(rewritten(lambda files: files.update({name: b"x"}))) == "package-way-out"


def test_a_link_is_refused() -> None:
    output = BytesIO(packed())
    with zipfile.ZipFile(output, "a") as archive:
        link = zipfile.ZipInfo("pictures/link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")

    assert refusal(output.getvalue()) == "package-link"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_refused() -> None:
    output = BytesIO(packed())
    with zipfile.ZipFile(output, "a") as archive:
        archive.writestr("page.html", "<html/>")

    assert refusal(output.getvalue()) == "package-twice"


def test_a_file_that_does_not_belong_there_is_refused() -> None:
    assert refusal(rewritten(lambda files: files.update({"run.sh": b"x"}))) == "package-stranger"


def test_a_file_that_was_altered_is_refused() -> None:
    changed = rewritten(lambda files: files.update({"style.css": b"p { color: red }"}), mend=False)

    assert refusal(changed) == "package-altered"


def test_a_missing_file_is_refused() -> None:
    assert refusal(rewritten(lambda files: files.pop("style.css") and None, mend=False)) == "package-incomplete"
    assert refusal(rewritten(lambda files: files.pop("style.css") and None)) == "package-incomplete"


def test_another_archive_is_refused() -> None:
    def strange(files: dict[str, bytes]) -> None:
        files["manifest.json"] = b'{"format": "moodle"}'

    assert refusal(rewritten(lambda files: files.pop("manifest.json") and None, mend=False)) == "package-no-manifest"
    assert refusal(rewritten(strange, mend=False)) == "package-no-manifest"


def test_a_package_of_a_newer_program_is_refused() -> None:
    def newer(files: dict[str, bytes]) -> None:
        files["manifest.json"] = files["manifest.json"].replace(b'"format_version": 1', b'"format_version": 2')

    assert refusal(rewritten(newer, mend=False)) == "package-version"


def test_what_a_package_brings_is_checked_as_if_it_was_typed() -> None:
    script = b'<svg xmlns="http://www.w3.org/2000/svg"><script>x</script></svg>'
    assert refusal(rewritten(lambda files: files.update({"frame.svg": script}))) == "frame-not-allowed"
    assert (
        refusal(rewritten(lambda files: files.update({"pictures/logo.png": b"no picture"}))) == "picture-not-readable"
    )
