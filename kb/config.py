"""Typed settings: command line, then environment (``FOOTNOTE_*``), then ``footnote.toml``, then defaults."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from kb.errors import Misconfigured
from kb.system.home_layout import SETTINGS, HomeLayout

DEFAULT_COLLECTION = "default"
"""Where documents go when no collection is named."""


def default_home() -> Path:
    """``FOOTNOTE_HOME``, else the platform's folder for a user's data."""
    named = os.environ.get("FOOTNOTE_HOME")
    return Path(named).expanduser() if named else user_data_path("footnote", appauthor=False)


class Settings(BaseSettings):
    """Everything that can be set. Unknown names are refused, so that a typing error is seen."""

    model_config = SettingsConfigDict(env_prefix="FOOTNOTE_", extra="forbid", frozen=True)

    home: Path = Field(default_factory=default_home, description="The data folder.")
    host: str = Field(default="127.0.0.1", description="The address the page listens on; loopback only.")
    port: int = Field(default=7860, ge=1, le=65535, description="The port the page listens on.")

    embedder: str = Field(
        default="auto",
        description="The embedding model: auto, bundled, Qwen/Qwen3-Embedding-0.6B (4B, 8B), "
        "any sentence-transformers folder or hub id.",
    )
    embedder_width: int | None = Field(
        default=None,
        ge=32,
        description="Cut vectors to this many dimensions; none keeps the model's own width.",
    )
    device: str = Field(default="auto", description="Where the embedding model runs: auto, cpu, cuda, mps.")
    chunk_tokens: int = Field(
        default=208, ge=32, le=8192, description="The longest chunk, in the embedder's own tokens."
    )
    dense_weight: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Weight of meaning against words when the two rankings are fused.",
    )
    reranker: str = Field(
        default="off",
        description="A model that orders what was found once more: off, auto (a cross-encoder that is in the hub's "
        "cache on this machine already, else off; downloads nothing), a cross-encoder (a folder, or a hub id such as "
        "BAAI/bge-reranker-v2-m3 or Qwen/Qwen3-Reranker-0.6B), or the address of a server's /rerank.",
    )
    rerank_seconds: float = Field(
        default=2.0, gt=0, description="How long it may take; after that the order stays as it was."
    )
    passages: int = Field(default=8, ge=1, le=50, description="How many passages an answer may draw on.")

    model: str = Field(
        default="auto",
        description="The model that answers: auto, extractive, ollama/NAME, endpoint/NAME, or gguf/FILE.",
    )
    judge: str = Field(
        default="off",
        description="The model that judges whether the passages say what each sentence of an answer says: off, or as "
        "for model. What it leaves open is judged by words and meaning.",
    )
    ollama_url: str = Field(default="http://127.0.0.1:11434", description="Where Ollama listens.")
    endpoint_url: str | None = Field(
        default=None,
        description="An OpenAI-compatible server (vLLM, llama.cpp, LM Studio), up to and with /v1.",
    )
    endpoint_key: SecretStr | None = Field(
        default=None, description="The key for that server, if it wants one."
    )
    gguf: Path | None = Field(default=None, description="A GGUF file to run in this process.")
    context_tokens: int = Field(
        default=8192, ge=512, description="The context a model is run with, at most what the model can take."
    )
    answer_tokens: int = Field(default=1024, ge=16, description="The longest answer, in the model's tokens.")

    vector_store: str = Field(
        default="chroma",
        description="What searches by meaning: chroma, or exact (compares with every passage, in memory; for some "
        "ten thousand of them).",
    )
    max_file_megabytes: int = Field(default=500, ge=1, description="Larger files are refused.")
    reserve_megabytes: int = Field(
        default=32,
        ge=0,
        description="Room kept free for a full disk, so that documents can still be removed; 0 keeps none.",
    )
    backups_kept: int = Field(
        default=7,
        ge=0,
        description="How many daily backups are kept in the data folder; 0 makes none.",
    )
    parse_seconds: int = Field(default=120, ge=1, description="A parser that takes longer is ended.")
    parse_megabytes: int = Field(default=1024, ge=64, description="A parser that needs more memory is ended.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Puts the command line first, then the environment, then the file in the data folder."""
        named = init_settings().get("home")
        file = HomeLayout(Path(named) if named else default_home()).settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)


def secret_settings() -> frozenset[str]:
    """The names of the settings that are keys: never logged, shown or backed up."""
    return frozenset(
        name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)
    )


def load_settings(**given: Any) -> Settings:
    """The settings, ``given`` (from the command line) above all; None counts as not given.

    Raises:
        Misconfigured: a value or a name is not valid; the message names it and where it stands.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(
            f"The setting {name!r} is not valid: {first['msg']} (given: {first.get('input')!r}). "
            f"Settings come from the command line, FOOTNOTE_* variables and {SETTINGS}."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{SETTINGS} cannot be read: {error}. Mend or remove that line.") from error
