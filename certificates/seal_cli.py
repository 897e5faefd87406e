"""``flask certificates seals``: which seals there are, and their life (docs/keys.md)."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from certificates import archiving, lookup, seal_keys
from certificates.seal import Seal
from certificates.seal_keys import KeyFacts
from lms.core import clock, settings
from lms.core.db import reading, transaction
from lms.core.errors import Problem
from lms.core.jobs import NeedsPerson

OPERATOR = "operator"

seals = AppGroup("seals", help="The seals of this installation: list, add, retire, declare compromised.")


class _Moment(click.ParamType[datetime]):
    """A moment with its zone, for example 2027-03-02T09:00+06:00."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail("write it like 2027-03-02T09:00+06:00", param, ctx)
        if moment.tzinfo is None:
            self.fail("a zone is missing; write it like 2027-03-02T09:00+06:00", param, ctx)
        if moment > clock.now():
            self.fail("this moment is still to come", param, ctx)
        return moment.astimezone(UTC)


@seals.command("list")
def list_seals() -> None:
    """Print every seal, one line each: fingerprint, state, first and last day, name."""
    with reading():
        for key in seal_keys.everything():
            click.echo(_line(key))


@seals.command("add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--keep-old", is_flag=True, help="Do not retire the seal that was used so far.")
def add(file: Path | None, *, keep_old: bool) -> None:
    """Seal with another key from now on: a PKCS#12 FILE, or with BILIM_SEAL_PKCS11 the key in the token.

    The seal so far is retired: what it sealed stays genuine. Its file is kept beside the new one.
    """
    with _plainly_told():
        fresh = _opened(file)
        _refuse_what_is_not_in_force(fresh)
        with reading():
            before = [key for key in seal_keys.everything() if key.state is seal_keys.KeyState.IN_FORCE]
        with transaction():
            seal_keys.know(fresh, actor=OPERATOR)
            for key in before:
                if not keep_old and key.fingerprint != fresh.fingerprint:
                    seal_keys.retire(key.fingerprint, clock.now(), actor=OPERATOR)
        if file is not None:
            _put_in_place(file)
        with reading():
            click.echo(_line(next(key for key in seal_keys.everything() if key.fingerprint == fresh.fingerprint)))


@seals.command("retire")
@click.argument("fingerprint")
@click.option("--since", type=_Moment(), help="From when it made no seals any more; now, if not given.")
def retire(fingerprint: str, since: datetime | None) -> None:
    """Take a seal out of use. What it sealed before stays genuine."""
    with _plainly_told(), transaction():
        click.echo(_line(seal_keys.retire(fingerprint, since or clock.now(), actor=OPERATOR)))


@seals.command("compromise")
@click.argument("fingerprint")
@click.option("--since", type=_Moment(), required=True, help="From when others may have had the key.")
@click.option("--reason", required=True, help="What happened, in a few words without names; it stands in the audit.")
def compromise(fingerprint: str, since: datetime, reason: str) -> None:
    """Declare that others may have had the key. What nothing proves to be older is no longer accepted."""
    with _plainly_told(), transaction():
        click.echo(_line(seal_keys.compromise(fingerprint, since, reason=reason, actor=OPERATOR)))


@seals.command("stamp")
@click.argument("number", required=False)
def stamp(number: str | None) -> None:
    """Put an archive time stamp over one certificate now, or over all that need one soon. The daily job does it too."""
    with _plainly_told():
        if number is None:
            archiving.renew_due(archiving.JOB)
            click.echo("done")
            return
        with reading():
            certificate = lookup.by_number(number)
        version = archiving.strengthen(certificate.id) if certificate else None
        if version is None:
            raise click.ClickException(f"the register has no file of {number}")
        click.echo(f"{number} version {version.number} {version.level} {version.sha256}")


def _line(key: KeyFacts) -> str:
    told = f"{key.fingerprint} {key.state} {key.valid_from:%Y-%m-%d}..{key.valid_until:%Y-%m-%d} {key.name}"
    for word, moment in (("retired", key.retired_at), ("compromised", key.compromised_at)):
        told += f" {word} {moment.isoformat(timespec='seconds')}" if moment else ""
    return told


def _opened(file: Path | None) -> Seal:
    if file is not None:
        return Seal.load(file, settings.current().seal_passphrase)
    if not settings.current().seal_pkcs11:
        raise click.ClickException("name a PKCS#12 file, or set BILIM_SEAL_PKCS11")
    return seal_keys.open_configured()


def _refuse_what_is_not_in_force(seal: Seal) -> None:
    certificate = seal.certificate
    if not certificate.not_valid_before_utc <= clock.now() <= certificate.not_valid_after_utc:
        raise click.ClickException("the certificate of this seal is not in force today")


def _put_in_place(file: Path) -> None:
    """The seal so far is kept under its own name; the new one appears whole or not at all."""
    place = seal_keys.seal_path()
    place.parent.mkdir(parents=True, exist_ok=True)
    if file.resolve() == place.resolve():
        return
    if place.exists():
        os.replace(place, place.with_name(f"seal-until-{clock.now():%Y%m%dT%H%M%S}.p12"))
    temporary = place.with_suffix(".part")
    temporary.touch(0o600)
    shutil.copyfile(file, temporary)
    os.replace(temporary, place)


@contextmanager
def _plainly_told() -> Iterator[None]:
    """Problems in one sentence, without a trace."""
    try:
        yield
    except Problem as problem:
        raise click.ClickException(f"{problem.code}: {problem.sentence}") from problem
    except NeedsPerson as stop:
        raise click.ClickException(stop.code) from stop
