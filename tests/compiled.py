"""What every application compiles alike is compiled once in a process of tests: they make thousands of applications.

Measured without it: of each test's time a quarter went into rules of addresses, a fifth into templates, a sixth into SQL.
"""

from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

_BUILDERS = ("_build", "_build_unknown")


class _Templates(BytecodeCache):
    """Compiled templates in memory; Jinja compares a checksum of the source."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


templates = _Templates()


_statements: LRUCache[Any, Any] = LRUCache(5000)


def remember_statements(engine: Engine) -> None:
    """SQLAlchemy keeps compiled statements for each engine; those of one kind of database are alike."""
    engine.update_execution_options(compiled_cache=_statements)


def take_databases_of_a_kind_as_one() -> None:
    """Statements are kept by the dialect, and every engine has its own; ours are configured alike."""
    DefaultDialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    DefaultDialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]


def remember_rules() -> None:
    """What Werkzeug makes of a rule's text follows from the text and its defaults; only what builds addresses holds the rule."""
    compile_rule = Rule.compile
    kept: dict[tuple[Any, ...], dict[str, Any]] = {}

    def _remembered(rule: Rule) -> None:
        defaults = tuple(sorted((rule.defaults or {}).items()))
        key = (rule.host, rule.subdomain, rule.rule, rule.merge_slashes, defaults)
        if key not in kept:
            compile_rule(rule)
            kept[key] = {name: getattr(rule, name) for name in ("_parts", "_trace", "_converters", "arguments")}
            kept[key] |= {name: getattr(rule, name).__func__ for name in _BUILDERS}
            return
        for name, made in kept[key].items():
            setattr(rule, name, made.__get__(rule) if name in _BUILDERS else made)

    Rule.compile = _remembered  # type: ignore[assignment, method-assign]
