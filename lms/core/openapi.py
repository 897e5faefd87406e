"""An OpenAPI description as a page shows it: one operation after the other, with the fields it takes and answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """One value of a body or of a path."""

    name: str
    kind: str
    is_required: bool
    description: str
    example: Any


@dataclass(frozen=True)
class Answer:
    """What an operation may answer."""

    status: str
    description: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Operation:
    """One thing that the API does."""

    method: str
    path: str
    summary: str
    description: str
    scope: str
    takes: tuple[Field, ...]
    body: Mapping[str, Any]
    """An example of the body; empty if there is none."""
    sends_file: bool
    """Whether the body is a form with a file."""
    answers: tuple[Answer, ...]


def operations(document: Document) -> list[Operation]:
    """All operations, in the order of the description."""
    return [
        _operation(document, method, path, details)
        for path, methods in document["paths"].items()
        for method, details in methods.items()
        if method != "parameters"
    ]


def _operation(document: Document, method: str, path: str, details: Document) -> Operation:
    body = _fields(document, _schema_in(details.get("requestBody", {})))
    return Operation(
        method=method.upper(),
        path=path,
        summary=details.get("summary", ""),
        description=details.get("description", ""),
        scope=_scope(details),
        takes=(*_path_fields(document, path, details), *body),
        body={field.name: field.example for field in body if field.example is not None},
        sends_file="multipart/form-data" in details.get("requestBody", {}).get("content", {}),
        answers=tuple(_answer(document, status, answer) for status, answer in sorted(_answers(details).items())),
    )


def _scope(details: Document) -> str:
    return " ".join(scope for choice in details.get("security", []) for names in choice.values() for scope in names)


def _path_fields(document: Document, path: str, details: Document) -> tuple[Field, ...]:
    parameters = [*document["paths"][path].get("parameters", []), *details.get("parameters", [])]
    return tuple(
        Field(
            name=parameter["name"],
            kind=_kind(parameter.get("schema", {})),
            is_required=parameter.get("required", False),
            description=parameter.get("description", ""),
            example=None,
        )
        for parameter in parameters
    )


def _answers(details: Document) -> Mapping[str, Document]:
    return {str(status): answer for status, answer in details["responses"].items() if status != "default"}


def _answer(document: Document, status: str, answer: Document) -> Answer:
    answer = _resolved(document, answer)
    shown = _fields(document, _schema_in(answer)) if status.startswith("2") else ()
    return Answer(status=status, description=answer.get("description", ""), fields=shown)


def _schema_in(holder: Document) -> Document:
    schema: Document = next((content.get("schema", {}) for content in holder.get("content", {}).values()), {})
    return schema


def _fields(document: Document, schema: Document) -> tuple[Field, ...]:
    schema = _resolved(document, schema)
    return tuple(
        Field(
            name=name,
            kind=_kind(_resolved(document, details)),
            is_required=name in schema.get("required", []),
            description=details.get("description", ""),
            example=details.get("example"),
        )
        for name, details in schema.get("properties", {}).items()
    )


def _kind(schema: Document) -> str:
    types = schema.get("type", "object" if "properties" in schema else "")
    words = " | ".join(types) if isinstance(types, list) else str(types)
    return f"{words} ({schema['format']})" if "format" in schema else words


def _resolved(document: Document, part: Document) -> Document:
    """What a ``$ref`` points to, or the part itself."""
    found = document
    for name in part.get("$ref", "").removeprefix("#/").split("/") if "$ref" in part else ():
        found = found[name]
    return found if "$ref" in part else part
