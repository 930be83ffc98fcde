from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import pytest

from kb.config import RerankerSettings, Settings
from kb.errors import BackendDown, Misconfigured
from kb.retrieval.model_rerank import (
    TimedReranker,
    description,
    named_reranker,
    server_address,
    timed_reranker,
)
from tests.doubles.scripted_http import Reply, Request, json_reply, scripted_http
from tests.kb.answer.samples import hit

HITS = tuple(hit(text, number=number) for number, text in enumerate(("alpha", "beta", "gamma"), 1))


class Scripted:
    """A reranker that does what a test says."""

    name = "scripted"

    def __init__(self, score: Callable[[Sequence[str]], list[float]]) -> None:
        self.score = score
        self.asked = 0
        self.closed = False

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        assert question == "q"
        self.asked += 1
        return self.score(passages)

    def warm_up(self) -> None:
        self.score(["x"])

    def close(self) -> None:
        self.closed = True


def test_hits_are_ordered_by_the_scores_which_are_noted() -> None:
    reranker = Scripted(lambda passages: [float(text > "alpha") * len(text) for text in passages])
    look = TimedReranker(reranker, seconds=5)
    ordered = look.order("q", HITS)
    assert [found.chunk.text for found in ordered] == ["gamma", "beta", "alpha"]
    assert [found.rank for found in ordered] == [1, 2, 3]
    assert [found.scores["rerank"] for found in ordered] == [5.0, 4.0, 0.0]
    look.close()
    assert reranker.closed


def test_one_hit_is_not_worth_a_look() -> None:
    reranker = Scripted(lambda passages: [0.0] * len(passages))
    assert TimedReranker(reranker, seconds=5).order("q", HITS[:1]) == HITS[:1]
    assert reranker.asked == 0


def test_what_fails_leaves_the_order_and_is_left_alone_for_a_while() -> None:
    def fail(_: Sequence[str]) -> list[float]:
        raise BackendDown("The reranker does not answer.")

    now = [0.0]
    reranker = Scripted(fail)
    look = TimedReranker(reranker, seconds=5, clock=lambda: now[0])
    assert look.order("q", HITS) == HITS
    now[0] += 59
    assert look.order("q", HITS) == HITS
    assert reranker.asked == 1
    now[0] += 2
    assert look.order("q", HITS) == HITS
    assert reranker.asked == 2
    look.close()


def test_what_takes_too_long_is_not_waited_for() -> None:
    free = threading.Event()

    def slow(passages: Sequence[str]) -> list[float]:
        free.wait(20)
        return [0.0] * len(passages)

    look = TimedReranker(Scripted(slow), seconds=0.1)
    started = time.monotonic()
    assert look.order("q", HITS) == HITS
    assert time.monotonic() - started < 5
    free.set()
    look.close()


def test_nobody_waits_while_the_model_is_loaded() -> None:
    free = threading.Event()

    def load(passages: Sequence[str]) -> list[float]:
        free.wait(20)
        return [float(len(text)) for text in passages]

    look = TimedReranker(Scripted(load), seconds=5)
    look.warm_up()
    assert look.order("q", HITS) == HITS
    free.set()
    look.close()


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ("off", None),
        ("http://127.0.0.1:9/v1", "ProvedReranker"),
        ("BAAI/bge-reranker-v2-m3", "CrossEncoderReranker"),
    ],
)
def test_the_setting_names_what_orders(setting: str, name: str | None) -> None:
    look = timed_reranker(Settings(reranker=RerankerSettings(model=setting)))
    assert (None if look is None else type(look._reranker).__name__) == name


@pytest.mark.parametrize(
    ("reranker", "address"),
    [
        ({"url": "http://127.0.0.1:9/v1"}, "http://127.0.0.1:9/v1"),
        ({"url": "http://127.0.0.1:9/v1", "model": "bge"}, "http://127.0.0.1:9/v1"),
        ({"url": "http://127.0.0.1:9/v1", "model": "off"}, None),
        ({"url": "http://127.0.0.1:9/v1", "model": "http://127.0.0.1:8/rerank"}, "http://127.0.0.1:8/rerank"),
    ],
)
def test_a_server_is_named_by_its_address_with_or_without_a_model(
    reranker: dict[str, str], address: str | None
) -> None:
    settings = Settings(reranker=RerankerSettings.model_validate(reranker))
    assert server_address(settings) == address
    assert (timed_reranker(settings) is None) == (address is None)
    assert (address or "Off") in description(settings)


def test_a_key_goes_to_the_address_that_it_belongs_to_alone() -> None:
    keys: list[str | None] = []

    def respond(request: Request) -> Reply:
        keys.append(request.headers.get("Authorization"))
        return json_reply({"error": "refused"}, 401)

    with scripted_http(respond) as server:
        for named in ({"url": server.url}, {"url": "http://127.0.0.1:9", "model": server.url}):
            made = named_reranker(
                Settings(reranker=RerankerSettings.model_validate({"key": "a-secret-of-mine", **named}))
            )
            assert made is not None
            with pytest.raises(Misconfigured) as refused:
                made.scores("q", ["a", "b"])
            assert "a-secret-of-mine" not in str(refused.value)
            made.close()
    assert keys == ["Bearer a-secret-of-mine", None]


def test_why_the_order_stayed_is_said_until_it_does_not_stay() -> None:
    def fail(_: Sequence[str]) -> list[float]:
        raise BackendDown("The reranker does not answer.")

    now = [0.0]
    reranker = Scripted(fail)
    look = TimedReranker(reranker, seconds=5, clock=lambda: now[0])
    assert look.problem == ""
    assert look.order("q", HITS) == HITS
    assert look.problem == "The reranker does not answer."
    reranker.score, now[0] = (lambda passages: [1.0] * len(passages)), 1000.0
    look.order("q", HITS)
    assert look.problem == ""
    look.close()
