"""The ZIP container and the XML parts of a DOCX, opened so that no file can hurt.

Nothing is unpacked to disk, sizes are counted while inflating (what the ZIP's directory declares may
be a lie), and XML is read without entities, DTDs, other files or the network. Pictures and other
parts that hold no text are never inflated.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from kb.errors import BadInput

MAX_ENTRIES = 20_000
"""Word's largest real documents have some thousand parts, nearly all pictures."""
MAX_PART_BYTES = 64 * 2**20
"""Of one XML part, inflated: a novel of a thousand pages has about 10 MB."""
MAX_TOTAL_BYTES = 128 * 2**20
"""Of all XML parts that are read."""

MAX_RATIO = 200
"""Of a part's inflated to its packed size, beyond the first megabytes; text has 5 to 30."""
RATIO_FREE_BYTES = 4 * 2**20

_CHUNK = 2**16
_PROLOGUE = 1024
"""Bytes in which a document type is looked for before anything is parsed; the tree is asked again."""
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


@dataclass(frozen=True, slots=True)
class Relation:
    """A pointer from one part to another."""

    id: str
    kind: str
    """The last word of its type: ``header``, ``footnotes``, ``styles`` ..."""
    target: str
    """The name of the part in the ZIP."""


class Package:
    """Read access to the XML parts of an open DOCX."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._name = name
        self._parts = {info.filename.lstrip("/").lower(): info for info in archive.infolist()}
        self._left = MAX_TOTAL_BYTES

    def damaged(self, what: str) -> BadInput:
        """Returns the error for a file that is broken; ``what`` says how."""
        return BadInput(f"{self._name} is damaged: {what}. Open it in Word, save it anew, and add that copy.")

    def xml(self, part: str) -> etree._Element | None:
        """Returns the root of an XML part; None when the package has no such part.

        Raises:
            BadInput: the part is too large, damaged, or declares a document type.
        """
        info = self._parts.get(part.lower())
        if info is None:
            return None
        data = self._inflate(info)
        if b"purl.oclc.org" in data:
            # ISO's strict variant differs in nothing but the names of its namespaces.
            data = _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", data)
        if b"<!DOCTYPE" in data[:_PROLOGUE]:
            raise self._declares_type(part)
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
        )
        try:
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            raise self.damaged(f"its part {part} is not well-formed XML ({error.msg})") from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise self._declares_type(part)
        return root

    def _declares_type(self, part: str) -> BadInput:
        return BadInput(
            f"{self._name} is refused: its part {part} declares a document type, which Word never "
            "does and attacks do. Open it in Word, save it anew, and add that copy."
        )

    def relations(self, part: str) -> list[Relation]:
        """Returns the parts that ``part`` points to within the package, in file order; "": the package itself."""
        folder, _ = posixpath.split(part)
        return [
            Relation(
                id=node.get("Id", ""),
                kind=node.get("Type", "").rsplit("/", 1)[-1],
                target=posixpath.normpath(posixpath.join("/", folder, node.get("Target", ""))).lstrip("/"),
            )
            for node in self._relationships(part)
            if node.get("TargetMode") != "External"
        ]

    def links(self, part: str) -> dict[str, str]:
        """Returns the addresses outside of the package that ``part`` points to, by the ids of their relations."""
        return {
            node.get("Id", ""): node.get("Target", "")
            for node in self._relationships(part)
            if node.get("TargetMode") == "External" and node.get("Type", "").endswith("/hyperlink")
        }

    def _relationships(self, part: str) -> Iterator[etree._Element]:
        folder, base = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        if root is not None:
            yield from root.iter(_RELATIONSHIP)

    def _inflate(self, info: zipfile.ZipInfo) -> bytes:
        plausible = max(RATIO_FREE_BYTES, MAX_RATIO * info.compress_size)
        limit = min(MAX_PART_BYTES, self._left, plausible)
        data = bytearray()
        try:
            with self._archive.open(info) as stream:
                while chunk := stream.read(_CHUNK):
                    data += chunk
                    if len(data) > limit:
                        raise BadInput(
                            f"{self._name} is refused: its part {info.filename} inflates to more than "
                            f"{limit // 2**20} MB, far beyond any real document."
                        )
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise self.damaged(f"its part {info.filename} cannot be unpacked ({error})") from error
        self._left -= len(data)
        return bytes(data)


@contextmanager
def open_package(path: Path, name: str) -> Iterator[Package]:
    """The package at ``path``.

    Raises:
        BadInput: it is no ZIP container, or has too many entries.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadInput(
            f"{name} is damaged: its ZIP container cannot be read ({error}). "
            "It may have been cut short: copy or download it again."
        ) from error
    with archive:
        if len(archive.infolist()) > MAX_ENTRIES:
            raise BadInput(f"{name} is refused: its ZIP container has more than {MAX_ENTRIES} entries.")
        yield Package(archive, name)
