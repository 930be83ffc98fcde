"""``compose.yaml`` and ``Dockerfile``, as far as they can be checked without a container engine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from kb.config import load_settings

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = YAML(typ="safe").load(ROOT / "compose.yaml")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, held in SERVICES.items() if held["image"].startswith("footnote:")]


def test_compose_keeps_to_the_specification() -> None:
    checked = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*checked, ROOT / "compose.yaml"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def image_environment() -> dict[str, str]:
    joined = DOCKERFILE.replace("\\\n", " ")
    return dict(re.findall(r"(FOOTNOTE_\w+)=(\S+)", joined))


@pytest.mark.parametrize("name", OURS)
def test_footnote_takes_every_setting_that_it_is_given(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("a-key-of-the-test", encoding="utf-8")
    given = image_environment() | SERVICES[name]["environment"] | {"FOOTNOTE_HOME": str(tmp_path)}
    for variable, value in given.items():
        value = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
        value = re.sub(r"\$\{\w+:\+(?:[^${}]|\$\{[^}]*\})*\}", "", value)
        monkeypatch.setenv(variable, str(tmp_path / "key") if value.startswith("/run/secrets/") else value)
    settings = load_settings()
    assert settings.server.host == "0.0.0.0"
    assert settings.notes == ()
    assert (settings.embedding.engine == "endpoint") == ("gpu" in SERVICES[name]["profiles"])


def test_images_are_pinned_and_no_key_stands_in_the_file() -> None:
    for name, held in SERVICES.items():
        assert re.search(r":\$\{\w+_VERSION:-v?\d+\.\d+[\w.-]*\}$|^footnote:local$", held["image"]), name
    assert re.findall(r"^FROM python:\d+\.\d+\.\d+-slim-\w+", DOCKERFILE, re.MULTILINE)
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("./secrets/")
    assert "secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


def test_whatever_runs_for_long_says_whether_it_lives_and_only_pages_are_reached() -> None:
    for name, held in SERVICES.items():
        if held["profiles"] == ["fetch"]:
            continue
        assert "healthcheck" in held or name in OURS, name
        assert ("ports" in held) == (name in (*OURS, "open-webui")), name
        assert held["restart"] == "unless-stopped", name
    assert "HEALTHCHECK" in DOCKERFILE
    assert re.search(r"^USER [1-9]\d+$", DOCKERFILE, re.MULTILINE), "not the account that may do anything"


def test_the_image_holds_what_the_app_needs_and_nothing_else() -> None:
    copied = set(re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE))
    files = {name for line in copied for name in line.split()}
    assert files == {"app.py", "kb", "ingest", "requirements.txt", "constraints.txt"}
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == files
