"""The embedder and the reranker of the library, for programs that want vectors and scores of their own texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.errors import BadInput, NotFound
from kb.models.embed.batching import narrowed
from kb.models.embed.recorded import RecordedEmbedder
from kb.system.request_recording import Behalf, Record, on_behalf_of, recorded
from kb.types import AccessScope, Caller, RequestKind

if TYPE_CHECKING:
    from kb.engine.loader import Engine
    from kb.types import Matrix

_AT_ONCE = 8
"""So few texts go before an import that is under way: somebody waits for them. More wait with it."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vectors of texts, and what they took."""

    model: str
    vectors: Matrix
    """Shape (texts, dimensions), rows of length 1."""
    tokens: int


@dataclass(frozen=True, slots=True)
class Reranked:
    """How well texts answer a question."""

    model: str
    scores: list[float]
    """In the order of the texts; only comparing them means something."""
    tokens: int


class InferenceService:
    """What a caller can have computed. The first call may open the models, which takes seconds."""

    def __init__(
        self, *, open_engine: Callable[[], Engine], engine: Callable[[], str], record: Record
    ) -> None:
        """``engine`` is what the log of requests calls the embedder's engine."""
        self._open_engine = open_engine
        self._engine = engine
        self._record = record

    def models(self, *, caller: Caller) -> tuple[str, str | None]:
        """Returns the names of the embedder and of the reranker; None where none is set."""
        caller.require(AccessScope.READ)
        engine = self._open_engine()
        reranker = engine.retriever.reranker
        return engine.embedder.fingerprint.model, reranker.name if reranker else None

    def embed(
        self,
        texts: Sequence[str],
        *,
        caller: Caller,
        model: str | None = None,
        dimensions: int | None = None,
        as_questions: bool = False,
    ) -> Embedded:
        """Returns the vectors of ``texts``, each with the prompt for passages, or that for questions.

        ``model`` is a name from ``models``, None the embedder in use; ``dimensions`` cuts the vectors, None leaves
        them at the width that the library uses. What is longer than the model can read is cut at its end.

        Raises:
            NotFound: there is no such embedder.
            BadInput: it has no vectors so wide, or a text is empty.
            BackendDown, Misconfigured: it cannot be asked.
        """
        caller.require(AccessScope.READ)
        embedder = self._open_engine().embedder
        if model not in (None, embedder.fingerprint.model):
            raise _no_model(str(model), embedder.fingerprint.model)
        width = dimensions or embedder.fingerprint.width
        if width > embedder.fingerprint.native_width:
            raise BadInput(
                f"'dimensions' is at most {embedder.fingerprint.native_width} for {model}.",
                field="dimensions",
            )
        if not all(texts):
            raise BadInput("A text is empty, which has no vector.")
        asked = RecordedEmbedder(embedder, engine=self._engine())
        with on_behalf_of(Behalf(self._record, caller)):
            if as_questions and width <= embedder.fingerprint.width:
                rows = asked.embed_queries(texts)
            elif as_questions:
                raise BadInput(
                    f"'dimensions' is at most {embedder.fingerprint.width} for questions.", field="dimensions"
                )
            else:
                rows = asked.embed_documents(texts, urgent=len(texts) <= _AT_ONCE)
        return Embedded(embedder.fingerprint.model, narrowed(rows, width), sum(asked.count_tokens(texts)))

    def rerank(
        self, question: str, texts: Sequence[str], *, caller: Caller, model: str | None = None
    ) -> Reranked:
        """Returns how well each text answers, by the reranker; by the embedder's cosines where it is named, or alone.

        Raises:
            NotFound: there is no such model.
            BackendDown, Misconfigured: it cannot be asked.
        """
        caller.require(AccessScope.READ)
        engine = self._open_engine()
        embedder, reranker = engine.embedder, engine.retriever.reranker
        tokens = sum(embedder.count_tokens([question, *texts]))
        if reranker is not None and model in (None, reranker.name):
            with (
                on_behalf_of(Behalf(self._record, caller)),
                recorded(RequestKind.RERANK, text=question) as request,
            ):
                request.name_model(reranker.name)
                request.count(tokens)
                return Reranked(reranker.name, reranker.scores(question, texts), tokens)
        name = embedder.fingerprint.model
        if model not in (None, name):
            raise _no_model(str(model), reranker.name if reranker else name)
        asked = self.embed([question], caller=caller, as_questions=True)
        passages = self.embed(texts, caller=caller)
        return Reranked(name, [float(score) for score in passages.vectors @ asked.vectors[0]], tokens)


def _no_model(name: str, known: str) -> NotFound:
    return NotFound(f"There is no model {name!r} for this; {known!r} is the one in use.")
