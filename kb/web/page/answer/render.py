"""Conversations -> markup. Only ``render*.py`` and ``markdown.py`` turn a name, a passage or an answer into HTML.

Every function returns one line: Gradio shows our markup through its Markdown component, and what
stands between two blank lines would be read as Markdown there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from html import escape

from kb.config import DEFAULT_COLLECTION
from kb.text.document_names import shown_name
from kb.text.visible import shortened
from kb.types import EXTRACTIVE, LIBRARY, Filters, Hit, Progress
from kb.web.page import format as shown
from kb.web.page.answer import render_sources
from kb.web.page.answer.markdown import Written
from kb.web.page.answer.render_actions import actions
from kb.web.page.answer.render_text import written
from kb.web.page.answer.turns import TurnView
from kb.web.page.format import flat
from kb.web.page.markup import one_line
from kb.web.page.strings import Strings
from kb.web.page.words.answer import EN as ANSWER_EN
from kb.web.page.words.answer import ZH as ANSWER_ZH
from kb.web.page.words.answer import AnswerWords
from kb.web.page.words.asking import EN as ASKING_EN
from kb.web.page.words.asking import ZH as ASKING_ZH
from kb.web.page.words.asking import AskingWords

_CONTEXT_SHOWN = 60


def answer_words(strings: Strings) -> AnswerWords:
    """Returns the words of answers in the language of ``strings``."""
    return ANSWER_ZH if strings.language == "zh" else ANSWER_EN


def announcement(words: AskingWords) -> str:
    """Returns the place where the page's script says aloud what has happened; with it, the page can take questions."""
    said = escape(json.dumps(asdict(words), ensure_ascii=False))
    return (
        '<div><p id="said" class="aside" role="status" aria-live="polite"></p>'
        f'<footnote-asking data-words="{said}"></footnote-asking>'
        f'<footnote-questions><nav aria-label="{escape(words.questions)}" hidden><ol></ol></nav>'
        "</footnote-questions></div>"
    )


def _answered_by(model: str, strings: Strings) -> str:
    """Returns the answering model in words; the names of our own two ways, and of backends, say nothing to a person."""
    own = {EXTRACTIVE: strings.answered_by_quotes, LIBRARY: strings.answered_by_library}
    return own.get(model) or strings.answered_by.format(model=model.partition("/")[2] or model)


def conditions(filters: Filters, strings: Strings, hits: Sequence[Hit] = ()) -> str:
    """Returns the filters of a question in words; empty where it has none. ``hits`` tell what documents are called."""
    said = shown.conditions(filters, strings, {hit.document.id: _with_collection(hit) for hit in hits})
    if not said:
        return ""
    tags = " ".join(f'<span class="tag"><bdi>{escape(each)}</bdi></span>' for each in said)
    return one_line(f'<p class="fine conditions">{escape(strings.narrowed_to)} {tags}</p>')


def _with_collection(hit: Hit) -> str:
    """Returns the name of a document that was chosen by its id: only its collection tells it from another one."""
    collection = hit.document.collection
    is_told = hit.told_apart or collection in ("", DEFAULT_COLLECTION)
    return hit.display_name if is_told else f"{hit.document.name} ({collection})"


def turn(view: TurnView, strings: Strings) -> str:
    """Returns a finished question, its answer and, for the pane beside it, its sources."""
    answer = written(view, strings)
    text = "".join(_text_blocks(view, answer, strings))
    beside = render_sources.sources(view, answer.marks, strings, answer_words(strings))
    return one_line(f'<section class="turn spread"><div class="text">{text}</div>{beside}</section>')


def older(conversation: str, before: str, strings: Strings) -> str:
    """Returns what brings the turns of a ``conversation`` that were asked ``before`` a run with this id."""
    words = ASKING_ZH if strings.language == "zh" else ASKING_EN
    return one_line(
        f'<div class="older"><footnote-earlier data-conversation="{escape(conversation)}" '
        f'data-before="{escape(before)}">'
        f'<button type="button">{escape(words.earlier)}</button></footnote-earlier></div>'
    )


def turn_text(view: TurnView, strings: Strings) -> str:
    """Returns the question and as much of its answer as there is, block by block.

    The one exception to the rule above: Gradio keeps the elements of blocks that did not change, so
    that a footnote of a finished paragraph can be clicked while the next one is being written.
    """
    return "\n\n".join(one_line(block) for block in _text_blocks(view, written(view, strings), strings))


def turn_sources(view: TurnView, strings: Strings) -> str:
    marks = written(view, strings).marks
    return one_line(render_sources.sources(view, marks, strings, answer_words(strings)))


def _text_blocks(view: TurnView, answer: Written, strings: Strings) -> list[str]:
    belongs = f' data-conversation="{escape(view.conversation)}"' if view.conversation else ""
    asked = view.question
    # one that is nothing but conditions is shown as it was typed
    text, filters = (asked.text, asked.filters) if asked.text else (asked.as_typed, Filters())
    question = f'<h2 class="question" id="{escape(view.id)}"{belongs} dir="auto">{escape(text)}</h2>'
    with_filters = conditions(filters, strings, view.hits)
    return [
        question,
        *([with_filters] if with_filters else []),
        *_searched(view, strings),
        *_backing(view, strings),
        *_answer(view, answer, strings),
        *_failed(view, strings),
        *_notes(view, strings),
    ]


def _searched(view: TurnView, strings: Strings) -> list[str]:
    """Returns the query, to be changed where it stands, where it is not simply the question; what was said before and
    counted a little stands beside it. The cross searches the question alone.
    """
    found = view.searched
    is_as_asked = found is not None and found.question.split() == view.question.text.split()
    if found is None or (is_as_asked and not found.context):
        return []
    turn, waits = escape(view.id), " disabled" if view.running else ""
    said = shortened(flat(found.context), _CONTEXT_SHOWN)
    context = f" <span>{escape(strings.context_searched.format(context=said))}</span>" if said else ""
    query = escape(strings.searched_for.format(question=found.question)) + context
    if is_as_asked:
        query = escape(strings.context_beside.format(context=said))
    return [
        f'<p class="searched"><button type="button"{waits} data-again="search" data-turn="{turn}" '
        f'data-query="{escape(found.question)}" title="{escape(strings.edit_search)}">'
        f"{query}</button>"
        f'<button type="button"{waits} data-again="alone" data-turn="{turn}" title="{escape(strings.search_alone)}" '
        f'aria-label="{escape(strings.search_alone)}">×</button></p>'
    ]


def _backing(view: TurnView, strings: Strings) -> list[str]:
    """Returns the banner of an answer that nothing in the documents backs, with a way to what they do say."""
    answer = view.answer
    if answer is None or answer.refused or answer.backed or not view.text.strip():
        return []
    button = ""
    if answer.model != EXTRACTIVE:
        words = answer_words(strings)
        button = (
            f'<button type="button" data-again="quotes" data-turn="{escape(view.id)}">'
            f"{escape(words.show_quotes)}</button>"
        )
    return [f'<div class="banner" role="status"><p>{escape(strings.not_backed)}</p>{button}</div>']


def _failed(view: TurnView, strings: Strings) -> list[str]:
    """Returns why a model wrote nothing, and every way on from there."""
    if not view.failed or view.answer is None:
        return []
    words, turn = answer_words(strings), escape(view.id)
    reason = shown.with_commands(strings.said(view.answer.incomplete or ""))
    ways = "".join(
        f'<button type="button" data-again="{order}" data-turn="{turn}">{escape(label)}</button>'
        for order, label in (("again", words.try_again), ("quotes", words.answer_with_quotes))
    )
    return [
        f'<div class="banner failed" role="alert"><div><p>{escape(words.no_answer)}</p><p class="why">{reason}</p>'
        f'</div><div class="ways">{ways}<a href="/settings" data-go>{escape(words.settings)}</a></div></div>'
    ]


def _answer(view: TurnView, answer: Written, strings: Strings) -> list[str]:
    if not view.text:
        if not view.running:
            return []
        reads = _reads(len(view.hits), answer_words(strings)) if view.searched else strings.searching
        waiting = strings.thinking if view.thinks else reads
        if view.progress is not None and view.progress.done < view.progress.total:
            return [_reading(view.progress, strings)]
        return [f'<p class="waiting writing" role="status">{escape(waiting)}</p>']
    last = len(answer.blocks) - 1 if view.running else None
    blocks = [
        f'<div class="answer{" writing" if n == last else ""}" dir="auto">{block}</div>'
        for n, block in enumerate(answer.blocks)
    ]
    if view.answer and view.answer.refused and view.answer.model == LIBRARY:  # there is nothing to search
        label = escape(answer_words(strings).add_documents)
        blocks.append(f'<p class="note"><a href="/library" data-go>{label}</a></p>')
    nearest = render_sources.nearest_cards(view, strings, answer_words(strings))
    return [*blocks, *([nearest] if nearest else [])]


def _reads(count: int, words: AnswerWords) -> str:
    """Returns that a model reads ``count`` passages: as many as its context takes, once that is known."""
    return words.reading_one if count == 1 else words.reading.format(count=count)


def _reading(progress: Progress, strings: Strings) -> str:
    text = strings.reading_whole.format(
        name=shown_name(progress.text), done=progress.done, total=progress.total
    )
    return (
        f'<p class="waiting writing" role="status">{escape(text)} '
        f'<progress max="{progress.total}" value="{progress.done}"></progress></p>'
    )


def _notes(view: TurnView, strings: Strings) -> list[str]:
    notes = [strings.said(notice) for notice in view.notices]
    if view.searched and view.searched.dropped:
        notes.append(strings.dropped.format(count=view.searched.dropped))
    if view.stopped:
        notes.append(strings.stopped if view.text.strip() else answer_words(strings).stopped_empty)
    if view.answer and view.answer.incomplete and not view.failed:
        notes.append(strings.incomplete.format(reason=strings.said(view.answer.incomplete)))
    blocks = [f'<p class="note">{shown.with_commands(note)}</p>' for note in notes]
    if view.error:
        link = (
            f'<a href="/settings" data-go>{escape(answer_words(strings).settings)}</a>'
            if view.request
            else ""
        )
        blocks.append(
            f'<p class="note problem" role="alert">{shown.with_commands(strings.said(view.error))} {link}</p>'
        )
    answered_by = _answered_by(view.answer.model, strings) if view.answer else ""
    if row := actions(view, answered_by, answer_words(strings)):
        blocks.append(row)
    return blocks
