"""Schema version 30: who shared what, and who signs in by a provider of identities."""

SCRIPTS = (
    """
    ALTER TABLE shares ADD COLUMN given_by INTEGER REFERENCES people (id) ON DELETE CASCADE;  -- NULL: a command
    CREATE INDEX shares_by_giver ON shares (given_by);
    CREATE INDEX shares_by_person ON shares (person_id);
    CREATE TABLE provided_identities (         -- by which a provider knows somebody: never by an e-mail, which moves on
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
        PRIMARY KEY (issuer, subject)
    );
    CREATE INDEX provided_identities_by_person ON provided_identities (person_id);
    """,
)
