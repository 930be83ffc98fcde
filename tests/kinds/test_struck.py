"""Text that is struck out, and what stands in its place: Markdown, HTML in its many ways, Word."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from docx import Document as WordFile

from kb.evaluate.embedding_cache import RememberingEmbedder
from tests.kinds.shelf import Case, case, misses, written


def _word() -> bytes:
    """A file whose runs are struck out once, twice, by a style, or deleted with changes tracked."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml import parse_xml

    file = WordFile()
    file.add_heading("Agreement on the studio", 1)
    style = file.styles.add_style("Gone", WD_STYLE_TYPE.CHARACTER)
    style.font.strike = True
    for before, old, how, new in (
        ("The monthly fee is ", "410 euros", "strike", " 465 euros."),
        ("The deposit amounts to ", "900 euros", "double", " 750 euros."),
        ("The studio is cleaned ", "on Mondays", "style", " on Fridays."),
    ):
        paragraph = file.add_paragraph(before)
        run = paragraph.add_run(old)
        run.font.strike = True if how == "strike" else None
        run.font.double_strike = True if how == "double" else None
        if how == "style":
            run.style = style
        paragraph.add_run(new)
    paragraph = file.add_paragraph("Keys are handed over by ")
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    paragraph._p.append(
        parse_xml(
            f'<w:del {space} w:id="1" w:author="a" w:date="2024-01-01T00:00:00Z"><w:r><w:delText>Mr Ostrom</w:delText></w:r></w:del>'
        )
    )
    paragraph._p.append(
        parse_xml(
            f'<w:ins {space} w:id="2" w:author="a" w:date="2024-01-01T00:00:00Z"><w:r><w:t>Ms Pereira</w:t></w:r></w:ins>'
        )
    )
    paragraph.add_run(".")
    table = file.add_table(rows=2, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Instrument", "Hire per day"
    table.cell(1, 0).text = "Marimba"
    cell = table.cell(1, 1).paragraphs[0]
    cell.add_run("38 euros").font.strike = True
    cell.add_run(" 44 euros")
    saved = BytesIO()
    file.save(saved)
    return saved.getvalue()


FILES: dict[str, str | bytes] = {
    "studio.docx": _word(),
    "fares.html": """<!doctype html><meta charset="utf-8"><title>Cable car</title>
<style>.old { text-decoration: line-through } .price del { color: red }</style>
<h1>Cable car</h1>
<p>The ascent costs <span class="old">17 francs</span> 21 francs for adults.</p>
<p>Dogs pay <strike>4 francs</strike> 6 francs.</p>
<p>The last descent is at <s>17:30</s> <b>18:10</b>.</p>
<p>The season opens on <del datetime="2024-03-01">3 May</del> <ins>17 May</ins>.</p>
<p>Season pass: <font style="TEXT-DECORATION:LINE-THROUGH">220 francs</font> 245 francs.</p>
<ul><li><s>The summit hut sells soup.</s></li><li>The summit hut sells cake.</li></ul>
<table><tr><th>Group size</th><th>Reduction</th></tr><tr><td>ten people</td><td><s>5 %</s> 8 %</td></tr></table>""",
    "minutes.md": """# Minutes of the choir

Rehearsals are held on ~~Tuesdays~~ Wednesdays.

The concert takes place in ~~St Anne's~~ the old brewery.

- ~~Ingrid buys the flowers~~
- Pavel buys the flowers

| Voice | Leader |
|---|---|
| Alto | ~~Ruth~~ Selma |

The tenor solo is sung by <del>Olaf</del> Henrik, and the fee is ~~30~~ 45 euros.
""",
    "通知.md": """# 物业通知

停车费每月~~200元~~260元。

物业办公室搬到~~一号楼~~五号楼。

- ~~周六清洗水箱~~
- 周日清洗水箱

保安电话改为~~4411~~4478。
""",
    "价目.html": """<!doctype html><meta charset="utf-8"><title>理发店价目</title><h1>理发店价目</h1>
<p>男士剪发<s>35元</s>45元。</p><p>染发<span style="color:#999;text-decoration-line: line-through">180元</span>220元。</p>
<p>营业时间为<del>九点</del><ins>十点</ins>到晚上八点。</p>""",
    "verein.md": """# Vereinsheim

Die Miete beträgt ~~180 Euro~~ 210 Euro im Monat.

Ansprechpartnerin ist ~~Frau Kolbe~~ Frau Dietz.
""",
    "marche.html": """<!doctype html><meta charset="utf-8"><title>Le marché</title><h1>Le marché</h1>
<p>Le marché a lieu le <s>jeudi</s> samedi.</p><p>Un emplacement coûte <strike>12 euros</strike> 15 euros.</p>""",
}

CASES: list[Case] = [
    case("What is the monthly fee of the studio?", "465 euros", lacks=["410"]),
    case("How high is the deposit for the studio?", "750 euros", lacks=["900"]),
    case("When is the studio cleaned?", "on Fridays", lacks=["Mondays"]),
    case("Who hands over the keys?", "Pereira", lacks=["Ostrom"]),
    case("What does the marimba cost per day?", "44 euros", lacks=["38"]),
    case("What does the ascent cost for adults?", "21 francs", lacks=["17 francs"]),
    case("How much do dogs pay?", "6 francs", lacks=["4 francs"]),
    case("When is the last descent?", "18:10", lacks=["17:30"]),
    case("When does the season open?", "17 May", lacks=["3 May"]),
    case("What does the season pass cost?", "245 francs", lacks=["220"]),
    case("What does the summit hut sell?", "cake", lacks=["soup"]),
    case("What reduction does a group of ten people get?", "8 %", lacks=["5 %"]),
    case("On which day are rehearsals held?", "Wednesdays", lacks=["Tuesdays"]),
    case("Where does the concert take place?", "old brewery", lacks=["St Anne"]),
    case("Who buys the flowers?", "Pavel", lacks=["Ingrid"]),
    case("Who leads the altos?", "Selma", lacks=["Ruth"]),
    case("Who sings the tenor solo?", "Henrik", lacks=["Olaf"]),
    case("How high is the fee of the tenor?", "45 euros", lacks=["30"]),
    case("停车费每月多少钱？", "260元", lacks=["200"]),
    case("物业办公室搬到哪里了？", "五号楼", lacks=["一号楼"]),
    case("哪天清洗水箱？", "周日", lacks=["周六"]),
    case("保安电话是多少？", "4478", lacks=["4411"]),
    case("男士剪发多少钱？", "45元", lacks=["35元"]),
    case("染发的价格是多少？", "220元", lacks=["180元"]),
    case("理发店几点开始营业？", "十点", lacks=["九点"]),
    case("Wie hoch ist die Miete des Vereinsheims?", "210 Euro", lacks=["180"]),
    case("Wer ist Ansprechpartnerin?", "Frau Dietz", lacks=["Kolbe"]),
    case("Quel jour a lieu le marché ?", "samedi", lacks=["jeudi"]),
    case("Combien coûte un emplacement ?", "15 euros", lacks=["12 euros"]),
    case("What does hiring the marimba for a day cost today?", "44 euros", lacks=["38 euros"]),
]


def test_the_answer_is_the_right_one(tmp_path: Path, remembering: RememberingEmbedder) -> None:
    assert misses(written(tmp_path, FILES), CASES, remembering) == []
