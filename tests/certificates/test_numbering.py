from certificates import numbering


def test_a_code_agrees_with_its_last_symbol_only() -> None:
    assert numbering.check("7Q4MX2DN9TVCZ")
    assert not numbering.check("7Q4MX2DN9TVCH")


def test_the_published_example_of_mod_37_36_is_reproduced() -> None:
    # ISO/IEC 7064 MOD 37,36 as the Global Release Identifier uses it: A1-2425G-ABC1234002-M.
    assert numbering._check_symbol("A12425GABC1234002") == "M"


def test_every_mistyped_symbol_is_caught() -> None:
    code = "7Q4MX2DN9TVCZ"

    mistyped = {
        code[:place] + symbol + code[place + 1 :]
        for place in range(len(code))
        for symbol in numbering.CROCKFORD
        if symbol != code[place]
    }

    assert len(mistyped) == 13 * 31
    assert not any(numbering.check(wrong) for wrong in mistyped)


def test_new_codes_are_well_formed_and_differ() -> None:
    codes = {numbering.new_code() for _ in range(500)}

    assert len(codes) == 500
    assert all(numbering.check(code) for code in codes)
    assert all(set(code) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ") for code in codes)


def test_a_code_is_understood_however_it_was_typed() -> None:
    assert numbering.normalise(" 7q4m-x2dn-9tvc-z ") == "7Q4MX2DN9TVCZ"
    assert numbering.normalise("7Q4M\u00a0X2DN\u20139TVC\u2014Z") == "7Q4MX2DN9TVCZ"
    assert numbering.normalise("oil0") == "0110"


def test_letters_typed_on_a_cyrillic_keyboard_are_read_as_they_look() -> None:
    assert numbering.normalise("АВЕКМНОРСТХУ") == "ABEKMH0PCTXY"
    assert numbering.normalise("авекмнорстху") == "ABEKMH0PCTXY"


def test_other_lengths_and_symbols_are_not_codes() -> None:
    assert not numbering.check("")
    assert not numbering.check("7Q4MX2DN9TVC")
    assert not numbering.check("7Q4MX2DN9TVCZ0")
    assert not numbering.check("7Q4MX2DN9TVCУ")


def test_a_code_is_shown_in_groups_of_four() -> None:
    assert numbering.shown("7Q4MX2DN9TVCZ") == "7Q4M-X2DN-9TVC-Z"


def test_a_register_number_names_year_country_series_and_place() -> None:
    assert numbering.register_number(2026, "KG", "PM", 123) == "2026-KG-PM000123"
    assert numbering.register_number(2027, "KG", "EG", 1234567) == "2027-KG-EG1234567"
