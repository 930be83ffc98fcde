"""Schema versions 1 to 10."""

SCRIPTS = (
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
)
