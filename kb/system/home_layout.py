"""The names of the files and folders of a data folder. No other module writes such a name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DATABASE = "footnote.db"
SETTINGS = "footnote.toml"
BLOBS = "blobs"
JOURNALS = ("-wal", "-shm")
"""What SQLite appends to the name of a database for the files that belong to it."""

_NAMES = "names"
_CHROMA = "chroma"
_COLLECTIONS = "chroma-collections"
_WORDS = "words"
_REMOTE = "remote"

LIBRARY = (
    *(*(DATABASE + journal for journal in JOURNALS), DATABASE, BLOBS, _NAMES),
    *(_CHROMA, _COLLECTIONS, _WORDS, _REMOTE),
)
"""What a restored library replaces, in the order in which it goes: the indexes belong to the database that goes."""
RESTORED = (DATABASE, BLOBS)
"""What comes in its place."""


@dataclass(frozen=True, slots=True)
class HomeLayout:
    """The paths below ``root``, which need not exist yet. A backup is laid out as a data folder is."""

    root: Path

    @property
    def database(self) -> Path:
        """SQLite: the source of truth."""
        return self.root / DATABASE

    @property
    def recovering_database(self) -> Path:
        """The database that is being rebuilt in place of a damaged one."""
        return self.root / f"{DATABASE}.recovering"

    def damaged_database(self, stamp: str) -> Path:
        """Returns where a damaged database is set aside; ``stamp`` is digits and hyphens and sorts by time."""
        return self.root / f"{DATABASE}.damaged-{stamp}"

    def damaged_databases(self) -> list[Path]:
        """Returns the databases that were set aside, the newest first."""
        return sorted(self.root.glob(f"{DATABASE}.damaged-*[0-9]"), reverse=True)

    @property
    def settings(self) -> Path:
        """The owner's settings; the file may be missing."""
        return self.root / SETTINGS

    @property
    def keys(self) -> Path:
        """Keys that were set on the page or by a command; no backup has them."""
        return self.root / "footnote.keys"

    @property
    def blobs(self) -> Path:
        """The original files, by the hash of their bytes."""
        return self.root / BLOBS

    @property
    def names(self) -> Path:
        """What each original file was called."""
        return self.root / _NAMES

    @property
    def unclaimed(self) -> Path:
        """Original files that no document names, a folder for each time that there were any."""
        return self.root / "unclaimed"

    @property
    def chroma(self) -> Path:
        """Chroma's indexes of vectors, a folder each."""
        return self.root / _CHROMA

    @property
    def collection_indexes(self) -> Path:
        """Chroma's indexes of the vectors that collections have of their own, a folder for each embedder."""
        return self.root / _COLLECTIONS

    @property
    def words(self) -> Path:
        """Tantivy's indexes of words, a folder each."""
        return self.root / _WORDS

    @property
    def remote(self) -> Path:
        """Notes about indexes on servers: which one answers."""
        return self.root / _REMOTE

    @property
    def library_id(self) -> Path:
        """What tells the indexes of this folder from others' on a server."""
        return self.root / "footnote.library"

    @property
    def embedder_change(self) -> Path:
        """From which embedder to which the library is changing, or was changed last."""
        return self.root / "footnote.embedder"

    @property
    def indexes(self) -> tuple[Path, ...]:
        """The roots of everything that is derived from the database and its vectors."""
        return self.chroma, self.collection_indexes, self.words, self.remote

    @property
    def backups(self) -> Path:
        """The backups, a folder each."""
        return self.root / "backups"

    @property
    def unpacked_backup(self) -> Path:
        """The prefix of the folder into which a backup is unpacked to be restored."""
        return self.root / "backup"

    @property
    def restoring(self) -> Path:
        """A restored library until it replaces the one in use."""
        return self.root / "restoring"

    @property
    def models(self) -> Path:
        """The unpacked bundled model, and GGUF files."""
        return self.root / "models"

    @property
    def evaluation(self) -> Path:
        """The libraries of question sets, and vectors by text."""
        return self.root / "evaluation"

    @property
    def uploads(self) -> Path:
        """Uploads until they are blobs: on the disk of the data folder, not in a small /tmp."""
        return self.root / "uploads"

    @property
    def reserve(self) -> Path:
        """Disk space reserved for deleting on a full disk."""
        return self.root / "reserve"

    @property
    def lock(self) -> Path:
        """Locked by the process that works on the data folder."""
        return self.root / "footnote.lock"

    @property
    def instance(self) -> Path:
        """Which process that is, and where it listens."""
        return self.root / "footnote.instance"

    @property
    def token(self) -> Path:
        """The secret that commands send to that process."""
        return self.root / "footnote.token"

    def everything(self) -> list[Path]:
        """Every file and folder at ``root`` that is of ours, or that an editor left of one; others are left out."""
        patterns = (f"{DATABASE}*", "footnote.*", ".footnote.*", "backup*", "replaced-*")
        named = {
            *(self.root / name for name in LIBRARY),
            *(self.backups, self.restoring, self.models, self.evaluation, self.uploads, self.reserve),
            *(path for pattern in patterns for path in self.root.glob(pattern)),
        }
        return sorted(named)
