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

from kb.text.sentences import sentences
from kb.text.words import words

NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_NAME_EN = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?: [A-Z][a-z]+)*")
_MONTHS = frozenset(
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
)
_AUXILIARY = re.compile(r"\b(is|are|was|were|has|had|can|could|will|would|did|does)\b(?! not)", re.IGNORECASE)
_COPULA_ZH = re.compile(r"(?<![不没可但还只就都而要若算于])(是|能够|可以)(?![否非])")
_MODEL_SAYS = re.compile(r"\b(I|you|me|sorry|hope|sure|please)\b|\?|https?:", re.IGNORECASE)


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
    for sentence in _sentences(text):
        for kind, wrong in (
            ("number", _other_number(sentence, draw)),
            ("name", _other_name(sentence, text, names[language].get(group, []), draw)),
            ("negation", _negated(sentence, language)),
        ):
            if wrong is not None:
                yield Case(f"altered {kind} {language}", wrong, (text,), False, group)
                if kind == "number":
                    yield Case(
                        f"altered {kind}, translated {language}",
                        wrong,
                        (texts[other][paragraph],),
                        False,
                        group,
                    )


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


def _other_number(sentence: str, draw: random.Random) -> str | None:
    numbers = [match for match in NUMBER.finditer(sentence) if match.group().strip("0,.")]
    if not numbers:
        return None
    match = draw.choice(numbers)
    places = [index for index, character in enumerate(match.group()) if character.isdigit()]
    at = places[-1] if len(places) < 3 else draw.choice(places[1:])
    digit = str((int(match.group()[at]) + draw.randint(1, 8)) % 10)
    wrong = match.group()[:at] + digit + match.group()[at + 1 :]
    if wrong == match.group() or wrong in sentence:
        return None
    return sentence[: match.start()] + wrong + sentence[match.end() :]


def _other_name(sentence: str, text: str, names: Sequence[str], draw: random.Random) -> str | None:
    """Returns one name of ``sentence`` replaced by another name of the article that the passage does not hold."""
    here = [name for name in names if name in sentence]
    others = [
        name
        for name in names
        if fold(name) not in fold(text) and not frozenset(words(name)) <= frozenset(words(text))
    ]
    if not here or not others:
        return None
    return sentence.replace(draw.choice(here), draw.choice(others), 1)


def _negated(sentence: str, language: str) -> str | None:
    if language == "en":
        found = list(_AUXILIARY.finditer(sentence))
        if len(found) != 1 or re.search(r"\b(not|no|never|nor|without)\b|n't", sentence):
            return None
        return f"{sentence[: found[0].end()]} not{sentence[found[0].end() :]}"
    found = list(_COPULA_ZH.finditer(sentence))
    if len(found) != 1 or re.search("不|没|未|无|非", sentence):
        return None
    return f"{sentence[: found[0].start()]}不{sentence[found[0].start() :]}"


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
    return "name" if capitalised and answer.split()[0] not in _MONTHS else "other"


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
