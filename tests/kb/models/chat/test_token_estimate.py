from __future__ import annotations

import pytest

from kb.models.chat.token_estimate import TokenEstimator
from kb.text.token_estimate import estimated_tokens
from kb.types import Message

PROSE = (
    "The guarantee covers material defects for two years from the date of purchase; the buyer keeps "
    "the receipt and reports a defect within fourteen days."
)
CHINESE = (
    "保修期为自购买之日起两年，涵盖材料缺陷。买方须保留收据，并在发现缺陷后十四日内通知卖方，逾期不予受理。"
)
TABLE = (
    "SKU-3345  Electronics  14  $1,051.87  $14,726.25  2024-11-01\n"
    "SKU-7781  Furniture  3  $899.00  $2,697.00  2024-11-04\n"
)
MIXED = "Footnote 支持 PDF、DOCX 和 TXT 文件，最大 500 MB；每个 answer 都带有 [1]、[2] 这样的脚注。"
CODE = (
    "def cosine(a: list[float], b: list[float]) -> float:\n"
    "    return sum(x * y for x, y in zip(a, b)) / (norm(a) * norm(b))\n"
)
COUNTED = {
    PROSE: (27, 27, 27),
    CHINESE: (33, 47, 38),
    TABLE: (88, 62, 86),
    MIXED: (38, 35, 34),
    CODE: (40, 40, 49),
}
"""Text -> its tokens in Qwen3, Llama 3.1 and Gemma 3, counted once with their own tokenizers."""


@pytest.mark.parametrize("text", COUNTED, ids=["prose", "chinese", "table", "mixed", "code"])
def test_never_much_below_the_tokenizers_that_people_run(text: str) -> None:
    highest = max(COUNTED[text])
    assert 0.97 * highest <= estimated_tokens(text) <= 1.6 * highest


def test_nothing_is_nothing() -> None:
    assert estimated_tokens("") == 0


def test_what_the_server_counts_raises_the_estimate_and_never_lowers_it() -> None:
    text = "知识库" * 100
    ruler = TokenEstimator()
    before = ruler.count(text)
    ruler.learn([Message("user", text)], 2 * before)
    assert ruler.count(text) >= 2 * before
    ruler.learn([Message("user", text)], 10)  # a prompt that the server cut, or had in its cache
    assert ruler.count(text) >= 2 * before
    ruler.learn([Message("user", text)], None)
    assert ruler.count(text) >= 2 * before


def test_a_short_prompt_teaches_nothing() -> None:
    ruler = TokenEstimator()
    ruler.learn([Message("user", "Hi.")], 40)  # nearly all of it is the chat template
    assert ruler.count("word " * 100) == estimated_tokens("word " * 100)
