"""Labelled sentence-passage pairs, built by rule from the shared data: what a citation check is measured on.

Nobody wrote a label by hand. A sentence is supported because it is in the passage, because it joins a
question and its gold answer, because it is the other language's sentence of the same paragraph, or because
people wrote it from that passage (mtrag). It is not, because the passage is another one, or because one
number, one name or a negation was inserted.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.citation_alterations import (
    MONTHS,
    NUMBER,
    Alter,
    exchanged,
    negated,
    other_month,
    other_number,
    other_spelt_number,
    other_unit,
    redated,
    replaced,
    respelt,
    turned_comparison,
)
from kb.text.sentences import sentences
from kb.text.words import words

_MODEL_SAYS = re.compile(r"\b(I|you|me|sorry|hope|sure|please)\b|\?|https?:", re.IGNORECASE)
_WRONG: dict[str, Alter] = {
    "number": other_number,
    "negation": negated,
    "unit": other_unit,
    "comparison": turned_comparison,
    "month": other_month,
    "spelt number": other_spelt_number,
}
_RIGHT: dict[str, Alter] = {"respelt number": respelt, "redated": redated}


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence that cites passages, and whether they support it."""

    kind: str
    claim: str
    passages: tuple[str, ...]
    supported: bool
    group: int
    """Its article or conversation: halves for choosing and reporting never share one."""


def cases(folder: Path, *, seed: int = 0, most: int = 400) -> list[Case]:
    """Returns at most ``most`` cases of each kind, always the same ones for a seed."""
    draw = random.Random(seed)
    found: dict[str, list[Case]] = {}
    for case in (*_xquad(folder / "retrieval", draw), *_mtrag(folder / "retrieval" / "mtrag_un_a", draw)):
        found.setdefault(case.kind, []).append(case)
    return [case for kind in sorted(found) for case in draw.sample(found[kind], min(most, len(found[kind])))]


# --- XQuAD ------------------------------------------------------------------------------------


def _xquad(folder: Path, draw: random.Random) -> Iterator[Case]:
    texts = {
        language: {row["id"]: row["text"] for row in _rows(folder / f"xquad_{language}" / "corpus.jsonl")}
        for language in ("en", "zh")
    }
    questions = {
        language: list(_rows(folder / f"xquad_{language}" / "queries.jsonl")) for language in ("en", "zh")
    }
    gold = _qrels(folder / "xquad_en" / "qrels.tsv")
    asked = sorted({paragraph for paragraphs in gold.values() for paragraph in paragraphs})
    names = _names(questions["en"], questions["zh"])
    for language, other in (("en", "zh"), ("zh", "en")):
        for paragraph in asked:
            yield from _of_paragraph(paragraph, language, texts, other, draw)
            yield from _altered(paragraph, language, texts, names, draw)
        yield from _restated(questions[language], language, gold, texts[language], draw)


def _of_paragraph(
    paragraph: str, language: str, texts: dict[str, dict[str, str]], other: str, draw: random.Random
) -> Iterator[Case]:
    """Yields sentences as they are, against their own paragraph and another one, in both languages."""
    group = _group(paragraph)
    siblings = [key for key in texts[language] if _group(key) == group and key != paragraph]
    for sentence in draw.sample(found := _sentences(texts[language][paragraph]), min(2, len(found))):
        elsewhere = draw.choice(siblings)
        yield Case(f"verbatim {language}", sentence, (texts[language][paragraph],), True, group)
        yield Case(f"translated {language}", sentence, (texts[other][paragraph],), True, group)
        yield Case(f"other passage {language}", sentence, (texts[language][elsewhere],), False, group)
        yield Case(
            f"other passage, translated {language}", sentence, (texts[other][elsewhere],), False, group
        )
    yield from _joined(paragraph, language, texts[language], siblings, draw)


def _joined(
    paragraph: str, language: str, texts: dict[str, str], siblings: Sequence[str], draw: random.Random
) -> Iterator[Case]:
    """Yields two sentences of the paragraph as one, and one of it with one of another."""
    own, group = _sentences(texts[paragraph]), _group(paragraph)
    strange = _sentences(texts[draw.choice(siblings)])
    joint = ", and " if language == "en" else "，并且"
    if len(own) > 1:
        first, second = draw.sample(own, 2)
        claim = f"{first.rstrip('.。')}{joint}{second}"
        yield Case(f"two sentences in one {language}", claim, (texts[paragraph],), True, group)
    if own and strange:
        claim = f"{draw.choice(own).rstrip('.。')}{joint}{draw.choice(strange)}"
        yield Case(f"half of another passage {language}", claim, (texts[paragraph],), False, group)


def _altered(
    paragraph: str,
    language: str,
    texts: dict[str, dict[str, str]],
    names: dict[str, dict[int, list[str]]],
    draw: random.Random,
) -> Iterator[Case]:
    """Yields a sentence in which one thing is wrong, against the paragraph and against its translation."""
    other = "zh" if language == "en" else "en"
    group, text = _group(paragraph), texts[language][paragraph]
    known = names[language].get(group, [])
    for sentence in _sentences(text):
        for kind, alter in _WRONG.items():
            if (wrong := alter(sentence, language, draw)) is None:
                continue
            yield Case(f"altered {kind} {language}", wrong, (text,), False, group)
            if kind == "number":
                yield Case(
                    f"altered {kind}, translated {language}", wrong, (texts[other][paragraph],), False, group
                )
        for kind, wrong in _moved(sentence, text, known, draw):
            yield Case(f"altered {kind} {language}", wrong, (text,), False, group)
        for kind, alter in _RIGHT.items():
            if (same := alter(sentence, language, draw)) is not None:
                yield Case(f"{kind} {language}", same, (text,), True, group)


def _moved(sentence: str, text: str, names: Sequence[str], draw: random.Random) -> Iterator[tuple[str, str]]:
    """Yields what stands wrong in ``sentence``: a name or a figure of elsewhere, or of the passage in another place."""
    absent = [
        name
        for name in names
        if fold(name) not in fold(text) and not frozenset(words(name)) <= frozenset(words(text))
    ]
    present = [name for name in names if name in text]
    numbers = sorted(frozenset(match.group() for match in NUMBER.finditer(text)))
    own = [number for number in numbers if re.search(rf"(?<!\d){re.escape(number)}(?!\d)", sentence)]
    elsewhere = [number for number in numbers if number not in own]
    for kind, wrong in (
        ("name", replaced(sentence, names, absent, draw)),
        ("name of the passage", replaced(sentence, present, present, draw)),
        ("figure of the passage", replaced(sentence, own, elsewhere, draw)),
        ("names exchanged", exchanged(sentence, present)),
    ):
        if wrong is not None:
            yield kind, wrong


def _restated(
    questions: Sequence[dict[str, Any]],
    language: str,
    gold: dict[str, list[str]],
    texts: dict[str, str],
    draw: random.Random,
) -> Iterator[Case]:
    """Yields a question with its gold answer, which say what the paragraph says, and with another, which do not."""
    for question in questions:
        paragraph = gold[question["id"]][0]
        group, answer = _group(paragraph), question["answers"][0]
        yield Case(f"restated {language}", f"{question['text']} {answer}", (texts[paragraph],), True, group)
        wrong = [
            other["answers"][0]
            for other in questions
            if _group(gold[other["id"]][0]) == group
            and _shape(other["answers"][0]) == _shape(answer) != "other"
            and fold(other["answers"][0]) not in fold(texts[paragraph])
        ]
        if wrong:
            claim = f"{question['text']} {draw.choice(wrong)}"
            yield Case(f"restated wrongly {language}", claim, (texts[paragraph],), False, group)


def _names(
    english: Sequence[dict[str, Any]], chinese: Sequence[dict[str, Any]]
) -> dict[str, dict[int, list[str]]]:
    """Returns gold answers that are names, by language and article: capitalised in English, and their Chinese forms."""
    found: dict[str, dict[int, list[str]]] = {"en": {}, "zh": {}}
    for left, right in zip(english, chinese, strict=True):
        if _shape(left["answers"][0]) == "name":
            found["en"].setdefault(left["article"], []).append(left["answers"][0])
            if _shape(right["answers"][0]) != "number":
                found["zh"].setdefault(right["article"], []).append(right["answers"][0])
    return found


def _shape(answer: str) -> str:
    """Returns the shape of an answer; answers of one shape can replace one another in a sentence."""
    if NUMBER.search(answer):
        return "number"
    capitalised = re.fullmatch(r"(?:[A-Z][\w.'-]+(?: (?:of|the|de|and) )?\s?){1,4}", answer)
    return "name" if capitalised and answer.split()[0] not in MONTHS else "other"


# --- mtrag ------------------------------------------------------------------------------------


def _mtrag(folder: Path, draw: random.Random) -> Iterator[Case]:
    """Yields sentences that people wrote in answer to a question, against the passages they had, and against others."""
    texts = {row["id"]: row["text"] for row in _rows(folder / "corpus.jsonl")}
    gold = _qrels(folder / "qrels.tsv")
    rows = [
        row
        for row in _rows(folder / "queries.jsonl")
        if row["answerability"] == "ANSWERABLE" and row["id"] in gold
    ]
    conversations = sorted({row["id"].rsplit("-", 1)[0] for row in rows})
    for row in rows:
        group = 1000 + conversations.index(row["id"].rsplit("-", 1)[0])
        own = tuple(texts[key] for key in gold[row["id"]])
        others = [other for other in rows if other["id"].rsplit("-", 1)[0] != row["id"].rsplit("-", 1)[0]]
        for sentence in _sentences(row["reference_answer"]):
            if not _MODEL_SAYS.search(sentence):
                yield Case("written by people", sentence, own, True, group)
                other = draw.choice(others)
                yield Case(
                    "written by people, other passages",
                    sentence,
                    tuple(texts[key] for key in gold[other["id"]]),
                    False,
                    group,
                )


# --- Reading ----------------------------------------------------------------------------------


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _qrels(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        query, document, _ = line.split("\t")
        found.setdefault(query, []).append(document)
    return found


def _group(paragraph: str) -> int:
    return int(paragraph.split("-")[1])


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text) if len(words(text[start:end])) >= 6]


def fold(text: str) -> str:
    """Returns ``text`` without case and spaces, for asking whether one text is in another."""
    return "".join(text.casefold().split())
