"""Menus, teasers and readers' comments go where they stand around a text; what is content throughout stays whole."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks import page_templates, page_templates_aside, page_templates_more
from benchmarks.page_words import Words
from benchmarks.pages import Template, read_page, score
from ingest.parse.html import parse_html

PARAGRAPHS = [
    f"The {thing} of the harbour was {verb} in {year}, and those who kept it wrote down every ship that came by. "
    f"Its keeper of that year had {year % 90} barrels of oil, which he counted before the winter; none was ever lost. "
    f"In {year + 9} a storm took half of the roof, and for {year % 70} days no light was seen from the sea at night. "
    f"What is left of the {thing} can be visited from May on, by groups of no more than {year % 30 + 5} people at once."
    for year, thing in enumerate(
        ("lighthouse", "pier", "crane", "boathouse", "customs house", "dock") * 20, 1801
    )
    for verb in ("rebuilt",)
]
MODULES = (page_templates, page_templates_more, page_templates_aside)
ARTICLES = [template for module in MODULES for template in module.ARTICLES]
OTHERS = [template for module in MODULES for template in module.OTHERS]


def made(template: Template, folder: Path) -> tuple[float, float]:
    words = Words(PARAGRAPHS, random.Random(7))
    path = folder / "page.html"
    path.write_text(template(words), encoding="utf-8")
    return score(words.content, read_page(path))


@pytest.mark.parametrize("template", ARTICLES, ids=lambda template: template.__name__)
def test_an_article_is_read_without_what_is_around_it(template: Template, tmp_path: Path) -> None:
    recall, precision = made(template, tmp_path)
    assert recall >= 0.98
    assert precision >= 0.85


@pytest.mark.parametrize("template", OTHERS, ids=lambda template: template.__name__)
def test_a_page_that_is_content_throughout_stays_whole(template: Template, tmp_path: Path) -> None:
    recall, _ = made(template, tmp_path)
    assert recall >= 0.98


def test_the_person_is_told(tmp_path: Path) -> None:
    text = "".join(f"<p>{each}</p>" for each in PARAGRAPHS[:6])
    remarks = "".join(f"<div class=comment><p>{each}</p></div>" for each in PARAGRAPHS[6:10])
    path = tmp_path / "page.html"
    path.write_text(
        f"<article><h1>Harbour</h1>{text}</article><div id=comments>{remarks}</div>", encoding="utf-8"
    )
    document = parse_html(path, "page.html")
    assert document.warnings == (
        "What stands around the text was left out: teasers, comments of readers, menus.",
    )
    assert PARAGRAPHS[5] in document.text
    assert PARAGRAPHS[6] not in document.text


def test_code_and_its_headings_are_no_part_of_a_site(tmp_path: Path) -> None:
    text = "".join(f"<p>{each}</p>" for each in PARAGRAPHS[:6])
    code = "<h4 class=code-header><a href=/a>fn next</a></h4><pre><span class=comment>// one</span></pre>"
    page = f"<main><h1>Docs</h1>{text}{code}</main>"
    path = tmp_path / "page.html"
    path.write_text(page, encoding="utf-8")
    assert parse_html(path, "page.html").text.split("\n")[-2:] == ["fn next", "// one"]


def test_a_letter_keeps_its_head_and_foot(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        "<div class=header>Receipt</div><p>Paid.</p><div class=footer>Tax number 7</div>", encoding="utf-8"
    )
    assert parse_html(path, "page.html").text == "Receipt\nPaid.\nTax number 7"
