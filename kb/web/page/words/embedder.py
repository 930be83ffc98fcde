"""The words of the embedder's part of the settings that are about collections and tasks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EmbedderWords:
    """The words of one language. ``{}`` fields are filled in by name."""

    collection: str
    whole: str
    task: str
    task_none: str
    task_retrieval: str
    task_code: str
    task_duplicates: str
    task_classification: str
    task_clustering: str
    task_parallel: str
    task_hint: str
    own: str
    own_model: str
    own_lacking: str
    own_problem: str
    own_undo: str


EN = EmbedderWords(
    collection="Applies to",
    whole="the whole library",
    task="Task",
    task_none="as it is, or in your own words",
    task_retrieval="finding answers (the model's own)",
    task_code="finding code",
    task_duplicates="finding the same in other words",
    task_classification="telling categories apart",
    task_clustering="telling topics apart",
    task_parallel="finding translations",
    task_hint="A collection can have a model, or an instruction for the library's model, of its own. The library's "
    "model goes on embedding all passages: it answers until the last of a collection has its own vector.",
    own="{collection}: {said}",
    own_model="the library's model",
    own_lacking="{lacking} of {passages} passages are still to be embedded; until then the library's model answers.",
    own_problem="The library's model answers: {problem}",
    own_undo="Undo the last change",
)
ZH = EmbedderWords(
    collection="适用于",
    whole="整个文档库",
    task="任务",
    task_none="保持不变，或用自己的话说",
    task_retrieval="查找答案（模型自带的指令）",
    task_code="查找代码",
    task_duplicates="查找说法不同的相同内容",
    task_classification="区分类别",
    task_clustering="区分主题",
    task_parallel="查找译文",
    task_hint="一个文集可以有自己的模型，或为文档库的模型设置自己的指令。文档库的模型仍会嵌入所有段落：在文集的最后一个段落有了自己的向量之前，由它来回答。",
    own="{collection}：{said}",
    own_model="文档库的模型",
    own_lacking="{passages} 个段落中还有 {lacking} 个待嵌入；在此之前由文档库的模型回答。",
    own_problem="由文档库的模型回答：{problem}",
    own_undo="撤销上次更改",
)
