"""Which language the page speaks to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TypeVar

from kb.web.api.refusal_sentences import asked_language, language_of
from kb.web.page.strings import Strings
from kb.web.page.strings_en import EN
from kb.web.page.strings_zh import ZH
from kb.web.page.words import document, frame

Words = TypeVar("Words")
_TABS = ("activity", "settings", "search")
"""Screens whose tab is called as the rail calls it."""


def words_of(headers: Mapping[str, str], english: Words, chinese: Words) -> Words:
    """Returns the words of a screen for the browser that sent a request with these ``headers``."""
    return chinese if strings_of(headers) is ZH else english


def strings_of(headers: Mapping[str, str]) -> Strings:
    """Returns the words for the browser that sent a request with these ``headers``."""
    return strings_for(asked_language(headers))


def strings_for(accept_language: str | None) -> Strings:
    """Returns Chinese where the browser prefers it to English, else English.

    ``accept_language`` is the header as it came, like ``zh-CN,zh;q=0.9,en;q=0.8``.
    """
    return ZH if language_of(accept_language) == "zh" else EN


def translations() -> dict[str, dict[str, str]]:
    """Returns the same words for the labels that Gradio draws, by the locales it knows."""
    english, chinese = (
        {
            **asdict(strings),
            **{f"{name}_tab": around.screen(name) for name in _TABS},
            "document_tab": shown.tab,
        }
        for strings, around, shown in ((EN, frame.EN, document.EN), (ZH, frame.ZH, document.ZH))
    )
    return {"en": english, "zh-CN": chinese, "zh-TW": chinese}
