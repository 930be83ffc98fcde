"""The words around asking: what is being done, what is announced, and the way to the newest answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AskingWords:
    """The words of one language. ``{}`` fields are filled in by name."""

    question: str
    send: str
    stop: str
    asking: str
    writing: str
    elapsed: str
    """``{doing}`` and for how many ``{seconds}``."""
    answered: str
    latest: str
    earlier: str
    questions: str


EN = AskingWords(
    question="Your question",
    send="Send the question",
    stop="Stop the answer",
    asking="Asking",
    writing="Writing",
    elapsed="{doing} · {seconds} s",
    answered="Answer: {text}",
    latest="Latest",
    questions="Questions of this conversation",
    earlier="Earlier questions",
)

ZH = AskingWords(
    question="你的问题",
    send="发送问题",
    stop="停止回答",
    asking="正在提问",
    writing="正在书写",
    elapsed="{doing} · {seconds} 秒",
    answered="回答：{text}",
    latest="最新",
    questions="本次对话的问题",
    earlier="更早的问题",
)
