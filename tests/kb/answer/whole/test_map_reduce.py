from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest

from kb.answer.answerer import Answerer
from kb.answer.whole.intent import detect_task
from kb.ports import ChatModel
from kb.types import (
    AS_SET,
    Answer,
    AnswerEvent,
    Chunk,
    Citation,
    Context,
    Document,
    DocumentState,
    Filters,
    ModelFinished,
    ModelStatus,
    Progress,
    Question,
    Retrieved,
    Searched,
    SearchTuning,
    TextDelta,
    Turn,
)
from tests.doubles.scripted_model import ScriptedModel
from tests.kb.answer.samples import FixedSimilarity, hit
from tests.waiting import until

REPORT = (
    "Sales of wind turbines rose by 4 per cent in the spring.",
    "Most turbines were sold to farmers in the north.",
    "The company hired 300 engineers for its turbines.",
)
REPORT_AFTER = (
    "Sales of wind turbines rose by 9 per cent in the spring.",
    "Most turbines were sold to farmers in the north.",
    "The company hired 300 engineers for its turbines.",
    "A new factory opens in May next to the harbour.",
)


def document(key: str, name: str) -> Document:
    made = hit("x").document
    return replace(made, id=key, name=name, state=DocumentState.READY)


class FixedShelf:
    def __init__(self, **texts: tuple[str, ...]) -> None:
        self._documents = [document(key, f"{key.replace('_', ' ')}.pdf") for key in texts]
        self._texts = texts

    def documents(self, collection: str | None) -> list[Document]:
        return self._documents

    def passages(self, document_id: str) -> list[Chunk]:
        base = 100 * [known.id for known in self._documents].index(document_id)
        return [
            Chunk(
                text,
                id=base + number,
                document_id=document_id,
                position=number,
                heading_path=(f"Part {number}",),
            )
            for number, text in enumerate(self._texts[document_id])
        ]

    def passages_from(self, document_id: str, first: int, count: int) -> list[Chunk]:
        return self.passages(document_id)[first : first + count]


ONE = FixedShelf(annual_report=REPORT)
TWO = FixedShelf(annual_report=REPORT, revised_plan=REPORT_AFTER)
MANY = FixedShelf(annual_report=REPORT, revised_plan=REPORT_AFTER, notes_on_sheep=REPORT)
NAMESAKES = FixedShelf(revised_plan=REPORT, revised_plan_of_spring=REPORT_AFTER)


@pytest.mark.parametrize(
    ("question", "document_reader", "meant"),
    [
        ("Summarise this report", ONE, ("annual_report",)),
        ("总结这份报告", ONE, ("annual_report",)),
        ("What are the main points of the Annual Report?", MANY, ("annual_report",)),
        ("Give me a summary of annual-report", MANY, ("annual_report",)),
        ("What changed between these two documents?", TWO, ("annual_report", "revised_plan")),
        ("annual report 和 revised plan 有什么区别？", MANY, ("annual_report", "revised_plan")),
        ("Fasse diesen Bericht zusammen", ONE, ("annual_report",)),
        ("Résume ce rapport", ONE, ("annual_report",)),
        ("¿Puedes hacer un resumen de este informe?", ONE, ("annual_report",)),
        ("Сделай краткое содержание этого отчёта", ONE, ("annual_report",)),
        ("Bu raporu özetle", ONE, ("annual_report",)),
        ("Tóm tắt báo cáo này", ONE, ("annual_report",)),
        ("لخّص هذا التقرير", ONE, ("annual_report",)),
        ("इस रिपोर्ट का सारांश बताइए", ONE, ("annual_report",)),
        ("สรุปรายงานนี้", ONE, ("annual_report",)),
        ("この報告書を要約してください", ONE, ("annual_report",)),
        ("이 보고서를 요약해 주세요", ONE, ("annual_report",)),
        ("Γράψε μια περίληψη για το annual report", MANY, ("annual_report",)),
        ("Was ist der Unterschied zwischen diesen zwei Dokumenten?", TWO, ("annual_report", "revised_plan")),
        ("Чем отличаются эти два документа?", TWO, ("annual_report", "revised_plan")),
        ("この二つの文書の違いは何ですか", TWO, ("annual_report", "revised_plan")),
        ("Summarise this report", MANY, None),
        ("Wie lange dauert der Bau laut diesem Bericht?", ONE, None),
        ("ما هو الخبر في هذا التقرير؟", ONE, None),
        ("How do I resume the file transfer?", ONE, None),
        ("What is the difference between sheep and goats?", TWO, None),
        ("Compare the report service and the mail service", TWO, None),
        ("Compare the file server with the text editor", TWO, None),
        ("Compare the annual report, the revised plan and Bitcoin", TWO, None),
        ("Compare this report with the other one", TWO, ("annual_report", "revised_plan")),
        ("Compare the annual report and the revised plan", MANY, ("annual_report", "revised_plan")),
        ("How many turbines does the annual report mention?", MANY, None),
        ("Who wrote the report?", ONE, None),
        ("What does this report say?", ONE, ("annual_report",)),
        ("What does this report say about wages?", ONE, None),
        ("这份报告讲了什么？", ONE, ("annual_report",)),
        ("关于工资，这份报告讲了什么？", ONE, None),
        ("Summarise the revised plan of spring", NAMESAKES, ("revised_plan_of_spring",)),
        ("Summarise the revised plan", NAMESAKES, ("revised_plan",)),
    ],
)
def test_documents_are_meant_by_name_or_by_being_the_only_ones(
    question: str, document_reader: FixedShelf, meant: tuple[str, ...] | None
) -> None:
    found = detect_task(question, document_reader, collection=None, history=())
    assert (tuple(doc.id for doc in found.documents) if found else None) == meant


def test_this_report_is_the_one_that_the_last_answer_rested_on() -> None:
    cited = Citation(1, 1, "revised_plan", "revised plan.pdf", hit("x").chunk.anchor, "x")
    history = (Turn("When does it open?", "In May [1].", citations=(cited,)),)
    found = detect_task("Please summarise this document", MANY, collection=None, history=history)
    assert found is not None
    assert [doc.id for doc in found.documents] == ["revised_plan"]


class NoRetriever:
    def retrieve(
        self,
        question: str,
        *,
        k: int,
        filters: Filters,
        context: Context | None = None,
        tuning: SearchTuning = AS_SET,
    ) -> Retrieved:
        raise AssertionError("a whole document is not searched")


def answerer(model: ChatModel | None, document_reader: FixedShelf) -> Answerer:
    async def choose(_wanted: str | None) -> tuple[ChatModel | None, ModelStatus]:
        return model, ModelStatus(model.name if model else "extractive", "because")

    return Answerer(
        retriever=NoRetriever(),
        similarity=FixedSimilarity(0.9),
        choose_model=choose,
        passages=8,
        context_tokens=4096,
        answer_tokens=200,
        document_reader=document_reader,
    )


async def events_of(model: ChatModel | None, question: str, document_reader: FixedShelf) -> list[AnswerEvent]:
    return [event async for event in answerer(model, document_reader).answer(Question(question))]


async def test_a_model_reads_every_part_and_the_answer_cites_what_its_notes_named() -> None:
    model = ScriptedModel(
        TextDelta("Most turbines were sold to farmers [2]."), ModelFinished(), context=600, pace=20
    )
    events = await events_of(model, "Summarise this report", ONE)
    steps = [(event.done, event.total) for event in events if isinstance(event, Progress)]
    assert steps[0] == (0, steps[0][1])
    assert steps[-1] == (len(model.asked) - 1, len(model.asked) - 1)
    read = "".join(messages[1].content for messages, _ in model.asked[:-1])
    assert all(text in read for text in REPORT)
    (searched,) = [event for event in events if isinstance(event, Searched)]
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert {citation.n for citation in answer.citations} <= set(range(1, len(searched.hits) + 1))


async def test_what_fits_at_once_is_read_at_once_and_keeps_its_footnotes() -> None:
    model = ScriptedModel(TextDelta("Most turbines were sold to farmers in the north [2]."), ModelFinished())
    events = await events_of(model, "Summarise this report", ONE)
    assert len(model.asked) == 2
    (searched,) = [event for event in events if isinstance(event, Searched)]
    assert [found.chunk.text for found in searched.hits] == [REPORT[1]]
    assert "Most turbines were sold to farmers in the north [1]." in model.asked[1][0][1].content


async def test_closing_a_long_reading_stops_the_model() -> None:
    model = ScriptedModel(*[TextDelta("x ")] * 1000, delay=0.01)
    async with asyncio.timeout(2):
        async with aclosing(answerer(model, ONE).answer(Question("Summarise this report"))) as events:
            await anext(events)
            reading = asyncio.ensure_future(anext(events))
            await until(lambda: model.asked)
            reading.cancel()
            await asyncio.wait({reading})
    assert model.stopped


async def test_without_a_model_a_sentence_of_each_section_is_quoted_in_order() -> None:
    answer = (await events_of(None, "Summarise this report", ONE))[-1]
    assert isinstance(answer, Answer)
    assert answer.text == "\n\n".join(f"{text} [{n}]" for n, text in enumerate(REPORT, start=1))
    assert answer.unsupported == ()


async def test_a_summary_of_two_documents_quotes_each_under_its_name() -> None:
    answer = (await events_of(None, "Summarise the annual report and the revised plan", TWO))[-1]
    assert isinstance(answer, Answer)
    assert (
        answer.text.count("**annual report.pdf**\n\n") == answer.text.count("**revised plan.pdf**\n\n") == 1
    )
    assert answer.checks
    assert not [check.sentence for check in answer.checks if "**" in check.sentence]


async def test_without_a_model_only_what_differs_is_quoted() -> None:
    answer = (await events_of(None, "What changed between these two documents?", TWO))[-1]
    assert isinstance(answer, Answer)
    assert "4 per cent" in answer.text
    assert "9 per cent" in answer.text
    assert "A new factory opens" in answer.text
    assert "farmers" not in answer.text


async def test_what_differs_is_quoted_like_other_quotes_once_under_the_name_of_its_document() -> None:
    one = FixedShelf(
        first=("The hall is red. The roof is blue slate.",), second=("The hall is sold to Ann.",)
    )
    for question, said in (
        (
            "What changed between these two documents?",
            "Each of these quotes stands in one of the two documents only.",
        ),
        ("这两份文档有什么区别？", "以上每段引文只见于两份文档之一。"),
    ):
        answer = (await events_of(None, question, one))[-1]
        assert isinstance(answer, Answer)
        assert answer.text == (
            f"**first.pdf**\n\nThe hall is red. The roof is blue slate. [1]\n\n"
            f"**second.pdf**\n\nThe hall is sold to Ann. [2]\n\n{said}"
        )
        assert [check.sentence for check in answer.checks] == [
            "The hall is red. The roof is blue slate.",
            "The hall is sold to Ann.",
        ]
