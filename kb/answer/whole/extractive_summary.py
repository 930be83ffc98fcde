"""Whole documents without a model: the central sentence of each section, or what only one of two documents says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from kb.answer.passage_source import DocumentReader
from kb.answer.quote.layout import Quote, laid_out
from kb.answer.quote.lines import Range
from kb.answer.quote.units import reads_well, squeezed
from kb.answer.verify.checker import Checked
from kb.answer.whole.intent import DocumentTask
from kb.ports import Similarity
from kb.state.namesakes import told_apart
from kb.text.content_words import stems
from kb.text.language import language
from kb.text.sentences import sentences
from kb.text.word_lists import word_lists
from kb.types import Chunk, Document, Hit

_SECTIONS = 6
"""A summary takes one sentence of each; documents with more sections are split into so many stretches."""
_CANDIDATES = 6
"""Sentences of a section that are compared in meaning: those with most of the document's frequent words."""
_WORDS = 0.05
"""What the frequent words of a sentence are worth against its place in the middle of all candidates."""
_SAME = 0.7
"""From this share of its words in one sentence of the other document on, a sentence counts as said there too."""
_DIFFERENCES = 4


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of a document, with how much it has of the document's frequent words."""

    text: str
    chunk: Chunk
    place: Range
    """It is ``chunk.text[start:end]``, on one line."""
    stems: frozenset[str]
    weight: float
    section: int


def summarised(
    whole: DocumentTask, document_reader: DocumentReader, similarity: Similarity
) -> tuple[Checked, list[Hit]]:
    """Returns a summary in the documents' own sentences, quoted of ``hits``."""
    read = [(document, _read(document_reader.passages(document.id))) for document in whole.documents]
    hits: list[Hit] = []
    ranges: dict[int, list[Range]] = {}
    for document, found in read:
        for item in _central(found, similarity):
            ranges.setdefault(_number(item, document, hits) - 1, []).append(item.place)
    hits = list(told_apart(hits))
    return _laid_out(ranges, hits), hits


def differences(
    question: str, whole: DocumentTask, document_reader: DocumentReader
) -> tuple[Checked, list[Hit]]:
    """Returns quotes of what only one of two documents says, or that they say the same."""
    read = [(document, _read(document_reader.passages(document.id))) for document in whole.documents]
    hits: list[Hit] = []
    ranges: dict[int, list[Range]] = {}
    for (document, found), (_, others) in ((read[0], read[1]), (read[1], read[0])):
        own = [item for item in found if all(_shared(item, other) < _SAME for other in others)]
        top = sorted(own, key=lambda item: -item.weight)[:_DIFFERENCES]
        for item in own:
            if item in top:
                ranges.setdefault(_number(item, document, hits) - 1, []).append(item.place)
    hits = list(told_apart(hits))
    checked = _laid_out(ranges, hits)
    says = word_lists(language(question)).says or word_lists("en").says
    names = list(dict.fromkeys(hit.display_name for hit in hits))
    if not names:
        note = says["say_the_same"]
    else:
        note = says["only_in_one"] if len(names) > 1 else says["only_in"].format(document=names[0])
    return replace(checked, text=f"{checked.text}\n\n{note}".strip()), hits


def _laid_out(ranges: Mapping[int, Sequence[Range]], hits: Sequence[Hit]) -> Checked:
    """Returns the ranges of each of ``hits``, by its place, as quotes."""
    return laid_out([Quote(number, tuple(sorted(places))) for number, places in ranges.items()], hits)


def _read(chunks: Sequence[Chunk]) -> list[_Sentence]:
    """Returns the sentences that can be quoted, in order; all pieces where none is one."""
    section_of = _sections(chunks)
    pieces = [
        (squeezed(chunk.text[start:end]), chunk, (start, end), section)
        for chunk, section in zip(chunks, section_of, strict=True)
        for start, end in sentences(chunk.text)
    ]
    pieces = [piece for piece in pieces if reads_well(piece[0])] or pieces
    terms = [stems(text) for text, *_ in pieces]
    counts = Counter(term for found in terms for term in found)
    most = max(counts.values(), default=1)
    return [
        _Sentence(
            text,
            chunk,
            place,
            found,
            sum(counts[term] for term in found) / most / sqrt(len(found) + 1),
            section,
        )
        for (text, chunk, place, section), found in zip(pieces, terms, strict=True)
    ]


def _sections(chunks: Sequence[Chunk]) -> list[int]:
    """Returns the section of each passage: by its outermost heading, else by even stretches of the document."""
    heads = list(dict.fromkeys(chunk.heading_path[:2] for chunk in chunks))
    if 1 < len(heads) <= _SECTIONS:
        return [heads.index(chunk.heading_path[:2]) for chunk in chunks]
    return [index * _SECTIONS // max(len(chunks), _SECTIONS) for index in range(len(chunks))]


def _central(found: Sequence[_Sentence], similarity: Similarity) -> list[_Sentence]:
    """Returns the most central sentence of each section, in order.

    Centrality of sentences as in Erkan and Radev, "LexRank" (2004), https://arxiv.org/abs/1109.2128,
    in its simplest form: the mean of the cosines.
    """
    sections = sorted({item.section for item in found})
    candidates = [
        item
        for section in sections
        for item in sorted(
            (item for item in found if item.section == section), key=lambda item: -item.weight
        )[:_CANDIDATES]
    ]
    texts = [item.text for item in candidates]
    middle = np.asarray(similarity.between(texts, texts)).mean(axis=1) if texts else np.zeros(0)
    worth = {
        id(item): float(mean) + _WORDS * item.weight for item, mean in zip(candidates, middle, strict=True)
    }
    chosen: list[_Sentence] = []
    for section in sections:
        of_section = [item for item in candidates if item.section == section]
        for item in sorted(of_section, key=lambda item: -worth[id(item)]):
            if not any(_shared(item, other) >= _SAME for other in chosen):
                chosen.append(item)
                break
    return chosen


def _shared(item: _Sentence, other: _Sentence) -> float:
    """Returns the share of the words of ``item`` in ``other``; numbers and all, so that a changed figure shows."""
    if item.text == other.text:
        return 1.0
    share = len(item.stems & other.stems) / max(1, len(item.stems))
    changed = any(any(character.isdigit() for character in term) for term in item.stems - other.stems)
    return min(share, _SAME / 2) if changed else share


def _number(item: _Sentence, document: Document, hits: list[Hit]) -> int:
    """Returns the citation number of the passage that ``item`` stands in, added to ``hits`` if it is new."""
    for number, hit in enumerate(hits, start=1):
        if hit.chunk.id == item.chunk.id:
            return number
    hits.append(Hit(item.chunk, document, score=1.0, rank=len(hits) + 1))
    return len(hits)
