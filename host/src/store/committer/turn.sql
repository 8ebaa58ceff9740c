-- Writes a turn, whole or not at all. Each statement goes on only if the one before it changed a row, and the first is the
-- fence: the conversation has another version by now, has ended, is not the one that was guessed, or has answered this
-- message before. Returns a row if it was written.
UPDATE sessions SET version = version + 1, last_activity = max(last_activity, $3)
WHERE id = $1 AND version = $2 AND NOT ended
    AND ($30 IS NULL OR last_activity = $31 AND EXISTS (SELECT 1 FROM tokens WHERE token_hash = $30 AND session_id = $1))
    AND NOT EXISTS (SELECT 1 FROM turns WHERE session_id = $1 AND message_id = $4);
-- A turn that did not change the dialog's state leaves it as it is.
UPDATE session_state SET tries = $5, failures = $6, message_count = $7, last_seq = $8, last_timestamp = $9, rate_mark = $10,
    artefact = coalesce($11, artefact), suspension = coalesce($12, suspension),
    variables = coalesce($13, variables), context = coalesce($14, context)
WHERE session_id = $1 AND changes() = 1;
INSERT INTO turns (session_id, seq, message_id, started_at, last_seq, artefact, outcome, expects,
    error_id, failed_code, failed_message, failed_script, failed_line, failed_stack, failed_values,
    fuel, peak_memory, elapsed_us, changed)
SELECT $1, $2 + 1, $4, $3, $8, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28 WHERE changes() = 1
RETURNING seq;
INSERT INTO messages (session_id, turn, seq, role, content, timestamp, suggestions, delay_ms)
SELECT $1, $2 + 1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
FROM json_each($29) WHERE changes() = 1;
