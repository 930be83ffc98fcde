"""Where settings come from, by their names of today and by the old ones."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.config import RENAMED, Settings, default_home, load_settings, secret_settings, setting_names
from kb.config.complaints import wanted_value
from kb.errors import Misconfigured
from kb.text.visible import visible_line


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
        ("[retrieval.passages]\nmost = 3\n", "retrieval.passages in .*footnote.toml must be a whole number"),
        ('[embedding]\nengine = "wat"\n', "embedding.engine in .* must be one of auto, torch, .*, not 'wat'"),
        ('[storage]\nvectors = "wat"\n', "storage.vectors in .* must be one of chroma, .*, exact, not 'wat'"),
        ("[server]\nport = true\n", "server.port in .*footnote.toml must be a whole number"),
        ("[retrieval]\ndense_weight = false\n", "retrieval.dense_weight in .*footnote.toml must be a number"),
        (f"{'a.' * 3000}b = 1\n", "too deeply nested"),
        (f"[{'a.' * 9}b]\n", "too deeply nested"),
    ],
)
def test_an_unknown_name_is_refused_with_those_that_there_are(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=said):
        load_settings(home=in_file(tmp_path, text))


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("FOOTNOTE_PASAGES", "FOOTNOTE_RETRIEVAL__PASSAGES"),
        ("FOOTNOTE_MODLE", "FOOTNOTE_ANSWERING__MODEL"),
        ("FOOTNOTE_RETRIEVAL__PASAGES", "FOOTNOTE_RETRIEVAL__PASSAGES"),
        ("FOOTNOTE_SERVER_PORT", "FOOTNOTE_SERVER__PORT"),
        ("footnote_hoem", "FOOTNOTE_HOME"),
    ],
)
def test_a_misspelt_variable_is_refused_with_the_nearest_one(
    variable: str, meant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "3")
    with pytest.raises(Misconfigured, match=rf"no setting '{variable}' .*Did you mean {meant}\?"):
        load_settings(home=tmp_path)


def test_what_kubernetes_says_of_a_service_of_our_name_is_no_misspelt_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "SERVICE_HOST",
        "SERVICE_PORT_WEB",
        "PORT_7860_TCP_ADDR",
        "PORT_7860_TCP",
        "DB_SERVICE_PORT",
    ):
        monkeypatch.setenv(f"FOOTNOTE_{name}", "tcp://10.0.0.1:7860")
    assert not load_settings(home=tmp_path).notes


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_value_counts_as_not_given(
    empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_file(tmp_path, f'[answering]\nmodel = "extractive"\nendpoint_key = "{empty}"\n[server]\nport = 7001\n')
    for name in (
        "PORT",
        "SERVER__PORT",
        "EMBEDDER_WIDTH",
        "MODEL",
        "ANSWERING__ENDPOINT_URL",
        "GGUF",
        "MODLE",
        "HOME",
    ):
        monkeypatch.setenv(f"FOOTNOTE_{name}", empty)
    found = load_settings(home=tmp_path, **{"answering.model": empty})
    assert (found.server.port, found.answering.model, found.embedding.width) == (7001, "extractive", None)
    assert (found.answering.endpoint_url, found.answering.endpoint_key, found.answering.gguf) == (None,) * 3
    assert load_settings().home == default_home()


@pytest.mark.parametrize("variable", ["FOOTNOTE_PORT", "FOOTNOTE_SERVER__PORT"])
@pytest.mark.parametrize("value", ["abc", "0", "70000", "1e3", "7860.5", "9" * 5000, "\udce9", "\x1b[31m"])
def test_a_variable_is_named_as_it_was_set(
    variable: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(
        Misconfigured, match=rf"^{variable} in the environment must be a whole number from 1 to 65535, not '"
    ) as refused:
        load_settings(home=tmp_path)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 200


def test_a_home_that_a_unit_file_names_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FOOTNOTE_HOME", "~/kb")
    monkeypatch.setenv("FOOTNOTE_GGUF", "~/model.gguf")
    (tmp_path / "kb").mkdir()
    in_file(tmp_path / "kb", "[server]\nport = 7001\n")
    found = load_settings()
    assert (found.home, found.server.port) == (tmp_path / "kb", 7001)
    assert found.answering.gguf == tmp_path / "model.gguf"
    assert load_settings(home=Path("~nobody-of-that-name/kb")).home == Path("~nobody-of-that-name/kb")


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (b'a = 1\nmodel = "caf\xe9"\n', "Line 2 of .*footnote.toml holds a character that is not UTF-8"),
        ('model = "a"'.encode("utf-16"), "saved as UTF-16. Save it as UTF-8"),
        (b"model = extractive\n", r"is not TOML: Invalid value \(at line 1, column 9\)"),
        (b"port = " + b"9" * 5000, "holds a value that is no setting"),
        (b"port = " + b"[" * 5000, "holds a value that is no setting"),
        (b"#" * (1 << 20) + b"#", "larger than 1 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_with_its_line(held: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "footnote.toml").write_bytes(held)
    with pytest.raises(Misconfigured, match=said):
        load_settings(home=tmp_path)


def test_a_file_that_notepad_saved_is_read(tmp_path: Path) -> None:
    (tmp_path / "footnote.toml").write_bytes(b'\xef\xbb\xbf[answering]\r\nmodel = "extractive"\r\n')
    assert load_settings(home=tmp_path).answering.model == "extractive"


def test_a_pipe_or_a_folder_in_the_place_of_the_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "footnote.toml")
    with pytest.raises(Misconfigured, match=r"footnote.toml is not a file"):
        load_settings(home=tmp_path)
    (tmp_path / "footnote.toml").unlink()
    (tmp_path / "footnote.toml").mkdir()
    with pytest.raises(Misconfigured, match=r"footnote.toml is not a file"):
        load_settings(home=tmp_path)


def test_every_setting_says_what_it_takes() -> None:
    for name in setting_names():
        kinds = ("true or false", "a whole number from", "a number", "a text", "a path", "a key", "one of ")
        assert wanted_value(name).startswith(kinds), name
    assert wanted_value("retrieval.dense_weight") == "a number from 0 to 1"
    assert wanted_value("reranker.seconds") == "a number above 0, at most 86400"
    assert wanted_value("server.local_accounts") == "one of mine, all"
    assert wanted_value("storage.vectors") == "one of chroma, chroma-server, weaviate, exact"
    assert wanted_value("embedding.width") == "a whole number from 32 to 65536, or left out"


NAMES = st.one_of(
    st.sampled_from([*setting_names(), *RENAMED]),
    st.text(st.characters(codec="utf-8", exclude_characters="=\0"), max_size=20),
)
VALUES = st.one_of(
    st.binary(max_size=40).map(lambda held: os.fsdecode(held.replace(b"\0", b""))),
    st.integers().map(str),
    st.floats().map(str),
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_whatever_the_environment_holds_ends_in_settings_or_a_sentence(held: dict[str, str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in held.items():
            patch.setenv("FOOTNOTE_" + name.upper().replace(".", "__"), value)
        settings_or_sentence()


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=80),
        st.lists(
            st.tuples(
                st.sampled_from([*setting_names(), *RENAMED, "server", "[server]", "x"]),
                st.one_of(
                    st.sampled_from(
                        ["true", "1979-05-27", "[]", "{}", '""', "inf", "nan", "-1", "0x1", "1_0"]
                    ),
                    st.text(max_size=20).map(repr),
                ),
            ).map(lambda pair: f"{pair[0]} = {pair[1]}\n".encode(errors="replace")),
            max_size=3,
        ).map(b"".join),
    )
)
def test_whatever_the_file_holds_ends_in_settings_or_a_sentence(held: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "footnote.toml").write_bytes(held)
        settings_or_sentence(home=Path(folder))


def settings_or_sentence(**given: Path) -> None:
    try:
        load_settings(**given)
    except Misconfigured as refused:
        said = str(refused)
        assert said.endswith(".")
        assert said == visible_line(said)
        assert not [
            word for word in ("pydantic", "Input should", "type=", "validation error") if word in said
        ]


def test_a_value_that_is_not_valid_is_named_with_its_place_and_a_key_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(
        Misconfigured,
        match=r"^passages in .*footnote\.toml must be a whole number from 1 to 50, not 'many'\.$",
    ):
        load_settings(home=in_file(tmp_path, 'passages = "many"\n'))
    with pytest.raises(Misconfigured, match="the key that is given is not shown"):
        load_settings(home=in_file(tmp_path, "endpoint_key = 4321\n"))


def test_keys_are_masked_and_known_by_both_names() -> None:
    assert secret_settings() == {
        "answering.endpoint_key",
        "endpoint_key",
        "embedding.key",
        "reranker.key",
        "storage.vectors_key",
        "oidc.client_secret",
    }
    settings = Settings.model_validate({"answering": {"endpoint_key": "canary"}})
    assert settings.by_name()["answering.endpoint_key"] == "**********"
    assert "canary" not in repr(settings)
