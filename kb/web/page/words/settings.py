"""The words of the settings: of the screen here, of each setting in ``setting_labels``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SettingsWords:
    """The words of one language. ``{}`` fields are filled in by name."""

    title: str
    parts: str
    answering: str
    embedding: str
    retrieval: str
    documents: str
    storage: str
    people: str
    appearance: str
    privacy: str
    about: str
    save: str
    saved: str
    cancel: str
    reset: str
    test: str
    testing: str
    tested: str
    tested_untimed: str
    tested_context: str
    test_quotes: str
    connections: str
    connections_hint: str
    add_connection: str
    edit: str
    remove: str
    confirm_remove: str
    change: str
    key_set: str
    key_none: str
    from_default: str
    from_file: str
    from_here: str
    from_environment: str
    from_command: str
    locked_environment: str
    locked_command: str
    locked_file: str
    after_restart: str
    waits: str
    none: str
    yes: str
    no: str
    model_now: str
    model_auto: str
    model_quotes: str
    model_asking: str
    reranker_off: str
    reranker_auto: str
    kind_ollama: str
    kind_endpoint: str
    kind_gguf: str
    width_title: str
    width_hint: str
    width_measure: str
    width_measuring: str
    width_found: str
    width_none: str
    width_fixed: str
    folder: str
    space: str
    space_originals: str
    space_database: str
    space_indexes: str
    space_models: str
    space_backups: str
    space_evaluation: str
    space_other: str
    theme: str
    theme_system: str
    theme_light: str
    theme_dark: str
    language: str
    language_browser: str
    text_size: str
    size_small: str
    size_usual: str
    size_large: str
    size_larger: str
    appearance_hint: str
    no_network: str
    goes_out: str
    stays_here: str
    goes_answering: str
    goes_embedding: str
    goes_reranking: str
    goes_vectors: str
    goes_identity: str
    privacy_downloads: str
    about_python: str
    about_package: str
    about_version: str
    about_licence: str
    not_stated: str
    connection_lost: str
    something_wrong: str

    def of_part(self, name: str) -> str:
        """Returns what a part of the screen is called."""
        return str(getattr(self, name))

    def of_kind(self, kind: str) -> str:
        """Returns what a kind of connection is called."""
        return str(getattr(self, f"kind_{kind}"))

    def of_space(self, kind: str) -> str:
        """Returns what takes room in the data folder."""
        return str(getattr(self, f"space_{kind}"))


EN = SettingsWords(
    title="Settings",
    parts="Parts of the settings",
    answering="Answering",
    embedding="Embedding",
    retrieval="Retrieval",
    documents="Documents",
    storage="Storage",
    people="People",
    appearance="Appearance",
    privacy="Privacy",
    about="About",
    save="Save",
    saved="Saved. It counts from the next question on.",
    cancel="Cancel",
    reset="Reset",
    test="Test",
    testing="It is being asked something …",
    tested="{seconds} s to the first word, {speed} tokens a second",
    tested_untimed="{seconds} s to the first word",
    tested_context="{told}, context {context} tokens",
    test_quotes="Nothing to test: without a model, the best sentences are quoted word for word.",
    connections="Connections",
    connections_hint="Models on servers or in files, each under a name of its own.",
    add_connection="Add a connection",
    edit="Change",
    remove="Remove",
    confirm_remove="Remove the connection {name}? Its key is forgotten with it.",
    change="Change {name}",
    key_set="A key is set. It is not shown again; type another one to replace it.",
    key_none="No key is set.",
    from_default="default",
    from_file="from footnote.toml",
    from_here="set here",
    from_environment="from the environment: {said}",
    from_command="from the command line",
    locked_environment="{said} in the environment counts before what is set here. Unset it to change this here.",
    locked_command="It was given when Footnote was started, which counts before what is set here.",
    locked_file="Set it in footnote.toml, and start Footnote again.",
    after_restart="takes effect when Footnote is started again",
    waits="Saved. It takes effect when Footnote is started again.",
    none="none",
    yes="Yes",
    no="No",
    model_now="Answers now: {name}",
    model_auto="Automatic",
    model_quotes="Quotes only",
    model_asking="Looking for models …",
    reranker_off="Off",
    reranker_auto="One that is here already",
    kind_ollama="Ollama",
    kind_endpoint="OpenAI-compatible server",
    kind_gguf="GGUF file",
    width_title="Width of the vectors",
    width_hint="Narrower vectors take less memory and may find less. A change takes seconds and no model run.",
    width_measure="Measure with my own questions",
    width_measuring="Your questions are being searched at each width …",
    width_found="{found} of {questions} questions find their passage by meaning alone",
    width_fixed="This model works at this width alone.",
    width_none="Mark an answer's passage as the right one to have questions of your own to measure with.",
    folder="Data folder",
    space="Room taken",
    space_originals="Original files",
    space_database="Database",
    space_indexes="Indexes",
    space_models="Models",
    space_backups="Backups",
    space_evaluation="Evaluations",
    space_other="Other",
    theme="Theme",
    theme_system="As the system",
    theme_light="Light",
    theme_dark="Dark",
    language="Language",
    language_browser="As the browser",
    text_size="Size of the text",
    size_small="Small",
    size_usual="Usual",
    size_large="Large",
    size_larger="Larger",
    appearance_hint="This browser remembers it; others keep theirs.",
    no_network="Nothing leaves this machine: no address of another one is set.",
    goes_out="These addresses are on other machines. What goes there leaves this one.",
    stays_here="These addresses are on this machine.",
    goes_answering="questions, and the passages that an answer draws on",
    goes_embedding="the text of every document, and questions",
    goes_reranking="questions, and the passages found",
    goes_vectors="the vectors of every passage, without its text",
    goes_identity="that somebody signs in, and nothing of the library",
    privacy_downloads="Models are downloaded only when somebody asks for one by its name or address. The page itself "
    "asks nobody but this app, and nothing is reported to anyone.",
    about_python="Footnote with Python {python} on {system}",
    about_package="Part",
    about_version="Version",
    about_licence="Licence",
    not_stated="not stated",
    connection_lost="No connection to Footnote. It may have been ended; start it again.",
    something_wrong="Something went wrong inside Footnote; its log says what.",
)

ZH = SettingsWords(
    title="设置",
    parts="设置的各部分",
    answering="回答",
    embedding="向量模型",
    retrieval="检索",
    documents="文档",
    storage="存储",
    people="账户与共享",
    appearance="外观",
    privacy="隐私",
    about="关于",
    save="保存",
    saved="已保存，从下一个问题起生效。",
    cancel="取消",
    reset="重置",
    test="测试",
    testing="正在向它提问……",
    tested="首字 {seconds} 秒，每秒 {speed} 个词元",
    tested_untimed="首字 {seconds} 秒",
    tested_context="{told}，上下文 {context} 个词元",
    test_quotes="无需测试：没有模型时，逐字引用最合适的句子。",
    connections="连接",
    connections_hint="服务器上或文件中的模型，各有自己的名称。",
    add_connection="添加连接",
    edit="更改",
    remove="移除",
    confirm_remove="移除连接 {name} 吗？它的密钥也会一并忘记。",
    change="更改 {name}",
    key_set="已设置密钥，不会再显示；输入新的即可替换。",
    key_none="未设置密钥。",
    from_default="默认值",
    from_file="来自 footnote.toml",
    from_here="在此设置",
    from_environment="来自环境变量：{said}",
    from_command="来自命令行",
    locked_environment="环境变量 {said} 优先于此处的设置。取消该变量后才能在此更改。",
    locked_command="启动 Footnote 时已指定，优先于此处的设置。",
    locked_file="请在 footnote.toml 中设置，然后重新启动 Footnote。",
    after_restart="重新启动 Footnote 后生效",
    waits="已保存，等待中：重新启动 Footnote 后生效。",
    none="无",
    yes="是",
    no="否",
    model_now="当前回答者：{name}",
    model_auto="自动",
    model_quotes="仅引用原文",
    model_asking="正在查找模型……",
    reranker_off="关闭",
    reranker_auto="使用本机已有的",
    kind_ollama="Ollama",
    kind_endpoint="兼容 OpenAI 的服务器",
    kind_gguf="GGUF 文件",
    width_title="向量宽度",
    width_hint="向量越窄，占用内存越少，但可能找到的更少。更改只需几秒，不必运行模型。",
    width_measure="用我自己的问题测量",
    width_measuring="正在以每种宽度检索你的问题……",
    width_found="{questions} 个问题中有 {found} 个仅凭语义找到了对应段落",
    width_fixed="此模型只能使用这一宽度。",
    width_none="把回答中的段落标为正确，就有了可用来测量的问题。",
    folder="数据文件夹",
    space="占用空间",
    space_originals="原始文件",
    space_database="数据库",
    space_indexes="索引",
    space_models="模型",
    space_backups="备份",
    space_evaluation="评测",
    space_other="其他",
    theme="主题",
    theme_system="跟随系统",
    theme_light="浅色",
    theme_dark="深色",
    language="语言",
    language_browser="跟随浏览器",
    text_size="文字大小",
    size_small="小",
    size_usual="标准",
    size_large="大",
    size_larger="更大",
    appearance_hint="由此浏览器记住，其他浏览器不受影响。",
    no_network="没有任何内容离开本机：未设置其他机器的地址。",
    goes_out="以下地址在其他机器上，发往那里的内容会离开本机。",
    stays_here="以下地址在本机上。",
    goes_answering="问题，以及回答所依据的段落",
    goes_embedding="每个文档的文字，以及问题",
    goes_reranking="问题，以及找到的段落",
    goes_vectors="每个段落的向量，不含文字",
    goes_identity="有人登录这件事，不含文档库的任何内容",
    privacy_downloads="只有当有人按名称或地址要求时才会下载模型。页面只与本应用通信，也不向任何人报告任何内容。",
    about_python="Footnote，Python {python}，运行于 {system}",
    about_package="组成部分",
    about_version="版本",
    about_licence="许可证",
    not_stated="未说明",
    connection_lost="与 Footnote 的连接已断开。它可能已结束，请重新启动。",
    something_wrong="Footnote 内部出了问题，日志里有说明。",
)
