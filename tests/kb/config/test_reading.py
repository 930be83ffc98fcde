"""Where settings come from, by their names of today and by the old ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kb.config import RENAMED, Settings, load_settings, secret_settings, setting_names
from kb.errors import Misconfigured


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("FOOTNOTE_")]:
        monkeypatch.delenv(name)


def in_file(home: Path, text: str) -> Path:
    (home / "footnote.toml").write_text(text, encoding="utf-8")
    return home


def test_the_command_line_comes_first_then_the_environment_then_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_file(tmp_path, "[retrieval]\npassages = 3\ndense_weight = 0.1\n[server]\nport = 7001\n")
    monkeypatch.setenv("FOOTNOTE_RETRIEVAL__DENSE_WEIGHT", "0.2")
    monkeypatch.setenv("FOOTNOTE_SERVER__PORT", "7002")
    found = load_settings(home=tmp_path, **{"server.port": 7003, "server.host": None})
    assert (found.retrieval.passages, found.retrieval.dense_weight, found.server.port) == (3, 0.2, 7003)
    assert found.server.host == "127.0.0.1"
    assert not found.notes


def test_the_data_folder_may_be_named_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_HOME", str(in_file(tmp_path, "[server]\nport = 7001\n")))
    assert (load_settings().home, load_settings().server.port) == (tmp_path, 7001)


def test_each_old_name_is_read_everywhere_with_one_note_of_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_file(tmp_path, 'embedder = "bundled"\nreranker = "auto"\n[judge]\nmodel = "auto"\n')
    monkeypatch.setenv("FOOTNOTE_EMBEDDER_WIDTH", "128")
    monkeypatch.setenv("FOOTNOTE_RERANKER", "off")
    found = load_settings(home=tmp_path, dense_weight="0.25")
    assert (found.embedding.model, found.embedding.width) == ("bundled", 128)
    assert (found.reranker.model, found.judge.model, found.retrieval.dense_weight) == ("off", "auto", 0.25)
    file = tmp_path / "footnote.toml"
    assert sorted(found.notes) == [
        "The setting FOOTNOTE_EMBEDDER_WIDTH in the environment is now called FOOTNOTE_EMBEDDING__WIDTH.",
        "The setting FOOTNOTE_RERANKER in the environment is now called FOOTNOTE_RERANKER__MODEL.",
        "The setting dense_weight in what was given is now called retrieval.dense_weight.",
        f"The setting embedder in {file} is now called model in the section [embedding].",
        f"The setting reranker in {file} is now called model in the section [reranker].",
    ]


def test_every_old_name_has_a_setting_of_today() -> None:
    assert set(RENAMED.values()) <= set(setting_names())
    assert len(set(RENAMED.values())) == len(RENAMED)


def test_one_setting_by_both_names_is_refused_unless_they_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_file(tmp_path, "passages = 3\n[retrieval]\npassages = 3\n")
    assert load_settings(home=tmp_path).retrieval.passages == 3
    in_file(tmp_path, "passages = 3\n[retrieval]\npassages = 4\n")
    with pytest.raises(
        Misconfigured, match=r"^passages and retrieval\.passages are one setting.*Remove passages"
    ):
        load_settings(home=tmp_path)
    in_file(tmp_path, "")
    monkeypatch.setenv("FOOTNOTE_ENDPOINT_KEY", "canary-1")
    monkeypatch.setenv("FOOTNOTE_ANSWERING__ENDPOINT_KEY", "canary-2")
    with pytest.raises(Misconfigured, match="Remove FOOTNOTE_ENDPOINT_KEY") as refused:
        load_settings(home=tmp_path)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pasages = 3\n", "no setting 'pasages'.*retrieval.passages"),
        (
            "[retrieval]\npasages = 3\n",
            r"no setting 'retrieval\.pasages'.*\[retrieval\] has: dense_weight, passages",
        ),
        ("[retreival]\n", "no setting 'retreival'.*retrieval.passages"),
        ('embedding = "bundled"\n', r"\[embedding\] has: model, width, device"),
        ("[retrieval.passages]\nmost = 3\n", "'retrieval.passages' is not valid"),
    ],
)
def test_an_unknown_name_is_refused_with_those_that_there_are(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=said):
        load_settings(home=in_file(tmp_path, text))


def test_an_unknown_variable_is_refused_in_a_section_and_else_only_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTE_PASAGES", "3")
    assert load_settings(home=tmp_path).notes == (
        "The environment's FOOTNOTE_PASAGES is not a setting and has no effect.",
    )
    monkeypatch.setenv("FOOTNOTE_RETRIEVAL__PASAGES", "3")
    with pytest.raises(Misconfigured, match=r"'FOOTNOTE_RETRIEVAL__PASAGES'.*dense_weight, passages"):
        load_settings(home=tmp_path)


def test_a_value_that_is_not_valid_is_named_with_its_place_and_a_key_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(
        Misconfigured, match=r"'retrieval\.passages' is not valid.*'many' in .*footnote\.toml"
    ):
        load_settings(home=in_file(tmp_path, 'passages = "many"\n'))
    with pytest.raises(Misconfigured, match="a key, not shown"):
        load_settings(home=in_file(tmp_path, "endpoint_key = 4321\n"))


def test_keys_are_masked_and_known_by_both_names() -> None:
    assert secret_settings() == {"answering.endpoint_key", "endpoint_key"}
    settings = Settings.model_validate({"answering": {"endpoint_key": "canary"}})
    assert settings.by_name()["answering.endpoint_key"] == "**********"
    assert "canary" not in repr(settings)
