"""What is asked at the end, or in the middle, of much that is told: only that is searched."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, takewhile

from kb.answer.query_rewrite import is_follow_up
from kb.text.language import language
from kb.text.sentences import is_question, sentences
from kb.text.word_lists import languages_with, word_lists
from kb.text.words import words

LONG = 80
"""Words from which on a text is more than a question: an embedding of it is the mean of all that it tells."""
_LEAD = 40
"""Words before a question that does not name what it is about, which may name it."""


def asked_in(text: str) -> str:
    """Returns what ``text`` asks: all of it unless it is long, else its last question.

    That is what has a question mark, the last sentences of it within ``LONG`` words; where nothing has, what reads
    like a question or a request in a language with a list of those. A question that points back brings what was
    told before it. A long text that asks nothing is returned whole: somebody looks for what is like it.
    """
    if len(words(text)) <= LONG:
        return text
    told = [text[start:end] for start, end in sentences(text)]
    asking = [place for place, sentence in enumerate(told) if is_question(sentence)] or _without_mark(told)
    if not asking:
        return text
    last = _last_in_limit(told, asking, LONG)
    before = list(range(last[0]))
    if is_follow_up(told[last[0]]) and before:
        last = [*_last_in_limit(told, before, _LEAD), *last]
    return " ".join(told[place] for place in last)


def _last_in_limit(told: Sequence[str], places: Sequence[int], limit: int) -> list[int]:
    """Returns the last of ``places``, ascending, whose sentences have ``limit`` words together; one at least."""
    backwards = places[::-1]
    lengths = accumulate(len(words(told[place])) for place in backwards)
    within = sum(1 for _ in takewhile(lambda length: length <= limit, lengths))
    return list(backwards[: max(1, within)][::-1])


def _without_mark(told: Sequence[str]) -> list[int]:
    found = []
    for place, sentence in enumerate(told):
        lists = word_lists(language(sentence, likely=languages_with("request")))
        if lists.request is not None and lists.request.search(sentence):
            found.append(place)
    return found
