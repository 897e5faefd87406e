import re
from pathlib import Path

import pytest

from lms.core.settings import Settings, SettingsError

COMPLETE = {
    "BILIM_PUBLIC_URL": "https://bilim.example.org/",
    "BILIM_SECRET_KEY": "an-invented-secret-key-of-forty-two-chars!",
}


def read(**changes: str) -> Settings:
    return Settings.from_environment(COMPLETE | changes)


def faults(environment: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(environment)
    return str(refused.value).splitlines()


def test_an_address_and_a_secret_are_enough() -> None:
    settings = read()

    assert settings.public_url == "https://bilim.example.org"
    assert settings.instance == Path("instance").absolute()
    assert settings.database_url == f"sqlite:///{Path('instance/bilim.sqlite3').absolute()}"
    assert settings.files_url == Path("instance/files").absolute().as_uri()
    assert (settings.broker_url, settings.sandbox_url) == ("", "")
    assert settings.trusted_private_hosts == frozenset()
    assert (settings.time_zone, settings.academic_hour_minutes) == ("Asia/Bishkek", 45)
    assert settings.rate_limits
    assert not settings.testing


def test_all_that_is_missing_or_wrong_is_said_at_once() -> None:
    environment = {
        "BILIM_SECRET_KEY": "short",
        "BILIM_DATABASE_URL": "mysql://x",
        "BILIM_TIME_ZONE": "Asia/Frunze-2",
        "BILIM_ACADEMIC_HOUR_MINUTES": "-45",
    }

    assert faults(environment) == [
        "Bilim cannot start:",
        "  - BILIM_PUBLIC_URL is missing: the https address of this service",
        "  - BILIM_SECRET_KEY is too short: 5 characters, at least 32",
        "  - BILIM_DATABASE_URL must begin with sqlite:/// or postgresql://",
        "  - BILIM_TIME_ZONE is not a time zone: Asia/Frunze-2",
        "  - BILIM_ACADEMIC_HOUR_MINUTES must be a whole number of at least 1: -45",
    ]


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1:8000", "https://bilim.example.org:8443"])
def test_plain_http_is_allowed_on_this_machine_only(url: str) -> None:
    assert read(BILIM_PUBLIC_URL=url).public_url == url


@pytest.mark.parametrize(
    "url", ["http://bilim.example.org", "bilim.example.org", "https://bilim.example.org/lms", "https://b.example/?x=1"]
)
def test_an_address_that_browsers_could_not_trust_is_refused(url: str) -> None:
    (_, fault) = faults(COMPLETE | {"BILIM_PUBLIC_URL": url})

    assert fault.startswith("  - BILIM_PUBLIC_URL must ")


@pytest.mark.parametrize("zone", ["Nowhere/Land", "../../etc/passwd", "/etc/localtime"])
def test_a_zone_that_does_not_exist_is_refused(zone: str) -> None:
    assert faults(COMPLETE | {"BILIM_TIME_ZONE": zone})[1] == f"  - BILIM_TIME_ZONE is not a time zone: {zone}"


@pytest.mark.parametrize("country", ["kg", "KGZ", "Кыргызстан"])
def test_a_country_is_two_letters(country: str) -> None:
    assert "BILIM_COUNTRY must be two capital letters" in faults(COMPLETE | {"BILIM_COUNTRY": country})[1]


@pytest.mark.parametrize("minutes", ["0", "forty", "4.5", "²"])
def test_an_academic_hour_is_a_whole_number_of_minutes(minutes: str) -> None:
    assert len(faults(COMPLETE | {"BILIM_ACADEMIC_HOUR_MINUTES": minutes})) == 2


def test_trusted_hosts_are_a_list_without_regard_to_case_and_spaces() -> None:
    settings = read(BILIM_TRUSTED_PRIVATE_HOSTS=" Moodle.Local , 127.0.0.1:8100,,")

    assert settings.trusted_private_hosts == {"moodle.local", "127.0.0.1:8100"}


def test_secrets_are_not_in_what_is_printed() -> None:
    settings = read(
        BILIM_DATABASE_URL="postgresql://bilim:password-one@db/bilim",
        BILIM_BROKER_URL="redis://:password-two@queue",
        BILIM_METRICS_TOKEN="password-three",
        BILIM_SEAL_PASSPHRASE="password-four",
    )

    assert "password-" not in repr(settings)
    assert "invented-secret" not in repr(settings)


def test_a_proxy_is_believed_only_if_the_operator_says_that_it_is_there() -> None:
    assert read().proxies == 0
    assert read(BILIM_PROXIES="2").proxies == 2
    assert faults(COMPLETE | {"BILIM_PROXIES": "many"})[1:] == [
        "  - BILIM_PROXIES must be a whole number of at least 0: many"
    ]


def sealing(tmp_path: Path, **changes: str) -> Settings:
    roots = tmp_path / "roots.pem"
    roots.write_text("roots")
    given = {"BILIM_TSA_URL": "https://time.example/tsa", "BILIM_TSA_ROOTS": str(roots)} | changes
    return Settings.from_environment(COMPLETE | given)


def test_with_a_time_stamping_authority_seals_are_made_for_the_archive(tmp_path: Path) -> None:
    assert sealing(tmp_path).seal_level == "B-LTA"
    assert sealing(tmp_path, BILIM_SEAL_LEVEL="B-T").seal_level == "B-T"
    assert Settings.from_environment(COMPLETE).seal_level == "B-B"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"BILIM_TSA_URL": "ftp://time.example"}, "BILIM_TSA_URL must begin with https:// or http://"),
        ({"BILIM_TSA_ROOTS": "/nowhere.pem"}, "BILIM_TSA_ROOTS must name a PEM file"),
        ({"BILIM_SEAL_LEVEL": "B-X"}, "BILIM_SEAL_LEVEL must be one of B-B, B-T, B-LT, B-LTA: B-X"),
        ({"BILIM_TSA_URL": ""}, None),
        ({"BILIM_TSA_URL": "", "BILIM_SEAL_LEVEL": "B-T"}, "BILIM_SEAL_LEVEL B-T needs BILIM_TSA_URL"),
        ({"BILIM_TSA_URL": "http://t.example", "BILIM_TSA_AUTHORIZATION": "Basic x"}, "must begin with https:// if"),
        ({"BILIM_SEAL_PKCS11": "libsofthsm2.so"}, "BILIM_SEAL_PKCS11 must read pkcs11:token=NAME"),
    ],
)
def test_a_time_stamping_authority_that_cannot_work_is_refused(
    tmp_path: Path, changes: dict[str, str], fault: str | None
) -> None:
    if fault is None:
        assert sealing(tmp_path, **changes).seal_level == "B-B"
        return
    with pytest.raises(SettingsError, match=re.escape(fault)):
        sealing(tmp_path, **changes)
