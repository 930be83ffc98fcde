"""Schema version 32."""

SCRIPTS = (
    # Work is taken from one person after the other: who asked for it, and who had a turn last.
    """
    ALTER TABLE jobs ADD COLUMN person INTEGER NOT NULL DEFAULT 0;  -- who asked for it; 0 is whoever holds the folder
    DROP INDEX jobs_by_turn;
    CREATE INDEX jobs_by_turn ON jobs (state, turn, person, id, document_id);
    CREATE TABLE turns_taken (
        turn INTEGER NOT NULL,                 -- as in jobs
        person INTEGER NOT NULL,
        latest INTEGER NOT NULL,               -- the greater, the later a job of theirs was begun
        PRIMARY KEY (turn, person)
    );
    """,
)
