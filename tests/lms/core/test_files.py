import resource
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lms.core import files
from lms.core.errors import Conflict, NotFound, Unavailable
from lms.core.web import Bilim
from tests.conftest import application, make_settings


@pytest.fixture(autouse=True)
def app(tmp_path: Path) -> Iterator[Bilim]:
    with application(make_settings(tmp_path, f"sqlite:///{tmp_path / 'unused.sqlite3'}")) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


def test_what_was_stored_is_read_as_it_was(folder: Path) -> None:
    files.store("certificates/2026/KG-1.pdf", b"%PDF-1.7 \x00\xff")

    assert files.exists("certificates/2026/KG-1.pdf")
    assert files.read("certificates/2026/KG-1.pdf") == b"%PDF-1.7 \x00\xff"
    assert (folder / "certificates" / "2026" / "KG-1.pdf").read_bytes() == b"%PDF-1.7 \x00\xff"


def test_storing_the_same_again_changes_nothing() -> None:
    files.store("one.pdf", b"same")
    files.store("one.pdf", b"same")

    assert files.read("one.pdf") == b"same"


def test_a_stored_file_never_changes() -> None:
    files.store("one.pdf", b"first")

    with pytest.raises(Conflict) as refused:
        files.store("one.pdf", b"second")

    assert refused.value.code == "file-differs"
    assert files.read("one.pdf") == b"first"


def test_a_missing_file_is_said_to_be_missing() -> None:
    assert not files.exists("none.pdf")
    with pytest.raises(NotFound) as missing:
        files.read("none.pdf")
    assert missing.value.code == "file-missing"


def test_nothing_half_written_is_left(folder: Path) -> None:
    files.store("one.pdf", b"whole")

    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["one.pdf"]


def test_a_folder_that_takes_nothing_is_said_so_and_nothing_is_kept(folder: Path) -> None:
    folder.write_text("a file stands where the folder should be")

    assert not files.is_writable()
    with pytest.raises(Unavailable) as refused:
        files.store("one.pdf", b"whole")
    assert refused.value.code == "storage-unavailable"


def test_a_full_disk_keeps_nothing_of_the_file(folder: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(Unavailable) as refused:
            files.store("one.pdf", b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert refused.value.code == "storage-unavailable"
    assert not files.exists("one.pdf")
    assert list(folder.iterdir()) == []


def test_asking_a_full_disk_whether_it_is_writable_leaves_nothing_behind(folder: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        assert not files.is_writable()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert list(folder.iterdir()) == []


def test_asking_whether_it_is_writable_leaves_nothing_behind(folder: Path) -> None:
    assert files.is_writable()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["../outside.pdf", "a/../../outside.pdf", "/etc/outside.pdf", "", "a\x00b", "a//b", "."]
)
def test_a_name_that_leads_outside_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="file name"):
        files.store(name, b"x")
    assert not (tmp_path / "outside.pdf").exists()


def test_many_who_store_the_same_all_succeed(app: Bilim) -> None:
    def store(_: int) -> None:
        with app.app_context():
            files.store("one.pdf", b"same" * 10_000)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(store, range(8)))

    assert files.read("one.pdf") == b"same" * 10_000


def test_of_two_who_store_different_bytes_one_is_refused(app: Bilim) -> None:
    def store(number: int) -> str:
        with app.app_context():
            try:
                files.store("one.pdf", str(number).encode() * 10_000)
            except Conflict:
                return "refused"
            return str(number)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(store, range(8)))

    kept = [result for result in results if result != "refused"]
    assert len(kept) == 1
    assert files.read("one.pdf") == kept[0].encode() * 10_000


def test_files_may_be_kept_elsewhere_by_setting_alone(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, f"sqlite:///{tmp_path / 'unused.sqlite3'}")
    with application(settings, files_url="memory://bucket/bilim"):
        files.store("certificates/one.pdf", b"whole")

        assert files.read("certificates/one.pdf") == b"whole"
        with pytest.raises(Conflict):
            files.store("certificates/one.pdf", b"other")


@pytest.mark.parametrize("answers", ["no", "never"])
def test_an_object_store_that_is_away_is_told_within_seconds(
    tmp_path: Path, answers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ANSWER_SECONDS", 0.3)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if answers == "never":
            listener.listen(64)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        store = {"AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
        for name, value in (store | {"AWS_DEFAULT_REGION": "us-east-1"}).items():
            monkeypatch.setenv(name, value)
        settings = make_settings(tmp_path, f"sqlite:///{tmp_path / 'unused.sqlite3'}")
        with application(settings, files_url=f"s3://bucket-{answers}/folder") as app:
            begun = time.monotonic()
            for ask in (
                lambda: files.store("a", b"1"),
                lambda: files.read("a"),
                lambda: files.opened("a"),
                lambda: list(files.names("x")),
                lambda: files.remove("a"),
            ):
                with pytest.raises(Unavailable) as unavailable:
                    ask()
                assert unavailable.value.code == "storage-unavailable"
            answer = app.test_client().get("/readyz")
            took = time.monotonic() - begun

    assert (answer.status_code, answer.get_json()["files"]) == (503, "not writable")
    assert took < 20
