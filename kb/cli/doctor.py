"""``doctor``: what is installed and in use, what is wrong, and how to repair it."""

from __future__ import annotations

import argparse
import asyncio
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from kb.cli.common import Commands, Wiring, json_option, opened, print_finding
from kb.cli.output import print_json
from kb.errors import Conflict, FootnoteError
from kb.types import OWNER, DocumentState, Finding

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

_PACKAGES = (
    "gradio",
    "chromadb",
    "weaviate-client",
    "sentence-transformers",
    "torch",
    "tantivy",
    "pypdfium2",
    "pypdf",
    "python-docx",
    "ollama",
    "xllamacpp",
)
_LOW_DISK_BYTES = 1 << 30


def register(commands: Commands) -> None:
    text = "say what is installed and in use, what is wrong, and how to mend it"
    doctor = commands.add("doctor", _doctor, text)
    doctor.add_argument(
        "--prove-again",
        action="store_true",
        help="take on what the embedding server computes now; where that is something else, all is embedded anew",
    )
    json_option(doctor)


def _doctor(options: argparse.Namespace, wiring: Wiring) -> int:
    with opened(options, wiring) as kb:
        if options.prove_again and kb.maintenance.is_held():
            raise Conflict(
                f"The data folder is in use by {kb.maintenance.holder()}, which goes on with the former proof. End it, "
                "run this once more, and start it."
            )
        findings = asyncio.run(_examined(kb, prove_again=options.prove_again))
    if options.json:
        print_json([finding.as_json() for finding in findings])
    else:
        for finding in findings:
            print_finding(finding.as_json())
    return 0 if all(finding.ok for finding in findings) else 1


async def _examined(kb: KnowledgeBase, *, prove_again: bool) -> list[Finding]:
    try:
        return await examine(kb, prove_again=prove_again)
    finally:
        await kb.close_models()


async def examine(kb: KnowledgeBase, *, prove_again: bool = False) -> list[Finding]:
    """Returns the findings about everything that Footnote stands on. Takes a moment: servers are asked.

    ``prove_again``: what the embedding server computes now is taken on.
    """
    return [
        Finding("python", ok=True, text=f"{platform.python_version()} on {platform.platform(terse=True)}"),
        *_packages(),
        *gpu_finding(kb.unused_gpu()),
        *_data_folder(kb),
        *(Finding("setting", ok=True, text=note) for note in kb.settings.notes),
        _accounts(kb),
        *_documents(kb),
        *_store(kb),
        *await asyncio.to_thread(_embedder, kb, prove_again=prove_again),
        *await kb.engine_findings(),
        await asyncio.to_thread(kb.reranker_finding),
        await _answering_model(kb),
    ]


def _packages() -> Iterator[Finding]:
    for name in _PACKAGES:
        try:
            yield Finding(name, ok=True, text=version(name))
        except PackageNotFoundError:
            yield Finding(
                name, ok=False, text="not installed", remedy=f"Run: {sys.executable} start.py --reinstall"
            )


def gpu_finding(unused: str | None) -> Iterator[Finding]:
    """Yields what to do about a GPU, named ``unused``, that PyTorch cannot use; nothing for None."""
    if unused is not None:
        yield Finding(
            "gpu",
            ok=False,
            text=f"{unused} is not used: the installed build of PyTorch is for the processor",
            remedy="Run: python3 start.py --gpu (about 3 GB to download)",
        )


def _data_folder(kb: KnowledgeBase) -> Iterator[Finding]:
    home = kb.settings.home
    used = f"; in use by {kb.maintenance.holder()}" if kb.maintenance.is_held() else ""
    yield Finding("data folder", ok=True, text=f"{home}{used}")
    free = shutil.disk_usage(home).free
    yield Finding(
        "disk",
        ok=free >= _LOW_DISK_BYTES,
        text=f"{free / (1 << 30):.1f} GB free",
        remedy=None if free >= _LOW_DISK_BYTES else "Make room: imports stop when the disk is full.",
    )


def _accounts(kb: KnowledgeBase) -> Finding:
    from kb.web.door.local_accounts import can_tell

    if kb.settings.server.local_accounts == "all":
        return Finding(
            "accounts", ok=True, text="Every account of this machine is answered, as the settings say."
        )
    if can_tell():
        return Finding("accounts", ok=True, text="The page answers the account that starts it, and no other.")
    return Finding(
        "accounts",
        ok=False,
        text="It cannot be told here which account a connection belongs to, so every local one is answered.",
        remedy="Run Footnote where /proc/net/tcp can be read, or only where nobody else has an account.",
    )


def _documents(kb: KnowledgeBase) -> Iterator[Finding]:
    failed = kb.library.count(caller=OWNER, state=DocumentState.FAILED)
    count, collections = kb.library.count(caller=OWNER), kb.library.collections(caller=OWNER)
    yield Finding(
        "documents",
        ok=True,
        text=f"{count} in {len(collections)} collections, {kb.jobs.due()} waiting, {failed} failed",
        remedy="`app.py list` shows why they failed." if failed else None,
    )


def _store(kb: KnowledgeBase) -> Iterator[Finding]:
    for text in kb.maintenance.warnings():
        yield Finding("room", ok=False, text=text)
    for notice in kb.maintenance.notices(caller=OWNER):
        yield Finding(
            "notice", ok=False, text=notice.text, remedy="The page has a button that puts this away."
        )
    newest = next(iter(kb.maintenance.backups(caller=OWNER)), None)
    yield Finding(
        "backup",
        ok=True,
        text=f"the newest is of {newest.made[:16].replace('T', ' ')} UTC, {newest.documents} documents"
        if newest
        else "there is none yet; the app makes one a day, `app.py backup` makes one now",
    )


def _embedder(kb: KnowledgeBase, *, prove_again: bool) -> list[Finding]:
    """Returns the findings about the embedder, which is opened and proved once, and about the index of its vectors."""
    before = _stored_key(kb) if prove_again else None
    try:
        embedder, why = kb.choose_embedder(prove_again=prove_again)
    except FootnoteError as error:
        return [Finding("embedder", ok=False, text=kb.settings.embedding.model, remedy=str(error))]
    fingerprint = embedder.fingerprint
    named = f"{fingerprint.model}, {fingerprint.width} dimensions. {why}"
    try:
        kb.require_embedder(embedder)
        found = Finding("embedder", ok=True, text=f"{named} {embedder.engine_status}")
    except FootnoteError as error:
        found = Finding("embedder", ok=False, text=named, remedy=str(error))
    finally:
        embedder.close()
    proof = [] if before is None else [_proof(changed=before != fingerprint.stored_key)]
    return [found, *proof, kb.vectors.probe(fingerprint, caller=OWNER)]


def _stored_key(kb: KnowledgeBase) -> str | None:
    """Returns the key of what is stored by the embedder as it was proved before; None where it was not."""
    try:
        embedder, _ = kb.choose_embedder()
    except FootnoteError:
        return None
    embedder.close()
    return embedder.fingerprint.stored_key


def _proof(*, changed: bool) -> Finding:
    said = "it computes something else: every passage is embedded anew as soon as the app runs"
    return Finding("proof", ok=True, text=said if changed else "the vectors that are stored stay as they are")


async def _answering_model(kb: KnowledgeBase) -> Finding:
    try:
        status = await kb.model_status()
    except FootnoteError as error:
        return Finding("answers", ok=False, text=kb.settings.answering.model, remedy=str(error))
    return Finding("answers", ok=True, text=f"{status.name}. {status.why}", remedy=status.better)
