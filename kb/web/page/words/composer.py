"""The words of the box in which questions are written: what it searches, and which model answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ComposerWords:
    """The words of one language. ``{}`` fields are filled in by name."""

    everything: str
    narrowed: str
    """The button while ``{count}`` conditions are set."""
    scope: str
    ask_all: str
    ask_in: str
    """What stands in the empty box while questions are asked of ``{scope}``."""
    collection: str
    all_collections: str
    documents: str
    find_documents: str
    folders: str
    types: str
    languages: str
    tags: str
    added_from: str
    added_until: str
    clear: str
    done: str
    remove: str
    since: str
    until: str
    model: str
    best: str
    quotes: str
    answers_now: str
    cannot_answer: str
    something_wrong: str


EN = ComposerWords(
    everything="All documents",
    narrowed="Narrowed ({count})",
    scope="What is searched",
    ask_all="Ask about your documents…",
    ask_in="Ask about {scope}…",
    collection="Collection",
    all_collections="All collections",
    documents="Documents",
    find_documents="Find a document",
    folders="Folders",
    types="File types",
    languages="Languages",
    tags="Tags",
    added_from="Added from",
    added_until="Added until",
    clear="Clear",
    done="Done",
    remove="Remove “{name}”",
    since="from {date}",
    until="until {date}",
    model="Which model answers",
    best="Best available",
    quotes="Quotes only",
    answers_now="Answers now: {name}",
    cannot_answer="{name} cannot answer now",
    something_wrong="Something went wrong inside Footnote; its log says what.",
)

ZH = ComposerWords(
    everything="全部文档",
    narrowed="已限定（{count}）",
    scope="检索范围",
    ask_all="就你的文档提问……",
    ask_in="就{scope}提问……",
    collection="文集",
    all_collections="全部文集",
    documents="文档",
    find_documents="查找文档",
    folders="文件夹",
    types="文件类型",
    languages="语言",
    tags="标签",
    added_from="添加日期从",
    added_until="添加日期到",
    clear="清除",
    done="完成",
    remove="移除“{name}”",
    since="从 {date}",
    until="到 {date}",
    model="由哪个模型回答",
    best="最佳可用",
    quotes="仅引用原文",
    answers_now="当前回答者：{name}",
    cannot_answer="{name} 现在无法回答",
    something_wrong="Footnote 内部出了问题，日志里有说明。",
)
