"""What the screen for searching says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SearchWords:
    """The sentences of the screen; ``{}`` are filled by whoever shows them."""

    title: str
    hint: str
    question: str
    search: str
    compare: str
    setting: str
    weight: str
    weight_words: str
    weight_meaning: str
    as_set: str
    refined: str
    fused: str
    dense: str
    words: str
    part: str
    rerank: str
    took: str
    step_embed: str
    step_search: str
    step_rerank: str
    step_rewrite: str
    milliseconds: str
    place: str
    right: str
    kept: str
    none_found: str
    searching: str


EN = SearchWords(
    title="Search",
    hint="What is found, in which order, and why. Nothing is answered here.",
    question="What to search for",
    search="Search",
    compare="Compare two settings",
    setting="Setting {name}",
    weight="Weight",
    weight_words="words",
    weight_meaning="meaning",
    as_set="as set",
    refined="Look at the best more closely",
    fused="together",
    dense="meaning",
    words="words",
    part="best sentence",
    rerank="reranked",
    took="{milliseconds} in all",
    step_embed="understanding the question",
    step_search="searching",
    step_rerank="looking more closely",
    step_rewrite="wording",
    milliseconds="{count} ms",
    place="page {page}",
    right="This one is right",
    kept="Kept for your evaluation.",
    none_found="Nothing was found.",
    searching="Searching…",
)

ZH = SearchWords(
    title="检索",
    hint="查看找到了什么、怎样排序以及为什么。这里不作回答。",
    question="要检索的内容",
    search="检索",
    compare="比较两种设置",
    setting="设置 {name}",
    weight="权重",
    weight_words="词语",
    weight_meaning="语义",
    as_set="按设置",
    refined="细看最靠前的结果",
    fused="综合",
    dense="语义",
    words="词语",
    part="最佳句子",
    rerank="重排",
    took="共 {milliseconds}",
    step_embed="理解问题",
    step_search="检索",
    step_rerank="细看",
    step_rewrite="改写",
    milliseconds="{count} 毫秒",
    place="第 {page} 页",
    right="这一段是对的",
    kept="已保存，供评测使用。",
    none_found="没有找到内容。",
    searching="正在检索…",
)
