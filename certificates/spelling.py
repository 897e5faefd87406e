"""The one spelling of a seal, and of a time stamp, around what was really signed (CMS, RFC 5652; time stamps, RFC 3161).

No signature covers itself. A parser passes over much in it: a length that reaches into the padding, parameters of an
algorithm that takes none, an attribute beside the signed ones, another chain. All of it would be room for strangers.
So the message is written anew from what is signed, or follows from it, and compared with the one in the file.
"""

from typing import Any

from asn1crypto import algos, cms, x509
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation

from certificates.deciding import room_used, unsigned_attributes
from certificates.der import BITS, EXPLICIT_0, IMPLICIT_0, IMPLICIT_1, NULL, OCTETS, SEQUENCE, SET, coded

_SIGNED_DATA: bytes = cms.ContentType("signed_data").dump()
_DATA: bytes = cms.ContentType("data").dump()
_TIME_STAMP_INFO: bytes = cms.ContentType("tst_info").dump()
_TIME_STAMP: bytes = cms.CMSAttributeType("signature_time_stamp_token").dump()
_SHA256: bytes = algos.DigestAlgorithm({"algorithm": "sha256"}).dump()
_ECDSA: bytes = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}).dump()
_VERSION_1, _VERSION_3 = b"\x02\x01\x01", b"\x02\x01\x03"


def of_seal(told: cms.SignedData) -> bytes:
    """The message of a seal, as we write it.

    :raises Decided: for what has no place in one.
    """
    (signer,) = told["signer_infos"]
    content, certificates = coded(SEQUENCE, _DATA), sorted(_certificates(told))
    signed = _signer(told, digest=_SHA256, signature=_ECDSA) + _time_stamps_over(signer)
    return _message(_VERSION_1, digest=_SHA256, content=content, certificates=certificates, signer=signed)


def of_time_stamp(told: cms.SignedData) -> bytes:
    """The message of a time stamp. Its authority chooses algorithms and certificates; nothing else is free.

    :raises Decided: for what has no place in one.
    """
    (signer,) = told["signer_infos"]
    digest, signature = _algorithm(signer["digest_algorithm"]), _algorithm(signer["signature_algorithm"])
    said = coded(OCTETS, told["encap_content_info"]["content"].contents)
    content = coded(SEQUENCE, _TIME_STAMP_INFO + coded(EXPLICIT_0, said))
    signed, certificates = _signer(told, digest=digest, signature=signature), _certificates(told)
    return _message(_VERSION_3, digest=digest, content=content, certificates=certificates, signer=signed)


def _message(version: bytes, *, digest: bytes, content: bytes, certificates: list[bytes], signer: bytes) -> bytes:
    chain = coded(IMPLICIT_0, b"".join(certificates))
    signed_data = version + coded(SET, digest) + content + chain + coded(SET, coded(SEQUENCE, signer))
    return coded(SEQUENCE, _SIGNED_DATA + coded(EXPLICIT_0, coded(SEQUENCE, signed_data)))


def _signer(told: cms.SignedData, *, digest: bytes, signature: bytes) -> bytes:
    """Which certificate, the attributes, and the value over them (RFC 5652, 5.3)."""
    (signer,) = told["signer_infos"]
    certificate = extract_certs_for_validation(told).signer_cert
    serial_number = certificate["tbs_certificate"]["serial_number"]
    named = coded(SEQUENCE, certificate.issuer.dump() + serial_number.dump())
    attributes = coded(IMPLICIT_0, signer["signed_attrs"].contents)
    value = coded(OCTETS, signer["signature"].native)
    return _VERSION_1 + named + digest + attributes + signature + value


def _time_stamps_over(signer: cms.SignerInfo) -> bytes:
    """A time stamp over a seal is the only attribute that has a meaning without being sealed."""
    attributes = list(unsigned_attributes(signer))
    if not attributes:
        return b""
    if [(each["type"].dump(), len(each["values"])) for each in attributes] != [(_TIME_STAMP, 1)]:
        raise room_used()
    token = of_time_stamp(attributes[0]["values"][0]["content"])
    return coded(IMPLICIT_1, coded(SEQUENCE, _TIME_STAMP + coded(SET, token)))


def _algorithm(told: Any) -> bytes:
    """Its name, alone or with NULL (RFC 3370, 2.1; RFC 4055, 2.1). Only RSASSA-PSS has more to say, and checks what it says."""
    name, parameters = told["algorithm"], told["parameters"].dump()
    if name.native == "rsassa_pss":
        parameters = told["parameters"].copy().dump(force=True)
    elif parameters not in (b"", NULL):
        raise room_used()
    return coded(SEQUENCE, name.dump() + parameters)


def _certificates(told: cms.SignedData) -> list[bytes]:
    """Each once, in the order of the message."""
    return list(dict.fromkeys(_certificate(each.chosen) for each in told["certificates"]))


def _certificate(certificate: x509.Certificate) -> bytes:
    """All but the value is signed, or says again what is signed (RFC 5280, 4.1.1.2)."""
    signed = certificate["tbs_certificate"]
    value = coded(BITS, b"\x00" + certificate["signature_value"].native)
    return coded(SEQUENCE, signed.dump() + signed["signature"].dump() + value)
