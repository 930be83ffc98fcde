"""The schema, one script a version. A released script is never changed; a change is a new script at the end."""

from __future__ import annotations

MIGRATIONS = (
    """
    CREATE TABLE documents (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        collection TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        added TEXT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT,
        title TEXT,
        pages INTEGER,
        chunks INTEGER NOT NULL DEFAULT 0,
        chunks_done INTEGER NOT NULL DEFAULT 0,
        live INTEGER NOT NULL DEFAULT 0,      -- 1 once its chunks may be found; stays while it is embedded anew
        replaces TEXT
    );
    CREATE UNIQUE INDEX documents_by_bytes ON documents (collection, sha256)
        WHERE state NOT IN ('failed', 'cancelled');
    CREATE INDEX documents_by_name ON documents (collection, name);
    CREATE INDEX documents_by_age ON documents (added DESC, id DESC);
    CREATE INDEX documents_by_blob ON documents (sha256);

    CREATE TABLE chunks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: the derived indexes rely on it
        document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        text TEXT NOT NULL,
        heading_path TEXT NOT NULL,
        spans TEXT NOT NULL,
        tokens INTEGER NOT NULL,
        text_hash BLOB NOT NULL,               -- of what is embedded; the key of its vectors
        UNIQUE (document_id, position)
    );
    CREATE INDEX chunks_by_hash ON chunks (text_hash);

    CREATE TABLE embedders (
        id INTEGER PRIMARY KEY,
        stored_key TEXT NOT NULL UNIQUE
    );
    CREATE TABLE vectors (
        embedder_id INTEGER NOT NULL REFERENCES embedders (id) ON DELETE CASCADE,
        text_hash BLOB NOT NULL,
        vector BLOB NOT NULL,                  -- float16, native width
        PRIMARY KEY (embedder_id, text_hash)
    );

    CREATE TABLE jobs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        attempts INTEGER NOT NULL DEFAULT 0,
        lease_owner TEXT,
        lease_until REAL NOT NULL DEFAULT 0,   -- seconds since 1970, UTC
        UNIQUE (kind, document_id)
    );

    CREATE TABLE tombstones (                  -- removed chunks that the derived indexes may still hold
        chunk_id INTEGER PRIMARY KEY,
        collection TEXT NOT NULL
    );
    """,
    """
    ALTER TABLE documents ADD COLUMN pages_done INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE documents ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;  -- the order in which they were added
    UPDATE documents SET sequence = rowid;
    CREATE INDEX documents_by_sequence ON documents (sequence);
    CREATE INDEX documents_by_state ON documents (state);
    DROP INDEX documents_by_bytes;
    CREATE UNIQUE INDEX documents_by_bytes ON documents (collection, sha256)
        WHERE state NOT IN ('failed', 'cancelled', 'deleting');

    ALTER TABLE jobs RENAME TO former_jobs;
    CREATE TABLE jobs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        document_id TEXT NOT NULL UNIQUE REFERENCES documents (id) ON DELETE CASCADE,
        state TEXT NOT NULL DEFAULT 'queued',
        turn INTEGER NOT NULL,                 -- a smaller one is begun before a larger one
        attempts INTEGER NOT NULL DEFAULT 0,   -- only ever grows: it is part of the lease
        parses INTEGER NOT NULL DEFAULT 0,     -- parsers begun whose end nobody lived to see
        faults INTEGER NOT NULL DEFAULT 0,     -- errors of ours that it met in a row
        reason TEXT,
        lease_owner TEXT,
        lease_until REAL NOT NULL DEFAULT 0    -- seconds since 1970, UTC; of a waiting one: when to try again
    );
    CREATE INDEX jobs_by_turn ON jobs (state, turn, id, document_id);
    CREATE INDEX jobs_by_owner ON jobs (lease_owner) WHERE lease_owner IS NOT NULL;
    INSERT INTO jobs (id, kind, document_id, turn) SELECT id, kind, document_id, 1 FROM former_jobs;
    DROP TABLE former_jobs;

    CREATE TABLE queue (                       -- one row: what holds for all imports
        id INTEGER PRIMARY KEY CHECK (id = 1),
        paused INTEGER NOT NULL DEFAULT 0,
        reason TEXT,
        chunks_per_second REAL
    );
    INSERT INTO queue (id) VALUES (1);
    """,
    """
    CREATE TABLE kept_questions (              -- labels of the person's own, for the evaluation
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        question TEXT NOT NULL,
        sha256 TEXT NOT NULL,                  -- of the document's bytes; it may not be here any more
        document TEXT NOT NULL,
        page INTEGER,
        quote TEXT NOT NULL,
        added TEXT NOT NULL,
        UNIQUE (question, sha256, quote)
    );
    CREATE TABLE evaluations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        finished TEXT NOT NULL,
        set_key TEXT NOT NULL,                 -- hash of documents and questions: the same key can be compared
        set_name TEXT NOT NULL,
        compared_with INTEGER REFERENCES evaluations (id) ON DELETE SET NULL,
        result TEXT NOT NULL                   -- JSON: settings, figures, intervals, what was missed
    );
    CREATE INDEX evaluations_by_set ON evaluations (set_key, id);
    """,
    """
    CREATE TABLE notices (                     -- what the owner should know and has not put away yet
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        made TEXT NOT NULL,
        text TEXT NOT NULL
    );
    """,
    """
    CREATE TABLE conversations (
        id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        added TEXT NOT NULL,
        updated TEXT NOT NULL
    );
    CREATE INDEX conversations_by_age ON conversations (updated DESC, id DESC);

    CREATE TABLE requests (
        id TEXT PRIMARY KEY,
        conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,             -- place in the conversation, from 1
        state TEXT NOT NULL,
        question TEXT NOT NULL,
        collection TEXT,
        wanted_model TEXT,
        added TEXT NOT NULL,
        searched TEXT,                         -- JSON: what was searched, and the numbers of the passages found
        notices TEXT NOT NULL DEFAULT '[]',
        text TEXT NOT NULL DEFAULT '',         -- of the answer, so far
        answer TEXT,                           -- JSON: what a finished answer has besides its text
        error TEXT,
        UNIQUE (conversation_id, position)
    );
    CREATE INDEX requests_running ON requests (state) WHERE state = 'running';
    """,
    """
    ALTER TABLE documents ADD COLUMN language TEXT;
    ALTER TABLE documents ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1;
    CREATE TABLE tags (
        document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        tag TEXT NOT NULL,
        PRIMARY KEY (document_id, tag)
    );
    CREATE INDEX tags_by_name ON tags (tag, document_id);
    """,
    """
    ALTER TABLE documents ADD COLUMN cut TEXT;  -- the version of the chunker that made its chunks
    UPDATE documents SET cut = '2' WHERE live = 1;
    """,
    # Whose things are. What stands by itself has an owner; what belongs to a row that has one does not get a
    # second, which could say otherwise: chunks, tags and jobs are their document's, requests their conversation's.
    # Vectors are shared by whoever has the same text; the queue and the tombstones are the machine's.
    """
    ALTER TABLE documents ADD COLUMN owner TEXT NOT NULL DEFAULT 'owner';
    DROP INDEX documents_by_bytes;
    CREATE UNIQUE INDEX documents_by_bytes ON documents (owner, collection, sha256)
        WHERE state NOT IN ('failed', 'cancelled', 'deleting');
    DROP INDEX documents_by_name;
    CREATE INDEX documents_by_name ON documents (owner, collection, name);
    DROP INDEX documents_by_age;
    CREATE INDEX documents_by_age ON documents (owner, added DESC, id DESC);
    DROP INDEX documents_by_blob;
    CREATE INDEX documents_by_blob ON documents (sha256, owner, collection);

    ALTER TABLE conversations ADD COLUMN owner TEXT NOT NULL DEFAULT 'owner';
    ALTER TABLE conversations ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;  -- the order of their last questions
    UPDATE conversations SET sequence =
        (SELECT coalesce(max(rowid), 0) FROM requests WHERE conversation_id = conversations.id);
    CREATE INDEX conversations_by_sequence ON conversations (sequence);
    DROP INDEX conversations_by_age;
    CREATE INDEX conversations_by_age ON conversations (owner, updated DESC, sequence DESC);

    ALTER TABLE evaluations ADD COLUMN owner TEXT NOT NULL DEFAULT 'owner';
    DROP INDEX evaluations_by_set;
    CREATE INDEX evaluations_by_set ON evaluations (owner, set_key, id);

    ALTER TABLE notices ADD COLUMN owner TEXT NOT NULL DEFAULT 'owner';

    ALTER TABLE kept_questions RENAME TO former_kept_questions;
    CREATE TABLE kept_questions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        question TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        document TEXT NOT NULL,
        page INTEGER,
        quote TEXT NOT NULL,
        added TEXT NOT NULL,
        owner TEXT NOT NULL DEFAULT 'owner',
        UNIQUE (owner, question, sha256, quote)  -- two people may keep the same one
    );
    INSERT INTO kept_questions (id, question, sha256, document, page, quote, added)
        SELECT id, question, sha256, document, page, quote, added FROM former_kept_questions;
    DROP TABLE former_kept_questions;
    """,
    """
    -- JSON: the question by its fields; NULL where a former version kept it in question and collection
    ALTER TABLE requests ADD COLUMN asked TEXT;
    """,
    """
    CREATE TABLE library (                     -- one row: which library this is, whatever its file is called
        id INTEGER PRIMARY KEY CHECK (id = 1),
        identity TEXT NOT NULL
    );
    INSERT INTO library (id, identity) VALUES (1, lower(hex(randomblob(16))));
    -- CRC-32 of what the row holds; NULL where a former version wrote it
    ALTER TABLE chunks ADD COLUMN checksum INTEGER;
    ALTER TABLE vectors ADD COLUMN checksum INTEGER;
    """,
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
"""One script a schema version, in order; a released one is never changed."""
