"""A server with OpenAI's ``/v1/embeddings``: vLLM, Text Embeddings Inference, llama.cpp, LM Studio, Ollama.

https://platform.openai.com/docs/api-reference/embeddings. Only ``model`` and ``input`` are sent: vLLM answers 400 to
``dimensions`` for most models, and cuts the beginning where it is told to truncate. What is to be cut is cut here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from kb.errors import FootnoteError, Misconfigured
from kb.models.embed.served.protocol import Answered, NotVectors, ServerFacts, matrix
from kb.models.embed.served.replies import MOST_BYTES, at, parsed, require_sound, said, success, whole_number
from kb.models.transport import ModelClient, ModelServer
from kb.system.addresses import checked_url

_START = "Start it, or set embedding.url to where it listens."
_UNKNOWN = "Set embedding.url up to and with /v1, and embedding.model to a model that it lists."


class OpenAiServer:
    """``kb.models.embed.served.protocol.EmbeddingServer`` over HTTP; safe to call from several threads."""

    def __init__(self, url: str, model: str, *, key: str | None = None, who: str | None = None) -> None:
        """``url`` goes up to and with ``/v1``; an empty ``model`` is the one that the server lists first.
        ``who``: how messages name it; None for by its address.

        Raises:
            Misconfigured: no model server may have that address.
        """
        self._url = checked_url(url, setting="embedding.url")
        self._root = self._url.removesuffix("/v1")
        self.model = model
        self._server = ModelServer(
            self._url,
            who=who or f"The embedding server at {self._url}",
            start=_START,
            key=key,
            refused_key="Set embedding.key.",
            unknown=_UNKNOWN,
            elsewhere="Another program may listen there: set embedding.url up to and with /v1.",
            most_bytes=MOST_BYTES,
        )
        self._client = ModelClient(self._server)

    @property
    def who(self) -> str:
        return self._server.who

    def embed(self, texts: Sequence[str]) -> Answered:
        reply = self._client.post(f"{self._url}/embeddings", {"model": self.model, "input": list(texts)})
        with self._server.errors():
            found = success(self._server, reply, texts=len(texts))
            rows = _in_order(found.get("data"), len(texts), self.who)
            return Answered(
                matrix(rows, count=len(texts), who=self.who),
                whole_number(at(found, "usage", "prompt_tokens")),
            )

    def facts(self) -> ServerFacts:
        entries = self._entries()
        if not self.model:
            self.model = next(iter(entries), "") or said(at(self._page("/info"), "model_id"))
        entry = entries.get(self.model)
        if entry is None and entries and not _is_alone(entries):
            raise Misconfigured(
                f"{self.who} has no model {self.model!r}. It has: {', '.join(entries)[:500]}."
            )
        return self._told(entry if entry is not None else next(iter(entries.values()), {}))

    def counted(self, text: str) -> int | None:
        # one body serves both: llama.cpp reads `content`, vLLM `model` and `prompt`. As much time as computing has:
        # llama.cpp serves few connections at once, and one more waits while those that rest are kept open for 5 s
        body = {"content": text, "model": self.model, "prompt": text, "add_special_tokens": False}
        found = self._client.post(f"{self._root}/tokenize", body).json_or_none()
        tokens = at(found, "tokens")
        return len(tokens) if isinstance(tokens, list) else None

    def close(self) -> None:
        self._client.close()

    def _entries(self) -> dict[str, Mapping[str, Any]]:
        """Returns name -> the entry of ``/models``; empty for a server without that page.

        Raises:
            BackendDown, Misconfigured: it does not answer, or refuses the key.
        """
        reply = self._client.get(f"{self._url}/models")
        if reply.status in (404, 405):  # Text Embeddings Inference serves one model, and lists none
            return {}
        with self._server.errors():
            require_sound(self._server, reply)
            self._server.refuse(reply)
            listed = at(parsed(self._server, reply), "data")
            if not isinstance(listed, list):
                raise Misconfigured(
                    f"{self.who} does not list its models as an OpenAI-compatible server does. {_UNKNOWN}"
                )
        return {
            name: entry for entry in listed if isinstance(entry, Mapping) and (name := said(entry.get("id")))
        }

    def _told(self, entry: Mapping[str, Any]) -> ServerFacts:
        """Returns what each kind of server tells of itself, and of the model in ``entry``."""
        owner = said(entry.get("owned_by"))
        if owner == "vllm":
            version = said(at(self._page("/version"), "version"))
            return ServerFacts("vLLM", version, max_tokens=_size(entry.get("max_model_len")))
        if "meta" in entry or owner == "llamacpp":
            return self._llama_cpp(entry)
        if (info := self._page("/info")) is not None and "model_id" in info:
            return ServerFacts(
                "Text Embeddings Inference",
                said(info.get("version")),
                said(info.get("model_sha")),
                max_tokens=_size(info.get("max_input_length")),
            )
        shown = self._page(f"/api/v0/models/{quote(self.model, safe='')}")
        if shown is not None and "id" in shown:
            return ServerFacts(
                "LM Studio",
                max_tokens=_size(shown.get("loaded_context_length")),
                weight_bits=bits_named(said(shown.get("quantization"))),
            )
        version = said(at(self._page("/api/version"), "version"))
        return (
            ServerFacts("Ollama", version)
            if version
            else ServerFacts("a server that does not say what it is")
        )

    def _llama_cpp(self, entry: Mapping[str, Any]) -> ServerFacts:
        meta = entry.get("meta")
        size, parameters = whole_bytes(at(meta, "size")), whole_bytes(at(meta, "n_params"))
        props = self._page("/props")
        context = _size(at(props, "default_generation_settings", "n_ctx"))
        trained = _size(at(meta, "n_ctx_train"))
        room = context - 1 if context is not None else None  # what fills the whole context is refused
        limits = [limit for limit in (room, trained) if limit is not None]
        return ServerFacts(
            "llama.cpp",
            said(at(props, "build_info")),
            f"{size}-{parameters}" if size and parameters else "",
            max_tokens=min(limits, default=None),
            weight_bits=8 * size / parameters if size and parameters else None,
        )

    def _page(self, path: str) -> Mapping[str, Any] | None:
        """Returns the JSON at ``path`` above ``/v1``; None where there is no such page."""
        try:
            found = self._client.get(f"{self._root}{path}").json_or_none()
        except FootnoteError:  # what answers elsewhere, and not here, does not tell
            return None
        return found if isinstance(found, Mapping) else None


def _is_alone(entries: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the server runs one model and answers with it whatever is asked for, as llama.cpp does."""
    return len(entries) == 1 and all("meta" in entry for entry in entries.values())


def _in_order(data: Any, count: int, who: str) -> list[Any]:
    """Returns the vectors in the order of the texts, as ``index`` says it.

    Raises:
        NotVectors: there is not one for each text.
    """
    if not isinstance(data, list) or len(data) != count:
        found = f"{len(data)} vectors" if isinstance(data, list) else "no list of vectors"
        raise NotVectors(f"{who} sent {found} for {count} texts.")
    if not all(isinstance(row, Mapping) for row in data):
        raise NotVectors(f"{who} sent a list of something else than vectors.")
    places = [row.get("index", place) for place, row in enumerate(data)]
    if not all(type(place) is int for place in places) or sorted(places) != list(range(count)):
        raise NotVectors(f"{who} sent vectors whose places are not those of the texts.")
    rows = dict(zip(places, data, strict=True))
    return [rows[place].get("embedding") for place in range(count)]


def _size(value: Any) -> int | None:
    """Returns ``value`` where it can be the longest input of a model, in tokens; None for all else."""
    found = whole_number(value)
    return found if found is not None and found > 0 else None


def whole_bytes(value: Any) -> int | None:
    """Returns ``value`` where it can be a size or a number of weights; None for all else."""
    return value if type(value) is int and 0 < value < 1 << 50 else None


def bits_named(quantisation: str) -> float | None:
    """Returns the bits of a weight that a name such as ``Q4_K_M``, ``F16`` or ``4bit`` says; None for others."""
    digits = "".join(mark if mark.isdigit() else " " for mark in quantisation).split()
    return float(digits[0]) if digits and 1 <= int(digits[0][:3]) <= 32 else None
