"""Schema version 31."""

SCRIPTS = (
    # A document that is cut anew answers by its chunks until the new ones are embedded; what a change of their length
    # replaced is kept, so that the change can be undone.
    """
    CREATE TABLE chunks_aside (
        id INTEGER PRIMARY KEY,                -- that it will have, or had, in chunks: numbered together with those
        document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        is_next INTEGER NOT NULL,              -- 1: takes its place among chunks when all are embedded; 0: had it
        position INTEGER NOT NULL,
        text TEXT NOT NULL,
        heading_path TEXT NOT NULL,
        spans TEXT NOT NULL,
        tokens INTEGER NOT NULL,
        text_hash BLOB NOT NULL,
        checksum INTEGER,
        indexed_text TEXT,
        cut TEXT,                              -- as in documents
        cut_tokens INTEGER,
        UNIQUE (document_id, is_next, position)
    );
    CREATE INDEX chunks_aside_by_hash ON chunks_aside (text_hash);
    ALTER TABLE documents ADD COLUMN cut_tokens INTEGER;  -- the longest that its chunks could be; NULL: not known
    CREATE TABLE chunker_change (              -- the last change of the chunks' length, one row at most
        id INTEGER PRIMARY KEY CHECK (id = 1),
        source INTEGER NOT NULL,               -- the longest chunk before, in tokens
        target INTEGER NOT NULL,
        stage TEXT NOT NULL,                   -- asking, cutting, done
        questions INTEGER,                     -- labelled ones that were asked; NULL before they were
        first_before INTEGER,
        before INTEGER,
        first_after INTEGER,
        after INTEGER,
        problem TEXT
    );
    """,
)
