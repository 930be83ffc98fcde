"""Ollama's own way to embed: ``/api/embed``. https://docs.ollama.com/api/embed

``truncate`` is false, since Ollama cuts by default and says nothing; whether it obeys is proved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from http import HTTPStatus
from typing import Any

from kb.errors import BackendDown, Misconfigured, NotFound
from kb.models.embed.served.openai_server import bits_named
from kb.models.embed.served.protocol import Answered, NotVectors, ServerFacts, matrix
from kb.models.embed.served.replies import MOST_BYTES, at, parsed, require_sound, said, success, whole_number
from kb.models.hub import Announce
from kb.models.replies import Reply, said_error
from kb.models.transport import AsyncModelClient, ModelClient, ModelServer
from kb.system.addresses import checked_url

KEEP_ALIVE = "15m"
"""How long Ollama keeps the model in memory: as long as it keeps the one that answers."""


class OllamaServer:
    """``kb.models.embed.served.protocol.EmbeddingServer`` over Ollama's protocol; safe to call from several threads."""

    def __init__(self, url: str, model: str, *, key: str | None = None) -> None:
        """Raises Misconfigured where no model server may have that address."""
        self._url = checked_url(url, setting="embedding.url").removesuffix("/v1")
        self.model = model
        self._server = ModelServer(
            self._url,
            who=f"Ollama at {self._url}",
            start="Start Ollama (the app, or: ollama serve).",
            key=key,
            refused_key="Set embedding.key.",
            unknown=f"Run: ollama pull {model}",
            most_bytes=MOST_BYTES,
        )
        self._client = ModelClient(self._server)

    @property
    def who(self) -> str:
        return self._server.who

    def embed(self, texts: Sequence[str]) -> Answered:
        body = {"model": self.model, "input": list(texts), "truncate": False, "keep_alive": KEEP_ALIVE}
        reply = self._client.post(f"{self._url}/api/embed", body)
        with self._server.errors():
            found = success(self._server, reply, texts=len(texts))
            return Answered(
                matrix(found.get("embeddings"), count=len(texts), who=self.who),
                whole_number(found.get("prompt_eval_count")),
            )

    def facts(self) -> ServerFacts:
        version = said(at(self._client.get(f"{self._url}/api/version").json_or_none(), "version"))
        shown = self._shown()
        if shown is None:
            raise Misconfigured(
                f"{self.who} does not have the model {self.model!r}. Run: ollama pull {self.model}"
            )
        limits = [
            value
            for name, value in (at(shown, "model_info") or {}).items()
            if str(name).endswith(".context_length") and whole_number(value)
        ]
        return ServerFacts(
            "Ollama",
            version,
            self._digest(),
            max_tokens=min(limits, default=None),
            weight_bits=bits_named(said(at(shown, "details", "quantization_level"))),
        )

    def counted(self, text: str) -> int | None:  # noqa: ARG002 - Ollama has no such page
        return None

    def close(self) -> None:
        self._client.close()

    def pull_if_missing(self, announce: Announce) -> None:
        """Has Ollama download the model where it does not have it; ``announce`` hears the size and every tenth of it.

        Blocks for as long as that takes; not for a thread with an event loop.

        Raises:
            BackendDown: Ollama does not answer, or cannot download it now.
            Misconfigured: there is no such model.
        """
        if self._shown() is None:
            asyncio.run(self._pull(announce))

    def _shown(self) -> Mapping[str, Any] | None:
        """Returns what Ollama knows of the model; None where it does not have it."""
        reply = self._client.post(f"{self._url}/api/show", {"model": self.model}, quick=True)
        if reply.status == HTTPStatus.NOT_FOUND:
            return None
        return self._object(reply)

    def _digest(self) -> str:
        listed = at(self._object(self._client.get(f"{self._url}/api/tags")), "models")
        names = (self.model, f"{self.model}:latest")
        for entry in listed if isinstance(listed, list) else ():
            if at(entry, "name") in names or at(entry, "model") in names:
                return said(at(entry, "digest"))
        return ""

    def _object(self, reply: Reply) -> Mapping[str, Any]:
        with self._server.errors():
            require_sound(self._server, reply)
            self._server.refuse(reply)
            found = parsed(self._server, reply)
            if not isinstance(found, dict):
                raise NotVectors(f"{self.who} sent something that Ollama does not send.")
            return found

    async def _pull(self, announce: Announce) -> None:
        announce(f"{self.who} downloads {self.model}.")
        client = AsyncModelClient(self._server)
        progress = _Progress(self.model, announce)
        try:
            body = {"model": self.model, "stream": True}
            async with aclosing(client.lines(f"{self._url}/api/pull", body)) as lines:
                async for line in lines:
                    if line.strip():
                        self._read(line, progress)
        except NotFound as error:
            raise Misconfigured(f"{self.who} cannot find a model {self.model!r} to download.") from error
        finally:
            await client.close()
        if not progress.is_done:
            raise BackendDown(f"{self.who} broke off while it downloaded {self.model}. Start again to go on.")
        announce(f"{self.model} is downloaded.")

    def _read(self, line: str, progress: _Progress) -> None:
        with self._server.errors():
            part = self._server.parsed(line)
            if (problem := said_error(part)) is not None:
                raise Misconfigured(f"{self.who} cannot download {self.model!r}: {problem}")
            progress.note(part)


class _Progress:
    """Announces a download at every tenth; Ollama tells it for each layer, of which one holds the weights."""

    def __init__(self, model: str, announce: Announce) -> None:
        self._model = model
        self._announce = announce
        self._said: dict[str, int] = {}
        self.is_done = False

    def note(self, part: Any) -> None:
        """Reads one line of ``/api/pull``."""
        self.is_done = at(part, "status") == "success"
        total, done = at(part, "total"), at(part, "completed")
        if type(total) is not int or type(done) is not int or total < 1_000_000:
            return
        tenth = max(0, min(10, 10 * done // total))
        layer = said(at(part, "digest"))
        if tenth > self._said.get(layer, 0):
            self._said[layer] = tenth
            self._announce(f"{self._model}: {10 * tenth}% of {total / 1e9:.1f} GB")
