"""Named connections -> markup: a line each, and the form that adds or changes one."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from kb.config.connections import connection_of, field_names
from kb.types import SettingState
from kb.web.page.settings.render_setting import select, source
from kb.web.page.words.setting_labels import Labels
from kb.web.page.words.settings import SettingsWords

_KINDS = ("ollama", "endpoint", "gguf")
_NUMBERS = {"context": "1", "max_tokens": "1", "temperature": "any", "top_p": "any"}
"""Fields that are numbers -> the step of their field."""


def connections(states: Sequence[SettingState], words: SettingsWords, labels: Labels) -> str:
    """Returns the connections, of whose settings ``states`` are, and the form for one as a template."""
    held: dict[str, list[SettingState]] = {}
    for state in states:
        held.setdefault(connection_of(state.name), []).append(state)
    lines = "".join(_line(name, of, words) for name, of in held.items())
    return (
        f'<h3>{escape(words.connections)}</h3><p class="hint">{escape(words.connections_hint)}</p>'
        f'<ul class="connections">{lines}</ul>'
        f'<p><button type="button" data-act="add-connection">{escape(words.add_connection)}</button></p>'
        f"<template data-connection-form>{_form(words, labels)}</template>"
    )


def _line(name: str, states: Sequence[SettingState], words: SettingsWords) -> str:
    by_field = {state.name.rpartition(".")[2]: state for state in states}
    value: dict[str, Any] = {field: state.value for field, state in by_field.items()}
    said = " · ".join(
        str(part) for part in (words.of_kind(value["kind"]), value["model"], value["url"]) if part
    )
    own = "".join(
        f' data-{field.replace("_", "-")}="{escape(_typed(each))}"'
        for field, each in value.items()
        if field != "key" and each is not None
    )
    acts = _act("test", words.test, f' data-name="{escape(name)}"')
    if not by_field["kind"].how:
        acts += _act("edit-connection", words.edit)
    if by_field["kind"].is_set_here:
        acts += _act("remove-connection", words.remove)
    return (
        f'<li data-connection="{escape(name)}"{own}><div><strong>{escape(name)}</strong> '
        f'<span class="hint">{escape(said)}</span><p class="source">{_source(by_field["kind"], words)}</p>'
        f'<p role="status" class="hint" data-result></p></div><div class="acts">{acts}</div></li>'
    )


def _source(kind: SettingState, words: SettingsWords) -> str:
    return source(kind, words).partition(" <button")[0]  # a connection is taken back as a whole


def _act(act: str, label: str, more: str = "") -> str:
    return f'<button type="button" data-act="{act}"{more}>{escape(label)}</button>'


def _typed(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _form(words: SettingsWords, labels: Labels) -> str:
    """Returns the fields of a connection; what is left empty is left as it comes."""
    fields = "".join(_field(name, words, labels) for name in ("name", *field_names()))
    return (
        f'<form method="dialog" class="connection"><h3></h3>{fields}<p class="note problem" role="alert" hidden></p>'
        f'<p><button value="yes">{escape(words.save)}</button> '
        f'<button value="" formnovalidate>{escape(words.cancel)}</button></p></form>'
    )


def _field(name: str, words: SettingsWords, labels: Labels) -> str:
    label, hint = labels[f"connections.{name}"]
    said = f"<small>{escape(hint)}</small>" if hint else ""
    if name == "kind":
        control = select('name="kind"', [(kind, words.of_kind(kind)) for kind in _KINDS], "ollama")
    elif name == "thinking":
        choices = [("", words.none), ("true", words.yes), ("false", words.no)]
        control = select('name="thinking"', choices, "")
    elif name in _NUMBERS:
        control = f'<input type="number" name="{name}" min="0" step="{_NUMBERS[name]}">'
    else:
        kind = {"key": "password", "url": "url"}.get(name, "text")
        needed = ""
        if (
            name == "name"
        ):  # a browser's bubble covers the hint, and says what stands in the title below its own words
            needed = f' required pattern="[a-z0-9][a-z0-9_\\-]*" maxlength="40" title="{escape(hint)}"'
        control = f'<input type="{kind}" name="{name}" autocomplete="off" spellcheck="false"{needed}>'
    return f"<label><span>{escape(label)}</span>{control}{said}</label>"
