from __future__ import annotations

import argparse

from kb.cli.common import filter_options, filtered
from kb.text.query_syntax import parse_query
from kb.types import Filters


def test_options_of_the_command_line_are_the_conditions_of_a_question() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("question")
    filter_options(parser)
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
        "a b.pdf",
    ]
    options = parser.parse_args([*given, "--since", "2025-01-31", "--before", "2026-01-01", "how high?"])
    text, filters = parse_query(filtered(options))
    assert text == "how high?"
    assert filters == Filters(
        documents=("a b.pdf",),
        types=("pdf", "docx"),
        languages=("zh",),
        tags=("two-words",),
        since="2025-01-31",
        before="2026-01-01",
    )
    assert filtered(parser.parse_args(["how high?"])) == "how high?"
