"""What is kept of passwords: Argon2id hashes, which are slow and large so that a stolen database is no list of them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_PASSES = 2
_KILOBYTES = 19 * 1024
"""The least that OWASP's Password Storage Cheat Sheet asks for: everybody of an office can sign in at nine o'clock on a
small machine, and guesses over the network are counted besides."""


def password_hash(password: str) -> str:
    """Returns the hash of ``password`` with its salt and parameters."""
    return _hasher().hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Returns whether ``kept`` is the hash of ``password``; takes as long for None, of which nothing is."""
    from argon2.exceptions import Argon2Error, InvalidHashError

    try:
        return _hasher().verify(kept or _nobodys(), password) and kept is not None
    except (Argon2Error, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Returns whether a hash was made with other parameters than those of today."""
    return _hasher().check_needs_rehash(kept)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=_PASSES, memory_cost=_KILOBYTES, parallelism=1)


@cache
def _nobodys() -> str:
    """Returns the hash that a password for an unknown name is compared with: no name is told by the time it takes."""
    return _hasher().hash("nobody has this password")
