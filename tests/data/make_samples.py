"""Makes the golden documents and what the parsers must say about them.

``python -m tests.data.make_samples`` writes ``sources/``; with ``--expected`` also ``expected/``, to be
reviewed as a diff. The texts were written for these files.
"""

from __future__ import annotations

import argparse
import zipfile
from collections.abc import Mapping
from pathlib import Path

import docx
from docx.shared import Pt

from ingest import formats
from kb.types import Block, ParsedDocument, Span
from kb.types.places import describe, place_words

DATA = Path(__file__).parent
SOURCES = DATA / "sources"
EXPECTED = DATA / "expected"

_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{url}"'
    for prefix, url in {
        "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "v": "urn:schemas-microsoft-com:vml",
    }.items()
)
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def paragraph(content: str, *, style: str = "", properties: str = "") -> str:
    """A ``w:p``; ``content`` is text, or runs when it begins with a tag."""
    runs = content if content.startswith("<") else f"<w:r><w:t xml:space='preserve'>{content}</w:t></w:r>"
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{runs}</w:p>"


def table(*rows: tuple[str, ...]) -> str:
    """A ``w:tbl`` of cells that hold paragraphs (or anything else that begins with a tag)."""
    lines = []
    for row in rows:
        cells = (cell if cell.startswith("<") else paragraph(cell) for cell in row)
        lines.append("<w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in cells) + "</w:tr>")
    return f"<w:tbl>{''.join(lines)}</w:tbl>"


def write_docx(path: Path, body: str, parts: Mapping[str, str] | None = None, *, relations: str = "") -> Path:
    """A DOCX with this ``w:body``, further parts by kind (``styles``, ``header`` ...), and further relations."""
    parts = parts or {}
    relations += "".join(
        f'<Relationship Id="{kind}" Type="{_KINDS}/{kind}" Target="{kind}.xml"/>' for kind in parts
    )
    main = f'<Relationship Id="main" Type="{_KINDS}/officeDocument" Target="word/document.xml"/>'
    files = {
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}">{main}</Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{relations}</Relationships>',
        "word/document.xml": f"<w:document {_NAMESPACES}><w:body>{body}</w:body></w:document>",
    }
    for kind, content in parts.items():
        files[f"word/{kind}.xml"] = f"<w:part {_NAMESPACES}>{content}</w:part>"
    return _pack(path, {name: content.encode() for name, content in files.items()})


def _pack(path: Path, files: Mapping[str, bytes]) -> Path:
    """A ZIP whose bytes depend on nothing but its content."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return path


# --- Word -------------------------------------------------------------------------------------

_STYLES = """
<w:style w:type="paragraph" w:styleId="Titel"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Kapitel"><w:name w:val="Kapitel"/><w:basedOn w:val="berschrift1"/></w:style>
<w:style w:type="paragraph" w:styleId="Klein"><w:name w:val="Klein"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Punkt"><w:name w:val="Punkt"/>
  <w:pPr><w:numPr><w:numId w:val="4"/></w:numPr></w:pPr></w:style>
"""

_TEXT_BOX = """<w:r><mc:AlternateContent>
<mc:Choice Requires="wps"><w:drawing><wps:txbx><w:txbxContent>{0}</w:txbxContent></wps:txbx></w:drawing></mc:Choice>
<mc:Fallback><w:pict><v:textbox><w:txbxContent>{0}</w:txbxContent></v:textbox></w:pict></mc:Fallback>
</mc:AlternateContent></w:r>"""


def text_run(text: str) -> str:
    """A ``w:r`` with ``text``."""
    return f"<w:r><w:t xml:space='preserve'>{text}</w:t></w:r>"


def text_box(text: str) -> str:
    """A text box as Word writes it: once for itself, once for programs older than Word 2010."""
    return _TEXT_BOX.format(paragraph(text))


def _field(code: str, result: str) -> str:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {code} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        f"{text_run(result)}"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def _tracked() -> str:
    return (
        text_run("The bridge opens in ")
        + "<w:del w:id='1'><w:r><w:delText>March</w:delText></w:r></w:del>"
        + f"<w:ins w:id='2'>{text_run('April')}</w:ins>"
        + text_run(" on page ")
        + _field("PAGEREF _Toc1", "12")
        + text_run(".")
    )


def _formula() -> str:
    fraction = "<m:f><m:num><m:r><m:t>x-c</m:t></m:r></m:num><m:den><m:r><m:t>v</m:t></m:r></m:den></m:f>"
    power = f"<m:sSup><m:e>{fraction}</m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>"
    return text_run("Drag is ") + f"<m:oMath>{power}</m:oMath>"


def _ruby() -> str:
    return (
        "<w:r><w:ruby><w:rt><w:r><w:t>とうきょう</w:t></w:r></w:rt>"
        "<w:rubyBase><w:r><w:t>東京</w:t></w:r></w:rubyBase></w:ruby></w:r>" + text_run("の橋")
    )


def _merged_table() -> str:
    start, go_on = '<w:tcPr><w:vMerge w:val="restart"/></w:tcPr>', "<w:tcPr><w:vMerge/></w:tcPr>"
    inner = table(("deck", "steel"), ("rail", "oak")) + paragraph("")
    return table(
        ("Part", "Made of"),
        (start + paragraph("Bridge"), inner),
        (go_on + paragraph(""), "2.5 t"),
    )


def _word_body() -> str:
    bullet = '<w:numPr><w:ilvl w:val="1"/><w:numId w:val="4"/></w:numPr>'
    note = text_run("The mast stands") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + text_run(" alone.")
    control = f"<w:sdt><w:sdtContent>{paragraph('In a content control')}</w:sdtContent></w:sdt>"
    return "".join(
        [
            paragraph("The Footbridge", style="Titel"),
            paragraph("Survey", style="berschrift1"),
            paragraph(note),
            paragraph(_tracked()),
            paragraph("Loads", style="Kapitel"),
            paragraph(_formula()),
            paragraph("Fine print", style="Klein"),
            paragraph("First point", style="Punkt"),
            paragraph("Below it", style="Punkt", properties=bullet),
            _merged_table(),
            table((paragraph("A framed remark"),)),
            control,
            paragraph(text_run("Beside a box") + text_box("In the box")),
            paragraph(_ruby()),
            '<w:sectPr><w:headerReference w:type="default" r:id="header"/>'
            '<w:headerReference w:type="first" r:id="header"/><w:footerReference r:id="footer"/></w:sectPr>',
        ]
    )


def make_word(path: Path) -> None:
    """Everything that plain extractors miss, in one file."""
    footnotes = (
        f'<w:footnote w:type="separator" w:id="0">{paragraph("-----")}</w:footnote>'
        f'<w:footnote w:id="2">{paragraph("Raised in 1887.")}</w:footnote>'
    )
    comments = f'<w:comment w:id="1">{paragraph("Are you sure?")}</w:comment>'
    parts = {
        "styles": _STYLES,
        "footnotes": footnotes,
        "comments": comments,
        "header": paragraph("Harbour Office"),
        "footer": paragraph(text_run("Page ") + _field("PAGE", "1")),
    }
    write_docx(path, _word_body(), parts)


def make_word_by_library(path: Path) -> None:
    """What python-docx writes from its template: real styles, numbering, sections."""
    document = docx.Document()
    document.add_heading("Ferry timetable", 0)
    document.add_heading("Summer", 1)
    paragraph = document.add_paragraph("Boats leave ")
    run = paragraph.add_run("every hour")
    run.bold = True
    run.font.size = Pt(12)
    paragraph.add_run(" from pier 3.")
    document.add_paragraph("Bicycles travel free", style="List Bullet")
    document.add_paragraph("Dogs need a ticket", style="List Bullet 2")
    document.add_heading("Fares", 2)
    grid = document.add_table(rows=2, cols=3)
    for row, texts in zip(grid.rows, [("Age", "Single", "Return"), ("Adult", "4.50", "8.00")], strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    grid.add_row().cells[0].merge(grid.rows[2].cells[2]).text = "Children under six pay nothing"
    document.sections[0].header.paragraphs[0].text = "Valid from May"
    document.save(str(path))
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    _pack(path, files)


# --- Text -------------------------------------------------------------------------------------

_ENGLISH = """Chapter 1

The lighthouse keeper wrote every evening what the sea had brought, and so the
book that he left behind is a list of planks, bottles and one small
piano that nobody ever came to fetch.

He kept three rules:
- never trust a calm
- oil before bread
- wind the clock

CHAPTER II. The Storm

It came from the north.
"""

_CHINESE = """第一章 灯塔

守塔人每天晚上都记下海水带来的东西，所以他留下的那本书，是一张写满木板、瓶子和一架无人认领的小钢琴的清单。
他有三条规矩：不信风平浪静，先添灯油再吃面包，记得给钟上弦。

第二章 风暴

风从北方来。
"""

TEXTS = {
    "english_utf8.txt": (_ENGLISH, "utf-8"),
    "chinese_gb18030.txt": (_CHINESE, "gb18030"),
    "chinese_utf16le_nobom.txt": (_CHINESE, "utf-16-le"),
    "chinese_big5.txt": ("守塔人每天晚上都記下海水帶來的東西。風從北方來，船都回到了港口。\n", "big5"),
    "japanese_sjis.txt": ("灯台守は毎晩、海が運んできたものを書き留めた。北から嵐が来た。\n", "shift_jis"),
    "korean_euckr.txt": ("등대지기는 매일 저녁 바다가 가져온 것을 적었다. 북쪽에서 폭풍이 왔다.\n", "euc-kr"),
    "russian_koi8r.txt": ("Смотритель маяка каждый вечер записывал, что принесло море.\n", "koi8-r"),
    "russian_cp1251.txt": ("Смотритель маяка каждый вечер записывал, что принесло море.\n", "cp1251"),
    "german_cp1252.txt": ("Der Wärter schrieb jeden Abend auf, was die See brachte – „Bretter“.\n", "cp1252"),
    "italian_latin1.txt": ("La più alta è la torre della città, perché così la vedono le navi.\n", "latin-1"),
}

_MARKDOWN = """---
title: The Harbour Book
---
# Harbour

Ships *wait* here for the [pilot](https://example.org/pilot), who
comes twice a day.

1. Lower the anchor
2. Raise the **yellow** flag
   - by night a lamp

| Signal | Meaning |
|:--|--:|
| one bell | fog |
| `two` bells | fire \\| flood |

```sh
tide --today
```

The depth is $h_0 * e_1$ in the harbour[^1].

$$
h = \\frac{a}{b}
$$

<table><tr><td>Pier</td><td>3</td></tr></table>

<!-- nobody reads this -->

[^1]: At low water.
"""

_HTML = """<!DOCTYPE html>
<html><head><title>Tide tables</title><style>p { color: red }</style><script>steal()</script></head>
<body><nav><a href="/">Home</a></nav>
<h1>Tides</h1>
<p>High water comes<br>twice a day<sup>1</sup>. <span style="display: none">unseen</span></p>
<ol start="3"><li>Look at the moon<ul><li>is it <b>new</b>?</li></ul></li><li>Wait</li></ol>
<table><caption>Heights</caption><tr><th>Port</th><th>m</th></tr><tr><td>Brest</td><td><p>7.1</p></td></tr></table>
<pre>low  = 0
high = 7</pre>
<dl><dt>Neap</dt><dd>the smallest tide</dd></dl>
<figure><img src="x.png" alt="A chart"><figcaption>The bay</figcaption></figure>
<p><ruby>潮<rt>しお</rt></ruby> <math alttext="a^2"><mi>a</mi></math></p>
loose words
</body></html>
"""


def make_sources() -> None:
    """Writes every source file."""
    SOURCES.mkdir(exist_ok=True)
    make_word(SOURCES / "word.docx")
    make_word_by_library(SOURCES / "python_docx.docx")
    for name, (text, encoding) in TEXTS.items():
        (SOURCES / name).write_bytes(text.encode(encoding))
    (SOURCES / "notes.md").write_text(_MARKDOWN, encoding="utf-8", newline="\n")
    (SOURCES / "page.html").write_text(_HTML, encoding="utf-8", newline="\n")


# --- What the parsers say ---------------------------------------------------------------------


def render(document: ParsedDocument) -> str:
    """A document for human eyes: one paragraph a block, headed by its kind, depth and places."""
    head = [f"title: {document.title}", f"metadata: {dict(document.metadata)}"]
    head += [f"warning: {warning}" for warning in document.warnings]
    return "\n\n".join(["\n".join(head), *map(_render_block, document.blocks)]) + "\n"


def _render_block(block: Block) -> str:
    places = " ".join(_place(span) for span in block.spans)
    return f"[{block.kind.value} {block.level}] {places}\n{block.text}"


def _place(span: Span) -> str:
    assert span.place is not None
    where = describe(span.place, place_words("en"))
    return f"{span.start}-{span.end}: {where}"


def make_expected() -> None:
    """Writes what the parsers make of every source file now."""
    EXPECTED.mkdir(exist_ok=True)
    for path in sorted(SOURCES.iterdir()):
        if path.suffix != ".pdf":
            text = render(formats.parse(path, path.name))
            (EXPECTED / f"{path.name}.txt").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--expected", action="store_true", help="also write what the parsers say now")
    given = options.parse_args()
    make_sources()
    if given.expected:
        make_expected()
