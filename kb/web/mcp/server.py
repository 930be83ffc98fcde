"""The tools and resources, whichever way a client reaches them."""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import anyio.to_thread
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError, UnexpectedToolError
from mcp.types import CallToolResult, InputRequiredResult, ToolAnnotations
from pydantic import Field, ValidationError

from kb.errors import BackendDown, BadInput, FootnoteError, NotFound
from kb.system.redact import without_our_keys
from kb.types import AccessScope, Caller, Question
from kb.web.api import fields
from kb.web.api.errors import invalid
from kb.web.mcp import results
from kb.web.mcp.answering import AnswersWire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.knowledge_base import KnowledgeBase

INSTRUCTIONS = (
    "Footnote holds the documents of a person and answers from them. Use `ask` for an answer whose sentences carry "
    "footnotes [n]; use `search` for passages to read yourself. Cite documents by name and page. Lists are short: pass "
    "`next_cursor` back as `cursor` for more."
)
_MOST_SEARCHED = 100
_LONGEST_NUMBER = 7
"""Digits of the number of a page."""
_MOST_BYTES = 1 << 20
"""Of a file that comes within a call; larger ones go to POST /api/documents."""

Collection = Annotated[fields.Collection | None, Field(description="Only this collection; null for all")]
Cursor = Annotated[
    str | None, Field(max_length=9, description="next_cursor of the call before; null to begin")
]
Query = Annotated[fields.QuestionText, Field(min_length=1)]
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)

CallerOf = Callable[[Context[Any, Any]], Caller]
"""Returns whom a call is made for."""


class _Server(MCPServer[Any]):
    """Says in a sentence which argument of a call is not taken, where the SDK prints pydantic's report."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            cause = error.__cause__
            if isinstance(error, UnexpectedToolError) or not isinstance(cause, ValidationError):
                raise
            found = [{**each, "loc": ("arguments", *each["loc"])} for each in cause.errors()]
            raise ToolError(str(invalid(found))) from cause


def build_server(kb: KnowledgeBase, answering: Callable[[], AnswersWire], caller_of: CallerOf) -> MCPServer:
    """Returns the server; ``answering`` gives, for each call, what searches and answers."""
    server: MCPServer[Any] = _Server("footnote", title="Footnote", instructions=INSTRUCTIONS)
    _add_asking(server, answering, caller_of)
    _add_reading(server, kb, caller_of)
    _add_writing(server, kb, caller_of)
    _add_resources(server, kb, caller_of)
    return server


def _add_asking(server: MCPServer[Any], answering: Callable[[], AnswersWire], caller_of: CallerOf) -> None:
    @server.tool(title="Search passages", annotations=_READS)
    async def search(
        ctx: Context[Any, Any],
        query: Query,
        collection: Collection = None,
        limit: Annotated[int, Field(ge=1, le=20)] = 5,
        cursor: Cursor = None,
    ) -> results.SearchOut:
        """Finds the passages of the documents that fit a question or words best, in any language."""
        async with _refusals():
            start = results.offset_of(cursor)
            question = _question(query, collection, caller_of(ctx))
            wanted = min(start + limit + 1, _MOST_SEARCHED)
            hits = await answering().search(question, k=wanted) if start < _MOST_SEARCHED else []
            page = hits[start : start + limit]
            more = len(hits) > start + limit
            return results.SearchOut(
                passages=[results.passage_of(hit) for hit in page],
                next_cursor=str(start + limit) if more else None,
            )
        raise AssertionError  # what is refused was raised

    @server.tool(title="Ask the documents", annotations=_READS)
    async def ask(
        ctx: Context[Any, Any], question: Query, collection: Collection = None
    ) -> results.AnswerOut:
        """Answers a question from the documents; each sentence carries a footnote [n] with document, page and words."""
        async with _refusals():
            asked = _question(question, collection, caller_of(ctx))
            async with aclosing(answering().ask(asked)) as events:
                async for event in events:
                    if event["event"] == "answer":
                        return results.answer_of(event)
                    if event["event"] == "error":
                        raise BackendDown(event["error"])
            raise BackendDown("The answer was stopped.")
        raise AssertionError


def _add_reading(server: MCPServer[Any], kb: KnowledgeBase, caller_of: CallerOf) -> None:
    @server.tool(title="List documents", annotations=_READS)
    async def list_documents(
        ctx: Context[Any, Any],
        collection: Collection = None,
        limit: Annotated[int, Field(ge=1, le=100)] = 20,
        cursor: Cursor = None,
    ) -> results.DocumentsOut:
        """Lists the documents, newest first."""
        async with _refusals():
            start, caller = results.offset_of(cursor), caller_of(ctx)
            listed = partial(
                kb.library.documents, caller=caller, collection=collection, limit=limit, offset=start
            )
            found = await anyio.to_thread.run_sync(listed)
            total = await anyio.to_thread.run_sync(
                partial(kb.library.count, caller=caller, collection=collection)
            )
            return results.DocumentsOut(
                documents=[results.DocumentOut.of(document) for document in found],
                total=total,
                next_cursor=str(start + limit) if start + limit < total else None,
            )
        raise AssertionError

    @server.tool(title="Read a passage", annotations=_READS)
    async def read_passage(
        ctx: Context[Any, Any],
        passage_id: Annotated[int, Field(ge=0, le=2**63 - 1)],
        around: Annotated[int, Field(ge=0, le=3, description="How many passages before and after")] = 0,
        cursor: Cursor = None,
    ) -> results.TextOut:
        """Reads a passage whole, with what stands around it."""
        async with _refusals():
            read = partial(_passage, kb, passage_id, around, cursor, caller_of(ctx))
            return await anyio.to_thread.run_sync(read)
        raise AssertionError

    @server.tool(title="Read a page", annotations=_READS)
    async def read_page(
        ctx: Context[Any, Any],
        document_id: fields.Id,
        page: Annotated[int, Field(ge=1, le=10**6)] = 1,
        cursor: Cursor = None,
    ) -> results.TextOut:
        """Reads a page of a document; of one without pages, such as a text or a web page, all of it is page 1."""
        async with _refusals():
            read = partial(_page, kb, document_id, page, cursor, caller_of(ctx))
            return await anyio.to_thread.run_sync(read)
        raise AssertionError


def _add_writing(server: MCPServer[Any], kb: KnowledgeBase, caller_of: CallerOf) -> None:
    @server.tool(
        title="Add a file", annotations=ToolAnnotations(read_only_hint=False, destructive_hint=False)
    )
    async def add_file(
        ctx: Context[Any, Any],
        name: Annotated[fields.Name, Field(min_length=1, description="With its ending, as in notes.md")],
        text: Annotated[str | None, Field(description="The content of a text file")] = None,
        content_base64: Annotated[str | None, Field(description="The bytes of any other file")] = None,
        collection: Annotated[
            fields.Collection | None,
            Field(
                description="Where it goes; null for the one that the key is for, else for your default one"
            ),
        ] = None,
    ) -> results.AddedOut:
        """Adds a file of at most 1 MB to the documents; it is imported in the background. Needs a key for writing."""
        async with _refusals():
            add = partial(_add, kb, name, _bytes(text, content_base64), collection, caller_of(ctx))
            return await anyio.to_thread.run_sync(add)
        raise AssertionError


def _add_resources(server: MCPServer[Any], kb: KnowledgeBase, caller_of: CallerOf) -> None:
    @server.resource(
        "footnote://documents/{document_id}",
        name="document",
        title="A document",
        description="The beginning of a document's text",
        mime_type="text/plain",
    )
    async def document(document_id: str, ctx: Context[Any, Any]) -> str:
        return await read(document_id, "1", ctx)

    @server.resource(
        "footnote://documents/{document_id}/pages/{page}",
        name="page",
        title="A page of a document",
        mime_type="text/plain",
    )
    async def page_of(document_id: str, page: str, ctx: Context[Any, Any]) -> str:
        return await read(document_id, page, ctx)

    async def read(document_id: str, page: str, ctx: Context[Any, Any]) -> str:
        try:
            reading = partial(_page, kb, document_id, _page_number(page), None, caller_of(ctx))
            return (await anyio.to_thread.run_sync(reading)).text
        except FootnoteError as error:
            raise ResourceError(str(error)) from error


@asynccontextmanager
async def _refusals() -> AsyncIterator[None]:
    """Has our refusals told to the model that called; anything else is a fault, which the log tells."""
    try:
        yield
    except FootnoteError as error:
        raise ToolError(str(error)) from error


def _question(text: str, collection: str | None, caller: Caller) -> Question:
    caller.require(AccessScope.READ)
    if not text.strip():
        raise BadInput("The question is empty.")
    return Question(without_our_keys(text), collections=(collection,) if collection else (), caller=caller)


def _passage(
    kb: KnowledgeBase, passage_id: int, around: int, cursor: str | None, caller: Caller
) -> results.TextOut:
    passage = kb.library.passage(passage_id, caller=caller)
    document = kb.library.document(passage.document_id, caller=caller)
    all_of_it = kb.library.passages(document.id, caller=caller)
    at = next(at for at, chunk in enumerate(all_of_it) if chunk.id == passage_id)
    chunks = all_of_it[max(0, at - around) : at + around + 1]
    return results.piece_of(document, chunks, cursor, page=passage.anchor.page)


def _page(
    kb: KnowledgeBase, document_id: str, page: int, cursor: str | None, caller: Caller
) -> results.TextOut:
    document = kb.library.document(document_id, caller=caller)
    chunks = [
        chunk
        for chunk in kb.library.passages(document_id, caller=caller)
        if page == (chunk.anchor.page or 1) or page in {rect.page for rect in chunk.anchor.rects}
    ]
    if not chunks:
        raise NotFound(f"Nothing is written on page {page} of {document.name}, or there is no such page.")
    return results.piece_of(document, chunks, cursor, page=page)


def _page_number(page: str) -> int:
    """Returns the number in the address of a page; raises NotFound where there is none."""
    if not page.isascii() or not page.isdecimal() or len(page) > _LONGEST_NUMBER:
        raise NotFound("There is no such page: pages are numbered from 1.")
    return int(page)


def _bytes(text: str | None, content_base64: str | None) -> bytes:
    if (text is None) == (content_base64 is None):
        raise BadInput("Give the content as `text` or as `content_base64`, one of the two.")
    try:
        data = text.encode() if text is not None else base64.b64decode(content_base64 or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput("The content cannot be read: it is not base64, or no text.") from error
    if len(data) > _MOST_BYTES:
        raise BadInput("The file is larger than 1 MB. Send it to POST /api/documents.")
    return data


def _add(
    kb: KnowledgeBase, name: str, data: bytes, collection: str | None, caller: Caller
) -> results.AddedOut:
    with _file(data) as path:
        added = kb.library.add(path, name, collection or "", caller=caller)
    return results.AddedOut(
        document=results.DocumentOut.of(added.document), already_present=added.already_present
    )


@contextmanager
def _file(data: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(data)
        yield path
