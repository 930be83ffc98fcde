"""Why something was refused, in the language of the browser that asked.

Programs and commands send no language and get English, as it is raised.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from kb.errors import BadInput, FootnoteError
from kb.web.sentences.catalogue import said_in

_CHOSEN = re.compile(r"(?:^|;) ?footnote_language=(en|zh)(?:;|$)")
"""The cookie in which a browser keeps the language that somebody chose on the page (``static/looks.js``)."""

ZH = {
    "question_empty": "没有问题，请输入。",
    "question_too_long": "问题有 {length} 个字符，最多 {most} 个。请缩短，或把这段文字作为文档添加后再提问。",
    "question_no_text": "问题里有不是文字的字符，请重新输入。",
    "no_date": "{condition} 不是日期。请写成 after:2025-01-31 这样。",
    "body_no_json": "请求的内容不是 JSON。",
    "field_missing": "缺少“{field}”。",
    "field_unknown": "这里没有“{field}”这一项。",
    "field_too_long": "“{field}”过长：最多 {most} 个字符。",
    "field_empty": "“{field}”是空的。",
    "field_too_many": "“{field}”的项太多：最多 {most} 项。",
    "field_half_character": "“{field}”不是文字：其中有半个字符。",
    "field_nul": "“{field}”含有字符 NUL。",
    "field_not_taken": "“{field}”的值无法使用。",
    "form_too_many": "一个表单最多有 {most} 项和一个文件，这个表单超出了。",
    "form_two_files": "每次请只发送一个文件，这个表单里不止一个。",
    "form_no_file": "请在表单的“file”一项中发送一个文件，这个表单里没有。",
    "file_without_name": "文件没有名称。",
    "no_folder": "{folder} 不是本机上的文件夹。",
    "folder_without_questions": "{folder} 里没有问题。问题集需要 {needed}；写法见 docs/evaluation.md。",
    "nothing_to_evaluate": "没有可评测的内容。请给出问题集文件夹，或勾选“我保存的问题”。",
    "account_name": "账户名称由字母、数字、“.”、“_”和“-”组成，至少含一个字母，最多 {most} 个字符，不能以“.”或“-”开头。",
    "password_length": "密码须有 {least} 到 {most} 个字符。",
    "password_guessed": "这个密码太容易猜到，请换一个。",
    "nothing_kept": "还没有保存的问题。请先提问，再在能回答它的来源下点击“这段回答了问题”。",
}
"""By the ``key`` of the error; its ``values`` fill the ``{}``."""


def refusal_sentence(error: FootnoteError, accept_language: str | None) -> str:
    """Returns why something was refused, in the language that the browser prefers as far as there are words for it.

    ``accept_language`` is the header as it came; None for programs that send none.
    """
    language = language_of(accept_language)
    if isinstance(error, BadInput) and error.key and language == "zh":
        return ZH[error.key].format_map(error.values)
    return said_in(language, str(error))


def asked_language(headers: Mapping[str, str]) -> str | None:
    """Returns the language that was chosen on the page, else what the browser says of itself; None from programs."""
    chosen = _CHOSEN.search(headers.get("cookie") or "")
    return chosen[1] if chosen else headers.get("accept-language")


def language_of(accept_language: str | None) -> str:
    """Returns ``zh`` where a browser prefers Chinese to English, else ``en``.

    ``accept_language`` is the header as it came, like ``zh-CN,zh;q=0.9,en;q=0.8``.
    """
    return "zh" if preferred(accept_language, ("en", "zh")) == "zh" else "en"


def preferred(accept_language: str | None, known: Collection[str]) -> str | None:
    """Returns which of the ``known`` languages a browser likes best; None where it names none of them.

    ``accept_language`` is the header as it came, like ``zh-CN,zh;q=0.9,en;q=0.8``.
    """
    best, language = 0.0, None
    for part in (accept_language or "").split(","):
        tag, _, quality = part.strip().lower().partition(";q=")
        weight = _number(quality) if quality else 1.0
        name = tag.split("-")[0]
        if name in known and weight > best:
            best, language = weight, name
    return language


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
