-- Which conversation an Idempotency-Key began: asked again, it gets the same one. Kept for minutes.
CREATE TABLE openings (
    key_hash   bytea       NOT NULL PRIMARY KEY, -- SHA-256 of the client's address and the key
    session_id uuid        NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL
);

CREATE INDEX openings_by_session ON openings (session_id);
CREATE INDEX openings_by_age ON openings (created_at);
