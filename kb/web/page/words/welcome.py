"""The words of the page before the first question of a conversation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WelcomeWords:
    """The words of one language. ``{}`` fields are filled in by name."""

    title: str
    hint: str
    first_title: str
    first_hint: str
    choose_files: str
    choose_folder: str
    steps: str
    documents: str
    documents_ready: str
    model: str
    model_found: str
    model_none: str
    choose_model: str
    question: str
    importing: str
    starters: str
    starter: str
    """A question about a part of a document, by its ``{heading}``."""


EN = WelcomeWords(
    title="Ask your documents",
    hint="Every claim in the answer carries a footnote. Open it to see the very passage on its page.",
    first_title="Drop your first documents",
    first_hint="PDF, Word, Markdown, HTML, text and more, anywhere on this page. Nothing leaves this machine.",
    choose_files="Choose files",
    choose_folder="Choose a folder",
    steps="To begin",
    documents="Documents",
    documents_ready="{count} ready",
    model="A model that answers",
    model_found="{name} answers",
    model_none="none yet: quotes only",
    choose_model="Choose",
    question="Your first question",
    importing="Being read: {count}. The first ones can be asked about in a moment.",
    starters="From your documents",
    starter="What do the documents say about “{heading}”?",
)

ZH = WelcomeWords(
    title="向你的文档提问",
    hint="回答中的每个论断都带有脚注，点开即可看到原文所在页面和段落。",
    first_title="拖入你的第一批文档",
    first_hint="PDF、Word、Markdown、HTML、纯文本等，拖到本页任意位置即可。一切都留在这台电脑上。",
    choose_files="选择文件",
    choose_folder="选择文件夹",
    steps="开始使用",
    documents="文档",
    documents_ready="{count} 个已就绪",
    model="回答问题的模型",
    model_found="由 {name} 回答",
    model_none="暂无：仅引用原文",
    choose_model="选择",
    question="你的第一个问题",
    importing="正在读取：{count} 个。很快就可以就最先完成的提问。",
    starters="来自你的文档",
    starter="文档中关于“{heading}”是怎么说的？",
)
