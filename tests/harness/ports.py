"""Ports for apps that tests start."""

from __future__ import annotations

import random
import socket

_FIRST, _LAST = 20_000, 32_000
"""Below what operating systems give to outgoing connections, so that none of those takes a port before the app does."""


def free_port() -> int:
    """A loopback port on which nobody listens.

    It is drawn at random, so that test processes that run side by side do not get the same one.
    """
    while True:
        port = random.randrange(_FIRST, _LAST)
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
