"""Every Protocol on one page. Backends implement them; nothing above a port names a backend."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from kb.types import (
    AnswerEvent,
    ChatOptions,
    Fingerprint,
    Message,
    ModelEvent,
    ModelStatus,
    ParsedDocument,
    Question,
    Rect,
    Searched,
    StoredIndex,
    WholeTexts,
)

if TYPE_CHECKING:
    from kb.types import Matrix, Thresholds, Vector

Opened_co = TypeVar("Opened_co", covariant=True)


class Similarity(Protocol):
    """Similarity of texts in meaning; answers are quoted and checked with it."""

    thresholds: Thresholds
    """Those that belong to these cosines, or the default with its reason."""

    def to_question(self, question: str, texts: Sequence[str]) -> list[float]:
        """Returns the cosine of a question with each of ``texts``; 0 beyond a heavy model's reach."""
        ...

    def between(self, texts: Sequence[str], others: Sequence[str]) -> Matrix:
        """Returns the cosines, shape (texts, others), on the scale of the bundled model; 0 beyond a heavy model's."""
        ...


class TokenCounter(Protocol):
    """The measure of chunks: the embedder's own tokenizer, without its weights."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Returns the number of tokens of each text, special tokens not counted."""
        ...


class Embedder(TokenCounter, Protocol):
    """Turns questions and passages into vectors. The two methods apply different prompts."""

    @property
    def fingerprint(self) -> Fingerprint:
        """What decides whether its vectors may be compared with stored ones. Cheap: loads no weights."""

    @property
    def max_tokens(self) -> int:
        """The longest input, in tokens, prompt included; longer ones are truncated at the end."""

    @property
    def engine_status(self) -> str:
        """A sentence: which engine computes its vectors, and why that one."""

    @property
    def is_light(self) -> bool:
        """Whether a sentence costs it milliseconds where it runs; else optional work is better left out."""

    def embed_queries(self, texts: Sequence[str]) -> Matrix:
        """Returns the questions' vectors, ahead of an import: shape (len(texts), width in use), rows of length 1."""

    def embed_documents(self, texts: Sequence[str], *, urgent: bool = False) -> Matrix:
        """Returns the passages' vectors: shape (len(texts), native width, so that any other needs no model), length 1.

        ``urgent``: somebody waits for these few, so they go before an import and do not count as one.
        """
        ...

    def embed_whole(self, texts: Sequence[str]) -> WholeTexts:
        """Returns a vector for each text in one piece, as a passage's; Unembeddable where one is too long for that."""
        ...

    def warm_up(self) -> None:
        """Loads the weights, so that the first question does not wait for them."""
        ...

    def close(self) -> None:
        """Frees the model's memory."""
        ...


class VectorSearch(Protocol):
    """Nearest neighbours by cosine, wherever the rows are."""

    def search(self, vector: Vector, k: int, *, collection: str | None = None) -> list[tuple[int, float]]:
        """Returns at most ``k`` (chunk id, cosine), best first; ``collection=None`` searches all."""
        ...


class VectorStore(VectorSearch, Protocol):
    """An index of vectors. A row is a chunk id and a vector, in a collection. Its methods raise Damaged, DiskFull."""

    def add(self, ids: Sequence[int], vectors: Matrix, *, collection: str) -> None:
        """Adds rows, or replaces those with the same id."""
        ...

    def delete(self, ids: Sequence[int], *, collection: str) -> None:
        """Removes rows; ids that are not there are passed over."""
        ...

    def ids(self) -> dict[str, set[int]]:
        """Returns every id it holds, by collection, for comparison with SQLite."""
        ...

    def close(self) -> None:
        """Releases files and memory."""
        ...


class IndexLifecycle(Protocol[Opened_co]):
    """How the indexes of one kind, built for one thing, are found, begun, opened, trusted and replaced.

    What an index is built for (an embedder, a version of the fields) is fixed for a lifecycle; indexes that were
    built for something else are not found. ``place`` is its name for one index. The caller fills what was begun.
    """

    def find(self) -> StoredIndex | None:
        """Returns an index that holds what it held when it was last ``at_rest``; None where none can be trusted."""
        ...

    def begin(self) -> str:
        """Returns the place of a new empty index, which is not found before it was ``at_rest``; raises DiskFull."""
        ...

    def open(self, place: str) -> Opened_co:
        """Opens the index. If the process dies from here on, it is found again only if its rows are what they were.

        Raises:
            Damaged: it cannot be opened.
            DiskFull: the disk has no space to open it.
        """
        ...

    def is_there(self, place: str) -> bool:
        """Whether the storage of an open index still exists: it may have been removed meanwhile."""
        ...

    def before_write(self, place: str) -> None:
        """Is called before each write: if the process dies in the middle, a doubtful index must not be found."""
        ...

    def at_rest(self, place: str, *, deleted: int) -> None:
        """Notes that the index is whole and nobody writes: it may be found. ``deleted``: rows deleted since it began.

        Raises OSError where that could not be noted, so that it is not found.
        """
        ...

    def give_up(self, place: str) -> None:
        """Notes that the index is not to be found again; those who have it open go on reading."""
        ...

    def keep_only(self, place: str) -> bool:
        """Removes every other index of its kind, whatever it was built for; returns whether they are gone."""
        ...

    def remove(self, place: str) -> bool:
        """Removes the index, which nobody has open; returns whether it is gone."""
        ...


class LexicalIndex(Protocol):
    """BM25 over segmented words. A row is a chunk id and a text, in a collection. It raises Damaged, DiskFull."""

    def add(
        self, ids: Sequence[int], texts: Sequence[str], *, collection: str, document_name: str = ""
    ) -> None:
        """Adds rows, or replaces those of the same id; a word of the name counts as in each; visible on ``commit``."""
        ...

    def delete(self, ids: Sequence[int]) -> None:
        """Removes rows; ids that are not there are passed over; not visible before ``commit``."""
        ...

    def commit(self) -> None:
        """Makes everything since the last commit visible; it is on disk when this returns."""
        ...

    def search(
        self,
        question: str,
        k: int,
        *,
        collection: str | None = None,
        allowed_ids: Collection[int] | None = None,
    ) -> list[tuple[int, float]]:
        """Returns at most ``k`` (chunk id, BM25 score) of a collection (None: all) and ``allowed_ids``, best first."""
        ...

    def phrase_search(self, phrases: Sequence[str], k: int, *, collection: str | None = None) -> list[int]:
        """Returns at most ``k`` ids of chunks that hold all ``phrases``, word for word."""
        ...

    def search_like(self, word: str, k: int, *, collection: str | None = None) -> list[int]:
        """Returns at most ``k`` ids of chunks that hold ``word`` with a slip, a long one with two, endings aside."""
        ...

    def search_names(self, question: str, k: int, *, collection: str | None = None) -> list[int]:
        """Returns the ids of the chunks whose document's name holds most of ``question``; empty if over ``k``."""
        ...

    def names(self, ids: Collection[int]) -> dict[int, str]:
        """Returns the ``document_name`` of each of ``ids`` that is there."""
        ...

    def highest_idf(self) -> float:
        """Returns the idf that BM25 gives a word which is in no passage: no word of a question weighs more."""
        ...

    def ids(self) -> set[int]:
        """Returns every id it holds, for comparison with SQLite."""
        ...

    def close(self) -> None:
        """Releases files and memory."""
        ...


class Reranker(Protocol):
    """Reads a question and a passage together: slower than comparing vectors, and better."""

    @property
    def name(self) -> str:
        """Backend or model."""
        ...

    def scores(self, question: str, passages: Sequence[str]) -> list[float]:
        """Returns how well each passage answers the question, in their order; only comparing them means something.

        Raises:
            BackendDown: the server does not answer, or not with a score for each.
            Misconfigured: the model cannot be loaded.
        """
        ...

    def warm_up(self) -> None:
        """Loads the weights, so that the first question does not wait for them."""
        ...

    def close(self) -> None:
        """Frees memory and connections."""
        ...


class ChatModel(Protocol):
    """A model that writes answers."""

    @property
    def name(self) -> str:
        """Backend and model, as in ``ollama/qwen3:8b``."""
        ...

    async def context_tokens(self) -> int:
        """Returns the context that requests run with, prompt and answer together, as the server reports it.

        Raises:
            BackendDown: the server does not answer.
            NotFound: the server does not have the model; the message says how to get it.
        """
        ...

    async def count_tokens(self, text: str) -> int:
        """Returns the length of ``text`` in the model's tokens: exact, or an estimate that is hardly ever too low."""
        ...

    def stream(self, messages: Sequence[Message], options: ChatOptions) -> AsyncGenerator[ModelEvent, None]:
        """Yields text and thinking as they come, then one ``ModelFinished``.

        Closing the iterator stops the model within a second.

        Raises:
            BackendDown: the server does not answer, answers with an error, or breaks off.
            NotFound: the server does not have the model.
        """
        ...

    async def close(self) -> None:
        """Frees connections and memory."""
        ...


ChooseModel: TypeAlias = Callable[[str | None], Awaitable[tuple[ChatModel | None, ModelStatus]]]
"""The model to answer with, for the name that was asked for, and why it; None is the extractive one."""


class AnswersQuestions(Protocol):
    """The query engine of every surface: ``kb.answer.query_engine.QueryEngine``. An empty question is BadInput."""

    async def search(self, question: Question, *, k: int = 10) -> Searched:
        """Returns the search for ``question``, and its ``k`` best passages."""
        ...

    def ask(self, question: Question) -> AsyncGenerator[AnswerEvent, None]:
        """Yields what was found, the answer as it comes, and the finished answer; closing it stops the model."""
        ...

    async def close_models(self) -> None:
        """Frees the answering models; in the event loop that used them."""
        ...


class Parser(Protocol):
    """A pure function of the bytes of a file; runs in a limited process of its own."""

    def __call__(self, path: Path, name: str) -> ParsedDocument:
        """Returns the content of the file at ``path``; ``name`` is what the person called it, for messages only.

        Raises:
            BadInput: the file cannot be read; the message is a sentence a person can act on.
        """
        ...


class PageRenderer(Protocol):
    """Draws a page of a PDF."""

    def render(self, path: Path, page: int, *, rects: Iterable[Rect] = (), width: int = 900) -> bytes:
        """Returns the 1-based ``page`` as a PNG, ``width`` pixels wide, with ``rects`` highlighted.

        Raises:
            NotFound: there is no such page.
            BadInput: the page cannot be drawn.
        """
        ...


class Worker(Protocol):
    """Imports files and carries out deletions."""

    def start(self) -> None:
        """Begins to work in the background."""
        ...

    def stop(self, *, timeout: float = 30.0) -> None:
        """Ends after the batch at hand; waits at most ``timeout`` seconds."""
        ...
