"""The words of an answer, what is done with it, and the pane of its sources."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """The words of one language. ``{}`` fields are filled in by name."""

    sources: str
    sources_n: str
    show_sources: str
    close: str
    back: str
    previous_source: str
    next_source: str
    nth_source: str
    width: str
    read_here: str
    reading_n: str
    also_found: str
    nothing_cited: str
    show_quotes: str
    stopped_empty: str
    nearest: str
    no_sources: str


EN = AnswerWords(
    sources="Sources",
    sources_n="Sources ({count})",
    show_sources="Show the sources",
    close="Close",
    back="All sources",
    previous_source="Previous footnote",
    next_source="Next footnote",
    nth_source="Footnote {n} of {total}",
    width="Width of the sources",
    read_here="Read it in the document",
    reading_n="Found, and being read ({count})",
    also_found="Also found ({count})",
    nothing_cited="The answer names no source.",
    show_quotes="Show what they say",
    stopped_empty="Stopped before anything was written.",
    nearest="What comes nearest",
    no_sources="Sources stand here once something is found.",
)

ZH = AnswerWords(
    sources="来源",
    sources_n="来源（{count}）",
    show_sources="显示来源",
    close="关闭",
    back="全部来源",
    previous_source="上一个脚注",
    next_source="下一个脚注",
    nth_source="第 {n} 个脚注，共 {total} 个",
    width="来源栏的宽度",
    read_here="在文档中阅读",
    reading_n="已找到，正在阅读（{count}）",
    also_found="另外找到（{count}）",
    nothing_cited="这个回答没有注明来源。",
    show_quotes="看看文档怎么说",
    stopped_empty="已停止，还没有写出任何内容。",
    nearest="最接近的内容",
    no_sources="找到内容后，来源会显示在这里。",
)
