"""Comparing replies with the OpenAPI description: the part of JSON Schema that it uses."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parents[2] / "spec" / "pinterest-v5.23-organic.json"
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,),
    "array": (list,), "object": (dict,),
}  # fmt: skip


@cache
def spec() -> Any:
    return json.loads(_FILE.read_text())


def operation(name: str) -> Any:
    for methods in spec()["paths"].values():
        for found in methods.values():
            if isinstance(found, dict) and found.get("operationId") == name:
                return found
    raise KeyError(name)


def reply_schema(name: str, status: int) -> Any:
    """The schema that the spec gives for this reply."""
    responses = operation(name)["responses"]
    found = responses.get(str(status)) or responses["default"]
    return found["content"]["application/json"]["schema"]


def faults_of(value: Any, schema: Any, place: str = "reply") -> list[str]:
    """Where a value departs from a schema; members that the schema does not know count too."""
    return [*_departures(value, schema, place), *_strangers(value, schema, place)]


def _departures(value: Any, schema: Any, place: str) -> list[str]:
    schema = _resolved(schema)
    if value is None:
        return [] if schema.get("nullable") else [f"{place}: null"]
    found = []
    for part in schema.get("allOf", []):
        found += _departures(value, part, place)
    if "discriminator" in schema and "oneOf" in schema:
        discriminator = schema["discriminator"]
        chosen = discriminator["mapping"][value[discriminator["propertyName"]]]
        found += faults_of(value, {"$ref": chosen}, place)
    if "type" in schema and not _is(value, schema["type"]):
        return [*found, f"{place}: not of type {schema['type']}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{place}: {value!r} not in {schema['enum']}")
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{place}: {value!r} does not match {schema['pattern']}")
    if isinstance(value, list) and "items" in schema:
        for index, each in enumerate(value):
            found += faults_of(each, schema["items"], f"{place}[{index}]")
    if isinstance(value, dict):
        found += [f"{place}.{name}: missing" for name in schema.get("required", []) if name not in value]
        for name, part in schema.get("properties", {}).items():
            if name in value:
                found += faults_of(value[name], part, f"{place}.{name}")
    return found


def _strangers(value: Any, schema: Any, place: str) -> list[str]:
    known = _members(schema)
    if not isinstance(value, dict) or not known:
        return []
    return [f"{place}.{name}: not in the spec" for name in value if name not in known]


def _members(schema: Any) -> set[str]:
    schema = _resolved(schema)
    known = set(schema.get("properties", {}))
    for part in [*schema.get("allOf", []), *schema.get("oneOf", [])]:
        known |= _members(part)
    return known


def _resolved(schema: Any) -> Any:
    while "$ref" in schema:
        found = spec()
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
