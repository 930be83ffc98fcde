"""The text of an answer -> markup: what a model wrote, or what is quoted, grouped by document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from kb.text.document_names import shown_name
from kb.text.tables import row_cells
from kb.types import EXTRACTIVE, Answer, CheckedSentence, Chunk, Hit
from kb.web.page.answer.footnote_marks import Mark, Marking, footnote_link
from kb.web.page.answer.markdown import Written, model_blocks
from kb.web.page.answer.turns import TurnView
from kb.web.page.format import flat, place
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
        blocks.append(_figure(checks, view.hits, marking, strings))
        end = checks[-1].end
    return Written([*blocks, *_between(answer.text[end:], (), strings)], marking.marks)


def _between(text: str, below: list[CheckedSentence] | tuple[()], strings: Strings) -> list[str]:
    """Returns what is no quote: not the name of the document, which its figure says."""
    names = {f"**{check.evidence[0].display_name}**" for check in below}
    rest = "\n\n".join(part for part in text.split("\n\n") if part.strip() and part.strip() not in names)
    return model_blocks(rest, turn_id="", sources=(), strings=strings).blocks if rest.strip(" .。") else []


def _figure(checks: list[CheckedSentence], hits: Sequence[Hit], marking: Marking, strings: Strings) -> str:
    name = escape(shown_name(checks[0].evidence[0].display_name))
    quotes = "".join(_quote(check, hits, marking, strings) for check in checks)
    return f'<figure class="quotes"><figcaption><bdi>{name}</bdi></figcaption>{quotes}</figure>'


def _quote(check: CheckedSentence, hits: Sequence[Hit], marking: Marking, strings: Strings) -> str:
    """Returns a quote with its place and its footnote below; lines that are apart in the document stay apart."""
    citation = check.evidence[0]
    index = len(marking.marks)
    mark = Mark(f"{marking.turn}-f{index + 1}", marking.number(citation.n), citation.n, (index,))
    marking.marks.append(mark)
    names = _names_of_columns(hits[citation.n - 1].chunk)
    body = "".join(_lines_or_table(run) for run in _runs(check.sentence, names))
    return (
        f'<blockquote class="quoted" dir="auto">{body}<footer>{escape(place(citation.anchor, strings))}'
        f"{footnote_link(mark, strings.source_n)}</footer></blockquote>"
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a quote."""

    text: str
    names_columns: bool
    is_row: bool
    """Whether it names columns or stands below a line that does, with as many cells, or fewer: the last are empty."""


def _names_of_columns(chunk: Chunk) -> frozenset[str]:
    """Returns the rows of a passage that name the columns of those below, on one line each."""
    found, start = set(), 0
    for line in chunk.text.split("\n"):
        within = chunk.spans_within(start, start + len(line))
        start += len(line) + 1
        if len(row_cells(line)) > 1 and any(span.is_heading for span in within):
            found.add(flat(line.strip()))
    return frozenset(found)


def _runs(quote: str, names: frozenset[str]) -> Iterator[list[_Line]]:
    """Yields what belongs together: the rows of a table with the names of its columns, and every other line alone.

    A line that looks like a row (a command with a pipe, an entry of a log) is none without names above it.
    """
    run: list[_Line] = []
    for text in filter(str.strip, quote.split("\n")):
        names_columns = flat(text) in names
        goes_on = bool(run) and run[-1].is_row and 1 < len(_cells(text)) <= len(_cells(run[0].text))
        line = _Line(text, names_columns, names_columns or goes_on)
        if run and not (goes_on and (not names_columns or run[-1].names_columns)):
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _lines_or_table(run: Sequence[_Line]) -> str:
    if not run[0].is_row:
        return f"<p>{escape(run[0].text)}</p>"
    rows = "".join(f"<tr>{_row(line, columns=len(_cells(run[0].text)))}</tr>" for line in run)
    return f'<div class="table"><table><tbody>{rows}</tbody></table></div>'


def _row(line: _Line, *, columns: int) -> str:
    tag = "th" if line.names_columns else "td"
    cells = _cells(line.text)
    return "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in [*cells, *[""] * (columns - len(cells))])


def _cells(line: str) -> list[str]:
    """Returns the cells of a line; what is quoted has lost the space of an empty first one."""
    return row_cells(f" {line}" if line.startswith("| ") else line)
