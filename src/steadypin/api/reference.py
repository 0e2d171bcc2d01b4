"""The OpenAPI document and its page, made here without scripts and without anything from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from jinja2 import Environment, FileSystemLoader

from steadypin.api.problems import KINDS

router = APIRouter(include_in_schema=False)

_FOLDER = Path(__file__).parent / "reference"
_templates = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


@router.get("/api/v1/openapi.json")
def openapi_document(request: Request) -> JSONResponse:
    """The document, for machines."""
    return JSONResponse(request.app.openapi())


@router.get("/api/docs")
def reference_page(request: Request) -> HTMLResponse:
    """The same for people."""
    document = request.app.openapi()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        for verb, operation in operations.items():
            found = {"verb": verb.upper(), "path": path, **operation}
            groups.setdefault(operation["tags"][0], []).append(found)
    page = _templates.get_template("page.html").render(
        document=document,
        groups=groups,
        schemas=document["components"]["schemas"],
        kinds=KINDS,
        base_url=request.app.state.base_url,
        type_of=type_of,
    )
    return HTMLResponse(page)


@router.get("/api/docs/reference.css")
def reference_style() -> FileResponse:
    """Its style."""
    return FileResponse(
        _FOLDER / "reference.css", media_type="text/css", headers={"Cache-Control": "max-age=3600"}
    )


def type_of(schema: dict[str, Any]) -> dict[str, Any]:
    """How a schema is named in the page: {"words": text, "link": name of a schema or None}."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return {"words": name, "link": name}
    if "anyOf" in schema:
        parts = [type_of(part) for part in schema["anyOf"]]
        linked = next((part["link"] for part in parts if part["link"]), None)
        return {"words": " or ".join(part["words"] for part in parts), "link": linked}
    if "const" in schema:
        return {"words": f'"{schema["const"]}"', "link": None}
    if "enum" in schema:
        return {"words": " | ".join(str(value) for value in schema["enum"]), "link": None}
    if schema.get("type") == "array":
        inner = type_of(schema.get("items", {}))
        return {"words": f"list of {inner['words']}", "link": inner["link"]}
    kind = str(schema.get("type", "anything"))
    return {"words": f"{kind} ({schema['format']})" if "format" in schema else kind, "link": None}
