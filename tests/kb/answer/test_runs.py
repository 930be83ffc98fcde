"""Answers that are made whether anybody waits for them or not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

import pytest

from kb.answer.runs import AnswerRunner
from kb.errors import BackendDown, FootnoteError, NotFound
from kb.state.conversations import AnswerRuns
from kb.state.db import Database
from kb.types import (
    Answer,
    AnswerEvent,
    AnswerRun,
    AnswerRunState,
    Filters,
    Notice,
    Question,
    Searched,
    TextDelta,
    TextWithdrawn,
    Turn,
)
from tests.waiting import until


class Writer:
    """Writes words until told to end; notes what it was asked and whether it was stopped."""

    def __init__(self, words: int = 5, *, fails: Exception | None = None, waits: bool = False) -> None:
        self.words, self.fails = words, fails
        self.may_end = asyncio.Event()
        if not waits:
            self.may_end.set()
        self.has_written = asyncio.Event()
        self.asked: list[Question] = []
        self.stopped = 0

    async def __call__(self, question: Question) -> AsyncGenerator[AnswerEvent, None]:
        self.asked.append(question)
        text = question.text
        try:
            yield Searched(text, ())
            for number in range(self.words):
                yield TextDelta(f"{text}{number} ")
                await asyncio.sleep(0)
            self.has_written.set()
            await self.may_end.wait()
            if self.fails:
                raise self.fails
            yield Notice("Mind this.")
            yield Answer(f"{text} whole", question.model or "m", text, ())
        except (asyncio.CancelledError, GeneratorExit):
            self.stopped += 1
            raise


@pytest.fixture
def requests(database: Database) -> AnswerRuns:
    return AnswerRuns(database)


class HeldAnswerRuns(AnswerRuns):
    """Keeps nothing before it may."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.is_asked, self.may_keep = threading.Event(), threading.Event()

    def save(self, run: AnswerRun) -> None:
        self.is_asked.set()
        assert self.may_keep.wait(10)
        super().save(run)


async def test_an_answer_that_is_ended_while_it_is_being_kept_is_kept_once(database: Database) -> None:
    requests = HeldAnswerRuns(database)
    answers = AnswerRunner(requests, Writer())
    asked = await answers.start(Question("Q"))
    assert await asyncio.to_thread(requests.is_asked.wait, 10)
    closing = asyncio.create_task(answers.close())
    await asyncio.sleep(0)  # it cancels what is keeping
    requests.may_keep.set()
    await closing
    assert (await answers.get(asked.id)).state is AnswerRunState.DONE


async def everything(answers: AnswerRunner, request_id: str) -> list[AnswerEvent]:
    return [event async for event in answers.events(request_id)]


async def test_readers_see_everything_whenever_they_come(requests: AnswerRuns) -> None:
    writer = Writer(waits=True)
    answers = AnswerRunner(requests, writer)
    asked = await answers.start(Question("Q"))
    early = asyncio.create_task(everything(answers, asked.id))
    await until(lambda: len(requests.get(asked.id).text.split()) == 5)
    late = asyncio.create_task(everything(answers, asked.id))
    await asyncio.sleep(0.01)
    writer.may_end.set()
    assert await early == await late
    assert isinstance((await early)[-1], Answer)
    afterwards = await everything(answers, asked.id)
    assert afterwards == [Searched("Q", ()), Notice("Mind this."), (await early)[-1]]
    assert requests.get(asked.id).state is AnswerRunState.DONE


async def test_it_is_finished_though_nobody_reads(requests: AnswerRuns) -> None:
    writer = Writer(waits=True)
    answers = AnswerRunner(requests, writer)
    asked = await answers.start(Question("Q"))
    async with aclosing(answers.events(asked.id)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break
    writer.may_end.set()
    await until(lambda: requests.get(asked.id).state is not AnswerRunState.RUNNING)
    assert requests.get(asked.id).text == "Q whole"
    assert writer.stopped == 0


async def test_what_is_written_is_kept_each_second(requests: AnswerRuns) -> None:
    answers = AnswerRunner(requests, Writer(waits=True))
    asked = await answers.start(Question("Q"))
    await until(lambda: requests.get(asked.id).text, seconds=1.5)
    assert requests.get(asked.id).text == "Q0 Q1 Q2 Q3 Q4 "
    await answers.close()


async def test_stopping_ends_the_model_within_a_second_and_keeps_the_part(requests: AnswerRuns) -> None:
    writer = Writer(waits=True)
    answers = AnswerRunner(requests, writer)
    asked = await answers.start(Question("Q"))
    reader = asyncio.create_task(everything(answers, asked.id))
    await writer.has_written.wait()
    async with asyncio.timeout(1):
        await answers.cancel(asked.id)
        events = await reader
    assert writer.stopped == 1
    assert not any(isinstance(event, Answer) for event in events)
    kept = requests.get(asked.id)
    assert (kept.state, kept.text) == (AnswerRunState.STOPPED, "Q0 Q1 Q2 Q3 Q4 ")
    await answers.cancel(asked.id)  # once more, or too late, is no error
    with pytest.raises(NotFound):
        await answers.cancel("nobody")


async def test_stopping_at_once_is_no_race(requests: AnswerRuns) -> None:
    answers = AnswerRunner(requests, Writer(waits=True))
    asked = await answers.start(Question("Q"))
    async with asyncio.timeout(1):
        await answers.cancel(asked.id)  # before its task has made a step
        assert await everything(answers, asked.id) == []
    assert requests.get(asked.id).state is AnswerRunState.STOPPED
    starting = asyncio.create_task(answers.start(Question("R")))
    await until(lambda: len(requests.listed.window()) == 2)
    (stored,) = requests.of(requests.listed.window()[0].id)
    async with asyncio.timeout(1):
        await answers.cancel(stored.id)  # stored already, and maybe not begun
    await starting
    assert requests.get(stored.id).state is AnswerRunState.STOPPED


@pytest.mark.parametrize(
    ("error", "said"),
    [(BackendDown("The server broke off."), "broke off"), (RuntimeError("secret"), "its log says what")],
)
async def test_a_failure_comes_after_what_there_is_and_is_kept(
    requests: AnswerRuns, error: Exception, said: str
) -> None:
    answers = AnswerRunner(requests, Writer(fails=error))
    asked = await answers.start(Question("Q"))
    for _ in range(2):  # while it runs, and from what is kept
        seen: list[AnswerEvent] = []

        async def read(into: list[AnswerEvent]) -> None:
            async for event in answers.events(asked.id):
                into.append(event)  # noqa: PERF401 -- what came before the error is wanted

        with pytest.raises(FootnoteError, match=said):
            await read(seen)
        assert "".join(event.text for event in seen if isinstance(event, TextDelta)) == "Q0 Q1 Q2 Q3 Q4 "
    assert requests.get(asked.id).state is AnswerRunState.FAILED


async def test_a_follow_up_knows_the_turns_before_it(requests: AnswerRuns) -> None:
    writer = Writer()
    answers = AnswerRunner(requests, writer)
    first = await answers.start(Question("One"))
    await everything(answers, first.id)
    second = await answers.start(Question("Two"), conversation_id=first.conversation_id)
    await everything(answers, second.id)
    assert [turn.question for turn in writer.asked[1].history] == ["One"]
    assert [request.question.text for request in requests.of(first.conversation_id)] == ["One", "Two"]
    without = Question("Two", history=(Turn("Said?", "Elsewhere."),))
    third = await answers.start(without, conversation_id=first.conversation_id, remember=False)
    await everything(answers, third.id)
    assert writer.asked[2] == without
    with pytest.raises(NotFound):
        await answers.start(Question("Three"), conversation_id="nobody")


async def test_a_follow_up_is_asked_with_the_filters_that_it_came_with(requests: AnswerRuns) -> None:
    writer = Writer()
    answers = AnswerRunner(requests, writer)
    first = await answers.start(Question("One"))
    await everything(answers, first.id)
    narrowed = Question("Two", Filters(documents=('a "b".pdf',), tags=("x",)), ("c",), searched="Two of one")
    second = await answers.start(narrowed, conversation_id=first.conversation_id)
    await everything(answers, second.id)
    assert replace(writer.asked[1], history=()) == narrowed
    assert [turn.question for turn in writer.asked[1].history] == ["One"]
    assert requests.get(second.id).question == narrowed


async def test_many_at_once_do_not_mix(requests: AnswerRuns) -> None:
    answers = AnswerRunner(requests, Writer())
    asked = [await answers.start(Question(f"Q{number}-")) for number in range(40)]
    for request, events in zip(
        asked, await asyncio.gather(*(everything(answers, one.id) for one in asked)), strict=True
    ):
        assert isinstance(events[-1], Answer)
        assert events[-1].text == f"{request.question.text} whole"
        texts = [event.text for event in events if isinstance(event, TextDelta)]
        assert all(text.startswith(request.question.text) for text in texts)


async def test_closing_keeps_what_is_written(requests: AnswerRuns) -> None:
    writer = Writer(waits=True)
    answers = AnswerRunner(requests, writer)
    asked = await answers.start(Question("Q"))
    await writer.has_written.wait()
    await answers.close()
    kept = requests.get(asked.id)
    assert (kept.state, kept.text) == (AnswerRunState.FAILED, "Q0 Q1 Q2 Q3 Q4 ")
    assert kept.error is not None
    assert "closed" in kept.error


async def test_deleting_a_conversation_stops_what_is_answered_in_it(requests: AnswerRuns) -> None:
    writer = Writer(waits=True)
    answers = AnswerRunner(requests, writer)
    asked = await answers.start(Question("Q"))
    await writer.has_written.wait()
    await answers.remove(asked.conversation_id)
    assert writer.stopped == 1
    with pytest.raises(NotFound):
        await answers.get(asked.id)


async def test_a_text_that_cannot_be_stored_ends_as_failed(requests: AnswerRuns) -> None:
    async def broken(question: Question) -> AsyncGenerator[AnswerEvent, None]:
        yield TextDelta("half \ud800")
        await asyncio.sleep(1)  # it is kept meanwhile
        yield Answer("half \ud800", "m", question.text, ())

    answers = AnswerRunner(requests, broken)
    asked = await answers.start(Question("Q"))
    async with asyncio.timeout(5):
        with pytest.raises(FootnoteError, match="its log says what"):
            await everything(answers, asked.id)
    assert requests.get(asked.id).state is AnswerRunState.FAILED


async def test_what_was_a_thought_is_taken_back(requests: AnswerRuns) -> None:
    async def thinks(question: Question) -> AsyncGenerator[AnswerEvent, None]:
        yield TextDelta("Hm.")
        yield TextWithdrawn()
        yield TextDelta("24")
        raise BackendDown("It broke off.")

    answers = AnswerRunner(requests, thinks)
    asked = await answers.start(Question("Q"))
    with pytest.raises(FootnoteError, match="broke off"):
        await everything(answers, asked.id)
    assert requests.get(asked.id).text == "24"
