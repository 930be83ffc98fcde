"""Ways to damage a real file: by the bit, by the block, and by the parts of its own format."""

from __future__ import annotations

import io
import random
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

_MOST_BYTES = 4 << 20
"""A mutated file is cut there."""
_NUMBERS = (
    b"0",
    b"-1",
    b"1",
    b"255",
    b"65536",
    b"2147483647",
    b"4294967296",
    b"99999999999999999999",
    b"1e308",
    b"",
)
_PDF_KEYWORDS = (
    b"endobj",
    b"endstream",
    b"stream",
    b"xref",
    b"trailer",
    b"startxref",
    b"%%EOF",
    b">>",
    b"<<",
    b"]",
)
_PDF_NAMES = (
    b"/FlateDecode", b"/LZWDecode", b"/ASCII85Decode", b"/ASCIIHexDecode", b"/RunLengthDecode", b"/DCTDecode",
    b"/Pages", b"/Page", b"/Kids", b"/Parent", b"/Contents", b"/Font", b"/ToUnicode", b"/Encrypt", b"/Identity-H",
)  # fmt: skip
_TEXT_NOISE = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b[31m", "\u202e".encode(), "𝕏\u0301".encode() * 40, b"\r",
    b"\x0c", b"```", b"|" * 300, b"#" * 200, b"> " * 400, b"[" * 500, b"<" * 500, b"&" * 100, b"a" * 60_000,
)  # fmt: skip
_XML_NOISE = (
    b"<w:p>",
    b"</w:p>",
    b"<w:tbl>",
    b"</w:tc>",
    b"]]>",
    b"<![CDATA[",
    b"&#0;",
    b"&x;",
    b"\x00",
    b'w:val="-1"',
    b"<!--",
)
_NESTED = b"<w:tbl><w:tr><w:tc>"


@dataclass(frozen=True, slots=True)
class Source:
    """A real file."""

    name: str
    content: bytes

    @property
    def suffix(self) -> str:
        """In lower case, with its dot."""
        return "." + self.name.rpartition(".")[2].lower()


Mutation = Callable[[random.Random, bytes, Sequence[Source]], bytes]


def mutate(rng: random.Random, source: Source, others: Sequence[Source]) -> tuple[str, bytes]:
    """What was done to ``source``, and its bytes afterwards; ``others`` lend parts of theirs."""
    known = [*_GENERAL, *_BY_SUFFIX.get(source.suffix, _FOR_TEXT)]
    content, done = source.content, list[str]()
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        mutation = rng.choice(known)
        content = mutation(rng, content, others)[:_MOST_BYTES]
        done.append(mutation.__name__)
    return "+".join(done), content


# --- Any file ---------------------------------------------------------------------------------


def flip_bits(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """One to some dozens of bits."""
    flipped = bytearray(content)
    for _ in range(rng.choice((1, 4, 16, 64))):
        if flipped:
            flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
    return bytes(flipped)


def truncate(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """The end is missing, as after a download that broke off."""
    return content[: rng.randint(0, len(content))]


def behead(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """The beginning is missing."""
    return content[rng.randint(0, min(len(content), 2000)) :]


def splice(rng: random.Random, content: bytes, others: Sequence[Source]) -> bytes:
    """A piece of another file in place of a piece of this one."""
    start, end = _piece(rng, len(content))
    other = rng.choice(others).content
    first, last = _piece(rng, len(other))
    return content[:start] + other[first:last] + content[end:]


def repeat(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """A piece, over and over."""
    start, end = _piece(rng, len(content))
    end = min(end, start + 2000)
    return content[:start] + content[start:end] * rng.choice((2, 10, 200)) + content[end:]


def blank(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """A piece is zeros, as after a disk fault."""
    start, end = _piece(rng, len(content))
    return content[:start] + bytes(end - start) + content[end:]


# --- PDF --------------------------------------------------------------------------------------


def change_numbers(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """Some numbers outside of streams: lengths, counts, offsets, references to other objects."""
    return _replace_some(rng, content, rb"(?<=[ /\[])-?\d+(?=[ />\]\r\n])", lambda: rng.choice(_NUMBERS))


def redirect_references(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """Some references point to another object, perhaps to the one that holds them."""
    return _replace_some(rng, content, rb"\d+ 0 R", lambda: b"%d 0 R" % rng.randint(0, 30))


def swap_names(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """Some names are others."""
    return _replace_some(rng, content, rb"/[A-Z][A-Za-z0-9]+", lambda: rng.choice(_PDF_NAMES))


def drop_keywords(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """Some keywords are gone."""
    return _replace_some(rng, content, b"|".join(map(re.escape, _PDF_KEYWORDS)), lambda: b"")


def rewrite_streams(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """A compressed stream is damaged inside and packed again, so that it unpacks well into nonsense."""

    def rewrite(found: re.Match[bytes]) -> bytes:
        body = found[0]
        with suppress(zlib.error):
            inner = zlib.decompressobj().decompress(found[1], _MOST_BYTES)
            kind = rng.choice((flip_bits, truncate, repeat, change_numbers))
            body = b"stream\n" + zlib.compress(kind(rng, inner, ())) + b"\nendstream"
        return body if rng.random() < 0.5 else found[0]

    return re.sub(rb"stream\r?\n(.*?)\r?\nendstream", rewrite, content, flags=re.DOTALL)


# --- DOCX -------------------------------------------------------------------------------------


def edit_member(rng: random.Random, content: bytes, others: Sequence[Source]) -> bytes:
    """One part is damaged, and the container fits it."""
    kind = rng.choice((flip_bits, truncate, splice, repeat, break_xml, nest_xml, change_xml_numbers))
    return _rezip(rng, content, lambda name, body: (name, kind(rng, body, others)))


def drop_member(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """One part is gone."""
    return _rezip(rng, content, lambda *_: None)


def rename_member(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """One part has another name."""
    names = ("../evil.xml", "/etc/passwd", "word\\document.xml", "\x00", "x" * 300)
    return _rezip(rng, content, lambda _, body: (rng.choice(names), body))


def lie_about_sizes(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """Sizes and checksums in the folder of the container are wrong."""
    lied = bytearray(content)
    for found in re.finditer(rb"PK\x01\x02", content):
        if rng.random() < 0.5:
            field = found.start() + rng.choice((16, 20, 24, 42))
            lied[field : field + 4] = rng.randbytes(4)
    return bytes(lied)


def break_xml(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """Something that does not belong there, in some places."""
    for _ in range(rng.choice((1, 3, 30))):
        place = rng.randint(0, len(content))
        content = content[:place] + rng.choice(_XML_NOISE) + content[place:]
    return content


def nest_xml(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """Tables in tables in tables."""
    depth = rng.choice((5, 100, 5000))
    inside = b"<w:p/>" + b"</w:tc></w:tr></w:tbl><w:p/>" * depth
    return content.replace(b"<w:body>", b"<w:body>" + _NESTED * depth + inside, 1)


def change_xml_numbers(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """Some attribute values that are numbers: levels, spans, ids."""
    return _replace_some(rng, content, rb'(?<==")-?\d+(?=")', lambda: rng.choice(_NUMBERS))


# --- Text -------------------------------------------------------------------------------------


def add_noise(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """Things that text should not hold, or not so much of."""
    for _ in range(rng.choice((1, 5, 20))):
        place = rng.randint(0, len(content))
        content = content[:place] + rng.choice(_TEXT_NOISE) + content[place:]
    return content


def recode(rng: random.Random, content: bytes, _others: Sequence[Source]) -> bytes:
    """Half of it in another encoding."""
    middle = len(content) // 2
    text = content[middle:].decode("utf-8", "replace")
    return content[:middle] + text.encode(rng.choice(("utf-16", "gb18030", "utf-32", "cp1252")), "replace")


_GENERAL: tuple[Mutation, ...] = (flip_bits, truncate, behead, splice, repeat, blank)
_FOR_TEXT: tuple[Mutation, ...] = (add_noise, recode)
_BY_SUFFIX: dict[str, tuple[Mutation, ...]] = {
    ".pdf": (change_numbers, redirect_references, swap_names, drop_keywords, rewrite_streams),
    ".docx": (edit_member, edit_member, edit_member, drop_member, rename_member, lie_about_sizes),
}


def _piece(rng: random.Random, length: int) -> tuple[int, int]:
    start = rng.randint(0, length)
    return start, min(length, start + rng.choice((1, 16, 256, 4096, 65_536)))


def _replace_some(rng: random.Random, content: bytes, pattern: bytes, new: Callable[[], bytes]) -> bytes:
    share = rng.choice((0.01, 0.1, 0.5))
    return re.sub(pattern, lambda found: new() if rng.random() < share else found[0], content)


def _rezip(
    rng: random.Random, content: bytes, change: Callable[[str, bytes], tuple[str, bytes] | None]
) -> bytes:
    """The container with one part, mostly the document itself, changed; as it was if it is none any more."""
    packed = io.BytesIO()
    try:
        with (
            zipfile.ZipFile(io.BytesIO(content)) as given,
            zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made,
        ):
            names = list(dict.fromkeys(given.namelist()))
            main = [name for name in names if name == "word/document.xml"]
            chosen = rng.choice(main if main and rng.random() < 0.6 else names)
            for name in names:
                body = given.read(name)
                kept = change(name, body) if name == chosen else (name, body)
                if kept is not None:
                    made.writestr(kept[0], kept[1])
    except (
        zipfile.BadZipFile,
        zlib.error,
        IndexError,
        ValueError,
        NotImplementedError,
        EOFError,
        RuntimeError,
    ):
        return content  # an earlier mutation has broken the container
    return packed.getvalue()
