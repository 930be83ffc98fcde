"""The page of a document -> markup: the reader, and beside it what is known of the document and its passages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from urllib.parse import quote

from kb.text.document_names import shown_name
from kb.types import FROM_PAGE, Chunk, Document, JobStatus, PassageEdit
from kb.web.page.document.render_reader import reader
from kb.web.page.format import language_name, local_time, size, with_commands
from kb.web.page.library import render_work
from kb.web.page.library.render import Say, length
from kb.web.page.markup import one_line
from kb.web.page.words.document import DocumentWords
from kb.web.page.words.reader import ReaderWords

_SAID_BY_SCRIPT = ("cancel", "save", "something_wrong")
_DANGER = ' class="danger"'


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """What is shown of a document beside its text."""

    document: Document
    status: JobStatus | None
    edits: Sequence[PassageEdit] = ()
    newer: Document | None = None
    """The version that is being read now."""
    asked_as: str = ""
    """What a question is asked of it by, and of no other of its name."""


def frame(words: DocumentWords, reading: ReaderWords, say: Say) -> str:
    """Returns the two halves of the page; the script fills them with the document of the address."""
    said = asdict(words) | {name: getattr(say.strings, name) for name in _SAID_BY_SCRIPT}
    said |= {name: getattr(say.words, name) for name in ("tags_question", "deleted_one", "undone", "close")}
    return one_line(
        f'<div><footnote-document class="document" data-words="{escape(json.dumps(said, ensure_ascii=False))}">'
        f'<div class="doc-text">{reader("", 1, reading)}</div>'
        f'<aside class="doc-side library" aria-label="{escape(words.about)}"><div class="doc-about"></div>'
        f'<section class="doc-passages"></section></aside></footnote-document></div>'
    )


def about(page: DocumentPage, words: DocumentWords, say: Say) -> str:
    """Returns what is known of a document, and what can be done with it."""
    document = page.document
    name = escape(shown_name(document.name))
    reason = render_work.reason(document, page.status, say.strings)
    why = f'<p class="reason">{with_commands(reason)}</p>' if reason else ""
    tags = " ".join(f'<span class="tag"><bdi>#{escape(tag)}</bdi></span>' for tag in document.tags)
    address = _address(document)
    facts = [
        (words.state, render_work.state(document, page.status, say.strings)),
        (words.collection, f"<bdi>{escape(say.collection(document.collection))}</bdi>"),
        (words.folder, "" if address else f"<bdi>{escape(document.folder)}</bdi>"),
        (words.address, address),
        (words.title, f"<bdi>{escape(document.title or '')}</bdi>"),
        (words.length, escape(length(document, say.words))),
        (words.language, escape(language_name(document.language or ""))),
        (words.size, size(document.bytes)),
        (words.added, escape(local_time(document.added))),
        (words.tags, tags or escape(words.no_tags)),
    ]
    rows = "".join(
        f"<dt>{escape(term)}</dt><dd>{value}</dd>"
        for term, value in facts
        if value != "<bdi></bdi>" and value
    )
    return one_line(
        f'<a href="/library" data-go class="back">← {escape(words.back)}</a>'
        f'<h1 class="is-{document.state.value}"><bdi>{name}</bdi></h1>{why}{_acts(page, words)}'
        f'<dl class="facts is-{document.state.value}{"" if document.searchable else " is-off"}">{rows}</dl>'
        f"{_versions(page, words)}"
    )


def _address(document: Document) -> str:
    """Returns a link to the web page that a text is from; empty for anything else."""
    if document.source != FROM_PAGE or not document.folder.lower().startswith(("http://", "https://")):
        return ""
    said = escape(document.folder)
    return f'<a href="{said}" target="_blank" rel="noopener noreferrer"><bdi>{said}</bdi></a>'


def _acts(page: DocumentPage, words: DocumentWords) -> str:
    """Returns the buttons that can be pressed now, asking first."""
    document = page.document
    possible = render_work.acts(document, page.status)
    labels = {
        "tag": words.edit_tags,
        "leave_out": words.leave_out,
        "take_in": words.take_in,
        "read_again": words.read_again,
        "remove": words.delete,
    }
    address = f"/documents/{quote(document.id, safe='')}/original"
    original = f'<a class="button" href="{address}" download>{escape(words.download)}</a>'
    buttons = [
        f'<button type="button"{_DANGER if act == "remove" else ""} data-act="{act}">{escape(labels[act])}</button>'
        for act in possible
        if act in labels
    ]
    last = len(buttons) - ("remove" in possible)  # what deletes stands at the end, by itself
    row = "".join((*buttons[:last], original, *buttons[last:]))
    ask = f'<button type="button" class="primary" data-act="ask">{escape(words.ask)}</button>'
    return (
        f'<div class="doc-acts" data-name="{escape(document.name)}" '
        f'data-asked-as="{escape(page.asked_as or document.name)}" data-tags="{escape(" ".join(document.tags))}">'
        f"{ask if document.chunks and document.searchable else ''}{row}</div>"
    )


def _versions(page: DocumentPage, words: DocumentWords) -> str:
    """Returns the versions that there are just now; nothing where there is one."""
    document = page.document
    said = []
    if page.newer is not None:
        link = f'<a href="/d/{quote(page.newer.id, safe="")}" data-go>'
        day = escape(local_time(page.newer.added))
        said.append(f"{link}{words.newer_version.format(day=day)}</a>")
    if document.replaces:
        link = f'<a href="/d/{quote(document.replaces, safe="")}" data-go>'
        said.append(f"{link}{escape(words.older_version)}</a>")
    if not said:
        return ""
    this = escape(words.this_version.format(day=local_time(document.added)))
    rows = "".join(f"<li>{each}</li>" for each in (this, *said))
    return f'<section class="versions"><h2>{escape(words.versions)}</h2><ul>{rows}</ul></section>'


def passages(
    found: Sequence[Chunk], edits: Sequence[PassageEdit], words: DocumentWords, *, start: int, total: int
) -> str:
    """Returns some passages in order, with what was left out before each, and a button for those that follow."""
    stop = start + len(found)
    corrected = {edit.corrected: edit for edit in edits if edit.corrected is not None}
    left_out = [edit for edit in edits if edit.corrected is None]
    head = ""
    if start == 0:
        count = escape(words.passages.format(count=total))
        head = f"<h2>{count}</h2><p class='fine'>{escape(words.passages_hint)}</p>"
        head += "".join(_left_out(edit, words) for edit in left_out)
    rows = "".join(_passage(chunk, corrected.get(chunk.text), words) for chunk in found)
    more = (
        f'<button type="button" data-act="more" data-start="{stop}">{escape(words.more_passages)}</button>'
        if stop < total
        else ""
    )
    return one_line(f"{head}{rows}{more}")


def _passage(chunk: Chunk, edit: PassageEdit | None, words: DocumentWords) -> str:
    where = [" › ".join(chunk.heading_path)] if chunk.heading_path else []
    if chunk.anchor.page is not None:
        where.append(words.passage_place.format(page=chunk.anchor.page))
    label = escape(f"{chunk.position + 1}")
    mark = ""
    acts = [("show", words.show_place), ("correct", words.correct), ("leave", words.leave_passage_out)]
    if edit is not None:
        mark = f'<span class="tag">{escape(words.corrected)}</span>'
        acts.append(("undo", words.undo))
    buttons = "".join(_about(act, text, label) for act, text in acts)
    undo = f' data-edit="{edit.id}"' if edit is not None else ""
    return (
        f'<article class="passage" data-chunk="{chunk.id}" data-page="{chunk.anchor.page or 1}"{undo}>'
        f'<p class="fine"><b>{label}</b> {escape(" · ".join(where))} {mark}</p>'
        f'<p class="said" dir="auto">{escape(chunk.text)}</p><div class="passage-acts">{buttons}</div></article>'
    )


def _about(act: str, text: str, label: str) -> str:
    """Returns a button that says which passage it is about."""
    return (
        f'<button type="button" class="plain" data-act="{act}" aria-label="{escape(text)}: {label}">'
        f"{escape(text)}</button>"
    )


def _left_out(edit: PassageEdit, words: DocumentWords) -> str:
    label = escape(f"{edit.position + 1}")
    return (
        f'<article class="passage is-left-out" data-edit="{edit.id}"><p class="fine"><b>{label}</b> '
        f'<span class="tag">{escape(words.left_out)}</span></p><p class="said" dir="auto">{escape(edit.text)}</p>'
        f'<div class="passage-acts">{_about("undo", words.undo, label)}</div></article>'
    )
