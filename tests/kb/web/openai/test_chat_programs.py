"""What Open WebUI 0.12.4 sends beside questions: its templates, as they came over the wire, shortened."""

from __future__ import annotations

import json
import time
from typing import Any

import openai
import pytest

from kb.types import Anchor, Answer, Chunk, Citation, Document, DocumentState, Hit
from kb.web.openai.chat_programs import Asked, chore_reply, typed
from kb.web.openai.footnotes import annotations_of
from kb.web.openai.numbering import Numbering
from tests.doubles.scripted_http import Scripted
from tests.kb.web.openai.test_openai_client import ASKED, client, home, http, kb, model

__all__ = ["client", "home", "http", "kb", "model"]

HISTORY = """### Chat History:
<chat_history>
USER: <attached_files>
<file type="file" id="d2" name="a.txt"/>
</attached_files>

How deep
is the harbour?
ASSISTANT: Nine metres. [1]
USER: And the river?
</chat_history>"""
CHORES = {
    '### Task:\nGenerate a concise title.\n### Output:\nJSON format: { "title": "your title here" }\n'
    '### Examples:\n- { "title": "Stock Trends" }\n': {"title": "How deep is the harbour?"},
    '### Task:\nGenerate 1-3 broad tags.\n\n### Output:\nJSON format: { "tags": ["tag1"] }\n\n': {"tags": []},
    '### Task:\nPredict 3-5 messages. A JSON object with a "follow_ups" key.\n### Output:\n'
    'JSON format: { "follow_ups": ["1", "2"] }\n': {"follow_ups": []},
    '### Task:\nAnalyze the chat history.\n### Guidelines:\n- Respond in the format: { "queries": ["query1"] }, each '
    'distinct.\n### Output:\n{\n  "queries": ["query1"]\n}\n\n': {"queries": ["And the river?"]},
    '### Task:\nGenerate a detailed prompt.\n### Output:\n{\n    "prompt": "..."\n}\n\n': {"prompt": ""},
    '### Task:\nYou are an autocompletion system.\n- Respond only in JSON: `{ "text": "..." }`.\n': {
        "text": ""
    },
}
RETRIEVED = (
    "### Task:\nRespond to the user query using the provided context.\n\n<context>\n"
    '<source id="1" name="a.txt">The canteen </context> opens at noon.</source>\n</context>\n\n'
)


@pytest.mark.parametrize("template", CHORES)
def test_what_is_wanted_beside_answers_comes_from_the_chat_alone(template: str) -> None:
    assert json.loads(chore_reply(template + HISTORY) or "") == CHORES[template]


def test_what_a_person_types_is_a_question_whatever_it_speaks_of() -> None:
    for text in (
        "What is a <chat_history>?",
        '### Task: which "title": has the book',
        f'Repeat this: ### Task: {{"title": "x"}} {HISTORY}',
        f"### Task:\nSummarise the report.\n{HISTORY}",
        "",
    ):
        assert chore_reply(text) is None
        assert typed(text) == Asked(text)


def test_what_is_written_against_it_is_told_apart_at_once() -> None:
    """In a time in proportion to its length: twice as many characters take about twice as long."""
    for text in (
        "<chat_history>",
        "<context>",
        "<user_query>",
        "<attached_files>",
        '"title"    ',
        "USER: ",
        "\n \n",
    ):
        long = f"### Task:{text * 60_000}"
        began = time.process_time()
        assert chore_reply(long) is None
        typed(long)
        typed(f"{long}</context>{text * 60_000}")
        assert time.process_time() - began < 10, "about 20 ms; a pattern that goes back takes minutes"


def test_the_question_stands_behind_what_was_put_beside_it() -> None:
    attached = '<attached_files>\n<file name="a.txt"/>\n</attached_files>\n\n'
    for wrapped in ("When?", f"{attached}When?", "<user_query>\nWhen?\n</user_query>\n"):
        assert typed(RETRIEVED + wrapped) == Asked("When?", sources=1)
    assert typed(f"{attached}When?") == Asked("When?")
    assert typed(RETRIEVED) == Asked("", sources=1)


async def test_no_document_is_searched_and_no_model_asked_for_a_title(
    client: openai.AsyncOpenAI, model: Scripted
) -> None:
    before = len([request for request in model.requests if request.method == "POST"])
    for template, wanted in CHORES.items():
        for stream in (False, True):
            asked: Any = {"model": "footnote", "messages": [{"role": "user", "content": template + HISTORY}]}
            if stream:
                chunks = [chunk async for chunk in await client.chat.completions.create(**asked, stream=True)]
                said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
                assert chunks[-1].choices[0].finish_reason == "stop"
            else:
                said = (await client.chat.completions.create(**asked)).choices[0].message.content or ""
            assert json.loads(said) == wanted
    with pytest.raises(openai.NotFoundError):
        await client.chat.completions.create(**{**asked, "model": "footnote/nothing"})
    assert len([request for request in model.requests if request.method == "POST"]) == before


async def test_a_question_with_files_of_the_program_is_asked_of_the_documents_and_that_is_said(
    client: openai.AsyncOpenAI,
) -> None:
    messages: Any = [{"role": "user", "content": RETRIEVED + "x" * 150_000 + "</context>" + ASKED}]
    whole: Any = await client.chat.completions.create(model="footnote", messages=messages)
    text = whole.choices[0].message.content
    assert text.endswith("were not read: add them to Footnote to ask about them.")
    assert (whole.footnotes[0]["n"], whole.footnotes[0]["quote"]) == (2, ASKED)
    assert "[2]" in text, "the program shows its own file for [1]"
    chunks: list[Any] = [
        chunk async for chunk in await client.chat.completions.create(
            model="footnote", messages=messages, stream=True
        )
    ]  # fmt: skip
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == chunks[-1].answer == text
    without: Any = await client.chat.completions.create(
        model="footnote", messages=[{"role": "user", "content": ASKED}]
    )
    assert "attached" not in without.choices[0].message.content


def hit(number: int) -> Hit:
    document = Document(id=f"d{number}", name=f"{number}.txt", collection="c", state=DocumentState.READY,
                        sha256="", bytes=1, added="")  # fmt: skip
    return Hit(Chunk(id=number, text="x"), document, 1.0)


def test_footnotes_are_counted_as_programs_list_them() -> None:
    numbering = Numbering()
    pieces = ["Nine metres [7].", " Sand [2][7]", " and rock [4].", " Text [\u20608]."]
    assert "".join(map(numbering.of_text, pieces)) == (
        "Nine metres [1]. Sand [2][1] and rock [3]. Text [\u20608]."
    )
    cited = [Citation(n, n, f"d{n}", f"{n}.txt", Anchor(), "q") for n in (2, 4, 5)]
    answer = numbering.of_answer(
        Answer(text="Sand [2] and rock [4]. New [5].", citations=tuple(cited), model="m", searched="x")
    )
    assert answer.text == "Sand [2] and rock [3]. New [4]."
    assert [(each.n, each.document) for each in answer.citations] == [
        (2, "2.txt"),
        (3, "4.txt"),
        (4, "5.txt"),
    ]
    (gone,) = numbering.left_out(answer, [hit(number) for number in range(1, 9)])
    assert (gone.n, gone.document, gone.chunk_id) == (1, "7.txt", 7)
    marks = annotations_of("A [1]. B [2] [3].", [gone, *answer.citations], "http://here")
    assert [mark["url_citation"]["title"] for mark in marks] == ["7.txt", "2.txt", "4.txt"]
    assert len({mark["url_citation"]["url"] for mark in marks}) == 3
