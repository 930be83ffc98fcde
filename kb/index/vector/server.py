"""What the stores on servers share: the server as messages know it, and one connection for all who use it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from kb.errors import BackendDown, Misconfigured
from kb.system.addresses import is_loopback
from kb.system.cooldown import Cooldown
from kb.system.redact import redacted

_REST_SECONDS = 5.0
"""How long a server that did not answer is not asked: each question would wait for it otherwise."""
_HUNG_REST_SECONDS = 30.0
"""The same for one that took a request and said nothing."""
QUESTION_SECONDS = 3.0
"""The longest silence of a search for which a person waits: a server needs milliseconds, and exact search answers."""
_MOST_SAID = 300
"""Characters of a server's own words that a message repeats."""

C = TypeVar("C")


_asked_by_a_person: ContextVar[bool] = ContextVar("asked_by_a_person", default=False)


@contextmanager
def for_a_person() -> Iterator[None]:
    """Within it a server is waited for as long as a person waits who has asked something, and no longer."""
    before = _asked_by_a_person.set(True)
    try:
        yield
    finally:
        _asked_by_a_person.reset(before)


def is_for_a_person() -> bool:
    """Returns whether somebody waits for the answer to a question."""
    return _asked_by_a_person.get()


@dataclass(frozen=True, slots=True)
class ServedIndex:
    """What an index on a server is built for, written beside it there."""

    library: str
    """The id of the data folder whose index it is."""
    fingerprint: str
    """``Fingerprint.key``."""
    model: str
    width: int


@dataclass(frozen=True, slots=True)
class VectorServer:
    """A server of vectors. Its key is in no message."""

    name: str
    """What it is: ``Chroma``."""
    url: str
    """As ``checked_url`` returns it."""
    start: str
    """The sentence that says how to get it running."""
    key: str | None = field(default=None, repr=False)
    resting: Cooldown = field(default_factory=lambda: Cooldown(_REST_SECONDS), repr=False)

    @property
    def who(self) -> str:
        return redacted(f"The {self.name} server at {self.url}")

    @property
    def is_here(self) -> bool:
        """Whether it is this machine, which is never asked through a proxy."""
        return is_loopback(self.url)

    def require_rested(self) -> None:
        """Raises BackendDown at once where the server did not answer a moment ago."""
        if self.resting.is_resting():
            raise self._silent()

    def silent(self, *, is_hung: bool = False) -> BackendDown:
        """Returns the error that it does not answer, and lets it rest; ``is_hung``: it took the request."""
        self.resting.failed(_HUNG_REST_SECONDS if is_hung else None)
        return self._silent()

    def refused(self, said: object) -> BackendDown:
        """Returns the error that it answered with one, in its own words."""
        return BackendDown(redacted(f"{self.who} answered with an error: {str(said)[:_MOST_SAID]}"))

    def unlike(self, said: object) -> BackendDown:
        """Returns the error that something else than such a server answers, with what it said."""
        return BackendDown(
            redacted(
                f"What answers at {self.url} is something else than a {self.name} server: "
                f"{str(said)[:_MOST_SAID]}. Another program may listen there: set the address of the server."
            )
        )

    def _silent(self) -> BackendDown:
        return BackendDown(f"{self.who} does not answer. {self.start}")


def refused_key(server: VectorServer) -> Misconfigured:
    """Returns the error of a server that wants a key, or another one than it was sent."""
    return Misconfigured(
        f"{server.who} refuses {'the key' if server.key else 'whoever has no key'}. Set storage.vectors_key."
    )


class SharedConnection(Generic[C]):
    """One connection for all who use it, opened for the first and closed after the last; safe from several threads."""

    def __init__(self, open_it: Callable[[], C], close_it: Callable[[C], None]) -> None:
        self._open_it = open_it
        self._close_it = close_it
        self._lock = threading.Lock()
        self._users = 0
        self._connection: C | None = None

    def acquire(self) -> C:
        """Returns the connection, which stays open until ``release``; raises what opening it raises."""
        with self._lock:
            if self._connection is None:
                self._connection = self._open_it()
            self._users += 1
            return self._connection

    def release(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._users and (connection := self._connection) is not None:
                self._connection = None
                self._close_it(connection)

    @contextmanager
    def borrowed(self) -> Iterator[C]:
        connection = self.acquire()
        try:
            yield connection
        finally:
            self.release()


class VerifiedAfterAbsence:
    """Stands around each request to a server: after one that was not answered, the rows are verified first."""

    def __init__(
        self, faults: Callable[[], AbstractContextManager[None]], verify: Callable[[], None]
    ) -> None:
        """``faults`` turns the client's errors into ours; ``verify`` raises Damaged where rows are not found."""
        self._faults = faults
        self._verify = verify
        self._was_away = False

    @contextmanager
    def __call__(self) -> Iterator[None]:
        try:
            with self._faults():
                if self._was_away:
                    self._verify()
                    self._was_away = False
                yield
        except BackendDown:
            self._was_away = True
            raise
