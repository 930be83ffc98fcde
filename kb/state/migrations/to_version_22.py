"""Schema version 22: people, groups, what is shared with them, and who is signed in."""

SCRIPTS = (
    """
    CREATE TABLE people (
        id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: what is stored of a person hangs on it
        identity TEXT NOT NULL UNIQUE,         -- under what conversations and keys are stored
        name TEXT NOT NULL,
        name_key TEXT NOT NULL UNIQUE,         -- the name without regard to capitals
        role TEXT NOT NULL,
        password TEXT NOT NULL,                -- its Argon2id hash
        added TEXT NOT NULL,
        last_seen TEXT
    );
    CREATE TABLE sessions (
        hash TEXT PRIMARY KEY,                 -- SHA-256 of what the cookie holds
        person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
        begun TEXT NOT NULL,
        last_used TEXT NOT NULL,
        expires TEXT NOT NULL
    );
    CREATE INDEX sessions_by_person ON sessions (person_id);
    CREATE TABLE person_groups (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        name_key TEXT NOT NULL UNIQUE
    );
    CREATE TABLE group_members (
        group_id INTEGER NOT NULL REFERENCES person_groups (id) ON DELETE CASCADE,
        person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
        PRIMARY KEY (group_id, person_id)
    );
    CREATE INDEX group_members_by_person ON group_members (person_id);
    CREATE TABLE shares (                      -- with a person or with a group
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        collection TEXT NOT NULL,
        person_id INTEGER REFERENCES people (id) ON DELETE CASCADE,
        group_id INTEGER REFERENCES person_groups (id) ON DELETE CASCADE,
        role TEXT NOT NULL
    );
    CREATE INDEX shares_by_collection ON shares (collection);
    CREATE INDEX documents_by_collection ON documents (collection);
    ALTER TABLE request_log ADD COLUMN person TEXT NOT NULL DEFAULT '';  -- whose account asked
    """,
)
