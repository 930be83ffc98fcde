"""What each setting is called on the page, with a sentence on what it does: (label, hint) by ``section.name``.

Those of connections stand under ``connections.`` and the field, whatever the connection is called.
"""

from __future__ import annotations

from collections.abc import Mapping

Labels = Mapping[str, tuple[str, str]]

EN: Labels = {
    "answering.model": ("Model that answers", ""),
    "answering.refusals": (
        "Refusals",
        "How readily a question is refused that no sentence of the passages seems to answer.",
    ),
    "answering.context_tokens": (
        "Context",
        "In tokens: prompt and answer together, at most what the model can take.",
    ),
    "answering.answer_tokens": ("Longest answer", "In tokens."),
    "answering.ollama_url": ("Address of Ollama", ""),
    "answering.endpoint_url": ("Address of another server", "OpenAI-compatible, up to and with /v1."),
    "answering.endpoint_key": ("Key for that server", ""),
    "judge.model": (
        "Model that checks sentences",
        "Off, or a model's name: it judges whether passages back a sentence.",
    ),
    "retrieval.passages": ("Passages", "How many an answer may draw on."),
    "retrieval.dense_weight": ("Meaning against words", "0 goes by words alone, 1 by meaning alone."),
    "reranker.model": ("Reranker", "A model that orders once more what was found."),
    "reranker.url": ("Address of a server that reranks", ""),
    "reranker.key": ("Key for that server", ""),
    "reranker.seconds": ("Time limit of the reranker", "In seconds; after that the order stays as it was."),
    "embedding.url": ("Server of the embedding model", ""),
    "storage.vectors_url": ("Server of the vectors", ""),
    "oidc.issuer": ("Signing in", ""),
    "parsing.chunk_tokens": (
        "Length of passages",
        "In tokens; for documents that are added from now on.",
    ),
    "parsing.max_file_megabytes": ("Largest file", "In megabytes."),
    "parsing.seconds": ("Time limit of a file", "In seconds; reading that takes longer is ended."),
    "parsing.megabytes": ("Memory for reading a file", "In megabytes."),
    "backup.kept": ("Daily backups kept", "0 makes none."),
    "connections.name": ("Name", "Small letters, digits, - and _."),
    "connections.kind": ("Kind", ""),
    "connections.url": ("Address", "For a server up to and with /v1; empty is Ollama's own on this machine."),
    "connections.model": (
        "Model",
        "Empty offers all that the server has. Of a file, its name in the folder of models.",
    ),
    "connections.key": ("Key", ""),
    "connections.context": ("Context", "In tokens."),
    "connections.max_tokens": ("Longest answer", "In tokens, thoughts included."),
    "connections.temperature": ("Temperature", "0 gives the same answer each time."),
    "connections.top_p": ("Top p", ""),
    "connections.thinking": ("Thinks first", ""),
    "careful": ("Careful: refuses rather once too often", ""),
    "balanced": ("Balanced", ""),
    "generous": ("Generous: only where passages are about something else", ""),
}

ZH: Labels = {
    "answering.model": ("回答所用的模型", ""),
    "answering.refusals": ("拒绝回答", "当没有任何句子看起来能回答问题时。"),
    "answering.context_tokens": ("上下文", "以词元计：提示与回答合计，不超过模型的上限。"),
    "answering.answer_tokens": ("最长回答", "以词元计。"),
    "answering.ollama_url": ("Ollama 的地址", ""),
    "answering.endpoint_url": ("另一台服务器的地址", "兼容 OpenAI，写到 /v1 为止。"),
    "answering.endpoint_key": ("该服务器的密钥", ""),
    "judge.model": ("核对句子的模型", "关闭（off），或模型名称：由它判断段落是否支持句子。"),
    "retrieval.passages": ("段落数", "一个回答最多可依据多少段落。"),
    "retrieval.dense_weight": ("语义与词语的权重", "0 只看词语，1 只看语义。"),
    "reranker.model": ("重排序模型", "用模型对找到的段落再排一次序。"),
    "reranker.url": ("重排序服务器的地址", ""),
    "reranker.key": ("该服务器的密钥", ""),
    "reranker.seconds": ("重排序的时限", "以秒计；超时则保持原有顺序。"),
    "embedding.url": ("向量模型的服务器", ""),
    "storage.vectors_url": ("向量的服务器", ""),
    "oidc.issuer": ("登录", ""),
    "parsing.chunk_tokens": ("段落长度", "以词元计；用于之后添加的文档。"),
    "parsing.max_file_megabytes": ("文件大小上限", "以 MB 计。"),
    "parsing.seconds": ("读取文件的时限", "以秒计；超时即终止。"),
    "parsing.megabytes": ("读取文件的内存", "以 MB 计。"),
    "backup.kept": ("保留的每日备份数", "0 表示不做备份。"),
    "connections.name": ("名称", "小写字母、数字、- 和 _。"),
    "connections.kind": ("类型", ""),
    "connections.url": ("地址", "服务器写到 /v1 为止；留空则为本机 Ollama。"),
    "connections.model": ("模型", "留空则提供服务器上的全部模型。若为文件，填写模型文件夹中的文件名。"),
    "connections.key": ("密钥", ""),
    "connections.context": ("上下文", "以词元计。"),
    "connections.max_tokens": ("最长回答", "以词元计，含思考。"),
    "connections.temperature": ("温度", "0 表示每次措辞相同。"),
    "connections.top_p": ("核采样", ""),
    "connections.thinking": ("先思考", ""),
    "careful": ("从严：宁可多拒绝一次", ""),
    "balanced": ("适中", ""),
    "generous": ("从宽：仅当段落另有所谈时", ""),
}
