"""Scores what is read of web pages: ``python -m benchmarks.pages [FOLDER] [--pages N]``.

The pages are made by templates (``page_templates`` and ``page_templates_more``; nothing was chosen on those of
``page_templates_aside``) of the paragraphs in FOLDER, the shared evaluation data. ``articles`` have comments, teasers
and menus around their text, which should go; ``others`` (forums, lists, tables, questions and answers) are content
throughout, and must stay whole.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import page_templates, page_templates_aside, page_templates_more
from benchmarks.page_words import Words, texts
from ingest.parse.html import parse_html

Template = Callable[[Words], str]
Reader = Callable[[Path], str]
DEFAULT = Path(__file__).parents[1].parent / "shared" / "eval"
_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
_CHINESE_ONLY = frozenset({"chinese_portal", "chinese_news"})


def tokens(text: str) -> Counter[str]:
    """Returns the words of ``text``, and how often each is in it; Chinese by character."""
    return Counter(_TOKEN.findall(unicodedata.normalize("NFKC", text).lower()))


def score(content: Sequence[str], read: str) -> tuple[float, float]:
    """Returns the share of the content's words that were read, and of the words read that are content."""
    wanted, got = tokens("\n".join(content)), tokens(read)
    common = (wanted & got).total()
    return common / max(wanted.total(), 1), common / max(got.total(), 1)


def read_page(path: Path) -> str:
    """Returns what the application reads of a page."""
    return parse_html(path, path.name).text


def run(
    templates: Sequence[Template], root: Path, pages: int, reader: Reader
) -> dict[str, tuple[float, float]]:
    """Returns recall and precision of each template, means over ``pages`` pages in each language."""
    found: dict[str, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "page.html")
        for template in templates:
            scores = []
            for chinese, paragraphs in texts(root):
                if template.__name__ in _CHINESE_ONLY and not chinese:
                    continue
                for number in range(pages):
                    words = Words(paragraphs, random.Random(number), chinese)
                    path.write_text(template(words), encoding="utf-8")
                    scores.append(score(words.content, reader(path)))
            recall, precision = (sum(values) / len(scores) for values in zip(*scores, strict=True))
            found[template.__name__] = recall, precision
    return found


def report(root: Path, pages: int, reader: Reader) -> None:
    """Prints a line a template, and the means of each half."""
    first, more, aside = page_templates, page_templates_more, page_templates_aside
    halves = (
        ("developed on", (*first.ARTICLES, *more.ARTICLES), (*first.OTHERS, *more.OTHERS)),
        ("kept aside", aside.ARTICLES, aside.OTHERS),
    )
    for half, articles, others in halves:
        for kind, templates in (("articles", articles), ("others", others)):
            found = run(templates, root, pages, reader)
            for name, (recall, precision) in found.items():
                print(f"  {name:15} recall {recall:.3f}  precision {precision:.3f}")
            recall, precision = (sum(values) / len(found) for values in zip(*found.values(), strict=True))
            print(f"{half}, {kind}: recall {recall:.3f}  precision {precision:.3f}")


def main() -> None:
    """Runs the command line."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", nargs="?", type=Path, default=DEFAULT, help="the shared evaluation folder")
    options.add_argument("--pages", type=int, default=5, help="pages of each template and language")
    given = options.parse_args()
    report(given.folder, given.pages, read_page)


if __name__ == "__main__":
    main()
