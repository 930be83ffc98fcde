"""Pairs of texts that say the same of things whose names differ in a sign, a letter or a word; each asks for one.

Made by a seeded script in six languages: models (40K, 40L), houses (8号楼, 9号楼), signs (C++, C#), species whose name
holds another's, and part numbers.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NearName:
    """A question about a thing, and the texts of all things that are called nearly the same."""

    kind: str
    language: str
    question: str
    texts: tuple[str, ...]
    right: int
    file_names: tuple[str, ...] = ()
    """What the files of the texts are called; empty where nothing tells."""


_DEVICES = (
    ("en", "The {name} weighs {a} kg, holds {b} litres and is cleaned once a {c}.",
     "How much does the {name} weigh?", ("week", "month", "year")),
    ("de", "Das Gerät {name} wiegt {a} kg, fasst {b} Liter und wird einmal im {c} gereinigt.",
     "Wie schwer ist das Gerät {name}?", ("Monat", "Jahr", "Quartal")),
    ("fr", "L'appareil {name} pèse {a} kg, contient {b} litres et se nettoie chaque {c}.",
     "Combien pèse l'appareil {name} ?", ("mois", "semaine", "année")),
    ("ru", "Прибор {name} весит {a} кг, вмещает {b} литров, и его чистят каждый {c}.",
     "Сколько весит прибор {name}?", ("месяц", "год", "день")),
    ("zh", "{name}型设备重{a}公斤，容量{b}升，每{c}清洗一次。", "{name}型设备有多重？", ("周", "月", "年")),
    ("ja", "{name}の重さは{a}キロ、容量は{b}リットルで、毎{c}洗います。",
     "{name}の重さはどれくらいですか？", ("週", "月", "年")),
)  # fmt: skip
_LANGUAGES_OF_CODE = ("C", "D", "F", "J", "Q", "X", "G", "R")
_SPECIES = (
    ("en", "owl", ("sand", "marsh", "moon", "fern"), ("lesser", "crested", "northern"),
     "It nests in {a} trees, lays {b} eggs and hunts {c} at dusk.", "How many eggs does the {name} lay?",
     ("old", "tall", "hollow"), ("mice", "moths", "frogs")),
    ("zh", "雀", ("沙", "岩", "苇", "霜"), ("小", "斑", "北"),
     "它在{a}上筑巢，产{b}枚蛋，黄昏时捕食{c}。", "{name}产几枚蛋？",
     ("老树", "高崖", "石洞"), ("飞蛾", "甲虫", "蚂蚁")),
)  # fmt: skip


def near_names(seed: int = 11) -> list[NearName]:
    """Returns the questions, the same ones for the same seed; neighbours in the list are of one kind."""
    chance = random.Random(seed)
    return [*_models(chance), *_houses(chance), *_signed(chance), *_species(chance), *_parts(chance)]


def _models(chance: random.Random) -> Iterator[NearName]:
    numbers = chance.sample(range(20, 500, 10), 4 * len(_DEVICES))
    for at, (language, statement, question, often) in enumerate(_DEVICES):
        for number in numbers[4 * at : 4 * at + 4]:
            names = [f"{number}{letter}" for letter in chance.sample("KLMNPRT", 3)]
            yield _about("model", language, names, statement, question, often, chance)


def _houses(chance: random.Random) -> Iterator[NearName]:
    statement = "{name}有{a}层，共{b}户，电梯每{c}检修一次。"
    for noun in ("号楼", "栋", "号院", "单元"):
        numbers = chance.sample(range(2, 20), 9)
        for start in (0, 3, 6):
            names = [f"{number}{noun}" for number in numbers[start : start + 3]]
            yield _about("house", "zh", names, statement, "{name}共有多少户？", ("周", "月", "年"), chance)


def _signed(chance: random.Random) -> Iterator[NearName]:
    statement = "{name} was released with {a} keywords, {b} libraries and a new compiler every {c}."
    for letter in _LANGUAGES_OF_CODE:
        names = [f"{letter}++", f"{letter}#", f"{letter}+"]
        yield _about(
            "sign", "en", names, statement, "How many libraries came with {name}?", ("week", "year"), chance
        )
    for one, other in (
        ("A&B", "A&D"),
        ("R&K", "B&K"),
        ("AT&S", "AT&R"),
        ("8-K", "9-K"),
        ("F-14", "F-15"),
        ("M&T", "M&P"),
    ):
        names = [one, other, f"{one[0]}{other[-1]}"]
        yield _about(
            "sign", "en", names, statement, "How many keywords does {name} have?", ("day", "year"), chance
        )


def _parts(chance: random.Random) -> Iterator[NearName]:
    for language, statement, question, often in _DEVICES:
        for asked_as in ("{series}-{number}", "{series}{number}", "{series} {number}", "{number}"):
            series = "".join(chance.sample("ABDGHKPRTV", 3))
            numbers = chance.sample(range(1000, 9999), 3)
            names = [f"{series}-{number}" for number in numbers]
            found = _about("part", language, names, statement, question, often, chance)
            asked = question.format(name=asked_as.format(series=series, number=numbers[found.right]))
            yield NearName(found.kind, language, asked, found.texts, found.right)


def _species(chance: random.Random) -> Iterator[NearName]:
    for language, noun, kinds, attributes, statement, question, places, prey in _SPECIES:
        space = " " if language == "en" else ""
        for kind in kinds:
            base = f"{kind}{space}{noun}"
            names = (base, *(f"{attribute}{space}{base}" for attribute in attributes[:2]))
            texts = tuple(
                f"# {name}\n\n"
                + statement.format(a=chance.choice(places), b=chance.randint(2, 9), c=chance.choice(prey))
                for name in names
            )
            for right in range(len(names)):
                asked = question.format(name=names[right])
                yield NearName(
                    "species", language, asked, texts, right, tuple(f"{name}.md" for name in names)
                )


def _about(
    kind: str,
    language: str,
    names: Sequence[str],
    statement: str,
    question: str,
    often: Sequence[str],
    chance: random.Random,
) -> NearName:
    texts = tuple(
        statement.format(name=name, a=chance.randint(2, 90), b=chance.randint(2, 90), c=chance.choice(often))
        for name in names
    )
    right = chance.randrange(len(names))
    return NearName(kind, language, question.format(name=names[right]), texts, right)
