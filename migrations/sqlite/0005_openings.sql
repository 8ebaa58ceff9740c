-- Which conversation an Idempotency-Key began: asked again, it gets the same one. Kept for minutes.
CREATE TABLE openings (
    key_hash   BLOB NOT NULL PRIMARY KEY, -- SHA-256 of the client's address and the key
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX openings_by_session ON openings (session_id);
CREATE INDEX openings_by_age ON openings (created_at);
