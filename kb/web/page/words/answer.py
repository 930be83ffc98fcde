"""The words of an answer, what is done with it, and the pane of its sources."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """The words of one language. ``{}`` fields are filled in by name."""

    sources: str
    close: str
    back: str
    previous_source: str
    next_source: str
    nth_source: str
    width: str
    read_here: str
    reading_n: str
    reading: str
    """``{count}`` passages are being read for an answer; ``reading_one`` for a single one."""
    reading_one: str
    also_found: str
    show_quotes: str
    stopped_empty: str
    nearest: str
    actions: str
    copy: str
    copy_text: str
    copy_sources: str
    copy_markdown: str
    copied: str
    not_copied: str
    ask_again: str
    other_model: str
    with_quotes: str
    edit_question: str
    edit_send: str
    cancel: str
    search_all: str
    good: str
    bad: str
    why: str
    why_hint: str
    send_reason: str
    thanks: str
    not_kept: str
    save: str
    took: str
    tokens: str
    per_second: str
    settings: str
    no_answer: str
    """Above the reason why a model wrote nothing."""
    try_again: str
    answer_with_quotes: str
    add_documents: str
    """Where there is nothing to search."""


EN = AnswerWords(
    sources="Sources",
    close="Close",
    back="All sources",
    previous_source="Previous footnote",
    next_source="Next footnote",
    nth_source="Footnote {n} of {total}",
    width="Width of the sources",
    read_here="Read it in the document",
    reading_n="Found, and being read ({count})",
    reading="Reading {count} passages…",
    reading_one="Reading one passage…",
    also_found="Also found ({count})",
    show_quotes="Show what they say",
    stopped_empty="Stopped before anything was written.",
    nearest="What comes nearest",
    actions="What to do with this answer",
    copy="Copy",
    copy_text="Text",
    copy_sources="With sources",
    copy_markdown="Markdown",
    copied="Copied",
    not_copied="The browser did not let it be copied.",
    ask_again="Ask again",
    other_model="Another model",
    with_quotes="Quotes",
    edit_question="Edit question",
    edit_send="Ask",
    cancel="Cancel",
    search_all="Search everything",
    good="This helped",
    bad="This did not help",
    why="What was right or wrong about it?",
    why_hint="In a few words, if you like",
    send_reason="Keep",
    thanks="Kept. Thank you.",
    not_kept="It could not be kept.",
    save="Save",
    took="{seconds} s",
    tokens="{count} tokens",
    per_second="{rate} tokens a second",
    settings="Settings for answers",
    no_answer="The chosen model gave no answer.",
    try_again="Try again",
    answer_with_quotes="Answer with quotes",
    add_documents="Add documents",
)

ZH = AnswerWords(
    sources="来源",
    close="关闭",
    back="全部来源",
    previous_source="上一个脚注",
    next_source="下一个脚注",
    nth_source="第 {n} 个脚注，共 {total} 个",
    width="来源栏的宽度",
    read_here="在文档中阅读",
    reading_n="已找到，正在阅读（{count}）",
    reading="正在阅读 {count} 段……",
    reading_one="正在阅读一段……",
    also_found="另外找到（{count}）",
    show_quotes="看看文档怎么说",
    stopped_empty="已停止，还没有写出任何内容。",
    nearest="最接近的内容",
    actions="对这个回答的操作",
    copy="复制",
    copy_text="纯文本",
    copy_sources="带来源",
    copy_markdown="Markdown",
    copied="已复制",
    not_copied="浏览器不允许复制。",
    ask_again="重新提问",
    other_model="换个模型",
    with_quotes="看原文",
    edit_question="修改问题",
    edit_send="提问",
    cancel="取消",
    search_all="搜索全部文档",
    good="有帮助",
    bad="没有帮助",
    why="哪里对，或哪里不对？",
    why_hint="可以简单写几个字",
    send_reason="保存",
    thanks="已保存，谢谢。",
    not_kept="没能保存。",
    save="保存为文件",
    took="{seconds} 秒",
    tokens="{count} 个词元",
    per_second="每秒 {rate} 个词元",
    settings="回答的设置",
    no_answer="所选的模型没有给出回答。",
    try_again="重试",
    answer_with_quotes="用原文回答",
    add_documents="添加文档",
)
