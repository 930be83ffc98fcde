"""The groups of threads of the server.

Routes that only read or write the database share the framework's pool; nothing that may take seconds runs there, so
that a light request never waits for a heavy one.
"""

from __future__ import annotations

from kb.system.threads import Threads

UPLOADS = Threads("uploads", 8)
"""Writing what arrives, hashing and keeping it."""
MAINTENANCE = Threads("maintenance", 2)
"""Backups and checks: minutes."""
PASSWORDS = Threads("passwords", 2)
"""Hashing: each takes 19 MB and a core for some hundredths of a second."""
IDENTITIES = Threads("identities", 4)
"""Waiting for a provider of identities, which may be away."""
EVALUATIONS = Threads("evaluations", 2)
"""Reading the sets of questions that an evaluation is to ask, and adding up what it holds on the disk."""
