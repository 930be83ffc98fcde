"""Data -> markup. Nothing else on the page turns a name, a passage or an answer into HTML.

Every function returns one line: Gradio shows our markup through its Markdown component, and what
stands between two blank lines would be read as Markdown there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote, urlencode

from kb.config import DEFAULT_COLLECTION
from kb.types import (
    Anchor,
    Citation,
    Conversation,
    Document,
    DocumentState,
    Hit,
    JobStatus,
    ModelStatus,
    Progress,
    QueueStatus,
    StoredNotice,
)
from kb.ui import render_work
from kb.ui.markdown import model_blocks
from kb.ui.shown import local_time, shown_name, size
from kb.ui.strings import Strings
from kb.ui.turns import TurnView
from kb.web.routes_documents import write_rects

_CONTEXT_SHOWN = 140
_AROUND_QUOTE = 90
"""Characters of the passage shown on each side of the quoted words."""
_SAID_BY_SCRIPT = (
    "cancel", "confirm_delete_many", "confirm_delete_one", "connection_lost", "delete", "something_wrong",
    "upload_done", "upload_failed", "upload_present", "upload_sending",
    "upload_too_large", "upload_waiting",
)  # fmt: skip
"""The words that ``static/page.js`` needs."""


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
    """What the owner should know and has not put away."""


def one_line(markup: str) -> str:
    """``markup`` with line breaks written as character references, which mean the same in HTML."""
    return markup.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "&#10;")


# --- Library ----------------------------------------------------------------------------------


def library_frame(strings: Strings, *, max_megabytes: int) -> str:
    """The place to drop files and the element that the page's script fills with the table."""
    said = json.dumps({name: getattr(strings, name) for name in _SAID_BY_SCRIPT}, ensure_ascii=False)
    return one_line(
        f'<div class="library"><form class="drop" id="drop"><label class="zone">'
        f'<input type="file" multiple class="aside" id="files"><strong>{escape(strings.drop_title)}</strong>'
        f"<span>{escape(strings.drop_hint)}</span>"
        f'<span class="button">{escape(strings.choose_files)}</span></label>'
        f'<label class="into">{escape(strings.into_collection)} '
        f'<input type="text" id="into" value="{DEFAULT_COLLECTION}" maxlength="100" autocomplete="off"></label>'
        f'</form><ul class="uploads" id="uploads" aria-live="polite"></ul>'
        f'<footnote-library data-max-megabytes="{max_megabytes}" data-words="{escape(said)}"></footnote-library></div>'
    )


def library(page: LibraryPage, strings: Strings) -> str:
    """The table of documents with its filter, its pager and what can be done."""
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
    """What is wrong, what was lost and what was mended; the latter with a button that puts it away."""
    now = "".join(f'<p class="note problem">{escape(text)}</p>' for text in page.warnings)
    kept = "".join(
        f'<p class="note problem"><span>{escape(notice.text)}</span> '
        f'<button type="button" data-act="put-away" data-notice="{notice.id}">{escape(strings.put_away)}</button></p>'
        for notice in page.notices
    )
    return now + kept


def _library_bar(page: LibraryPage, strings: Strings) -> str:
    """How many there are, which collection is shown, and what to do with the selected ones."""
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
    """A body of its own for each document: its line, and the reason below it where there is one."""
    key = escape(document.id)
    name = escape(shown_name(document.name))
    href = f"/documents/{quote(document.id, safe='')}/original"
    select = escape(strings.select.format(name=shown_name(document.name)))
    reason = render_work.reason(document, status)
    below = f'<tr class="reason"><td></td><td colspan="6">{escape(reason)}</td></tr>' if reason else ""
    pages = "" if document.pages is None else str(document.pages)
    return (
        f'<tbody id="doc-{key}" data-document="{key}" data-name="{name}" class="is-{document.state.value}">'
        f'<tr><td class="pick"><input type="checkbox" data-act="pick" aria-label="{select}"></td>'
        f'<th scope="row" class="name"><a href="{href}" title="{escape(strings.download_original)}" download>'
        f"<bdi>{name}</bdi></a>{_collection_tag(document)}{_tags(document)}</th>"
        f'<td class="state">{render_work.state(document, status, strings)}</td>'
        f'<td class="number pages" data-label="{escape(strings.pages)}">{pages}</td>'
        f'<td class="number">{size(document.bytes)}</td>'
        f'<td class="when"><time datetime="{escape(document.added)}">{escape(local_time(document.added))}</time>'
        f'</td><td class="acts">{_switch(document, strings)}{render_work.acts(document, status, strings)}</td></tr>'
        f"{below}</tbody>"
    )


def _collection_tag(document: Document) -> str:
    if document.collection == DEFAULT_COLLECTION:
        return ""
    return f' <span class="tag"><bdi>{escape(shown_name(document.collection))}</bdi></span>'


def _tags(document: Document) -> str:
    return "".join(f' <span class="tag"><bdi>#{escape(tag)}</bdi></span>' for tag in document.tags)


def _switch(document: Document, strings: Strings) -> str:
    """The button that leaves a document out of searches, or takes it in again."""
    act, label = ("disable", strings.disable) if document.enabled else ("enable", strings.enable)
    ready = document.state is DocumentState.READY
    return f'<button type="button" data-act="{act}">{escape(label)}</button>' if ready else ""


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


# --- Ask --------------------------------------------------------------------------------------


def welcome(documents: int, strings: Strings) -> str:
    """What stands where the conversation will be."""
    hint = strings.ask_empty_hint if documents else strings.ask_no_documents
    return one_line(
        f'<div class="welcome"><h2>{escape(strings.ask_empty_title)}</h2><p>{escape(hint)}</p></div>'
    )


def conversations_frame(strings: Strings) -> str:
    """The element that the page's script fills with what was asked before, when somebody opens it."""
    said = {"confirm": strings.confirm_forget, "cancel": strings.cancel, "delete": strings.delete}
    words = escape(json.dumps(said, ensure_ascii=False))
    return one_line(
        f'<div><footnote-conversations data-words="{words}"><details><summary>{escape(strings.conversations)}</summary>'
        f'<div class="list"></div></details></footnote-conversations></div>'
    )


def conversations(found: Sequence[Conversation], strings: Strings) -> str:
    """What was asked before, the latest first; each can be opened and deleted."""
    if not found:
        return f'<p class="fine">{escape(strings.no_conversations)}</p>'
    rows = "".join(
        f'<li data-conversation="{escape(one.id)}"><button type="button" data-act="open" dir="auto">{escape(one.title)}'
        f'</button><time datetime="{escape(one.updated)}">{escape(local_time(one.updated))}</time>'
        f'<button type="button" class="danger" data-act="forget">{escape(strings.delete)}</button></li>'
        for one in found
    )
    return f"<ul>{rows}</ul>"


def model_line(status: ModelStatus, strings: Strings) -> str:
    """Which model answers; opened, why it does and how to get a better one."""
    name = escape(_answered_by(status.name, strings))
    how = f'<span class="how">{escape(strings.how_better)}</span>' if status.better else ""
    better = f"<p>{escape(status.better)}</p>" if status.better else ""
    return one_line(
        f'<details class="model-line fine"><summary>{name}{how}</summary>'
        f"<p>{escape(status.why)}</p>{better}</details>"
    )


def _answered_by(model: str, strings: Strings) -> str:
    """Who answered, in words; ``extractive`` says nothing to a person."""
    return strings.answered_by_quotes if model == "extractive" else strings.answered_by.format(model=model)


def problem(sentence: str) -> str:
    """An error that is shown in place."""
    return one_line(f'<p class="fine problem">{escape(sentence)}</p>')


def turn(view: TurnView, strings: Strings) -> str:
    """A finished question, its answer and, beside it, its sources."""
    text = "".join(_text_blocks(view, strings))
    markup = f'<section class="turn spread"><div class="text">{text}</div>{_sources(view, strings)}</section>'
    return one_line(markup)


def turn_text(view: TurnView, strings: Strings) -> str:
    """The question and as much of its answer as there is, block by block.

    The one exception to the rule above: Gradio keeps the elements of blocks that did not change, so
    that a footnote of a finished paragraph can be clicked while the next one is being written.
    """
    return "\n\n".join(one_line(block) for block in _text_blocks(view, strings))


def turn_sources(view: TurnView, strings: Strings) -> str:
    """The sources of the answer that is being written."""
    return one_line(_sources(view, strings))


def _text_blocks(view: TurnView, strings: Strings) -> list[str]:
    belongs = f' data-conversation="{escape(view.conversation)}"' if view.conversation else ""
    question = f'<h2 class="question" id="{escape(view.id)}"{belongs} dir="auto">{escape(view.question)}</h2>'
    return [
        question,
        *_searched(view, strings),
        *_context(view, strings),
        *_answer(view, strings),
        *_notes(view, strings),
    ]


def _searched(view: TurnView, strings: Strings) -> list[str]:
    """What was searched, where that is not simply the question."""
    if view.searched is None or view.searched.question.strip() == view.question.strip():
        return []
    return [f'<p class="fine">{escape(strings.searched_for.format(question=view.searched.question))}</p>']


def _context(view: TurnView, strings: Strings) -> list[str]:
    """What was said before and counted a little in the search."""
    if view.searched is None or not view.searched.context:
        return []
    said = _flat(view.searched.context)
    shown = said if len(said) <= _CONTEXT_SHOWN else said[: _CONTEXT_SHOWN - 1] + "…"
    return [f'<p class="fine">{escape(strings.context_searched.format(context=shown))}</p>']


def _answer(view: TurnView, strings: Strings) -> list[str]:
    if not view.text:
        if not view.running:
            return []
        writing = strings.reading if view.searched else strings.searching
        waiting = strings.thinking if view.thinks else writing
        if view.progress is not None and view.progress.done < view.progress.total:
            return [_reading(view.progress, strings)]
        return [f'<p class="waiting writing" role="status">{escape(waiting)}</p>']
    blocks = model_blocks(
        view.text,
        turn_id=view.id,
        sources=range(1, len(view.hits) + 1),
        checks=view.answer.checks if view.answer else (),
        partial=view.running,
        strings=strings,
    )
    last = len(blocks) - 1 if view.running else None
    return [
        f'<div class="answer{" writing" if n == last else ""}" dir="auto">{block}</div>'
        for n, block in enumerate(blocks)
    ]


def _reading(progress: Progress, strings: Strings) -> str:
    """How much of a document has been read."""
    text = strings.reading_whole.format(
        name=shown_name(progress.text), done=progress.done, total=progress.total
    )
    return (
        f'<p class="waiting writing" role="status">{escape(text)} '
        f'<progress max="{progress.total}" value="{progress.done}"></progress></p>'
    )


def _notes(view: TurnView, strings: Strings) -> list[str]:
    """What the person should know about this answer."""
    notes = list(view.notices)
    if view.searched and view.searched.dropped:
        notes.append(strings.dropped.format(count=view.searched.dropped))
    if view.stopped:
        notes.append(strings.stopped)
    if view.answer and view.answer.incomplete:
        notes.append(strings.incomplete.format(reason=view.answer.incomplete))
    blocks = [f'<p class="note">{escape(note)}</p>' for note in notes]
    if view.error:
        blocks.append(f'<p class="note problem" role="alert">{escape(view.error)}</p>')
    if view.answer:
        blocks.append(f'<p class="fine">{escape(_answered_by(view.answer.model, strings))}</p>')
    return blocks


def _sources(view: TurnView, strings: Strings) -> str:
    """The passages: all of them while the answer is written, then the cited ones first."""
    if not view.hits:
        return ""
    cited = view.citations
    numbered = list(enumerate(view.hits, start=1))
    first = [(n, hit) for n, hit in numbered if not view.answer or n in cited]
    rest = [(n, hit) for n, hit in numbered if view.answer and n not in cited]
    cards = "".join(_source(view, n, hit, cited.get(n), strings) for n, hit in first)
    if rest:
        also = escape(strings.also_found.format(count=len(rest)))
        more = "".join(_source(view, n, hit, None, strings) for n, hit in rest)
        cards += f'<details class="also"><summary>{also}</summary>{more}</details>'
    title = ""
    if view.answer and view.answer.refused and first:
        title = f'<p class="fine closest">{escape(strings.closest)}</p>'
    return f'<aside class="sources" aria-label="{escape(strings.sources)}">{title}{cards}</aside>'


def _source(view: TurnView, n: int, hit: Hit, citation: Citation | None, strings: Strings) -> str:
    """A card: number, document, place and quote; opened, the page or the passage itself."""
    turn_id = view.id
    anchor = citation.anchor if citation else hit.chunk.anchor
    name = escape(shown_name(citation.document if citation else hit.document.name))
    quoted = citation.quote if citation else ""
    back = f'<a class="back" href="#{turn_id}-f{n}" data-back="{turn_id}-f{n}">{escape(strings.back_to_text)}</a>'
    return (
        f'<details class="source{" cited" if citation else ""}" id="{turn_id}-s{n}">'
        f'<summary><span class="n">{n}</span><span class="of-doc"><bdi>{name}</bdi></span>'
        f'<span class="where">{escape(place(anchor, strings))}</span>'
        f'<span class="quote" dir="auto">{_excerpt(hit.chunk.text, quoted)}</span></summary>'
        f'<div class="opened">{_passage(hit, anchor, quoted, strings)}'
        f'{_also(hit, strings)}<p class="fine">{back if citation else ""}{_original(hit.document, strings)}'
        f"{_keep(view, hit, quoted, strings)}</p></div></details>"
    )


def _also(hit: Hit, strings: Strings) -> str:
    """Where else the passage stands in the same words."""
    if not hit.also:
        return ""
    places = [
        shown_name(also.document) + (f", {also.anchor.page}" if also.anchor.page else "") for also in hit.also
    ]
    return f'<p class="fine">{escape(strings.also_in)} <bdi>{escape("; ".join(places))}</bdi></p>'


def _keep(view: TurnView, hit: Hit, quoted: str, strings: Strings) -> str:
    """A button that keeps the question with this passage, for the evaluation."""
    if view.answer is None:
        return ""
    asked = view.searched.question if view.searched else view.question
    return (
        f'<button type="button" class="keep" data-keep="{hit.chunk.id}" data-question="{escape(asked)}" '
        f'data-quote="{escape(quoted)}" data-kept="{escape(strings.kept)}">{escape(strings.keep_answer)}</button>'
    )


def _original(document: Document, strings: Strings) -> str:
    """A link to the file, while there is one."""
    if document.state is DocumentState.DELETING:
        return escape(strings.source_gone)
    href = f"/documents/{quote(document.id, safe='')}/original"
    return f'<a href="{href}" download>{escape(strings.download_original)}</a>'


def _passage(hit: Hit, anchor: Anchor, quoted: str, strings: Strings) -> str:
    """The pages it stands on, as pictures; for formats without pages the whole passage."""
    pages = sorted({rect.page for rect in anchor.rects})
    if not pages or hit.document.state is DocumentState.DELETING:
        return f'<blockquote class="passage" dir="auto">{_marked(hit.chunk.text, quoted)}</blockquote>'
    return "".join(_page(hit, anchor, page, strings) for page in pages)


def _page(hit: Hit, anchor: Anchor, page: int, strings: Strings) -> str:
    base = f"/documents/{quote(hit.document.id, safe='')}/pages/{page}.png"
    rects = write_rects(anchor.rects, page)
    alt = escape(strings.picture_alt.format(page=page, name=shown_name(hit.document.name)))
    small, large = (escape(f"{base}?{urlencode({'rects': rects, 'width': width})}") for width in (1000, 1800))
    return (
        f'<a class="page" href="{large}" target="_blank"><img loading="lazy" src="{small}" alt="{alt}"></a>'
    )


def place(anchor: Anchor, strings: Strings) -> str:
    """Where in its document a passage stands, in words."""
    parts = []
    if anchor.page is not None:
        parts.append(strings.page_n.format(page=anchor.page))
    elif anchor.lines:
        first, last = anchor.lines
        parts.append((strings.line if first == last else strings.lines).format(first=first, last=last))
    elif anchor.paragraphs:
        first, last = anchor.paragraphs
        form = strings.paragraph if first == last else strings.paragraphs
        parts.append(form.format(first=first, last=last))
    parts += [shown_name(heading) for heading in anchor.heading_path[-2:]]
    return " · ".join(parts)


def _excerpt(text: str, quoted: str) -> str:
    """The quoted words in their surroundings, or the beginning of the passage."""
    found = _find(text, quoted)
    if found is None:
        return escape(_flat(text[: 2 * _AROUND_QUOTE])) + ("…" if len(text) > 2 * _AROUND_QUOTE else "")
    start, end = found
    before, after = text[max(0, start - _AROUND_QUOTE) : start], text[end : end + _AROUND_QUOTE]
    return (
        ("…" if start > _AROUND_QUOTE else "")
        + f"{escape(_flat(before))}<mark>{escape(_flat(text[start:end]))}</mark>{escape(_flat(after))}"
        + ("…" if end + _AROUND_QUOTE < len(text) else "")
    )


def _marked(text: str, quoted: str) -> str:
    """The whole passage with the quoted words marked."""
    found = _find(text, quoted)
    if found is None:
        return escape(text)
    start, end = found
    return f"{escape(text[:start])}<mark>{escape(text[start:end])}</mark>{escape(text[end:])}"


def _find(text: str, quoted: str) -> tuple[int, int] | None:
    """Where ``quoted`` stands in ``text``, whatever the spaces between its words; None if nowhere."""
    words = quoted.split()
    if not words:
        return None
    match = re.search(r"\s+".join(re.escape(word) for word in words), text)
    return match.span() if match else None


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)
