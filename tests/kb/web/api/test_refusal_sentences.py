"""What is refused is said in the language of the page that asked."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import httpx
import pytest

from kb.errors import BadInput, NotFound
from kb.text.query_syntax import LONGEST_QUESTION, parse_question
from kb.types import Question
from kb.web.api.errors import INVALID
from kb.web.api.refusal_sentences import ZH, refusal_sentence

CHINESE = "zh-CN,zh;q=0.9,en;q=0.8"
_KEY = re.compile(r'\bkey="(\w+)"')


def test_every_refusal_that_has_a_key_has_chinese_words_and_nothing_else_has() -> None:
    written: set[str] = set()
    for path in (Path(__file__).parents[4] / "kb").rglob("*.py"):
        written |= set(_KEY.findall(path.read_text(encoding="utf-8")))
    assert written | {key for _, key in INVALID.values()} == set(ZH)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("x" * (LONGEST_QUESTION + 1), "20,001"), ("", "没有问题"), ("\0", "不是文字"),
        ("a after:2025-13", "after:2025-13 "),
    ],
    ids=["too long", "empty", "no text", "no date"],
)  # fmt: skip
def test_a_question_that_cannot_be_asked_is_refused_in_chinese(question: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_question(Question(question))
    shown = refusal_sentence(refused.value, CHINESE)
    assert said in shown
    assert "{" not in shown
    assert not re.search("[a-z]{4,}", shown.replace("after", "")), "no English is left"
    assert set(refused.value.values) >= _names(ZH[refused.value.key])
    for others in (None, "", "de", "en-US,en;q=0.9,zh;q=0.8"):
        assert refusal_sentence(refused.value, others) == str(refused.value)


def test_what_has_no_chinese_words_is_said_all_the_same() -> None:
    assert refusal_sentence(NotFound("Gone."), CHINESE) == "Gone."
    assert refusal_sentence(BadInput("No PDF."), CHINESE) == "No PDF."


@pytest.mark.parametrize(
    ("path", "body", "english", "chinese"),
    [
        ("/api/ask", {"question": "x" * (LONGEST_QUESTION + 1)}, "is too long", "“question”过长：最多 20000 个字符。"),
        ("/api/ask", {}, "is missing", "缺少“question”。"),
        ("/api/ask", {"question": "a", "nope": 1}, "no field", "这里没有“nope”这一项。"),
        ("/api/ask", {"question": "a\0"}, "NUL", "“question”的值无法使用。"),
        ("/api/ask", {"question": "a after:2025-13"}, "names no date", "after:2025-13 不是日期。"),
        ("/api/ask", {"question": "a", "filters": {"tags": ["x"] * 1001}}, "too many entries", "“filters.tags”的项太"),
    ],
)  # fmt: skip
async def test_the_api_says_it_in_the_language_of_the_browser(
    api: httpx.AsyncClient, path: str, body: dict[str, object], english: str, chinese: str
) -> None:
    assert english in (await api.post(path, json=body)).json()["error"]
    refused = await api.post(path, json=body, headers={"Accept-Language": CHINESE})
    assert refused.status_code in (400, 422)
    assert chinese in refused.json()["error"]


async def test_an_upload_is_refused_in_the_language_of_the_browser(api: httpx.AsyncClient) -> None:
    for data, chinese in (({"name": "n" * 1001}, "“name”过长"), ({"a": "\0"}, "NUL")):
        refused = await api.post(
            "/api/documents",
            data=data,
            files={"file": ("a.txt", b"x")},
            headers={"Accept-Language": CHINESE},
        )
        assert refused.status_code == 400
        assert chinese in refused.json()["error"]


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}
