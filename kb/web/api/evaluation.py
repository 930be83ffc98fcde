"""Routes of evaluations, and of the labelled questions that people keep for them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, Query
from pydantic import Field

from kb.config import expanded
from kb.evaluate.experiments import Request
from kb.evaluate.run import Options, Progress
from kb.types import Caller, Evaluation, LabelledQuestion
from kb.web.api.caller import By
from kb.web.api.fields import FilePath, QuestionText, RowId, SettingName, SettingValue, Text, Truth
from kb.web.api.schemas import Wire
from kb.web.api.threads import EVALUATIONS

if TYPE_CHECKING:
    from kb.evaluate.background import BackgroundEvaluation
    from kb.knowledge_base import KnowledgeBase

_MAX_SETTINGS = 50


class EvaluationIn(Wire):
    """What to measure; the same as on the command line."""

    folders: list[FilePath] = Field(default_factory=list, max_length=50)
    """On the machine that Footnote runs on."""
    kept: Truth = False
    config: dict[SettingName, SettingValue] = Field(default_factory=dict, max_length=_MAX_SETTINGS)
    compare: dict[SettingName, SettingValue] = Field(default_factory=dict, max_length=_MAX_SETTINGS)
    limit: int | None = Field(None, ge=1, le=10**9)
    answers: int | None = Field(100, ge=0, le=10**9)
    fresh: Truth = False

    def request(self, caller: Caller) -> Request:
        return Request(
            caller=caller,
            folders=tuple(expanded(Path(folder)) for folder in self.folders),
            kept=self.kept,
            config=self.config,
            compare=self.compare,
            options=Options(limit=self.limit, answers=self.answers),
            fresh=self.fresh,
        )


class KeepIn(Wire):
    """A question and the passage that answers it."""

    question: QuestionText = Field(min_length=1)
    chunk_id: RowId
    quote: Text = ""
    """The words of the passage that answer; empty for the whole passage."""


class RunningOut(Wire):
    """The evaluation that runs, or how the last one ended."""

    running: bool
    stopping: bool
    progress: Progress | None
    error: str | None
    notes: tuple[str, ...]
    finished: tuple[int, ...]


class EvaluationsOut(Wire):
    """What runs, and what was measured, newest first."""

    now: RunningOut
    evaluations: list[Evaluation]


class KeptOut(Wire):
    """The kept questions, newest first."""

    questions: list[LabelledQuestion]


def evaluation_router(kb: KnowledgeBase, evaluating: BackgroundEvaluation) -> APIRouter:
    router = APIRouter()

    @router.get("/api/evaluations")
    def list_evaluations(caller: By, limit: int = Query(50, ge=1, le=500)) -> EvaluationsOut:
        found = kb.evaluations.latest(caller=caller, limit=limit)
        return EvaluationsOut(now=RunningOut.model_validate(evaluating.state), evaluations=found)

    @router.post("/api/evaluations", status_code=202)
    async def start_evaluation(asked: EvaluationIn, caller: By) -> RunningOut:
        await EVALUATIONS.run(lambda: evaluating.start(asked.request(caller)))
        return RunningOut.model_validate(evaluating.state)

    @router.delete("/api/evaluations/running", status_code=204)
    def stop_evaluation(caller: By) -> None:
        evaluating.cancel(caller)

    @router.get("/api/evaluations/{evaluation_id:int}")
    def show_evaluation(evaluation_id: RowId, caller: By) -> Evaluation:
        return kb.evaluations.get(evaluation_id, caller=caller)

    @router.delete("/api/evaluations/{evaluation_id:int}", status_code=204)
    def remove_evaluation(evaluation_id: RowId, caller: By) -> None:
        kb.evaluations.remove(evaluation_id, caller=caller)

    @router.get("/api/kept-questions")
    def list_kept(caller: By) -> KeptOut:
        return KeptOut(questions=kb.library.labelled_questions(caller=caller))

    @router.post("/api/kept-questions", status_code=201)
    def keep(asked: KeepIn, caller: By) -> LabelledQuestion:
        return kb.library.label_question(asked.question, asked.chunk_id, caller=caller, quote=asked.quote)

    @router.delete("/api/kept-questions/{kept_id}", status_code=204)
    def forget(kept_id: RowId, caller: By) -> None:
        kb.library.remove_labelled_question(kept_id, caller=caller)

    return router
