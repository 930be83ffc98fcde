"""What the page of a document says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """The sentences of the screen; ``{}`` are filled by whoever shows them."""

    tab: str
    back: str
    about: str
    ask: str
    download: str
    edit_tags: str
    leave_out: str
    take_in: str
    read_again: str
    delete: str
    collection: str
    folder: str
    address: str
    title: str
    added: str
    size: str
    length: str
    language: str
    tags: str
    no_tags: str
    state: str
    passages: str
    passages_hint: str
    passage_place: str
    more_passages: str
    show_place: str
    leave_passage_out: str
    correct: str
    correct_question: str
    use_correction: str
    undo: str
    left_out: str
    corrected: str
    versions: str
    this_version: str
    older_version: str
    newer_version: str
    gone: str


EN = DocumentWords(
    tab="Document",
    back="Library",
    about="About this document",
    ask="Ask this document",
    download="Download",
    edit_tags="Tags…",
    leave_out="Leave out of searches",
    take_in="Search it again",
    read_again="Read it again",
    delete="Delete",
    collection="Collection",
    folder="Folder",
    address="Address",
    title="Title",
    added="Added",
    size="Size",
    length="Length",
    language="Language",
    tags="Tags",
    no_tags="none",
    state="State",
    passages="{count} passages",
    passages_hint="This is how it was cut. What you change here stays when it is read again.",
    passage_place="page {page}",
    more_passages="More",
    show_place="Show in the document",
    leave_passage_out="Leave out",
    correct="Correct",
    correct_question="What should stand here?",
    use_correction="Use this text",
    undo="Undo",
    left_out="left out",
    corrected="corrected",
    versions="Versions",
    this_version="This version, of {day}",
    older_version="The one before answers until this one is ready",
    newer_version="A newer one is being read, of {day}",
    gone="This document is not in the library any more.",
)

ZH = DocumentWords(
    tab="文档",
    back="文档库",
    about="关于这个文档",
    ask="向这个文档提问",
    download="下载",
    edit_tags="标签…",
    leave_out="不参与搜索",
    take_in="恢复参与搜索",
    read_again="重新读取",
    delete="删除",
    collection="文集",
    folder="文件夹",
    address="网址",
    title="标题",
    added="添加时间",
    size="大小",
    length="篇幅",
    language="语言",
    tags="标签",
    no_tags="无",
    state="状态",
    passages="{count} 个段落",
    passages_hint="文档就是这样切分的。在这里所做的更改，重新读取后仍然有效。",
    passage_place="第 {page} 页",
    more_passages="更多",
    show_place="在文档中查看",
    leave_passage_out="排除",
    correct="更正",
    correct_question="这里应该是什么文字？",
    use_correction="使用这段文字",
    undo="撤销",
    left_out="已排除",
    corrected="已更正",
    versions="版本",
    this_version="当前版本，{day}",
    older_version="在此版本可用之前，由上一版本回答",
    newer_version="正在读取更新的版本，{day}",
    gone="这个文档已不在文档库里。",
)
