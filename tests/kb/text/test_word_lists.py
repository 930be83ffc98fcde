"""The word lists: whole for every language that is told apart, and silent where a language has none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kb.answer.query_rewrite import is_follow_up
from kb.answer.quote.choosing import parts
from kb.answer.verify.support import judge
from kb.config.thresholds import default_thresholds
from kb.text.language import LANGUAGE_NAMES, language
from kb.text.mentions import negated
from kb.text.probes import BACKGROUND_LANGUAGES, generic_questions
from kb.text.word_lists import WordLists, all_word_lists, languages_with, recogniser, word_lists
from kb.types import DENIED, Support

ROOT = Path(__file__).parents[3]
ATTRIBUTION = default_thresholds().attribution


def test_every_language_that_is_told_apart_has_a_file_and_its_questions() -> None:
    assert {each.language for each in all_word_lists()} == set(LANGUAGE_NAMES)
    assert generic_questions().keys() == LANGUAGE_NAMES.keys()


@pytest.mark.parametrize("held", all_word_lists(), ids=lambda held: held.language)
def test_a_file_holds_what_belongs_together(held: WordLists) -> None:
    assert (held.question_word is None) == (held.next_question is None)
    assert len(held.months) in (0, 12)
    assert len(held.generic_questions) == len(word_lists("en").generic_questions)
    assert bool(held.background_sentences) == (held.language in BACKGROUND_LANGUAGES)
    assert all(words for words in held.multipliers.values())


def test_a_language_without_a_file_has_no_lists() -> None:
    unknown = word_lists("xx")
    assert (unknown.language, unknown.stop_words, unknown.negation) == ("xx", (), None)


def test_they_are_found_wherever_python_is_started(tmp_path: Path) -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from kb.text.word_lists import all_word_lists; print(len(all_word_lists()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) == len(all_word_lists())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It was not built.", True),
        ("它没有建成。", True),
        ("It was built.", False),
        ("它建成了。", False),
        ("Kinder dürfen die Halle nicht betreten.", True),
        ("Die Halle hat keine Fenster und keinen Strom, sie ist nicht neu.", True),
        ("La porte n'est pas ouverte le dimanche.", True),
        ("Le conseil ne compte que trois membres.", False),
        ("No hay nadie en la sala de máquinas.", True),
        ("La sera non c'è nessuno in ufficio.", True),
        ("De deur wordt niet op zondag geopend.", True),
    ],
)
def test_a_negation_is_told_in_the_language_of_the_text(text: str, expected: bool) -> None:
    assert negated(text, language(text)) is expected


def test_whether_something_is_denied_is_not_known_without_a_list_for_the_language() -> None:
    finnish, english = "Haldenin siltaa ei avattu 1931.", "The bridge Halden 1931 was not opened."
    assert negated(finnish, "fi") is None
    assert (
        judge("The bridge Halden 1931 was opened.", [english], [[0.9]], thresholds=ATTRIBUTION).reason
        == DENIED
    )
    # the same claim in words that both languages share: Turkish "değil" is in no list, so nothing is concluded from it
    verdict = judge("Halden 1931 değil.", ["Halden 1931 not."], [[0.9]], thresholds=ATTRIBUTION)
    assert verdict.reason != DENIED
    assert verdict.support is not Support.UNSUPPORTED


def test_english_words_are_not_looked_for_in_other_languages() -> None:
    assert is_follow_up("Is it also true that there are more of them in the valley?")
    # "also" is German for "so", "her" for "here"
    assert not is_follow_up("Wie kommt man also vom Bahnhof her am schnellsten in das Tal von Halden?")
    assert "de" not in languages_with("question_word")
    assert parts("Who built the bridge and when was it opened?") == [
        "Who built the bridge",
        "when was it opened",
    ]
    assert parts("Wer baute die Brücke und wann wurde sie eröffnet?") == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("summary", "Bitte fass den Bericht zusammen"),
        ("summary", "总结一下"),
        ("comparison", "Quelles sont les différences ?"),
        ("this_document", "dieser Bericht"),
        ("refusal", "The documents do not mention that."),
        ("refusal", "文档中没有提到这一点。"),
    ],
)
def test_what_only_recognises_something_looks_in_all_languages(kind: str, text: str) -> None:
    assert recogniser(kind).search(text)
    assert not recogniser(kind).search("Halden, 1931")
