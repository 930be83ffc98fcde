"""Schema version 25."""

SCRIPTS = (
    """
    CREATE TABLE moves (                       -- documents that were put into another collection of late
        document_id TEXT PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
        former TEXT NOT NULL,                  -- the collection before, for whoever undoes it
        undo TEXT NOT NULL,                    -- the same for all that were moved in one go
        moved REAL NOT NULL,                   -- seconds since 1970
        indexed_in TEXT                        -- where the derived indexes hold it still; NULL once they have followed
    );
    CREATE INDEX moves_by_undo ON moves (undo);
    CREATE INDEX moves_to_follow ON moves (document_id) WHERE indexed_in IS NOT NULL;
    """,
)
