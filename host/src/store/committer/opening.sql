-- Makes the sessions of a group of greetings, at version 0: their turns follow like any others. The greetings come as columns,
-- one array each. No session is made under an id, or under a key, that another one has.
WITH greeting AS MATERIALIZED (
    SELECT * FROM unnest(
        $1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::bytea[], $6::bytea[],
        $7::text[], $8::text[], $9::bytea[], $10::text[]
    ) AS greeting (
        session_id, user_id, bot_id, now, token_hash, key_hash,
        variables, context, suspension, artefact
    )
),
-- Whose key is new. (Where an id is looked for with IS TRUE it is no join, as in group.sql.)
keyed AS (
    INSERT INTO openings (key_hash, session_id, created_at)
    SELECT key_hash, session_id, now FROM greeting WHERE key_hash IS NOT NULL
    ON CONFLICT (key_hash) DO NOTHING
    RETURNING session_id
),
made AS (
    INSERT INTO sessions (id, user_id, bot_id, created_at, last_activity, version)
    SELECT session_id, user_id, bot_id, now, now, 0 FROM greeting
    WHERE key_hash IS NULL OR (session_id IN (SELECT session_id FROM keyed)) IS TRUE
    ON CONFLICT (id) DO NOTHING
    RETURNING id
),
opened AS (
    INSERT INTO tokens (token_hash, session_id)
    SELECT token_hash, session_id FROM greeting WHERE (session_id IN (SELECT id FROM made)) IS TRUE
)
INSERT INTO session_state (session_id, variables, context, suspension, artefact, tries, failures, message_count,
    last_seq, last_timestamp, rate_mark)
SELECT session_id, variables::jsonb, context::jsonb, suspension, artefact, 0, 0, 0, 0, now, now FROM greeting
WHERE (session_id IN (SELECT id FROM made)) IS TRUE
