"""Schema version 29."""

SCRIPTS = (
    # What was asked before there were accounts goes to the first owner, once. Where accounts were removed already,
    # whoever had it may be among them, so that nobody gets it any more.
    """
    CREATE TABLE handed_over (                 -- identities that an account has had which may not go to another
        identity TEXT PRIMARY KEY
    );
    INSERT INTO handed_over (identity) SELECT 'owner'
        WHERE EXISTS (SELECT 1 FROM people WHERE role = 'owner')
           OR (SELECT count(*) FROM people) < (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'people');
    """,
)
