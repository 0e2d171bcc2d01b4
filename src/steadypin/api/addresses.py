"""The addresses of the API as its OpenAPI document has them: which verbs one takes, which parameters a verb knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Address:
    """One path template with, for each verb in capitals, the names of its query parameters."""

    pattern: re.Pattern[str]
    verbs: Mapping[str, frozenset[str]]


def read_addresses(document: Mapping[str, Any]) -> list[Address]:
    """Every address of an OpenAPI document; fixed paths stand before those with parameters."""
    paths: Mapping[str, Mapping[str, Any]] = document["paths"]
    return [
        Address(
            re.compile("[^/]+".join(re.escape(part) for part in re.split(r"\{[^}]*\}", path))),
            {verb.upper(): _query_names(operation) for verb, operation in paths[path].items()},
        )
        for path in sorted(paths, key=lambda path: path.count("{"))
    ]


def _query_names(operation: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(found["name"] for found in operation.get("parameters", ()) if found["in"] == "query")


def verbs_at(addresses: list[Address], path: str) -> list[str]:
    """Every verb that this path takes, in order; empty when it is none of them."""
    found = {verb for address in addresses if address.pattern.fullmatch(path) for verb in address.verbs}
    return sorted(found)


def parameters_at(addresses: list[Address], path: str, verb: str) -> frozenset[str]:
    """The query parameters that a verb knows at this path."""
    for address in addresses:
        if verb in address.verbs and address.pattern.fullmatch(path):
            return address.verbs[verb]
    return frozenset()
