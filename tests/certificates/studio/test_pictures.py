from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from certificates.layout import built_in
from certificates.studio import pictures
from lms.core.errors import Invalid


def encoded(size: tuple[int, int] = (4, 4), kind: str = "PNG", mode: str = "RGB", **more: object) -> bytes:
    output = BytesIO()
    Image.new(mode, size).save(output, kind, **more)
    return output.getvalue()


def refusal(name: str, data: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        pictures.cleaned(name, data)
    return refused.value.code


def frame_refusal(svg: str) -> str:
    with pytest.raises(Invalid) as refused:
        pictures.refuse_frame(svg)
    return refused.value.code


def test_only_the_dots_of_a_picture_remain() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "Мисал Үлгүбаева")

    cleaned = pictures.cleaned("logo.png", encoded(pnginfo=notes) + b"<script>")

    assert cleaned.startswith(b"\x89PNG")
    assert b"Author" not in cleaned
    assert b"<script>" not in cleaned


def test_a_photograph_stays_a_photograph() -> None:
    assert pictures.cleaned("seal.jpg", encoded(kind="JPEG")).startswith(b"\xff\xd8")


@pytest.mark.parametrize("name", ["Logo.png", "../a.png", "a.svg", "a b.png", "лого.png", ".png", "a.png.exe"])
def test_a_name_that_is_not_plain_is_refused(name: str) -> None:
    assert refusal(name, encoded()) == "picture-name"


def test_what_is_no_picture_or_another_format_is_refused() -> None:
    assert refusal("a.png", b"<svg/>") == "picture-not-readable"
    assert refusal("a.png", encoded(kind="GIF")) == "picture-not-readable"
    assert refusal("a.png", encoded(kind="JPEG")) == "picture-not-readable"
    assert refusal("a.png", encoded()[:20]) == "picture-not-readable"


def test_a_picture_that_is_too_large_is_refused() -> None:
    assert refusal("a.png", encoded() + bytes(pictures.MAX_BYTES)) == "picture-too-large"
    assert refusal("a.png", encoded(size=(3001, 1))) == "picture-too-large"


def test_our_own_frame_is_allowed_and_so_is_none() -> None:
    pictures.refuse_frame(built_in().frame)
    pictures.refuse_frame("")
    assert "<svg" in built_in().frame


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<image href="http://x.example/a.png"/>',
        "<foreignObject/>",
        "<text>x</text>",
        "<style>path { fill: red }</style>",
        '<path d="M0 0" onclick="x"/>',
        '<path d="M0 0" style="fill: url(http://x.example)"/>',
        '<path d="M0 0" fill="url(http://x.example/a.svg#b)"/>',
        '<path d="M0 0" opacity=".5"/>',
        '<use href="http://x.example/a.svg#b"/>',
        "<animate/>",
        "<path",
    ],
)
def test_a_frame_holds_plain_shapes_only(inside: str) -> None:
    assert frame_refusal(f'<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>') == "frame-not-allowed"


def test_a_frame_with_entities_is_refused() -> None:
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg"/>'

    assert frame_refusal(bomb) == "frame-not-allowed"


def test_shapes_that_repeat_each_other_without_end_are_refused() -> None:
    doubling = "".join(f'<g id="g{n}"><use href="#g{n - 1}"/><use href="#g{n - 1}"/></g>' for n in range(1, 40))
    start = '<svg xmlns="http://www.w3.org/2000/svg"><g id="g0"><path d="M0 0"/></g>'

    assert frame_refusal(f"{start}{doubling}</svg>") == "frame-too-large"
    assert frame_refusal(f'{start}<g id="x"><use href="#x"/></g></svg>') == "frame-too-large"
    assert frame_refusal("x" * (pictures.MAX_FRAME_CHARACTERS + 1)) == "frame-too-large"
