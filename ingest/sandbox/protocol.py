"""What crosses the pipe between the app and a parser's process: frames, and documents as JSON.

The far end may have been taken over by the file it read, so nothing from it is unpickled or trusted: every
value is checked for its type and its bounds before it becomes part of a document.
"""

from __future__ import annotations

import re
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from kb.errors import BadInput, Cancelled
from kb.types import Block, BlockKind, ParsedDocument, Span
from kb.types.places import PlaceError
from kb.types.spans import decode_span, encode_spans

HELLO = b"H"
"""The child is ready; the body is a JSON list of the names of its layers of protection."""
DOCUMENT = b"D"
"""A parsed document, as ``encode_document`` writes it."""
IMAGE = b"I"
"""A PNG."""
ERROR = b"E"
"""What the parser raised: ``Refusal`` as JSON."""
ENDED = b"X"
"""The parser's process ended without an answer: ``Ended`` as JSON."""
TOO_MUCH = b"M"
"""The answer is larger than is allowed; no body."""
NO_MEMORY = b"O"
"""The parser ran into its memory limit; no body."""

MOST_BLOCKS = 200_000
MOST_SPANS = 400_000
MOST_CHARACTERS = 20_000_000
"""Of one document. The app holds each as an object while it cuts and stores the document: at these figures it grows by
less than 400 MB. Four times the Bible are 20 million characters; 500 full pages are some 22,000 spans."""
_LOOK_EVERY = 1000
"""Blocks that are decoded between two looks at whether the document is still wanted."""

HEADER = struct.Struct(">Qc")
"""Length of the body in bytes, then one of the letters above."""
_MOST_WORDS = 4_000
"""The longest sentence or traceback taken from a child, in characters."""
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class WireError(ValueError):
    """The bytes are not what an honest child sends."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An exception, in words."""

    leaf: str
    """Name of the leaf of ``kb.errors``; empty for exceptions that nobody meant to raise."""
    sentence: str
    detail: str
    """Type, text and traceback, for the log."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a parser's process ended by itself."""

    code: int
    """The exit status, or minus the number of the signal."""
    megabytes: int
    """The most memory it ever had, resident."""


def frame(kind: bytes, body: bytes = b"") -> bytes:
    """Returns ``body`` with its header."""
    return HEADER.pack(len(body), kind) + body


def read_frame(read: Callable[[int], bytes], *, limit: int) -> tuple[bytes, bytes] | None:
    """Returns the next (kind, body) from ``read``, which blocks until it has that many bytes; None at the end.

    Raises:
        WireError: the body is said to be longer than ``limit``, or breaks off.
    """
    header = read(HEADER.size)
    if not header:
        return None
    if len(header) < HEADER.size:
        raise WireError("a header breaks off")
    length, kind = HEADER.unpack(header)
    if length > limit:
        raise WireError(f"a body of {length} bytes")
    body = read(length)
    if len(body) < length:
        raise WireError("a body breaks off")
    return kind, body


def require_within_limits(document: ParsedDocument, name: str) -> None:
    """Raises BadInput where ``document``, called ``name``, is more than the app takes of one file.

    It is refused and not read as far as the limit goes: a library that lacks the rest of a document answers that
    there is nothing where there is, and nobody sees why.
    """
    for count, most, things in (
        (len(document.blocks), MOST_BLOCKS, "paragraphs, headings and table rows"),
        (sum(len(block.spans) for block in document.blocks), MOST_SPANS, "lines"),
        (sum(len(block.text) for block in document.blocks), MOST_CHARACTERS, "characters of text"),
    ):
        if count > most:
            raise BadInput(
                f"{name} holds {count:,} {things}; Footnote reads at most {most:,} of one file. "
                "Split it into smaller files and add those."
            )


def encode_document(document: ParsedDocument) -> bytes:
    content = {
        "pages": document.pages,
        "title": document.title,
        "metadata": dict(document.metadata),
        "warnings": list(document.warnings),
        "blocks": [
            [block.kind.value, block.level, block.text, encode_spans(block.spans), block.header_rows]
            for block in document.blocks
        ],
    }
    try:
        return orjson.dumps(content)
    except TypeError:  # a broken file can yield half of a surrogate pair, which no UTF-8 can hold
        return orjson.dumps(_storable(content))


def decode_document(body: bytes, *, cancelled: threading.Event | None = None) -> ParsedDocument:
    """Returns the document that ``encode_document`` wrote.

    Raises:
        Cancelled: ``cancelled`` was set meanwhile.
        WireError: it is not JSON, or a value has the wrong type or is out of its bounds.
    """
    content = _loads(body, dict)
    try:
        metadata = _list_or_dict(content["metadata"], dict)
        title = content["title"]
        pages = content["pages"]
        return ParsedDocument(
            blocks=tuple(_blocks(_list_or_dict(content["blocks"], list), cancelled)),
            pages=None if pages is None else _number(pages),
            title=None if title is None else _text(title),
            metadata={_text(key): _text(value) for key, value in metadata.items()},
            warnings=tuple(map(_text, _list_or_dict(content["warnings"], list))),
        )
    except KeyError as error:
        raise WireError(f"no {error} in a document") from error


def encode_refusal(refusal: Refusal) -> bytes:
    words = [refusal.leaf, refusal.sentence[:_MOST_WORDS], refusal.detail[-_MOST_WORDS:]]
    return orjson.dumps(_storable(words))


def decode_refusal(body: bytes) -> Refusal:
    """Returns the refusal, truncated to a sensible length and free of control characters.

    Raises:
        WireError: it is not what ``encode_refusal`` writes.
    """
    words = [_CONTROLS.sub(" ", _text(word))[:_MOST_WORDS] for word in _loads(body, list)]
    if len(words) != 3:
        raise WireError("not a refusal")
    return Refusal(*words)


def encode_ended(ended: Ended) -> bytes:
    return orjson.dumps([ended.code, ended.megabytes])


def decode_ended(body: bytes) -> Ended:
    """Returns the end that ``encode_ended`` wrote.

    Raises:
        WireError: it is not what ``encode_ended`` writes.
    """
    numbers = _loads(body, list)
    if len(numbers) != 2 or any(type(number) is not int for number in numbers):
        raise WireError("not an end")
    return Ended(*numbers)


def _blocks(rows: list[Any], cancelled: threading.Event | None) -> Iterator[Block]:
    """The blocks, within the limits; what was decoded of ``rows`` is let go of."""
    if len(rows) > MOST_BLOCKS:
        raise WireError(f"{len(rows)} blocks")
    spans = characters = 0
    for index, row in enumerate(rows):
        if index % _LOOK_EVERY == 0 and cancelled is not None and cancelled.is_set():
            raise Cancelled("It was stopped while its text was taken over.")
        block = _block(row, most_spans=MOST_SPANS - spans)
        rows[index] = None
        spans += len(block.spans)
        characters += len(block.text)
        if characters > MOST_CHARACTERS:
            raise WireError(f"more than {MOST_CHARACTERS} characters")
        yield block


def _block(row: Any, *, most_spans: int) -> Block:
    if type(row) is not list or len(row) != 5:
        raise WireError("not a block")
    kind, level, text, spans, header_rows = row
    try:
        kind = BlockKind(kind)
    except ValueError as error:
        raise WireError(f"a block of the kind {kind!r:.40}") from error
    text = _text(text)
    length = len(text)
    rows = _list_or_dict(spans, list)
    if len(rows) > most_spans:
        raise WireError(f"more than {MOST_SPANS} spans")
    try:
        places = tuple([_span(row, length) for row in rows])
        return Block(kind, text, places, _number(level), _number(header_rows))
    except PlaceError as error:
        raise WireError(str(error)) from error


def _span(row: Any, length: int) -> Span:
    """Returns a checked span. Called for every line of a document: 500 pages are some 22,000 of them."""
    span = decode_span(row)
    if span.end > length:
        raise WireError("a span outside its text")
    return span


def _number(value: Any) -> int:
    """Returns a checked count or level; none is 2**31 or more."""
    if type(value) is not int or not 0 <= value < 2**31:
        raise WireError(f"not a number: {value!r:.40}")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise WireError(f"not a text: {value!r:.40}")
    return value


def _list_or_dict(value: Any, kind: type[Any]) -> Any:
    if type(value) is not kind:
        raise WireError(f"not a {kind.__name__}: {value!r:.40}")
    return value


def _loads(body: bytes, kind: type[Any]) -> Any:
    try:
        return _list_or_dict(orjson.loads(body), kind)
    except orjson.JSONDecodeError as error:
        raise WireError(f"not JSON: {error}") from error


def _storable(value: Any) -> Any:
    """Returns ``value`` with lone surrogates replaced one for one, so that spans still fit their text."""
    if isinstance(value, str):
        return _LONE_SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value
