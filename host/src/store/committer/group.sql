-- Commits a group of turns: each whole or not at all. The turns come as columns, one array each; `n` is a turn's
-- place in the group. Returns the places of those that were written. The others lost the fence: their conversation
-- has another version by now, has ended, or has answered this message before; or their key has made one.
WITH turn AS (
    SELECT * FROM unnest(
        $1::bigint[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::text[],
        $6::text[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[], $14::text[], $15::text[],
        $16::bigint[], $17::bigint[], $18::bigint[], $19::text[],
        $20::bigint[], $21::bigint[], $22::bigint[], $23::bigint[], $24::timestamptz[], $25::timestamptz[],
        $26::text[], $27::bytea[], $28::text[], $29::text[],
        $30::uuid[], $31::uuid[], $32::bytea[], $33::bytea[]
    ) AS turn (
        n, session_id, base, now, message_id,
        artefact, outcome, expects,
        error_id, failed_code, failed_message, failed_script, failed_line, failed_stack, failed_values,
        fuel, peak_memory, elapsed_us, changed,
        tries, failures, message_count, last_seq, last_timestamp, rate_mark,
        body_artefact, suspension, variables, context,
        bot_id, user_id, token_hash, key_hash -- of an opening; of any other turn the token is NULL
    )
),
-- The fence. It holds the session's row until the end, and everything below is written for what passed it.
advanced AS (
    UPDATE sessions SET version = version + 1, last_activity = greatest(last_activity, now)
    FROM turn
    WHERE id = turn.session_id AND version = turn.base AND NOT ended
        AND NOT EXISTS (
            SELECT FROM turns
            WHERE turns.session_id = turn.session_id AND turns.message_id = turn.message_id
        )
    RETURNING turn.*
),
-- The key of an opening, if it has one, makes one session.
claimed AS (
    INSERT INTO openings (key_hash, session_id, created_at)
    SELECT key_hash, session_id, now FROM turn WHERE key_hash IS NOT NULL
    ON CONFLICT (key_hash) DO NOTHING
    RETURNING session_id
),
opened AS (
    INSERT INTO sessions (id, user_id, bot_id, created_at, last_activity, version)
    SELECT session_id, user_id, bot_id, now, now, 1 FROM turn
    WHERE token_hash IS NOT NULL AND (key_hash IS NULL OR session_id IN (SELECT session_id FROM claimed))
    ON CONFLICT (id) DO NOTHING
    RETURNING id
),
passed AS (
    SELECT * FROM advanced
    UNION ALL
    SELECT turn.* FROM turn JOIN opened ON id = session_id WHERE token_hash IS NOT NULL
),
given_tokens AS (
    INSERT INTO tokens (token_hash, session_id)
    SELECT token_hash, session_id FROM passed WHERE token_hash IS NOT NULL
),
first_states AS (
    INSERT INTO session_state (session_id, variables, context, suspension, artefact,
        tries, failures, message_count, last_seq, last_timestamp, rate_mark)
    SELECT session_id, variables::jsonb, context::jsonb, suspension, body_artefact,
        tries, failures, message_count, last_seq, last_timestamp, rate_mark
    FROM passed WHERE token_hash IS NOT NULL
),
-- A turn that did not change the dialog's state leaves it as it is.
states AS (
    UPDATE session_state AS state SET
        variables = coalesce(passed.variables::jsonb, state.variables),
        context = coalesce(passed.context::jsonb, state.context),
        suspension = coalesce(passed.suspension, state.suspension),
        artefact = coalesce(passed.body_artefact, state.artefact),
        tries = passed.tries, failures = passed.failures, message_count = passed.message_count,
        last_seq = passed.last_seq, last_timestamp = passed.last_timestamp, rate_mark = passed.rate_mark
    FROM passed
    WHERE state.session_id = passed.session_id
),
reports AS (
    INSERT INTO turns (session_id, seq, message_id, artefact, outcome, expects,
        error_id, failed_code, failed_message, failed_script, failed_line, failed_stack, failed_values,
        fuel, peak_memory, started_at, elapsed_us, changed, last_seq)
    SELECT session_id, base + 1, message_id, artefact, outcome, expects::json,
        error_id, failed_code, failed_message, failed_script, failed_line, failed_stack::jsonb, failed_values::jsonb,
        fuel, peak_memory, now, elapsed_us, changed::jsonb, last_seq
    FROM passed
),
said AS (
    INSERT INTO messages (session_id, turn, seq, role, content, timestamp, suggestions, delay_ms)
    SELECT session_id, turn, seq, role, content, timestamp, suggestions::json, delay_ms
    FROM unnest($34::bigint[], $35::uuid[], $36::bigint[], $37::bigint[], $38::text[], $39::text[],
        $40::timestamptz[], $41::text[], $42::bigint[])
        AS message (n, session_id, turn, seq, role, content, timestamp, suggestions, delay_ms)
    WHERE (n IN (SELECT n FROM passed)) IS TRUE -- so written it is no join: `passed` is hashed once
)
SELECT n FROM passed
