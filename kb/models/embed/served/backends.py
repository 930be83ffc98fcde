"""The embedders that are servers, as ``kb.backends`` names them."""

from __future__ import annotations

import logging
from dataclasses import replace

from kb.config import Settings
from kb.errors import Misconfigured
from kb.models.embed.proof_store import ProofStore
from kb.models.embed.served.embedder import ServedEmbedder, Use
from kb.models.embed.served.known_model import find
from kb.models.embed.served.ollama_server import OllamaServer
from kb.models.embed.served.openai_server import OpenAiServer
from kb.models.embed.served.proof_requests import failing_proof
from kb.models.embed.served.protocol import EmbeddingServer
from kb.models.embed.served.record import opened_proofs, place_of, read, stored
from kb.models.embed.served.register import Asked, register
from kb.models.hub import Announce

log = logging.getLogger(__name__)


class EndpointEmbedder(ServedEmbedder):
    """A model of an OpenAI-compatible server."""

    @classmethod
    def from_settings(
        cls, settings: Settings, name: str, *, announce: Announce, proofs: ProofStore | None
    ) -> ServedEmbedder:
        """Returns the model ``name`` of the configured server, empty for the one that it lists first.

        The first time it is proved, which asks the server; later the record of that is enough until a text comes.

        Raises:
            ProofFailed: it may not be used; the sentence names what differed.
            BackendDown, Misconfigured: the server cannot be asked, or none is set.
        """
        url = settings.embedding.url
        if not url:
            raise Misconfigured(
                "No server is set for the embedding model. Set embedding.url, as in http://127.0.0.1:8000/v1."
            )
        server = OpenAiServer(url, name, key=_key(settings))
        return served(settings, server, place_of(url, name), announce=announce, proofs=proofs)


class OllamaEmbedder(ServedEmbedder):
    """A model of Ollama."""

    @classmethod
    def from_settings(
        cls, settings: Settings, name: str, *, announce: Announce, proofs: ProofStore | None
    ) -> ServedEmbedder:
        """Returns the model ``name``, which Ollama downloads first where it does not have it.

        Raises:
            ProofFailed, BackendDown, Misconfigured: as for ``EndpointEmbedder``.
        """
        if not name:
            raise Misconfigured(
                "No model is set for Ollama. Set embedding.model, as in qwen3-embedding:0.6b."
            )
        url = settings.embedding.url or settings.answering.ollama_url
        server = OllamaServer(url, name, key=_key(settings))
        proofs = opened_proofs(settings.home, proofs)
        if proofs.find(place_of(url, name)) is None:
            try:
                with failing_proof():
                    server.pull_if_missing(announce)
            except BaseException:
                server.close()
                raise
        return served(settings, server, place_of(url, name), announce=announce, proofs=proofs)


def served(
    settings: Settings, server: EmbeddingServer, place: str, *, announce: Announce, proofs: ProofStore | None
) -> ServedEmbedder:
    """Returns the embedder over ``server``, registered first where it was not before; closes the server if it fails.

    ``proofs`` keeps what was proved at ``place``, and has what was proved elsewhere: where that is the same, so is the
    fingerprint. None: files of the data folder do.
    """
    try:
        proofs = opened_proofs(settings.home, proofs)
        kept = proofs.find(place)
        record = read(kept)
        is_new = record is None
        if record is not None:
            server.model = record.model
        elif not server.model:
            with failing_proof():
                server.facts()  # which chooses the model
        known = find(settings, server.model)
        if record is None:
            announce(f"{server.who} is being proved: its vectors of fixed texts are compared.")
            earlier = [found for each in proofs.all() if (found := read(each, known.spec)) is not None]
            with failing_proof():
                record = register(Asked(server, server.model, known, settings.parsing.chunk_tokens), earlier)
        else:
            record = read(kept, known.spec) or record
        if kept is None or stored(record, place).record != kept.record:
            proofs.keep(stored(record, place))
        use = Use(settings.embedding.width, settings.embedding.instruction)
        return ServedEmbedder(server, record, replace(known, spec=record.spec), use, proved=is_new)
    except BaseException:
        server.close()
        raise


def _key(settings: Settings) -> str | None:
    key = settings.embedding.key
    return key.get_secret_value() if key is not None else None
