"""Schema versions 11 to 21."""

SCRIPTS = (
    # A document is a place: a path within a source, in a collection of somebody. What was here before has no source.
    """
    ALTER TABLE documents ADD COLUMN source TEXT NOT NULL DEFAULT '';
    ALTER TABLE documents ADD COLUMN path TEXT NOT NULL DEFAULT '';
    ALTER TABLE documents ADD COLUMN path_key TEXT NOT NULL DEFAULT '';  -- path as the file system compares it
    UPDATE documents SET path = name, path_key = name;
    DROP INDEX documents_by_bytes;
    CREATE UNIQUE INDEX documents_by_place ON documents (owner, collection, source, path_key, sha256)
        WHERE state NOT IN ('failed', 'cancelled', 'deleting');
    """,
    """
    -- what is embedded and indexed of a passage with rows of a table, as records; NULL where it is the text itself
    ALTER TABLE chunks ADD COLUMN indexed_text TEXT;
    """,
    """
    CREATE TABLE server_proofs (               -- what embedding servers have shown; their fingerprints rest on it
        place TEXT PRIMARY KEY,                -- a hash of address and model
        made TEXT NOT NULL,
        record TEXT NOT NULL,                  -- JSON
        vectors BLOB NOT NULL                  -- of the texts in the record, in half precision
    );
    """,
    """
    CREATE TABLE request_log (                 -- what was asked of models and indexes, kept for a while
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        time TEXT NOT NULL,                    -- when it ended
        kind TEXT NOT NULL,
        origin TEXT NOT NULL,
        owner TEXT NOT NULL,
        engine TEXT NOT NULL,
        model TEXT NOT NULL,
        text TEXT NOT NULL,                    -- or its SHA-256
        tokens INTEGER,
        tokens_written INTEGER,
        queued_ms REAL NOT NULL,
        ms REAL NOT NULL,
        status TEXT NOT NULL,
        reason TEXT NOT NULL,
        job TEXT NOT NULL,
        conversation TEXT NOT NULL,
        key TEXT NOT NULL,                     -- the name of one
        bytes INTEGER NOT NULL                 -- of the row, about
    );
    CREATE INDEX request_log_by_owner ON request_log (owner, id);
    CREATE INDEX request_log_by_conversation ON request_log (conversation) WHERE conversation <> '';
    """,
    """
    CREATE TABLE api_keys (
        id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: conversations of a key are stored under it
        owner TEXT NOT NULL,
        name TEXT NOT NULL,
        hash TEXT NOT NULL UNIQUE,             -- SHA-256 of the key
        scope TEXT NOT NULL,
        collections TEXT,                      -- JSON; NULL for all of them
        added TEXT NOT NULL,
        last_used TEXT,
        UNIQUE (owner, name)
    );
    """,
    """
    ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
    """,
    """
    CREATE TABLE settings (                    -- set on the page or by a command; keys lie in a file of their own
        name TEXT PRIMARY KEY,                 -- section.name
        value TEXT NOT NULL,                   -- JSON
        changed TEXT NOT NULL
    );
    """,
    # What a list of documents is sorted by and narrowed to, in one index that holds all of it: any sort of 100,000
    # rows then reads that index and no row.
    """
    ALTER TABLE documents ADD COLUMN folder TEXT NOT NULL DEFAULT '';     -- of its path, without a slash at the end
    UPDATE documents SET folder = rtrim(rtrim(path, replace(path, '/', '')), '/');
    ALTER TABLE documents ADD COLUMN words INTEGER;                       -- NULL where a former version read it
    ALTER TABLE documents ADD COLUMN unreadable INTEGER NOT NULL DEFAULT 0;  -- 1: the same bytes would fail again
    DROP INDEX documents_by_age;
    CREATE INDEX documents_listed ON documents
        (owner, added DESC, sequence DESC, id, state, enabled, collection, folder, language, pages, words, bytes,
         name, title);

    CREATE TABLE removals (                    -- what a document that is being deleted was, while that can be undone
        document_id TEXT PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
        undo TEXT NOT NULL,                    -- the same for all that were deleted in one go
        state TEXT NOT NULL,
        reason TEXT,
        live INTEGER NOT NULL,
        job TEXT                               -- the kind of the job that it had; NULL where it had none
    );
    CREATE INDEX removals_by_undo ON removals (undo);
    """,
    """
    CREATE TABLE passage_edits (               -- what somebody changed about how a document was read
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,             -- of the passage when that was done
        text TEXT NOT NULL,                    -- as it was read from the file
        corrected TEXT,                        -- what stands there instead; NULL leaves the passage out
        tokens INTEGER NOT NULL                -- of the corrected passage with its headings
    );
    CREATE INDEX passage_edits_by_document ON passage_edits (document_id, position);
    """,
    """
    CREATE TABLE ratings (                     -- what people think of answers; an answer that goes takes its own along
        request_id TEXT PRIMARY KEY REFERENCES requests (id) ON DELETE CASCADE,
        rating TEXT NOT NULL,
        reason TEXT NOT NULL,
        rated TEXT NOT NULL
    );
    """,
    # What stood in the log before belongs to no key of some collections: the key of that name may have been another.
    """
    ALTER TABLE request_log ADD COLUMN key_id INTEGER NOT NULL DEFAULT 0;  -- api_keys.id; 0 without a key
    """,
)
