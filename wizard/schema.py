"""The JSON Schema of an answers file, from the same questions that read it."""

from __future__ import annotations

from typing import Any

from wizard.answers import Answers
from wizard.questions import Question, Table, entries

_SCHEMA_TYPES: dict[type, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    tuple: {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
}


def schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of an answers file."""
    meta = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "registry-wizard"}
    return meta | _object_schema(Answers)


def _object_schema(kind: type) -> dict[str, Any]:
    asked = entries(kind)
    required = [n for n, e in asked.items() if isinstance(e, Question) and e.required]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _entry_schema(entry) for name, entry in asked.items()},
        "required": required,
    }


def _entry_schema(entry: Question | Table) -> dict[str, Any]:
    if isinstance(entry, Question):
        return _question_schema(entry)
    one = _object_schema(entry.of)
    if entry.one_of:
        one |= {"oneOf": [{"required": [name]} for name in entry.one_of]}
    whole = {"type": "array", "items": one} if entry.many else one
    return whole | {"description": entry.help}


def _question_schema(question: Question) -> dict[str, Any]:
    found = _SCHEMA_TYPES[question.kind] | {
        "title": question.title,
        "description": question.help,
        "examples": [question.example],
    }
    if question.choices:
        found["enum"] = list(question.choices)
    if question.limits:
        found |= {"minimum": question.limits.least, "maximum": question.limits.most}
    return found if question.required else found | {"default": question.default}
