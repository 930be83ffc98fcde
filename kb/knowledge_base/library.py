"""The documents of a library: adding, listing, labelling and removing them, and what is in them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kb.config import DEFAULT_COLLECTION
from kb.errors import BadInput, Damaged, DiskFull, NotFound
from kb.knowledge_base.parts import Parts
from kb.knowledge_base.storage_limit import StorageLimit, StorageUse
from kb.knowledge_base.whose import require_changeable, whose, writable
from kb.ports import PageRenderer
from kb.state.chunks import no_passage
from kb.state.deletion import delete_pending
from kb.state.document_filter import selecting
from kb.state.facets import all_added_bytes, facets, not_ready
from kb.state.job_control import Control
from kb.state.labelled_questions import LabelledQuestions
from kb.state.tags import Labels
from kb.system.file_paths import full_path, sent_path
from kb.system.processes import new_owner
from kb.system.public_address import public_address
from kb.system.redact import without_our_keys
from kb.text.visible import visible_line
from kb.types import (
    FROM_FILE,
    FROM_PAGE,
    FROM_UPLOAD,
    AccessScope,
    Added,
    Caller,
    Chunk,
    Document,
    DocumentState,
    Facets,
    LabelledQuestion,
    Origin,
    Rect,
    SameName,
)

if TYPE_CHECKING:
    from kb.engine.loader import Engine

_CHANGE_POLL_SECONDS = 0.2
_UNREADABLE = 2**31
"""What stands for the version of a database that cannot be read; SQLite counts from 1."""


class LibraryService:
    """What a caller can do with documents. Those of others are not there: naming one raises NotFound."""

    def __init__(
        self, parts: Parts, *, renderer: PageRenderer, opened_engine: Callable[[], Engine | None]
    ) -> None:
        """``opened_engine``: the engine, or None before anybody needed it."""
        self._parts = parts
        self._documents = parts.documents
        self._blobs = parts.blobs
        self._control = Control(parts.database)
        self._labels = Labels(parts.database)
        megabytes = parts.settings.limits.storage_megabytes
        self._storage = StorageLimit(parts.database, megabytes=megabytes)
        self._labelled = LabelledQuestions(parts.database)
        self._renderer = renderer
        self._opened_engine = opened_engine

    # --- Adding and removing ------------------------------------------------------------------

    def add(
        self,
        source: Path,
        name: str,
        collection: str = DEFAULT_COLLECTION,
        *,
        caller: Caller,
        path: str = "",
        same_name: SameName | None = None,
    ) -> Added:
        """Takes a copy of a file that was sent and queues its import; both are on disk when this returns.

        In ``name``, what cannot be shown becomes an escape. ``path`` is where it was within the folder that was
        sent with it, if any. ``same_name`` None takes a file with a path for a new version of what was sent with
        that path; of a bare name nobody knows, so that both files stay.

        Raises:
            BadInput: the file cannot be read, or is larger than the limit; no collection can be called so.
            DiskFull: there is no room for it; nothing of it is left.
            Denied: the caller's key may not write there.
            OverLimit: the caller would keep more than they may.
        """
        collection = writable(collection, caller)
        where = visible_line(sent_path(public_address(path)))
        name = visible_line(public_address(name))
        origin = Origin(name, collection, where or name, FROM_UPLOAD, caller.id)
        by_itself = SameName.VERSION if where else SameName.SECOND
        with self._storage.room_for(source, caller=caller):
            return self._add(source, origin, same_name or by_itself, caller)

    def add_file(
        self, file: Path, collection: str = DEFAULT_COLLECTION, *, caller: Caller, same_name: SameName
    ) -> Added:
        """Takes a copy of a file of this machine, as ``add`` does; its absolute path is its place, however it is named.

        Raises:
            BadInput, DiskFull: as ``add`` does.
        """
        collection = writable(collection, caller)
        name = visible_line(file.name)
        origin = Origin(name, collection, full_path(file), FROM_FILE, caller.id)
        return self._add(file, origin, same_name, caller)

    def add_page(
        self, text: Path, name: str, collection: str = DEFAULT_COLLECTION, *, address: str, caller: Caller
    ) -> Added:
        """Takes a copy of a text of a web page as ``add`` does; ``address`` is kept as its folder, empty for none.

        What logs somebody in to the page is not kept with it (``public_address``). Another text of the same page is
        another document, and the same once more is found.

        Raises:
            BadInput, DiskFull, Denied, OverLimit: as ``add`` does.
        """
        if not address:
            return self.add(text, name, collection, caller=caller)
        collection = writable(collection, caller)
        name, address = visible_line(public_address(name)), visible_line(public_address(address))
        origin = Origin(name, collection, f"{address}/{name}", FROM_PAGE, caller.id)
        with self._storage.room_for(text, caller=caller):
            return self._add(text, origin, SameName.SECOND, caller)

    def storage(self, *, caller: Caller) -> StorageUse:
        """Returns what the caller keeps, on the page and with all their keys, and how much they may."""
        return self._storage.use(caller=caller)

    def kept_by_person(self, *, caller: Caller) -> dict[int, int]:
        """Returns account -> the bytes of what they added, of all that added something; raises Denied."""
        caller.require_whole()
        return all_added_bytes(self._parts.database)

    def _add(self, source: Path, origin: Origin, same_name: SameName, caller: Caller) -> Added:
        limit = self._parts.settings.parsing.max_file_megabytes << 20

        def settled(sha256: str) -> Origin:
            return self._documents.settle(origin, sha256, same_name=same_name)

        blob = self._blobs.put(source, name=origin.name, max_bytes=limit, origin=settled)
        try:
            added = self._documents.add(blob, origin, same_name=same_name, person=caller.person_id)
        except DiskFull:
            if blob.sha256 not in self._documents.blobs_in_use():
                # whoever adds the same bytes just now looks for them afterwards
                self._blobs.remove(blob.sha256)
            raise
        while not self._blobs.path(blob.sha256).is_file():
            # The last other document with these bytes was deleted in between, and the file with it.
            self._blobs.put(source, name=origin.name, max_bytes=limit, origin=settled)
        return added

    def remove(self, document_ids: Sequence[str], *, caller: Caller) -> None:
        """Deletes documents: from here on nothing finds them. The worker deletes what is stored of them.

        Raises:
            NotFound: one of them does not exist, and then none is deleted.
        """
        require_changeable(self._documents, document_ids, caller)
        self._parts.reserve.with_reserve(lambda: self._control.remove(document_ids, person=caller.person_id))

    def delete_pending(self) -> None:
        """Deletes the rows of removed documents where no worker does; the indexes follow when they are next opened."""
        delete_pending(self._parts.jobs, self._parts.steps, self._blobs, owner=new_owner("burials"))
        if (engine := self._opened_engine()) is not None:
            engine.index.sweep()

    # --- Listing ------------------------------------------------------------------------------

    def documents(
        self, *, caller: Caller, collection: str | None = None, limit: int = 200, offset: int = 0
    ) -> list[Document]:
        """Returns documents, newest first; ``collection=None`` lists all, ``limit=-1`` sets no limit."""
        collection = None if collection is None else caller.collection_named(collection)
        return self._documents.page(collection=collection, limit=limit, offset=offset, **whose(caller))

    def existing(self, document_ids: Iterable[str], *, caller: Caller) -> list[Document]:
        """Returns the documents that have not been removed."""
        return self._documents.existing(document_ids, **whose(caller))

    def document(self, document_id: str, *, caller: Caller) -> Document:
        return self._documents.get(document_id, **whose(caller))

    def newer_version(self, document_id: str, *, caller: Caller) -> Document | None:
        """Returns the version that takes a document's place once it is ready; None where there is none."""
        return self._documents.replacing(document_id, **whose(caller))

    def count(
        self, *, caller: Caller, collection: str | None = None, state: DocumentState | None = None
    ) -> int:
        """Returns how many documents there are, of a collection and in a state where these are given."""
        collection = None if collection is None else caller.collection_named(collection)
        return self._documents.count(collection=collection, state=state, **whose(caller))

    def collections(self, *, caller: Caller) -> list[str]:
        """Returns the names of all collections that hold documents, in alphabetical order."""
        return caller.within(self._documents.collections(owner=caller.id))

    def facets(self, *, caller: Caller) -> Facets:
        """Returns the values that questions can be filtered by."""
        return facets(self._parts.database, **whose(caller))

    def selecting(self, document: Document, *, caller: Caller) -> str:
        """Returns what ``Filters.documents`` selects a document by that is searched, and no other of its name."""
        return selecting(self._parts.database, document, **whose(caller))

    def not_ready(self, *, caller: Caller) -> int:
        """Returns how many documents are being imported and cannot be found yet."""
        return not_ready(self._parts.database, **whose(caller))

    def wait_for_change(self, seen: int, timeout: float) -> int:
        """Waits until the library differs from when this returned ``seen``; gives the new number, or the same.

        A database that can no longer be read has changed once more, and never again.
        """
        deadline = time.monotonic() + timeout
        while (version := self._version()) == seen and time.monotonic() < deadline:
            time.sleep(_CHANGE_POLL_SECONDS)
        return version

    def _version(self) -> int:
        try:
            return self._parts.database.data_version()
        except Damaged:
            return _UNREADABLE

    # --- Labelling ----------------------------------------------------------------------------

    def tag(
        self,
        document_ids: Sequence[str],
        *,
        caller: Caller,
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
    ) -> None:
        """Adds and removes tags; one that is there already, or is not, is passed over.

        Raises:
            NotFound: one of the documents does not exist, and then none is changed.
            BadInput: a tag is empty or too long.
        """
        require_changeable(self._documents, document_ids, caller)
        self._labels.tag(document_ids, add=add, remove=remove)

    def set_searchable(self, document_ids: Sequence[str], *, searchable: bool, caller: Caller) -> None:
        """Says whether documents are searched; raises NotFound."""
        require_changeable(self._documents, document_ids, caller)
        self._labels.enable(document_ids, searchable=searchable)

    def label_question(
        self, question: str, chunk_id: int, *, caller: Caller, quote: str = ""
    ) -> LabelledQuestion:
        """Keeps ``question`` with the passage that answers it, or with the words of it that do.

        Raises:
            NotFound: there is no such passage any more.
            BadInput: the question is empty.
        """
        caller.require_whole(AccessScope.WRITE)
        if not question.strip():
            raise BadInput("There is no question to keep.")
        passage = self.passage(chunk_id, caller=caller)
        document = self.document(passage.document_id, caller=caller)
        return self._labelled.keep(
            without_our_keys(question.strip()),
            sha256=document.sha256,
            document=document.name,
            page=passage.anchor.page,
            quote=quote.strip() or passage.text,
            owner=caller.id,
        )

    def labelled_questions(self, *, caller: Caller) -> list[LabelledQuestion]:
        """Returns every labelled question, newest first."""
        caller.require_whole(AccessScope.READ)
        return self._labelled.all(owner=caller.id)

    def remove_labelled_question(self, labelled_id: int, *, caller: Caller) -> None:
        caller.require_whole(AccessScope.WRITE)
        self._labelled.remove(labelled_id, owner=caller.id)

    # --- What is in a document ----------------------------------------------------------------

    def original(self, document_id: str, *, caller: Caller) -> Path:
        """Returns the file as it was added; its name is its hash. Raises NotFound."""
        path = self._blobs.path(self.document(document_id, caller=caller).sha256)
        if not path.is_file():
            raise NotFound("The file of this document is missing from the data folder. Add it again.")
        return path

    def passage(self, chunk_id: int, *, caller: Caller) -> Chunk:
        chunk = self._parts.chunks.get(chunk_id)
        if not self._documents.existing([chunk.document_id], **whose(caller)):
            raise no_passage(chunk_id)  # as if it were not there
        return chunk

    def passages(self, document_id: str, *, caller: Caller, start: int = 0, count: int = -1) -> list[Chunk]:
        """Returns the passages of a document in order, from position ``start``; ``count=-1`` all. Raises NotFound."""
        self._documents.require([document_id], **whose(caller))
        return self._parts.chunks.of(document_id, start=start, count=count)

    def page_picture(
        self,
        document_id: str,
        page: int,
        *,
        caller: Caller,
        rects: Sequence[Rect] = (),
        width: int = 900,
    ) -> bytes:
        """Returns a page of a PDF as a PNG with ``rects`` highlighted; raises NotFound, BadInput."""
        original = self.original(document_id, caller=caller)
        return self._renderer.render(original, page, rects=rects, width=width)
