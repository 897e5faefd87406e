"""Which version of the product runs. Known to operators and staff; strangers are not told, because it would tell them what to try."""

import re
from pathlib import Path

VERSION = "0.1.0"
"""As in pyproject.toml."""
_ROOT = Path(__file__).parents[2]


def build_of(root: Path) -> str:
    """The commit of a checkout, short; ``-`` where the folder is none."""
    try:
        head = (root / ".git" / "HEAD").read_text("ascii").strip()
        named = re.fullmatch(r"ref: (refs/[\w./-]+)", head)
        commit = _commit_of(root / ".git", named[1]) if named else head
    except (OSError, UnicodeDecodeError):
        return "-"
    return commit[:10] if re.fullmatch(r"[0-9a-f]{40,64}", commit) else "-"


def _commit_of(folder: Path, name: str) -> str:
    if (folder / name).is_file():
        return (folder / name).read_text("ascii").strip()
    packed = (folder / "packed-refs").read_text("ascii").splitlines()
    return next((line.split()[0] for line in packed if line.endswith(f" {name}")), "")


BUILD = build_of(_ROOT)
"""Read when the process starts: it runs what it read then, whatever lies in the folder since."""
