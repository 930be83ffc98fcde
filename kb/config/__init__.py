"""Settings: what can be set (``sections``), what it was called before (``renamed``), where it is read (``reading``)."""

from kb.config.connections import ConnectionSettings
from kb.config.limits import LimitSettings
from kb.config.reading import given_by_environment, load_settings, set_here, with_set_here
from kb.config.renamed import RENAMED, current_name, is_secret, secret_settings
from kb.config.section import expanded
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
    Settings,
    StorageSettings,
    default_home,
    setting_names,
)
from kb.config.server import ServerSettings

__all__ = [
    "DEFAULT_COLLECTION",
    "RENAMED",
    "SECTIONS",
    "AnsweringSettings",
    "BackupSettings",
    "ConnectionSettings",
    "EmbeddingSettings",
    "JudgeSettings",
    "LimitSettings",
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
    "is_secret",
    "load_settings",
    "secret_settings",
    "set_here",
    "setting_names",
    "with_set_here",
]
