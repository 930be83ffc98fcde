"""Lists of a few hundred rows as CSV and the like: a person, an order, a stop asked for by name."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from kb.evaluate.embedding_cache import RememberingEmbedder
from tests.kinds.shelf import Case, case, misses, written

_DRAW = random.Random(70)
_FIRST = ("Aino", "Bram", "Celia", "Dorte", "Eskil", "Farah", "Goran", "Hanne", "Ivo", "Jelena", "Kofi", "Lieke", "Milan",
          "Nuria", "Oskar", "Petra", "Rasmus", "Sanna", "Tomas", "Ulla")  # fmt: skip
_LAST = (
    "Aalto",
    "Bakker",
    "Castro",
    "Dahlin",
    "Endo",
    "Fabre",
    "Grau",
    "Hoxha",
    "Ilves",
    "Jansen",
    "Kowal",
    "Laine",
)
_SURNAMES = "赵钱孙李周吴郑王冯陈"
_GIVEN = (
    "伟",
    "芳",
    "秀英",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "洋",
    "艳",
    "勇",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "兰",
    "霞",
)
_STREETS = ("Ahornweg", "Bachgasse", "Domplatz", "Eichenallee", "Feldstraße")

NURSES = [
    (f"{first} {last}", _DRAW.choice(["Surgery", "Ward 3", "Maternity", "Intensive care"]), f"{_DRAW.randint(40000, 49999)}",
     _DRAW.choice(["day", "night", "late"]), f"{_DRAW.randint(1, 28):02}.{_DRAW.randint(1, 12):02}.{_DRAW.randint(1999, 2023)}")
    for first, last in _DRAW.sample([(first, last) for first in _FIRST for last in _LAST], 200)
]  # fmt: skip
WORKERS = [
    (name, _DRAW.choice(["装配车间", "质检科", "仓库", "财务处"]), f"{_DRAW.randint(2, 6)}号楼{_DRAW.randint(101, 630)}",
     f"8{_DRAW.randint(1000, 9999)}", f"{_DRAW.randint(1995, 2023)}年")
    for name in _DRAW.sample([family + given for family in _SURNAMES for given in _GIVEN], 120)
]  # fmt: skip
METERS = [
    (f"{_DRAW.choice(_STREETS)} {number}", f"Z-{_DRAW.randint(100000, 999999)}", f"{_DRAW.randint(900, 9900)}",
     _DRAW.choice(["Gas", "Strom", "Wasser"]))
    for number in range(1, 141)
]  # fmt: skip


def _lines(header: str, rows: Iterable[Sequence[str]], mark: str) -> str:
    return "\n".join([header, *(mark.join(row) for row in rows)]) + "\n"


FILES: dict[str, str | bytes] = {
    "nurses.csv": _lines("Name,Unit,Pager,Shift,Employed since", NURSES, ","),
    "职工名册.csv": _lines("姓名,部门,办公室,分机,入职", WORKERS, ","),
    "zaehler.tsv": _lines("Adresse\tZähler\tVerbrauch kWh\tArt", METERS, "\t"),
    "hospital.txt": """A day at the hospital

The nurses begin before dawn. Somebody has forgotten a pager on the window sill, and the night shift laughs about it. In surgery the lamps are already lit. A nurse who has been employed since the house was built still knows every name.
""",
}

CASES: list[Case] = [
    *(
        case(f"What is the pager number of {row[0]}?", row[2], document="nurses.csv")
        for row in NURSES[10:60:10]
    ),
    *(
        case(f"Which shift does {row[0]} work?", row[0], row[3], document="nurses.csv")
        for row in NURSES[63:103:10]
    ),
    *(
        case(f"Since when has {row[0]} been employed?", row[4], document="nurses.csv")
        for row in NURSES[105:145:10]
    ),
    *(case(f"{row[0]} unit", row[0], row[1], document="nurses.csv") for row in NURSES[150:170:10]),
    *(case(f"Whose pager is {row[2]}?", row[0], document="nurses.csv") for row in NURSES[175:195:10]),
    *(case(f"{row[0]}的分机号是多少？", row[3], document="职工名册.csv") for row in WORKERS[3:43:10]),
    *(case(f"{row[0]}在哪个办公室？", row[2], document="职工名册.csv") for row in WORKERS[45:75:10]),
    *(case(f"{row[0]}是哪个部门的", row[0], row[1], document="职工名册.csv") for row in WORKERS[80:110:10]),
    *(case(f"Welcher Zähler hängt in {row[0]}?", row[1], document="zaehler.tsv") for row in METERS[7:37:10]),
    *(
        case(f"Wie hoch ist der Verbrauch in {row[0]}?", row[2], document="zaehler.tsv")
        for row in METERS[99:129:10]
    ),
]


def test_the_answer_is_the_right_one(tmp_path: Path, remembering: RememberingEmbedder) -> None:
    assert misses(written(tmp_path, FILES), CASES, remembering) == []
