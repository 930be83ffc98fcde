"""Whose a connection from this machine is: on loopback every account can connect, and only one owns the documents.

Linux lists who holds which end of a connection; elsewhere the processes of this account are asked. What comes from
another network namespace has no entry there, and is let in as before: nobody can be named for it.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import logging
import os
import platform
import sys
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from starlette.types import ASGIApp, Receive, Scope, Send

from kb.system.access_token import TOKEN_HEADER
from kb.system.threads import Threads
from kb.web.door.refusals import refuse

log = logging.getLogger(__name__)

_TABLES = tuple(Path(f"/proc/net/{name}") for name in ("tcp", "tcp6"))
_HAS_TABLE = platform.system() == "Linux"
_ESTABLISHED = "01"
_LOOKS = Threads("connections", 2)
_REFUSED = (
    "This Footnote belongs to another account of this machine, so it does not answer you. Start your own, or ask its "
    'owner to set local_accounts = "all" in the section [server] of the settings.'
)

Address = tuple[str, int]
Rows = dict[tuple[str, str], tuple[str, int, int]]
"""(local end, remote end) -> (state, uid, inode)."""


class Holder(Enum):
    """Who holds the other end of a connection."""

    MINE = auto()
    ANOTHER = auto()
    GONE = auto()
    """Whoever it was has left, and reads no answer."""
    UNKNOWN = auto()
    """It cannot be told here."""


@dataclass(eq=False, slots=True)
class Connection:
    """One connection, whose holder is looked up once."""

    peer: Address | None
    """The client's end; None where it is no TCP, or was reset before it was looked at."""
    own: Address | None
    """The server's end; None where it is no TCP."""
    _looking: asyncio.Task[Holder] | None = field(default=None, init=False)

    @classmethod
    def of(cls, transport: asyncio.BaseTransport) -> Connection:
        return cls(*(_address(transport.get_extra_info(name)) for name in ("peername", "sockname")))

    async def holder(self, tables: Tables) -> Holder:
        """Returns who holds the client's end; asks the system the first time."""
        if self.own is None:
            return Holder.UNKNOWN
        if self.peer is None:  # the system forgets the client's end of a connection that was reset
            return Holder.GONE
        if self._looking is None:
            self._looking = asyncio.create_task(holder_of(self.peer, self.own, tables))
        return await asyncio.shield(self._looking)


class Tables:
    """Reads the kernel's list of connections. One reading serves everybody who had asked when it began."""

    def __init__(self) -> None:
        self._reading = asyncio.Lock()
        self._coming: asyncio.Task[Rows] | None = None

    async def rows(self) -> Rows:
        """Returns the kernel's list, read after this was called."""
        if self._coming is None:
            self._coming = asyncio.create_task(self._read())
        return await asyncio.shield(self._coming)

    async def _read(self) -> Rows:
        async with self._reading:
            self._coming = None  # who asks from here on gets the next reading
            return await _LOOKS.run(_rows)


class LocalAccounts:
    """Answers 403 to connections of other accounts of this machine, unless they bring ``token``."""

    def __init__(self, app: ASGIApp, *, token: str) -> None:
        self._app = app
        self._token = token.encode()
        self._tables = Tables()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers it; every connection of the server has its ``Connection`` by then."""
        if scope["type"] == "lifespan" or self._has_token(scope):
            await self._app(scope, receive, send)
            return
        connection: Connection = scope["state"]["connection"]
        holder = await connection.holder(self._tables)
        if holder in (Holder.MINE, Holder.UNKNOWN):
            await self._app(scope, receive, send)
            return
        log.warning("request refused", extra={"path": scope["path"], "reason": f"the account: {holder.name}"})
        await refuse(scope, send, 403, _REFUSED)

    def _has_token(self, scope: Scope) -> bool:
        name = TOKEN_HEADER.lower().encode()
        return any(key == name and hmac.compare_digest(value, self._token) for key, value in scope["headers"])


async def holder_of(peer: Address, own: Address, tables: Tables) -> Holder:
    """Returns who holds the end ``peer`` of the connection between ``peer`` and ``own``, the end of this process."""
    if not ipaddress.ip_address(_plain(peer[0])).is_loopback:
        return Holder.UNKNOWN
    if not _HAS_TABLE:
        return await _LOOKS.run(partial(_by_processes, peer, own))
    for _ in range(2):  # the list is read row by row: what is missing is looked for once more
        found = _by_rows(peer, own, await tables.rows())
        if found is not Holder.UNKNOWN:
            break
    return found


def can_tell() -> bool:
    return not _HAS_TABLE or bool(_rows())


def _by_rows(peer: Address, own: Address, rows: Rows) -> Holder:
    """Returns the holder that the kernel lists; UNKNOWN for a live end outside of this network namespace."""
    ours = _written(peer), _written(own)
    _, uid, inode = rows.get(ours, ("", 0, 0))
    if inode:  # an end that its process has closed has none, and is listed as root's
        return Holder.MINE if uid == os.getuid() else Holder.ANOTHER
    state, *_ = rows.get((ours[1], ours[0]), ("", 0, 0))
    return Holder.UNKNOWN if state == _ESTABLISHED or not rows else Holder.GONE


def _by_processes(peer: Address, own: Address) -> Holder:
    """Returns the holder among the processes of this account; another account's cannot be asked."""
    me = psutil.Process().username()
    for process in psutil.process_iter():
        try:
            if process.username() != me:
                continue
            for found in process.net_connections("tcp"):
                if found.raddr and _same(found.laddr, peer) and _same(found.raddr, own):
                    return Holder.MINE
        except psutil.Error:
            continue
    return Holder.ANOTHER


def _rows() -> Rows:
    """Returns every connection in this network namespace; empty where it cannot be read."""
    rows: Rows = {}
    for table in _TABLES:
        try:
            lines = table.read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            parts = line.split()
            rows[_shortened(parts[1]), _shortened(parts[2])] = parts[3], int(parts[7]), int(parts[9])
    return rows


def _shortened(end: str) -> str:
    """Returns an end as the kernel writes it; IPv4 within IPv6 as IPv4, since each side may write it its own way."""
    address, _, port = end.partition(":")
    return f"{address.removeprefix(_MAPPED)}:{port}"


def _written(end: Address) -> str:
    return f"{_words(ipaddress.ip_address(_plain(end[0])).packed)}:{end[1]:04X}"


def _words(packed: bytes) -> str:
    """Returns an address as the kernel writes it: hex numbers of four bytes each, in its own order of bytes."""
    return "".join(
        f"{int.from_bytes(packed[at : at + 4], sys.byteorder):08X}" for at in range(0, len(packed), 4)
    )


def _plain(host: str) -> str:
    """Returns the address without its zone, IPv4 within IPv6 as IPv4."""
    address = ipaddress.ip_address(host.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _same(found: Any, end: Address) -> bool:
    return (_plain(found.ip), found.port) == (_plain(end[0]), end[1])


def _address(name: Any) -> Address | None:
    return (str(name[0]), int(name[1])) if isinstance(name, tuple) else None


_MAPPED = f"{'0' * 16}{_words(bytes.fromhex('0000ffff'))}"
"""What IPv4 within IPv6 begins with."""
