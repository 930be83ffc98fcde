"""Every setting as a person sees it: its value, where that stands, what it may be, and whether it can be set here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo

from kb.backends import SERVERS, VECTOR_SERVERS
from kb.config.complaints import choices_of, field_of, kind_of
from kb.config.connections import OLLAMA_URL, PREFIX, field_names
from kb.config.reading import set_here
from kb.config.renamed import is_secret
from kb.config.sections import Settings, setting_names
from kb.system.addresses import is_loopback, server_of
from kb.types import SetAddress, SettingSource, SettingState

_AT_ONCE = frozenset({"retrieval", "reranker", "answering", "connections", "judge"})
"""Sections whose changes count from the next question on."""
_AFTER_RESTART = frozenset({"parsing", "backup", "log"})
"""Sections that are read when the app starts."""
_AT_ONCE_TOO = frozenset({"parsing.chunk_tokens"})
"""Settings of those that count from the next document on."""
_FILE = "Set it in footnote.toml, or in the environment, and start Footnote again."
_ELSEWHERE = {
    "embedding": "Change it under Embedding on the page, or by `app.py embedder switch`.",
    "storage": "Change it under Storage on the page, or by `app.py vectors move`.",
}
_MOVED_BY_COMMAND = frozenset(
    {
        *(f"embedding.{name}" for name in ("model", "engine", "width", "url", "device", "instruction")),
        "storage.vectors",
        "storage.vectors_url",
    }
)
"""What only its own command can change: it says first what it costs."""


def settings_states(settings: Settings) -> list[SettingState]:
    """Returns every setting, in the order of the documentation, those of connections after all others."""
    names = [*setting_names(), *_of_connections(settings.connections)]
    values, stored = settings.by_name(), frozenset(set_here(settings))
    return [_state(name, values[name], settings.source_of(name), name in stored) for name in names]


def set_addresses(settings: Settings) -> list[SetAddress]:
    """Returns every address that something is sent to, by setting; one that no engine in use asks is none of them."""
    urls: dict[str, str | None] = {
        name: settings.value_of(name)
        for name in ("answering.ollama_url", "answering.endpoint_url", "reranker.url")
    }
    if settings.embedding.engine in SERVERS:
        urls["embedding.url"] = settings.embedding.url
    if settings.storage.vectors in VECTOR_SERVERS:
        urls["storage.vectors_url"] = settings.storage.vectors_url
    if settings.oidc.is_set:
        urls["oidc.issuer"] = settings.oidc.issuer
    if "://" in settings.reranker.model:
        urls["reranker.model"] = settings.reranker.model
    for name, asked in settings.connections.items():
        urls[f"{PREFIX}{name}.url"] = asked.url or (OLLAMA_URL if asked.kind == "ollama" else None)
    return [
        SetAddress(name, server, is_loopback(url))
        for name, url in urls.items()
        if url and (server := server_of(url)) is not None
    ]


def when_applied(name: str) -> str:
    """Returns when a change of ``section.name`` that is made here counts: at once, restart, or elsewhere (never)."""
    section = name.partition(".")[0]
    if section in _AT_ONCE or name in _AT_ONCE_TOO:
        return "at once"
    return "restart" if section in _AFTER_RESTART else "elsewhere"


def why_not_here(name: str, source: SettingSource) -> str:
    """Returns why ``section.name``, given by ``source``, cannot be set here, in a sentence; empty where it can."""
    if source.kind == "environment":
        return f"The environment sets {source.said}, which counts before what is set here. Unset it first."
    if source.kind == "command":
        return f"{source.said} was given when Footnote was started, which counts before what is set here."
    if when_applied(name) != "elsewhere":
        return ""
    return _ELSEWHERE[name.partition(".")[0]] if name in _MOVED_BY_COMMAND else _FILE


def _of_connections(names: Iterable[str]) -> list[str]:
    return [f"{PREFIX}{name}.{field}" for name in names for field in field_names()]


def _state(name: str, value: Any, source: SettingSource, is_set_here: bool) -> SettingState:
    field = field_of(name)
    kind, optional = kind_of(field)
    choices = choices_of(kind)
    secret = is_secret(name)
    takes = {int: "whole", float: "number", bool: "truth"}.get(kind, "text")
    least, most = _bounds(field)
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    return SettingState(
        name=name,
        value=value is not None if secret else value,
        default=default if isinstance(default, str | int | float | bool | None) else str(default),
        source=source,
        meaning=field.description or "",
        takes="key" if secret else "choice" if choices else takes,  # type: ignore[arg-type]  # one of its names
        choices=choices,
        least=least,
        most=most,
        optional=optional or secret,
        applies=when_applied(name),  # type: ignore[arg-type]
        how=why_not_here(name, source),
        is_set_here=is_set_here,
    )


def _bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    """Returns the least and the greatest number that the setting can be; what it must be above counts as its least."""
    least = next(
        (m.ge if isinstance(m, Ge) else m.gt for m in field.metadata if isinstance(m, Ge | Gt)), None
    )
    most = next((m.le for m in field.metadata if isinstance(m, Le)), None)
    return least, most  # type: ignore[return-value]  # numbers, as they were declared
