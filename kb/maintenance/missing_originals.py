"""Documents whose original file is gone: an older database was put back, or somebody removed files."""

from __future__ import annotations

from kb.state.blobs import BlobStore
from kb.state.documents import Documents
from kb.state.notices import Notices
from kb.types import DocumentState

_NAMED = 10
"""How many documents the notice names; more would push everything else off the page."""


def say_missing_originals(documents: Documents, blobs: BlobStore, notices: Notices) -> None:
    """Leaves a notice that names the documents without an original file; for the process that holds the folder."""
    present = blobs.hashes()
    lacking = [
        document.name
        for document in documents.all()
        if document.state is not DocumentState.DELETING and document.sha256 not in present
    ]
    if not lacking:
        return
    lacking.sort()
    names = ", ".join(lacking[:_NAMED])
    more = f" and {len(lacking) - _NAMED} more" if len(lacking) > _NAMED else ""
    notices.add(
        f"The originals of these documents in the list are gone: {names}{more}. What was read of them is "
        "still found, but they can neither be shown nor read again. Was the database replaced by an older one? Then "
        "they may have been removed since that one was made: remove them again, or add their files."
    )
