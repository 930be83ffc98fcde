"""Pictures of pages, drawn one at a time: a page that takes long keeps nobody but those who want pictures waiting."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

import anyio
from starlette.requests import Request

from kb.errors import BadInput, Busy, FootnoteError
from kb.system.threads import Threads

MOST_WAITING = 16
"""Pictures that are asked for and not drawn; a page of the browser shows fewer at once."""
REMEMBERED_S = 600.0
"""How long a page that could not be drawn is not tried again: a machine that was busy may be idle then."""
_MOST_REMEMBERED = 1000
_RETRY_AFTER_S = 10

Page = tuple[str, int]
"""(id of the document, number of the page)."""


class Pictures:
    """Draws for whoever still waits; remembers which pages cannot be drawn, whatever their width."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._threads = Threads("pictures", 1)
        self._waiting = 0
        self._failed: OrderedDict[Page, tuple[float, str]] = OrderedDict()

    async def draw(self, page: Page, draw: Callable[[], bytes], request: Request) -> bytes | None:
        """The picture that ``draw`` makes; None where the client of ``request`` left before its turn came.

        Raises:
            BadInput: the page cannot be drawn, or could not be a while ago.
            Busy: too many pictures are waited for.
        """
        self._refuse_failed(page)
        if self._waiting >= MOST_WAITING:
            raise Busy(
                "Too many pictures of pages are being drawn. Try again in a moment.",
                retry_after_s=_RETRY_AFTER_S,
            )
        self._waiting += 1
        picture: bytes | None = None
        refused: FootnoteError | None = None
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_cancel_when_left, request, tasks.cancel_scope)
                try:
                    picture = await self._threads.run(lambda: self._drawn(page, draw), abandon=False)
                except FootnoteError as error:
                    refused = error
                tasks.cancel_scope.cancel()
        finally:
            self._waiting -= 1
        if refused is not None:
            raise refused
        return picture

    def _drawn(self, page: Page, draw: Callable[[], bytes]) -> bytes:
        self._refuse_failed(page)  # another who wanted it may have waited in vain meanwhile
        try:
            return draw()
        except BadInput as error:
            self._failed[page] = self._clock(), str(error)
            if len(self._failed) > _MOST_REMEMBERED:
                self._failed.popitem(last=False)
            raise

    def _refuse_failed(self, page: Page) -> None:
        failed_at, sentence = self._failed.get(page, (0.0, ""))
        if sentence and self._clock() - failed_at < REMEMBERED_S:
            raise BadInput(sentence)


async def _cancel_when_left(request: Request, scope: anyio.CancelScope) -> None:
    """Waits until the client is gone, then cancels; what has begun to be drawn is drawn to its end."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
