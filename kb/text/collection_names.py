"""What a collection may be called, whichever door its name comes in by."""

from __future__ import annotations

from kb.errors import BadInput
from kb.text.visible import visible_line

MAX_COLLECTION = 200
"""Characters of the name of a collection."""


def require_collection_name(name: str) -> None:
    """Raises BadInput for a name that cannot be shown on a line as it is, or is too long. Stored ones stay."""
    if not name.strip() or len(name) > MAX_COLLECTION or visible_line(name) != name:
        raise BadInput(
            f"A collection has a name of at most {MAX_COLLECTION} characters, on one line and without control "
            "characters."
        )
