"""Which language a text is in: by its script where that says it, else by a model of letters."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache, lru_cache
from typing import Any

from kb.text.scripts import HAN, HANGUL, KANA

LANGUAGE_NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian",
    "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ja": "Japanese", "ka": "Georgian", "km": "Khmer",
    "kn": "Kannada", "ko": "Korean", "lo": "Lao", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian",
    "ml": "Malayalam", "mr": "Marathi", "my": "Burmese", "ne": "Nepali", "nl": "Dutch", "no": "Norwegian",
    "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "si": "Sinhala",
    "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili",
    "ta": "Tamil", "te": "Telugu", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip
"""The languages that are told apart, and what they are called in a prompt."""

_SCRIPTS = {
    code: re.compile(f"[{letters}]")
    for code, letters in {
        "ja": KANA,
        "zh": HAN,
        "ko": HANGUL,
        "th": "\u0e01-\u0e5b", "lo": "\u0e81-\u0edf", "km": "\u1780-\u17ff", "my": "\u1000-\u109f",
        "hi": "\u0900-\u097f", "bn": "\u0980-\u09ff", "pa": "\u0a00-\u0a7f", "gu": "\u0a80-\u0aff",
        "ta": "\u0b80-\u0bff", "te": "\u0c00-\u0c7f", "kn": "\u0c80-\u0cff", "ml": "\u0d00-\u0d7f",
        "si": "\u0d80-\u0dff", "ka": "\u10a0-\u10ff", "hy": "\u0530-\u058f", "he": "\u0590-\u05ff",
        "el": "\u0370-\u03ff\u1f00-\u1fff", "ar": "\u0600-\u06ff", "ru": "\u0400-\u052f",
    }.items()
}  # fmt: skip
_LATIN_WORD = re.compile(r"[A-Za-zÀ-\u024f\u1e00-\u1eff]+")
_SHARED = {
    "en": "ca cs da de en es et fi fr hr hu id is it lt lv nl no pl pt ro sk sl sq sr sv sw tr vi",
    "ru": "bg mk ru sr uk",
    "ar": "ar fa ur",
    "hi": "hi mr ne",
}
"""Scripts of several languages, each under the one that a text too short to tell is taken for."""
_LANGUAGES_OF = {script: frozenset(codes.split()) for script, codes in _SHARED.items()}
_SURE = 0.4
"""Of names and of two or three words the model knows less: "golden gate" is Norwegian by .20."""
_EXPECTED = 4.0
"""How many times as likely a language is that was expected."""


def language(text: str, *, likely: Collection[str] = ()) -> str:
    """Returns the ISO 639-1 code of the language that most of ``text`` is in, one of ``LANGUAGE_NAMES``.

    A Han, kana or Thai character counts as much as a Latin word, so that 'GPU 的显存有多大' is Chinese. A
    text without letters is taken for English. ``likely`` are the languages it may be expected in: they
    decide for what is too short to tell, such as a name.
    """
    script = _script(text)
    if script not in _LANGUAGES_OF:
        return script
    among = _LANGUAGES_OF[script]
    expected = among & frozenset(likely)
    scores = {
        code: score * (_EXPECTED if code in expected else 1) for code, score in _ranked(text) if code in among
    }
    best = max(scores, key=scores.__getitem__)
    if scores[best] >= _SURE * sum(scores.values()):
        return best
    if script in expected or not expected:
        return script
    return max(expected, key=scores.__getitem__)


def in_latin_script(text: str) -> bool:
    """Returns whether ``text`` is written in Latin letters for the most part, or in none."""
    return _script(text) == "en"


def _script(text: str) -> str:
    counts = {code: len(pattern.findall(text)) for code, pattern in _SCRIPTS.items()}
    if counts["ja"] and counts["ja"] * 10 >= counts["zh"]:
        return "ja"
    code, most = max(counts.items(), key=lambda item: item[1])
    return code if most and most >= len(_LATIN_WORD.findall(text)) else "en"


@lru_cache(maxsize=128)
def _ranked(text: str) -> tuple[tuple[str, float], ...]:
    """Returns the languages with their log probabilities; cached, since several steps ask about one question."""
    return tuple(_model().rank(text))


@cache
def _model() -> Any:
    """Returns langid's naive Bayes model over byte sequences, loaded when a script has several languages."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(sorted(LANGUAGE_NAMES))
    return model
