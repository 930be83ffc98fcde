"""Questions whose answer was taken out of a library, beside those with it: what refusals are measured on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.library import Library, files, gold_passages, rows
from kb.evaluate.embedding_cache import RememberingEmbedder
from kb.retrieval.sentence_similarity import SentenceSimilarity
from kb.text.sentences import passage_sentences
from kb.text.words import words
from kb.types import Chunk, Document, DocumentState, Hit

PASSAGES = 8
_MOST = 400
"""Questions of a set, drawn by their ids' hashes: each takes the embedding of a passage of its own."""
_DEPTH = 40
"""Passages searched where some of them will be left out."""
_SAME_SENTENCE = 0.6
"""The share of a sentence's words from which on it is the one that a file has of a paragraph."""

ANSWERED, SENTENCE, PARAGRAPH = "answered", "sentence", "paragraph"
"""What of the answer is in the library: all of it, all but its sentence, nothing of its paragraph."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what of its answer its library lacks, and what was found there."""

    id: str
    question: str
    removed: str
    hits: tuple[Hit, ...]

    @property
    def is_answered(self) -> bool:
        return self.removed == ANSWERED

    @property
    def is_chosen_on(self) -> bool:
        """Whether it is of the half that weights are fitted and thresholds taken on: by its id's hash.

        A question has one id in every language and set, and so it is in one half in all of them.
        """
        return _drawn(self.id)[0] % 2 == 0


def of_paragraphs(folder: Path, embedder: RememberingEmbedder) -> Iterator[Asked]:
    """Yields each question of a set of paragraphs as it is, without its sentence, and without its paragraph.

    Sentences are taken out of several paragraphs at once, one question of each; the search runs over what is left.
    """
    texts = {row["id"]: row["text"] for row in rows(folder / "corpus.jsonl")}
    gold = gold_passages(folder)
    asked = _some([row for row in rows(folder / "queries.jsonl") if row["text"].strip()])
    whole = Library({name: [Chunk(text)] for name, text in texts.items()}, embedder)
    for row in asked:
        hits = whole.search(row["text"], k=_DEPTH)
        left = tuple(hit for hit in hits if hit.document.name not in gold[row["id"]])
        yield Asked(row["id"], row["text"], ANSWERED, hits[:PASSAGES])
        yield Asked(row["id"], row["text"], PARAGRAPH, left[:PASSAGES])
    for together in _one_of_each(asked, {row["id"]: min(gold[row["id"]]) for row in asked}):
        changed = dict(texts)
        for row in together:
            for name in gold[row["id"]]:
                changed[name] = without_answer(changed[name], row["answers"])
        library = Library({name: [Chunk(text)] for name, text in changed.items() if text}, embedder)
        for row in together:
            yield Asked(row["id"], row["text"], SENTENCE, library.search(row["text"], k=PASSAGES))


def of_files(folder: Path, embedder: RememberingEmbedder, language: str) -> Iterator[Asked]:
    """Yields each question on the files of one language, as it is and without its sentence."""
    found = files(folder / "docs", embedder)
    here = {name: chunks for name, chunks in found.items() if name.startswith(language)}
    asked = _some([row for row in rows(folder / "queries.jsonl") if row["lang"] == language and row["doc"]])
    whole = Library(here, embedder)
    for row in asked:
        yield Asked(_bare(row["id"]), row["text"], ANSWERED, whole.search(row["text"], k=PASSAGES))
    for together in _one_of_each(asked, {row["id"]: row["paragraph"] for row in asked}):
        changed = {name: list(chunks) for name, chunks in here.items()}
        for row in together:
            name = next(name for name in here if name.startswith(row["doc"]))
            answering = [frozenset(words(text)) for text in _answering(row["gold_text"], row["answers"])]
            changed[name] = [_without(chunk, answering) for chunk in changed[name]]
        kept = {name: [chunk for chunk in chunks if chunk.text] for name, chunks in changed.items()}
        library = Library(kept, embedder)
        for row in together:
            yield Asked(_bare(row["id"]), row["text"], SENTENCE, library.search(row["text"], k=PASSAGES))


def one_sentence(folder: Path, embedder: RememberingEmbedder) -> Iterator[Asked]:
    """Yields each question on a library of one sentence: the one that answers it, and the nearest other one beside it.

    What is found in such a library is that sentence, whatever is asked.
    """
    texts = {row["id"]: row["text"] for row in rows(folder / "corpus.jsonl")}
    gold = gold_passages(folder)
    similarity = SentenceSimilarity(embedder)
    for row in _some([row for row in rows(folder / "queries.jsonl") if row["text"].strip()]):
        text = texts[min(gold[row["id"]])]
        answering = _answering(text, row["answers"])
        others = [text[start:end] for start, end in passage_sentences(text)]
        others = [sentence for sentence in others if sentence not in answering]
        if len(answering) != 1 or not others:
            continue
        cosines = similarity.to_question(row["text"], others)
        nearest = max(zip(cosines, others, strict=True))[1]
        for removed, sentence in ((ANSWERED, answering[0]), (SENTENCE, nearest)):
            (cosine,) = similarity.to_question(row["text"], [sentence])
            yield Asked(row["id"], row["text"], removed, (_only(sentence, cosine),))


def _only(text: str, cosine: float) -> Hit:
    """Returns the passage of a library that has no other."""
    document = Document(
        id="note",
        name="note.txt",
        collection="",
        state=DocumentState.READY,
        sha256="0" * 64,
        bytes=len(text.encode()),
        added="2026-01-01T00:00:00+00:00",
    )
    return Hit(Chunk(text), document, score=1.0, rank=1, scores={"cosine": cosine})


def without_answer(text: str, answers: Sequence[str]) -> str:
    """Returns ``text`` without the sentences that hold one of ``answers``, or a part of one that spans several."""
    kept = [text[start:end] for start, end in passage_sentences(text)]
    removed = set(_answering(text, answers))
    return " ".join(sentence for sentence in kept if sentence not in removed)


def _answering(text: str, answers: Sequence[str]) -> list[str]:
    spans = passage_sentences(text)
    found = set()
    for answer in answers:
        at = text.find(answer)
        while at >= 0:
            found |= {span for span in spans if span[0] < at + len(answer) and at < span[1]}
            at = text.find(answer, at + 1)
    return [text[start:end] for start, end in sorted(found)]


def _without(chunk: Chunk, answering: Sequence[frozenset[str]]) -> Chunk:
    """Returns ``chunk`` without the sentences that say what one of ``answering`` does; a file breaks its lines anew."""
    spans = passage_sentences(chunk.text)
    kept = [
        chunk.text[start:end]
        for start, end in spans
        if not any(_same(frozenset(words(chunk.text[start:end])), said) for said in answering)
    ]
    return chunk if len(kept) == len(spans) else replace(chunk, text=" ".join(kept), spans=())


def _same(sentence: frozenset[str], answering: frozenset[str]) -> bool:
    return len(sentence & answering) >= _SAME_SENTENCE * max(1, min(len(sentence), len(answering)))


def _some(asked: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(asked, key=lambda row: _drawn(_bare(row["id"])))[:_MOST]


def _drawn(identity: str) -> bytes:
    return hashlib.sha256(identity.encode()).digest()


def _bare(identity: str) -> str:
    """Returns an id without the language that the set of files puts before it."""
    return identity.removeprefix("en-").removeprefix("zh-")


def _one_of_each(
    asked: Sequence[dict[str, Any]], paragraph_of: Mapping[str, str]
) -> Iterator[list[dict[str, Any]]]:
    """Yields the questions in groups that hold at most one on each paragraph."""
    left = list(asked)
    while left:
        together = list({paragraph_of[row["id"]]: row for row in reversed(left)}.values())
        yield together
        taken = {row["id"] for row in together}
        left = [row for row in left if row["id"] not in taken]
