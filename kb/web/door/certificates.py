"""The certificate by which the server speaks HTTPS."""

from __future__ import annotations

import ssl
from pathlib import Path

from kb.config.server import ServerSettings
from kb.errors import Misconfigured


def certificate_of(server: ServerSettings) -> Path | None:
    """Returns the file of the certificate, which can be read and fits its key; None without one.

    Raises:
        Misconfigured: it cannot be used.
    """
    if server.certificate is None:
        return None
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(server.certificate, server.certificate_key, password=_no_password)
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(
            f"The certificate {server.certificate} cannot be used ({error}). It has to be PEM, with its key in the "
            "same file or in server.certificate_key, without a password."
        ) from error
    return server.certificate


def _no_password() -> str:
    """Answers for the owner: the terminal is not to be asked by a server."""
    return ""
