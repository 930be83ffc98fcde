"""The words around every screen: the rail, and what is said of a lost connection."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FrameWords:
    """The words of one language. ``{}`` fields are filled in by name."""

    language: str
    """As in the attribute ``lang`` of HTML."""
    navigation: str
    narrow: str
    widen: str
    open_menu: str
    close_menu: str
    new_question: str
    conversations: str
    search_conversations: str
    none_found: str
    cites: str
    cites_one: str
    more: str
    rename: str
    new_name: str
    pin: str
    unpin: str
    export_markdown: str
    export_json: str
    save: str
    delete: str
    cancel: str
    confirm_delete: str
    something_wrong: str
    connection_lost: str
    pinned: str
    today: str
    this_week: str
    older: str
    ask: str
    library: str
    search: str
    evaluation: str
    activity: str
    settings: str
    account: str

    def screen(self, name: str) -> str:
        """Returns what the screen with this id is called."""
        return str(getattr(self, name))


EN = FrameWords(
    language="en",
    navigation="Navigation",
    narrow="Make the side bar narrow",
    widen="Make the side bar wide",
    open_menu="History",
    close_menu="Close",
    new_question="New question",
    conversations="Conversations",
    search_conversations="Search conversations",
    cites="Cites {count} documents",
    cites_one="Cites one document",
    none_found="No conversation says this.",
    more="What to do with “{name}”",
    rename="Rename",
    new_name="What it is called:",
    pin="Pin",
    unpin="Unpin",
    export_markdown="Export as Markdown",
    export_json="Export as JSON",
    save="Save",
    delete="Delete",
    cancel="Cancel",
    confirm_delete="Delete “{name}” with its questions and answers?",
    something_wrong="Something went wrong inside Footnote; its log says what.",
    connection_lost="No connection to Footnote. Trying again… What you have typed stays.",
    pinned="Pinned",
    today="Today",
    this_week="This week",
    older="Older",
    ask="Ask",
    library="Library",
    search="Search",
    evaluation="Evaluation",
    activity="Activity",
    settings="Settings",
    account="Account",
)

ZH = FrameWords(
    language="zh-CN",
    navigation="导航",
    narrow="收起侧栏",
    widen="展开侧栏",
    open_menu="对话",
    close_menu="关闭",
    new_question="新问题",
    conversations="对话",
    search_conversations="搜索对话",
    cites="引用了 {count} 个文档",
    cites_one="引用了一个文档",
    none_found="没有找到这样的对话。",
    more="对“{name}”的操作",
    rename="重命名",
    new_name="名称：",
    pin="置顶",
    unpin="取消置顶",
    export_markdown="导出为 Markdown",
    export_json="导出为 JSON",
    save="保存",
    delete="删除",
    cancel="取消",
    confirm_delete="删除“{name}”及其中的问题和回答吗？",
    something_wrong="Footnote 内部出了问题，日志里有说明。",
    connection_lost="与 Footnote 的连接已断开，正在重试……你输入的内容会保留。",
    pinned="已置顶",
    today="今天",
    this_week="本周",
    older="更早",
    ask="提问",
    library="文档库",
    search="检索",
    evaluation="评测",
    activity="动态",
    settings="设置",
    account="账户",
)
