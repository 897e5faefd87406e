"""Signatures that others published: what we verify is not only what we signed ourselves.

RFC 7515, appendix A.2 (RS256), with the key given there.
"""

import pytest
from joserfc import jws, jwt
from joserfc.jwk import RSAKey

from lms.lti import checks
from lms.lti.refusals import LaunchRefused

JWK = {
    "kty": "RSA",
    "n": (
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pC"
        "gNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg6"
        "65xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRW"
        "yuXpoQ"
    ),
    "e": "AQAB",
}
TOKEN = (
    "eyJhbGciOiJSUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t"
    "1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12j"
    "zDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQ"
    "Ge77Rw"
)
KID = "2011-04-29"


def key() -> checks.Key:
    return checks.key_for(KID, {KID: {**JWK, "kid": KID}}, algorithm="RS256")


def test_the_tool_accepts_the_signature_of_rfc_7515_appendix_a_2() -> None:
    assert checks.verified_claims(TOKEN, key(), algorithm="RS256") == {
        "iss": "joe",
        "exp": 1300819380,
        "http://example.com/is_root": True,
    }


@pytest.mark.parametrize("place", [30, 100, 130, 400])
def test_the_tool_refuses_it_with_one_sign_changed(place: int) -> None:
    other = "A" if TOKEN[place] != "A" else "B"
    changed = TOKEN[:place] + other + TOKEN[place + 1 :]

    with pytest.raises(LaunchRefused) as refused:
        checks.verified_claims(changed, key(), algorithm="RS256")

    assert refused.value.code == "signature-wrong"


def test_the_tool_refuses_it_under_another_algorithm() -> None:
    with pytest.raises(LaunchRefused) as refused:
        checks.verified_claims(TOKEN, key(), algorithm="RS512")

    assert refused.value.code == "signature-wrong"


def test_the_library_of_the_sandbox_accepts_the_same_signature() -> None:
    sandbox_key = RSAKey.import_key(JWK)

    assert jwt.decode(TOKEN, sandbox_key, algorithms=["RS256"]).claims["iss"] == "joe"
    assert jws.extract_compact(TOKEN.encode()).headers() == {"alg": "RS256"}
