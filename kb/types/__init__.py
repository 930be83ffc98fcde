"""The frozen dataclasses that cross modules: what a document, a passage, a hit and an answer are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.types.accounts import Group, Person, Role, Share, home_of
from kb.types.answers import (
    DENIED,
    EXTRACTIVE,
    LIBRARY,
    Answer,
    AnswerEvent,
    CheckedSentence,
    Difference,
    Notice,
    Progress,
    Refusals,
    Searched,
    Support,
)
from kb.types.backups import BACKUP_FORMAT, Backup, Restored
from kb.types.blocks import (
    Block,
    BlockKind,
    ParsedDocument,
)
from kb.types.chat import (
    ChatOptions,
    Message,
    ModelEvent,
    ModelFinished,
    ModelStatus,
    TextDelta,
    TextWithdrawn,
    ThinkingDelta,
)
from kb.types.documents import (
    FROM_FILE,
    FROM_UPLOAD,
    Added,
    Document,
    DocumentState,
    Facets,
    Filters,
    Origin,
    SameName,
)
from kb.types.embedders import (
    AS_LIBRARY,
    CollectionEmbedderStatus,
    EmbedderChange,
    EmbedderPlan,
    EmbedderSide,
    EmbedderStatus,
    QuestionsFound,
)
from kb.types.evaluations import Evaluation, Figure, LabelledQuestion, Missed, WidthFigure
from kb.types.held_models import NOT_STATED, HeldModel, ModelKind, ModelTest, RemovedModel
from kb.types.indexes import StoredIndex
from kb.types.jobs import (
    Job,
    JobKind,
    JobState,
    JobStatus,
    QueueStatus,
)
from kb.types.listing import (
    Acted,
    Cause,
    ListedState,
    ListFilter,
    ListOptions,
    ListOrder,
    MoveToFollow,
    SortKey,
)
from kb.types.model_offers import ModelOffer, ModelOffers, OfferedModel
from kb.types.notices import (
    Finding,
    StoredNotice,
)
from kb.types.passages import (
    BETWEEN_QUOTES,
    Also,
    Chunk,
    Citation,
    Hit,
    PassageEdit,
)
from kb.types.people import OWNER, AccessScope, ApiKey, Caller
from kb.types.places import CellPlace, LinePlace, ParagraphPlace, PdfPlace, Place, Rect
from kb.types.prepared import PreparedDocument, PreparedVectors
from kb.types.questions import AS_SET, Context, Question, Retrieved, SearchTuning, StandaloneQuestion, Turn
from kb.types.ratings import Rating, RatingValue
from kb.types.request_log import LogFilter, LoggedRequest, RequestKind, RequestStatus
from kb.types.requests import (
    AnswerRun,
    AnswerRunState,
    Conversation,
)
from kb.types.settings import (
    SetAddress,
    SettingsChanged,
    SettingSource,
    SettingState,
    SourceKind,
    SpaceUsed,
)
from kb.types.spans import Anchor, Span
from kb.types.thresholds import (
    AnswerabilityThresholds,
    AttributionThresholds,
    CosineScale,
    QuotingThresholds,
    SearchThresholds,
    SentenceEvidenceThresholds,
    Thresholds,
)
from kb.types.vector_stores import VectorMove, VectorStoreStatus
from kb.types.vectors import (
    Fingerprint,
    StoredProof,
    WholeTexts,
)

if TYPE_CHECKING:
    from kb.types.vectors import Matrix, Vector

__all__ = [
    "AS_LIBRARY",
    "AS_SET",
    "BACKUP_FORMAT",
    "BETWEEN_QUOTES",
    "DENIED",
    "EXTRACTIVE",
    "FROM_FILE",
    "FROM_UPLOAD",
    "LIBRARY",
    "NOT_STATED",
    "OWNER",
    "AccessScope",
    "Acted",
    "Added",
    "Also",
    "Anchor",
    "Answer",
    "AnswerEvent",
    "AnswerRun",
    "AnswerRunState",
    "AnswerabilityThresholds",
    "ApiKey",
    "AttributionThresholds",
    "Backup",
    "Block",
    "BlockKind",
    "Caller",
    "Cause",
    "CellPlace",
    "ChatOptions",
    "CheckedSentence",
    "Chunk",
    "Citation",
    "CollectionEmbedderStatus",
    "Context",
    "Conversation",
    "CosineScale",
    "Difference",
    "Document",
    "DocumentState",
    "EmbedderChange",
    "EmbedderPlan",
    "EmbedderSide",
    "EmbedderStatus",
    "Evaluation",
    "Facets",
    "Figure",
    "Filters",
    "Finding",
    "Fingerprint",
    "Group",
    "HeldModel",
    "Hit",
    "Job",
    "JobKind",
    "JobState",
    "JobStatus",
    "LabelledQuestion",
    "LinePlace",
    "ListFilter",
    "ListOptions",
    "ListOrder",
    "ListedState",
    "LogFilter",
    "LoggedRequest",
    "Matrix",
    "Message",
    "Missed",
    "ModelEvent",
    "ModelFinished",
    "ModelKind",
    "ModelOffer",
    "ModelOffers",
    "ModelStatus",
    "ModelTest",
    "MoveToFollow",
    "Notice",
    "OfferedModel",
    "Origin",
    "ParagraphPlace",
    "ParsedDocument",
    "PassageEdit",
    "PdfPlace",
    "Person",
    "Place",
    "PreparedDocument",
    "PreparedVectors",
    "Progress",
    "Question",
    "QuestionsFound",
    "QueueStatus",
    "QuotingThresholds",
    "Rating",
    "RatingValue",
    "Rect",
    "Refusals",
    "RemovedModel",
    "RequestKind",
    "RequestStatus",
    "Restored",
    "Retrieved",
    "Role",
    "SameName",
    "SearchThresholds",
    "SearchTuning",
    "Searched",
    "SentenceEvidenceThresholds",
    "SetAddress",
    "SettingSource",
    "SettingState",
    "SettingsChanged",
    "Share",
    "SortKey",
    "SourceKind",
    "SpaceUsed",
    "Span",
    "StandaloneQuestion",
    "StoredIndex",
    "StoredNotice",
    "StoredProof",
    "Support",
    "TextDelta",
    "TextWithdrawn",
    "ThinkingDelta",
    "Thresholds",
    "Turn",
    "Vector",
    "VectorMove",
    "VectorStoreStatus",
    "WholeTexts",
    "WidthFigure",
    "home_of",
]
