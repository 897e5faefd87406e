from fontTools.ttLib import TTFont

from certificates import glyphs


def test_the_letters_of_the_region_can_be_drawn() -> None:
    assert glyphs.missing("Ысакова Айгүл Өмүрбековна ҢҮӨңүө") == set()  # ky
    assert glyphs.missing("ӘҒҚҢӨҰҮҺІәғқңөұүһі") == set()  # kk
    assert glyphs.missing("ҒӢҚӮҲҶғӣқӯҳҷ") == set()  # tg
    assert glyphs.missing("ЎҚҒҲ oʻ gʻ OʻGʻ ʼ") == set()  # uz
    assert glyphs.missing("ÄŽŇÖŞÜÝäžňöşüý") == set()  # tk
    assert glyphs.missing("«Ёлка» № 5 — “quotes” · …\u00a0%") == set()


def test_rare_hanzi_of_names_can_be_drawn() -> None:
    # GB 2312 lacks all of these; 镕 and 堃 stand in the names of well-known people.
    assert glyphs.missing("堃喆珺玥镕翀犇") == set()
    assert glyphs.missing("張偉國龍") == set()


def test_a_character_of_no_font_is_named() -> None:
    assert glyphs.missing("王𱍊✓") == {"𱍊", "✓"}


def test_letters_written_as_two_characters_count_as_one() -> None:
    assert glyphs.missing("и\u0306") == set()


def test_every_face_draws_ascii_and_the_mono_face_tells_zero_from_o() -> None:
    for font in glyphs.FONTS.glob("*.ttf"):
        with TTFont(font, lazy=True) as face:
            assert {*range(0x20, 0x7F), 0xA0, 0xB7} <= face.getBestCmap().keys(), font.name

    with TTFont(glyphs.FONTS / "BilimMono-Regular.ttf") as mono:
        outlines = [mono["glyf"][mono.getBestCmap()[ord(symbol)]] for symbol in "0O1I"]
    assert len({outline.numberOfContours for outline in outlines[:2]}) == 2
    assert outlines[2] != outlines[3]


def test_the_fonts_are_true_type_because_a_cid_keyed_subset_vanished_in_mupdf() -> None:
    for font in glyphs.FONTS.glob("*.ttf"):
        assert font.read_bytes()[:4] == b"\x00\x01\x00\x00", font.name


def test_the_fonts_carry_their_licence_and_stay_modest() -> None:
    assert len(list(glyphs.FONTS.glob("OFL-*.txt"))) == 3
    assert sum(font.stat().st_size for font in glyphs.FONTS.glob("*.ttf")) < 9_000_000


def test_width_grows_with_the_text() -> None:
    assert glyphs.width("中文") == 2.0
    assert 29.7 < glyphs.width("Абдыкеримова-Токтосунова Гүлжамал Жеңишбек кызы") < 29.8
