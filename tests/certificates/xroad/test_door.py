"""The client certificate of the Security Server, as proxies pass it on, and the settings of the door."""

import base64
from hashlib import sha256
from urllib.parse import quote

import pytest

from certificates.xroad.door import fingerprint_of
from lms.core.settings import Settings, SettingsError

DER = b"a certificate, for all this cares"
ENCODED = base64.b64encode(DER).decode()
NEEDED = {"BILIM_PUBLIC_URL": "https://bilim.example", "BILIM_SECRET_KEY": "x" * 40}


@pytest.mark.parametrize(
    "header", [f":{ENCODED}:", quote(f"-----BEGIN CERTIFICATE-----\n{ENCODED}\n-----END CERTIFICATE-----\n")]
)
def test_a_certificate_is_known_by_its_digest_however_it_is_passed_on(header: str) -> None:
    assert fingerprint_of(header) == sha256(DER).hexdigest()


@pytest.mark.parametrize("header", ["", ":", "::x:", "not one", f"{ENCODED}", ":я:"])
def test_anything_else_is_no_certificate(header: str) -> None:
    assert fingerprint_of(header) is None


def test_the_door_is_set_by_addresses_and_certificates_that_a_proxy_checks() -> None:
    said = {"BILIM_XROAD_SECURITY_SERVERS": "10.1.2.3, fd00::7", "BILIM_XROAD_CERTIFICATES": "AB:" * 31 + "AB"}
    settings = Settings.from_environment(NEEDED | said | {"BILIM_PROXIES": "1"})

    assert settings.xroad_security_servers == {"10.1.2.3", "fd00::7"}
    assert settings.xroad_certificates == {"ab" * 32}
    for faulty in (said, said | {"BILIM_XROAD_SECURITY_SERVERS": "everywhere"}, {"BILIM_XROAD_CERTIFICATES": "abc"}):
        with pytest.raises(SettingsError, match="BILIM_XROAD"):
            Settings.from_environment(NEEDED | faulty)
