from __future__ import annotations

import argparse

import pytest

from kb.cli.common import collection_option, filter_options, note_understood, question_of
from kb.text.query_syntax import any_value
from kb.types import Filters, Question


def test_options_of_the_command_line_are_the_conditions_of_a_question() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("question")
    filter_options(parser)
    collection_option(parser, default=None, text="")
    given = [
        "--type",
        "pdf",
        "--type",
        ".docx",
        "--lang",
        "zh",
        "--tag",
        "two words",
        "--document",
        'a "b".pdf',
    ]
    options = parser.parse_args([*given, "--since", "2025-01-31", "--before", "2026-01-01", "how high?"])
    asked = question_of(options, any_value)
    assert asked.text == "how high?"
    assert asked.filters == Filters(
        documents=('a "b".pdf',),
        types=("pdf", "docx"),
        languages=("zh",),
        tags=("two-words",),
        since="2025-01-31",
        before="2026-01-01",
    )
    plain = parser.parse_args(["how high? type:md", "--type", "pdf", "--collection", "c"])
    assert question_of(plain, any_value) == Question(
        "how high?", Filters(types=("md",)), ("c",), typed="how high? type:md"
    )
    as_words = parser.parse_args(["how high? type:md", "--type", "pdf", "--words"])
    assert question_of(as_words, any_value) == Question("how high? type:md", Filters(types=("pdf",)))


def test_what_was_read_as_conditions_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    note_understood(
        Question("how high?", Filters(("notes",), types=("md", "pdf")), typed="how high? in:notes")
    )
    assert capsys.readouterr().err == (
        "(Searched only: collections notes; types md, pdf. With --words all of the question is words.)\n"
    )
    note_understood(Question("how high? type:bug"))
    assert capsys.readouterr().err == ""
