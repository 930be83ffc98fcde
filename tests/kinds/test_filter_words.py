"""Ordinary questions that hold what looks like a filter, and questions that do hold one."""

from __future__ import annotations

from pathlib import Path

from kb.evaluate.embedding_cache import RememberingEmbedder
from tests.kinds.shelf import Case, case, misses, written

FILES: dict[str, str | bytes] = {
    "mail-rules.md": """# Rules of the mail program

The rule in:trash shows deleted messages only. The rule after:lunch is a joke of the developers and does nothing. With tag:family the program shows what relatives wrote. The word document:signed finds messages with a signed contract. A message with type:circular goes to everybody.

The setting lang:auto picks the language of the reader, and lang:sv forces Swedish.
""",
    "gate-errors.md": """# Errors of the gate

Error in:barrier means that the barrier is blocked. Error before:close appears when a car stands on the loop. Code type:c asks for a new fuse.

The message since:boot counts the seconds after a restart.
""",
    "query-language.txt": """Query language of the archive

Write type:photo to see pictures and type:pdf to see scans of letters. The switch in:"lost and found" opens the box of unsorted things. With before:dawn the archive lists night shots.
""",
    "检索说明.txt": """检索说明

输入 type:地图 只显示地图，输入 in:库房 只显示库房里的资料。before:开馆 表示开馆之前登记的资料。tag:捐赠 表示捐赠品。
""",
    "such-regeln.md": """# Suchregeln

Mit type:rechnung findet man nur Rechnungen, und mit in:keller sucht man im Kellerarchiv. Das Wort before:ostern zeigt alles vor dem Fest.
""",
    "regles.md": """# Règles de recherche

Le mot type:facture ne montre que les factures. Avec in:cave on cherche dans les cartons de la cave. Le mot after:midi ne fait rien.
""",
    "pool-times.txt": """Pool times

The pool opens at seven. On Sundays the slide is closed.
""",
    "boiler-note.md": """# Boiler

The boiler is drained in June.
""",
}

CASES: list[Case] = [
    case("What does in:trash show?", "deleted messages", document="mail-rules.md"),
    case("What does after:lunch do?", "does nothing", document="mail-rules.md"),
    case("What does the program show with tag:family?", "relatives", document="mail-rules.md"),
    case("What does document:signed find?", "signed contract", document="mail-rules.md"),
    case("Where does a message with type:circular go?", "everybody", document="mail-rules.md"),
    case("What does lang:sv force?", "Swedish", document="mail-rules.md"),
    case("What does the setting lang:auto pick?", "language of the reader", document="mail-rules.md"),
    case("What does error in:barrier mean?", "blocked", document="gate-errors.md"),
    case("When does error before:close appear?", "stands on the loop", document="gate-errors.md"),
    case("What does code type:c ask for?", "new fuse", document="gate-errors.md"),
    case("What does since:boot count?", "seconds", document="gate-errors.md"),
    case("What does type:pdf show in the archive?", "scans of letters", document="query-language.txt"),
    case("What does type:photo show?", "pictures", document="query-language.txt"),
    case('What does in:"lost and found" open?', "unsorted things", document="query-language.txt"),
    case("What does the archive list with before:dawn?", "night shots", document="query-language.txt"),
    case("Type:photo, what is it for in the query language?", "pictures", document="query-language.txt"),
    case("输入 type:地图 会显示什么？", "只显示地图", document="检索说明.txt"),
    case("in:库房 是什么意思？", "库房里的资料", document="检索说明.txt"),
    case("before:开馆 表示什么？", "开馆之前", document="检索说明.txt"),
    case("tag:捐赠 是什么意思", "捐赠品", document="检索说明.txt"),
    case("Was findet man mit type:rechnung?", "Rechnungen", document="such-regeln.md"),
    case("Wo sucht man mit in:keller?", "Kellerarchiv", document="such-regeln.md"),
    case("Was zeigt before:ostern?", "vor dem Fest", document="such-regeln.md"),
    case("Que montre le mot type:facture ?", "que les factures", document="regles.md"),
    case("Où cherche-t-on avec in:cave ?", "cartons de la cave", document="regles.md"),
    case("Que fait after:midi ?", "ne fait rien", document="regles.md"),
    case("When does the pool open? type:txt", "seven", document="pool-times.txt"),
    case("When is the boiler drained? type:md before:2100", "June", document="boiler-note.md"),
    case("type:md When is the slide closed, or the boiler drained?", "June", lacks=["slide"]),
    case("in:boiler-note.md When is it drained?", "June", document="boiler-note.md"),
]


def test_the_answer_is_the_right_one(tmp_path: Path, remembering: RememberingEmbedder) -> None:
    assert misses(written(tmp_path, FILES), CASES, remembering) == []
