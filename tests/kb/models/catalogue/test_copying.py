"""Models that are added from this disk: only what may be loaded, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from kb.config import Settings
from kb.errors import BadInput, Conflict, DiskFull, Misconfigured
from kb.models.catalogue.checksums import file_sha256
from kb.models.catalogue.copying import copy_model
from kb.models.catalogue.listing import held_models, with_checksums
from kb.models.catalogue.use import is_named
from kb.models.embed.folder import read_spec
from kb.models.embed.local import LocalEmbedder
from tests.kb.models.embed.tiny_gguf import tiny_gguf
from tests.kb.models.embed.tiny_model import tiny_bert, tiny_qwen3
from tests.waiting import wait_until

HERE = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tiny_bert(tmp_path_factory.mktemp("source") / "tiny-e5")
    (made / "README.md").write_text("---\nlanguage: en\nlicense: apache-2.0\n---\n# Tiny\n", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gguf")
    return tiny_gguf(tiny_qwen3(folder / "tiny"), folder / "tiny-embed.gguf")


def added(source: Path, home: Path, **options: str) -> Path:
    return copy_model(source, home / "models", name=options.get("name"), announce=lambda _: None)


def names(home: Path) -> dict[str, str]:
    found = [
        model for model in held_models(Settings(home=home), cache=home / "hub") if model.place == "models"
    ]
    return {model.name: model.kind for model in found}


@pytest.mark.parametrize("name", ["mein Modell über (1)", "u\u0308ber, so", "大" * 66, "O'Neill+v1.5"])
def test_a_name_as_people_give_it_stays(name: str, folder: Path, gguf: Path, tmp_path: Path) -> None:
    (tmp_path / "source" / name).parent.mkdir()
    shutil.copytree(folder, tmp_path / "source" / name)
    kept = unicodedata.normalize("NFC", name)
    assert added(tmp_path / "source" / name, tmp_path).name == kept
    assert added(gguf, tmp_path, name=f"{name[:60]}.gguf").name == unicodedata.normalize(
        "NFC", f"{name[:60]}.gguf"
    )
    held = [
        model
        for model in held_models(Settings(home=tmp_path), cache=tmp_path / "hub")
        if is_named(model, name)
    ]
    assert [model.name for model in held] == [kept]


@pytest.mark.parametrize(
    "name",
    ["../out", "a/b", "a\\b", " a", "a ", "a.", "-a", ".a", "CON", "nul.gguf", "a:b", "a\nb", "a\u202eb", "a" * 201,
     "大" * 67, "Served", "checksums.json"],
)  # fmt: skip
def test_a_name_that_some_system_does_not_take_is_refused(name: str, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="--as"):
        added(folder, tmp_path, name=name)
    assert names(tmp_path) == {}


def test_a_folder_is_copied_with_its_card_and_computes_the_same(folder: Path, tmp_path: Path) -> None:
    copied = added(folder, tmp_path)
    assert LocalEmbedder(copied).fingerprint == LocalEmbedder(folder).fingerprint
    (held,) = with_checksums(
        [
            model
            for model in held_models(Settings(home=tmp_path), cache=tmp_path / "hub")
            if model.name == "tiny-e5"
        ],
        tmp_path / "models",
    )
    assert (held.kind, held.format, held.licence) == ("embedding", "safetensors", "apache-2.0")
    lines = sorted(
        (file.relative_to(folder).as_posix(), file_sha256(file))
        for file in folder.rglob("*")
        if file.is_file()
    )
    printed = "".join(f"{sha256}  {name}\n" for name, sha256 in lines)
    assert held.sha256 == hashlib.sha256(printed.encode()).hexdigest()
    with pytest.raises(Conflict, match="--as"):
        added(folder, tmp_path)
    added(folder, tmp_path, name="second")
    assert names(tmp_path) == {"second": "embedding", "tiny-e5": "embedding"}


def test_pickles_and_code_stay_behind_and_a_folder_of_nothing_else_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    import shutil

    source = tmp_path / "mixed"
    shutil.copytree(folder, source)
    (source / "pytorch_model.bin").write_bytes(b"pickle")
    (source / "modeling.py").write_text("raise SystemExit")
    said: list[str] = []
    copied = copy_model(source, tmp_path / "models", name=None, announce=said.append)
    assert not (copied / "pytorch_model.bin").exists()
    assert not (copied / "modeling.py").exists()
    assert "pytorch_model.bin" in " ".join(said)
    (source / "model.safetensors").unlink()
    with pytest.raises(Misconfigured, match=r"pytorch_model\.bin alone"):
        added(source, tmp_path, name="other")
    assert names(tmp_path) == {"mixed": "embedding"}


@pytest.mark.parametrize("harm", ["cut", "code", "link", "nothing", "name"])
def test_what_may_not_be_loaded_is_refused_and_leaves_nothing(
    harm: str, folder: Path, tmp_path: Path
) -> None:
    import shutil

    source = tmp_path / "harmful"
    shutil.copytree(folder, source)
    weights = source / "model.safetensors"
    name = None
    if harm == "cut":
        weights.write_bytes(weights.read_bytes()[:-10])
    elif harm == "code":
        config = json.loads((source / "config.json").read_text())
        (source / "config.json").write_text(json.dumps({**config, "auto_map": {"AutoModel": "x.Y"}}))
    elif harm == "link":
        (tmp_path / "secret.txt").write_text("secret")
        (source / "notes.txt").symlink_to(tmp_path / "secret.txt")
    elif harm == "nothing":
        (source / "config.json").unlink()
    else:
        name = "served"
    with pytest.raises((BadInput, Misconfigured)):
        copy_model(source, tmp_path / "models", name=name, announce=lambda _: None)
    assert names(tmp_path) == {}


def test_a_model_of_the_hub_s_cache_keeps_its_identity(folder: Path, tmp_path: Path) -> None:
    import shutil

    snapshot = tmp_path / "hub" / "models--owner--tiny" / "snapshots" / ("a" * 40)
    shutil.copytree(folder, snapshot)
    blob = tmp_path / "hub" / "models--owner--tiny" / "blobs" / "weights"
    blob.parent.mkdir()
    (snapshot / "model.safetensors").rename(blob)
    (snapshot / "model.safetensors").symlink_to(blob)
    copied = added(snapshot, tmp_path)
    assert copied.name == "tiny"
    assert (read_spec(copied).model, read_spec(copied).revision) == ("owner/tiny", "a" * 40)


def test_a_file_is_copied_under_the_name_that_is_wanted(gguf: Path, tmp_path: Path) -> None:
    copied = added(gguf, tmp_path, name="mine.gguf")
    assert copied.read_bytes() == gguf.read_bytes()
    assert names(tmp_path) == {"mine.gguf": "embedding"}
    for wrong, said in ((tmp_path / "none", "no file or folder"), (HERE / "app.py", "GGUF")):
        with pytest.raises(BadInput, match=said):
            added(wrong, tmp_path)
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF\x03")
    with pytest.raises(Misconfigured, match="GGUF"):
        added(broken, tmp_path)


def test_what_broke_off_on_its_way_here_is_not_taken(gguf: Path, folder: Path, tmp_path: Path) -> None:
    import shutil

    broken = tmp_path / "half.gguf"
    broken.write_bytes(gguf.read_bytes()[:-1])
    with pytest.raises(Misconfigured, match="bytes are meant"):
        added(broken, tmp_path)
    for name, content in (("config.json", "{"), ("tokenizer.json", None), ("tokenizer_config.json", None)):
        copy = shutil.copytree(folder, tmp_path / "from" / name / "tiny")
        (copy / name).unlink()
        if content is not None:
            (copy / name).write_text(content, encoding="utf-8")
        with pytest.raises(Misconfigured, match=name):
            added(copy, tmp_path)
    assert names(tmp_path) == {}


def test_a_model_in_several_files_comes_whole_or_not_at_all(gguf: Path, tmp_path: Path) -> None:
    first = tmp_path / "big-00001-of-00002.gguf"
    first.write_bytes(gguf.read_bytes())
    with pytest.raises(BadInput, match="big-00002-of-00002"):
        added(first, tmp_path)
    (tmp_path / "big-00002-of-00002.gguf").write_bytes(gguf.read_bytes())
    added(first, tmp_path)
    assert list(names(tmp_path)) == [first.name]
    assert (tmp_path / "models" / "big-00002-of-00002.gguf").is_file()


def test_without_room_nothing_is_begun(gguf: Path, tmp_path: Path) -> None:
    huge = tmp_path / "huge.gguf"
    huge.write_bytes(gguf.read_bytes())
    with huge.open("r+b") as file:
        file.truncate(1 << 42)  # sparse
    with pytest.raises(DiskFull, match=r"huge\.gguf"):
        added(huge, tmp_path)
    assert names(tmp_path) == {}


def test_a_copy_that_is_killed_leaves_nothing_that_counts(gguf: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.gguf"
    large.write_bytes(gguf.read_bytes())
    with large.open("r+b") as file:
        file.truncate(1 << 29)
    script = (
        "import sys; from pathlib import Path; from kb.models.catalogue.copying import copy_model; "
        "copy_model(Path(sys.argv[1]), Path(sys.argv[2]), name=None, announce=print)"
    )
    models = tmp_path / "models"
    with subprocess.Popen([sys.executable, "-c", script, str(large), str(models)], cwd=HERE) as process:
        wait_until(lambda: (models / ".arriving" / "large.gguf").exists())
        process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    assert process.returncode != 0
    assert names(tmp_path) == {}
    added(gguf, tmp_path)
    assert list(names(tmp_path)) == [gguf.name]
    assert not list((models / ".arriving").iterdir())
