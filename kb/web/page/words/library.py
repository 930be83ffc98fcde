"""What the library says: its bar, its table, its menus, uploads, and what needs attention."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LibraryWords:
    """The sentences of the screen; ``{}`` are filled by whoever shows them."""

    title: str
    document_count: str
    document_count_one: str
    search: str
    filters: str
    any_collection: str
    any_folder: str
    any_type: str
    any_state: str
    any_tag: str
    clear_filters: str
    general: str
    """What the collection ``default`` is called."""
    add: str
    add_files: str
    add_folder: str
    paste_text: str
    from_page: str
    paste_title: str
    paste_body: str
    paste_name: str
    """What pasted text is called that has no title."""
    to_collection: str
    drop_to: str
    table: str
    name: str
    collection: str
    tags: str
    length: str
    language: str
    size: str
    added: str
    state: str
    pages: str
    page: str
    words: str
    select_all: str
    select: str
    actions_for: str
    reason_of: str
    none_yet: str
    none_yet_hint: str
    none_match: str
    ready: str
    left_out: str
    importing: str
    failed: str
    cancelled: str
    open: str
    download: str
    edit_tags: str
    move: str
    leave_out: str
    take_in: str
    read_again: str
    retry: str
    pause: str
    resume: str
    cancel_import: str
    delete: str
    selected_one: str
    selected_many: str
    select_matching: str
    clear_selection: str
    confirm_delete: str
    deleted_one: str
    deleted_many: str
    undo: str
    undone: str
    done_to: str
    close: str
    tags_question: str
    move_question: str
    move_many_question: str
    moved_one: str
    moved_many: str
    add_tags_question: str
    work: str
    work_left: str
    attention_one: str
    attention_many: str
    show: str
    hide: str
    show_documents: str
    cause_count: str
    and_others: str
    queue_more: str
    uploading: str
    upload_progress: str
    upload_refused: str
    uploads_done: str
    details: str
    unreadable_file: str


EN = LibraryWords(
    title="Library",
    document_count="{count} documents",
    document_count_one="1 document",
    search="Search names and text",
    filters="Filter",
    any_collection="All collections",
    any_folder="All folders",
    any_type="All types",
    any_state="Any state",
    any_tag="Any tag",
    clear_filters="Clear",
    general="General",
    add="Add",
    add_files="Files…",
    add_folder="A folder…",
    paste_text="Paste text…",
    from_page="From a web page…",
    paste_title="Title",
    paste_body="Text",
    paste_name="Pasted text",
    to_collection="To collection",
    drop_to="Drop to add to {collection}",
    table="Documents",
    name="Name",
    collection="Collection",
    tags="Tags",
    length="Length",
    language="Language",
    size="Size",
    added="Added",
    state="State",
    pages="{count} pages",
    page="1 page",
    words="{count} words",
    select_all="Select all that are listed",
    select="Select {name}",
    actions_for="Actions for {name}",
    reason_of="What is the matter with {name}",
    none_yet="Nothing here yet",
    none_yet_hint="Drop files or folders anywhere on this page, or press Add. Nothing leaves this machine.",
    none_match="No document matches.",
    ready="Ready",
    left_out="Left out of searches",
    importing="Being imported",
    failed="Failed",
    cancelled="Cancelled",
    open="Open",
    download="Download the original",
    edit_tags="Tags…",
    move="Move…",
    leave_out="Leave out of searches",
    take_in="Search it again",
    read_again="Read it again",
    retry="Try again",
    pause="Pause",
    resume="Resume",
    cancel_import="Cancel the import",
    delete="Delete",
    selected_one="1 selected",
    selected_many="{count} selected",
    select_matching="Select all {count}",
    clear_selection="Clear selection",
    confirm_delete="Delete {count} documents?",
    deleted_one="“{name}” is deleted.",
    deleted_many="{count} documents are deleted.",
    undo="Undo",
    undone="{count} back again.",
    done_to="Done: {count}. Not possible: {refused}. {reason}",
    close="Close",
    move_question="Move “{name}” to which collection?",
    move_many_question="Move {count} documents to which collection?",
    moved_one="Moved to {where}.",
    moved_many="{count} documents moved to {where}.",
    tags_question="Tags of “{name}”, with spaces between them",
    add_tags_question="Tags to add to {count} documents, with spaces between them",
    work="Import",
    work_left="{running} being read · {queued} waiting",
    attention_one="1 needs attention",
    attention_many="{count} need attention",
    show="Show",
    hide="Hide",
    show_documents="Show them",
    cause_count="{count} documents",
    and_others="and {count} more",
    queue_more="and {count} more are waiting",
    uploading="Adding files",
    upload_progress="{done} of {total} added",
    upload_refused="{count} to look at",
    uploads_done="{count} added",
    details="Details",
    unreadable_file="it cannot be read from the disk",
)

ZH = LibraryWords(
    title="文档库",
    document_count="{count} 个文档",
    document_count_one="1 个文档",
    search="搜索名称和正文",
    filters="筛选",
    any_collection="全部文集",
    any_folder="全部文件夹",
    any_type="全部类型",
    any_state="任何状态",
    any_tag="任何标签",
    clear_filters="清除",
    general="默认",
    add="添加",
    add_files="文件…",
    add_folder="文件夹…",
    paste_text="粘贴文字…",
    from_page="从网页添加…",
    paste_title="标题",
    paste_body="正文",
    paste_name="粘贴的文字",
    to_collection="放入文集",
    drop_to="松开即添加到“{collection}”",
    table="文档",
    name="名称",
    collection="文集",
    tags="标签",
    length="篇幅",
    language="语言",
    size="大小",
    added="添加时间",
    state="状态",
    pages="{count} 页",
    page="1 页",
    words="{count} 字",
    select_all="选中列出的全部文档",
    select="选中 {name}",
    actions_for="对 {name} 的操作",
    reason_of="{name} 的情况说明",
    none_yet="还没有文档",
    none_yet_hint="把文件或文件夹拖到页面任意位置，或点“添加”。内容不会离开本机。",
    none_match="没有符合条件的文档。",
    ready="可用",
    left_out="不参与搜索",
    importing="正在导入",
    failed="失败",
    cancelled="已取消",
    open="打开",
    download="下载原文件",
    edit_tags="标签…",
    move="移动…",
    leave_out="不参与搜索",
    take_in="恢复参与搜索",
    read_again="重新读取",
    retry="重试",
    pause="暂停",
    resume="继续",
    cancel_import="取消导入",
    delete="删除",
    selected_one="已选 1 个",
    selected_many="已选 {count} 个",
    select_matching="全选 {count} 个",
    clear_selection="取消选择",
    confirm_delete="要删除 {count} 个文档吗？",
    deleted_one="已删除“{name}”。",
    deleted_many="已删除 {count} 个文档。",
    undo="撤销",
    undone="已恢复 {count} 个。",
    done_to="已完成：{count} 个；无法执行：{refused} 个。{reason}",
    close="关闭",
    move_question="把“{name}”移到哪个文集？",
    move_many_question="把 {count} 个文档移到哪个文集？",
    moved_one="已移到{where}。",
    moved_many="已将 {count} 个文档移到{where}。",
    tags_question="“{name}”的标签，用空格分开",
    add_tags_question="要给 {count} 个文档添加的标签，用空格分开",
    work="导入",
    work_left="正在读取 {running} 个 · 等待 {queued} 个",
    attention_one="1 个需要处理",
    attention_many="{count} 个需要处理",
    show="展开",
    hide="收起",
    show_documents="查看这些文档",
    cause_count="{count} 个文档",
    and_others="等另外 {count} 个",
    queue_more="还有 {count} 个在等待",
    uploading="正在添加文件",
    upload_progress="已添加 {done} / {total}",
    upload_refused="{count} 个需要查看",
    uploads_done="已添加 {count} 个",
    details="详情",
    unreadable_file="无法从磁盘读取",
)
