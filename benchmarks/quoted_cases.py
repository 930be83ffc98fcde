"""120 questions over files that are no prose: tables, lists, notes, numbered articles, part numbers, logs, diaries.

A seed draws every name and figure, so that no rule can have been written after one of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from docx import Document as WordFile

from benchmarks.quoted_words import (
    ARTICLES,
    ARTICLES_ZH,
    DEFINITIONS,
    DIARY,
    FACTS_ZH,
    FIRST_NAMES,
    LAST_NAMES,
    LISTS,
    LOG,
    NOTES,
    PARTS,
    PLACES,
    PROSE,
    SHEET,
)
from kb.text.numerals import in_chinese, in_roman

SEED = 11
_OF_A_KIND = 10
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A question over the files that were written, and what its answer has to hold."""

    kind: str
    question: str
    answers: tuple[str, ...]


def write_cases(folder: Path, *, seed: int = SEED) -> list[Case]:
    """Writes the files into ``folder``, an empty one, and returns ten questions of each kind."""
    draw = random.Random(seed)
    kinds: Sequence[Callable[[Path, random.Random], list[Case]]] = (
        _markdown_table, _csv, _word_table, _html_table, _notes, _lists,
        _articles, _chinese_articles, _parts, _log, _diary, _definitions,
    )  # fmt: skip
    for name, text in PROSE.items():
        _write(folder / name, text)
    return [case for kind in kinds for case in kind(folder, draw)[:_OF_A_KIND]]


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


# --- Tables -------------------------------------------------------------------------------------


def _markdown_table(folder: Path, draw: random.Random) -> list[Case]:
    """Trails with figures; the question names one and asks for a column, in other words than its header."""
    names = draw.sample(PLACES, 12)
    header = ["Trail", "Length", "Climb", "Walking time", "Grade"]
    rows = [
        [
            name,
            f"{draw.randint(30, 240) / 10} km",
            f"{draw.randrange(120, 1900, 10)} m",
            f"{draw.randint(1, 9)} h {draw.randrange(5, 55, 5)} min",
            draw.choice(["easy", "moderate", "hard", "exposed"]),
        ]
        for name in names
    ]
    lines = [header, ["---"] * len(header), *rows]
    _write(folder / "trails.md", "# Trails\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines))
    asked = [
        ("How many kilometres is the {0} trail?", 1),
        ("How much does one climb on the {0} trail?", 2),
        ("How long does it take to walk {0}?", 3),
        ("How difficult is {0}?", 4),
        ("{0} length", 1),
    ]
    return _of_rows("Markdown table", draw.sample(rows, 10), asked)


def _csv(folder: Path, draw: random.Random) -> list[Case]:
    people = draw.sample([f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES], 60)
    rows = [
        [
            name,
            draw.choice(["Dyeing", "Weaving", "Sales", "Stores", "Design"]),
            f"{draw.randint(1, 4)}{draw.choice('ABC')}{draw.randint(10, 39)}",
            f"{draw.randint(2000, 9899)}",
            f"{draw.randint(1998, 2023)}",
        ]
        for name in people
    ]
    lines = [["Name", "Team", "Office", "Telephone", "Since"], *rows]
    _write(folder / "mill-people.csv", "\n".join(",".join(line) for line in lines) + "\n")
    asked = [
        ("What is {0}'s telephone number?", 3),
        ("In which office does {0} sit?", 2),
        ("Since when has {0} worked at the mill?", 4),
        ("Which team is {0} in?", 1),
    ]
    return _of_rows("CSV", draw.sample(rows, 10), asked)


def _word_table(folder: Path, draw: random.Random) -> list[Case]:
    names = draw.sample(["Otter", "Heron", "Badger", "Lynx", "Stoat", "Marten", "Osprey", "Ibis", "Crane"], 9)
    header = ["Boat", "Berths", "Draught", "Day rate", "Home port"]
    ports = draw.sample(PLACES, 9)
    rows = [
        [
            name,
            str(draw.randint(2, 9)),
            f"{draw.randint(60, 230) / 100:.2f} m",
            f"{draw.randint(95, 480)} euros",
            port,
        ]
        for name, port in zip(names, ports, strict=True)
    ]
    file = WordFile()
    file.add_heading("Boats for hire", 1)
    file.add_paragraph("All boats are handed over with a full tank, and a deposit is taken at the pier.")
    table = file.add_table(rows=0, cols=len(header))
    for row in [header, *rows]:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    file.save(str(folder / "boats.docx"))
    asked = [
        ("How many people can sleep on the {0}?", 1),
        ("How deep does the {0} go?", 2),
        ("What does the {0} cost a day?", 3),
        ("Where is the {0} based?", 4),
        ("day rate of the {0}", 3),
    ]
    return _of_rows("Word table", [*rows, rows[0]], asked)


def _html_table(folder: Path, draw: random.Random) -> list[Case]:
    rows = [
        [name, f"{draw.randint(4, 11)}:{draw.choice(['05', '20', '40'])}",
         f"{draw.randint(13, 23)}:{draw.choice(['10', '35', '50'])}", f"{draw.randint(2, 60)} kr"]
        for name in draw.sample(PLACES, 10)
    ]  # fmt: skip
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    head = "".join(f"<th>{cell}</th>" for cell in ("Stop", "First ferry", "Last ferry", "Single fare"))
    _write(
        folder / "ferries.html",
        f"<html><body><h1>Ferries</h1><p>Ferries run daily except on the first of January.</p>"
        f"<table><tr>{head}</tr>{cells}</table></body></html>",
    )
    asked = [
        ("When does the first ferry leave from {0}?", 1),
        ("What time is the last boat at {0}?", 2),
        ("How much is a single to {0}?", 3),
    ]
    return _of_rows("HTML table", rows, asked)


def _of_rows(kind: str, rows: Iterable[Sequence[str]], asked: Sequence[tuple[str, int]]) -> list[Case]:
    return [
        Case(kind, asked[place % len(asked)][0].format(row[0]), (row[asked[place % len(asked)][1]],))
        for place, row in enumerate(rows)
    ]


# --- Lines without a full stop -------------------------------------------------------------------


def _notes(folder: Path, draw: random.Random) -> list[Case]:
    """Bulleted notes in English and facts by key in Chinese."""
    cases = []
    lines = []
    for text, question, answer in draw.sample(NOTES, 6):
        value = f"{draw.randint(1000, 9999)}"
        lines.append(f"- {text.format(value)}")
        cases.append(Case("notes", question, (answer.format(value),)))
    _write(folder / "allotment-notes.md", "# Allotment\n\n" + "\n".join(lines) + "\n")
    lines = []
    for key, value, question in draw.sample(FACTS_ZH, 4):
        value = value.format(draw.randint(11, 98))
        lines.append(f"{key}：{value}")
        cases.append(Case("notes", question, (value,)))
    _write(folder / "茶室须知.txt", "茶室须知\n\n" + "\n".join(lines) + "\n")
    return cases


def _lists(folder: Path, draw: random.Random) -> list[Case]:
    """Lists under a line that says what they are lists of; the question asks for that."""
    cases = []
    parts = []
    for lead, items, question in draw.sample(LISTS, len(LISTS)):
        chosen = draw.sample(items, 4)
        parts.append(f"{lead}\n\n" + "\n".join(f"* {item}" for item in chosen))
        cases.append(Case("list", question, (chosen[0],)))
        cases.append(Case("list", question, (chosen[-1],)))
    _write(folder / "hall-handbook.md", "# Parish hall\n\n" + "\n\n".join(parts) + "\n")
    return draw.sample(cases, 10)


def _log(folder: Path, draw: random.Random) -> list[Case]:
    lines = []
    cases = []
    minute = 0
    for level, service, text, question in LOG:
        minute += draw.randint(1, 4)
        value = str(draw.randint(100, 999))
        stamp = f"2024-0{draw.randint(1, 9)}-1{draw.randint(0, 9)}T0{minute // 60}:{minute % 60:02}:07Z"
        lines.append(f"{stamp} {level} {service}: {text.format(value)}")
        if question:
            cases.append(Case("log", question, (stamp if question.startswith("When") else value,)))
    _write(folder / "nightly.log", "\n".join(lines) + "\n")
    return draw.sample(cases, 10)


def _diary(folder: Path, draw: random.Random) -> list[Case]:
    """Entries under a date; the question names the date in another form."""
    cases = []
    lines = ["# Diary of the crossing", ""]
    day = draw.randint(2, 6)
    month = draw.randint(3, 9)
    for text, answer in draw.sample(DIARY, len(DIARY)):
        lines += [f"## 2021-{month:02}-{day:02}", "", text, ""]
        name = _MONTHS[month - 1]
        question = draw.choice(
            [f"What happened on {day} {name} 2021?", f"What was noted on {name} {day}, 2021?",
             f"Diary, {day:02}.{month:02}.2021"]
        )  # fmt: skip
        cases.append(Case("diary", question, (answer,)))
        day += draw.randint(1, 2)
    _write(folder / "crossing-diary.md", "\n".join(lines))
    return draw.sample(cases, 10)


def _definitions(folder: Path, draw: random.Random) -> list[Case]:
    cases = []
    lines = []
    for term, meaning, question, answer in draw.sample(DEFINITIONS, 6):
        lines.append(f"{term} – {meaning}")
        cases.append(Case("definition", question.format(term), (answer,)))
    _write(folder / "print-glossary.txt", "Words of the print shop\n\n" + "\n".join(lines) + "\n")
    lines = []
    for key, question in draw.sample(SHEET, 4):
        value = f"{draw.randint(12, 960)} {draw.choice(['bar', 'rpm', 'litres', 'kg', 'mm'])}"
        lines.append(f"{key}: {value}")
        cases.append(Case("key: value", question, (value,)))
    _write(folder / "press-data-sheet.txt", "Hand press, data sheet\n\n" + "\n".join(lines) + "\n")
    return cases


# --- Places by number ----------------------------------------------------------------------------


def _articles(folder: Path, draw: random.Random) -> list[Case]:
    texts = draw.sample(ARTICLES, len(ARTICLES))
    lines = [f"Article {number}\n{text}" for number, text in enumerate(texts, start=1)]
    _write(folder / "cemetery-rules.txt", "Cemetery rules\n\n" + "\n\n".join(lines) + "\n")
    forms = [
        lambda number: f"What does article {number} of the cemetery rules say?",
        lambda number: f"Cemetery rules, Art. {number}",
        lambda number: f"cemetery rules article {in_roman(number)}",
        lambda number: f"Please quote article no. {number} of the rules of the cemetery.",
    ]
    chosen = draw.sample(range(1, len(texts) + 1), 10)
    return [
        Case("article", forms[place % len(forms)](number), (texts[number - 1],))
        for place, number in enumerate(chosen)
    ]


def _chinese_articles(folder: Path, draw: random.Random) -> list[Case]:
    texts = draw.sample(ARTICLES_ZH, len(ARTICLES_ZH))
    lines = [f"第{in_chinese(number)}条　{text}" for number, text in enumerate(texts, start=1)]
    _write(folder / "游泳馆管理规定.txt", "游泳馆管理规定\n\n" + "\n\n".join(lines) + "\n")
    forms = [
        lambda number: f"游泳馆管理规定第{in_chinese(number)}条是什么？",
        lambda number: f"游泳馆管理规定的第{number}条怎么说？",
        lambda number: f"《游泳馆管理规定》第 {number} 条",
    ]
    chosen = draw.sample(range(1, len(texts) + 1), 10)
    return [
        Case("article, Chinese", forms[place % len(forms)](number), (texts[number - 1],))
        for place, number in enumerate(chosen)
    ]


def _parts(folder: Path, draw: random.Random) -> list[Case]:
    numbers = draw.sample(range(1000, 9999), len(PARTS))
    lines = []
    cases = []
    for place, (text, number) in enumerate(zip(draw.sample(PARTS, len(PARTS)), numbers, strict=True)):
        letters = "".join(draw.sample("BDFGKLMRTVX", 3))
        price = f"{draw.randint(300, 9900) / 100:.2f}"
        lines.append(f"{letters}-{number} {text}, price {price} EUR")
        form = [f"{number}", f"{letters}{number}", f"{letters} {number}", f"How much is {number}?",
                f"What is {letters.lower()}-{number}?"][place % 5]  # fmt: skip
        cases.append(Case("part number", form, (price,)))
    _write(folder / "mower-parts.txt", "Spare parts for the mower\n\n" + "\n\n".join(lines) + "\n")
    return cases
