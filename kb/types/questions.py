"""What is asked, what is searched for it, and what that finds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from kb.types.documents import Filters
from kb.types.passages import Citation, Hit
from kb.types.people import OWNER, Caller


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation and its answer."""

    question: str
    answer: str
    searched: str = ""
    """The question that was searched: the standalone form of a follow-up."""
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What a question is searched with besides its own words, and how much that counts."""

    text: str
    weight: float
    """Against 1 for the question itself."""


@dataclass(frozen=True, slots=True)
class StandaloneQuestion:
    """What is searched for a question."""

    text: str
    context: Context | None = None
    """None where ``text`` says everything."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its conditions, as the surface that received it parsed it: its text is not parsed again."""

    text: str
    """The words alone: what was typed as a condition is in ``filters``."""
    filters: Filters = field(default_factory=Filters)
    collections: tuple[str, ...] = ()
    """Where it is asked, as far as ``filters`` name no collection themselves; empty asks all."""
    model: str | None = None
    """None takes the model from the settings."""
    history: tuple[Turn, ...] = ()
    """What was asked before in the conversation, in order."""
    searched: str | None = None
    """What to search for, where somebody has put it into words; None works it out from the history."""
    caller: Caller = OWNER
    typed: str = ""
    """As a person typed it, conditions and all, only ever to be shown; empty where that is ``text``."""

    @property
    def as_typed(self) -> str:
        """What a person sees as their question."""
        return self.typed or self.text

    @property
    def effective_filters(self) -> Filters:
        """Everything that says which documents it is asked of, and which its caller may see."""
        seen = self.caller.collections
        return replace(
            self.filters,
            collections=tuple(
                map(self.caller.collection_named, self.filters.collections or self.collections)
            ),
            within=None if seen is None else tuple(sorted(seen)),
        )


@dataclass(frozen=True, slots=True)
class SearchTuning:
    """How one search differs from the settings."""

    dense_weight: float | None = None
    """Exactly this weight of meaning against words, from 0 to 1; None leaves it to the settings and the question."""
    refined: bool = True
    """Whether the best are looked at more closely: by the reranker or by their sentences."""


AS_SET = SearchTuning()


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The passages found for a question, best first, and what it took."""

    hits: tuple[Hit, ...]
    timings_ms: dict[str, float] = field(default_factory=dict)
    notice: str = ""
    """What was left out of the search, and why, in a sentence or two; empty where nothing was."""
    by_words: bool = False
    """Whether words alone were searched: then nothing is known of what the passages mean."""
