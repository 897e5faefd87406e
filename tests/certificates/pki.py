"""Authorities that answer over real HTTP: lists of revoked certificates, OCSP, and time stamps."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from certificates.seal import Seal
from lms.core import clock
from tests.answering import answering

USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass
class Pki:
    """A root, an issuing authority, a seal, and a time-stamping authority with a root of its own."""

    address: str
    since: datetime
    root_key: ec.EllipticCurvePrivateKey
    root: x509.Certificate
    issuing_key: ec.EllipticCurvePrivateKey
    issuing: x509.Certificate
    seal_key: ec.EllipticCurvePrivateKey
    seal_certificate: x509.Certificate
    time_root_key: ec.EllipticCurvePrivateKey
    time_root: x509.Certificate
    stamping_key: rsa.RSAPrivateKey
    stamping: x509.Certificate
    asked: Counter[str] = field(default_factory=Counter)
    is_down: bool = False
    revoked: set[int] = field(default_factory=set)

    @property
    def seal(self) -> Seal:
        return Seal(
            lambda data: self.seal_key.sign(data, ec.ECDSA(hashes.SHA256())),
            self.seal_certificate,
            [self.issuing, self.root],
        )

    def answer(self, path: str, body: bytes) -> tuple[str, bytes]:
        self.asked[path] += 1
        if path == "/tsa":
            return "application/timestamp-reply", self.stamp(tsp.TimeStampReq.load(body))
        if path == "/ocsp":
            return "application/ocsp-response", self.ocsp_response(body)
        issuer, key = {
            "/root.crl": (self.root, self.root_key),
            "/issuing.crl": (self.issuing, self.issuing_key),
            "/time.crl": (self.time_root, self.time_root_key),
        }[path]
        return "application/pkix-crl", self.crl(issuer, key)

    def stamp(self, question: tsp.TimeStampReq) -> bytes:
        stamper = DummyTimeStamper(
            asn1(self.stamping),
            asn1_keys.PrivateKeyInfo.load(
                self.stamping_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            ),
            certs_to_embed=SimpleCertificateStore.from_certs([asn1(self.time_root)]),
            fixed_dt=clock.now(),
        )
        stamped: bytes = stamper.request_tsa_response(question).dump()
        return stamped

    def crl(self, issuer: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> bytes:
        now = clock.now()
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.subject)
            .last_update(now - timedelta(minutes=1))
            .next_update(now + timedelta(days=1))
        )
        for serial in self.revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(serial)
                .revocation_date(now - timedelta(minutes=2))
                .build()
            )
        return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)

    def ocsp_response(self, body: bytes) -> bytes:
        question = ocsp.load_der_ocsp_request(body)
        is_revoked = question.serial_number in self.revoked
        now = clock.now()
        response = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                self.seal_certificate,
                self.issuing,
                hashes.SHA1(),
                ocsp.OCSPCertStatus.REVOKED if is_revoked else ocsp.OCSPCertStatus.GOOD,
                now - timedelta(minutes=1),
                now + timedelta(days=1),
                now - timedelta(minutes=2) if is_revoked else None,
                None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, self.issuing)
        )
        return response.sign(self.issuing_key, hashes.SHA256()).public_bytes(Encoding.DER)

    def renew_stamping(self, *, since: datetime, days: int) -> None:
        """The authority takes a new certificate."""
        self.stamping = _stamping(self, since, days)


class Direct(TimeStamper):  # type: ignore[misc]
    """The time-stamping authority without a network between."""

    def __init__(self, authorities: Pki) -> None:
        super().__init__()
        self.authorities = authorities

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return tsp.TimeStampResp.load(self.authorities.stamp(req))


def with_archive_stamp(pdf: bytes, authority: TimeStamper) -> bytes:
    stamped = BytesIO()
    PdfTimeStamper(authority).timestamp_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), "sha256", output=stamped)
    return stamped.getvalue()


@contextmanager
def serving(*, since: datetime | None = None, stamping_days: int = 365) -> Iterator[Pki]:
    """All authorities, on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    made = _make(f"http://127.0.0.1:{server.server_port}", since or clock.now(), stamping_days)
    server.pki = made  # type: ignore[attr-defined]
    with answering(server):
        yield made


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, body: bytes) -> None:
        pki: Pki = self.server.pki  # type: ignore[attr-defined]
        kind, answer = ("text/plain", b"away") if pki.is_down else pki.answer(self.path, body)
        self.send_response(503 if pki.is_down else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments: object) -> None:
        pass


def _make(address: str, since: datetime, stamping_days: int) -> Pki:
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(4)]
    root_key, issuing_key, seal_key, time_root_key = keys
    stamping_key = rsa.generate_private_key(65537, 2048)
    start = since.replace(hour=0, minute=0, second=0, microsecond=0)

    def certificate(name: str, key: ec.EllipticCurvePrivateKey, issuer: str, signer: ec.EllipticCurvePrivateKey, *, days: int, crl: str | None, is_authority: bool, is_asked: bool = False) -> x509.Certificate:  # fmt: skip
        builder = _builder(name, issuer, key.public_key(), start, days).add_extension(
            x509.BasicConstraints(ca=is_authority, path_length=None), critical=True
        )
        used = {"key_cert_sign", "crl_sign"} if is_authority else {"digital_signature", "content_commitment"}
        builder = builder.add_extension(x509.KeyUsage(**{usage: usage in used for usage in USAGES}), critical=True)
        if crl:
            builder = builder.add_extension(_points(f"{address}/{crl}.crl"), critical=False)
        if is_asked:
            builder = builder.add_extension(_asked_at(f"{address}/ocsp"), critical=False)
        return builder.sign(signer, hashes.SHA256())

    root = certificate("Root", root_key, "Root", root_key, days=10_000, crl=None, is_authority=True)
    issuing = certificate("Issuing", issuing_key, "Root", root_key, days=7_000, crl="root", is_authority=True)
    seal = certificate(
        "Seal", seal_key, "Issuing", issuing_key, days=1_095, crl="issuing", is_authority=False, is_asked=True
    )
    time_root = certificate("Time root", time_root_key, "Time root", time_root_key, days=10_000, crl=None, is_authority=True)  # fmt: skip
    made = Pki(
        address,
        since,
        root_key,
        root,
        issuing_key,
        issuing,
        seal_key,
        seal,
        time_root_key,
        time_root,
        stamping_key,
        seal,
    )
    made.renew_stamping(since=start, days=stamping_days)
    return made


def certificate(
    name: str, key: ec.EllipticCurvePublicKey, *, issuer: str, signer: ec.EllipticCurvePrivateKey
) -> asn1_x509.Certificate:
    """Of somebody who may issue no others; begun at the first of November 2026."""
    built = _builder(name, issuer, key, datetime(2026, 11, 1, tzinfo=UTC), days=1_000)
    return asn1(built.sign(signer, hashes.SHA256()))


def _stamping(pki: Pki, since: datetime, days: int) -> x509.Certificate:
    usage = x509.KeyUsage(**{usage: usage == "digital_signature" for usage in USAGES})
    return (
        _builder("Time stamps", "Time root", pki.stamping_key.public_key(), since, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(_points(f"{pki.address}/time.crl"), critical=False)
        .sign(pki.time_root_key, hashes.SHA256())
    )


def _builder(
    name: str, issuer: str, key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, since: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=days))
    )


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} (invented)")])


def _points(url: str) -> x509.CRLDistributionPoints:
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
    return x509.CRLDistributionPoints([point])


def _asked_at(url: str) -> x509.AuthorityInformationAccess:
    described = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(url))
    return x509.AuthorityInformationAccess([described])


def asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
