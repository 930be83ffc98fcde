"""What the environment says about the network, where libraries would stumble over it.

httpx reads the variables below for every client, and Gradio, Ollama's client and the hub's make one when they are
imported: a value that httpx cannot use ends a program that asks nothing but this machine.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from kb.errors import Misconfigured

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_CLIENTS = ("httpx", "httpx2")
"""The second is what the hub's client uses, and reads addresses more strictly."""
_CERTIFICATES: dict[str, Callable[[Path], bool]] = {
    "SSL_CERT_FILE": Path.is_file,
    "SSL_CERT_DIR": Path.is_dir,
}

_set_aside: dict[str, str] = {}
"""Name of a variable -> why it cannot be used. Of this process, as its environment is."""


def set_aside_unusable(environment: MutableMapping[str, str] = os.environ) -> None:
    """Removes from the environment what no client can be made with; ``require_usable_network`` reports it.

    Belongs at the begin of a program, before anything that makes a client is imported.
    """
    _set_aside.clear()
    environment.pop("OLLAMA_HOST", None)  # its client reads it when imported; ours is answering.ollama_url
    for name, is_there in _CERTIFICATES.items():
        if (value := environment.get(name)) and not _holds(is_there, value):
            _set_aside[name] = "names no such file or folder"
            del environment[name]
    given = [name for name in environment if name.lower() in _PROXIES]
    if not any(environment[name] for name in given):
        return
    values = {name: environment.pop(name) for name in given}
    for name, value in values.items():
        if (reason := _reason(name, value, environment)) is not None:
            _set_aside[name] = reason
    environment.update({name: value for name, value in values.items() if name not in _set_aside})


def require_usable_network() -> None:
    """Raises where a proxy was set aside: call it before another machine is asked, which must not be without the proxy.

    Raises:
        Misconfigured: a variable was set aside; the message names it, never its value, which may hold a password.
    """
    for name, reason in _set_aside.items():
        raise Misconfigured(
            f"Another machine is not asked, because the environment's {name} {reason}. "
            f"Correct {name}, or unset it, then start Footnote again."
        )


def _holds(is_there: Callable[[Path], bool], value: str) -> bool:
    try:
        return is_there(Path(value))
    except (OSError, ValueError):  # too long a name, a NUL in it
        return False


def _reason(name: str, value: str, environment: MutableMapping[str, str]) -> str | None:
    """Returns why a client cannot be made where the variable has this value; None where it can."""
    with _only(name, value, environment):
        for library in _CLIENTS:
            if find_spec(library) is None:
                continue
            httpx = import_module(library)
            try:
                httpx.Client(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)).close()
            except ImportError:
                return "names a SOCKS proxy, which needs the package socksio (pip install socksio)"
            except (ValueError, httpx.InvalidURL):
                return "holds no address that can be used (as in http://127.0.0.1:3128)"
    return None


@contextmanager
def _only(name: str, value: str, environment: MutableMapping[str, str]) -> Iterator[None]:
    environment[name] = value
    try:
        yield
    finally:
        del environment[name]
