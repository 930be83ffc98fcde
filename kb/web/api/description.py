"""What the API says of itself: OpenAPI, for programs that are made from it, and for the page that people read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse

from kb.web.api.reference import reference_page
from kb.web.api.reference_words import EN, ZH
from kb.web.api.refusal_sentences import asked_language, language_of
from kb.web.api.summaries import SUMMARIES
from kb.web.door.refusals import PROBLEM

OPENAPI = "/api/openapi.json"
REFERENCE = "/api/reference"
_ABOUT = (
    "A local knowledge base that answers with footnotes. What a key opens, how lists go on, how uploads are repeated "
    "and how errors are written stands in docs/api.md."
)
_METHODS = ("get", "post", "put", "patch", "delete")
_BYTES = {"type": "string", "format": "binary"}
_TEXT = {"type": "string"}
_FILES: dict[tuple[str, str], dict[str, dict[str, str]]] = {
    ("get", "/api/answers/{request_id}/export"): {
        "text/markdown": _TEXT,
        "application/json": {"type": "object"},
    },
    ("get", "/api/conversations/{conversation_id}/export"): {
        "text/markdown": _TEXT,
        "application/json": {"type": "object"},
    },
    ("post", "/api/ask"): {"application/x-ndjson": _TEXT},
    ("get", "/api/requests/{request_id}/events"): {"application/x-ndjson": _TEXT},
    ("get", "/api/events"): {"text/event-stream": _TEXT},
    ("get", "/api/log/export"): {"text/csv": _TEXT, "application/x-ndjson": _TEXT},
    ("get", "/metrics"): {"text/plain": _TEXT},
    ("get", "/documents/{document_id}/original"): {"application/octet-stream": _BYTES},
    ("get", "/documents/{document_id}/view"): {"application/pdf": _BYTES},
    ("get", "/documents/{document_id}/pages/{page}.png"): {"image/png": _BYTES},
    ("get", "/v1/files/{file_id}/content"): {"application/octet-stream": _BYTES},
}
"""What answers that are no JSON are, by their route."""
_FIELDS = {
    "/api/documents": ("collection", "name", "path", "same_name"),
    "/v1/files": ("collection", "purpose"),
}
"""The fields of forms, which are read as they come, beside the file."""
_ERRORS = {
    "401": "The key opens nothing.",
    "403": "The key is not for this.",
    "429": "Too many requests, answers or bytes of late; `Retry-After` says for how many seconds.",
    "default": "Why it was refused, in a sentence.",
}
_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Problem details, RFC 9457.",
    "required": ["type", "title", "status", "detail", "instance", "error"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence."},
        "instance": {"type": "string"},
        "error": {"type": "string", "description": "The same sentence."},
    },
}
_OPENAI_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}


def description_router(app: FastAPI) -> APIRouter:
    """Returns the routes of the description of ``app``, and of the page that shows it; neither describes itself."""
    router = APIRouter(include_in_schema=False)

    @cache
    def described() -> dict[str, Any]:
        return described_api(app)

    @router.get(OPENAPI)
    def openapi() -> JSONResponse:
        return JSONResponse(described())

    @router.get(REFERENCE)
    def reference(request: Request) -> HTMLResponse:
        words = ZH if language_of(asked_language(request.headers)) == "zh" else EN
        return HTMLResponse(reference_page(described(), words))

    return router


def described_api(app: FastAPI) -> dict[str, Any]:
    """Returns the OpenAPI document of our routes; those of the page are its own."""
    found: dict[str, Any] = get_openapi(
        title="Footnote", version="1", description=_ABOUT, routes=app.routes, openapi_version="3.1.0"
    )
    found["paths"] = {path: item for path, item in found["paths"].items() if not path.startswith("/ui/")}
    schemas = found["components"]["schemas"]
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas["Problem"], schemas["OpenAIError"] = _PROBLEM_SCHEMA, _OPENAI_SCHEMA
    found["components"]["securitySchemes"] = {
        "key": {
            "type": "http",
            "scheme": "bearer",
            "description": "A key, as `app.py key add NAME` makes it.",
        }
    }
    found["security"] = [{"key": []}, {}]
    for path, method, operation in operations(found):
        _complete(path, method, operation)
    _keep_used(found)
    return found


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yields (path, method, what is said of it) of every route."""
    for path, item in described["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Adds what cannot be seen in a route: what it does, its group, its errors, forms, and what is no JSON."""
    operation["tags"] = [group_of(path)]
    if (method, path) in SUMMARIES:
        operation["summary"] = SUMMARIES[method, path][0]
    responses = operation["responses"]
    if (method, path) in _FILES:
        for status in [status for status in responses if status.startswith("2")]:
            content = {kind: {"schema": schema} for kind, schema in _FILES[method, path].items()}
            responses[status]["content"] = content
    for answer in responses.values():
        if answer.get("content") == {"application/json": {"schema": {}}}:
            answer["content"] = {"application/json": {"schema": {"type": "null"}}}
    if path == "/v1/chat/completions":
        responses["200"]["content"]["text/event-stream"] = {"schema": _TEXT}
    if method == "post" and path in _FIELDS:
        operation["requestBody"] = _form(_FIELDS[path])
        if path == "/api/documents":
            responses["200"] = {**responses["201"], "description": "It was there already"}
    invalid = responses.pop("422", None)
    openai = path.startswith("/v1/")
    kind, schema = ("application/json", "OpenAIError") if openai else (PROBLEM, "Problem")
    content = {kind: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    if invalid is not None:
        responses["400" if openai else "422"] = {
            "description": "A parameter or a field is not as this says.",
            "content": content,
        }
    for status, said in _ERRORS.items():
        responses[status] = {"description": said, "content": content}


def _form(fields: tuple[str, ...]) -> dict[str, Any]:
    """Returns the body of an upload: one file, and fields of text."""
    properties: dict[str, Any] = {"file": _BYTES, **dict.fromkeys(fields, _TEXT)}
    schema = {"type": "object", "required": ["file"], "properties": properties}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def group_of(path: str) -> str:
    """Returns what a route is about, by which the page groups them: the second part of an address of ours."""
    parts = path.strip("/").split("/")
    return parts[1] if parts[0] == "api" else parts[0]


def _keep_used(found: dict[str, Any]) -> None:
    """Leaves out the schemas that no route refers to: those of the page's own routes."""
    schemas = found["components"]["schemas"]
    used, waiting = set[str](), list(_references(found["paths"]))
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting += _references(schemas[name])
    found["components"]["schemas"] = {name: schema for name, schema in schemas.items() if name in used}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].rpartition("/")[2]
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)
