"""Names of processes that another process can check: is it still running?"""

from __future__ import annotations

import os
import re
import secrets
import socket
from functools import cache

_SAME_SECONDS = 2.0
"""Two readings of one process's start may differ this much: on Linux it is counted from the boot, whose time is
adjusted with the clock. No number comes back to another process as soon."""

_OWNER = re.compile(r"(?P<host>[^:]*):(?P<pid>\d+):(?P<started>\d+\.\d+):.+")


def new_owner(role: str) -> str:
    """Returns a name for ``role`` in this process, unique for ever: host, number, start and a random part."""
    started = _started(os.getpid()) or 0.0
    return f"{_host()}:{os.getpid()}:{started:.2f}:{secrets.token_hex(4)}-{role}"


def is_dead(owner: str) -> bool:
    """Returns whether the process that made the name ``owner`` is certain to have ended.

    False for a process of another machine, which nobody here can check. A name that ``new_owner`` did not make is an
    earlier version's, which has a data folder to itself while it lives: True, for whoever has that folder locked.
    """
    made = _OWNER.fullmatch(owner)
    if made is None:
        return True
    if made["host"] != _host():
        return False
    started = _started(int(made["pid"]))
    return started is None or abs(started - float(made["started"])) > _SAME_SECONDS


@cache
def _host() -> str:
    return socket.gethostname().replace(":", "-")


def _started(pid: int) -> float | None:
    """Returns when a process began, in seconds since 1970; None where none has that number."""
    import psutil  # takes longer to load than most commands take

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:  # it ended, and nobody has asked how
            return None
        return float(process.create_time())
    except psutil.NoSuchProcess:
        return None
