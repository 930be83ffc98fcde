"""Which of a screen's two sets of words a browser gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from kb.web.page.languages import strings_of

Words = TypeVar("Words")


def words_of(headers: Mapping[str, str], english: Words, chinese: Words) -> Words:
    """Returns the words for the browser that sent a request with these ``headers``, by the rule of ``strings_of``."""
    return chinese if strings_of(headers).language == "zh" else english
