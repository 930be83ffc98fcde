"""Asks a running Footnote, for commands given while it holds the data folder."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from kb.errors import BackendDown, BadInput
from kb.system.access_token import TOKEN_HEADER

TIMEOUT = httpx.Timeout(10.0, read=None)
"""No limit on reading: an answer may take minutes, and the person can interrupt it."""


@dataclass(frozen=True, slots=True)
class RunningApp:
    """The app that holds the data folder."""

    address: str
    """Without a slash at its end."""
    token: str | None = field(default=None, repr=False)
    """What shows it that this command may read the folder; None where it asks for none."""
    certificate: Path | None = None
    """What it speaks HTTPS with; another is not taken for it."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every request to it."""
        return {TOKEN_HEADER: self.token} if self.token else {}

    @property
    def trust(self) -> ssl.SSLContext | bool:
        """Whom to take for it: who has its very certificate, by whatever name or address it is reached."""
        if self.certificate is None:
            return True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(self.certificate)
        return context


def back_up(app: RunningApp, to: Path | None) -> dict[str, Any]:
    """Returns the manifest of the backup that ``app`` makes; ``to`` is a whole path, or None for its own folder.

    Raises:
        BackendDown: the app does not answer.
        BadInput: the app cannot make it; the message says why.
    """
    made: dict[str, Any] = call(app, "POST", "/api/backups", json={"to": str(to) if to else None})
    return made


def start_evaluation(app: RunningApp, asked: dict[str, Any]) -> dict[str, Any]:
    """Begins an evaluation in ``app``; returns what ``/api/evaluations`` says of the one that runs.

    Raises:
        BackendDown: the app does not answer.
        BadInput: the app refuses; the message says why.
    """
    now: dict[str, Any] = call(app, "POST", "/api/evaluations", json=asked)
    return now


def running_evaluation(app: RunningApp) -> dict[str, Any]:
    """Returns how far the evaluation of ``app`` is, or how it ended; raises BackendDown."""
    now: dict[str, Any] = call(app, "GET", "/api/evaluations", params={"limit": 1})["now"]
    return now


def stop_evaluation(app: RunningApp) -> None:
    """Ends the evaluation of ``app`` after the question at hand; raises BackendDown."""
    call(app, "DELETE", "/api/evaluations/running")


def check(app: RunningApp, *, repair: bool) -> list[dict[str, Any]]:
    """Returns the findings of ``app`` when it verifies its library, as ``/api/check`` gives them.

    Raises:
        BackendDown: the app does not answer.
        BadInput: the app is checking already.
    """
    found: list[dict[str, Any]] = call(app, "POST", "/api/check", json={"repair": repair})
    return found


def vector_store(app: RunningApp) -> dict[str, Any]:
    """Returns what ``/api/vectors`` says of the store of ``app``; raises BackendDown."""
    now: dict[str, Any] = call(app, "GET", "/api/vectors")
    return now


def plan_vector_move(app: RunningApp, to: str, url: str | None) -> dict[str, Any]:
    """Returns what it would cost ``app`` to move its vectors to another store.

    Raises:
        BackendDown: the app does not answer.
        BadInput: it cannot; the message says why.
    """
    plan: dict[str, Any] = call(
        app, "POST", "/api/vectors/move", json={"to": to, "url": url, "dry_run": True}
    )
    return plan


def move_vectors(app: RunningApp, to: str, url: str | None) -> bool:
    """Has ``app`` move its vectors, and returns when the new store answers whether the old index is removed.

    Raises:
        BackendDown, BadInput: as ``plan_vector_move``.
    """
    moved: dict[str, Any] = call(app, "POST", "/api/vectors/move", json={"to": to, "url": url})
    return bool(moved["is_removed"])


def embedder_in_use(app: RunningApp) -> dict[str, Any]:
    """Returns what ``/api/embedder`` says of the embedding model of ``app``; raises BackendDown."""
    now: dict[str, Any] = call(app, "GET", "/api/embedder")
    return now


def plan_embedder(app: RunningApp, asked: dict[str, Any]) -> dict[str, Any]:
    """Returns what it would cost ``app`` to change its embedding model.

    Raises:
        BackendDown: the app does not answer.
        BadInput: it cannot; the message says why.
    """
    plan: dict[str, Any] = call(app, "POST", "/api/embedder/switch", json={**asked, "dry_run": True})
    return plan


def switch_embedder(app: RunningApp, asked: dict[str, Any]) -> None:
    """Has ``app`` begin to change its embedding model; raises as ``plan_embedder`` does."""
    call(app, "POST", "/api/embedder/switch", json=asked)


def undo_embedder(app: RunningApp, collection: str | None) -> None:
    """Has ``app`` return to the embedding model before, None: its own; raises as ``plan_embedder`` does."""
    call(app, "POST", "/api/embedder/undo", json={"collection": collection})


def forget_embedders(app: RunningApp) -> float:
    """Has ``app`` delete other models' vectors; returns how many megabytes. Raises as ``plan_embedder`` does."""
    freed: float = call(app, "POST", "/api/embedder/forget")["megabytes"]
    return freed


def call(app: RunningApp, method: str, path: str, **request: Any) -> Any:
    """Returns the answer of ``app`` to a request; None for an empty one.

    Raises:
        BackendDown: the app does not answer.
        BadInput: the app refuses; the message says why.
    """
    try:
        response = httpx.request(
            method,
            f"{app.address}{path}",
            timeout=TIMEOUT,
            trust_env=False,
            headers=app.headers,
            verify=app.trust,
            **request,
        )
    except httpx.HTTPError as error:
        raise down(app, error) from error
    if response.is_error:
        raise BadInput(refusal(response))
    return response.json() if response.content else None


def down(app: RunningApp, error: httpx.HTTPError) -> BackendDown:
    """Returns the error that ``app`` cannot be reached, and what to do."""
    return BackendDown(
        f"The running Footnote at {app.address} does not answer ({error}). End it, then try again."
    )


def refusal(response: httpx.Response) -> str:
    """Returns why the app refused, in its own words."""
    try:
        said = response.json()
    except ValueError:
        return f"The running Footnote answered {response.status_code}: {response.text[:200]}"
    return str(said.get("error") or said.get("detail") or said)
