"""Downloads a GGUF file from an address that the owner typed: its size first, whole or not at all.

An address may lead elsewhere. It is followed within its own server without a word; to another one only after that was
said, never from https to http, and never to this machine or its network, which whoever answers at the address must not
have asked in our name.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import httpx

from kb.errors import BackendDown, BadInput, Cancelled, Misconfigured
from kb.models.catalogue.arriving import arrivals, checked_name, clear, require_new, settle
from kb.models.catalogue.checksums import Checksums
from kb.models.catalogue.reading import read_json
from kb.models.gguf_files import require_whole_gguf
from kb.models.hub import Announce
from kb.models.replies import Reply
from kb.models.transport import ModelServer
from kb.system.addresses import checked_url, login_of, server_of
from kb.system.disk import require_room, room_faults
from kb.system.redact import know_secret

Confirm = Callable[[str], bool]
"""Shows what would be downloaded, and returns whether it is to be."""
Resolve = Callable[[str], list[str]]
"""Host -> its addresses; empty where it is not known here."""

_MOST_REDIRECTS = 5
_PIECE = 1 << 20
_TYPED = "the address of a model"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be downloaded."""

    url: str
    """As the owner typed it."""
    name: str | None = None
    """What it is to be called; None for the name in the address."""
    sha256: str | None = None
    """What it must have, as 64 hexadecimal digits; None where the owner does not say."""


@dataclass(frozen=True, slots=True)
class _Offer:
    """What the address leads to."""

    url: str
    size: int
    validator: str
    """What tells this state of the file from another; empty where the server does not tell."""


def download_model(wanted: Wanted, models: Path, *, confirm: Confirm, announce: Announce) -> Path:
    """Returns the file, whole in ``models``.

    Raises:
        BadInput, Misconfigured: the address is none, leads where it may not, or holds no GGUF file.
        BackendDown: the server does not answer, or broke off; what has arrived is kept for the next try.
        Cancelled: ``confirm`` said no.
        Conflict, DiskFull: as ``copy_model``.
    """
    for secret in login_of(wanted.url):
        know_secret(secret)
    url = checked_url(wanted.url, setting=_TYPED, of_file=True)
    name = checked_name(wanted.name or unquote(urlsplit(url).path.rpartition("/")[2]))
    if not name.lower().endswith(".gguf"):
        raise BadInput(
            f"{name} is no GGUF file, and nothing else is downloaded from an address: name one that ends in .gguf, "
            "a model of the hub, or a folder."
        )
    require_new(models, name)
    offer = _offered(url)
    there = "" if server_of(offer.url) == server_of(url) else f", from {urlsplit(offer.url).hostname}"
    if not confirm(f"{name}: {offer.size / 1e6:,.1f} MB from {urlsplit(url).hostname}{there}."):
        raise Cancelled("Nothing was downloaded. Say --yes to download it without being asked.")
    with arrivals(models) as arriving:
        require_new(models, name)
        clear(arriving, keep=f"{name}.")
        part = _Part(arriving / f"{name}.part", arriving / f"{name}.json")
        with room_faults(f"{name} cannot be downloaded", models):
            digest = _fetched(offer, url, part, announce)
        part.note.unlink(missing_ok=True)
        _require_right(part.file, digest, wanted.sha256)
        settle(part.file, models / name)
        checksums = Checksums(models)
        checksums.note((models / name).resolve(), digest)
        checksums.keep()
    return models / name


# --- Where an address leads -------------------------------------------------------------------


def _offered(url: str) -> _Offer:
    here = url
    for _ in range(_MOST_REDIRECTS + 1):
        with _client(here) as (server, client):
            found, told = _asked(server, client, here)
        if 300 <= found.status < 400:
            here = require_followable(here, urljoin(here, found.location))
            continue
        server.refuse(found)
        if told is None:
            raise BackendDown(f"{server.who} does not say how large the file is, so it is not downloaded.")
        return _Offer(here, *told)
    raise Misconfigured(f"{url} leads from one address to the next, more than {_MOST_REDIRECTS} times.")


def require_followable(origin: str, target: str, *, resolve: Resolve | None = None) -> str:
    """Returns ``target``, to which ``origin`` redirects.

    Raises:
        Misconfigured: that is not followed; the sentence says why.
    """
    target = checked_url(target, setting="the address that it redirects to", of_file=True)
    if server_of(target) == server_of(origin):
        return target
    host = urlsplit(target).hostname or ""
    if urlsplit(origin).scheme == "https" and urlsplit(target).scheme != "https":
        raise Misconfigured(f"The address leads from https to http at {host}, which is not followed.")
    if any(not ipaddress.ip_address(each).is_global for each in (resolve or _addresses)(host)):
        raise Misconfigured(
            f"The address leads to {host}, which is this machine or in its network, and that is not followed. "
            "If it is meant, name that address itself."
        )
    return target


def _addresses(host: str) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP)
    except OSError:  # behind a proxy no name may be known here; it is the proxy that connects
        return []
    return [str(each[4][0]).partition("%")[0] for each in found]


def _asked(server: ModelServer, client: httpx.Client, url: str) -> tuple[Reply, tuple[int, str] | None]:
    """Returns the reply without its content, and the size and validator in it; None where it tells no size."""
    with server.errors():
        response = client.head(url)
        if response.is_error:  # some servers, and signed addresses, take no HEAD
            with client.stream("GET", url, headers={"Range": "bytes=0-0"}) as response:
                return _told(response)
        return _told(response)


def _told(response: httpx.Response) -> tuple[Reply, tuple[int, str] | None]:
    headers = response.headers
    reply = Reply(response.status_code, b"", headers.get("location", ""))
    whole = headers.get("content-range", "").rpartition("/")[2] or headers.get("content-length", "")
    etag = headers.get("etag", "")
    validator = headers.get("last-modified", "") if not etag or etag.startswith("W/") else etag
    return reply, (int(whole), validator) if whole.isdecimal() and int(whole) else None


@contextmanager
def _client(url: str) -> Iterator[tuple[ModelServer, httpx.Client]]:
    host = urlsplit(url).hostname
    server = ModelServer(
        url, who=f"The server {host}", start="Try again later.", unknown="Check the address."
    )
    with httpx.Client(**server.download_options()) as client:
        yield server, client


# --- What comes from there --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """A download that is under way, or broke off."""

    file: Path
    note: Path
    """What it is a part of."""

    def begun(self, wanted: dict[str, Any]) -> int:
        """Returns how many bytes of exactly this file are here already; what is of another is removed."""
        if read_json(self.note) == wanted and wanted["validator"] and self.file.is_file():
            return int(min(self.file.stat().st_size, wanted["size"]))
        self.file.unlink(missing_ok=True)
        self.note.write_text(json.dumps(wanted), encoding="utf-8")
        return 0


def _fetched(offer: _Offer, url: str, part: _Part, announce: Announce) -> str:
    """Fills the part; returns its SHA-256."""
    said = hashlib.sha256(url.encode()).hexdigest()  # not the address: it may hold a login
    have = part.begun({"address": said, "size": offer.size, "validator": offer.validator})
    require_room(f"{part.file.stem} cannot be downloaded", part.file, needed=offer.size - have)
    headers = {"Range": f"bytes={have}-", "If-Range": offer.validator} if have else {}
    if have == offer.size:
        return _sha256_of(part.file, have).hexdigest()
    with (
        _client(offer.url) as (server, client),
        server.errors(),
        client.stream("GET", offer.url, headers=headers) as response,
    ):
        if not response.is_success:
            response.read()
            server.refuse(
                Reply(response.status_code, response.content[:2000], response.headers.get("location", ""))
            )
        goes_on = response.status_code == HTTPStatus.PARTIAL_CONTENT and have
        if goes_on and not response.headers.get("content-range", "").startswith(f"bytes {have}-"):
            raise BackendDown(f"{server.who} sent another part of the file than it was asked for. Try again.")
        if goes_on:
            announce(f"Going on after the {have / 1e6:,.1f} MB that are here.")
        digest = _written(response, part.file, have if goes_on else 0, offer.size, announce)
    if digest is None:
        raise BackendDown(
            f"{server.who} broke off. What has arrived is kept; give the command again to go on."
        )
    return digest


def _written(response: httpx.Response, file: Path, have: int, size: int, announce: Announce) -> str | None:
    """Appends what comes to the ``have`` bytes that are here; returns the SHA-256 of all, None if it is too little."""
    digest = _sha256_of(file, have) if have else hashlib.sha256()
    said = 10 * have // size
    with file.open("r+b" if have else "wb") as writer:
        writer.seek(have)
        writer.truncate()
        try:
            for piece in response.iter_raw():
                have += len(piece)
                if have > size:
                    raise BackendDown(
                        f"More came than the {size:,} bytes that were offered. Nothing is kept."
                    )
                writer.write(piece)
                digest.update(piece)
                if 10 * have // size > said:
                    said = 10 * have // size
                    announce(f"{10 * said} % of {size / 1e6:,.1f} MB")
        finally:
            writer.flush()
            os.fsync(writer.fileno())
    return digest.hexdigest() if have == size else None


def _sha256_of(file: Path, size: int) -> hashlib._Hash:
    digest = hashlib.sha256()
    with file.open("rb") as reader:
        while size and (piece := reader.read(min(_PIECE, size))):
            digest.update(piece)
            size -= len(piece)
    return digest


def _require_right(file: Path, digest: str, wanted: str | None) -> None:
    """Raises, and removes the file, where it is not what was wanted, or no GGUF file."""
    try:
        if wanted is not None and wanted.strip().lower() != digest:
            raise Misconfigured(
                f"What came has the SHA-256 {digest}, and {wanted} is wanted. It was removed."
            )
        require_whole_gguf(file)
    except Misconfigured:
        file.unlink(missing_ok=True)
        raise
