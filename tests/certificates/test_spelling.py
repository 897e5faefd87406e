"""Everything in a time stamp is signed, follows from what is signed, or is refused: no bit is free."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from asn1crypto import algos, cms, core, x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from certificates import examining, spelling
from certificates.der import NULL, SEQUENCE, SET, coded
from certificates.seal import Timed
from certificates.verdicts import TrustedSeal, Verdict, VerdictCode
from lms.core import clock
from tests.certificates import pki

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LOOKS = 20
"""Each is one at a whole file."""

Change = Callable[[cms.SignedData, pki.Pki], None]


@pytest.fixture(scope="module")
def authorities() -> Iterator[pki.Pki]:
    with pki.serving(since=NOON) as served:
        yield served


@pytest.fixture(scope="module")
def stamped(authorities: pki.Pki, unsealed: bytes) -> bytes:
    """Sealed with a time stamp in the seal, and an archive time stamp over it."""
    with clock.frozen(NOON):
        authority = pki.Direct(authorities)
        return pki.with_archive_stamp(authorities.seal.seal(unsealed, with_time=Timed(authority)), authority)


def place_of_the_stamp(pdf: bytes) -> tuple[int, int]:
    """From the first digit of the archive time stamp to the bracket behind its padding."""
    start = pdf.rindex(b"/Contents <") + len(b"/Contents <")
    return start, pdf.index(b">", start)


def message_in(pdf: bytes) -> bytes:
    start, end = place_of_the_stamp(pdf)
    return bytes(cms.ContentInfo.load(bytes.fromhex(pdf[start:end].decode()), strict=False).dump())


def with_message(pdf: bytes, message: bytes) -> bytes:
    start, end = place_of_the_stamp(pdf)
    return pdf[:start] + message.hex().upper().encode().ljust(end - start, b"0") + pdf[end:]


def judged(pdf: bytes, authorities: pki.Pki) -> Verdict:
    seal = authorities.seal
    return examining.examine(
        pdf,
        seals=[TrustedSeal(seal.fingerprint, seal.root.public_bytes(Encoding.DER))],
        time_roots=[authorities.time_root.public_bytes(Encoding.DER)],
    )


def test_a_genuine_stamp_is_spelled_as_it_stands(stamped: bytes, authorities: pki.Pki) -> None:
    message = message_in(stamped)

    assert spelling.of_time_stamp(cms.ContentInfo.load(message)["content"]) == message
    assert judged(stamped, authorities).is_authentic


def test_a_length_that_reaches_into_the_padding_is_refused(stamped: bytes, authorities: pki.Pki) -> None:
    start, end = place_of_the_stamp(stamped)
    raw = bytearray.fromhex(stamped[start:end].decode())
    raw[3] ^= 0x08  # of 0x30 0x82, two bytes

    verdict = judged(stamped[:start] + raw.hex().upper().encode() + stamped[end:], authorities)

    assert raw[:2] == b"\x30\x82"
    assert (verdict.code, verdict.reasons) == (VerdictCode.MODIFIED_CONTAINER, ("unsealed-bytes-changed",))


def digest_algorithms_with(parameters: bytes) -> cms.DigestAlgorithms:
    name = algos.DigestAlgorithmId("sha256").dump()
    return cms.DigestAlgorithms.load(coded(SET, coded(SEQUENCE, name + parameters)))


def other_parameters(told: cms.SignedData, _authorities: pki.Pki) -> None:
    told["digest_algorithms"] = digest_algorithms_with(b"\x04\x00")


def parameters_with_words(told: cms.SignedData, _authorities: pki.Pki) -> None:
    told["digest_algorithms"] = digest_algorithms_with(core.UTF8String("words").dump())


def no_parameters_in_one_place(told: cms.SignedData, _authorities: pki.Pki) -> None:
    told["digest_algorithms"] = [{"algorithm": "sha512"}]


def words_beside_the_signature(told: cms.SignedData, _authorities: pki.Pki) -> None:
    attribute = cms.CMSAttribute({"type": "1.2.3.4", "values": [core.UTF8String("words")]})
    told["signer_infos"][0]["unsigned_attrs"] = [attribute]


def another_version(told: cms.SignedData, _authorities: pki.Pki) -> None:
    told["version"] = "v5"


def another_version_of_the_signer(told: cms.SignedData, _authorities: pki.Pki) -> None:
    told["signer_infos"][0]["version"] = "v3"


def words_in_a_certificate(told: cms.SignedData, _authorities: pki.Pki) -> None:
    """The algorithm beside a certificate's signature is not signed; it says again what is."""
    first, *others = chain_of(told)
    first["signature_algorithm"]["parameters"] = core.UTF8String("words")
    put_chain(told, [x509.Certificate.load(first.dump(force=True)), *others])


def a_certificate_twice(told: cms.SignedData, _authorities: pki.Pki) -> None:
    put_chain(told, [*chain_of(told), chain_of(told)[0]])


def another_root_of_the_same_name_and_key(told: cms.SignedData, authorities: pki.Pki) -> None:
    """Not signed by anybody whom we trust: libraries take it for the root."""
    stranger, key = ec.generate_private_key(ec.SECP256R1()), authorities.time_root_key.public_key()
    root, *others = chain_of(told)
    assert root.subject.native == {"common_name": "Time root (invented)"}
    put_chain(told, [pki.certificate("Time root", key, issuer="Words", signer=stranger), *others])


def a_certificate_that_nobody_issued(told: cms.SignedData, _authorities: pki.Pki) -> None:
    stranger = ec.generate_private_key(ec.SECP256R1())
    stray = pki.certificate("Stray", stranger.public_key(), issuer="Time root", signer=stranger)
    put_chain(told, [*chain_of(told), stray])


def a_certificate_from_one_that_may_not_issue(told: cms.SignedData, authorities: pki.Pki) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    under = pki.certificate("Person", key.public_key(), issuer="Time root", signer=authorities.time_root_key)
    stray = pki.certificate("Stray", key.public_key(), issuer="Person", signer=key)
    put_chain(told, [*chain_of(told), under, stray])


def chain_of(told: cms.SignedData) -> list[x509.Certificate]:
    return [each.chosen for each in told["certificates"]]


def put_chain(told: cms.SignedData, chain: list[x509.Certificate]) -> None:
    told["certificates"] = [cms.CertificateChoices("certificate", each) for each in chain]


@pytest.mark.parametrize(
    "change",
    [
        other_parameters,
        parameters_with_words,
        no_parameters_in_one_place,
        words_beside_the_signature,
        another_version,
        another_version_of_the_signer,
        words_in_a_certificate,
        a_certificate_twice,
        another_root_of_the_same_name_and_key,
        a_certificate_that_nobody_issued,
        a_certificate_from_one_that_may_not_issue,
    ],
)
def test_what_is_not_signed_has_one_form(change: Change, stamped: bytes, authorities: pki.Pki) -> None:
    message = cms.ContentInfo.load(message_in(stamped))
    change(message["content"], authorities)
    copy = with_message(stamped, message.dump())

    verdict = judged(copy, authorities)

    assert copy != stamped
    assert not verdict.is_authentic
    assert verdict.code in (VerdictCode.MODIFIED_CONTAINER, VerdictCode.TAMPERED)


def test_an_authority_may_send_another_certificate_of_its_root(stamped: bytes, authorities: pki.Pki) -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    message = cms.ContentInfo.load(message_in(stamped))
    sibling = pki.certificate("Sibling", key, issuer="Time root", signer=authorities.time_root_key)
    put_chain(message["content"], [*chain_of(message["content"]), sibling])

    assert judged(with_message(stamped, message.dump()), authorities).is_authentic


def test_a_bit_that_leaves_the_spelling_as_it_is_breaks_a_signature(stamped: bytes, authorities: pki.Pki) -> None:
    message, chance, as_it_was = message_in(stamped), random.Random(20261122), []
    for place in range(len(message)):
        copy = bytearray(message)
        copy[place] ^= 1 << chance.randrange(8)
        if _is_spelled_so(bytes(copy)):
            as_it_was.append(bytes(copy))

    chosen = chance.sample(as_it_was, LOOKS)

    assert not [copy.hex() for copy in chosen if judged(with_message(stamped, copy), authorities).is_authentic]


def _is_spelled_so(message: bytes) -> bool:
    try:
        return spelling.of_time_stamp(cms.ContentInfo.load(message)["content"]) == message
    except Exception:  # broken bytes fail in the parser in every way there is
        return False


def test_rsassa_pss_keeps_its_parameters() -> None:
    told = cms.SignedDigestAlgorithm(
        {
            "algorithm": "rsassa_pss",
            "parameters": {"hash_algorithm": {"algorithm": "sha256"}, "salt_length": 32},
        }
    )

    assert spelling._algorithm(cms.SignedDigestAlgorithm.load(told.dump())) == told.dump()


def test_an_algorithm_is_named_alone_or_with_null() -> None:
    alone = cms.DigestAlgorithm({"algorithm": "sha256"}).dump()
    with_null = cms.DigestAlgorithm({"algorithm": "sha256", "parameters": core.Null()}).dump()

    assert with_null.endswith(NULL)
    assert [spelling._algorithm(cms.DigestAlgorithm.load(each)) for each in (alone, with_null)] == [alone, with_null]
