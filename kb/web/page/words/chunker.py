"""The words of the passages' length in the settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChunkerWords:
    """The words of one language. ``{}`` fields are filled in by name."""

    title: str
    hint: str
    now: str
    others: str
    ask: str
    measuring: str
    cost: str
    cost_kept: str
    switch: str
    asking: str
    cutting: str
    checking: str
    paused: str
    stop: str
    undo: str
    questions: str
    kept: str
    forget: str
    forget_sure: str
    field: str


EN = ChunkerWords(
    title="Length of passages",
    hint="In tokens. Documents are read and cut anew; each answers by its old passages until its new ones are ready.",
    now="Passages have at most {chunk_tokens} tokens.",
    others="Those of {others} of {documents} documents have another length.",
    ask="What would it cost?",
    measuring="Some documents are being cut to see.",
    cost="From {from} to {to} tokens: {documents} documents are cut anew, {passages} passages become about "
    "{passages_after}, and {tokens} tokens are embedded. About {minutes} minutes and {megabytes} MB (measured on "
    "{measured} documents). Questions are answered meanwhile.",
    cost_kept="From {from} to {to} tokens: the passages of {kept} of {documents} documents are kept since the last "
    "change. About {minutes} minutes and {megabytes} MB. Questions are answered meanwhile.",
    switch="Change",
    asking="Labelled questions are asked.",
    cutting="Changing to {switching_to} tokens: {done} of {total} documents have their new passages.",
    checking="Passages are searched for: {done} of {total}.",
    paused="All imports are paused, and this with them.",
    stop="Stop",
    undo="Return to {undo}",
    questions="Of {questions} labelled questions {before} found their passage before ({first_before} in the first "
    "place), {after} do now ({first_after}).",
    kept="{kept_megabytes} MB of former passages are kept, so that this can be undone.",
    forget="Delete former passages",
    forget_sure="Delete the former passages? The last change cannot be undone then.",
    field="Tokens",
)
ZH = ChunkerWords(
    title="段落长度",
    hint="以词元计。文档会重新读取和切分；新段落就绪之前，每个文档仍用原来的段落回答。",
    now="每个段落最多 {chunk_tokens} 个词元。",
    others="{documents} 个文档中有 {others} 个的段落长度不同。",
    ask="要花多少？",
    measuring="正在试着切分几个文档。",
    cost="从 {from} 改为 {to} 个词元：重新切分 {documents} 个文档，{passages} 个段落变成约 {passages_after} 个，"
    "嵌入 {tokens} 个词元，约 {minutes} 分钟、{megabytes} MB（按 {measured} 个文档实测）。期间照常回答问题。",
    cost_kept="从 {from} 改为 {to} 个词元：{documents} 个文档中有 {kept} 个保留着上次更改前的段落，"
    "约 {minutes} 分钟、{megabytes} MB。期间照常回答问题。",
    switch="更改",
    asking="正在用带标注的问题提问。",
    cutting="正在改为 {switching_to} 个词元：{total} 个文档中 {done} 个已有新段落。",
    checking="正在检查段落能否找到：{done}/{total}。",
    paused="所有导入都已暂停，这项更改也在等待。",
    stop="停止",
    undo="改回 {undo}",
    questions="{questions} 个带标注的问题中，之前有 {before} 个找到了段落（{first_before} 个排在首位），"
    "现在有 {after} 个（{first_after} 个）。",
    kept="为了可以撤销，保留着 {kept_megabytes} MB 的旧段落。",
    forget="删除旧段落",
    forget_sure="要删除旧段落吗？之后就不能撤销上次更改了。",
    field="词元数",
)
