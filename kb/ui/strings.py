"""Every word of the page, in English and Chinese."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from kb.types import DENIED, DocumentState


@dataclass(frozen=True, slots=True)
class Strings:
    """The words of one language. ``{}`` fields are filled in by name."""

    ask_tab: str
    library_tab: str

    # Library
    drop_title: str
    drop_hint: str
    choose_files: str
    into_collection: str
    all_collections: str
    show_collection: str
    name: str
    state: str
    pages: str
    size: str
    added: str
    actions: str
    delete: str
    delete_selected: str
    retry: str
    retry_selected: str
    disable: str
    enable: str
    also_in: str
    put_away: str
    cancel: str
    confirm_delete_one: str
    confirm_delete_many: str
    select: str
    previous: str
    next: str
    page_of: str
    documents_one: str
    documents_many: str
    library_empty: str
    collection_empty: str
    download_original: str
    upload_waiting: str
    upload_sending: str
    upload_present: str
    upload_done: str
    upload_failed: str
    upload_too_large: str
    connection_lost: str
    something_wrong: str
    pause: str
    resume: str
    pause_all: str
    resume_all: str
    retry_failed: str
    imports_left: str
    speed: str
    time_left: str
    all_paused: str
    job_paused: str
    job_waiting: str
    place: str
    pages_done: str
    seconds: str
    minutes: str
    hours: str
    state_queued: str
    state_parsing: str
    state_embedding: str
    state_indexing: str
    state_ready: str
    state_failed: str
    state_cancelled: str
    state_deleting: str

    # Ask
    question_placeholder: str
    ask: str
    stop: str
    new_conversation: str
    conversations: str
    no_conversations: str
    confirm_forget: str
    source_gone: str
    model: str
    model_auto: str
    search_in: str
    ask_empty_title: str
    ask_empty_hint: str
    ask_no_documents: str
    answered_by: str
    answered_by_quotes: str
    """No model wrote it: the answer is made of sentences of the documents."""
    how_better: str
    searching: str
    reading: str
    thinking: str
    sources: str
    also_found: str
    searched_for: str
    source_n: str
    back_to_text: str
    page_n: str
    lines: str
    line: str
    paragraphs: str
    paragraph: str
    picture_alt: str
    unsupported: str
    unsupported_hint: str
    weak: str
    weak_hint: str
    reason_missing: str
    reason_denied: str
    closest: str
    context_searched: str
    edit_search: str
    reading_whole: str
    stopped: str
    incomplete: str
    dropped: str
    empty_question: str

    # Evaluation
    evaluation_tab: str
    evaluation_hint: str
    evaluation_folder: str
    evaluation_config: str
    evaluation_compare: str
    evaluation_limit: str
    evaluation_answers: str
    evaluation_kept: str
    evaluation_run: str
    evaluation_settings_form: str
    evaluation_starting: str
    evaluation_importing: str
    evaluation_embedding: str
    evaluation_searching: str
    evaluation_timing: str
    evaluation_answering: str
    evaluation_comparing: str
    evaluation_stopping: str
    evaluation_cancelled: str
    evaluation_none: str
    evaluation_asked: str
    evaluation_figure: str
    evaluation_as_set: str
    evaluation_interval: str
    evaluation_difference: str
    evaluation_history: str
    evaluation_runs: str
    evaluation_missed: str
    evaluation_question: str
    evaluation_wanted: str
    evaluation_found: str
    evaluation_unread: str
    evaluation_disk: str
    evaluation_report: str
    keep_answer: str
    kept: str
    kept_none: str
    kept_questions: str
    figure_hit: str
    figure_recall: str
    figure_precision: str
    figure_chunk: str
    figure_iou: str
    figure_document: str
    figure_page: str
    figure_answer: str
    figure_contains: str
    figure_citation: str
    figure_refusal: str

    language: str
    """The code of the language that all of this is in, as in HTML."""

    def state_name(self, state: DocumentState) -> str:
        """The word for a state."""
        return str(getattr(self, f"state_{state.value}"))

    def reason(self, reason: str) -> str:
        """Why a sentence is in doubt: ``denied``, or the words that its passage lacks."""
        return self.reason_denied if reason == DENIED else self.reason_missing.format(what=reason)


EN = Strings(
    ask_tab="Ask",
    library_tab="Library",
    drop_title="Drop documents here",
    drop_hint="PDF, Word, Markdown, HTML or plain text. They stay on this machine.",
    choose_files="Choose files",
    into_collection="Add to collection",
    all_collections="All collections",
    show_collection="Show",
    name="Document",
    state="State",
    pages="Pages",
    size="Size",
    added="Added",
    actions="Actions",
    delete="Delete",
    delete_selected="Delete selected",
    retry="Try again",
    retry_selected="Try selected again",
    disable="Leave out",
    enable="Search again",
    also_in="also in",
    put_away="I have read this",
    cancel="Cancel",
    confirm_delete_one="Delete “{name}”? Its text and its index entries go too.",
    confirm_delete_many="Delete {count} documents? Their text and their index entries go too.",
    select="Select {name}",
    previous="Newer",
    next="Older",
    page_of="{first}–{last} of {total}",
    documents_one="1 document",
    documents_many="{count} documents",
    library_empty="Nothing here yet. Drop a PDF above; when it says “ready”, ask about it.",
    collection_empty="There is nothing in this collection.",
    download_original="Download the original",
    upload_waiting="waiting",
    upload_sending="sending, {percent}%",
    upload_present="already in the library",
    upload_done="added",
    upload_failed="not added: {reason}",
    upload_too_large="it is larger than {megabytes} MB",
    connection_lost="No connection to Footnote. Trying again…",
    something_wrong="Something went wrong inside Footnote; its log says what.",
    pause="Pause",
    resume="Resume",
    pause_all="Pause all",
    resume_all="Resume all",
    retry_failed="Try all failed again ({count})",
    imports_left="{count} to import",
    speed="{speed} passages a second",
    time_left="about {time} left",
    all_paused="All imports are paused.",
    job_paused="paused",
    job_waiting="held up",
    place="no. {position}",
    pages_done="page {done} of {pages}",
    seconds="{count} s",
    minutes="{count} min",
    hours="{count} h",
    state_queued="waiting",
    state_parsing="reading",
    state_embedding="embedding",
    state_indexing="indexing",
    state_ready="ready",
    state_failed="failed",
    state_cancelled="cancelled",
    state_deleting="deleting",
    question_placeholder="Ask about your documents…",
    ask="Ask",
    stop="Stop",
    new_conversation="New conversation",
    conversations="Earlier conversations",
    no_conversations="Nothing was asked yet.",
    confirm_forget="Delete “{name}” with its questions and answers?",
    source_gone="This document is not in the library any more; only the quoted words are left.",
    model="Model",
    model_auto="Best available",
    search_in="Search in",
    ask_empty_title="Ask your documents",
    ask_empty_hint="Every claim in the answer carries a footnote. "
    "Open it to see the very passage on its page.",
    ask_no_documents="The library is empty. Drop a PDF anywhere on this page to begin.",
    answered_by="Answered by {model}",
    answered_by_quotes="Quoted word for word, without a model",
    how_better="How to get better answers",
    searching="Searching your documents…",
    reading="Reading the passages…",
    thinking="The model is thinking…",
    sources="Sources",
    also_found="Also found ({count})",
    searched_for="Searched for: {question}",
    source_n="Source {n}",
    back_to_text="Back to the text",
    page_n="page {page}",
    lines="lines {first}–{last}",
    line="line {first}",
    paragraphs="paragraphs {first}–{last}",
    paragraph="paragraph {first}",
    picture_alt="Page {page} of {name} with the passage highlighted",
    unsupported="not in the source",
    unsupported_hint="The passage that this sentence cites does not say it. Check it before you rely on it.",
    weak="check",
    weak_hint="The passage that this sentence cites says only part of it.",
    reason_missing="It does not have: {what}.",
    reason_denied="One of the two denies what the other says.",
    closest="Closest passages",
    context_searched="… and a little for what was said before: {context}",
    edit_search="Change what is searched",
    reading_whole="Reading {name}: part {done} of {total} …",
    stopped="Stopped. This is what was written until then.",
    incomplete="The answer breaks off: {reason}",
    dropped="{count} more passages were found that do not fit into the model's context.",
    empty_question="Write a question first.",
    evaluation_tab="Evaluation",
    evaluation_hint="Measure how well passages are found and answers footnoted, on questions whose answers are known. "
    "Nothing in your library changes.",
    evaluation_folder="Folder with questions, on this machine",
    evaluation_config="Other settings, NAME=VALUE",
    evaluation_compare="Compare with, NAME=VALUE",
    evaluation_limit="At most so many questions",
    evaluation_answers="Of these, answer",
    evaluation_kept="My kept questions",
    evaluation_run="Run",
    evaluation_settings_form="{text} is not a setting. Write NAME=VALUE, as in dense_weight=0.6.",
    evaluation_starting="Starting…",
    evaluation_importing="Importing the documents",
    evaluation_embedding="Embedding the questions",
    evaluation_searching="Searching",
    evaluation_timing="Measuring time",
    evaluation_answering="Answering",
    evaluation_comparing="Summing up",
    evaluation_stopping="Stopping after this question…",
    evaluation_cancelled="stopped early",
    evaluation_none="Nothing was measured yet.",
    evaluation_asked="{asked} of {questions} questions, {documents} documents",
    evaluation_figure="Figure",
    evaluation_as_set="as set",
    evaluation_interval="95% interval",
    evaluation_difference="difference",
    evaluation_history="Over time",
    evaluation_runs="{count} runs",
    evaluation_missed="{count} questions whose passage was not among the first five",
    evaluation_question="Question",
    evaluation_wanted="Answered by",
    evaluation_found="Found first",
    evaluation_unread="These documents could not be imported:",
    evaluation_disk="{size} on the disk are kept for the next run, in the folder “evaluation” of the data folder.",
    evaluation_report="Footnote: evaluation",
    keep_answer="This passage answers it",
    kept="Kept for the evaluation",
    kept_none="No questions are kept. Under a source of an answer, press “This passage answers it”.",
    kept_questions="Kept questions ({count})",
    figure_hit="hit",
    figure_recall="recall",
    figure_precision="precision",
    figure_chunk="chunk",
    figure_iou="iou",
    figure_document="document",
    figure_page="page",
    figure_answer="answer",
    figure_contains="contains",
    figure_citation="citation",
    figure_refusal="refusal",
    language="en",
)

ZH = Strings(
    ask_tab="提问",
    library_tab="文档库",
    drop_title="把文档拖到这里",
    drop_hint="支持 PDF、Word、Markdown、HTML 和纯文本。文件只保存在本机。",
    choose_files="选择文件",
    into_collection="加入文集",
    all_collections="全部文集",
    show_collection="显示",
    name="文档",
    state="状态",
    pages="页数",
    size="大小",
    added="添加时间",
    actions="操作",
    delete="删除",
    delete_selected="删除所选",
    retry="重试",
    retry_selected="重试所选",
    disable="不再搜索",
    enable="重新搜索",
    also_in="另见",
    put_away="知道了",
    cancel="取消",
    confirm_delete_one="删除“{name}”？它的文字和索引也会一并删除。",
    confirm_delete_many="删除 {count} 个文档？它们的文字和索引也会一并删除。",
    select="选择 {name}",
    previous="较新",
    next="较旧",
    page_of="第 {first}–{last} 个，共 {total} 个",
    documents_one="1 个文档",
    documents_many="{count} 个文档",
    library_empty="这里还没有文档。把 PDF 拖到上面，显示“就绪”后即可提问。",
    collection_empty="这个文集里没有文档。",
    download_original="下载原文件",
    upload_waiting="等待上传",
    upload_sending="上传中，{percent}%",
    upload_present="文档库中已有",
    upload_done="已添加",
    upload_failed="未添加：{reason}",
    upload_too_large="文件超过 {megabytes} MB",
    connection_lost="与 Footnote 的连接已断开，正在重试……",
    something_wrong="Footnote 内部出错，详情见日志。",
    pause="暂停",
    resume="继续",
    pause_all="全部暂停",
    resume_all="全部继续",
    retry_failed="重试全部失败项（{count}）",
    imports_left="还有 {count} 个待导入",
    speed="每秒 {speed} 段",
    time_left="约剩 {time}",
    all_paused="所有导入均已暂停。",
    job_paused="已暂停",
    job_waiting="等待恢复",
    place="第 {position} 位",
    pages_done="第 {done} 页，共 {pages} 页",
    seconds="{count} 秒",
    minutes="{count} 分钟",
    hours="{count} 小时",
    state_queued="排队中",
    state_parsing="读取中",
    state_embedding="向量化",
    state_indexing="建立索引",
    state_ready="就绪",
    state_failed="失败",
    state_cancelled="已取消",
    state_deleting="删除中",
    question_placeholder="就你的文档提问……",
    ask="提问",
    stop="停止",
    new_conversation="新对话",
    conversations="以前的对话",
    no_conversations="还没有提过问题。",
    confirm_forget="删除“{name}”及其全部问答？",
    source_gone="这份文档已不在文档库中，只保留了引用的文字。",
    model="模型",
    model_auto="自动选择最佳",
    search_in="搜索范围",
    ask_empty_title="向你的文档提问",
    ask_empty_hint="回答中的每个论断都带有脚注，点开即可看到原文所在页面和段落。",
    ask_no_documents="文档库是空的。把 PDF 拖到本页任意位置即可开始。",
    answered_by="由 {model} 回答",
    answered_by_quotes="逐字引用原文，未使用模型",
    how_better="如何得到更好的回答",
    searching="正在搜索文档……",
    reading="正在阅读相关段落……",
    thinking="模型正在思考……",
    sources="来源",
    also_found="另外找到（{count}）",
    searched_for="实际搜索：{question}",
    source_n="来源 {n}",
    back_to_text="回到正文",
    page_n="第 {page} 页",
    lines="第 {first}–{last} 行",
    line="第 {first} 行",
    paragraphs="第 {first}–{last} 段",
    paragraph="第 {first} 段",
    picture_alt="{name} 第 {page} 页，引文已标出",
    unsupported="来源未支持",
    unsupported_hint="所引段落并没有这样说，请核对后再采用。",
    weak="待核对",
    weak_hint="所引段落只说到了这句话的一部分。",
    reason_missing="其中没有：{what}。",
    reason_denied="一处肯定而另一处否定。",
    closest="最接近的段落",
    context_searched="……并少量参考前文：{context}",
    edit_search="修改搜索内容",
    reading_whole="正在通读 {name}：第 {done} / {total} 部分……",
    stopped="已停止。以下是停止前写出的内容。",
    incomplete="回答中断：{reason}",
    dropped="另有 {count} 段超出模型的上下文长度，未能使用。",
    empty_question="请先写下问题。",
    evaluation_tab="评测",
    evaluation_hint="用已知答案的问题，衡量段落检索和引文的质量。文档库不会改变。",
    evaluation_folder="本机上的问题集文件夹",
    evaluation_config="其他设置，名称=值",
    evaluation_compare="对比设置，名称=值",
    evaluation_limit="最多提问数",
    evaluation_answers="其中生成回答的数量",
    evaluation_kept="我保存的问题",
    evaluation_run="运行",
    evaluation_settings_form="{text} 不是有效设置，请写成 名称=值，例如 dense_weight=0.6。",
    evaluation_starting="正在开始……",
    evaluation_importing="正在导入文档",
    evaluation_embedding="正在向量化问题",
    evaluation_searching="正在检索",
    evaluation_timing="正在计时",
    evaluation_answering="正在回答",
    evaluation_comparing="正在汇总",
    evaluation_stopping="完成当前问题后停止……",
    evaluation_cancelled="提前停止",
    evaluation_none="还没有评测结果。",
    evaluation_asked="{questions} 个问题中的 {asked} 个，{documents} 个文档",
    evaluation_figure="指标",
    evaluation_as_set="当前设置",
    evaluation_interval="95% 置信区间",
    evaluation_difference="差值",
    evaluation_history="历次结果",
    evaluation_runs="{count} 次运行",
    evaluation_missed="{count} 个问题的答案段落未进入前五",
    evaluation_question="问题",
    evaluation_wanted="答案所在",
    evaluation_found="排在第一的结果",
    evaluation_unread="以下文档无法导入：",
    evaluation_disk="为下次运行在磁盘上保留了 {size}，位于数据目录的 evaluation 文件夹。",
    evaluation_report="Footnote 评测报告",
    keep_answer="这段回答了问题",
    kept="已保存用于评测",
    kept_none="还没有保存的问题。在回答的来源下点击“这段回答了问题”即可保存。",
    kept_questions="已保存的问题（{count}）",
    figure_hit="命中率",
    figure_recall="召回率",
    figure_precision="精确率",
    figure_chunk="片段",
    figure_iou="交并比",
    figure_document="文档命中",
    figure_page="页码命中",
    figure_answer="回答",
    figure_contains="包含答案",
    figure_citation="引文",
    figure_refusal="拒答",
    language="zh",
)


def strings_for(accept_language: str | None) -> Strings:
    """Chinese where the browser prefers it to English, else English.

    ``accept_language`` is the header as it came, like ``zh-CN,zh;q=0.9,en;q=0.8``.
    """
    best, language = 0.0, EN
    for part in (accept_language or "").split(","):
        tag, _, quality = part.strip().lower().partition(";q=")
        weight = _number(quality) if quality else 1.0
        known = {"zh": ZH, "en": EN}.get(tag.split("-")[0])
        if known is not None and weight > best:
            best, language = weight, known
    return language


def translations() -> dict[str, dict[str, str]]:
    """The same words for the labels that Gradio draws, by the locales it knows."""
    return {"en": asdict(EN), "zh-CN": asdict(ZH), "zh-TW": asdict(ZH)}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
