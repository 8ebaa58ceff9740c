-- Commits a group of turns: each whole or not at all. The turns come as columns, one array each; `n` is a turn's
-- place in the group. Returns the places of those that were written. The others lost the fence: their conversation
-- has another version by now, has ended, is not the one that was guessed, or has answered this message before.
WITH turn AS MATERIALIZED (
    SELECT * FROM unnest(
        $1::bigint[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::text[],
        $6::text[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[], $14::text[], $15::text[],
        $16::bigint[], $17::bigint[], $18::bigint[], $19::text[],
        $20::bigint[], $21::bigint[], $22::bigint[], $23::bigint[], $24::timestamptz[], $25::timestamptz[],
        $26::text[], $27::bytea[], $28::text[], $29::text[], $30::bytea[], $31::timestamptz[]
    ) AS turn (
        n, session_id, base, now, message_id,
        artefact, outcome, expects,
        error_id, failed_code, failed_message, failed_script, failed_line, failed_stack, failed_values,
        fuel, peak_memory, elapsed_us, changed,
        tries, failures, message_count, last_seq, last_timestamp, rate_mark,
        body_artefact, suspension, variables, context,
        token_hash, stood_at -- a guess; NULL: they were looked up before
    )
),
-- The fence. It holds the session's row until the end, and everything below is written for what passed it. (Where a place is
-- looked for with IS TRUE it is no join: `passed` is hashed once.)
passed AS (
    UPDATE sessions SET version = version + 1, last_activity = greatest(last_activity, now)
    FROM turn
    WHERE id = turn.session_id AND version = turn.base AND NOT ended
        AND (token_hash IS NULL OR last_activity = stood_at AND EXISTS (
            SELECT FROM tokens WHERE tokens.token_hash = turn.token_hash AND tokens.session_id = turn.session_id
        ))
        AND NOT EXISTS (
            SELECT FROM turns
            WHERE turns.session_id = turn.session_id AND turns.message_id = turn.message_id
        )
    RETURNING n
),
-- A turn that did not change the dialog's state leaves it as it is.
states AS (
    UPDATE session_state AS state SET
        variables = coalesce(turn.variables::jsonb, state.variables),
        context = coalesce(turn.context::jsonb, state.context),
        suspension = coalesce(turn.suspension, state.suspension),
        artefact = coalesce(turn.body_artefact, state.artefact),
        tries = turn.tries, failures = turn.failures, message_count = turn.message_count,
        last_seq = turn.last_seq, last_timestamp = turn.last_timestamp, rate_mark = turn.rate_mark
    FROM turn
    WHERE state.session_id = turn.session_id AND (n IN (SELECT n FROM passed)) IS TRUE
),
reports AS (
    INSERT INTO turns (session_id, seq, message_id, artefact, outcome, expects,
        error_id, failed_code, failed_message, failed_script, failed_line, failed_stack, failed_values,
        fuel, peak_memory, started_at, elapsed_us, changed, last_seq)
    SELECT session_id, base + 1, message_id, artefact, outcome, expects::json,
        error_id, failed_code, failed_message, failed_script, failed_line, failed_stack::jsonb, failed_values::jsonb,
        fuel, peak_memory, now, elapsed_us, changed::jsonb, last_seq
    FROM turn
    WHERE (n IN (SELECT n FROM passed)) IS TRUE
),
said AS (
    INSERT INTO messages (session_id, turn, seq, role, content, timestamp, suggestions, delay_ms)
    SELECT session_id, turn, seq, role, content, timestamp, suggestions::json, delay_ms
    FROM unnest($32::bigint[], $33::uuid[], $34::bigint[], $35::bigint[], $36::text[], $37::text[],
        $38::timestamptz[], $39::text[], $40::bigint[])
        AS message (n, session_id, turn, seq, role, content, timestamp, suggestions, delay_ms)
    WHERE (n IN (SELECT n FROM passed)) IS TRUE
)
SELECT n FROM passed
