"""What a page does when its events come at the same time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from kb.knowledge_base import KnowledgeBase
from kb.types import OWNER, AnswerEvent, AnswerRunState, Filters, TextDelta
from kb.web.api.fields import MAX_QUESTION
from kb.web.page.answer.turns import TurnView
from kb.web.page.ask.conversation_view import SHOWN
from kb.web.page.ask.open_conversation import OpenConversation
from kb.web.page.ask.tab import AskTab
from kb.web.page.toolkit import gr
from tests.doubles.hash_embedder import HashEmbedder
from tests.kb.library import Library, open_kb
from tests.kb.web.standin import InMemoryLibrary

SKIPPED = gr.skip()


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    """A library with a text and a Markdown file, so that ``type:txt`` and ``type:md`` are conditions."""
    opened = open_kb(tmp_path, embedder=HashEmbedder(), **{"answering.model": "extractive"})
    library = Library(tmp_path)
    for name in ("a.txt", "b.md"):
        library.add(name, ["The lantern hangs in the orchard."])
    library.close()
    yield opened
    opened.close()


def browser() -> gr.Request:
    return gr.Request(headers={})


async def test_a_question_asked_while_the_page_opens_is_shown_once(kb: KnowledgeBase) -> None:
    tab, conversation = AskTab(kb), OpenConversation()
    asking = tab.ask("What is here?", "", "", conversation, "", browser())
    await anext(asking)
    assert conversation.id is not None
    for wanted in ("none-yet", conversation.id):
        assert await tab.opened(wanted, conversation, browser()) == (SKIPPED,) * 5
    resumed = [update async for update in tab.resume(conversation, browser())]
    assert resumed == [(SKIPPED, SKIPPED, SKIPPED, SKIPPED)]
    async for _ in asking:
        pass
    assert [turn.question.text for turn in conversation.turns] == ["What is here?"]


async def test_a_page_that_opens_shows_the_conversation_of_its_address(kb: KnowledgeBase) -> None:
    tab, conversation = AskTab(kb), OpenConversation()
    async for _ in tab.ask("What is here?", "", "", conversation, "", browser()):
        pass
    assert conversation.id is not None
    earlier, last, _, _, opened = await tab.opened(conversation.id, OpenConversation(), browser())
    assert (earlier, [turn.question.text for turn in opened.turns]) == ("", ["What is here?"])
    assert "What is here?" in last


async def test_a_second_question_waits_for_the_first(kb: KnowledgeBase) -> None:
    tab, conversation = AskTab(kb), OpenConversation()
    asking = tab.ask("What is here?", "", "", conversation, "", browser())
    await anext(asking)
    second = [update async for update in tab.ask("And there?", "", "", conversation, "", browser())]
    assert second == [(SKIPPED, SKIPPED, SKIPPED, SKIPPED)]
    async for _ in asking:
        pass
    assert [turn.question.text for turn in conversation.turns] == ["What is here?"]


async def test_a_conversation_that_was_deleted_begins_anew(kb: KnowledgeBase) -> None:
    tab, conversation = AskTab(kb), OpenConversation()
    conversation.id = "gone"
    async for _ in tab.ask("What is here?", "", "", conversation, "", browser()):
        pass
    assert conversation.id != "gone"
    assert len(conversation.turns) == 1


async def test_a_question_that_is_too_long_is_refused_in_the_language_of_the_page(kb: KnowledgeBase) -> None:
    tab, conversation = AskTab(kb), OpenConversation()
    chinese = gr.Request(headers={"accept-language": "zh-CN"}, cookies={})
    asking = tab.ask("x" * (MAX_QUESTION + 1), "", "", conversation, "", chinese)
    ((_, turn, _, _),) = [update async for update in asking]
    assert "最多 20,000 个" in turn
    assert "taken" not in turn


async def test_a_date_that_is_none_is_refused_on_the_spot_and_stays_in_the_box(kb: KnowledgeBase) -> None:
    tab, conversation = AskTab(kb), OpenConversation()
    asking = tab.ask("What is here? after:2025-13-01", "", "", conversation, "", browser())
    ((earlier, turn, sources, box),) = [update async for update in asking]
    assert (earlier, sources, box) == ("", "", SKIPPED)
    assert "after:2025-13-01 names no date" in turn
    assert not conversation.turns
    assert not kb.conversations.all(caller=OWNER)


async def test_other_words_for_the_search_keep_the_filters_of_the_question(kb: KnowledgeBase) -> None:
    tab, conversation = AskTab(kb), OpenConversation()
    scope = json.dumps({"documents": ['a "b”.pdf'], "types": ["md"]})
    async for _ in tab.ask("What is here? type:txt", "", "", conversation, scope, browser()):
        pass
    order = json.dumps({"turn": conversation.turns[0].id, "how": "search", "text": "What there is"})
    async for _ in tab.ask_again(order, "", conversation, browser()):
        pass
    first, second = (turn.question for turn in conversation.turns)
    assert first.filters == Filters(documents=('a "b”.pdf',), types=("txt",))
    assert (second.text, second.filters) == ("What is here?", first.filters)
    assert second.searched == "What there is"
    kept = kb.conversations.runs(str(conversation.id), caller=OWNER)
    assert [view.question for view in map(TurnView.of, kept)] == [
        first,
        second,
    ]


@pytest.mark.parametrize("question", ["x" * (MAX_QUESTION + 1), "\0", "What is \ud800?\0"])
async def test_a_question_that_the_api_would_refuse_is_refused_here_too(
    kb: KnowledgeBase, question: str
) -> None:
    tab, conversation = AskTab(kb), OpenConversation()
    asking = tab.ask(question, "", "", conversation, "", browser())
    ((_, turn, _, box),) = [update async for update in asking]
    assert box == SKIPPED
    assert "at most 20,000 are taken" in turn or "are no text" in turn
    assert turn.encode(), "half a character would end the page's connection"
    assert not kb.conversations.all(caller=OWNER)


async def test_a_page_that_is_closed_in_mid_answer_ends_without_a_fault(tmp_path: Path) -> None:
    async def script(_question: str) -> AsyncIterator[AnswerEvent]:
        while True:
            yield TextDelta("word ")
            await asyncio.sleep(0.01)

    library: Any = InMemoryLibrary(tmp_path, script=script)
    asking = AskTab(library).ask("What is here?", "", "", OpenConversation(), "", browser())
    for _ in range(3):
        await anext(asking)
    await asking.aclose()
    (conversation,) = library.conversations.all(caller=OWNER)
    (run,) = library.conversations.runs(conversation.id, caller=OWNER)
    assert run.state is AnswerRunState.RUNNING, "the answer is made all the same"
    await library.conversations.close()


async def test_conditions_of_the_last_question_can_be_taken_as_words(kb: KnowledgeBase) -> None:
    tab, conversation = AskTab(kb), OpenConversation()
    async for _ in tab.ask("What is in:gate type:md", "", "", conversation, "", browser()):
        pass
    last = conversation.turns[-1].question
    assert (last.text, last.filters) == ("What is in:gate", Filters(types=("md",)))
    assert tab.last_had_conditions(conversation)["visible"]
    async for _ in tab.ask_as_words("", "", conversation, "", browser()):
        pass
    last = conversation.turns[-1].question
    assert (last.text, last.filters) == ("What is in:gate type:md", Filters())
    assert not tab.last_had_conditions(conversation)["visible"]


async def test_of_a_long_conversation_the_newest_turns_are_shown_and_older_ones_are_asked_again(
    kb: KnowledgeBase,
) -> None:
    tab, conversation = AskTab(kb), OpenConversation()
    for n in range(SHOWN + 2):
        async for shown in tab.ask(f"What is number {n}?", "", "", conversation, "", browser()):
            if n == SHOWN + 1 and isinstance(shown[0], str):
                assert "number 1?</h2>" in shown[0]
                assert "number 0?</h2>" not in shown[0]
    assert conversation.id is not None
    first, *_ = kb.conversations.runs(conversation.id, caller=OWNER)
    before, _, _, _, opened = await tab.opened(conversation.id, OpenConversation(), browser())
    assert "footnote-earlier" in before
    assert f'data-before="{opened.turns[0].request}"' in before
    assert "number 1?</h2>" not in before
    order = json.dumps({"turn": f"t{first.id}", "how": "quotes"})
    asked = [shown async for shown in tab.ask_again(order, "", opened, browser())]
    assert "number 0?" in asked[-1][1] or "number 0?" in asked[0][1]
    assert opened.turns[-1].question.text == "What is number 0?"
