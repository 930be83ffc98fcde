"""The words of the reader of documents."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReaderWords:
    """The words of one language. ``{}`` fields are filled in by name."""

    toolbar: str
    thumbnails: str
    page: str
    smaller: str
    larger: str
    find: str
    found_n: str
    found_none: str
    found_before: str
    found_after: str
    original: str
    original_at_page: str
    no_picture: str
    gone: str
    lost: str


EN = ReaderWords(
    toolbar="Reading",
    thumbnails="All pages",
    page="Page {page}",
    smaller="Smaller",
    larger="Larger",
    find="Find in document",
    found_n="{n} of {total}",
    found_none="Nothing found",
    found_before="Previous place",
    found_after="Next place",
    original="Save the original",
    original_at_page="Open the original at this page",
    no_picture="This page cannot be shown.",
    gone="This document is not in the library any more.",
    lost="No connection to Footnote.",
)

ZH = ReaderWords(
    toolbar="阅读",
    thumbnails="所有页面",
    page="第 {page} 页",
    smaller="缩小",
    larger="放大",
    find="在本文档中查找",
    found_n="第 {n} 处，共 {total} 处",
    found_none="没有找到",
    found_before="上一处",
    found_after="下一处",
    original="保存原文件",
    original_at_page="打开原文件的这一页",
    no_picture="这一页无法显示。",
    gone="这个文档已不在文档库中。",
    lost="与 Footnote 的连接已中断。",
)
