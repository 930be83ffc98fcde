"""The library -> markup: its bar, the head of its table, a row for each document. Like ``render``, one line each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from urllib.parse import quote

from kb.config import DEFAULT_COLLECTION
from kb.text.document_names import shown_name
from kb.types import Document, DocumentState, JobStatus, SortKey, StoredNotice
from kb.web.page.format import language_name, local_time, size, with_commands
from kb.web.page.library import render_work
from kb.web.page.markup import one_line
from kb.web.page.strings import Strings
from kb.web.page.words.library import LibraryWords

_SAID_BY_SCRIPT = (
    "cancel", "connection_lost", "save", "something_wrong", "upload_beside", "upload_failed", "upload_present",
    "upload_replace", "upload_sending", "upload_too_large", "upload_version", "upload_waiting",
)  # fmt: skip
"""What ``static/library.js`` and its parts need besides the words of the screen."""
_FOLDERS_SHOWN = 2
_LONGEST_KIND = 4
"""Letters of a file's ending that its mark has room for."""


@dataclass(frozen=True, slots=True)
class Say:
    """What the library says, in one language."""

    words: LibraryWords
    strings: Strings

    def collection(self, name: str) -> str:
        """Returns what a person calls a collection."""
        return self.words.general if name == DEFAULT_COLLECTION else shown_name(name)


def frame(say: Say, *, max_megabytes: int, sharing: str = "") -> str:
    """Returns the bar, the empty table and the places that the page's script fills.

    ``sharing`` is the button that shares a collection, ready; empty where nobody can.
    """
    words, strings = say.words, say.strings
    said = asdict(words) | {name: getattr(strings, name) for name in _SAID_BY_SCRIPT}
    return one_line(
        f'<div class="library"><footnote-library data-max-megabytes="{max_megabytes}" '
        f'data-default-collection="{escape(DEFAULT_COLLECTION)}" '
        f'data-words="{escape(json.dumps(said, ensure_ascii=False))}">'
        f'<header class="screen-head"><h1>{escape(words.title)}</h1><span class="count" aria-live="polite"></span>'
        f"{sharing}{_adding(words)}</header>{_bar(words)}"
        f'<p class="note problem lost" role="alert" hidden>{escape(strings.connection_lost)}</p>'
        f'<div class="notices"></div><section class="uploads" aria-label="{escape(words.uploading)}" hidden></section>'
        f'<section class="work" aria-label="{escape(words.work)}"></section>{_selection_bar(words)}{_table(words)}'
        f"</footnote-library></div>"
    )


def _bar(words: LibraryWords) -> str:
    selects = "".join(
        f'<select data-filter="{name}" aria-label="{escape(label)}"><option value="">{escape(label)}</option></select>'
        for name, label in (
            ("collection", words.any_collection),
            ("folder", words.any_folder),
            ("type", words.any_type),
            ("state", words.any_state),
            ("tag", words.any_tag),
        )
    )
    return (
        f'<div class="lib-bar" role="search"><input type="search" data-filter="text" maxlength="200" '
        f'placeholder="{escape(words.search)}" aria-label="{escape(words.search)}" autocomplete="off">'
        f'<button type="button" class="narrow" data-act="filters" aria-expanded="false">{escape(words.filters)}'
        f'</button><span class="filters">{selects}'
        f'<button type="button" class="plain" data-act="clear-filters" hidden>{escape(words.clear_filters)}</button>'
        f"</span></div>"
    )


def _adding(words: LibraryWords) -> str:
    """Returns the button that adds, and what it opens: files, a folder, pasted text, and where they go."""
    return (
        f'<div class="adding"><button type="button" class="primary" data-act="add" aria-haspopup="true" '
        f'aria-expanded="false">{escape(words.add)}</button>'
        f'<div class="add-menu" hidden><label class="into">{escape(words.to_collection)} '
        f'<input type="text" id="into" list="collections" maxlength="100" placeholder="{escape(words.general)}" '
        f'autocomplete="off"></label><datalist id="collections"></datalist>'
        f'<input type="file" multiple class="aside" id="files" tabindex="-1" aria-label="{escape(words.add_files)}">'
        f'<input type="file" webkitdirectory class="aside" id="folder" tabindex="-1" '
        f'aria-label="{escape(words.add_folder)}">'
        f'<button type="button" data-act="add-files">{escape(words.add_files)}</button>'
        f'<button type="button" data-act="add-folder">{escape(words.add_folder)}</button>'
        f'<button type="button" data-act="paste">{escape(words.paste_text)}</button>'
        f'<a href="/add">{escape(words.from_page)}</a></div></div>'
    )


def _selection_bar(words: LibraryWords) -> str:
    acts = "".join(
        f'<button type="button" data-many="{act}"{kind}>{escape(label)}</button>'
        for act, label, kind in (
            ("tag", words.edit_tags, ""),
            ("move", words.move, ""),
            ("leave_out", words.leave_out, ""),
            ("take_in", words.take_in, ""),
            ("read_again", words.read_again, ""),
            ("remove", words.delete, ' class="danger"'),
        )
    )
    return (
        f'<div class="selection" hidden><strong class="picked" aria-live="polite"></strong>'
        f'<button type="button" class="plain" data-act="pick-all"></button>{acts}'
        f'<button type="button" class="plain" data-act="pick-none">{escape(words.clear_selection)}</button></div>'
    )


def _table(words: LibraryWords) -> str:
    heads = "".join(
        f'<th scope="col" class="{key}" aria-sort="none"><button type="button" data-sort="{key}">{escape(label)}'
        f"</button></th>"
        for key, label in (
            (SortKey.NAME, words.name),
            (SortKey.COLLECTION, words.collection),
            (SortKey.LENGTH, words.length),
            (SortKey.LANGUAGE, words.language),
            (SortKey.SIZE, words.size),
            (SortKey.ADDED, words.added),
            (SortKey.STATE, words.state),
        )
    )
    every = escape(words.select_all)
    return (
        f'<table class="docs" aria-label="{escape(words.table)}"><thead><tr><td class="pick"><input type="checkbox" '
        f'data-act="pick-every" aria-label="{every}"></td>{heads}<td class="menu"></td></tr></thead>'
        f"<tbody></tbody></table>"
        f'<div class="empty" hidden><p><strong>{escape(words.none_yet)}</strong></p>'
        f"<p>{escape(words.none_yet_hint)}</p></div>"
        f'<p class="none-match" hidden>{escape(words.none_match)}</p>'
    )


def notices(now: Sequence[str], kept: Sequence[StoredNotice], strings: Strings) -> str:
    """Returns what is wrong ``now``, and notices with a button that dismisses each."""
    warnings = "".join(f'<p class="note problem">{with_commands(strings.said(text))}</p>' for text in now)
    dismissible = "".join(
        f'<p class="note problem"><span>{with_commands(strings.said(notice.text))}</span> '
        f'<button type="button" data-act="put-away" data-notice="{notice.id}">{escape(strings.dismiss)}</button></p>'
        for notice in kept
    )
    return warnings + dismissible


def row(document: Document, status: JobStatus | None, say: Say) -> str:
    """Returns one row of the table; what can be done with the document is in ``data-acts``."""
    key, words = escape(document.id), say.words
    name = shown_name(document.name)
    said = escape(name)
    state = document.state.value
    reason = render_work.reason(document, status, say.strings)
    why = _reason(reason, name, words) if reason else ""
    folder = (
        f'<span class="folder"><bdi>{escape(_folder(document.folder))}</bdi></span>'
        if document.folder
        else ""
    )
    where = f' title="{escape(document.path)}"' if document.folder else ""
    tags = "".join(f' <span class="tag"><bdi>#{escape(tag)}</bdi></span>' for tag in document.tags)
    moment = local_time(document.added)
    day = moment.partition(" ")[0]
    acts = " ".join(render_work.acts(document, status))
    return one_line(
        f'<tr id="doc-{key}" data-document="{key}" data-name="{said}" data-tags="{escape(" ".join(document.tags))}" '
        f'data-acts="{acts}" class="doc is-{state}{"" if document.searchable else " is-off"}">'
        f'<td class="pick"><input type="checkbox" data-act="pick" '
        f'aria-label="{escape(words.select.format(name=name))}"></td>'
        f'<th scope="row" class="name"><span class="kind" aria-hidden="true">{escape(_kind(document.name))}</span>'
        f'<a href="/d/{quote(document.id, safe="")}" data-go{where}><bdi>{said}</bdi></a>{tags}{why or folder}</th>'
        f'<td class="collection"><bdi>{escape(say.collection(document.collection))}</bdi></td>'
        f'<td class="length">{escape(length(document, words))}</td>'
        f'<td class="language">{escape(language_name(document.language or ""))}</td>'
        f'<td class="size">{size(document.bytes)}</td>'
        f'<td class="added"><time datetime="{escape(document.added)}" title="{escape(moment)}">{escape(day)}</time>'
        f"</td>"
        f'<td class="state">{render_work.state(document, status, say.strings, with_pages=False)}</td>'
        f'<td class="menu"><button type="button" class="more" data-act="menu" aria-haspopup="menu" '
        f'aria-expanded="false" aria-label="{escape(words.actions_for.format(name=name))}">⋯</button></td></tr>'
    )


def _reason(reason: str, name: str, words: LibraryWords) -> str:
    """Returns a sentence below a name: as much of it as a row has room for, and a press shows all of it."""
    return (
        f'<button type="button" class="reason" data-act="why" aria-haspopup="dialog" aria-expanded="false" '
        f'data-label="{escape(words.reason_of.format(name=name))}">{with_commands(reason)}</button>'
    )


def length(document: Document, words: LibraryWords) -> str:
    """Returns how long a document is: pages, else words; nothing before it is read."""
    if document.pages is not None:
        return words.page if document.pages == 1 else words.pages.format(count=f"{document.pages:,}")
    if document.words is None or document.state is DocumentState.FAILED:
        return ""
    return words.words.format(count=f"{document.words:,}")


def _folder(path: str) -> str:
    """Returns the end of a folder's path, which is what tells two files of one name apart."""
    parts = path.split("/")
    return path if len(parts) <= _FOLDERS_SHOWN else f"…/{'/'.join(parts[-_FOLDERS_SHOWN:])}"


def _kind(name: str) -> str:
    """Returns the mark of a file's format: its ending."""
    stem, _, suffix = name.rpartition(".")
    return suffix[:_LONGEST_KIND].upper() if stem else "?"
