"""What every surface holds: one data folder, opened, as a few services."""

from __future__ import annotations

from kb.knowledge_base.facade import KnowledgeBase
from kb.knowledge_base.opening import open_knowledge_base
from kb.knowledge_base.parts import IngestParts

__all__ = ["IngestParts", "KnowledgeBase", "open_knowledge_base"]
