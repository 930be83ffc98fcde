"""What a model's own files say: its licence, and what it is for."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.models.catalogue.reading import card_licence, folder_kind, folder_licence
from tests.kb.models.embed.tiny_model import tiny_bert
from tests.kb.models.rerank.tiny_cross_encoder import tiny_cross_encoder


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: mit\n---\n", "mit"),
        ("---\r\nlanguage:\r\n- en\r\nlicense: 'apache-2.0'  # by hand\r\n---\r\n", "apache-2.0"),
        ("\ufeff---\nlicense: other\nlicense_name: tongyi-qianwen\n---\n", "tongyi-qianwen"),
        ("---\nlicense:\n- mit\n- apache-2.0\ntags:\n- x\n---\n", "mit, apache-2.0"),
        ("---\nlicense: [mit]\n---\n", "mit"),
        ("---\ntags:\n- license\n---\nlicense: gpl\n", None),
        ("# No front matter\nlicense: mit\n", None),
        ("---\nlicense:\n---\n", None),
        ("", None),
    ],
)
def test_the_licence_is_that_of_the_card(card: str, licence: str | None) -> None:
    assert card_licence(card) == licence


def test_without_a_card_a_text_is_pointed_at_or_nothing_is_stated(tmp_path: Path) -> None:
    assert folder_licence(tmp_path) == "not stated"
    (tmp_path / "LICENSE").write_text("Apache")
    assert folder_licence(tmp_path) == "see LICENSE"


def test_what_a_folder_is_for(tmp_path: Path) -> None:
    assert folder_kind(tiny_bert(tmp_path / "bert"), "bert") == "embedding"
    assert folder_kind(tiny_cross_encoder(tmp_path / "ranks"), "a/tiny-reranker") == "reranker"
    (tmp_path / "chat").mkdir()
    (tmp_path / "chat" / "config.json").write_text('{"architectures": ["Qwen3ForCausalLM"]}')
    assert folder_kind(tmp_path / "chat", "chat") == "answering"
