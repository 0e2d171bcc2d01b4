"""The OpenAPI document: true, complete, and shown without anything from elsewhere."""

import re
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from steadypin.services.access import Scope
from tests.api.stage import Api
from tests.web.showcase import fill

ROOT = Path(__file__).resolve().parents[2]


def document(api: Api) -> Any:
    return api.outside.get("/api/v1/openapi.json").json()


def test_the_document_needs_no_key_and_describes_every_answer_from_400_on(api):
    told = document(api)
    assert told["openapi"].startswith("3.1")
    for path, verbs in told["paths"].items():
        for verb, operation in verbs.items():
            assert operation["description"].endswith("."), (verb, path)
            for status, answer in operation["responses"].items():
                if status >= "400":
                    assert list(answer["content"]) == ["application/problem+json"], (verb, path, status)


def test_every_reference_in_the_document_leads_somewhere(api):
    told = document(api)
    names = set(re.findall(r"#/components/schemas/(\w+)", api.outside.get("/api/v1/openapi.json").text))
    assert names <= set(told["components"]["schemas"])


def test_the_reference_page_shows_every_address_without_scripts_or_foreign_files(api):
    page = api.outside.get("/api/docs").text
    for path in document(api)["paths"]:
        assert f"<code>{path}</code>" in page
    assert "<script" not in page
    assert " style=" not in page
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []
    ids, links = set(re.findall(r'id="([^"]+)"', page)), set(re.findall(r'href="#([^"]+)"', page))
    assert links <= ids
    assert api.outside.get("/api/docs/reference.css").status_code == 200


def test_the_written_guide_names_every_address(api):
    guide = (ROOT / "docs" / "api.md").read_text()
    for path in document(api)["paths"]:
        assert path.removeprefix("/api/v1") in guide, path


JUDGES = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
    allow_header_conformance,
]


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_whatever_is_sent_the_answer_is_as_the_document_says(api, mode):
    fill(api.rig)
    headers = {"Authorization": api.key(Scope.ADMIN).headers["Authorization"], "Host": "127.0.0.1"}
    for verbs in api.app.openapi()["paths"].values():
        for operation in verbs.values():
            operation.pop("security", None)  # every request carries the key; test_access.py tests the others
    described = schemathesis.openapi.from_asgi("/api/v1/openapi.json", api.app, headers={"Host": "127.0.0.1"})
    for operation in described.get_all_operations():
        send_much(operation.ok(), mode, headers)  # type: ignore[union-attr]


def send_much(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> None:
    """Send made-up requests, good ones or bad ones, and judge every answer."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def judge(case):
        case.call_and_validate(checks=JUDGES, headers=headers)

    try:
        judge()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # nothing about this operation can be wrong
