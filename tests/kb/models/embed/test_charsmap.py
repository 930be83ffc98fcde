import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import normalizers

from kb.models.embed.charsmap import charsmap

characters = st.characters(min_codepoint=1, codec="utf-8")
texts = st.text(characters, max_size=3)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(characters, texts, max_size=80), st.lists(characters, max_size=80))
def test_every_character_is_replaced_and_no_other(table: dict[str, str], others: list[str]) -> None:
    normalizer = normalizers.Precompiled(charsmap(table))
    for character in [*table, *others]:
        assert normalizer.normalize_str(character) == table.get(character, character)


def test_a_replacement_may_be_empty() -> None:
    assert normalizers.Precompiled(charsmap({"\x01": ""})).normalize_str("a\x01b") == "ab"


def test_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="zero"):
        charsmap({"\0": "x"})
