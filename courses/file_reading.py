"""Reads the files of authors, and collects every mistake with its file and line."""

import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

LARGEST_BYTES = 1_000_000
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake in an author's files."""

    path: str
    line: int
    mistake: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.mistake}"


@dataclass
class Faults:
    """All mistakes found so far, in files below one folder."""

    folder: Path
    found: list[Fault] = field(default_factory=list)

    def add(self, path: Path, line: int, mistake: str) -> None:
        """Remember a mistake; lines count from 1."""
        shown = path.relative_to(self.folder) if path.is_relative_to(self.folder) else path
        self.found.append(Fault(str(shown), line, mistake))


def read_text(path: Path, faults: Faults) -> str:
    """The file's text, empty if it cannot be read. A byte order mark, which some editors write, is no part of it."""
    try:
        if mistake := _mistake_in_file(path):
            faults.add(path, 1, mistake)
            return ""
        return _readable(path.read_text(encoding="utf-8-sig"), path, faults)
    except FileNotFoundError:
        faults.add(path, 1, "this file is missing")
    except UnicodeDecodeError:
        faults.add(path, 1, "this file is not UTF-8 text")
    except OSError as error:
        faults.add(path, 1, f"this file cannot be read ({type(error).__name__})")
    return ""


def _mistake_in_file(path: Path) -> str | None:
    """Why a file is not even opened. A link could publish any file of this machine, a pipe would be waited for forever."""
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        return "this is a link; put the file itself here"
    if not stat.S_ISREG(found.st_mode):
        return "this is not a file"
    return f"this file is larger than {LARGEST_BYTES} bytes" if found.st_size > LARGEST_BYTES else None


def _readable(text: str, path: Path, faults: Faults) -> str:
    if found := CONTROL.search(text):
        faults.add(path, text.count("\n", 0, found.start()) + 1, "there is a control character that nobody can see")
        return ""
    return text
