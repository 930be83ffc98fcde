"""Schema version 33."""

SCRIPTS = (
    # What somebody keeps is counted by who added it, whichever key or page it came by; a session knows by what
    # identity it was begun. Addresses of pages lose the login that stood in them.
    """
    ALTER TABLE documents ADD COLUMN added_by INTEGER NOT NULL DEFAULT 0;  -- people.id; 0 is whoever holds the folder
    UPDATE documents SET added_by = coalesce(
        (SELECT id FROM people WHERE substr(documents.collection, 1, length(people.name) + 1) = people.name || '/'), 0);
    CREATE INDEX documents_by_adder ON documents (added_by, state, bytes) WHERE added_by <> 0;
    ALTER TABLE sessions ADD COLUMN issuer TEXT;   -- of the identity by which it was begun; '' is a password, NULL is
    ALTER TABLE sessions ADD COLUMN subject TEXT;  -- not known: from a version before
    UPDATE documents SET
        path = substr(path, 1, instr(path, '://') + 2) || substr(path, instr(path, '@') + 1),
        folder = substr(folder, 1, instr(folder, '://') + 2) || substr(folder, instr(folder, '@') + 1)
    WHERE source = 'page' AND folder LIKE 'http%://%@%'
        AND instr(substr(folder, instr(folder, '://') + 3) || '/', '/')
            > instr(substr(folder, instr(folder, '://') + 3), '@');
    """,
)
