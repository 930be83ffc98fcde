"""Changes of a whole library, or of one collection, on the real page: cost said, confirmed, done, undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import START_S, Served, Visit, served
from tests.kb.models.embed.tiny_model import tiny_qwen3

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LAB = "lab"
LINE = "The heron with number {number} stands in the river beside the old bridge and waits for fish."


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Two documents, one in a collection of its own."""
    root = tmp_path_factory.mktemp("changes")
    with served(root / "home", FOOTNOTE_ANSWERING__OLLAMA_URL="http://127.0.0.1:9") as running:
        for number, collection in enumerate(("default", LAB)):
            file = root / f"herons{number}.txt"
            lines = (LINE.format(number=number * 100 + place) for place in range(40))
            file.write_text("\n\n".join(lines), encoding="utf-8")
            post(
                running,
                "/api/documents",
                data={"collection": collection},
                files={"file": (file.name, file.read_bytes())},
            )
        assert set(running.wait_until_settled().values()) == {"ready"}
        yield running


def post(app: Served, path: str, **request: Any) -> Any:
    response = app.post(path, **request)
    response.raise_for_status()
    return response.json()


def said_of(app: Served, path: str) -> Any:
    return app.get(path).json()


def label(app: Served, question: str, collection: str) -> None:
    """Keeps the passage that is found first as the one that answers."""
    found = post(app, "/api/search", json={"question": question, "collection": collection, "k": 1})
    post(app, "/api/kept-questions", json={"question": question, "chunk_id": found["hits"][0]["chunk_id"]})


def confirm(page: Page, act: str, *costs: str) -> None:
    dialog = page.get_by_role("dialog")
    for cost in costs:
        expect(dialog).to_contain_text(cost)
    dialog.get_by_role("button", name=act).click()


def part(page: Page, app: Served, name: str) -> Locator:
    page.goto(f"{app.address}/settings")
    found = page.locator(f"footnote-{name}")
    found.scroll_into_view_if_needed()
    return found


def test_a_collection_gets_a_model_and_a_task_of_its_own_and_gives_them_back(
    app: Served, visit: Visit, tmp_path: Path
) -> None:
    label(app, LINE.format(number=117), LAB)
    page = visit.page
    embedder = part(page, app, "embedder")
    expect(embedder).to_contain_text("384")  # what the library has
    embedder.get_by_label("Applies to").select_option(LAB)
    embedder.get_by_label("Model", exact=True).fill(str(tiny_qwen3(tmp_path / "qwen3")))
    embedder.get_by_label("Engine").select_option("torch")
    embedder.get_by_role("button", name="What would it cost?").click()
    confirm(page, "Cancel", "to qwen3, 64 dimensions", "passages are embedded")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert said_of(app, "/api/embedder")["collections"] == []
    embedder.get_by_role("button", name="What would it cost?").click()
    confirm(page, "Change", "to qwen3, 64 dimensions")
    own = embedder.get_by_role("listitem")
    expect(own).to_contain_text(f"{LAB}: ")
    expect(own).to_contain_text("qwen3")
    expect(own).to_contain_text("Of 1 labelled questions")
    expect(own).not_to_contain_text("still to be embedded")
    (kept,) = said_of(app, "/api/embedder")["collections"]
    assert (kept["collection"], kept["lacking"], kept["problem"]) == (LAB, 0, None)
    embedder.get_by_label("Model", exact=True).fill("")
    embedder.get_by_label("Engine").select_option("")
    embedder.get_by_label("Task").select_option("code")
    embedder.get_by_role("button", name="What would it cost?").click()
    confirm(page, "Change", "no model runs over")
    expect(own).to_contain_text("Given a question or a description of what code does")
    own.get_by_role("button", name="Undo the last change").click()
    expect(own).not_to_contain_text("Given a question")
    embedder.get_by_label("Task").select_option("")
    embedder.get_by_label("Model", exact=True).fill("library")
    embedder.get_by_role("button", name="What would it cost?").click()
    confirm(page, "Change", "no model runs over")
    expect(own).to_contain_text("the library's model")
    assert said_of(app, "/api/embedder")["collections"][0]["model"] is None
    assert visit.errors == []


def test_passages_get_another_length_and_their_old_one_again(app: Served, visit: Visit) -> None:
    label(app, LINE.format(number=17), "default")
    page = visit.page
    chunker = part(page, app, "chunker")
    expect(chunker).to_contain_text("at most 208 tokens")
    expect(chunker.get_by_role("button", name="Return to")).to_have_count(0)
    chunker.get_by_role("spinbutton").fill("9")
    chunker.get_by_role("button", name="What would it cost?").click()
    expect(chunker.get_by_role("alert")).to_contain_text("32")
    chunker.get_by_role("spinbutton").fill("64")
    chunker.get_by_role("button", name="What would it cost?").click()
    confirm(page, "Change", "From 208 to 64 tokens: 2 documents are cut anew", "measured on 2 documents")
    expect(chunker).to_contain_text("at most 64 tokens", timeout=1000 * START_S)
    expect(chunker).to_contain_text("labelled questions")
    expect(chunker).to_contain_text("MB of former passages are kept")
    assert said_of(app, "/api/chunker")["others"] == 0
    chunker.get_by_role("button", name="Return to 208").click()
    expect(chunker).to_contain_text("at most 208 tokens", timeout=1000 * START_S)
    chunker.get_by_role("button", name="Delete former passages").click()
    confirm(page, "Delete former passages", "cannot be undone")
    expect(chunker).not_to_contain_text("former passages are kept")
    expect(chunker.get_by_role("button", name="Return to")).to_have_count(0)
    assert [error for error in visit.errors if "400" not in error] == []
