"""Documents of one name, told apart."""

from __future__ import annotations

import pytest

from kb.state.namesakes import NamedDocument, display_names, told_apart
from kb.types import Also, Anchor, Chunk, Document, DocumentState, Hit


def _named(*places: tuple[str, str, str]) -> list[str]:
    """Returns what documents of these (name, folder, collection) are called, in order."""
    documents = [
        NamedDocument(str(index), name, collection, folder)
        for index, (name, folder, collection) in enumerate(places)
    ]
    names = display_names(documents)
    return [names.get(document.id, document.name) for document in documents]


def test_names_that_differ_stay_as_they_are() -> None:
    assert (
        display_names(
            [NamedDocument("1", "a.txt", "default", "x"), NamedDocument("2", "b.txt", "default", "x")]
        )
        == {}
    )


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ((("r.txt", "2024", "default"), ("r.txt", "2025", "default")), ["2024/r.txt", "2025/r.txt"]),
        ((("r.txt", "/home/a/x", "default"), ("r.txt", "/home/b/x", "default")), ["a/x/r.txt", "b/x/r.txt"]),
        ((("r.txt", "", "default"), ("r.txt", "2025", "default")), ["r.txt", "2025/r.txt"]),
        ((("r.txt", "x", "default"), ("r.txt", "a/x", "default")), ["x/r.txt", "a/x/r.txt"]),
        ((("r.txt", "", "default"), ("r.txt", "", "财务")), ["r.txt", "r.txt (财务)"]),
        ((("r.txt", "", "Sales"), ("r.txt", "", "Finance")), ["r.txt (Sales)", "r.txt (Finance)"]),
        ((("r.txt", "x", "Sales"), ("r.txt", "x", "Finance")), ["r.txt (Sales)", "r.txt (Finance)"]),
        ((("r.txt", "x", "default"), ("s.txt", "x", "default")), ["r.txt", "s.txt"]),
    ],
)  # fmt: skip
def test_the_shortest_end_of_a_path_tells_else_the_collection(
    places: tuple[tuple[str, str, str], ...], expected: list[str]
) -> None:
    assert _named(*places) == expected


def test_one_document_found_twice_needs_nothing() -> None:
    document = NamedDocument("1", "r.txt", "default", "2024")
    assert display_names([document, document]) == {}


def test_hits_and_what_stands_elsewhere_in_the_same_words_are_told_apart() -> None:
    def hit(key: str, folder: str, *also: Also) -> Hit:
        document = Document(key, "r.txt", "default", DocumentState.READY, "", 0, "", folder=folder)
        return Hit(Chunk("text", document_id=key), document, 1.0, also=also)

    also = Also(7, "c", "r.txt", Anchor(), collection="default", folder="2023")
    first, second = told_apart([hit("a", "2024", also), hit("b", "2025")])
    assert (first.display_name, second.display_name) == ("2024/r.txt", "2025/r.txt")
    assert first.also[0].display_name == "2023/r.txt"
    (alone,) = told_apart([hit("a", "2024")])
    assert alone.display_name == "r.txt"
    assert not alone.told_apart
