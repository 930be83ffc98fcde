"""How well pages are found by their titles, within each language and between it and English.

python -m benchmarks.languages FOLDER [--part PART] [--pages 120] [LANGUAGE ...]

FOLDER holds a folder of help pages for each language with the same files in each, as packages of desktop help install
them: /usr/share/help (Debian's gnome-user-docs: --part gnome-help) or /usr/share/libreoffice/help (Debian's
libreoffice-help-*: --part guide). A page's title is the question, the rest of it the passage to be found. What was not
translated is left out. For each language: hit@1 and recall@10 by meaning alone, by words alone, and by both.
"""

from __future__ import annotations

import argparse
import logging
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from lxml import etree, html

from benchmarks.cached import bundled_embedder
from benchmarks.retrieval import Library, Settings, library
from kb.config import ParsingSettings, RetrievalSettings
from kb.evaluate.embedding_cache import RememberingEmbedder

ENGLISH = ("C", "en", "en-US")
"""What the folder of the originals is called."""
_LEAST_CHARACTERS, _LEAST_WIDE = 200, 90
"""Of a page; in scripts that write a syllable or a word in a character."""
_MALLARD = "{http://projectmallard.org/1.0/}"
_DENSE_WEIGHT = RetrievalSettings().dense_weight
_WEIGHTS = (1.0, 0.0, _DENSE_WEIGHT)
"""Of meaning: alone, not at all, and as the app weighs it. Nothing is looked at more closely."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of help."""

    title: str
    paragraphs: tuple[str, ...]


Pages: TypeAlias = dict[str, Page]
"""By their place below the folder of their language."""


def pages(folder: Path, part: str) -> Pages:
    """Returns all pages of one language that have ``part`` in their path."""
    found: Pages = {}
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if path.suffix in (".page", ".html") and part in place.parts:
            page = _mallard(path) if path.suffix == ".page" else _html(path)
            if page is not None:
                found[place.as_posix()] = page
    return found


def translated(found: Pages, originals: Pages) -> Pages:
    """Returns ``found`` without what is in English as it is."""
    kept: Pages = {}
    for place, page in found.items():
        original = originals.get(place)
        if original is not None and page.title != original.title:
            paragraphs = tuple(text for text in page.paragraphs if text not in original.paragraphs)
            kept[place] = Page(page.title, paragraphs)
    return kept


def long_enough(found: Pages) -> Pages:
    """Returns those of ``found`` that say something."""
    kept: Pages = {}
    for place, page in found.items():
        text = "".join(page.paragraphs)
        is_wide = any(ord(character) > 0x3000 for character in text)
        if len(text) >= (_LEAST_WIDE if is_wide else _LEAST_CHARACTERS):
            kept[place] = page
    return kept


def _mallard(path: Path) -> Page | None:
    root = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    title = root.find(f"{_MALLARD}title")
    return None if title is None else Page(_text(title), tuple(_mallard_paragraphs(root)))


def _mallard_paragraphs(node: etree._Element) -> Iterator[str]:
    for child in node.iterchildren(f"{_MALLARD}*"):
        name = etree.QName(child).localname
        if name == "p" or (name == "title" and node.getparent() is not None):
            yield _text(child)
        elif name not in ("title", "info", "links", "media", "comment"):
            yield from _mallard_paragraphs(child)


def _html(path: Path) -> Page | None:
    root = html.fromstring(path.read_bytes())
    title, body = root.find(".//title"), root.find('.//div[@id="DisplayArea"]')
    if title is None or body is None:
        return None
    for node in [node for node in body.iter() if isinstance(node, html.HtmlElement) and _is_aside(node)]:
        node.drop_tree()
    texts = (_text(node) for node in body.iter("p", "h2", "h3"))
    return Page(_text(title), tuple(filter(None, texts)))


def _is_aside(node: html.HtmlElement) -> bool:
    return node.get("hidden") is not None or node.tag == "h1" or node.get("class") == "embedded"


def _text(node: etree._Element) -> str:
    return " ".join("".join(map(str, node.itertext())).split())


def measured(document_reader: Library, questions: Pages, among: Pages) -> str:
    """Returns hit@1 and recall@10 by meaning, by words and by both, of the pages that exist in both languages."""
    asked = {place: page.title for place, page in questions.items() if place in among}
    shares = []
    for weight in _WEIGHTS:
        first = within = 0
        for place, title in asked.items():
            hits = document_reader.search(title, 30, dense_weight=weight)
            ranked = list(dict.fromkeys(hit.document.name for hit in hits))[:10]
            first += ranked[:1] == [f"{place}.txt"]
            within += f"{place}.txt" in ranked
        shares.append(f"{first / len(asked):.3f} {within / len(asked):.3f}")
    return f"{len(asked):3}  " + "  ".join(shares)


def compare(
    embedder: RememberingEmbedder, settings: Settings, by_language: Mapping[str, Pages], original: str
) -> None:
    """Prints three rows a language: within it, from it to English and from English to it."""
    print("question->passages, pages, hit@1 and recall@10: meaning, words, both")
    with library(embedder, settings) as english:
        _fill(english, by_language[original])
        print(f"{original}: {measured(english, by_language[original], by_language[original])}", flush=True)
        for code, own in by_language.items():
            if code == original:
                continue
            with library(embedder, settings) as document_reader:
                _fill(document_reader, own)
                print(f"{code}: {measured(document_reader, own, own)}")
                print(f"{code}->{original}: {measured(english, own, by_language[original])}")
                print(
                    f"{original}->{code}: {measured(document_reader, by_language[original], own)}", flush=True
                )


def _fill(document_reader: Library, found: Pages) -> None:
    for place, page in found.items():
        document_reader.add_text("\n\n".join(page.paragraphs), f"{place}.txt")


def main() -> None:
    """Prints the table of one folder."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("languages", nargs="*", metavar="LANGUAGE")
    options.add_argument("--part", default="gnome-help", help="a folder that the pages are in")
    options.add_argument("--pages", type=int, default=120, help="at most so many of each language")
    given = options.parse_args()
    logging.disable(logging.WARNING)
    settings = Settings(given.folder, ParsingSettings().chunk_tokens, _DENSE_WEIGHT)
    original = next(name for name in ENGLISH if (given.folder / name).is_dir())
    originals = long_enough(pages(given.folder / original, given.part))
    chosen = sorted(originals)
    random.Random(5).shuffle(chosen)
    chosen = chosen[: given.pages]
    by_language = {original: {place: originals[place] for place in chosen}}
    for code in given.languages or sorted(path.name for path in given.folder.iterdir()):
        own = long_enough(translated(pages(given.folder / code, given.part), originals))
        by_language[code] = {place: own[place] for place in chosen if place in own}
    by_language = {code: found for code, found in by_language.items() if len(found) >= given.pages // 4}
    with bundled_embedder() as embedder:
        compare(embedder, settings, by_language, original)


if __name__ == "__main__":
    main()
