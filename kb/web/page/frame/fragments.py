"""Fragments for the page's own script: its files, and what was asked before."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel

from kb.errors import NotFound
from kb.web.api.caller import By
from kb.web.api.fields import Id, Label, Name
from kb.web.page.ask.conversation_view import SHOWN, Window, earlier_turns
from kb.web.page.frame import render_rail
from kb.web.page.languages import strings_of, words_of
from kb.web.page.words.frame import EN, ZH

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_FOLDER = Path(__file__).parent.parent / "static"
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_FILES = {path.name: _TYPES[path.suffix] for path in _FOLDER.iterdir() if path.suffix in _TYPES}
_CONVERSATIONS = 200
"""How many the rail lists; older ones are found by its search."""


_FEW_QUESTIONS = 6
"""Up to so many are found by scrolling."""


class ConversationsOut(BaseModel):
    """What was asked before: in all conversations, or earlier in one."""

    html: str


class AskedOut(BaseModel):
    """A question of a conversation."""

    turn: str
    """Its place on the page."""
    text: str


class QuestionsOut(BaseModel):
    """The questions of a conversation, in order."""

    questions: list[AskedOut]


class PulseOut(BaseModel):
    """What may have changed while the page is looked at."""

    latest: str | None
    """The newest question of the conversation that was asked for; None where there is none."""
    imports: int
    """That are not finished."""
    importing: bool
    documents: int
    started: str
    """Another one each time that Footnote is started."""


def live_router(kb: KnowledgeBase) -> APIRouter:
    """Returns ``/ui/...``: nothing here is an interface for other programs."""
    router = APIRouter(prefix="/ui")
    started = secrets.token_hex(8)

    @router.get("/static/{name}")
    def static_file(name: Name) -> FileResponse:
        if name not in _FILES:
            raise NotFound(f"There is no file {name!r}.")
        return FileResponse(_FOLDER / name, media_type=_FILES[name], headers={"Cache-Control": "no-cache"})

    @router.get("/pulse")
    def pulse(caller: By, conversation: Id = "") -> PulseOut:
        queue = kb.jobs.queue(caller=caller)
        return PulseOut(
            latest=kb.conversations.latest(conversation, caller=caller) if conversation else None,
            imports=queue.unfinished,
            importing=queue.running > 0 and not queue.paused,
            documents=kb.library.count(caller=caller),
            started=started,
        )

    @router.get("/conversations")
    def conversations(request: Request, caller: By, saying: Label = "") -> ConversationsOut:
        found = kb.conversations.all(caller=caller, limit=_CONVERSATIONS, saying=saying)
        words = words_of(request.headers, EN, ZH)
        if saying and not found:
            return ConversationsOut(html=render_rail.none_found(words))
        return ConversationsOut(html=render_rail.conversations(found, words, now=datetime.now().astimezone()))

    @router.get("/conversations/{conversation_id}/earlier")
    def earlier(request: Request, caller: By, conversation_id: Id, before: Id) -> ConversationsOut:
        runs = kb.conversations.runs(conversation_id, caller=caller, newest=SHOWN + 1, before=before)
        return ConversationsOut(html=earlier_turns(Window.of(runs), strings_of(request.headers)))

    @router.get("/conversations/{conversation_id}/questions")
    def questions(conversation_id: Id, caller: By) -> QuestionsOut:
        """Returns the questions of a conversation that is long enough for a list of them, else none."""
        found = kb.conversations.questions(conversation_id, caller=caller)
        listed = found if len(found) > _FEW_QUESTIONS else []
        return QuestionsOut(questions=[AskedOut(turn=f"t{run}", text=text) for run, text in listed])

    return router
