"""One setting -> markup: what it is called, the control that sets it, and where its value stands."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from kb.types import SettingState
from kb.web.page.words.setting_labels import Labels
from kb.web.page.words.settings import SettingsWords

_SLIDERS = frozenset({"retrieval.dense_weight"})
"""Numbers of which the place between both ends says more than the figure."""
Choice = tuple[str, str]
"""A value, and what a person reads for it."""


def row(
    state: SettingState,
    words: SettingsWords,
    labels: Labels,
    *,
    choices: Sequence[Choice] = (),
    waits: bool = False,
) -> str:
    """Returns the row of a setting; ``choices`` turn its field into a list, to which the value in force belongs."""
    label, hint = labels[state.name]
    key = escape(state.name)
    said = f'<p class="hint">{escape(hint)}</p>' if hint else ""
    if waits:
        said += f'<p class="hint waits">{escape(words.waits)}</p>'
    return (
        f'<div class="setting" data-setting="{key}"><div class="name"><label for="set-{key}">{escape(label)}</label>'
        f'{said}</div><div class="control">{_control(state, words, labels, choices)}'
        f'<p class="source">{source(state, words)}</p></div></div>'
    )


def source(state: SettingState, words: SettingsWords) -> str:
    """Returns where the value stands, why it cannot be changed here, and the button that takes back what was set."""
    said = escape(getattr(words, f"from_{state.source.kind}").format(said=state.source.said))
    if state.source.kind == "default":
        said = f'<span class="as-made">{said}</span>'
    if state.how:
        locked = {"environment": words.locked_environment, "command": words.locked_command}
        if state.source.kind in locked:
            return escape(locked[state.source.kind].format(said=state.source.said))
        return f"{said}. {escape(words.locked_file)}"
    if state.applies == "restart":
        between = " " if state.source.kind == "default" else ", "
        said = f"{said}{between}{escape(words.after_restart)}"
    if not state.is_set_here:
        return said
    return f'{said} <button type="button" class="plain" data-act="reset">{escape(words.reset)}</button>'


def _control(state: SettingState, words: SettingsWords, labels: Labels, choices: Sequence[Choice]) -> str:
    common = f'id="set-{escape(state.name)}"{" disabled" if state.how else ""}'
    if choices:
        return select(common, choices, str(state.value))
    if state.takes == "choice":
        named = [(each, labels[each][0] if each in labels else each) for each in state.choices]
        return select(common, named, str(state.value))
    if state.takes == "key":
        text = words.key_set if state.value else words.key_none
        return (
            f'<input type="password" {common} autocomplete="off" placeholder="{"••••••••" if state.value else ""}">'
            f'<p class="hint">{escape(text)}</p>'
        )
    value = "" if state.value is None else escape(str(state.value))
    if state.takes in ("whole", "number"):
        return _number(state, common, value)
    kind = "url" if state.name.endswith("url") else "text"
    return f'<input type="{kind}" {common} value="{value}" autocomplete="off" spellcheck="false">'


def _number(state: SettingState, common: str, value: str) -> str:
    bounds = "".join(
        f' {name}="{bound:g}"'
        for name, bound in (("min", state.least), ("max", state.most))
        if bound is not None
    )
    if state.name in _SLIDERS:
        return f'<input type="range" {common}{bounds} step="0.05" value="{value}"><output>{value}</output>'
    step = "1" if state.takes == "whole" else "any"
    return f'<input type="number" {common}{bounds} step="{step}" value="{value}">'


def select(attributes: str, choices: Sequence[Choice], value: str) -> str:
    """Returns a list of ``choices`` with ``value`` chosen, which comes last where it is none of them."""
    named = [*choices, *([] if value in dict(choices) else [(value, value)])]
    options = "".join(
        f'<option value="{escape(each)}"{" selected" if each == value else ""}>{escape(shown)}</option>'
        for each, shown in named
    )
    return f"<select {attributes}>{options}</select>"
