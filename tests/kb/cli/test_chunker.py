"""``chunker`` as a command."""

from __future__ import annotations

from pathlib import Path

from tests.harness.commands import given, given_json
from tests.kb.models.embed.unpacked import bundled_home


def test_a_length_is_costed_changed_undone_and_refused_in_a_sentence(tmp_path: Path) -> None:
    home = bundled_home(tmp_path / "home")
    plan = given_json("chunker", "switch", "--chunk-tokens", "100", "--dry-run", home=home)
    assert (plan["from"], plan["to"], plan["documents"], plan["passages_after"]) == (208, 100, 0, 0)
    assert given_json("chunker", home=home)["chunk_tokens"] == 208
    done = given("chunker", "switch", "--chunk-tokens", "100", home=home).stdout
    assert "From 208 to 100 tokens" in done
    assert "`chunker undo` returns" in done
    status = given("chunker", home=home).stdout
    assert "at most 100 tokens" in status
    assert "`chunker undo` returns to 208" in status
    assert given_json("chunker", "undo", home=home)["chunk_tokens"] == 208
    assert given_json("chunker", "forget", home=home) == {"megabytes": 0}
    for asked, said in (
        (("switch",), "chunker switch --chunk-tokens N"),
        (("undo", "--chunk-tokens", "9"), "No other action"),
        (("forget", "--dry-run"), "costs nothing"),
        (("undo",), "no change"),
        (("switch", "--chunk-tokens", "7"), "32"),
    ):
        assert said in given("chunker", *asked, home=home, code=1).stderr
