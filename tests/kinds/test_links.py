"""Addresses behind link texts, asked for by what they are called, and link texts by their address."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from docx import Document as WordFile
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from kb.evaluate.embedding_cache import RememberingEmbedder
from tests.kinds.shelf import Case, case, misses, written


def _word() -> bytes:
    file = WordFile()
    file.add_heading("Starting at the institute", 1)
    for text, address in (
        ("Order form for lab coats", "https://shop.example.org/coats?size=all"),
        ("Key card office", "mailto:cards@example.org"),
        ("Parking permits", "https://parking.example.org/permit/new"),
    ):
        paragraph = file.add_paragraph("See ")
        related = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link, run, said = OxmlElement("w:hyperlink"), OxmlElement("w:r"), OxmlElement("w:t")
        link.set(qn("r:id"), related)
        said.text = text
        run.append(said)
        link.append(run)
        paragraph._p.append(link)
        paragraph.add_run(" for more.")
    saved = BytesIO()
    file.save(saved)
    return saved.getvalue()


FILES: dict[str, str | bytes] = {
    "institute.docx": _word(),
    "tools.md": """# Tools of the newsroom

- [Photo desk](https://photos.example.net/desk)
- [Style guide][style]
- [Wire feed](https://wire.example.net/live?lang=en&rows=50 "the feed")
- Crossword editor: <https://games.example.net/crossword>
- [Complaints](mailto:complaints@example.net)
- [Telephone of the night editor](tel:+49-40-555-0177)
- Archive: https://archive.example.net/since-1921

[style]: https://guide.example.net/style.pdf

The [recipe for the **Friday soup**](https://soup.example.net/friday) is kept by the porter.
""",
    "shelter.html": """<!doctype html><meta charset="utf-8"><title>Animal shelter</title><h1>Animal shelter</h1>
<p>Dogs are adopted with the <a href="https://shelter.example.com/forms/dog-7">adoption form for dogs</a>, cats with
the <a href='https://shelter.example.com/forms/cat-9'>adoption form for cats</a>.</p>
<p><a href="mailto:vet@shelter.example.com?subject=Vet">The veterinarian</a> answers on weekdays.</p>
<table><tr><th>Service</th><th>Page</th></tr><tr><td>Volunteers</td><td><a href="https://shelter.example.com/help">sign up here</a></td></tr></table>
<p><a href="https://shelter.example.com/give"><img alt="Donate" src="give.png"></a></p>""",
    "常用链接.md": """# 常用链接

- [报销系统](https://oa.example.cn/baoxiao)
- [年假申请表](https://oa.example.cn/forms/leave-2024)
- 食堂菜单：<https://canteen.example.cn/menu>
- [人事处邮箱](mailto:hr@example.cn)
""",
    "办事指南.html": """<!doctype html><meta charset="utf-8"><title>办事指南</title><h1>办事指南</h1>
<p>办理居住证请填写<a href="https://gov.example.cn/form/jzz-3">居住证申请表</a>。</p>
<p>预约体检请打开<a href="https://hospital.example.cn/book">体检预约页面</a>。</p>""",
    "adressen.md": """# Adressen der Schule

- [Elternportal](https://eltern.example.de/anmelden)
- [Speiseplan der Mensa](https://mensa.example.de/woche)
- [Krankmeldung](mailto:krank@example.de)
""",
    "liens.html": """<!doctype html><meta charset="utf-8"><title>Liens utiles</title><h1>Liens utiles</h1>
<ul><li><a href="https://mairie.example.fr/etat-civil">Acte de naissance</a></li>
<li><a href="https://mairie.example.fr/piscine/horaires">Horaires de la piscine</a></li></ul>""",
}

CASES: list[Case] = [
    case("What is the address of the order form for lab coats?", "https://shop.example.org/coats?size=all"),
    case("How do I reach the key card office?", "cards@example.org"),
    case("Where do I get parking permits?", "https://parking.example.org/permit/new"),
    case("Where is the photo desk?", "https://photos.example.net/desk"),
    case("What is the link to the style guide?", "https://guide.example.net/style.pdf"),
    case("address of the wire feed", "https://wire.example.net/live?lang=en&rows=50"),
    case("Where is the crossword editor?", "https://games.example.net/crossword"),
    case("Where do complaints go?", "complaints@example.net"),
    case("What is the telephone number of the night editor?", "+49-40-555-0177"),
    case("Where is the archive?", "https://archive.example.net/since-1921"),
    case("Where is the recipe for the Friday soup?", "https://soup.example.net/friday"),
    case("What is the link of the adoption form for cats?", "https://shelter.example.com/forms/cat-9"),
    case("Which address has the adoption form for dogs?", "https://shelter.example.com/forms/dog-7"),
    case("How can I write to the veterinarian?", "vet@shelter.example.com"),
    case("Where do volunteers sign up?", "https://shelter.example.com/help"),
    case("报销系统的网址是什么？", "https://oa.example.cn/baoxiao"),
    case("年假申请表在哪里下载？", "https://oa.example.cn/forms/leave-2024"),
    case("食堂菜单的网址", "https://canteen.example.cn/menu"),
    case("人事处的邮箱是什么？", "hr@example.cn"),
    case("居住证申请表的地址是什么？", "https://gov.example.cn/form/jzz-3"),
    case("体检在哪个页面预约？", "https://hospital.example.cn/book"),
    case("Wie lautet die Adresse des Elternportals?", "https://eltern.example.de/anmelden"),
    case("Wo steht der Speiseplan der Mensa?", "https://mensa.example.de/woche"),
    case("Wohin schickt man eine Krankmeldung?", "krank@example.de"),
    case("Quelle est l'adresse pour un acte de naissance ?", "https://mairie.example.fr/etat-civil"),
    case("Où trouver les horaires de la piscine ?", "https://mairie.example.fr/piscine/horaires"),
    case("photos.example.net/desk", "Photo desk"),
    case("shelter.example.com/forms/cat-9", "adoption form for cats"),
    case("oa.example.cn/forms/leave-2024", "年假申请表"),
    case("What is at https://guide.example.net/style.pdf?", "Style guide"),
]


def test_the_answer_is_the_right_one(tmp_path: Path, remembering: RememberingEmbedder) -> None:
    assert misses(written(tmp_path, FILES), CASES, remembering) == []
