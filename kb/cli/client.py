"""Asks a running Footnote, for commands given while it holds the data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from kb.errors import BackendDown, BadInput

TIMEOUT = httpx.Timeout(10.0, read=None)
"""No limit on reading: an answer may take minutes, and the person can interrupt it."""


def back_up(address: str, to: Path | None) -> dict[str, Any]:
    """Returns the manifest of the backup that the app at ``address`` makes; ``to``: a whole path, or None for its own
    folder.

    Raises:
        BackendDown: the app does not answer.
        BadInput: the app cannot make it; the message says why.
    """
    made: dict[str, Any] = call(address, "POST", "/api/backups", json={"to": str(to) if to else None})
    return made


def start_evaluation(address: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Begins an evaluation in the app at ``address``; returns what ``/api/evaluations`` says of the one that runs.

    Raises:
        BackendDown: the app does not answer.
        BadInput: the app refuses; the message says why.
    """
    now: dict[str, Any] = call(address, "POST", "/api/evaluations", json=asked)
    return now


def running_evaluation(address: str) -> dict[str, Any]:
    """Returns how far the evaluation of the app at ``address`` is, or how it ended; raises BackendDown."""
    now: dict[str, Any] = call(address, "GET", "/api/evaluations", params={"limit": 1})["now"]
    return now


def stop_evaluation(address: str) -> None:
    """Ends the evaluation of the app at ``address`` after the question at hand; raises BackendDown."""
    call(address, "DELETE", "/api/evaluations/running")


def check(address: str, *, repair: bool) -> list[dict[str, Any]]:
    """Returns what the app at ``address`` finds when it verifies its library, as ``/api/check`` gives it.

    Raises:
        BackendDown: the app does not answer.
        BadInput: the app is checking already.
    """
    found: list[dict[str, Any]] = call(address, "POST", "/api/check", json={"repair": repair})
    return found


def call(address: str, method: str, path: str, **request: Any) -> Any:
    """Returns the answer of the app at ``address`` to a request; None for an empty one.

    Raises:
        BackendDown: the app does not answer.
        BadInput: the app refuses; the message says why.
    """
    try:
        response = httpx.request(method, f"{address}{path}", timeout=TIMEOUT, trust_env=False, **request)
    except httpx.HTTPError as error:
        raise down(address, error) from error
    if response.is_error:
        raise BadInput(refusal(response))
    return response.json() if response.content else None


def down(address: str, error: httpx.HTTPError) -> BackendDown:
    """Returns the error that the app at ``address`` cannot be reached, and what to do."""
    return BackendDown(
        f"The running Footnote at {address} does not answer ({error}). End it, then try again."
    )


def refusal(response: httpx.Response) -> str:
    """Returns why the app refused, in its own words."""
    try:
        said = response.json()
    except ValueError:
        return f"The running Footnote answered {response.status_code}: {response.text[:200]}"
    return str(said.get("error") or said.get("detail") or said)
