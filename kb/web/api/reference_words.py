"""What the page of the API's description says around what the description itself says, which is English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReferenceWords:
    """The words of one language."""

    language: str
    """As in the attribute ``lang`` of HTML."""
    place: int
    """Of the language among the words of ``SUMMARIES``."""
    title: str
    about: str
    schemas: str
    parameter: str
    field: str
    kind: str
    required: str
    body: str
    status: str
    answer: str


EN = ReferenceWords(
    language="en",
    place=0,
    title="Footnote API",
    about="",
    schemas="schemas",
    parameter="parameter",
    field="field",
    kind="kind",
    required="required",
    body="body",
    status="status",
    answer="answer",
)

ZH = ReferenceWords(
    language="zh-CN",
    place=1,
    title="Footnote 接口",
    about="本地知识库，回答附有脚注。各字段的说明为英文；密钥的范围、列表的翻页、重复上传和错误的写法见 docs/api.md。",
    schemas="数据结构",
    parameter="参数",
    field="字段",
    kind="类型",
    required="必填",
    body="请求内容",
    status="状态码",
    answer="返回",
)
