"""The settings -> markup, a section for each part. Like ``render``, one line each."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path

from kb.config.connections import PREFIX
from kb.types import EXTRACTIVE, Backup, SetAddress, SettingState, SpaceUsed, WidthFigure
from kb.web.page.format import size
from kb.web.page.markup import one_line
from kb.web.page.settings import render_backups
from kb.web.page.settings.about import Package
from kb.web.page.settings.render_connections import connections
from kb.web.page.settings.render_setting import Choice, row, select
from kb.web.page.words.backups import BackupsWords
from kb.web.page.words.setting_labels import Labels
from kb.web.page.words.settings import SettingsWords

PARTS = (
    "answering",
    "embedding",
    "retrieval",
    "documents",
    "storage",
    "people",
    "appearance",
    "privacy",
    "about",
)
_GOES = {
    "embedding": "goes_embedding",
    "reranker": "goes_reranking",
    "storage": "goes_vectors",
    "oidc": "goes_identity",
}
"""What is sent to an address, by the section of its setting; else what answering sends."""


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """What the screen shows."""

    states: Sequence[SettingState]
    waiting: Sequence[str]
    addresses: Sequence[SetAddress]
    space: Sequence[SpaceUsed]
    backups: Sequence[Backup]
    backup_words: BackupsWords
    packages: Sequence[Package]
    home: Path
    embedder: str
    """The element of the embedder, ready."""
    chunker: str
    """The element of the passages' length, ready."""
    vectors: str
    """The element of the vector store, ready."""
    people: str = ""
    """The element of the accounts, ready; empty where nobody signs in."""

    def state(self, name: str) -> SettingState:
        return next(state for state in self.states if state.name == name)


def frame(words: SettingsWords) -> str:
    """Returns the element that the page's script fills."""
    said = escape(json.dumps(asdict(words), ensure_ascii=False))
    return one_line(f'<footnote-settings class="settings" data-words="{said}"></footnote-settings>')


def settings(page: SettingsPage, words: SettingsWords, labels: Labels) -> str:
    """Returns the whole screen."""
    bodies = {
        "answering": _answering(page, words, labels),
        "embedding": page.embedder + _widths(words),
        "retrieval": _retrieval(page, words, labels),
        "documents": page.chunker + _rows(page, words, labels, "parsing.", but="parsing.chunk_tokens"),
        "storage": _storage(page, words, labels),
        "people": page.people,
        "appearance": _appearance(words),
        "privacy": _privacy(page.addresses, words, labels),
        "about": _about(page.packages, words),
    }
    parts = [name for name in PARTS if bodies[name]]
    links = "".join(
        f'<a href="#part-{name}" data-part="{name}">{escape(words.of_part(name))}</a>' for name in parts
    )
    sections = "".join(
        f'<section id="part-{name}" aria-labelledby="head-{name}"><h2 id="head-{name}" tabindex="-1">'
        f"{escape(words.of_part(name))}</h2>{bodies[name]}</section>"
        for name in parts
    )
    return one_line(
        f'<h1>{escape(words.title)}</h1><nav class="parts" aria-label="{escape(words.parts)}">{links}</nav>'
        f'<div class="sections">'
        f"{render_backups.restart(page.backup_words) if page.waiting else ''}{sections}</div>"
    )


def _rows(page: SettingsPage, words: SettingsWords, labels: Labels, begin: str, *, but: str = "") -> str:
    """Returns the rows of the settings whose names begin with ``begin``, without the one that is named ``but``."""
    return "".join(
        row(state, words, labels, waits=state.name in page.waiting)
        for state in page.states
        if state.name.startswith(begin) and state.name in labels and state.name != but
    )


def _answering(page: SettingsPage, words: SettingsWords, labels: Labels) -> str:
    model = page.state("answering.model")
    choices: list[Choice] = [("auto", words.model_auto), (EXTRACTIVE, words.model_quotes)]
    chosen = row(model, words, labels, choices=choices)
    test = (
        f'<p class="tried"><button type="button" data-act="test" data-name="{escape(str(model.value))}">'
        f'{escape(words.test)}</button> <span role="status" class="hint" data-model-now>'
        f"{escape(words.model_asking)}</span></p>"
    )
    rest = "".join(
        row(page.state(name), words, labels)
        for name in (
            "answering.refusals",
            "answering.context_tokens",
            "answering.answer_tokens",
            "judge.model",
        )
    )
    servers = "".join(
        row(page.state(name), words, labels)
        for name in ("answering.ollama_url", "answering.endpoint_url", "answering.endpoint_key")
    )
    held = [state for state in page.states if state.name.startswith(PREFIX)]
    return f"{chosen}{test}{connections(held, words, labels)}{rest}{servers}"


def _retrieval(page: SettingsPage, words: SettingsWords, labels: Labels) -> str:
    reranker = page.state("reranker.model")
    choices: list[Choice] = [("off", words.reranker_off), ("auto", words.reranker_auto)]
    others = ("reranker.seconds", "reranker.url", "reranker.key")
    return (
        _rows(page, words, labels, "retrieval.")
        + row(reranker, words, labels, choices=choices)
        + "".join(row(page.state(name), words, labels) for name in others)
    )


def _widths(words: SettingsWords) -> str:
    """Returns the place that the page's script fills with memory and recall by width."""
    return (
        f'<div class="widths"><h3>{escape(words.width_title)}</h3><p class="hint">{escape(words.width_hint)}</p>'
        f'<div data-widths></div><p><button type="button" data-act="widths">{escape(words.width_measure)}</button> '
        f'<span role="status" class="hint" data-widths-said></span></p></div>'
    )


def widths(figures: Sequence[WidthFigure], words: SettingsWords) -> str:
    """Returns memory and recall of each width as bars on one scale, and how to get questions where there are none."""
    most = max((figure.megabytes for figure in figures), default=0.0) or 1.0
    rows = "".join(
        f'<tr><th scope="row">{_named(figure)}</th><td class="number">{figure.megabytes:,.1f} MB</td>'
        f'<td class="bar" aria-hidden="true"><span style="width: {100 * figure.megabytes / most:.1f}%"></span></td>'
        f"<td>{escape(_recall(figure, words))}</td></tr>"
        for figure in figures
    )
    hint = (
        ""
        if any(figure.questions for figure in figures)
        else f'<p class="hint">{escape(words.width_none)}</p>'
    )
    fixed = (
        f'<p class="hint">{escape(words.width_fixed)}</p>'
        if sum(figure.collection is None for figure in figures) == 1
        else ""
    )
    return one_line(f'<table class="widths">{rows}</table>{fixed}{hint}')


def _named(figure: WidthFigure) -> str:
    return str(figure.width) if figure.collection is None else f"{escape(figure.collection)}: {figure.width}"


def _recall(figure: WidthFigure, words: SettingsWords) -> str:
    if figure.found is None:
        return ""
    return words.width_found.format(found=figure.found, questions=figure.questions)


def _storage(page: SettingsPage, words: SettingsWords, labels: Labels) -> str:
    total = sum(used.bytes for used in page.space) or 1
    bars = "".join(
        f'<tr><th scope="row">{escape(words.of_space(used.kind))}</th><td class="number">{size(used.bytes)}</td>'
        f'<td class="bar" aria-hidden="true"><span style="width: {100 * used.bytes / total:.1f}%"></span></td></tr>'
        for used in page.space
    )
    return (
        f'<h3>{escape(words.folder)}</h3><p><code class="path">{escape(str(page.home))}</code></p>'
        f'<h3>{escape(words.space)}</h3><table class="space">{bars}</table>{page.vectors}'
        f"{render_backups.backups(page.backups, page.backup_words)}"
        f"{_rows(page, words, labels, 'backup.')}"
    )


def _appearance(words: SettingsWords) -> str:
    """Returns the lists that this browser remembers; the page's script chooses in them."""
    lists: tuple[tuple[str, str, Sequence[Choice]], ...] = (
        (
            "theme",
            words.theme,
            [("", words.theme_system), ("light", words.theme_light), ("dark", words.theme_dark)],
        ),
        ("language", words.language, [("", words.language_browser), ("en", "English"), ("zh", "中文")]),
        (
            "size",
            words.text_size,
            [
                ("14", words.size_small),
                ("", words.size_usual),
                ("18", words.size_large),
                ("20", words.size_larger),
            ],
        ),
    )
    rows = "".join(
        f'<div class="setting"><div class="name"><label for="look-{name}">{escape(label)}</label></div>'
        f'<div class="control">{select(f"""id="look-{name}" data-look="{name}" """, choices, "")}</div></div>'
        for name, label, choices in lists
    )
    return f'{rows}<p class="hint">{escape(words.appearance_hint)}</p>'


def _privacy(addresses: Sequence[SetAddress], words: SettingsWords, labels: Labels) -> str:
    away = [each for each in addresses if not each.is_here]
    here = [each for each in addresses if each.is_here]
    said = (
        f'<p class="out">{escape(words.goes_out)}</p>{_listed(away, words, labels)}'
        if away
        else f'<p class="stays">{escape(words.no_network)}</p>'
    )
    if here:
        said += f'<p class="hint">{escape(words.stays_here)}</p>{_listed(here, words, labels)}'
    return f'{said}<p class="hint">{escape(words.privacy_downloads)}</p>'


def _listed(addresses: Iterable[SetAddress], words: SettingsWords, labels: Labels) -> str:
    lines = []
    for each in addresses:
        section = each.name.partition(".")[0]
        goes = str(getattr(words, _GOES.get(section, "goes_answering")))
        called = each.name.split(".")[1] if each.name.startswith(PREFIX) else labels.get(each.name, ("",))[0]
        lines.append(
            f"<li><code>{escape(each.server)}</code> {escape(called)}: <span>{escape(goes)}</span></li>"
        )
    return f"<ul>{''.join(lines)}</ul>"


def _about(packages: Sequence[Package], words: SettingsWords) -> str:
    heads = "".join(
        f'<th scope="col">{escape(head)}</th>'
        for head in (words.about_package, words.about_version, words.about_licence)
    )
    rows = "".join(
        f'<tr><th scope="row">{escape(each.name)}</th><td>{escape(each.version)}</td>'
        f"<td>{escape(each.licence or words.not_stated)}</td></tr>"
        for each in packages
    )
    system = escape(f"{platform.system()} {platform.machine()}")
    python = escape(words.about_python.format(python=platform.python_version(), system=system))
    return f"<p>{python}</p><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
