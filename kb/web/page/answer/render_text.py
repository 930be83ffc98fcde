"""The text of an answer -> markup: what a model wrote, or what is quoted, grouped by document."""

from __future__ import annotations

from html import escape
from itertools import groupby

from kb.text.document_names import shown_name
from kb.types import EXTRACTIVE, Answer, CheckedSentence
from kb.web.page.answer.footnote_marks import Mark, Marking, footnote_link
from kb.web.page.answer.markdown import Written, model_blocks
from kb.web.page.answer.turns import TurnView
from kb.web.page.format import place
from kb.web.page.strings import Strings


def written(view: TurnView, strings: Strings) -> Written:
    """Returns the answer as far as it is written, block by block, with its footnotes in order."""
    if not view.text:
        return Written([], [])
    if view.answer is not None and _is_quoted(view.answer):
        return _quotes(view, view.answer, strings)
    return model_blocks(
        view.text,
        turn_id=view.id,
        sources=range(1, len(view.hits) + 1),
        checks=view.answer.checks if view.answer else (),
        partial=view.running,
        strings=strings,
    )


def _is_quoted(answer: Answer) -> bool:
    """Returns whether everything in it that is a statement stands in a document, word for word."""
    quotes = answer.checks and all(len(check.evidence) == 1 for check in answer.checks)
    return answer.model == EXTRACTIVE and not answer.refused and bool(quotes)


def _quotes(view: TurnView, answer: Answer, strings: Strings) -> Written:
    """Returns a figure for each document in a row, and what stands between them as it is written."""
    marking = Marking(view.id, frozenset(range(1, len(view.hits) + 1)))
    blocks: list[str] = []
    end = 0
    for _document, run in groupby(answer.checks, key=lambda check: check.evidence[0].document_id):
        checks = list(run)
        blocks += _between(answer.text[end : checks[0].start], checks, strings)
        blocks.append(_figure(checks, marking, strings))
        end = checks[-1].end
    return Written([*blocks, *_between(answer.text[end:], (), strings)], marking.marks)


def _between(text: str, below: list[CheckedSentence] | tuple[()], strings: Strings) -> list[str]:
    """Returns what is no quote: not the name of the document, which its figure says."""
    names = {f"**{check.evidence[0].display_name}**" for check in below}
    rest = "\n\n".join(part for part in text.split("\n\n") if part.strip() and part.strip() not in names)
    return model_blocks(rest, turn_id="", sources=(), strings=strings).blocks if rest.strip(" .。") else []


def _figure(checks: list[CheckedSentence], marking: Marking, strings: Strings) -> str:
    name = escape(shown_name(checks[0].evidence[0].display_name))
    quotes = "".join(_quote(check, marking, strings) for check in checks)
    return f'<figure class="quotes"><figcaption><bdi>{name}</bdi></figcaption>{quotes}</figure>'


def _quote(check: CheckedSentence, marking: Marking, strings: Strings) -> str:
    """Returns a quote with its place and its footnote below; lines that are apart in the document stay apart."""
    citation = check.evidence[0]
    index = len(marking.marks)
    mark = Mark(f"{marking.turn}-f{index + 1}", marking.number(citation.n), citation.n, (index,))
    marking.marks.append(mark)
    lines = "".join(f"<p>{escape(line)}</p>" for line in check.sentence.split("\n") if line.strip())
    return (
        f'<blockquote class="quoted" dir="auto">{lines}<footer>{escape(place(citation.anchor, strings))}'
        f"{footnote_link(mark, strings.source_n)}</footer></blockquote>"
    )
