-- What a turn has to write at the least: two messages and where the conversation stands.
WITH state AS (
    INSERT INTO session_state (session_id, version, variables, suspension)
    VALUES (:client_id, 1, '{"n":1,"word":"hello"}', '\x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20')
    ON CONFLICT (session_id) DO UPDATE SET version = session_state.version + 1, variables = excluded.variables,
        suspension = excluded.suspension
    RETURNING version
)
INSERT INTO messages (session_id, seq, role, content, timestamp)
SELECT :client_id, 2 * version + part, role, content, clock_timestamp()
FROM state, (VALUES (0, 'user', 'hello 123456'), (1, 'assistant', '123456 hello 123456')) AS said (part, role, content);
