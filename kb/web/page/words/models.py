"""The words of the sheet on which somebody chooses the model that answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelsWords:
    """The words of one language. ``{}`` fields are filled in by name."""

    title: str
    other_title: str
    looking: str
    not_found: str
    """Why the sheet stays empty: the app did not answer."""
    automatic: str
    best: str
    best_hint: str
    ollama: str
    ollama_away: str
    ollama_get: str
    ollama_none: str
    ollama_more: str
    endpoint: str
    connections: str
    connections_hint: str
    connections_add: str
    files: str
    files_none: str
    files_add: str
    without: str
    quotes: str
    quotes_hint: str
    fits: str
    too_large: str
    memory: str
    memory_gpu: str
    suggested: str
    copy: str
    copied: str
    not_copied: str
    done: str
    cancel: str


EN = ModelsWords(
    title="Which model answers",
    other_title="Ask another model",
    looking="Looking for models…",
    not_found="Footnote did not say which models there are. Close this and try again.",
    automatic="Automatic",
    best="Best available",
    best_hint="Ollama, else a server, a connection, a file; without any of them, quotes.",
    ollama="Ollama",
    ollama_away="Ollama does not answer at {place}.",
    ollama_get="Get it from https://ollama.com/download, start it, and fetch a model:",
    ollama_none="It runs and has no model that answers. Fetch one:",
    ollama_more="One more:",
    endpoint="Server at {place}",
    connections="Connections",
    connections_hint="Servers that you named: vLLM, LM Studio, llama.cpp, another machine.",
    connections_add="Add a connection",
    files="Files on this machine",
    files_none="No GGUF file is here yet. Put one into the folder, or:",
    files_add="One more:",
    without="Without a model",
    quotes="Quotes from your documents",
    quotes_hint="The best sentences, word for word. Nothing is invented, and nothing needs to be installed.",
    fits="fits this machine",
    too_large="too large for this machine",
    memory="This machine has {memory} of memory and no graphics card that models can use.",
    memory_gpu="{gpu}: {memory} of memory are free for models.",
    suggested="{name} answers well with that.",
    copy="Copy",
    copied="Copied",
    not_copied="The browser did not let it be copied.",
    done="Done",
    cancel="Cancel",
)

ZH = ModelsWords(
    title="由哪个模型回答",
    other_title="换一个模型回答",
    looking="正在查找模型……",
    not_found="未能得知有哪些模型。请关闭后重试。",
    automatic="自动",
    best="最佳可用",
    best_hint="优先 Ollama，其次服务器、连接、模型文件；都没有时逐字引用。",
    ollama="Ollama",
    ollama_away="{place} 上的 Ollama 没有应答。",
    ollama_get="请从 https://ollama.com/download 获取并启动，然后下载一个模型：",
    ollama_none="它在运行，但没有可以回答的模型。请下载一个：",
    ollama_more="再下载一个：",
    endpoint="服务器 {place}",
    connections="连接",
    connections_hint="你命名的服务器：vLLM、LM Studio、llama.cpp，或另一台电脑。",
    connections_add="添加连接",
    files="本机上的模型文件",
    files_none="这里还没有 GGUF 文件。请放进这个文件夹，或者运行：",
    files_add="再添加一个：",
    without="不用模型",
    quotes="引用文档原文",
    quotes_hint="逐字引用最佳句子，不编造任何内容，也无需安装任何东西。",
    fits="本机放得下",
    too_large="本机放不下",
    memory="本机有 {memory} 内存，没有可供模型使用的显卡。",
    memory_gpu="{gpu}：有 {memory} 可供模型使用。",
    suggested="{name} 在这样的机器上回答得不错。",
    copy="复制",
    copied="已复制",
    not_copied="浏览器不允许复制。",
    done="完成",
    cancel="取消",
)
