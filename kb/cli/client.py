"""Asks a running Footnote, for commands given while it holds the data folder."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx

from kb.errors import BackendDown, BadInput

_TIMEOUT = httpx.Timeout(10.0, read=None)
"""No limit on reading: an answer may take minutes, and the person can interrupt it."""


def search(address: str, question: str, *, k: int, collection: str | None) -> list[dict[str, Any]]:
    """The passages that the app at ``address`` finds, as ``/api/search`` gives them.

    Raises:
        BackendDown: the app does not answer.
        BadInput: the app refuses the question; the message says why.
    """
    parameters: dict[str, str | int] = {"q": question, "k": k}
    if collection is not None:
        parameters["collection"] = collection
    hits: list[dict[str, Any]] = _call(address, "GET", "/api/search", params=parameters)["hits"]
    return hits


def back_up(address: str, to: Path | None) -> dict[str, Any]:
    """The manifest of the backup that the app at ``address`` makes; ``to`` is a whole path, or None for its own folder.

    Raises:
        BackendDown: the app does not answer.
        BadInput: the app cannot make it; the message says why.
    """
    made: dict[str, Any] = _call(address, "POST", "/api/backups", json={"to": str(to) if to else None})
    return made


def start_evaluation(address: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Begins an evaluation in the app at ``address``; what ``/api/evaluations`` says of the one that runs.

    Raises:
        BackendDown: the app does not answer.
        BadInput: the app refuses; the message says why.
    """
    now: dict[str, Any] = _call(address, "POST", "/api/evaluations", json=asked)
    return now


def running_evaluation(address: str) -> dict[str, Any]:
    """How far the evaluation of the app at ``address`` is, or how it ended; raises BackendDown."""
    now: dict[str, Any] = _call(address, "GET", "/api/evaluations", params={"limit": 1})["now"]
    return now


def stop_evaluation(address: str) -> None:
    """Ends the evaluation of the app at ``address`` after the question at hand; raises BackendDown."""
    _call(address, "DELETE", "/api/evaluations/running")


async def ask(
    address: str, question: str, *, collection: str | None, model: str | None
) -> AsyncGenerator[dict[str, Any], None]:
    """The events of the answer that the app at ``address`` gives, as ``/api/ask`` sends them.

    Raises:
        BackendDown: the app does not answer, or breaks off.
        BadInput: the app refuses the question; the message says why.
    """
    body = {"question": question, "collection": collection, "model": model}
    request_id: str | None = None
    try:
        async with (
            httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as client,
            client.stream("POST", f"{address}/api/ask", json=body) as response,
        ):
            if response.is_error:
                await response.aread()
                raise BadInput(_refusal(response))
            async for line in response.aiter_lines():
                event = json.loads(line)
                if event["event"] == "request":
                    request_id = event["id"]
                else:
                    yield event
            request_id = None
    except httpx.HTTPError as error:
        raise _down(address, error) from error
    finally:
        if request_id is not None:  # interrupted: without this the app would go on answering
            await asyncio.to_thread(_cancel, address, request_id)


def _cancel(address: str, request_id: str) -> None:
    with contextlib.suppress(httpx.HTTPError):
        httpx.post(f"{address}/api/requests/{request_id}/cancel", timeout=2, trust_env=False)


def check(address: str, *, repair: bool) -> list[dict[str, Any]]:
    """What the app at ``address`` finds when it verifies its library, as ``/api/check`` gives it.

    Raises:
        BackendDown: the app does not answer.
        BadInput: the app is checking already.
    """
    found: list[dict[str, Any]] = _call(address, "POST", "/api/check", json={"repair": repair})
    return found


def _call(address: str, method: str, path: str, **request: Any) -> Any:
    try:
        response = httpx.request(method, f"{address}{path}", timeout=_TIMEOUT, trust_env=False, **request)
    except httpx.HTTPError as error:
        raise _down(address, error) from error
    if response.is_error:
        raise BadInput(_refusal(response))
    return response.json() if response.content else None


def _down(address: str, error: httpx.HTTPError) -> BackendDown:
    return BackendDown(
        f"The running Footnote at {address} does not answer ({error}). End it, then try again."
    )


def _refusal(response: httpx.Response) -> str:
    try:
        said = response.json()
    except ValueError:
        return f"The running Footnote answered {response.status_code}: {response.text[:200]}"
    return str(said.get("error") or said.get("detail") or said)
