"""The settings as the page's script asks for them, ready as markup."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from kb.types import Caller
from kb.web.api.caller import By
from kb.web.api.threads import MAINTENANCE
from kb.web.page.languages import strings_of, words_of
from kb.web.page.settings import render as render_settings
from kb.web.page.settings import render_engines, render_people
from kb.web.page.settings.about import packages
from kb.web.page.words import backups as backups_words
from kb.web.page.words import chunker as chunker_words
from kb.web.page.words import embedder as embedder_words
from kb.web.page.words import people as people_words
from kb.web.page.words import setting_labels
from kb.web.page.words.settings import EN, ZH

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


class SettingsOut(BaseModel):
    """The screen as it stands."""

    html: str


def settings_fragments(kb: KnowledgeBase) -> APIRouter:
    """Returns ``/ui/settings``: nothing here is an interface for other programs."""
    router = APIRouter(prefix="/ui")

    @router.get("/settings")
    async def settings(request: Request, caller: By) -> SettingsOut:
        words = words_of(request.headers, EN, ZH)
        labels = words_of(request.headers, setting_labels.EN, setting_labels.ZH)
        page = await run_in_threadpool(settings_page, kb, caller, request.headers)
        return SettingsOut(html=render_settings.settings(page, words, labels))

    @router.post("/settings/widths")
    async def widths(request: Request, caller: By) -> SettingsOut:
        figures = await MAINTENANCE.run(partial(kb.evaluations.by_width, caller=caller))
        return SettingsOut(html=render_settings.widths(figures, words_of(request.headers, EN, ZH)))

    return router


def settings_page(
    kb: KnowledgeBase, caller: Caller, headers: Mapping[str, str]
) -> render_settings.SettingsPage:
    """Returns what the screen shows."""
    strings = strings_of(headers)
    return render_settings.SettingsPage(
        states=kb.configuration.all(caller=caller),
        waiting=kb.configuration.waiting(caller=caller),
        addresses=kb.configuration.addresses(caller=caller),
        space=kb.maintenance.space(caller=caller),
        backups=kb.maintenance.backups(caller=caller),
        backup_words=words_of(headers, backups_words.EN, backups_words.ZH),
        packages=packages(),
        home=kb.settings.home,
        embedder=render_engines.embedder(
            strings,
            words_of(headers, embedder_words.EN, embedder_words.ZH),
            kb.library.collections(caller=caller),
            kb.embedding.collections.tasks,
        ),
        chunker=render_engines.chunker(strings, words_of(headers, chunker_words.EN, chunker_words.ZH)),
        vectors=render_engines.vectors(strings),
        people=render_people.people(
            kb.library.collections(caller=caller), words_of(headers, people_words.EN, people_words.ZH)
        )
        if kb.settings.server.asks_to_sign_in
        else "",
    )
