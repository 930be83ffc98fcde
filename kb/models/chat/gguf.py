"""A GGUF file run by llama.cpp, through ``xllamacpp``, in a process that belongs to this one.

Not in this process itself: xllamacpp holds the interpreter lock while it loads (measured: all of
3.4 s for a model of 98 MB, during which no page is served), and llama.cpp aborts on some damaged
files (3 of 30 single wrong header values), which would take the whole app with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from pathlib import Path

import httpx

from kb.config import Settings, expanded
from kb.errors import BackendDown, NotFound
from kb.models.chat.openai_client import CompletionsClient
from kb.models.gguf_files import gguf_files, read_header
from kb.models.gguf_process import GgufProcess
from kb.models.replies import MOST_PAGE_BYTES
from kb.models.transport import ModelServer
from kb.system.fair_slots import FairSlots
from kb.system.home_layout import HomeLayout
from kb.system.request_recording import person_at_work
from kb.types import ChatOptions, Message, ModelEvent

_RESTARTED = (
    "It is started again with the next question; if it stops again, it needs more memory than there is."
)


class GgufModel:
    """A model in a file. It is loaded at the first question and answers one at a time, of several people in turn."""

    def __init__(self, path: Path, *, context_tokens: int = 8192) -> None:
        """``context_tokens`` caps what the model was trained on."""
        self._path = path
        self._cap = context_tokens
        self._process: GgufProcess | None = None
        self._client: CompletionsClient | None = None
        self._slots = FairSlots(1)
        """llama.cpp itself would take whoever came first, however many answers they wait for."""

    @classmethod
    def from_settings(cls, settings: Settings, name: str) -> GgufModel:
        """Returns the model in the file ``name``: the one that the settings name, or one in ``models/``.

        Raises:
            NotFound: there is no such file; the message lists those there are.
        """
        files = gguf_files(settings)
        if name in files:
            return cls(files[name], context_tokens=settings.answering.context_tokens)
        if (
            settings.answering.model == f"gguf/{name}"
        ):  # the owner may name any file, a person at the page may not
            return cls(expanded(Path(name)), context_tokens=settings.answering.context_tokens)
        folder = HomeLayout(settings.home).models
        if not files:
            raise NotFound(f"There is no model file {name!r} in {folder}. There is none there.")
        raise NotFound(f"There is no model file {name!r} in {folder}. There is: {', '.join(files)}.")

    @property
    def name(self) -> str:
        """As in ``gguf/Qwen3-4B-Q4_K_M.gguf``."""
        return f"gguf/{self._path.name}"

    async def context_tokens(self) -> int:
        """Returns the context that the model was trained on, at most what the settings allow. Loads nothing.

        Raises:
            Misconfigured: the file is missing or is no GGUF file.
        """
        return min(read_header(self._path).context_tokens or self._cap, self._cap)

    async def count_tokens(self, text: str) -> int:
        """Returns an exact count, in the model's own tokens.

        Raises:
            Misconfigured: the model cannot be loaded.
            BackendDown: llama.cpp stopped.
        """
        client = await self._loaded()
        with self._watched():
            counted = await client.count_tokens(self._path.name, text)
        if counted is None:
            raise BackendDown(f"{self._who} cannot count tokens. {_RESTARTED}")
        return counted

    async def stream(
        self, messages: Sequence[Message], options: ChatOptions
    ) -> AsyncGenerator[ModelEvent, None]:
        """Does as ``ChatModel.stream`` says. The context is fixed when the model is loaded.

        Raises:
            Misconfigured: the model cannot be loaded.
            BackendDown: llama.cpp refuses the prompt, or stopped.
        """
        async with self._slots.one_for(person_at_work()):
            client = await self._loaded()
            # A prompt that is read from the middle, after a beginning that is still known, is computed in other
            # batches and may end in another answer.
            events = client.stream(
                self._path.name,
                messages,
                options,
                cache_prompt=options.seed is None,
                chat_template_kwargs={"enable_thinking": options.think},
            )
            async with aclosing(events):
                with self._watched():
                    async for event in events:
                        yield event

    async def decide(self, state: str, instructions: str, options: Sequence[str]) -> str | None:
        """Does as ``Decides.decide`` says."""
        client = await self._loaded()
        with self._watched():
            return await client.decide(state, instructions, options)

    async def close(self) -> None:
        """Ends the process, and with it whatever it was doing."""
        client, self._client = self._client, None
        process, self._process = self._process, None
        if client is not None:
            await client.close()
        if process is not None:
            process.end()

    @property
    def _who(self) -> str:
        return f"The model {self._path.name}"

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Marks the process as ended when its connection breaks: a killed one may take a moment to be seen dead."""
        process = self._process
        try:
            yield
        except BackendDown as error:
            if process is not None and isinstance(error.__cause__, httpx.TransportError):
                process.broke_off()
            raise

    async def _loaded(self) -> CompletionsClient:
        """Returns the client of the running process, which is started first if it is not there (any more)."""
        if self._process is None or not self._process.alive:
            await self.close()
            if self._process is None:  # else another question has started it meanwhile
                self._process = GgufProcess(
                    self._path, {"context": await self.context_tokens()}, setting="answering.gguf"
                )
        process = self._process
        address = await asyncio.to_thread(process.address)
        if process is not self._process:
            raise BackendDown(f"{self._who} was closed while it was loading. Ask once more.")
        if self._client is None:
            self._client = CompletionsClient(
                ModelServer(
                    f"{address}/v1",
                    who=self._who,
                    start=_RESTARTED,
                    key=process.key,
                    most_bytes=MOST_PAGE_BYTES,
                )
            )
        return self._client
