"""The description of the API as a page to read: one document without a script, so that it works with no network."""

from __future__ import annotations

import json
from collections import defaultdict
from html import escape
from typing import Any

from kb.web.api.reference_words import ReferenceWords
from kb.web.api.summaries import SUMMARIES

_METHODS = ("get", "post", "put", "patch", "delete")
_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --quiet: #59636e; --rule: #d1d9e0; --sheet: #fff; --tint: #f6f8fa; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --quiet: #9198a1; --rule: #3d444d; --sheet: #0d1117; --tint: #151b23; }
}
body { margin: 0 auto; max-width: 960px; padding: 24px 16px 64px; background: var(--sheet); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; } h2 { font-size: 18px; margin: 32px 0 8px; }
details { border: 1px solid var(--rule); border-radius: 8px; margin: 8px 0; }
summary { cursor: pointer; padding: 8px 12px; overflow-wrap: anywhere; }
details[open] > summary { border-bottom: 1px solid var(--rule); background: var(--tint); }
.of { padding: 4px 12px 12px; overflow-x: auto; }
.quiet, th { color: var(--quiet); font-weight: 400; }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
.method { display: inline-block; min-width: 60px; font-weight: 600; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 4px 12px 4px 0; vertical-align: top; }
td { border-top: 1px solid var(--rule); } nav a { margin-right: 12px; } a { color: inherit; }
"""


def reference_page(described: dict[str, Any], words: ReferenceWords) -> str:
    """Returns HTML that shows every route of an OpenAPI document: what it does, what it takes, and what it answers."""
    groups = defaultdict[str, list[str]](list)
    for path, item in described["paths"].items():
        for method in _METHODS:
            if method in item:
                groups[item[method]["tags"][0]].append(_operation(path, method, item[method], words))
    names = sorted(groups)
    links = " ".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in names)
    body = "".join(f'<h2 id="{escape(name)}">{escape(name)}</h2>{"".join(groups[name])}' for name in names)
    schemas = "".join(
        f'<details id="schema-{escape(name)}"><summary><code>{escape(name)}</code></summary>'
        f'<div class="of">{_fields(schema, words)}</div></details>'
        for name, schema in sorted(described["components"]["schemas"].items())
    )
    about = escape(words.about or described["info"]["description"])
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8"><title>{words.title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        f'<h1>{words.title}</h1><p>{about} <a href="/api/openapi.json">openapi.json</a></p><nav>{links} '
        f'<a href="#schemas">{words.schemas}</a></nav>{body}'
        f'<h2 id="schemas">{words.schemas}</h2>{schemas}</body></html>'
    )


def _operation(path: str, method: str, said: dict[str, Any], words: ReferenceWords) -> str:
    """Returns a route: folded, with its parameters, its body and its answers within."""
    parts = [f"<p>{escape(said['description'])}</p>" if said.get("description") else ""]
    if parameters := said.get("parameters"):
        rows = [
            (
                each["name"],
                each["in"],
                each.get("required", False),
                each["schema"],
                each.get("description", ""),
            )
            for each in parameters
        ]
        parts.append(
            _table(
                words.parameter,
                [(name, f"{where}, {_kind(schema)}", need, text) for name, where, need, schema, text in rows],
                words,
            )
        )
    for kind, content in said.get("requestBody", {}).get("content", {}).items():
        parts.append(
            f'<p class="quiet">{words.body}, <code>{escape(kind)}</code></p>{_fields(content["schema"], words)}'
        )
    answers = [
        (status, " · ".join(filter(None, (_contents(answer), answer["description"]))))
        for status, answer in said["responses"].items()
    ]
    rows_of = "".join(
        f"<tr><td><code>{escape(status)}</code></td><td>{text}</td></tr>" for status, text in answers
    )
    parts.append(f"<table><tr><th>{words.status}</th><th>{words.answer}</th></tr>{rows_of}</table>")
    summary = SUMMARIES[method, path][words.place] if (method, path) in SUMMARIES else said.get("summary", "")
    return (
        f'<details><summary><span class="method">{method.upper()}</span> <code>{escape(path)}</code> '
        f'<span class="quiet">{escape(summary)}</span></summary><div class="of">{"".join(parts)}</div>'
        "</details>"
    )


def _contents(answer: dict[str, Any]) -> str:
    return ", ".join(
        f"<code>{escape(kind)}</code> {_kind(content.get('schema', {}))}"
        for kind, content in answer.get("content", {}).items()
    )


def _fields(schema: dict[str, Any], words: ReferenceWords) -> str:
    """Returns the fields of an object as a table; of anything else what it is."""
    properties = schema.get("properties")
    if not properties:
        return f"<p>{_kind(schema)}</p>"
    required = set(schema.get("required", ()))
    return _table(
        words.field,
        [
            (name, _kind(field), name in required, field.get("description", ""))
            for name, field in properties.items()
        ],
        words,
    )


def _table(of: str, rows: list[tuple[str, str, bool, str]], words: ReferenceWords) -> str:
    """Returns a table of (name, markup of its kind, whether it has to be there, what it means)."""
    must = f", {words.required}"
    lines = [
        f"<td><code>{escape(name)}</code></td><td>{kind}{must if need else ''}</td><td>{escape(text)}</td>"
        for name, kind, need, text in rows
    ]
    written = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><tr><th>{of}</th><th>{words.kind}</th><th></th></tr>{written}</table>"


def _kind(schema: dict[str, Any]) -> str:
    """Returns what a value is, with a link where it is described elsewhere; markup."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    if alternatives := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(_kind(each) for each in alternatives)
    if "enum" in schema or "const" in schema:
        return escape(" | ".join(json.dumps(each) for each in schema.get("enum", [schema.get("const")])))
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    said = " or ".join(kind) if isinstance(kind, list) else str(kind)
    bounds = [
        f"{word} {schema[key]}"
        for key, word in (
            ("minimum", "from"),
            ("maximum", "to"),
            ("maxLength", "at most"),
            ("maxItems", "at most"),
        )
        if key in schema
    ]
    default = (
        f"default {json.dumps(schema['default'])}" if schema.get("default") not in (None, [], "") else ""
    )
    return escape(", ".join(filter(None, (said, *bounds, default))))
