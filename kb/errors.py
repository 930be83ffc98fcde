"""One root, and leaves that say who acts next. A message says what, which value, and what to do."""

from __future__ import annotations


class FootnoteError(Exception):
    """Everything that Footnote raises on purpose; ``str(error)`` is a sentence for a person."""


class BadInput(FootnoteError):
    """The person who sent this must change it: an unreadable file, an empty question.

    Where there is a ``key``, the sentence can be said in other languages, filled with the ``values``.
    """

    def __init__(self, sentence: str, *, key: str = "", **values: str) -> None:
        super().__init__(sentence)
        self.key = key
        self.values = values


class NotReadNow(BadInput):
    """The file was not read this time and may be the next: a limit can be raised, a crash need not come again."""


class OverLimit(BadInput):
    """There is no room for it in what whoever sends it may keep."""


class Unembeddable(BadInput):
    """The server that embeds takes the others, and not this text."""

    def __init__(self, sentence: str, *, place: int) -> None:
        """``place`` is that of the text among those that were to be embedded."""
        super().__init__(sentence)
        self.place = place


class Misconfigured(FootnoteError):
    """The owner must change a setting or install something; the message names it."""


class BackendDown(FootnoteError):
    """A server or model that we stand on does not answer; the same call may work later."""


class Busy(BackendDown):
    """Too many want the same thing at once; the same call works ``retry_after_s`` seconds later."""

    def __init__(self, sentence: str, *, retry_after_s: int) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


class RateLimited(Busy):
    """Whoever asks has asked for more than they may of late; others are answered."""


class DiskFull(BackendDown):
    """There is no room on the disk; the same call works once there is. The message names the megabytes."""


class Damaged(FootnoteError):
    """A file of ours is not what it should be; what can be made again is made again."""


class NotFound(FootnoteError):
    """There is no such document, collection, page or model."""


class Denied(FootnoteError):
    """This caller may not do this."""


class Cancelled(FootnoteError):
    """Somebody stopped it; nobody has to act."""


class Conflict(FootnoteError):
    """Somebody else holds what is needed: a second process on the data folder, a newer version."""


class Superseded(Conflict):
    """What was worked with has been replaced; the same work goes on with what took its place."""
