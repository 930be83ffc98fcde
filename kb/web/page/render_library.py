"""The library -> markup: the place to drop files, and the table of documents. Like ``render``, one line each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote

from kb.backends import VECTOR_STORES
from kb.config import DEFAULT_COLLECTION
from kb.text.document_names import shown_name
from kb.types import Document, DocumentState, JobStatus, QueueStatus, StoredNotice
from kb.web.page import render_work
from kb.web.page.format import local_time, size
from kb.web.page.render import one_line
from kb.web.page.strings import Strings

_SAID_BY_SCRIPT = (
    "cancel", "confirm_delete_many", "confirm_delete_one", "connection_lost", "delete", "save",
    "something_wrong", "tags_of_many", "tags_of_one",
    "upload_beside", "upload_done", "upload_failed", "upload_present", "upload_replace", "upload_sending",
    "upload_too_large", "upload_version", "upload_waiting",
)  # fmt: skip
"""The words that ``static/library.js`` needs."""
_SAID_BY_VECTORS = (
    "cancel", "connection_lost", "something_wrong", "vectors_ask", "vectors_cost", "vectors_done", "vectors_move",
    "vectors_moving", "vectors_title", "vectors_to", "vectors_url",
)  # fmt: skip
"""The words that ``static/vectors.js`` needs."""
_SAID_BY_EMBEDDER = (
    "cancel", "connection_lost", "something_wrong", "embedder_ask", "embedder_changing", "embedder_checking",
    "embedder_cost", "embedder_cost_none", "embedder_embedding", "embedder_engine", "embedder_hint",
    "embedder_indexing", "embedder_instruction", "embedder_measuring", "embedder_model", "embedder_questions",
    "embedder_stop", "embedder_switch", "embedder_title", "embedder_undo", "embedder_url", "embedder_width",
)  # fmt: skip
"""The words that ``static/embedder.js`` needs."""


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """One page of the library."""

    documents: Sequence[Document]
    total: int
    first: int
    """Place of the first document in the whole list, from 0."""
    per_page: int
    collection: str | None
    collections: Sequence[str]
    embedder: str
    jobs: Mapping[str, JobStatus] = field(default_factory=dict)
    """What is being done with the documents, by their ids."""
    queue: QueueStatus = field(default_factory=QueueStatus)
    warnings: Sequence[str] = ()
    """What is wrong just now."""
    notices: Sequence[StoredNotice] = ()
    """What the owner should know and has not dismissed."""


def frame(strings: Strings, *, max_megabytes: int) -> str:
    """Returns the place to drop files and the element that the page's script fills with the table."""
    said, moving, changing = (
        escape(json.dumps({name: getattr(strings, name) for name in names}, ensure_ascii=False))
        for names in (_SAID_BY_SCRIPT, _SAID_BY_VECTORS, _SAID_BY_EMBEDDER)
    )
    stores = " ".join(sorted(VECTOR_STORES))
    return one_line(
        f'<div class="library"><form class="drop" id="drop"><label class="zone">'
        f'<input type="file" multiple class="aside" id="files"><strong>{escape(strings.drop_title)}</strong>'
        f"<span>{escape(strings.drop_hint)}</span>"
        f'<span class="button">{escape(strings.choose_files)}</span></label>'
        f'<label class="into">{escape(strings.into_collection)} '
        f'<input type="text" id="into" value="{DEFAULT_COLLECTION}" maxlength="100" autocomplete="off"></label>'
        f'</form><ul class="uploads" id="uploads" aria-live="polite"></ul>'
        f'<footnote-library data-max-megabytes="{max_megabytes}" data-words="{said}"></footnote-library>'
        f'<footnote-vectors data-stores="{stores}" data-words="{moving}"></footnote-vectors>'
        f'<footnote-embedder data-words="{changing}"></footnote-embedder></div>'
    )


def library(page: LibraryPage, strings: Strings) -> str:
    """Returns the table of documents with its filter, its pager and its buttons."""
    if not page.total and page.collection is None:
        table = f'<p class="empty">{escape(strings.library_empty)}</p>'
    elif not page.documents:
        table = f'<p class="empty">{escape(strings.collection_empty)}</p>'
    else:
        table = _table(page, strings)
    embedder = f'<p class="fine">{escape(page.embedder)}</p>'
    work = render_work.queue(page.queue, strings)
    return one_line(
        _notices(page, strings)
        + _library_bar(page, strings)
        + work
        + table
        + _pager(page, strings)
        + embedder
    )


def _notices(page: LibraryPage, strings: Strings) -> str:
    """Returns warnings and notices; a notice with a button that dismisses it."""
    now = "".join(f'<p class="note problem">{escape(text)}</p>' for text in page.warnings)
    kept = "".join(
        f'<p class="note problem"><span>{escape(notice.text)}</span> '
        f'<button type="button" data-act="put-away" data-notice="{notice.id}">{escape(strings.dismiss)}</button></p>'
        for notice in page.notices
    )
    return now + kept


def _library_bar(page: LibraryPage, strings: Strings) -> str:
    """Returns how many there are, which collection is shown, and what to do with the selected ones."""
    if not page.total and page.collection is None:
        return ""
    one = page.total == 1
    count = strings.documents_one if one else strings.documents_many.format(count=page.total)
    options = "".join(
        f'<option value="{escape(name)}"{" selected" if name == page.collection else ""}>'
        f"{escape(shown_name(name))}</option>"
        for name in page.collections
    )
    return (
        f'<div class="bar"><strong>{escape(count)}</strong>'
        f'<label>{escape(strings.show_collection)} <select data-act="filter">'
        f'<option value="">{escape(strings.all_collections)}</option>{options}</select></label>'
        f'<span class="selected-acts" hidden>'
        f'<button type="button" data-act="retry-selected">{escape(strings.retry_selected)}</button>'
        f'<button type="button" data-act="tag-selected">{escape(strings.edit_tags_selected)}</button>'
        f'<button type="button" class="danger" data-act="delete-selected">'
        f"{escape(strings.delete_selected)}</button></span></div>"
    )


def _table(page: LibraryPage, strings: Strings) -> str:
    heads = (strings.name, strings.state, strings.pages, strings.size, strings.added)
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in heads)
    rows = "".join(_row(document, page.jobs.get(document.id), strings) for document in page.documents)
    return (
        f'<table class="docs"><thead><tr><td></td>{head}'
        f'<th scope="col"><span class="aside">{escape(strings.actions)}</span></th></tr></thead>{rows}</table>'
    )


def _row(document: Document, status: JobStatus | None, strings: Strings) -> str:
    """Returns a body of its own for each document: its line, and the reason below it where there is one."""
    key = escape(document.id)
    name = escape(shown_name(document.name))
    href = f"/documents/{quote(document.id, safe='')}/original"
    select = escape(strings.select.format(name=shown_name(document.name)))
    reason = render_work.reason(document, status)
    below = f'<tr class="reason"><td></td><td colspan="6">{escape(reason)}</td></tr>' if reason else ""
    pages = "" if document.pages is None else str(document.pages)
    return (
        f'<tbody id="doc-{key}" data-document="{key}" data-name="{name}" data-tags="{escape(" ".join(document.tags))}" '
        f'class="is-{document.state.value}{"" if document.searchable else " is-off"}">'
        f'<tr><td class="pick"><input type="checkbox" data-act="pick" aria-label="{select}"></td>'
        f'<th scope="row" class="name"><a href="{href}" title="{escape(strings.download_original)}" download>'
        f"<bdi>{name}</bdi></a>{_collection_tag(document)}{_tags(document)}</th>"
        f'<td class="state">{render_work.state(document, status, strings)}</td>'
        f'<td class="number pages" data-label="{escape(strings.pages)}">{pages}</td>'
        f'<td class="number">{size(document.bytes)}</td>'
        f'<td class="when"><time datetime="{escape(document.added)}">{escape(local_time(document.added))}</time>'
        f'</td><td class="acts">{_labels(document, strings)}{render_work.acts(document, status, strings)}</td></tr>'
        f"{below}</tbody>"
    )


def _collection_tag(document: Document) -> str:
    if document.collection == DEFAULT_COLLECTION:
        return ""
    return f' <span class="tag"><bdi>{escape(shown_name(document.collection))}</bdi></span>'


def _tags(document: Document) -> str:
    return "".join(f' <span class="tag"><bdi>#{escape(tag)}</bdi></span>' for tag in document.tags)


def _labels(document: Document, strings: Strings) -> str:
    """Returns the buttons that edit its tags, and that leave it out of searches or take it in again."""
    act, label = ("disable", strings.disable) if document.searchable else ("enable", strings.enable)
    if document.state is not DocumentState.READY:
        return ""
    return (
        f'<button type="button" data-act="tag">{escape(strings.edit_tags)}</button>'
        f'<button type="button" data-act="{act}">{escape(label)}</button>'
    )


def _pager(page: LibraryPage, strings: Strings) -> str:
    if page.total <= page.per_page:
        return ""
    last = page.first + len(page.documents)
    where = strings.page_of.format(first=page.first + 1, last=last, total=page.total)
    newer = "" if page.first > 0 else " disabled"
    older = "" if last < page.total else " disabled"
    return (
        f'<nav class="pager"><button type="button" data-act="page" data-step="-1"{newer}>'
        f"{escape(strings.previous)}</button><span>{escape(where)}</span>"
        f'<button type="button" data-act="page" data-step="1"{older}>{escape(strings.next)}</button></nav>'
    )
