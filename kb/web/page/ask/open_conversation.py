"""What one open page shows of a conversation, while it is open."""

from __future__ import annotations

import asyncio

from kb.web.page.answer.turns import TurnView


class OpenConversation:
    """What one open page shows of a conversation.

    No dataclass: Gradio would write one into the page's settings.
    """

    def __init__(self) -> None:
        self.id: str | None = None
        """None until something was asked."""
        self.turns: list[TurnView] = []
        """The newest ones, in order."""
        self.has_older = False
        """Whether there are turns before these."""
        self.request: str | None = None
        """The request that is being answered; None while there is none."""
        self.followed = False
        """Whether an event of the page shows that answer already: two would note its turn twice."""
        self.left = asyncio.Event()
        """Set when the page shows another conversation; the answer is made all the same."""

    @property
    def busy(self) -> bool:
        """Whether a question is being answered, or about to be."""
        return self.followed or self.request is not None
