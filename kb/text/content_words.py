"""The words of a sentence that carry its content, by their stems."""

from __future__ import annotations

import re

from kb.text.words import words

_STOP_WORD_LISTS = """
a an the of to in on at by for with from as is are was were be been being am and or but if so than then that this
these those it its they them their he him his she her we our you your i which who whom whose what when where why
how do does did has have had having will would can could may might shall should must there here also very more most
such some any each other others into about over under between during through after before because while both only
just up out not no nor s t
的 了 是 在 和 与 及 或 于 为 以 之 其 这 那 他 她 它 他们 它们 我们 你 我 也 都 就 而 但 并 被 把 对 从 到 由 由于 因为
所以 如果 一个 一种 以及 等 等等 有 会 能 可以 可能 将 该 此 中 上 下 里 后 前 时 什么 哪 哪个 哪些 谁 多少 如何 为什么
吗 呢 不 没 没有 很 更 最 还 又 再 已 已经 着 过 地 得 所 个 年 月 日
"""
STOP_WORDS = frozenset(_STOP_WORD_LISTS.split())
"""Words that say nothing by themselves."""
_SUFFIX = re.compile(r"(?:ies|ied|ing|edly|ed|es|s|ly|al|ion|ions)$")


def stems(text: str) -> frozenset[str]:
    """The words that say something, without English endings: ``opened`` and ``opens`` are one."""
    return frozenset(stem(word) for word in words(text) if word not in STOP_WORDS)


def stem(word: str) -> str:
    """Returns an English word without its ending; any other word as it is."""
    return _SUFFIX.sub("", word) if len(word) > 4 and word.isascii() else word
