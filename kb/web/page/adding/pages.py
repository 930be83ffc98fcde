"""``/add``: a text of another page, sent by a bookmark or shared by the system, is shown, and added after a click.

Any site may open the address with what it likes: nothing is added by that. The form is taken from our own page alone,
as every request that changes something (``RequestGuard``). Nothing is fetched: what is added is the text that is shown.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from kb.config import DEFAULT_COLLECTION
from kb.errors import Denied, FootnoteError
from kb.system.public_address import public_address
from kb.types import AccessScope, Added, Caller
from kb.web.api.caller import By
from kb.web.api.errors import STATUS
from kb.web.api.refusal_sentences import refusal_sentence
from kb.web.api.threads import UPLOADS
from kb.web.page.adding.render import Shared, adding
from kb.web.page.languages import words_of
from kb.web.page.words.adding import EN, ZH, AddingWords

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

MOST_CHARACTERS = 250_000
"""Of a text: at four bytes each, the most that a field of a form may have."""
_TITLE_CHARACTERS = 150
_ADDRESS_CHARACTERS = 4000
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
"""A browser sends a form without its origin where no referrer may be."""
_ADDRESS = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)
_Word = Annotated[str, Form()]


def adding_router(kb: KnowledgeBase) -> APIRouter:
    """Returns ``/add``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/add")
    def show(request: Request, caller: By, url: str = "", title: str = "", text: str = "") -> Response:
        shared = _found(Shared(title=title, address=url, text=text))
        words = words_of(request.headers, EN, ZH)
        said = _problem(shared, words)
        if not shared.text.strip():
            said = words.only_address if shared.address else words.nothing
        return _page(kb, request, caller, shared, said)

    @router.post("/add")
    async def add(
        request: Request,
        caller: By,
        url: _Word = "",
        title: _Word = "",
        text: _Word = "",
        collection: _Word = "",
    ) -> Response:
        shared = Shared(public_address(title), public_address(url.strip()), text, collection)
        if said := _problem(shared, words_of(request.headers, EN, ZH)):
            return _page(kb, request, caller, shared, said, 400)
        try:
            added = await UPLOADS.run(partial(_add, kb, shared, caller))
        except FootnoteError as error:
            said = refusal_sentence(error, words_of(request.headers, EN, ZH).language)
            status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
            return _page(kb, request, caller, shared, said, status)
        return RedirectResponse(f"/d/{added.document.id}", 303, headers=_HEADERS)

    return router


def _found(shared: Shared) -> Shared:
    """Returns what was shared with the address in its place: phones send it as the text, where that is all."""
    alone, title = shared.text.strip(), public_address(shared.title)
    if not shared.address.strip() and _ADDRESS.fullmatch(alone):
        return Shared(title=title, address=public_address(alone))
    return Shared(title=title, address=public_address(shared.address.strip()), text=shared.text)


def _problem(shared: Shared, words: AddingWords) -> str:
    """Returns why this cannot be added; empty where it can."""
    if len(shared.text) > MOST_CHARACTERS:
        return words.too_long.format(count=f"{len(shared.text):,}", most=f"{MOST_CHARACTERS:,}")
    if shared.address and (
        len(shared.address) > _ADDRESS_CHARACTERS or not _ADDRESS.fullmatch(shared.address)
    ):
        return words.no_address
    return "" if shared.text.strip("\0 \t\r\n") else words.no_text


def _page(
    kb: KnowledgeBase, request: Request, caller: Caller, shared: Shared, said: str, status: int = 200
) -> Response:
    words = words_of(request.headers, EN, ZH)
    try:
        caller.require(AccessScope.WRITE)
    except Denied:
        said, status = words.no_room, 403
    own = caller.unnamed or DEFAULT_COLLECTION
    known = [name for name in kb.library.collections(caller=caller) if caller.may_change(name)]
    markup = adding(
        shared,
        sorted({own, *known}, key=lambda name: (name != own, name)),
        words,
        server=str(request.base_url).rstrip("/"),
        said=said,
    )
    return HTMLResponse(markup, status, headers=_HEADERS)


def _add(kb: KnowledgeBase, shared: Shared, caller: Caller) -> Added:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "text"
        file.write_text(
            shared.text.replace("\0", "").replace("\r\n", "\n"), encoding="utf-8", errors="replace"
        )
        return kb.library.add_page(
            file, _name(shared), shared.collection, address=shared.address, caller=caller
        )


def _name(shared: Shared) -> str:
    """Returns what the document is called: by its title, else by where it is from or by how it begins."""
    said = (shared.title, shared.address.partition("://")[2], shared.text)
    lines = (" ".join(re.sub(r"[/\\\0]", " ", each).split()) for each in said)
    line = next((each for each in lines if each.strip(".")), "page")
    return f"{line[:_TITLE_CHARACTERS].strip()}.txt"
