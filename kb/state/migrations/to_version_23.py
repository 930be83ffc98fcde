"""Schema version 23."""

SCRIPTS = (
    """
    CREATE TABLE cited_documents (             -- what the answer of a request rests on; goes with either of the two
        request_id TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
        document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        PRIMARY KEY (request_id, document_id)
    );
    CREATE INDEX cited_documents_by_document ON cited_documents (document_id);
    INSERT OR IGNORE INTO cited_documents (request_id, document_id)
        SELECT requests.id, documents.id
        FROM requests, json_each(CASE WHEN json_valid(answer) THEN answer ELSE '{}' END, '$.citations') AS cited
        JOIN documents ON documents.id = json_extract(cited.value, '$.document_id');
    """,
)
