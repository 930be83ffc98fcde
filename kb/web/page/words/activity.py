"""The words of the activity: work under way, notices, and the log of requests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActivityWords:
    """The words of one language. ``{}`` fields are filled in by name."""

    title: str
    now: str
    nothing: str
    summary: str
    paused: str
    left: str
    log: str
    log_hint: str
    log_empty: str
    all_kinds: str
    every_end: str
    narrow_kind: str
    narrow_end: str
    kind_embedding: str
    kind_retrieval: str
    kind_rerank: str
    kind_answer: str
    kind_judge: str
    status_ok: str
    status_failed: str
    status_cancelled: str
    origin_page: str
    origin_command: str
    origin_api: str
    origin_openai: str
    origin_mcp: str
    origin_import: str
    origin_evaluation: str
    head_time: str
    head_kind: str
    head_origin: str
    head_model: str
    head_text: str
    head_tokens: str
    head_ms: str
    head_end: str
    took: str
    took_hint: str
    plots: str
    span: str
    span_hour: str
    span_day: str
    span_month: str
    span_empty: str
    span_cut: str
    counted: str
    took_over: str
    """Of one ``{kind}``."""
    failures: str
    quotes: str
    older: str
    newest: str
    export: str
    connection_lost: str
    something_wrong: str

    def of(self, group: str, name: str) -> str:
        """Returns what ``name`` of a group (kind, status, origin) is called; itself where nothing calls it so."""
        return str(getattr(self, f"{group}_{name}", name))


EN = ActivityWords(
    title="Activity",
    now="Work under way",
    nothing="Nothing is being imported.",
    summary="{running} running, {queued} waiting, {held} held up, {failed} failed",
    paused="All imports are paused.",
    left="about {time} left",
    log="Requests",
    log_hint="What was asked of models and indexes, newest first. It stays on this machine.",
    log_empty="Nothing was asked yet.",
    all_kinds="All kinds",
    every_end="However they ended",
    narrow_kind="Kind",
    narrow_end="End",
    kind_embedding="embedding",
    kind_retrieval="search",
    kind_rerank="second look",
    kind_answer="answer",
    kind_judge="check of sentences",
    status_ok="done",
    status_failed="failed",
    status_cancelled="stopped",
    origin_page="page",
    origin_command="command",
    origin_api="API",
    origin_openai="OpenAI's protocol",
    origin_mcp="MCP",
    origin_import="import",
    origin_evaluation="evaluation",
    head_time="When",
    head_kind="What",
    head_origin="From",
    head_model="Model",
    head_text="Asked",
    head_tokens="Tokens",
    head_ms="Took",
    head_end="End",
    took="How long they took",
    took_hint="Of the requests shown, by kind: the median and the 95th percentile.",
    plots="Over time",
    span="How far back",
    span_hour="The last hour",
    span_day="The last 24 hours",
    span_month="The last 30 days",
    span_empty="Nothing was asked in this time.",
    span_cut="The newest {count} are drawn; there were more.",
    counted="Requests: {count}",
    took_over="Time ({kind}): median and 95th percentile",
    failures="Failed: {failed}, stopped: {stopped}",
    quotes="Quotes only",
    older="Older",
    newest="Newest",
    export="Save all as a table",
    connection_lost="No connection to Footnote. It may have been ended; start it again.",
    something_wrong="Something went wrong inside Footnote; its log says what.",
)

ZH = ActivityWords(
    title="动态",
    now="进行中的工作",
    nothing="没有正在导入的文档。",
    summary="正在进行 {running} 个，等待 {queued} 个，受阻 {held} 个，失败 {failed} 个",
    paused="所有导入都已暂停。",
    left="约剩 {time}",
    log="请求",
    log_hint="向模型和索引提出的请求，最新的在前。记录只保存在本机。",
    log_empty="还没有任何请求。",
    all_kinds="所有类型",
    every_end="不限结果",
    narrow_kind="类型",
    narrow_end="结果",
    kind_embedding="向量计算",
    kind_retrieval="检索",
    kind_rerank="二次排序",
    kind_answer="回答",
    kind_judge="句子核对",
    status_ok="完成",
    status_failed="失败",
    status_cancelled="已停止",
    origin_page="页面",
    origin_command="命令",
    origin_api="接口",
    origin_openai="OpenAI 协议",
    origin_mcp="MCP",
    origin_import="导入",
    origin_evaluation="评测",
    head_time="时间",
    head_kind="内容",
    head_origin="来源",
    head_model="模型",
    head_text="问题",
    head_tokens="词元",
    head_ms="用时",
    head_end="结果",
    took="用时分布",
    took_hint="所示请求按类型统计：中位数与第 95 百分位数。",
    plots="随时间变化",
    span="时间范围",
    span_hour="最近一小时",
    span_day="最近 24 小时",
    span_month="最近 30 天",
    span_empty="这段时间里没有请求。",
    span_cut="只画出最新的 {count} 个，实际更多。",
    counted="请求：{count}",
    took_over="用时（{kind}）：中位数与第 95 百分位数",
    failures="失败：{failed}，已停止：{stopped}",
    quotes="仅引用原文",
    older="更早",
    newest="最新",
    export="全部存为表格",
    connection_lost="与 Footnote 的连接已断开。它可能已结束，请重新启动。",
    something_wrong="Footnote 内部出了问题，日志里有说明。",
)
