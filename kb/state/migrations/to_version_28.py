"""Schema versions 26 to 28."""

SCRIPTS = (
    # Whoever sees what came with one key sees it numbered by itself: the numbers of the whole log would count others'.
    """
    ALTER TABLE request_log ADD COLUMN number INTEGER NOT NULL DEFAULT 0;  -- among those of its owner and key, from 1
    UPDATE request_log SET number = numbered.number FROM (
        SELECT id, row_number() OVER (PARTITION BY owner, key_id ORDER BY id) AS number FROM request_log
    ) AS numbered WHERE numbered.id = request_log.id;
    CREATE INDEX request_log_by_key ON request_log (owner, key_id, number);
    """,
    """
    CREATE TABLE kept_replies (                -- to requests that name themselves, for when they are repeated
        caller TEXT NOT NULL,
        name TEXT NOT NULL,                    -- the Idempotency-Key
        asked TEXT NOT NULL,                   -- SHA-256 of the request
        status INTEGER NOT NULL,
        reply TEXT NOT NULL,                   -- JSON
        added TEXT NOT NULL,
        PRIMARY KEY (caller, name)
    );
    CREATE INDEX kept_replies_by_age ON kept_replies (added);
    """,
    # Written by the database itself, so that no way in which an import ends is forgotten; only the latest stay.
    """
    CREATE TABLE import_ends (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        event TEXT NOT NULL UNIQUE,            -- what it is called outside: numbers would count others' imports
        document_id TEXT NOT NULL,
        state TEXT NOT NULL,                   -- ready or failed
        reason TEXT,
        time TEXT NOT NULL
    );
    CREATE TRIGGER document_import_ended AFTER UPDATE OF state ON documents
    WHEN NEW.state IN ('ready', 'failed') AND OLD.state <> NEW.state AND OLD.state <> 'deleting'
    BEGIN
        INSERT INTO import_ends (event, document_id, state, reason, time)
            VALUES (lower(hex(randomblob(12))), NEW.id, NEW.state, NEW.reason,
                    strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'));
        DELETE FROM import_ends WHERE id <= last_insert_rowid() - 10000;
    END;
    """,
)
