"""The cage in which PDFs of strangers are read: what it lets through, and what it stops."""

import os
import signal
import socket
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from certificates import capped, capped_messages, capped_server, examining
from certificates.batches import reading
from certificates.capped_messages import Ended
from certificates.seal import Seal
from certificates.verdicts import TrustedSeal, Verdict
from lms.core.archives import NotRead
from lms.core.errors import Unavailable
from tests.certificates.batches import uploads


@pytest.fixture(autouse=True, scope="module")
def _stopped_at_the_end() -> Iterator[None]:
    yield
    capped.stop()


def trusted(seal: Seal) -> TrustedSeal:
    return TrustedSeal(seal.fingerprint, seal.root.public_bytes(Encoding.DER))


def asked(data: bytes, *seals: Seal) -> Verdict:
    return capped.examine(data, seals=[trusted(seal) for seal in seals])


def reader_pid() -> int:
    assert capped._server._process is not None
    return capped._server._process.pid


def bomb(size: int) -> bytes:
    """A PDF of some kilobytes whose only page is many megabytes."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    once = zlib.compress(b" " * size, 1)
    stream = pikepdf.Stream(pdf, zlib.compress(once, 9))
    stream.Filter = pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode])
    page.Contents = pdf.make_indirect(stream)
    saved = BytesIO()
    pdf.save(saved, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return saved.getvalue()


def test_a_genuine_file_is_read_as_outside_of_the_cage(seal: Seal, sealed: bytes) -> None:
    inside, outside = asked(sealed, seal), examining.examine(sealed, seals=[trusted(seal)])

    assert (inside.code, inside.reasons, inside.sha256) == (outside.code, outside.reasons, outside.sha256)
    assert inside.code == "AUTHENTIC_BY_SIGNATURE"
    assert inside.sealed_at == outside.sealed_at
    assert inside.contents.document_id == "3f2c8a52-6f0e-4b52-9a35-0d1a5a3f7c10"
    assert "2026-KG-PM000123" in inside.contents.lines


def test_a_bomb_stops_at_the_cap_of_memory_and_harms_nobody(seal: Seal, sealed: bytes) -> None:
    packed = bomb(2 * capped_server.MEMORY_BYTES)
    assert len(packed) < 100_000

    assert asked(packed, seal).contents.lines == ()
    assert asked(sealed, seal).code == "AUTHENTIC_BY_SIGNATURE"


def test_a_file_that_takes_too_long_is_stopped(seal: Seal, sealed: bytes) -> None:
    # Ten million digits where a signature should be are read one by one.
    start = sealed.rindex(b"/Contents <") + len(b"/Contents <")
    endless = sealed[:start] + b"0" * 9_900_000 + sealed[start:]

    verdict = asked(endless, seal)

    assert (verdict.code, verdict.reasons) == ("UNREADABLE", ("exceeds-limits",))
    assert asked(sealed, seal).code == "AUTHENTIC_BY_SIGNATURE"


@pytest.mark.parametrize(
    "hostile",
    [
        b"%PDF-1.7\n1 0 obj\n" + b"[" * 200_000 + b"\nendobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF",
        b"%PDF-1.7\n1 0 obj\n" + b"<</A " * 200_000 + b"\nendobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF",
        b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Prev 9/Root 1 0 R/Size 1>>\nstartxref\n9\n%%EOF",
        b"%PDF-1.7\nxref\n0 99999999999\ntrailer\n<</Root 1 0 R/Size 1>>\nstartxref\n9\n%%EOF",
        b"%PDF-1.7\nstartxref\n-1\n%%EOF",
        b"%PDF-" + b"\0" * 1_000_000,
    ],
    ids=["nested arrays", "nested dictionaries", "circle of tables", "endless table", "nowhere", "zeros"],
)
def test_a_file_made_to_confuse_readers_cannot_be_read(hostile: bytes, seal: Seal) -> None:
    assert asked(hostile, seal).code == "UNREADABLE"


def test_a_reader_may_open_nothing_start_nothing_and_fill_nothing() -> None:
    tried = """
import os, socket, subprocess
from certificates import capped_server
capped_server._give_up_rights()
def refused(work):
    try:
        work()
    except (OSError, MemoryError, RuntimeError) as error:
        return type(error).__name__
    return "done"
print(refused(lambda: os.write(1, open("/etc/passwd", "rb").read())))
print(refused(lambda: socket.create_connection(("127.0.0.1", 9), timeout=1)))
print(refused(lambda: bytearray(capped_server.MEMORY_BYTES)))
print(refused(lambda: os.pipe()))
print(os.getuid() != 0)
"""
    told = subprocess.run([sys.executable, "-c", tried], capture_output=True, text=True, check=False)

    assert told.stdout.split() == ["OSError", "OSError", "MemoryError", "OSError", "True"], told.stderr


def test_no_secret_goes_into_the_cage(seal: Seal, sealed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    capped.stop()
    monkeypatch.setenv("BILIM_SECRET_KEY", "very-secret-value")
    asked(sealed, seal)

    environment = Path(f"/proc/{reader_pid()}/environ").read_bytes()

    assert b"LANG=C.UTF-8" in environment
    assert b"BILIM" not in environment


def test_a_reader_that_was_killed_is_replaced(seal: Seal, sealed: bytes) -> None:
    asked(sealed, seal)
    killed = reader_pid()
    os.kill(killed, signal.SIGKILL)

    assert asked(sealed, seal).code in ("AUTHENTIC_BY_SIGNATURE", "UNREADABLE")
    assert asked(sealed, seal).code == "AUTHENTIC_BY_SIGNATURE"
    assert reader_pid() != killed


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_fork_of_ours_starts_a_cage_of_its_own(seal: Seal, sealed: bytes) -> None:
    asked(sealed, seal)
    before = reader_pid()
    child = os.fork()
    if child == 0:
        is_right = asked(sealed, seal).is_authentic and reader_pid() != before
        capped.stop()
        os._exit(0 if is_right else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert asked(sealed, seal).is_authentic
    assert reader_pid() == before


def test_many_threads_share_the_cage(seal: Seal, sealed: bytes) -> None:
    with ThreadPoolExecutor(8) as threads:
        verdicts = list(threads.map(lambda _: asked(sealed, seal).code, range(24)))

    assert verdicts == ["AUTHENTIC_BY_SIGNATURE"] * 24


def test_a_batch_goes_on_after_a_file_that_killed_its_reader(seal: Seal, sealed: bytes) -> None:
    start = sealed.rindex(b"/Contents <") + len(b"/Contents <")
    endless = sealed[:start] + b"0" * 9_900_000 + sealed[start:]

    verdicts = capped.examine_all([sealed, endless, sealed], seals=[trusted(seal)])

    assert [verdict.code for verdict in verdicts] == ["AUTHENTIC_BY_SIGNATURE", "UNREADABLE", "AUTHENTIC_BY_SIGNATURE"]


def test_too_many_at_once_are_asked_to_come_again(seal: Seal, sealed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capped, "WAIT_SECONDS", 0.1)
    reading = [capped.examine_all([sealed, sealed], seals=[trusted(seal)]) for _ in range(capped.MOST_AT_ONCE)]
    for one in reading:
        next(one)

    with pytest.raises(Unavailable) as refusal:
        asked(sealed, seal)
    for one in reading:
        assert next(one).is_authentic
        one.close()

    assert refusal.value.code == "verification-busy"
    assert asked(sealed, seal).is_authentic


def test_an_answer_that_is_no_answer_counts_as_none() -> None:
    ours, theirs = socket.socketpair()
    nonsense = [b"{}", b"[1]", b'{"code": "AUTHENTIC_BY_SIGNATURE"}', b"\xff", b"[" * 100_000]
    for told in nonsense:
        theirs.sendall(struct.pack("!II", len(told), 0) + told)
        with pytest.raises(Ended):
            capped_messages.receive_answer(ours, sha256="0" * 64)
    theirs.sendall(struct.pack("!II", 2**31, 0))
    with pytest.raises(Ended):
        capped_messages.receive_answer(ours, sha256="0" * 64)
    ours.close()
    theirs.close()


# Lists that somebody wants to have verified


def test_a_list_is_read_in_the_cage_as_outside_of_it() -> None:
    data = uploads.sheet(["Code"], ["7Q4M-X2DN-9TVC-Z"], ["=1"])

    assert capped.read(data) == reading.told(data)
    assert reading.told(data)["rows"] == [[2, "7Q4M-X2DN-9TVC-Z", None, None], [3, "=1", "formula", None]]


def test_a_list_of_the_largest_size_has_room_in_the_cage() -> None:
    data = uploads.stored({f"{number}.pdf": bytes(9 * 1024 * 1024) for number in range(4)})

    assert [row[2] for row in capped.read(data)["rows"]] == [None] * 4


def test_a_sheet_that_exhausts_its_reader_kills_only_that(seal: Seal, sealed: bytes) -> None:
    deep = uploads.stored({**uploads.FRAME, uploads.SHEET: b"<a>" * 3_400_000})

    with pytest.raises(NotRead) as refused:
        reading.rows_of_upload(deep, ask=capped.read)

    assert refused.value.code in ("exceeds-limits", "sheet-damaged")
    assert asked(sealed, seal).code == "AUTHENTIC_BY_SIGNATURE"
