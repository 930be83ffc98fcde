"""The page before the first question: how to begin, and questions from the documents' own headings."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from pathlib import Path

import pytest

from kb.types import OWNER, Chunk
from kb.web.page.ask.render_welcome import welcome
from kb.web.page.ask.welcome import Welcome, _of_document, look
from kb.web.page.words.welcome import EN, ZH, WelcomeWords
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.answer.samples import hit
from tests.kb.library import Library, open_kb


@pytest.mark.parametrize(
    ("title", "passage", "path", "headings"),
    [
        ("Herons", "Herons\nThey stand still.", (), ["Herons"]),
        ("Microsoft Word - Template", "They stand still.", (), []),
        (None, "They stand still.", (), []),
        ("Herons", "They stand still.", ("Herons", "Nests"), ["Nests"]),
    ],
)
def test_what_can_be_asked_about_is_a_heading(
    title: str | None, passage: str, path: tuple[str, ...], headings: list[str]
) -> None:
    document = replace(hit("x").document, title=title)
    assert _of_document(document, [Chunk(passage, heading_path=path)]) == headings


@pytest.mark.parametrize("words", [EN, ZH])
def test_an_empty_library_says_how_to_begin(words: WelcomeWords) -> None:
    markup = welcome(Welcome(), words)
    for word in (words.first_title, words.choose_files, words.choose_folder, words.question):
        assert word in markup
    assert "being-read" not in markup
    assert words.importing.format(count=3) in welcome(Welcome(documents=3, imports=3), words)


def test_headings_become_questions_and_stay_text() -> None:
    hostile = '<img src=x onerror="x">'
    markup = welcome(Welcome(documents=1, ready=1, headings=(hostile,)), EN)
    assert "<img" not in markup
    assert escape(EN.starter.format(heading=hostile)) in markup
    assert "data-add" not in markup


def test_what_there_is_is_counted(tmp_path: Path) -> None:
    kb = open_kb(tmp_path, embedder=HashEmbedder())
    try:
        assert look(kb, OWNER) == Welcome()
        library = Library(tmp_path)
        library.add("a.txt", ["The heron stands still."])
        library.close()
        assert look(kb, OWNER) == Welcome(documents=1, ready=1), "a name of a file is nothing to ask about"
    finally:
        kb.close()
