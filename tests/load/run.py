"""Many people ask at once, some lose their connection; afterwards every question must have its own answer."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from kb.types import OWNER, Role
from tests.doubles.scripted_http import scripted_http
from tests.harness.app_process import AppOptions, AppProcess
from tests.kb.library import open_kb
from tests.load.model import CODE, NAME, FailingModel

_PATIENCE_S = 300
_PASSWORD = "correct horse"  # of accounts that last as long as the run
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How many ask how much, and what goes wrong."""

    home: Path
    people: int = 50
    questions: int = 20
    model_fails: float = 0.15
    clients_drop: float = 0.10
    seed: int = 1
    embedder: str = "paced-a"
    accounts: bool = False
    """Whether everybody signs in, and asks all that they see instead of naming their collection."""


@dataclass(slots=True)
class Outcome:
    """What was seen by the people, and what is stored."""

    asked: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    """How the stored requests ended: ``whole``, ``incomplete``, ``error``."""
    reconnected: int = 0
    missing: list[str] = field(default_factory=list)
    """Questions without a stored answer or stated error."""
    wrong: list[str] = field(default_factory=list)
    """Anything that reached another person than the one who asked."""
    differing: list[str] = field(default_factory=list)
    """Answers that were stored otherwise than they were shown."""
    first_s: list[float] = field(default_factory=list)
    whole_s: list[float] = field(default_factory=list)
    model_calls: int = 0
    model_failed: int = 0
    seconds: float = 0.0

    @property
    def kept(self) -> bool:
        """Whether every promise was."""
        return not (self.missing or self.wrong or self.differing) and sum(self.ends.values()) == self.asked

    def lines(self) -> list[str]:
        """The figures."""
        ends = ", ".join(f"{count} {name}" for name, count in sorted(self.ends.items()))
        return [
            f"{sum(self.ends.values())} of {self.asked} questions end stored: {ends}",
            f"{len(self.missing)} without an end, {len(self.wrong)} reached the wrong person, "
            f"{len(self.differing)} stored otherwise than shown",
            f"{self.reconnected} lost their connection and went on by the request's id",
            f"the model was called {self.model_calls} times and failed {self.model_failed} "
            f"({self.model_failed / max(1, self.model_calls):.0%})",
            f"first event p50 {_quantile(self.first_s, 0.5):.2f} s, p95 {_quantile(self.first_s, 0.95):.2f} s; "
            f"whole answer p50 {_quantile(self.whole_s, 0.5):.2f} s, p95 {_quantile(self.whole_s, 0.95):.2f} s",
            f"{self.seconds:.0f} s, {self.asked / max(self.seconds, 0.001):.1f} answers a second",
            *self.missing[:5],
            *self.wrong[:5],
            *self.differing[:5],
        ]


def run(plan: Plan, *, report: Report) -> Outcome:
    """Serves the real app and lets everybody ask."""
    model = FailingModel(share=plan.model_fails, seed=plan.seed)
    outcome = Outcome()
    with scripted_http(model) as server:
        settings = {"answering.endpoint_url": f"{server.url}/v1", "answering.model": f"endpoint/{NAME}"}
        if plan.accounts:
            settings["server.accounts"] = "true"
            _make_accounts(plan)
        app = AppProcess(AppOptions(plan.home, embedder=plan.embedder, settings=settings))
        app.start()
        try:
            asyncio.run(_everybody(plan, app.address, outcome, report))
        finally:
            app.stop()
    outcome.model_calls, outcome.model_failed = model.calls, model.failed
    return outcome


def code_of(seed: int, person: int, number: int) -> str:
    """The code word that only this question of this person holds."""
    digest = hashlib.sha256(f"{seed}/{person}/{number}".encode()).hexdigest()
    return f"code-{digest[:12]}"


async def _everybody(plan: Plan, address: str, outcome: Outcome, report: Report) -> None:
    async with AsyncExitStack() as clients:
        people = []
        for number in range(plan.people):
            client = httpx.AsyncClient(base_url=address, timeout=_PATIENCE_S, trust_env=False)
            people.append(_Person(plan, number, await clients.enter_async_context(client), outcome))
        await asyncio.gather(*(person.begin() for person in people))
        await asyncio.gather(*(person.until_imported() for person in people))
        report(f"{plan.people} documents are ready")
        began = time.monotonic()
        await asyncio.gather(*(person.ask_everything() for person in people))
        outcome.seconds = time.monotonic() - began
        for person in people:
            await person.check()


def _make_accounts(plan: Plan) -> None:
    plan.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    kb = open_kb(plan.home)
    kb.accounts.add("olga", _PASSWORD, Role.OWNER, caller=OWNER)
    for number in range(plan.people):
        kb.accounts.add(f"person-{number}", _PASSWORD, Role.EDITOR, caller=OWNER)
    kb.close()


class _Person:
    """Has a collection of their own, and one conversation in which they ask one question after the other."""

    def __init__(self, plan: Plan, number: int, client: httpx.AsyncClient, outcome: Outcome) -> None:
        self._plan = plan
        self._number = number
        self._client = client
        self._outcome = outcome
        self._random = random.Random(f"{plan.seed}/{number}")
        self._collection = f"person-{number}/records" if plan.accounts else f"person {number}"
        self._conversation: str | None = None
        self._shown: dict[str, dict[str, Any]] = {}
        """Question -> the last event that was shown for it."""

    @property
    def _questions(self) -> list[str]:
        codes = [code_of(self._plan.seed, self._number, n) for n in range(self._plan.questions)]
        return [f"Where does the record of person {self._number} mention {code}?" for code in codes]

    @property
    def _own(self) -> set[str]:
        return {*CODE.findall(" ".join(self._questions))}

    async def begin(self) -> None:
        """Signs in, where everybody has to, and brings a document."""
        if self._plan.accounts:
            form = {"name": f"person-{self._number}", "password": _PASSWORD}
            answer = await self._client.post("/sign-in", data=form)
            assert answer.status_code == 303, answer.text
        lines = [f"The record of person {self._number} mentions {question}" for question in self._questions]
        response = await self._client.post(
            "/api/documents",
            data={"collection": self._collection, "name": f"record {self._number}.txt"},
            files={"file": ("record.txt", "\n\n".join(lines).encode())},
        )
        response.raise_for_status()

    async def until_imported(self) -> None:
        async with asyncio.timeout(_PATIENCE_S):
            for _ in itertools.count():
                if await self._is_imported():
                    return
                await asyncio.sleep(0.5)

    async def _is_imported(self) -> bool:
        asked = {} if self._plan.accounts else {"collection": self._collection}
        found = (await self._client.get("/api/documents", params=asked)).json()["documents"]
        if any(document["collection"] != self._collection for document in found):
            self._outcome.wrong.append(f"person {self._number} was listed {found}")
        return any(document["state"] == "ready" for document in found)

    async def ask_everything(self) -> None:
        for question in self._questions:
            self._outcome.asked += 1
            began = time.monotonic()
            last = await self._ask(question, began)
            self._outcome.whole_s.append(time.monotonic() - began)
            self._shown[question] = last
            if not {*CODE.findall(json.dumps(last))} <= self._own:
                self._outcome.wrong.append(f"person {self._number} was shown {last}")

    async def _ask(self, question: str, began: float) -> dict[str, Any]:
        """Asks, and reads until the end; a connection that is lost on the way is taken up by the request's id."""
        drops = self._random.random() < self._plan.clients_drop
        patience = self._random.randint(1, 4)
        where = None if self._plan.accounts else self._collection
        body = {"question": question, "collection": where, "conversation": self._conversation}
        request_id, last = "", {}
        async with self._client.stream("POST", "/api/ask", json=body) as response:
            response.raise_for_status()
            async for event in _events(response):
                if event["event"] == "request":
                    request_id, self._conversation = event["id"], event["conversation"]
                    self._outcome.first_s.append(time.monotonic() - began)
                self._check_sources(event)
                last = event
                patience -= 1
                if drops and not patience:
                    break
        if last.get("event") in ("answer", "error"):
            return last
        self._outcome.reconnected += 1
        async with self._client.stream("GET", f"/api/requests/{request_id}/events") as response:
            async for event in _events(response):
                self._check_sources(event)
                last = event
        return last

    def _check_sources(self, event: dict[str, Any]) -> None:
        for hit in event.get("hits", []):
            if hit["collection"] not in (self._collection, ""):
                self._outcome.wrong.append(
                    f"person {self._number} was shown a passage of {hit['collection']}"
                )

    async def check(self) -> None:
        """Compares what is stored with what was asked and shown."""
        stored = (await self._client.get(f"/api/conversations/{self._conversation}")).json()["requests"]
        by_question = {request["question"]: request for request in stored}
        for question in self._questions:
            request = by_question.get(question)
            if request is None or not _has_ended(request):
                self._outcome.missing.append(f"person {self._number}: {question}: {request}")
                continue
            self._outcome.ends[_end(request)] += 1
            if not {*CODE.findall(request["text"])} <= {*CODE.findall(question)}:
                self._outcome.wrong.append(f"stored for person {self._number}: {request['text']}")
            shown = self._shown[question]
            if shown.get("text", request["text"]) != request["text"]:
                self._outcome.differing.append(f"{shown} but {request}")


def _has_ended(request: dict[str, Any]) -> bool:
    return bool(request["answer"] or (request["state"] == "failed" and request["error"]))


def _end(request: dict[str, Any]) -> str:
    answer = request["answer"]
    if answer is None:
        return "with a stated error"
    if answer["refused"]:
        return "refused"
    return "incomplete with its reason" if answer["incomplete"] else "whole"


async def _events(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    async for line in response.aiter_lines():
        yield json.loads(line)


def _quantile(values: list[float], share: float) -> float:
    ordered = sorted(values) or [0.0]
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
