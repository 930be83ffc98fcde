"""The threads in which models compute for other programs, apart from those of the page."""

from __future__ import annotations

from kb.system.threads import Threads

INFERENCES = 4
"""How many at a time."""
INFERENCE = Threads("inference", INFERENCES)
