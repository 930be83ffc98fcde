"""How much a model may read and write for one answer: what it can, what is set for all, what is set for it alone."""

from __future__ import annotations

from dataclasses import dataclass

from kb.ports import ChatModel
from kb.types import ModelStatus


@dataclass(frozen=True, slots=True)
class Room:
    """Tokens of the model."""

    context: int
    """Prompt and answer together."""
    answer: int


async def room_of(model: ChatModel, status: ModelStatus, usual: Room) -> Room:
    """Returns the room of ``model``; ``usual`` is what is set for all, before which its own settings count.

    Raises:
        BackendDown, NotFound: its server does not say.
    """
    most = status.own_context or usual.context
    return Room(min(await model.context_tokens(), most), status.own_answer_tokens or usual.answer)
