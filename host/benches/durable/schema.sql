CREATE TABLE messages (
    session_id bigint, seq bigint, role text NOT NULL, content text NOT NULL, timestamp timestamptz NOT NULL,
    PRIMARY KEY (session_id, seq)
);
CREATE TABLE session_state (
    session_id bigint PRIMARY KEY, version bigint NOT NULL, variables jsonb NOT NULL, suspension bytea NOT NULL
) WITH (fillfactor = 50);
