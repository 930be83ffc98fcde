"""``embedder`` as a command."""

from __future__ import annotations

from pathlib import Path

from tests.harness.commands import given, given_json
from tests.kb.models.embed.unpacked import bundled_home


def test_a_change_is_costed_and_refused_in_a_sentence(tmp_path: Path) -> None:
    home = bundled_home(tmp_path / "home")
    plan = given_json("embedder", "switch", "bundled", "--engine", "torch", "--dry-run", home=home)
    assert (plan["passages"], plan["tokens"], plan["model_run"], plan["minutes"]) == (0, 0, False, 0)
    assert plan["from"]["model"] == plan["to"]["model"] == "intfloat/multilingual-e5-small"
    assert (plan["from"]["engine"], plan["to"]["engine"]) == ("auto", "torch")
    assert plan["megabytes"] == 0
    assert not (home / "footnote.toml").exists()
    refused = given("embedder", "switch", "--instruction", "Find the same", home=home, code=1)
    assert "takes no instructions" in refused.stderr
    assert "switch" in given("embedder", "undo", "bundled", home=home, code=1).stderr
    assert "no change" in given("embedder", "undo", home=home, code=1).stderr
    for asked, said in (
        (("--collection", "lab", "--task", "code"), "no collection 'lab'"),
        (("--task", "poetry"), "Known: retrieval, code"),
    ):
        assert said in given("embedder", "switch", *asked, home=home, code=1).stderr
