"""The words of the whole page: both languages say the same, Chinese is Chinese, and none is kept that nothing says."""

from __future__ import annotations

import pkgutil
import re
from dataclasses import asdict, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from kb.web.page import strings_en, strings_zh, words
from kb.web.page.words import setting_labels

PAGE = Path(words.__file__).parents[1]
BOTH: dict[str, tuple[Any, Any]] = {
    "strings": (strings_en.EN, strings_zh.ZH),
    **{
        found.name: (module.EN, module.ZH)
        for found in pkgutil.iter_modules(words.__path__)
        if is_dataclass(getattr(module := import_module(f"kb.web.page.words.{found.name}"), "EN", None))
    },
}
NAMES = re.compile(
    r"Footnote|Ollama|Chroma|Weaviate|OpenAI|vLLM|llama\.cpp|LM Studio|Hugging Face|PyTorch|OpenVINO|Python|"
    r"Markdown|JSON Lines|JSON|(?<=（)off(?=）)|"
    r"GGUF|ONNX|PDF|DOCX|Word|TXT|CSV|HTML|MCP|API|GPU|CPU|URL|ID|MB|GB|ms|IoU|Esc|Ctrl|SHA-256|temperature|top_p|"
    r"`[^`]*`|\w+(?:[.-]\w+)+|\[\w+\]|https?://\S+"
)
"""Products, formats, units and what is typed: they are called the same in both."""

CODES = ("language", "evaluation_disk")
"""What is no sentence, and one that names a folder of the library."""


def english_in(text: str) -> list[str]:
    """The words of Latin letters in a text that are no names, values to be filled in, or markup."""
    return re.findall(r"[A-Za-z]{2,}", NAMES.sub("", re.sub(r"\{\w+\}|<[^>]+>", "", text)))


@pytest.mark.parametrize("screen", BOTH)
def test_both_languages_fill_in_the_same_values(screen: str) -> None:
    english, chinese = map(asdict, BOTH[screen])
    for name, text in english.items():
        assert text, name
        assert chinese[name], name
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", chinese[name])), name


@pytest.mark.parametrize("screen", BOTH)
def test_chinese_has_no_english_word(screen: str) -> None:
    left = {name: english_in(text) for name, text in asdict(BOTH[screen][1]).items() if name not in CODES}
    assert {name: found for name, found in left.items() if found} == {}


@pytest.mark.parametrize("screen", BOTH)
def test_every_word_is_said_somewhere(screen: str) -> None:
    """By its name, or by a name that is put together: ``f"state_{...}"``, ``words.of("head", ...)``."""
    code = "\n".join(
        line
        for path in (*PAGE.glob("**/*.py"), *PAGE.glob("static/*.js"))
        for line in path.read_text("utf-8").splitlines()
        if not re.match(r"\s+\w+(?:: \w+|=(?:[\"'(].*)?)$", line)  # where it is declared, or has its text
    )
    said = set(re.findall(r"\w+", code))
    begun = (*re.findall(r'f"(\w+_)\{', code), *(f"{group}_" for group in re.findall(r'\.of\("(\w+)"', code)))
    assert [name for name in asdict(BOTH[screen][0]) if name not in said and not name.startswith(begun)] == []


def test_each_setting_is_called_something_in_both_languages() -> None:
    assert setting_labels.EN.keys() == setting_labels.ZH.keys()
    for label, hint in setting_labels.ZH.values():
        assert english_in(f"{label} {hint}") == []
