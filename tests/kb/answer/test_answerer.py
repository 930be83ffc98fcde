from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest

from kb.answer.answerer import Answerer
from kb.answer.passage_source import DocumentReader
from kb.errors import BackendDown, BadInput, NotFound
from kb.ports import ChatModel
from kb.types import (
    AS_SET,
    Answer,
    AnswerEvent,
    Chunk,
    Context,
    Document,
    DocumentState,
    Filters,
    Hit,
    ModelFinished,
    ModelStatus,
    Notice,
    PdfPlace,
    Question,
    Rect,
    Retrieved,
    Searched,
    SearchTuning,
    Span,
    TextDelta,
    TextWithdrawn,
    ThinkingDelta,
    Turn,
)
from tests.doubles.scripted_model import ScriptedModel
from tests.kb.answer.samples import FixedSimilarity, hit

HITS = (
    hit("The bridge opened in 1932.\nIt is 1149 metres long.", number=1, page=3),
    hit("The tower was finished in 1889.", number=2),
)


class FixedRetriever:
    """Finds the same passages for every question, and remembers what was searched."""

    def __init__(self, hits: tuple[Hit, ...]) -> None:
        self._hits = hits
        self.searched: list[str] = []
        self.contexts: list[Context | None] = []
        self.filters: list[Filters] = []

    def retrieve(
        self,
        question: str,
        *,
        k: int,
        filters: Filters,
        context: Context | None = None,
        tuning: SearchTuning = AS_SET,
    ) -> Retrieved:
        if not question.strip():
            raise BadInput("The question is empty.")
        self.searched.append(question)
        self.contexts.append(context)
        self.filters.append(filters)
        return Retrieved(self._hits[:k], {"embed": 1.0, "search": 2.0})


class Neighbours:
    """A library in which a sentence follows the passage about the bridge."""

    FOLLOWING = Chunk(
        "It was painted green.",
        spans=(Span(0, 21, PdfPlace((Rect(4, 0.0, 0.0, 100.0, 10.0),))),),
        id=77,
        document_id="d1",
        position=1,
        tokens=5,
    )

    def documents(self, collection: str | None) -> list[Document]:
        return []

    def passages(self, document_id: str) -> list[Chunk]:
        return self.passages_from(document_id, 0, 2)

    def passages_from(self, document_id: str, first: int, count: int) -> list[Chunk]:
        return [HITS[0].chunk, self.FOLLOWING][first : first + count] if document_id == "d1" else []


def answerer(
    model: ChatModel | Exception | None,
    hits: tuple[Hit, ...] = HITS,
    *,
    document_reader: DocumentReader | None = None,
) -> tuple[Answerer, FixedRetriever]:
    async def choose(_wanted: str | None) -> tuple[ChatModel | None, ModelStatus]:
        if isinstance(model, Exception):
            raise model
        return model, ModelStatus(model.name if model else "extractive", "because")

    retriever = FixedRetriever(hits)
    return (
        Answerer(
            retriever=retriever,
            similarity=FixedSimilarity(0.5),
            choose_model=choose,
            passages=8,
            context_tokens=4096,
            answer_tokens=200,
            refusals="generous",  # every sentence is as near as any other: nothing tells which one answers
            document_reader=document_reader,
        ),
        retriever,
    )


async def ask(
    model: ChatModel | Exception | None,
    text: str = "How long is the bridge?",
    *,
    hits: tuple[Hit, ...] = HITS,
    history: tuple[Turn, ...] = (),
) -> list[AnswerEvent]:
    subject, _ = answerer(model, hits)
    return [event async for event in subject.answer(Question(text, history=history))]


async def test_passages_come_first_then_text_then_the_checked_answer() -> None:
    model = ScriptedModel(TextDelta("It is 1149 "), TextDelta("metres long [1]."), ModelFinished(100, 9))
    events = await ask(model)
    assert [type(event) for event in events] == [Searched, TextDelta, TextDelta, Answer]
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.text == "It is 1149 metres long [1]."
    assert answer.model == "scripted/model"
    assert answer.citations[0].anchor.page == 3
    assert {"embed", "search", "first_token", "generate", "total"} <= set(answer.timings_ms)


async def test_the_prompt_holds_the_passages_with_their_numbers_and_the_language() -> None:
    model = ScriptedModel()
    await ask(model, "大桥有多长？")
    (messages, options), *_ = model.asked
    assert "Chinese" in messages[0].content
    assert "[1] (file1.pdf, page 3)\nThe bridge opened in 1932." in messages[1].content
    assert "[2] (file2.pdf, page 1)" in messages[1].content
    assert messages[1].content.endswith("大桥有多长？")
    assert options.context_tokens == 4096


async def test_the_model_reads_what_stands_beside_a_passage_and_can_cite_it() -> None:
    model = ScriptedModel(TextDelta("It was painted green [1]."), ModelFinished(100, 9))
    subject, _ = answerer(model, document_reader=Neighbours())
    events = [event async for event in subject.answer(Question("Which colour has the bridge?"))]
    (messages, _), *_ = model.asked
    assert "It is 1149 metres long.\nIt was painted green." in messages[1].content
    searched = [event for event in events if isinstance(event, Searched)]
    assert [len(event.hits) for event in searched] == [2, 2]
    assert searched[-1].hits[0].chunk.id == HITS[0].chunk.id
    assert searched[-1].dropped == 0
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert [(citation.quote, citation.anchor.page) for citation in answer.citations] == [
        ("It was painted green.", 4)
    ]


async def test_passages_keep_to_themselves_where_neighbours_would_push_others_out() -> None:
    beside = " ".join(["word"] * 400)
    document_reader = Neighbours()
    document_reader.FOLLOWING = replace(Neighbours.FOLLOWING, text=beside, spans=(), tokens=400)
    model = ScriptedModel(context=600)
    subject, _ = answerer(model, document_reader=document_reader)
    async for _event in subject.answer(Question("How long is the bridge?")):
        pass
    (messages, _), *_ = model.asked
    assert beside not in messages[1].content
    assert "The tower was finished" in messages[1].content


async def test_passages_that_do_not_fit_are_dropped_from_below_and_counted() -> None:
    long = tuple(hit(" ".join(["word"] * 300), number=number) for number in range(1, 9))
    events = await ask(ScriptedModel(context=1000), hits=long)
    searched = [event for event in events if isinstance(event, Searched)]
    assert len(searched) == 2
    assert searched[-1].dropped == 8 - len(searched[-1].hits) > 0
    assert [found.rank for found in searched[-1].hits] == list(range(1, len(searched[-1].hits) + 1))


async def test_a_prompt_that_the_server_cut_is_reported() -> None:
    events = await ask(ScriptedModel(TextDelta("Yes."), ModelFinished(prompt_tokens=3)))
    (notice,) = [event for event in events if isinstance(event, Notice)]
    assert "read only 3 of about" in notice.text


@pytest.mark.parametrize("said", [9, None])
async def test_the_answer_says_how_many_tokens_were_written_where_the_server_does(said: int | None) -> None:
    events = await ask(ScriptedModel(TextDelta("It is 1149 metres long [1]."), ModelFinished(100, said)))
    assert isinstance(events[-1], Answer)
    assert events[-1].tokens == said


async def test_thinking_is_passed_on_and_is_no_part_of_the_answer() -> None:
    events = await ask(ScriptedModel(ThinkingDelta("hm"), TextDelta("Yes."), ModelFinished()))
    assert ThinkingDelta("hm") in events
    assert isinstance(events[-1], Answer)
    assert events[-1].text == "Yes."


async def test_without_a_model_the_best_sentences_are_quoted() -> None:
    events = await ask(None, "How many metres long is it?")
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.model == "extractive"
    assert "It is 1149 metres long. [1]" in answer.text
    assert answer.unsupported == ()


async def test_nothing_found_is_said_in_the_language_of_the_question_without_a_model() -> None:
    model = ScriptedModel()
    events = await ask(model, "大桥有多长？", hits=())
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.refused
    assert "没有找到" in answer.text
    assert model.asked == []


@pytest.mark.parametrize(
    ("question", "state", "said"),
    [
        ("How long is the bridge?", None, "There are no documents yet. Add some, then ask."),
        ("大桥有多长？", None, "还没有文档。请先添加，再提问。"),
        ("How long is the bridge?", DocumentState.PARSING, "None of the documents can be searched now"),
        ("How long is the bridge?", DocumentState.READY, "Nothing in the documents answers this question."),
    ],
)
async def test_where_nothing_can_be_searched_that_is_said(
    question: str, state: DocumentState | None, said: str
) -> None:
    class Reader(Neighbours):
        def documents(self, collection: str | None) -> list[Document]:
            return [replace(HITS[0].document, state=state)] if state else []

    model = ScriptedModel()
    asked, _ = answerer(model, (), document_reader=Reader())
    answer = [event async for event in asked.answer(Question(question))][-1]
    assert isinstance(answer, Answer)
    assert answer.refused
    assert answer.text.startswith(said)
    assert model.asked == []


async def test_a_model_that_dies_in_the_middle_leaves_its_part_marked_incomplete() -> None:
    model = ScriptedModel(TextDelta("The bridge opened in 1932 [1]."), BackendDown("The server broke off."))
    answer = (await ask(model))[-1]
    assert isinstance(answer, Answer)
    assert answer.text == "The bridge opened in 1932 [1]."
    assert answer.incomplete == "The server broke off."
    assert answer.citations


async def test_a_missing_model_still_shows_the_passages_and_the_next_step() -> None:
    events = await ask(NotFound("Run: ollama pull qwen3:8b"))
    assert isinstance(events[0], Searched)
    assert events[0].hits == HITS
    assert isinstance(events[-1], Answer)
    assert events[-1].incomplete == "Run: ollama pull qwen3:8b"


async def test_an_answer_at_its_limit_says_so() -> None:
    answer = (await ask(ScriptedModel(TextDelta("And so"), ModelFinished(stopped_at_limit=True))))[-1]
    assert isinstance(answer, Answer)
    assert answer.incomplete is not None
    assert "limit of 200 tokens" in answer.incomplete


BEFORE = Turn("How long is the bridge?", "The bridge is 1149 m long [1].", searched="How long is the bridge?")


async def test_a_follow_up_is_rewritten_by_the_model_and_what_is_searched_is_shown() -> None:
    subject, retriever = answerer(ScriptedModel(TextDelta("How high is the bridge?"), ModelFinished()))
    events = [event async for event in subject.answer(Question("And how high is it?", history=(BEFORE,)))]
    assert retriever.searched == ["How high is the bridge?"]
    assert retriever.contexts == [None]
    assert isinstance(events[0], Searched)
    assert events[0].question == "How high is the bridge?"


async def test_a_rewriting_that_is_of_no_use_leaves_the_question_with_the_last_answer_beside_it() -> None:
    model = ScriptedModel(TextDelta("The bridge is 134 m high."), ModelFinished())
    subject, retriever = answerer(model)
    events = [event async for event in subject.answer(Question("And how high is it?", history=(BEFORE,)))]
    assert retriever.searched == ["And how high is it?"]
    (context,) = retriever.contexts
    assert context is not None
    assert context.text == "The bridge is 1149 m long."
    assert isinstance(events[0], Searched)
    assert events[0].context == context.text
    assert model.asked[-1][0][1].content.endswith(
        "And how high is it? (asked after: How long is the bridge?)"
    )


@pytest.mark.parametrize(
    ("asked", "before", "counts"),
    [
        (
            "How long is the bridge?",
            Turn("Which documents are here?", "There are 2 documents: a.pdf, b.pdf"),
            False,
        ),
        ("How long is it?", Turn("hello", "Hello. Ask a question."), False),
        ("How long is the bridge of Sydney?", Turn("主跨有多长？", "主跨长503米 [1]。"), False),
        ("How long is it?", Turn("主跨有多长？", "主跨长503米 [1]。"), True),
        ("How long is the bridge of Sydney?", BEFORE, True),
    ],
)
async def test_only_what_a_question_can_go_on_with_counts_beside_it(
    asked: str, before: Turn, counts: bool
) -> None:
    subject, retriever = answerer(None)
    async for _ in subject.answer(Question(asked, history=(before,))):
        pass
    assert retriever.searched == [asked]
    assert [context is not None for context in retriever.contexts] == [counts]


async def test_a_short_follow_up_is_not_refused_for_naming_nothing() -> None:
    far = tuple(hit(found.chunk.text, number=n, cosine=0.6) for n, found in enumerate(HITS, start=1))
    before = Turn("When did the bridge open?", "The bridge opened in 1932 [1].")
    answer = (
        await ask(
            ScriptedModel(TextDelta("Yes [1]."), ModelFinished()), "Again?", hits=far, history=(before,)
        )
    )[-1]
    assert isinstance(answer, Answer)
    assert not answer.refused


async def test_what_somebody_put_into_words_is_searched_as_it_is() -> None:
    model = ScriptedModel(TextDelta("134 m [1]."), ModelFinished())
    subject, retriever = answerer(model)
    asked = Question("And how high is it?", history=(BEFORE,), searched="Height of the bridge?")
    async for _ in subject.answer(asked):
        pass
    assert (retriever.searched, retriever.contexts) == (["Height of the bridge?"], [None])
    assert len(model.asked) == 1


async def test_what_is_shown_while_it_streams_is_what_is_kept() -> None:
    pieces = (
        "The bridge opened in 1932",
        "【",
        "1】. It is 1149 metres long.",
        " The tower",
        " is old [2",
        ", 7].",
    )
    events = await ask(ScriptedModel(*map(TextDelta, pieces), ModelFinished()))
    shown = "".join(event.text for event in events if isinstance(event, TextDelta))
    answer = events[-1]
    assert isinstance(answer, Answer)
    expected = "The bridge opened in 1932[1]. It is 1149 metres long. [1] The tower is old [2]."
    assert shown == answer.text == expected


async def test_a_refused_question_gets_the_closest_passages() -> None:
    far = tuple(hit(found.chunk.text, number=n, cosine=0.5) for n, found in enumerate(HITS, start=1))
    model = ScriptedModel()
    answer = (await ask(model, "Who painted Mona Lisa?", hits=far))[-1]
    assert isinstance(answer, Answer)
    assert answer.refused
    assert model.asked == []
    assert [citation.n for citation in answer.closest] == [1, 2]


@pytest.mark.parametrize(
    ("written", "refused"),
    [
        ("The passages do not contain the answer.", True),
        ("I could not find this information in the passages [1].", True),
        ("文中没有提到大桥的高度。", True),
        ("The bridge opened in 1932 [1], but nothing is said of its height.", False),
        ("It is 1149 metres long [1].", False),
    ],
)
async def test_a_model_that_finds_no_answer_refuses(written: str, refused: bool) -> None:
    answer = (await ask(ScriptedModel(TextDelta(written), ModelFinished())))[-1]
    assert isinstance(answer, Answer)
    assert answer.refused is refused
    assert bool(answer.closest) is refused
    assert answer.model == "scripted/model"


async def test_closing_the_answer_stops_the_model_within_a_second() -> None:
    model = ScriptedModel(*[TextDelta("x")] * 1000, delay=0.01)
    subject, _ = answerer(model)
    async with asyncio.timeout(1):
        async with aclosing(subject.answer(Question("How long?"))) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    break
    assert model.stopped


async def test_an_empty_question_is_refused() -> None:
    with pytest.raises(BadInput, match="empty"):
        await ask(ScriptedModel(), "  ")


async def test_a_follow_up_is_searched_within_its_own_filters() -> None:
    model = ScriptedModel(TextDelta("How high is the bridge?"), ModelFinished(50, 6))
    subject, retriever = answerer(model)
    narrowed = Question("And how high is it?", Filters(documents=('a "b".pdf',)), ("c",), history=(BEFORE,))
    await subject.search(narrowed, k=3)
    assert retriever.searched == ["How high is the bridge?"]
    assert retriever.filters == [Filters(collections=("c",), documents=('a "b".pdf',))]


async def test_thoughts_whose_beginning_was_left_out_are_no_answer() -> None:
    events = await ask(
        ScriptedModel(
            TextDelta("Hm, 36?"), TextWithdrawn(), TextDelta("It is 134 m high [1]."), ModelFinished()
        )
    )
    assert TextWithdrawn() in events
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert answer.text == "It is 134 m high [1]."


async def test_a_model_that_only_thinks_has_not_answered() -> None:
    answer = (await ask(ScriptedModel(ThinkingDelta("hm"), ModelFinished())))[-1]
    assert isinstance(answer, Answer)
    assert answer.incomplete is not None
    assert "without a word" in answer.incomplete


async def test_of_a_long_text_what_it_asks_is_searched() -> None:
    told = "I looked at many things and none of them helped me. " * 190
    subject, retriever = answerer(None, HITS)
    events = [event async for event in subject.answer(Question(f"{told}How long is the bridge?"))]
    assert retriever.searched == ["How long is the bridge?"]
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert not answer.refused
    assert "1149" in answer.text
