"""Settings come from the environment, are checked once at start, and never change while a process runs.

``.env.example`` documents each of them; a test keeps the two in step. Everything that is missing or wrong is
reported in one message, so that an administrator does not meet the faults one by one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import current_app

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
SHORTEST_SECRET = 32
SEAL_LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")


class SettingsError(Exception):
    """The environment does not describe a service that can start; the text lists every fault."""


@dataclass(frozen=True)
class Settings:
    """What a running Bilim knows about the place it runs in."""

    public_url: str
    """Address of this service as browsers and platforms see it; no slash at the end."""
    secret_key: str = field(repr=False)
    """Signs cookies and encrypts what is encrypted at rest; at least 32 characters."""
    instance: Path
    """Folder for the database, files, queue and keys of this installation."""
    database_url: str = field(repr=False)
    other_secret_keys: tuple[str, ...] = field(default=(), repr=False)
    """What they wrote is read, and they write nothing: the one before, or the one to come, while the secret key is changed."""
    database_statement_seconds: int = 30
    """PostgreSQL ends a statement that runs longer; who asked is told to try again."""
    database_lock_seconds: int = 10
    """PostgreSQL ends a statement that waits longer for others, as SQLite does."""
    broker_url: str = field(default="", repr=False)
    """Celery broker; empty means folders under the instance, with no server."""
    files_url: str = ""
    trusted_private_hosts: frozenset[str] = frozenset()
    """Hosts (or host:port) that outbound calls may reach although private or without TLS."""
    sandbox_url: str = ""
    """Address of the sandbox platform; empty means that there is none."""
    metrics_token: str = field(default="", repr=False)
    """Bearer token for /metrics; empty means that only loopback may read it."""
    seal_passphrase: str = field(default="", repr=False)
    """Of ``keys/seal.p12``, or the PIN of the token."""
    seal_pkcs11: str = ""
    """Where the seal's key lies in a token or HSM, as PKCS#11 URI (RFC 7512); empty means ``keys/seal.p12``."""
    seal_level: str = "B-B"
    """PAdES level of new seals (ETSI EN 319 142-1): B-B, B-T, B-LT or B-LTA."""
    tsa_url: str = ""
    """Time-stamping authority (RFC 3161); empty means that there is none."""
    tsa_authorization: str = field(default="", repr=False)
    """Value of the header Authorization for it."""
    tsa_roots: str = ""
    """PEM file with the roots of all time-stamping authorities that we trust or once trusted."""
    time_zone: str = "Asia/Bishkek"
    """Zone in which people see dates and in which a certificate's civil date falls."""
    country: str = "KG"
    """Of the academy (ISO 3166-1 alpha-2): its public holidays are no working days."""
    academic_hour_minutes: int = 45
    proxies: int = 0
    """How many reverse proxies of ours stand in front; only their X-Forwarded-For and -Proto are believed."""
    staff_issuer: str = ""
    """OpenID provider by which staff sign in, exactly as it names itself; empty means one-time links only."""
    staff_client_id: str = ""
    staff_client_secret: str = field(default="", repr=False)
    staff_scopes: str = "openid profile email"
    """What we ask the provider for, separated by spaces."""
    staff_idle_minutes: int = 30
    """A staff session ends when it was not used for so long."""
    staff_session_hours: int = 12
    """A staff session ends after so long, used or not."""
    privacy_url: str = ""
    """Where this academy says what it does with personal data; platforms show it beside the tool."""
    terms_url: str = ""
    contact: str = ""
    """Where people who cannot open a module turn with requests and complaints: an e-mail address, an https address or a number."""
    lti_key_days: int = 90
    """For how long one of our keys signs for platforms, before the next does."""
    oauth_key_days: int = 90
    """For how long one of our keys signs access tokens, before the next does."""
    api_calls_per_minute: int = 600
    """How often one program may call the API."""
    smtp_url: str = field(default="", repr=False)
    """Mail server, ``smtp://user:password@host:587`` (STARTTLS) or ``smtps://``; empty means that no mail is sent."""
    mail_from: str = ""
    """Address that stands as the sender of mails."""
    xroad_security_servers: frozenset[str] = frozenset()
    """Addresses from which our own X-Road Security Server asks; empty means that there is no service for X-Road."""
    xroad_certificates: frozenset[str] = frozenset()
    """SHA-256 of the Security Server's certificates, hexadecimal; empty means that its address is enough."""
    rate_limits: bool = True
    testing: bool = False

    @property
    def is_loopback(self) -> bool:
        """Whether this service is reached on this machine only, where plain http is allowed."""
        return (urlsplit(self.public_url).hostname or "") in LOOPBACK_HOSTS

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read all settings, or say all that is wrong with them.

        :raises SettingsError: with one line for each fault.
        """
        read = _Reader(environment)
        instance = Path(environment.get("BILIM_INSTANCE") or "instance").absolute()
        settings = cls(
            public_url=read.public_url(),
            secret_key=read.secret_key(),
            other_secret_keys=read.other_secret_keys(),
            instance=instance,
            database_url=read.database_url(default=f"sqlite:///{instance / 'bilim.sqlite3'}"),
            database_statement_seconds=read.whole_number("BILIM_DATABASE_STATEMENT_SECONDS", default=30, least=1),
            database_lock_seconds=read.whole_number("BILIM_DATABASE_LOCK_SECONDS", default=10, least=1),
            broker_url=environment.get("BILIM_BROKER_URL", ""),
            files_url=environment.get("BILIM_FILES_URL") or (instance / "files").as_uri(),
            trusted_private_hosts=read.hosts("BILIM_TRUSTED_PRIVATE_HOSTS"),
            sandbox_url=environment.get("BILIM_SANDBOX_URL", "").rstrip("/"),
            metrics_token=environment.get("BILIM_METRICS_TOKEN", ""),
            seal_passphrase=environment.get("BILIM_SEAL_PASSPHRASE", ""),
            seal_pkcs11=read.seal_pkcs11(),
            seal_level=read.seal_level(),
            tsa_url=read.tsa_url(),
            tsa_authorization=environment.get("BILIM_TSA_AUTHORIZATION", ""),
            tsa_roots=environment.get("BILIM_TSA_ROOTS", ""),
            time_zone=read.time_zone(),
            country=read.country(),
            academic_hour_minutes=read.whole_number("BILIM_ACADEMIC_HOUR_MINUTES", default=45, least=1),
            proxies=read.whole_number("BILIM_PROXIES", default=0, least=0),
            privacy_url=environment.get("BILIM_PRIVACY_URL", ""),
            terms_url=environment.get("BILIM_TERMS_URL", ""),
            contact=environment.get("BILIM_CONTACT", "").strip(),
            lti_key_days=read.whole_number("BILIM_LTI_KEY_DAYS", default=90, least=2),
            oauth_key_days=read.whole_number("BILIM_OAUTH_KEY_DAYS", default=90, least=2),
            api_calls_per_minute=read.whole_number("BILIM_API_CALLS_PER_MINUTE", default=600, least=1),
            smtp_url=read.smtp_url(),
            mail_from=read.mail_from(),
            staff_issuer=read.staff_issuer(),
            staff_client_id=environment.get("BILIM_STAFF_CLIENT_ID", ""),
            staff_client_secret=environment.get("BILIM_STAFF_CLIENT_SECRET", ""),
            staff_scopes=environment.get("BILIM_STAFF_SCOPES") or "openid profile email",
            staff_idle_minutes=read.whole_number("BILIM_STAFF_IDLE_MINUTES", default=30, least=1),
            xroad_security_servers=read.addresses("BILIM_XROAD_SECURITY_SERVERS"),
            xroad_certificates=read.fingerprints("BILIM_XROAD_CERTIFICATES"),
            staff_session_hours=read.whole_number("BILIM_STAFF_SESSION_HOURS", default=12, least=1),
        )
        if read.faults:
            raise SettingsError("Bilim cannot start:\n" + "\n".join(f"  - {fault}" for fault in read.faults))
        return settings


def current() -> Settings:
    """The settings of the application at work."""
    settings: Settings = current_app.extensions["bilim.settings"]
    return settings


class _Reader:
    """Reads single settings and remembers what was wrong."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.faults: list[str] = []

    def public_url(self) -> str:
        url = self.environment.get("BILIM_PUBLIC_URL", "").rstrip("/")
        parts = urlsplit(url)
        if not url:
            self.faults.append("BILIM_PUBLIC_URL is missing: the https address of this service")
        elif parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS):
            self.faults.append("BILIM_PUBLIC_URL must begin with https:// (http:// only on this machine)")
        elif parts.path or parts.query or parts.fragment:
            self.faults.append("BILIM_PUBLIC_URL must be a host without a path")
        return url

    def secret_key(self) -> str:
        key = self.environment.get("BILIM_SECRET_KEY", "")
        if not key:
            self.faults.append("BILIM_SECRET_KEY is missing: at least 32 random characters")
        elif len(key) < SHORTEST_SECRET:
            self.faults.append(f"BILIM_SECRET_KEY is too short: {len(key)} characters, at least {SHORTEST_SECRET}")
        return key

    def other_secret_keys(self) -> tuple[str, ...]:
        others = tuple(self.environment.get("BILIM_OTHER_SECRET_KEYS", "").split())
        if any(len(each) < SHORTEST_SECRET for each in others):
            self.faults.append(f"BILIM_OTHER_SECRET_KEYS holds one of less than {SHORTEST_SECRET} characters")
        return others

    def staff_issuer(self) -> str:
        issuer = self.environment.get("BILIM_STAFF_ISSUER", "")
        parts = urlsplit(issuer)
        if not issuer:
            return ""
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS):
            self.faults.append("BILIM_STAFF_ISSUER must begin with https:// (http:// only on this machine)")
        self.faults.extend(
            f"{name} is missing: the OpenID provider of BILIM_STAFF_ISSUER knows us by it"
            for name in ("BILIM_STAFF_CLIENT_ID", "BILIM_STAFF_CLIENT_SECRET")
            if not self.environment.get(name)
        )
        if "openid" not in (self.environment.get("BILIM_STAFF_SCOPES") or "openid").split():
            self.faults.append("BILIM_STAFF_SCOPES must hold openid")
        return issuer

    def database_url(self, *, default: str) -> str:
        url = self.environment.get("BILIM_DATABASE_URL") or default
        if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            self.faults.append("BILIM_DATABASE_URL must begin with sqlite:/// or postgresql://")
        return url

    def smtp_url(self) -> str:
        url = self.environment.get("BILIM_SMTP_URL", "")
        if url and not (url.startswith(("smtp://", "smtps://")) and urlsplit(url).hostname):
            self.faults.append("BILIM_SMTP_URL must begin with smtp:// or smtps:// and name a host")
        return url

    def mail_from(self) -> str:
        address = self.environment.get("BILIM_MAIL_FROM", "")
        if self.environment.get("BILIM_SMTP_URL") and "@" not in address:
            self.faults.append("BILIM_MAIL_FROM is missing: the address that sends mails")
        return address

    def seal_pkcs11(self) -> str:
        uri = self.environment.get("BILIM_SEAL_PKCS11", "")
        if uri and not (uri.startswith("pkcs11:") and "module-path=" in uri and "object=" in uri):
            self.faults.append("BILIM_SEAL_PKCS11 must read pkcs11:token=NAME;object=LABEL?module-path=FILE")
        return uri

    def tsa_url(self) -> str:
        url = self.environment.get("BILIM_TSA_URL", "")
        if url and urlsplit(url).scheme not in ("https", "http"):
            self.faults.append("BILIM_TSA_URL must begin with https:// or http://")
        if url.startswith("http://") and self.environment.get("BILIM_TSA_AUTHORIZATION"):
            self.faults.append("BILIM_TSA_URL must begin with https:// if BILIM_TSA_AUTHORIZATION is set")
        if url and not Path(self.environment.get("BILIM_TSA_ROOTS", "")).is_file():
            self.faults.append("BILIM_TSA_ROOTS must name a PEM file with the roots of the time-stamping authority")
        return url

    def seal_level(self) -> str:
        has_authority = bool(self.environment.get("BILIM_TSA_URL"))
        level = self.environment.get("BILIM_SEAL_LEVEL") or ("B-LTA" if has_authority else "B-B")
        if level not in SEAL_LEVELS:
            self.faults.append(f"BILIM_SEAL_LEVEL must be one of {', '.join(SEAL_LEVELS)}: {level}")
        elif level != "B-B" and not has_authority:
            self.faults.append(f"BILIM_SEAL_LEVEL {level} needs BILIM_TSA_URL")
        return level

    def addresses(self, name: str) -> frozenset[str]:
        found = frozenset(each.strip() for each in self.environment.get(name, "").split(",") if each.strip())
        for each in sorted(found):
            try:
                ip_address(each)
            except ValueError:
                self.faults.append(f"{name} must hold IP addresses, separated by commas: {each}")
        return found

    def fingerprints(self, name: str) -> frozenset[str]:
        given = self.environment.get(name, "").replace(":", "").lower().split(",")
        found = frozenset(each.strip() for each in given if each.strip())
        if any(len(each) != 64 or set(each) - set("0123456789abcdef") for each in found):
            self.faults.append(f"{name} must hold SHA-256 of certificates, hexadecimal, separated by commas")
        elif found and self.environment.get("BILIM_PROXIES", "0") in ("", "0"):
            self.faults.append(f"{name} needs BILIM_PROXIES: only a proxy of yours can check a client certificate")
        return found

    def hosts(self, name: str) -> frozenset[str]:
        return frozenset(host.strip().lower() for host in self.environment.get(name, "").split(",") if host.strip())

    def time_zone(self) -> str:
        zone = self.environment.get("BILIM_TIME_ZONE") or "Asia/Bishkek"
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            self.faults.append(f"BILIM_TIME_ZONE is not a time zone: {zone}")
        return zone

    def country(self) -> str:
        country = self.environment.get("BILIM_COUNTRY") or "KG"
        if not re.fullmatch("[A-Z]{2}", country):
            self.faults.append(f"BILIM_COUNTRY must be two capital letters, as in ISO 3166-1: {country}")
        return country

    def whole_number(self, name: str, *, default: int, least: int) -> int:
        text = self.environment.get(name) or str(default)
        if text.isdecimal() and int(text) >= least:
            return int(text)
        self.faults.append(f"{name} must be a whole number of at least {least}: {text}")
        return default
