"""Rating an answer and saving it over HTTP."""

from __future__ import annotations

import httpx

from kb.knowledge_base import KnowledgeBase
from kb.state.conversations import AnswerRuns
from kb.types import Question


def asked(kb: KnowledgeBase, question: str) -> str:
    """A question that is stored; its id."""
    return AnswerRuns(kb._parts.database).begin(Question(question)).id


async def test_an_answer_is_rated_with_a_reason_and_listed(api: httpx.AsyncClient, kb: KnowledgeBase) -> None:
    request = asked(kb, "What is here?")
    address = f"/api/answers/{request}/rating"
    assert (await api.post(address, json={"rating": "good"})).status_code == 204
    assert (await api.post(address, json={"rating": "bad", "reason": " Too long. "})).status_code == 204
    (rated,) = (await api.get("/api/ratings?rating=bad")).json()["ratings"]
    assert (rated["request_id"], rated["question"], rated["reason"]) == (
        request,
        "What is here?",
        "Too long.",
    )
    assert (await api.get("/api/ratings?rating=good")).json() == {"ratings": [], "next_cursor": None}
    assert (await api.delete(address)).status_code == 204
    assert (await api.delete(address)).status_code == 404


async def test_what_is_no_rating_or_of_no_answer_is_refused(
    api: httpx.AsyncClient, kb: KnowledgeBase
) -> None:
    request = asked(kb, "What?")
    for body in (
        {"rating": "perfect"},
        {},
        {"rating": "good", "reason": "x" * 2001},
        {"rating": "good", "by": 1},
    ):
        assert (await api.post(f"/api/answers/{request}/rating", json=body)).status_code in (400, 422)
    assert (await api.post("/api/answers/none/rating", json={"rating": "good"})).status_code == 404


async def test_an_answer_is_saved_as_a_file(api: httpx.AsyncClient, kb: KnowledgeBase) -> None:
    request = asked(kb, "What is here?")
    saved = await api.get(f"/api/answers/{request}/export")
    assert saved.text.startswith("## What is here?")
    assert "attachment" in saved.headers["content-disposition"]
    as_json = (await api.get(f"/api/answers/{request}/export?format=json")).json()
    assert [each["id"] for each in as_json["requests"]] == [request]
    assert (await api.get("/api/answers/none/export")).status_code == 404
