"""The whole way with the network cable out: in a network namespace that has no route anywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ingest import pdf_samples
from tests.kb.models.embed.unpacked import bundled_home

ROOT = Path(__file__).parents[1]


def without_network(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("FOOTNOTE_", "HF_"))}
    command = ["unshare", "--net", sys.executable, str(ROOT / "app.py"), *arguments, "--home", str(home)]
    return subprocess.run(command, capture_output=True, text=True, env=own, timeout=300)


@pytest.fixture
def offline() -> None:
    """Skips where namespaces cannot be made: elsewhere than on Linux, or without the right to."""
    if (
        not shutil.which("unshare")
        or subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode
    ):
        pytest.skip("needs Linux, and the right to make a network namespace")


@pytest.mark.usefixtures("offline")
def test_a_pdf_is_added_and_asked_about_without_any_network(tmp_path: Path) -> None:
    home = bundled_home(tmp_path / "home")
    file = pdf_samples.english(tmp_path / "lighthouse.pdf")
    added = without_network("add", str(file), "--json", home=home)
    assert [found["state"] for found in json.loads(added.stdout)] == ["ready"], added.stderr
    asked = without_network("ask", "How many vessels did the keeper count in one night?", "--json", home=home)
    answer = json.loads(asked.stdout)
    assert "forty vessels" in answer["answer"]
    assert [(found["document"], found["page"]) for found in answer["citations"]] == [("lighthouse.pdf", 1)]
