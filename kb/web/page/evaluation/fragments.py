"""Fragments for the script of the evaluation tab: what runs, what was measured, which questions were kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from pydantic import BaseModel

from kb.evaluate.questions import KEPT
from kb.web.api.caller import By
from kb.web.api.threads import EVALUATIONS
from kb.web.page.evaluation import render as render_evaluation
from kb.web.page.evaluation import render_start as render_evaluation_start
from kb.web.page.languages import strings_of, words_of
from kb.web.page.words.evaluation import EN, ZH

if TYPE_CHECKING:
    from kb.evaluate.background import BackgroundEvaluation
    from kb.knowledge_base import KnowledgeBase

_SHOWN = 200
"""Results that are read for the page; older ones are in the database still."""


class EvaluationTabOut(BaseModel):
    """The tab as it stands, in parts that change at different times."""

    running: bool
    head: str
    progress: str
    results: str
    disk: str
    kept: str


def live_evaluation_router(kb: KnowledgeBase, evaluating: BackgroundEvaluation) -> APIRouter:
    """Returns ``/ui/evaluation``: not an interface for other programs."""
    router = APIRouter(prefix="/ui")

    @router.get("/evaluation")
    async def evaluation(request: Request, caller: By) -> EvaluationTabOut:
        return await EVALUATIONS.run(lambda: tab(request, caller))

    def tab(request: Request, caller: By) -> EvaluationTabOut:
        strings, words = strings_of(request.headers), words_of(request.headers, EN, ZH)
        state = evaluating.state
        kept = kb.library.labelled_questions(caller=caller)
        measured = kb.evaluations.latest(caller=caller, limit=_SHOWN)
        own = kb.evaluations.latest(caller=caller, limit=_SHOWN, set_key=KEPT)
        begun = bool(kept or measured)  # until then its beginning says all there is to say
        return EvaluationTabOut(
            running=state.running,
            head=render_evaluation_start.how_good(own, kept, words, running=state.running),
            progress=render_evaluation.progress(state, strings),
            results=render_evaluation.results(measured, strings) if begun else "",
            disk=render_evaluation.disk(evaluating.size_bytes(), strings),
            kept=render_evaluation.kept(kept, strings) if begun else "",
        )

    return router
