"""Where vectors are searched: which store, and moving to another."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from kb.backends import VECTOR_SERVERS, VECTOR_STORES
from kb.config import StorageSettings, given_by_environment
from kb.config.toml_edit import set_in_section
from kb.errors import BackendDown, BadInput, Conflict, DiskFull, FootnoteError, Misconfigured
from kb.index.moving import require_answer
from kb.index.pair import vector_lifecycle
from kb.knowledge_base.parts import Parts
from kb.system.addresses import require_no_login, server_of
from kb.system.home_layout import HomeLayout
from kb.system.redact import redacted
from kb.types import OWNER, Caller, Finding, Fingerprint, VectorMove, VectorStoreStatus

if TYPE_CHECKING:
    from kb.engine.loader import Engine

log = logging.getLogger(__name__)

_PASSAGES_A_SECOND = {"chroma": 500.0, "chroma-server": 500.0, "weaviate": 1000.0, "exact": 20_000.0}
"""What `python -m benchmarks.vector_stores` printed on two busy cores of an AMD EPYC, 384 dimensions, rounded down;
of Weaviate only the client's share is known."""
_WIDTH_MEASURED = 384
_OVER_VECTORS = 1.5
"""Of the room that an index takes, over that of its vectors in single precision: the graph, and what is kept twice."""

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Progress:
    """The fields of ``VectorStoreStatus`` that say how far a move is."""

    moving_to: str | None = None
    done: int = 0
    total: int = 0
    problem: str | None = None


class VectorsService:
    """The vector store of one library."""

    def __init__(
        self,
        parts: Parts,
        *,
        open_engine: Callable[[], Engine],
        opened: Callable[[], Engine | None],
        stopped: Callable[[], bool],
        changing: threading.Lock,
    ) -> None:
        """``open_engine`` opens the indexes where they are not open yet; ``opened`` gives them where they are.

        ``changing`` is held while the index of vectors is being replaced, for whatever reason.
        """
        self._parts = parts
        self._open_engine = open_engine
        self._opened = opened
        self._stopped = stopped
        self._moving = changing
        self._progress = _Progress()
        """Of the move that is under way or was the last."""

    def status(self, *, caller: Caller) -> VectorStoreStatus:
        """Returns the store in use and how far a move is; asks no server, and opens nothing."""
        caller.require_whole()
        storage = self._in_use()
        opened = self._opened()
        building = opened.indexes.status() if opened else None
        url = redacted(storage.vectors_url or "") if storage.vectors in VECTOR_SERVERS else None
        searched = f"Vectors are searched in {storage.vectors}."
        text = building or (f"Vectors are searched in {storage.vectors} at {url}." if url else searched)
        return VectorStoreStatus(
            store=storage.vectors,
            url=url,
            text=text,
            ok=building is None,
            **asdict(self._progress),
        )

    def probe(self, fingerprint: Fingerprint, *, caller: Caller) -> Finding:
        """Returns what is wrong with the store of the settings, its server asked; ``fingerprint`` of the embedder."""
        caller.require_whole()
        storage = self._in_use()
        said = self.status(caller=OWNER).text
        if storage.vectors not in VECTOR_SERVERS and storage.vectors in VECTOR_STORES:
            return Finding("vectors", ok=True, text=said)
        try:
            lifecycle = vector_lifecycle(storage, self._parts.settings.home, fingerprint)
            found = lifecycle.find()
            if found is None:  # nothing is noted here, so that the server was not asked yet
                require_answer(lifecycle)
        except FootnoteError as error:
            return Finding("vectors", ok=False, text=f"{storage.vectors} is not used now", remedy=str(error))
        state = (
            "The server has its index." if found else "It has no index yet: the app builds it when it starts."
        )
        return Finding("vectors", ok=True, text=f"{said} {state}")

    def asked_status(self, fingerprint: Fingerprint, *, caller: Caller) -> VectorStoreStatus:
        """Returns the same as ``status``, the store's server asked as ``probe`` does."""
        now, found = self.status(caller=caller), self.probe(fingerprint, caller=caller)
        if found.ok:
            return now
        return replace(now, ok=False, text=f"{found.text}. {found.remedy}", problem=found.remedy)

    def plan(self, to: str, url: str | None = None, *, caller: Caller) -> VectorMove:
        """Returns what moving to the store ``to`` would cost; its server is asked whether it answers.

        Raises:
            BackendDown: that does not answer, or not as such a server does.
            BadInput: there is no such store, its address is missing, or the vectors are there already.
            Misconfigured: the environment names the store, so that what is written to the file would not count.
        """
        caller.require_whole()
        target = self._target(to, url)
        engine = self._open_engine()
        require_answer(vector_lifecycle(target, self._parts.settings.home, engine.embedder.fingerprint))
        passages = self._parts.chunks.count_live()
        width = engine.embedder.fingerprint.width
        speed = _PASSAGES_A_SECOND[to] * min(1.0, _WIDTH_MEASURED / width)
        return VectorMove(
            source=self._in_use().vectors,
            target=to,
            url=redacted(target.vectors_url or "") if to in VECTOR_SERVERS else None,
            passages=passages,
            megabytes=round(passages * width * 4 * _OVER_VECTORS / 1e6, 1),
            seconds=round(passages / speed, 1),
        )

    def move(self, to: str, url: str | None = None, *, caller: Caller, report: Report | None = None) -> bool:
        """Moves the index of vectors, while questions are answered; the settings file names the new store then.

        Returns whether the old index is removed: it stays where its server does not answer.

        Raises:
            BadInput, Misconfigured: as for ``plan``.
            BackendDown, Damaged: the new store does not answer, or not rightly; everything is as it was.
            Conflict: a move is under way, or another process holds the data folder.
        """
        caller.require_whole()
        target = self._target(to, url)
        if not self._moving.acquire(blocking=False):
            raise Conflict("The vectors are being moved or made anew already. Wait until that has ended.")
        log.info("the index of vectors is moved", extra={"to": to, "caller": caller.id})
        try:
            self._note(to, 0, self._parts.chunks.count_live())
            try:
                is_removed = self._move(target, report)
            except BackendDown as error:  # a full disk, too
                said = (
                    f"{error} Nothing was moved: vectors are searched in {self._in_use().vectors} as before."
                )
                raise (DiskFull(said) if isinstance(error, DiskFull) else BackendDown(said)) from error
        except FootnoteError as error:
            self._note(None, 0, 0, problem=str(error))
            raise
        else:
            self._note(None, 0, 0)
            return is_removed
        finally:
            self._moving.release()

    def _move(self, target: StorageSettings, report: Report | None) -> bool:
        def heard(done: int, total: int) -> None:
            self._note(target.vectors, done, total)
            if report is not None:
                report(done, total)

        return self._open_engine().indexes.move(
            target, keep=lambda: self._write(target), stopped=self._stopped, report=heard
        )

    def _note(self, moving_to: str | None, done: int, total: int, *, problem: str | None = None) -> None:
        self._progress = _Progress(moving_to, done, total, problem)

    def _in_use(self) -> StorageSettings:
        opened = self._opened()
        return opened.indexes.storage if opened else self._parts.settings.storage

    def _target(self, to: str, url: str | None) -> StorageSettings:
        storage = self._in_use()
        if to not in VECTOR_STORES:
            raise BadInput(f"There is no vector store {to!r}. Known: {', '.join(sorted(VECTOR_STORES))}.")
        if url is not None:
            require_no_login(url, key="storage.vectors_key")
        if to not in VECTOR_SERVERS:
            if url:
                raise BadInput(f"{to} runs in this process and has no address: leave the address out.")
            target = storage.model_copy(update={"vectors": to})
        else:
            address = url or storage.vectors_url
            if not address:
                raise BadInput(
                    f"Say where {to} listens: --url http://127.0.0.1:8000, or storage.vectors_url."
                )
            if server_of(address) is None or set(address) & set("%?# \0"):
                raise BadInput(
                    "That is no address of a server. It begins with http:// or https:// and names a host, as in "
                    "http://127.0.0.1:8000, without a question mark, # or %."
                )
            same = storage.vectors_url is None or server_of(storage.vectors_url) == server_of(address)
            changed = {"vectors": to, "vectors_url": address}
            target = storage.model_copy(update=changed if same else {**changed, "vectors_key": None})
        is_there = to == storage.vectors and (
            to not in VECTOR_SERVERS
            or server_of(str(target.vectors_url)) == server_of(str(storage.vectors_url))
        )
        if is_there:
            raise BadInput(f"The vectors are searched in {to} already.")
        names = ("storage.vectors", "storage.vectors_url", "storage.vectors_key")
        if given := given_by_environment(names if to in VECTOR_SERVERS else names[:1]):
            raise Misconfigured(
                f"The environment sets {', '.join(given)}, which counts before the settings file. Unset it, and "
                "write what it says into footnote.toml; then move."
            )
        return target

    def _write(self, target: StorageSettings) -> None:
        values: dict[str, str | None] = {"vectors": target.vectors}
        if target.vectors in VECTOR_SERVERS:
            values["vectors_url"] = target.vectors_url
            if target.vectors_key is None:
                values["vectors_key"] = None  # one that is there is for another server
        set_in_section(HomeLayout(self._parts.settings.home).settings, "storage", values)
