"""What questions can be narrowed down by."""

from __future__ import annotations

from kb.state.facets import facets, known_value, not_ready
from kb.state.tags import Labels
from kb.types import Origin, SameName
from tests.state import State, blob


def test_questions_can_be_narrowed_down_by_what_is_findable(state: State) -> None:
    labels = Labels(state.database)
    first, second = state.ready("a", "one.pdf"), state.ready("b", "two.PDF")
    third, hidden = state.ready("c", "three.docx"), state.ready("d", "four.md")
    state.add("e", "queued.xlsx")
    labels.tag([first, second, hidden], add=["steel"])
    labels.tag([third], add=["old"])
    labels.tag([hidden], add=["secret"])
    labels.enable([hidden], searchable=False)
    with state.database.write() as connection:
        for document, folder in ((first, "/x/y/a"), (second, "/x/y/b/c"), (hidden, "/elsewhere")):
            connection.execute("UPDATE documents SET folder = ? WHERE id = ?", (folder, document))
    found = facets(state.database)
    assert found.folders == ("/x/y", "/x/y/a", "/x/y/b/c")  # /x would leave out nothing that /x/y does not
    assert set(found.documents) == {"one.pdf", "two.PDF", "three.docx"}
    assert found.types == ("pdf", "docx")
    assert found.languages == ("en",)
    assert found.tags == ("steel", "old")


def test_a_value_is_known_where_a_document_has_it(state: State) -> None:
    document = state.ready("a", "One.pdf", collection="My Papers")
    Labels(state.database).tag([document], add=["steel"])

    def known(field: str, value: str) -> str | None:
        return known_value(state.database, field, value)

    assert known("collections", "my papers") == "My Papers"
    assert (known("documents", "one.PDF"), known("documents", document)) == ("One.pdf", document)
    assert (known("types", "pdf"), known("types", "p_f"), known("types", "bug")) == ("pdf", None, None)
    with state.database.write() as connection:
        connection.execute("UPDATE documents SET folder = ? WHERE id = ?", ("a/b", document))
    assert (known("folders", "a/b"), known("folders", "a"), known("folders", "b")) == ("a/b", "a", None)
    assert (known("tags", "steel"), known("tags", "iron"), known("collections", "gate")) == (
        "steel",
        None,
        None,
    )


def test_what_cannot_be_found_yet_is_counted(state: State) -> None:
    old = state.ready("a", "one.pdf")
    state.add("b", "two.pdf")
    assert state.documents.add(blob("c"), Origin("one.pdf", "c"), same_name=SameName.VERSION).replaces
    assert not_ready(state.database) == 1, "of a new version the old one is found"
    assert not_ready(state.database, collections={"d"}) == 0
    state.documents.queue_embedding([old])
    assert not_ready(state.database) == 1, "it is embedded anew, and found meanwhile"
