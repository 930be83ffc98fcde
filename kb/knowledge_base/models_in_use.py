"""What the models that are here are used for, by the library and by its collections."""

from __future__ import annotations

from collections.abc import Callable

from kb.config import Settings
from kb.engine.collection_models import settings_of
from kb.models.catalogue.use import InUse
from kb.state.collection_embedders import CollectionEmbedders
from kb.state.db import Database
from kb.state.vectors import embedder_in_use
from kb.types import HeldModel


def roles_of_models(
    database: Database, settings: Settings, answering: str
) -> Callable[[HeldModel], tuple[str, ...]]:
    """Returns what tells the roles of a model, as ``InUse.roles``; one that a collection has of its own embeds, too."""
    library = InUse(settings, embedder_in_use(database), answering)
    of_collections = [
        InUse(settings_of(row.chosen, settings), row.stored_key, "")
        for row in CollectionEmbedders(database).all()
        if row.chosen is not None and row.chosen.get("model") is not None
    ]

    def roles(model: HeldModel) -> tuple[str, ...]:
        embeds = any("embedding" in each.roles(model) for each in of_collections)
        return tuple(dict.fromkeys((*(("embedding",) if embeds else ()), *library.roles(model))))

    return roles
