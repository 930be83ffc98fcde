"""What the strings and numbers of the API may be: every one has an end, so none can fill the memory or the database."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from kb.text.collection_names import MAX_COLLECTION
from kb.text.query_syntax import LONGEST_QUESTION

MAX_NAME = 1000
"""Characters of the name of a document."""
MAX_QUESTION = LONGEST_QUESTION
MAX_TEXT = 100_000
"""Characters of an answer or of a passage."""

MAX_IN_ADDRESS = 4000
"""Characters, each of which may take twelve there; servers read addresses of 64 KB."""


def without_nul(text: str) -> str:
    """Returns ``text`` as it is.

    Raises:
        ValueError: the character NUL is in it, which ends strings for SQLite and for the file system.
    """
    if "\0" in text:
        raise ValueError("it holds the character NUL")
    return text


_Clean = AfterValidator(without_nul)

Truth = Annotated[bool, Field(strict=True)]
"""In a body: neither a number nor a word is one."""

Id = Annotated[str, Field(max_length=200), _Clean]
"""Of a document, a conversation or a request."""
Name = Annotated[str, Field(max_length=MAX_NAME), _Clean]
"""Of a document, or of a file of the page."""
Collection = Annotated[str, Field(max_length=MAX_COLLECTION), _Clean]
Label = Annotated[str, Field(max_length=200), _Clean]
"""A tag, a language, the ending of a file name."""
Date = Annotated[str, Field(max_length=40), _Clean]
QuestionText = Annotated[str, Field(max_length=MAX_QUESTION), _Clean]
AddressText = Annotated[str, Field(max_length=MAX_IN_ADDRESS), _Clean]
"""Text in an address; a longer one is sent in a body."""
Text = Annotated[str, Field(max_length=MAX_TEXT), _Clean]
ModelName = Annotated[str, Field(max_length=1000), _Clean]
FilePath = Annotated[str, Field(max_length=4096), _Clean]
SettingName = Annotated[str, Field(max_length=200), _Clean]
SettingValue = Annotated[str, Field(max_length=4096), _Clean]
RowId = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""What JSON can number in every program: SQLite could go on."""
Offset = Annotated[int, Field(ge=0, le=2**31)]
PageNumber = Annotated[int, Field(ge=0, le=10**6)]
