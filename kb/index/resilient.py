"""Derived indexes that always answer: while one is rebuilt, something else does."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Generic, Protocol, TypeVar

from kb.errors import BackendDown, Damaged, DiskFull, FootnoteError
from kb.ports import IndexLifecycle

log = logging.getLogger(__name__)

_OPENING_SECONDS = 30.0
"""An engine that has not opened its files by then is stuck on them (chroma #7040)."""


_BETWEEN_LOOKS_SECONDS = 0.01


class _Closable(Protocol):
    def close(self) -> None: ...


T = TypeVar("T", bound=_Closable)


@dataclass(eq=False, slots=True)
class _Opened(Generic[T]):
    """An index that is open, with the count of its users."""

    engine: T
    place: str
    lifecycle: IndexLifecycle[T]
    """Which keeps it: after a move that of another store."""
    deleted: int = 0
    """Rows that left it since it was built."""
    readers: int = 0
    is_retired: bool = False
    """Given up, though sound: it is closed when its last reader has left."""


class ResilientIndex(Generic[T]):
    """An index that is discarded when in doubt; the caller fills the new one and calls ``complete``."""

    def __init__(self, lifecycle: IndexLifecycle[T]) -> None:
        self._lifecycle = lifecycle
        self._lock = threading.RLock()
        self._reading = threading.Lock()
        """Guards the counts of readers: searches must not wait for a write, which holds the other lock."""
        self._discarded: list[_Opened[T]] = []
        self._is_whole = False
        self._opened: _Opened[T] | None = None
        """None while the disk has no space for one, or the server that keeps it does not answer."""
        with suppress(BackendDown):
            self.open()

    def open(self) -> None:
        """Opens it, or begins an empty one; called again where the disk was full or a server away before.

        Raises:
            BackendDown: it still is.
        """
        self._in_use()

    def _in_use(self) -> _Opened[T]:
        with self._lock:
            if self._opened is None:
                self._opened, self._is_whole = self._open()
                self._mark_trusted()
            return self._opened

    @property
    def is_whole(self) -> bool:
        """Whether it holds everything; otherwise it is being built."""
        return self._is_whole

    @property
    def place(self) -> str:
        """What its lifecycle calls the index in use; empty where there is none."""
        opened = self._opened
        return "" if opened is None else opened.place

    @property
    def deleted(self) -> int:
        """The number of rows deleted from it since it was built."""
        opened = self._opened
        return 0 if opened is None else opened.deleted

    def complete(self, *, alone: bool = True) -> None:
        """Declares it complete: from here on it answers, and what it replaces is removed, unless not ``alone``."""
        with self._lock:
            opened = self._in_use()
            self._is_whole = True
            self._mark_trusted()
            if alone:
                self._lifecycle.keep_only(opened.place)

    def remove_others(self) -> None:
        """Removes every other index of its kind, those of other embedders too."""
        with self._lock:
            self._lifecycle.keep_only(self._in_use().place)

    def retire(self) -> None:
        """Closes it after its last reader, whole as it is, to be found again; from here on nobody may write to it."""
        with self._lock:
            if (opened := self._opened) is None:
                return
            was_whole, self._opened, self._is_whole = self._is_whole, None, False
        while opened.readers:  # a search takes milliseconds
            time.sleep(_BETWEEN_LOOKS_SECONDS)
        try:
            opened.engine.close()
        except (Damaged, DiskFull) as error:
            log.warning("an index that was replaced cannot be closed", extra={"reason": str(error)})
            self._lifecycle.give_up(opened.place)
            return
        if was_whole:
            with suppress(OSError):  # as in _mark_trusted
                self._lifecycle.at_rest(opened.place, deleted=opened.deleted)

    def abandon(self) -> None:
        """Closes and removes it: it was begun beside another one, which goes on to answer."""
        with self._lock:
            opened, self._opened, self._is_whole = self._opened, None, False
            if opened is not None:
                with suppress(Damaged, DiskFull):
                    opened.engine.close()
                self._lifecycle.remove(opened.place)

    def discard(self, reason: str) -> None:
        """Discards the index and begins an empty one in its place."""
        with self._lock:
            self._discard(self._opened, reason)

    def look(self) -> None:
        """Throws the index away where its files were removed while it was open: nothing written to it would stay."""
        opened = self._opened
        if opened is not None and not self._lifecycle.is_there(opened.place):
            self._discard(opened, f"The files of the index {opened.place} are gone.")

    def rebuild(self) -> None:
        """Replaces a sound index by an empty one, to be filled; its space is free after its last reader."""
        with self._lock:
            retired = self._opened
            if retired is None:
                return
            self._lifecycle.give_up(retired.place)  # what is written from here on is not in it
            retired.is_retired = True
            self._opened, self._is_whole = None, False
            self._close_if_retired(retired)
            with suppress(BackendDown):
                self.open()

    def switch(self, lifecycle: IndexLifecycle[T], engine: T, place: str) -> bool:
        """Lets a whole index of another store answer from here on; the one in use is removed after its last reader.

        Returns False where it could not be removed, or was not even opened.
        """
        with self._lock:
            retired = self._opened
            self._lifecycle = lifecycle
            self._opened, self._is_whole = _Opened(engine, place, lifecycle), True
            if retired is None:
                return False
            retired.is_retired = True
            return self._close_if_retired(retired)

    def close(self) -> None:
        with self._lock:
            for discarded in self._discarded:
                with suppress(Damaged, DiskFull):  # why they were thrown away
                    discarded.engine.close()
            self._discarded.clear()
            if (opened := self._opened) is not None:
                try:
                    opened.engine.close()
                except (Damaged, DiskFull) as error:
                    log.warning("an index is built anew at the next start", extra={"reason": str(error)})
                    self._lifecycle.give_up(opened.place)
                else:
                    self._mark_trusted()

    def _open(self) -> tuple[_Opened[T], bool]:
        """Returns an index, and whether it is whole."""
        found = self._lifecycle.find()
        if found is not None:
            try:
                engine = _within(_OPENING_SECONDS, partial(self._lifecycle.open, found.place), found.place)
            except Damaged as error:
                log.warning("an index is built anew", extra={"reason": str(error)})
            else:
                return _Opened(engine, found.place, self._lifecycle, found.deleted), True
        place = self._lifecycle.begin()
        try:
            return _Opened(self._lifecycle.open(place), place, self._lifecycle), False
        except BaseException:
            self._lifecycle.remove(place)
            raise

    def _discard(self, opened: _Opened[T] | None, reason: str) -> None:
        """Does the same as ``discard``, unless another thread discarded ``opened`` before."""
        with self._lock:
            if opened is None or opened is not self._opened:
                return
            log.error("an index is built anew", extra={"reason": str(reason)})
            self._lifecycle.give_up(opened.place)
            self._discarded.append(opened)  # others may be searching it, and closing what is damaged may hang
            self._opened, self._is_whole = None, False
            with suppress(BackendDown):
                self.open()

    def _mark_trusted(self) -> None:
        if self._is_whole and (opened := self._opened) is not None:
            with suppress(OSError):  # a disk too full for the note: the next start rebuilds it
                self._lifecycle.at_rest(opened.place, deleted=opened.deleted)

    @contextmanager
    def _read(self) -> Iterator[_Opened[T] | None]:
        """The index to search, which stays open until the end of the block; None where there is none."""
        with self._reading:
            opened = self._opened
            if opened is not None:
                opened.readers += 1
        try:
            yield opened
        finally:
            if opened is not None:
                with self._reading:
                    opened.readers -= 1
                self._close_if_retired(opened)

    def _close_if_retired(self, opened: _Opened[T]) -> bool:
        """Closes and removes it where it is to be; returns False where that could not be done."""
        with self._reading:
            if not opened.is_retired or opened.readers:
                return True
            opened.is_retired = False  # it is closed once
        try:
            opened.engine.close()
        except (Damaged, DiskFull) as error:
            log.warning("an index that was given up cannot be closed", extra={"reason": str(error)})
        return opened.lifecycle.remove(opened.place)

    @contextmanager
    def _written(self) -> Iterator[_Opened[T]]:
        """The index to write to; one that proves damaged is replaced, and what was written comes when it is filled.

        Raises:
            DiskFull: there is no space for the write, or for an index at all.
            BackendDown: the server that keeps it does not answer; what of the write arrived is found by its ids.
        """
        with self._lock:
            self.look()
            opened = self._in_use()
            self._lifecycle.before_write(opened.place)
            try:
                yield opened
            except Damaged as error:
                self._discard(opened, str(error))
            except DiskFull as error:
                # what of it was written is not known, and Tantivy's writer takes rows afterwards that never appear
                self._discard(opened, str(error))
                raise
            else:
                self._mark_trusted()


def _within(seconds: float, open_it: Callable[[], T], place: str) -> T:
    """Returns the result of ``open_it``; raises Damaged when it takes too long: it cannot be ended."""
    opened: list[T] = []
    failed: list[FootnoteError] = []

    def attempt() -> None:
        try:
            opened.append(open_it())
        except FootnoteError as error:
            failed.append(error)

    thread = threading.Thread(target=attempt, name="open-index", daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not opened:
        raise Damaged(f"The index {place} could not be opened within {seconds:.0f} s.")
    return opened[0]
