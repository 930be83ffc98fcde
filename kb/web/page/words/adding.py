"""What the page says that adds a text from another page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AddingWords:
    """The words of one language; ``{}`` are filled by whoever shows them."""

    language: str
    """As in the attribute ``lang`` of HTML."""
    title: str
    name: str
    address: str
    text: str
    collection: str
    general: str
    add: str
    cancel: str
    nothing: str
    only_address: str
    too_long: str
    no_address: str
    no_text: str
    no_room: str
    how_title: str
    how: str
    bookmark: str
    bookmark_too_long: str


EN = AddingWords(
    language="en",
    title="Add to the library",
    name="Title",
    address="Address",
    text="Text",
    collection="Collection",
    general="General",
    add="Add",
    cancel="Do not add",
    nothing="Nothing came along. Paste a text, or use the bookmark below on another page.",
    only_address="The address came without a text, and Footnote opens no pages itself. Paste the text, or select it "
    "there and use the bookmark below.",
    too_long="This text is too long: {count} characters of {most}. Select a part of it.",
    no_address="The address has to begin with http:// or https://.",
    no_text="There is no text to add.",
    no_room="Your account may read here, and add nothing.",
    how_title="From any page",
    how="Drag this link into the bookmarks of your browser. On another page it brings the selected text here, or all "
    "of the page's text where nothing is selected. Nothing is added before you say so.",
    bookmark="Add to Footnote",
    bookmark_too_long="This page is too long. Select a part of its text.",
)

ZH = AddingWords(
    language="zh-CN",
    title="添加到文档库",
    name="标题",
    address="网址",
    text="文本",
    collection="文集",
    general="默认",
    add="添加",
    cancel="不添加",
    nothing="没有收到内容。请粘贴文本，或在其他网页上使用下面的书签。",
    only_address="只收到网址，没有文本；Footnote 不会自行打开网页。请粘贴文本，或选中该网页的文本后使用下面的书签。",
    too_long="文本过长：{count} 个字符，最多 {most} 个。请只选取其中一部分。",
    no_address="这不是网页的地址。请填写完整的网址。",
    no_text="没有可添加的文本。",
    no_room="你的账户只能阅读，不能添加。",
    how_title="从任意网页添加",
    how="把这个链接拖到浏览器的书签栏。在其他网页上点击它，会把选中的文本带到这里；没有选中时，带来整个网页的文本。在你确认之前不会添加任何内容。",
    bookmark="添加到 Footnote",
    bookmark_too_long="网页过长，请只选取其中一部分文本。",
)
