"""Searching and asking for commands: in this process, or by the running app that holds the data folder.

Both give what the HTTP API sends, which is also what ``--json`` prints.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Protocol

import httpx

from kb.cli.client import TIMEOUT, RunningApp, call, down, refusal
from kb.cli.output import note
from kb.errors import BadInput
from kb.ports import AnswersQuestions
from kb.types import Question


class WireQueryEngine(Protocol):
    """``kb.ports.AnswersQuestions``, with what it gives as the API sends it."""

    async def search(self, question: Question, *, k: int) -> list[dict[str, Any]]:
        """Returns the ``k`` best passages; raises BadInput for a question that is refused."""
        ...

    def ask(self, question: Question) -> AsyncGenerator[dict[str, Any], None]:
        """Yields the events of the answer; closing it stops the model."""
        ...


class LocalQueryEngine:
    """Asks the library that this process has open."""

    def __init__(self, engine: AnswersQuestions) -> None:
        self._engine = engine

    async def search(self, question: Question, *, k: int) -> list[dict[str, Any]]:
        """Returns the ``k`` best passages; raises BadInput for a question that is refused."""
        from kb.web.api.schemas import HitOut

        found = await self._engine.search(question, k=k)
        _note(found.notice)
        return [HitOut.of(hit).model_dump(mode="json") for hit in found.hits]

    async def ask(self, question: Question) -> AsyncGenerator[dict[str, Any], None]:
        """Yields the events of the answer; closing it stops the model."""
        from kb.web.api.answer_schemas import event_out

        async with aclosing(self._engine.ask(question)) as events:
            async for event in events:
                yield event_out(event).model_dump(mode="json")


class RemoteQueryEngine:
    """Asks the running app."""

    def __init__(self, app: RunningApp) -> None:
        self._app = app

    async def search(self, question: Question, *, k: int) -> list[dict[str, Any]]:
        """Returns the ``k`` best passages.

        Raises:
            BackendDown: the app does not answer.
            BadInput: the app refuses the question; the message says why.
        """
        body = {**_fields(question), "k": k}
        found = await asyncio.to_thread(call, self._app, "POST", "/api/search", json=body)
        hits: list[dict[str, Any]] = found["hits"]
        _note(found.get("notice"))
        return hits

    async def ask(self, question: Question) -> AsyncGenerator[dict[str, Any], None]:
        """Yields the events of the answer; closing it stops the model.

        Raises:
            BackendDown: the app does not answer, or breaks off.
            BadInput: the app refuses the question; the message says why.
        """
        body = {**_fields(question), "model": question.model}
        request_id: str | None = None
        try:
            async with (
                httpx.AsyncClient(
                    timeout=TIMEOUT, trust_env=False, headers=self._app.headers, verify=self._app.trust
                ) as client,
                client.stream("POST", f"{self._app.address}/api/ask", json=body) as response,
            ):
                if response.is_error:
                    await response.aread()
                    raise BadInput(refusal(response))
                async for line in response.aiter_lines():
                    event = json.loads(line)
                    if event["event"] == "request":
                        request_id = event["id"]
                    else:
                        yield event
                request_id = None
        except httpx.HTTPError as error:
            raise down(self._app, error) from error
        finally:
            if request_id is not None:  # interrupted: without this the app would go on answering
                await asyncio.to_thread(self._cancel, request_id)

    def _cancel(self, request_id: str) -> None:
        with contextlib.suppress(httpx.HTTPError):
            httpx.post(
                f"{self._app.address}/api/requests/{request_id}/cancel",
                timeout=2,
                trust_env=False,
                headers=self._app.headers,
                verify=self._app.trust,
            )


def _fields(question: Question) -> dict[str, Any]:
    """Returns what a search and an answer are told alike. That there are filters says that none is left in the text."""
    from kb.web.api.answer_schemas import ConditionsOut

    one = len(question.collections) == 1
    filters = question.filters if one else question.effective_filters
    return {
        "question": question.text,
        "collection": question.collections[0] if one else None,
        "filters": ConditionsOut.of(filters).model_dump(mode="json"),
    }


def _note(notice: str | None) -> None:
    if notice:
        note(f"({notice})")
