"""Schema version 24: what collections are searched with."""

SCRIPTS = (
    """
    CREATE TABLE collection_embedders (        -- what a collection is searched with instead of the library's embedder
        owner TEXT NOT NULL,
        collection TEXT NOT NULL,
        chosen TEXT,                           -- JSON: settings by name; NULL: the library's embedder
        former TEXT,                           -- the same before the last change
        stored_key TEXT,                       -- of its vectors; NULL where they are the library's
        PRIMARY KEY (owner, collection)
    );
    """,
)
