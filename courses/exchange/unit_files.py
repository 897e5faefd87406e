"""The files of a unit that an import reads and writes: ``questions.yaml`` is only read, ``imported.yaml`` grows."""

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from courses.exchange.drafting import Drafted, Entry
from courses.exchange.wording import Unreadable
from courses.file_reading import LARGEST_BYTES, Faults, read_text
from courses.yaml_reading import NAME, read_list, read_mapping

IMPORTED, QUESTIONS = "imported.yaml", "questions.yaml"
HEADING = "# Imported questions. Complete each one, then move it into questions.yaml; nothing here is taught.\n"


def folder_of(content: Path, address: str) -> Path:
    """The folder of ``MODULE/UNIT``: the module by its slug, the unit by its code or folder.

    :raises Unreadable: ``unit-unknown``.
    """
    module, _, unit = address.partition("/")
    units = _units(content / module) if NAME.fullmatch(module) else {}
    folder = units.get(unit.casefold()) or next((name for name in units.values() if name == unit), "")
    path = content / module / "units" / folder
    if not folder or not NAME.fullmatch(folder) or path.is_symlink() or not path.is_dir():
        known = ", ".join(sorted(code.upper() for code in units)) or "none"
        raise Unreadable("unit-unknown", f"no written unit {unit!r} in the module {module!r}; there are: {known}")
    return path


def _units(module: Path) -> dict[str, str]:
    """Folders by the code of the unit."""
    read = read_mapping(module / "module.yaml", Faults(module))
    entries = read.mappings("units") if not read.is_missing else []
    return {entry.text("code").casefold(): entry.text("folder") for entry in entries if entry.has("folder")}


def entries_of(path: Path) -> list[Entry]:
    """The questions of a file, unchecked; none if there is no file.

    :raises Unreadable: ``file-of-unit``, when it is no list that can be read: nothing in it is overwritten.
    """
    if not path.exists() and not path.is_symlink():
        return []
    faults = Faults(path.parent)
    text = read_text(path, faults)
    if not faults.found and not _is_blank(text):
        list(read_list(path, faults))
    if faults.found:
        raise Unreadable("file-of-unit", f"{faults.found[0]}; correct this first")
    return [] if _is_blank(text) else yaml.load(text, Loader=_Loader)  # noqa: S506  a safe one


def _is_blank(text: str) -> bool:
    return all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines())


def ids_of(path: Path) -> set[str]:
    """The ids of the questions of a file."""
    return {str(entry.get("id")) for entry in entries_of(path) if isinstance(entry, dict)}


def text_of(drafted: Drafted, before: str) -> str:
    """What ``imported.yaml`` holds afterwards. Comments of an author stay where entries are only added.

    :raises Unreadable: ``file-of-unit`` if nobody could load it.
    """
    if not drafted.added and not drafted.is_rewritten:
        return before
    if drafted.is_rewritten or _is_blank(before):
        text = HEADING + _dumped(drafted.entries)
    else:
        text = before.rstrip("\n") + "\n" + _dumped(drafted.entries[-drafted.added :])
    if len(text.encode()) > LARGEST_BYTES:
        raise Unreadable("file-of-unit", f"{IMPORTED} would be larger than {LARGEST_BYTES} bytes; import in parts")
    return text


def write(path: Path, text: str) -> None:
    """Put the text in the place of the file, whole or not at all."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8", newline="\n")
    os.replace(beside, path)


def _dumped(entries: list[Entry]) -> str:
    return yaml.dump(entries, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


class _Loader(yaml.CSafeLoader):
    """Numbers as they were written."""


class _Dumper(yaml.SafeDumper):
    """Numbers as they were written, and no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """Nothing stands for something else."""
        return True


def _number(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> Decimal | str:
    text = str(loader.construct_scalar(node))
    try:
        return Decimal(text.replace("_", ""))
    except ArithmeticError:
        return text


def _plain_number(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    text = format(value, "f")
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'float' if '.' in text else 'int'}", text)


for _tag in ("int", "float"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _number)
_Dumper.add_representer(Decimal, _plain_number)
