"""The models that are here: what there is, one more, one less, and whether one does what it should."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kb.backends import EMBEDDERS, RERANKERS, SERVERS, load
from kb.config import Settings, expanded
from kb.errors import BackendDown, BadInput, Conflict, Misconfigured, NotFound
from kb.knowledge_base.models_in_use import roles_of_models
from kb.knowledge_base.parts import Parts
from kb.models.catalogue.arriving import arrivals, discard
from kb.models.catalogue.listing import UNNAMED, held_models, of_path, with_checksums
from kb.models.catalogue.use import is_named
from kb.models.catalogue.wishes import is_address, names_a_file, require_fitting_wishes, require_no_name
from kb.models.gguf_files import parts_of
from kb.ports import Reranker
from kb.state.server_proofs import ServerProofs
from kb.system.addresses import require_no_login, server_of
from kb.system.home_layout import HomeLayout
from kb.types import Caller, HeldModel, ModelTest, RemovedModel

if TYPE_CHECKING:
    from kb.models.chat.pool import ModelPool

log = logging.getLogger(__name__)

_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w.-]+")
_CHATS = ("ollama/", "endpoint/", "gguf/")


class ModelsService:
    """The models of one data folder, and those of this machine that it may use."""

    def __init__(
        self, parts: Parts, *, models: Callable[[], ModelPool], settings: Callable[[], Settings]
    ) -> None:
        """``models`` gives the answering models, ``settings`` those in force."""
        self._parts = parts
        self._in_force = settings
        self._proofs = ServerProofs(parts.database)
        self._models = models
        self._folder = HomeLayout(parts.settings.home).models

    @property
    def _settings(self) -> Settings:
        return self._in_force()

    async def held(self, *, caller: Caller, checksums: bool = True) -> list[HeldModel]:
        """Returns every model that can be used now; servers are asked, for three seconds at most.

        ``checksums``: with SHA-256, for which new files are read whole, once.
        """
        caller.require_whole()
        found = self._marked(
            held_models(self._settings, proofs=self._proofs.all()), (await self._models().choose())[1].name
        )
        if checksums:
            found = with_checksums(found, self._folder)
        return [*found, *await self._offered(found)]

    def add(
        self,
        what: str,
        *,
        caller: Caller,
        name: str | None = None,
        sha256: str | None = None,
        confirm: Callable[[str], bool],
        announce: Callable[[str], None] = log.info,
    ) -> HeldModel:
        """Returns the model that was added: a folder or GGUF file that was copied into the data folder, a model of the
        hub, a GGUF file from an address, or a model of a server that was proved (an address that names no file, or the
        name of the model of the settings).

        ``name``: what it is to be called here; ``sha256``: what a download must have; ``confirm`` is shown what would
        be downloaded from an address, and says whether it is to be.

        Raises:
            BadInput, Misconfigured, NotFound: it cannot be used; the sentence says why, and nothing of it is kept.
            BackendDown, Conflict, DiskFull: not now.
            Cancelled: ``confirm`` said no.
        """
        caller.require_whole()
        require_fitting_wishes(what, name=name, sha256=sha256)
        log.info("a model is added", extra={"caller": caller.id})
        if is_address(what):
            return self._from_address(what, name=name, sha256=sha256, confirm=confirm, announce=announce)
        if self._settings.embedding.engine in SERVERS and what == self._settings.embedding.model:
            return self._registered(self._settings, announce)
        if (path := expanded(Path(what))).exists() or not _HUB_ID.fullmatch(what):
            from kb.models.catalogue.copying import copy_model

            return self._named(copy_model(path, self._folder, name=name, announce=announce))
        require_no_name(name)
        return self._from_hub(what, announce)

    async def test(self, name: str, *, caller: Caller) -> ModelTest:
        """Returns what the model did when it was asked something real.

        Raises:
            NotFound, BadInput: there is no such model, or nothing here can run it.
        """
        caller.require_whole()
        from kb.models.catalogue.trial import try_reranker

        model = self._find(name)
        if model is None or (model.format == "gguf" and model.kind == "answering"):
            return await self._test_chat_model(name, model)
        if model.kind == "reranker":
            reranker = self._reranker(model)
            try:
                return try_reranker(model.name, reranker)
            finally:
                reranker.close()
        if model.kind != "embedding":
            raise BadInput(
                f"Nothing here runs {model.name} ({model.kind}, {model.format}). Models that answer run from a GGUF "
                "file, or by a server: serve it with vLLM, or add it as GGUF."
            )
        return self._test_embedder(model)

    async def removal(self, name: str, *, caller: Caller) -> RemovedModel:
        """Returns what removing the model would mean; raises NotFound where there is none."""
        caller.require_whole()
        return self._meaning(await self._known(name))

    def _meaning(self, model: HeldModel) -> RemovedModel:
        passages = self._parts.chunks.count_live() if "embedding" in model.used_as else 0
        return RemovedModel(model.name, model.bytes, model.used_as, passages)

    async def remove(self, name: str, *, caller: Caller, force: bool = False) -> RemovedModel:
        """Removes a model, or what was proved of one of a server; ``force``: also what is in use, or shared.

        Raises:
            NotFound: there is no such model.
            Conflict: it is in use, or lies in a cache that other programs use too, without ``force``.
            BadInput: it is nothing that can be removed here.
        """
        caller.require_whole()
        model = await self._known(name)
        removed = self._meaning(model)
        if model.used_as and not force:
            raise Conflict(_in_use(removed))
        if model.place == "hub" and not force:
            raise Conflict(
                f"{model.name} lies in the hub's cache, which other programs of this account use too. With --force it "
                "is removed from there."
            )
        log.info("a model is removed", extra={"model": model.name, "caller": caller.id})
        self._remove(model)
        return removed

    # --- One of them --------------------------------------------------------------------------

    def _marked(self, models: list[HeldModel], answering: str) -> list[HeldModel]:
        roles = roles_of_models(self._parts.database, self._settings, answering)
        return [replace(model, used_as=roles(model)) for model in models]

    async def _offered(self, known: list[HeldModel]) -> list[HeldModel]:
        """Returns the models of servers that answer."""
        answering = (await self._models().choose())[1].name
        here = {alias for model in known for alias in model.aliases}
        found = [
            HeldModel(each, "answering", "served", "server", None, about=about)
            for each, about in (await self._models().names()).items()
            if self._is_chat_model(each) and each not in here
        ]
        return self._marked(found, answering)

    def _find(self, name: str, answering: str = "") -> HeldModel | None:
        """Returns the model of that name, alias or path; None where none has it. ``answering``: the one that does."""
        for model in self._marked(held_models(self._settings, proofs=self._proofs.all()), answering):
            if is_named(model, name):
                return model
        path = expanded(Path(name))
        return of_path(path, str(path), place="elsewhere") if path.exists() else None

    async def _known(self, name: str) -> HeldModel:
        model = self._find(name, (await self._models().choose())[1].name)
        if model is None and self._is_chat_model(name) and name in await self._models().names():
            raise BadInput(f"{name} is a server's model. Remove it there, or take out its settings.")
        if model is None:
            raise NotFound(f"There is no model {name!r} here. `app.py model list` shows those there are.")
        return model

    def _named(self, path: Path) -> HeldModel:
        """Returns the model that was put at ``path``."""
        model = of_path(path, path.name, place="models")
        if model is None:
            raise NotFound(f"{path} is no model that can be used.")
        return self._marked(with_checksums([model], self._folder), self._settings.answering.model)[0]

    # --- Adding -------------------------------------------------------------------------------

    def _from_address(
        self,
        url: str,
        *,
        name: str | None,
        sha256: str | None,
        confirm: Callable[[str], bool],
        announce: Callable[[str], None],
    ) -> HeldModel:
        if names_a_file(url, name):
            from kb.models.catalogue.downloading import Wanted, download_model

            wanted = Wanted(url, name=name, sha256=sha256)
            return self._named(download_model(wanted, self._folder, confirm=confirm, announce=announce))
        require_no_login(url, key="embedding.key")
        asked = self._settings.embedding
        same = asked.engine == "endpoint" and asked.url is not None and server_of(asked.url) == server_of(url)
        changed = {"engine": "endpoint", "url": url, "width": None}
        change = changed if same else {**changed, "key": None, "model": "auto"}
        return self._registered(_with_embedding(self._settings, **change), announce)

    def _from_hub(self, what: str, announce: Callable[[str], None]) -> HeldModel:
        from kb.models import hub
        from kb.models.embed.spec import known

        revision = spec.revision if (spec := known(what)) else None
        if (folder := hub.cached(what, revision)) is None:
            try:
                folder = hub.fetch(what, revision, size=hub.download_bytes(what, revision), announce=announce)
            except (BackendDown, Misconfigured) as error:  # what was meant may be a path with a typing error
                kind = BackendDown if isinstance(error, BackendDown) else Misconfigured
                raise kind(f"There is no file or folder {what} here. {error}") from error
        model = of_path(folder, what, place="hub")
        if model is None:
            raise BadInput(f"{what} has no weights that can be used here: safetensors with a config.json.")
        return self._marked(with_checksums([model], self._folder), self._settings.answering.model)[0]

    def _registered(self, settings: Settings, announce: Callable[[str], None]) -> HeldModel:
        from kb.models.embed.choose import choose

        embedder, _ = choose(settings, announce=announce, proofs=self._proofs)
        try:
            print_of = embedder.fingerprint
            about = f"{embedder.engine_status} {print_of.native_width} dimensions."
        finally:
            embedder.close()
        name = print_of.model if settings.embedding.model == "auto" else settings.embedding.model
        return HeldModel(name or UNNAMED, "embedding", "served", "server", None, about=about)

    # --- Testing ------------------------------------------------------------------------------

    async def _test_chat_model(self, name: str, model: HeldModel | None) -> ModelTest:
        from kb.models.catalogue.trial import try_chat_model
        from kb.models.chat.choose import choose

        if model is not None:
            name = f"gguf/{model.path}" if model.place == "elsewhere" else f"gguf/{model.name}"
        elif not self._is_chat_model(name):
            raise NotFound(f"There is no model {name!r} here. `app.py model list` shows those there are.")
        answering = self._settings.answering.model_copy(update={"model": name})
        chosen, _ = await choose(self._settings.model_copy(update={"answering": answering}))
        if chosen is None:
            raise NotFound(f"{name!r} is no model.")
        try:
            return await try_chat_model(chosen.name, chosen)
        finally:
            await chosen.close()

    def _is_chat_model(self, name: str) -> bool:
        """Whether ``name`` is that of a model that answers, by its form: BACKEND/NAME, or a named connection's."""
        return name.startswith(_CHATS) or name.partition("/")[0] in self._settings.connections

    def _reranker(self, model: HeldModel) -> Reranker:
        made: Reranker
        if model.format == "gguf":
            made = load(RERANKERS, "gguf")(model.path)
        else:
            device = self._settings.embedding.device
            made = load(RERANKERS, "cross_encoder")(str(model.path), device=device, local_only=True)
        return made

    def _test_embedder(self, model: HeldModel) -> ModelTest:
        from kb.models.catalogue.trial import try_embedder
        from kb.models.embed.choose import choose

        if model.format == "served":
            if self._settings.embedding.engine not in SERVERS or "embedding" not in model.used_as:
                raise BadInput(
                    f"{model.name} belongs to a server that the settings do not name now. Set embedding.engine and "
                    "embedding.url, then test it."
                )
            settings = self._settings
        else:
            engine = self._settings.embedding.engine
            runs = "gguf" if model.format == "gguf" else "auto" if engine in EMBEDDERS else engine
            named = str(model.path) if model.path is not None else model.name
            settings = _with_embedding(self._settings, engine=runs, model=named, width=None)
        try:
            embedder, _ = choose(settings, proofs=self._proofs)
        except Misconfigured as error:
            return ModelTest(model.name, "embedding", ok=False, text=str(error))
        try:
            return try_embedder(model.name, embedder)
        finally:
            embedder.close()

    # --- Removing -----------------------------------------------------------------------------

    def _remove(self, model: HeldModel) -> None:
        if model.place == "hub":
            self._remove_from_hub(model)
        elif model.place == "server" and model.aliases:
            self._proofs.remove(model.aliases[0])
        elif model.place == "models" and model.path is not None:
            with arrivals(self._folder):
                for path in parts_of(model.path):  # the one that names the model is the first
                    discard(self._folder, path)
        elif model.place == "bundled":
            raise BadInput(
                "The bundled model belongs to the installation and is unpacked again when it is needed."
            )
        else:
            raise BadInput(
                f"{model.name} does not lie in the data folder. Remove it where it lies, or on its server."
            )

    def _remove_from_hub(self, model: HeldModel) -> None:
        from huggingface_hub import scan_cache_dir

        held = scan_cache_dir()
        revisions = [
            revision.commit_hash
            for repo in held.repos
            if repo.repo_type == "model" and repo.repo_id == model.name
            for revision in repo.revisions
        ]
        held.delete_revisions(*revisions).execute()


def _with_embedding(settings: Settings, **changed: object) -> Settings:
    return settings.model_copy(update={"embedding": settings.embedding.model_copy(update=changed)})


def _in_use(removed: RemovedModel) -> str:
    said = f"{removed.name} is in use: {', '.join(removed.used_as)}."
    if removed.passages:
        said += f" With another model {removed.passages:,} passages would have to be embedded anew."
    return f"{said} Name another in the settings first, or say --force."
