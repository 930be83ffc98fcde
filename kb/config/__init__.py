"""Settings: what can be set (``sections``), what it was called before (``renamed``), where it is read (``reading``)."""

from kb.config.reading import given_by_environment, load_settings
from kb.config.renamed import RENAMED, current_name, secret_settings
from kb.config.sections import (
    DEFAULT_COLLECTION,
    SECTIONS,
    AnsweringSettings,
    BackupSettings,
    EmbeddingSettings,
    JudgeSettings,
    LogSettings,
    ParsingSettings,
    RerankerSettings,
    RetrievalSettings,
    ServerSettings,
    Settings,
    StorageSettings,
    default_home,
    expanded,
    setting_names,
)

__all__ = [
    "DEFAULT_COLLECTION",
    "RENAMED",
    "SECTIONS",
    "AnsweringSettings",
    "BackupSettings",
    "EmbeddingSettings",
    "JudgeSettings",
    "LogSettings",
    "ParsingSettings",
    "RerankerSettings",
    "RetrievalSettings",
    "ServerSettings",
    "Settings",
    "StorageSettings",
    "current_name",
    "default_home",
    "expanded",
    "given_by_environment",
    "load_settings",
    "secret_settings",
    "setting_names",
]
