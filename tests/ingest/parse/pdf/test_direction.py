from __future__ import annotations

from ingest.parse.pdf.direction import in_reading_direction

Box = tuple[float, float, float, float]


def drawn(logical: str, *, columns: dict[int, int] | None = None) -> tuple[list[tuple[str, Box]], str]:
    """The letters of a line set from right to left, each in a cell of ten points; spaces are only gaps."""
    cells = [(char, (columns or {}).get(i, 40 - i)) for i, char in enumerate(logical)]
    return [(char, (10.0 * x, 0.0, 10.0 * x + 10, 12.0)) for char, x in cells if char != " "], logical


def read(letters: list[tuple[str, Box]]) -> str:
    text = "".join(char for char, _ in letters)
    found, order = in_reading_direction(text, [box for _, box in letters].__getitem__)
    assert len(found) == len(order)
    assert all(char == text[index] or char == " " for char, index in zip(found, order, strict=True))
    return found


def test_a_line_drawn_from_right_to_left_is_turned_back_and_gets_its_spaces() -> None:
    letters, logical = drawn("שלום עולם טוב")
    assert read(letters[::-1]) == logical  # PDFium turns round what was drawn in the order of reading


def test_numbers_and_latin_words_in_it_stay() -> None:
    # "covid" runs from left to right in the cells that it takes up, right to left of the words around it
    logical = "שלום covid עולם"
    letters, _ = drawn(logical, columns={i: 40 - 5 - (9 - i) for i in range(5, 10)})
    turned = [*letters[9:][::-1], *letters[4:9], *letters[:4][::-1]]
    assert read(turned) == logical


def test_a_line_in_the_right_order_stays_as_it_is() -> None:
    letters, _ = drawn("שלום עולם")
    assert read(letters) == "שלוםעולם"  # no spaces are put in where nothing was turned
    assert in_reading_direction("plain text", lambda _: (0.0, 0.0, 1.0, 1.0)) == ("plain text", range(10))
