"""What is said at an address where nothing is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NothingHereWords:
    """The words of one language."""

    language: str
    """As in the attribute ``lang`` of HTML."""
    title: str
    address: str
    document: str
    conversation: str
    to_questions: str
    to_library: str

    def why(self, kind: str) -> str:
        """Returns the sentence for what was asked for."""
        return str(getattr(self, kind))


EN = NothingHereWords(
    language="en",
    title="Nothing is here",
    address="Footnote has no page at this address. Perhaps a letter of it is missing.",
    document="This document is not in the library, or not any more.",
    conversation="This conversation is not here, or not any more: it may have been deleted.",
    to_questions="Ask a question",
    to_library="Go to the library",
)

ZH = NothingHereWords(
    language="zh-CN",
    title="这里没有内容",
    address="Footnote 没有这个地址的页面，请检查地址是否完整。",
    document="文档库里没有这份文档，它可能已被删除。",
    conversation="没有这个对话，它可能已被删除。",
    to_questions="去提问",
    to_library="去文档库",
)
