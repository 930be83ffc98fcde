"""Passages that somebody left out or corrected: stored beside the document, and done again whenever it is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from kb.errors import NotFound
from kb.state.sql import Connection, Row, SqlDatabase, one
from kb.types import Chunk, PassageEdit

_AROUND = 40
"""Characters on each side of a correction by which its place is known where the document is cut otherwise."""
_SURELY = 20
"""A passage of so many characters that stands within one that was left out is a part of it, and no coincidence."""


class PassageEdits:
    """The table ``passage_edits``."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def of(self, document_id: str) -> list[PassageEdit]:
        """Returns the edits of a document, in its order."""
        return stored_edits(self._database.read(), document_id)

    def keep(self, edit: PassageEdit) -> PassageEdit:
        """Stores an edit; a passage that was corrected before keeps what was read from the file.

        Where it is corrected to that, nothing is left of its edits, and the answer has no id.
        """
        with self._database.write() as connection:
            before = _nearest(
                [kept for kept in stored_edits(connection, edit.document_id) if kept.corrected == edit.text],
                edit.position,
            )
            if before is not None:
                connection.execute("DELETE FROM passage_edits WHERE id = ?", (before.id,))
                edit = replace(edit, text=before.text)
            if edit.corrected == edit.text:
                return edit
            row = one(
                connection,
                "INSERT INTO passage_edits (document_id, position, text, corrected, tokens) "
                "VALUES (?, ?, ?, ?, ?) RETURNING *",
                (edit.document_id, edit.position, edit.text, edit.corrected, edit.tokens),
            )
        return _edit(row)

    def drop(self, edit_id: int, *, document_id: str) -> None:
        """Deletes an edit; raises NotFound."""
        with self._database.write() as connection:
            if not connection.execute(
                "DELETE FROM passage_edits WHERE id = ? AND document_id = ?", (edit_id, document_id)
            ).rowcount:
                raise NotFound(f"There is no change {edit_id} of a passage of this document.")


def stored_edits(connection: Connection, document_id: str) -> list[PassageEdit]:
    """Returns the edits of a document, in its order."""
    rows = connection.execute(
        "SELECT * FROM passage_edits WHERE document_id = ? ORDER BY position, id", (document_id,)
    )
    return [_edit(row) for row in rows]


def copy_edits(connection: Connection, document_id: str, newer_id: str) -> None:
    """Gives a new version of a document the edits of the one before."""
    connection.execute(
        "INSERT INTO passage_edits (document_id, position, text, corrected, tokens) "
        "SELECT ?, position, text, corrected, tokens FROM passage_edits WHERE document_id = ?",
        (newer_id, document_id),
    )


def with_edits(chunks: Sequence[Chunk], edits: Sequence[PassageEdit]) -> tuple[Chunk, ...]:
    """Returns ``chunks`` as they were edited: a passage is known by its text and, where several have it, by its place.

    Where the document is cut otherwise than when that was done, a correction is made wherever the words around it
    stand, as far as they are in one passage; of one that was left out, what other passages have is left out. What fits
    nowhere any more does nothing, and neither do edits that would leave nothing of the document.
    """
    kept = dict(enumerate(chunks))
    for edit in edits:
        same = [place for place, chunk in kept.items() if chunk.text == edit.text]
        if same:
            place = min(same, key=lambda place: abs(place - edit.position))
            if edit.corrected is None:
                del kept[place]
            else:
                kept[place] = _corrected(kept[place], edit.text, edit.corrected, tokens=edit.tokens)
        elif edit.corrected is None:
            _leave_out_elsewhere(kept, edit.text)
        else:
            _correct_elsewhere(kept, edit.text, edit.corrected)
    return tuple(kept.values()) or tuple(chunks)


def _leave_out_elsewhere(kept: dict[int, Chunk], left_out: str) -> None:
    """Takes away what passages have of one that was left out: whole passages, or the part that is in both."""
    holders = [place for place, chunk in kept.items() if left_out in chunk.text]
    for place, chunk in list(kept.items()):
        rest = chunk.text
        if len(rest) >= _SURELY and rest in left_out:
            rest = ""
        elif holders == [place] and len(left_out) >= _SURELY:
            rest = rest.replace(left_out, "", 1)
        elif not holders:
            rest = rest[_shared_end(left_out, rest) :]
            rest = rest[: len(rest) - _shared_end(rest, left_out)]
        if not rest.strip():
            del kept[place]
        elif rest != chunk.text:
            kept[place] = _corrected(chunk, chunk.text, rest, tokens=chunk.tokens)


def _shared_end(text: str, other: str) -> int:
    """Returns how many characters at the end of one are the beginning of the other; 0 for what may be coincidence."""
    sizes = range(min(len(text), len(other)), _SURELY - 1, -1)
    return next((size for size in sizes if text.endswith(other[:size])), 0)


def _correct_elsewhere(kept: dict[int, Chunk], text: str, corrected: str) -> None:
    """Corrects the one passage that holds the words which were corrected, with those around them."""
    start, stop, _ = _change(text, corrected)
    before, after = text[max(0, start - _AROUND) : start], text[stop : stop + _AROUND]
    found = [
        (place, at)
        for place, chunk in kept.items()
        for at in _places(chunk.text, before, text[start:stop], after)
    ]
    if len(found) != 1:
        return
    place, at = found[0]
    chunk = kept[place]
    new = corrected[start : len(corrected) - (len(text) - stop)]
    whole = chunk.text[:at] + new + chunk.text[at + stop - start :]
    kept[place] = _corrected(chunk, chunk.text, whole, tokens=chunk.tokens)


def _places(text: str, before: str, words: str, after: str) -> Iterator[int]:
    """Yields where ``words`` stand between ``before`` and ``after``, or what of these the ends of ``text`` leave."""
    for at in range(len(text) - len(words) + 1):
        if not text.startswith(words, at):
            continue
        left, right = before[-at:] if at else "", after[: len(text) - at - len(words)]
        around = left + words + right
        is_sure = len(around) >= min(_SURELY, len(before + words + after)) and around.strip()
        if is_sure and text.startswith(around, at - len(left)):
            yield at


def _corrected(chunk: Chunk, text: str, corrected: str, *, tokens: int) -> Chunk:
    """Returns ``chunk`` with other words; its places are those of the words that were there."""
    start, stop, moved = _change(text, corrected)

    def at(place: int) -> int:
        if place <= start:
            return place
        return place + moved if place >= stop else min(place, stop + moved)

    spans = tuple(
        replace(span, start=at(span.start), end=max(at(span.start), at(span.end))) for span in chunk.spans
    )
    return replace(chunk, text=corrected, spans=spans, tokens=tokens, indexed_text="")


def _change(text: str, corrected: str) -> tuple[int, int, int]:
    """Returns where ``text`` differs, from and to, and by how much what follows moves."""
    start = _shared(text, corrected)
    tail = _shared(text[start:][::-1], corrected[start:][::-1])
    return start, len(text) - tail, len(corrected) - len(text)


def _shared(text: str, other: str) -> int:
    """Returns how many characters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, other, strict=False)))


def _nearest(edits: Sequence[PassageEdit], position: int) -> PassageEdit | None:
    return min(edits, key=lambda edit: abs(edit.position - position), default=None)


def _edit(row: Row) -> PassageEdit:
    return PassageEdit(**dict(row))
