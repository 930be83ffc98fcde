"""Which language the page speaks to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from kb.web.page.strings import Strings
from kb.web.page.strings_en import EN
from kb.web.page.strings_zh import ZH


def strings_of(headers: Mapping[str, str]) -> Strings:
    """Returns the words for the browser that sent a request with these ``headers``."""
    return strings_for(headers.get("accept-language"))


def strings_for(accept_language: str | None) -> Strings:
    """Returns Chinese where the browser prefers it to English, else English.

    ``accept_language`` is the header as it came, like ``zh-CN,zh;q=0.9,en;q=0.8``.
    """
    best, language = 0.0, EN
    for part in (accept_language or "").split(","):
        tag, _, quality = part.strip().lower().partition(";q=")
        weight = _number(quality) if quality else 1.0
        known = {"zh": ZH, "en": EN}.get(tag.split("-")[0])
        if known is not None and weight > best:
            best, language = weight, known
    return language


def translations() -> dict[str, dict[str, str]]:
    """Returns the same words for the labels that Gradio draws, by the locales it knows."""
    return {"en": asdict(EN), "zh-CN": asdict(ZH), "zh-TW": asdict(ZH)}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
