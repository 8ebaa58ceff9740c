-- The tables of ../sqlite under the same names. What is read back byte for byte is json (text that was checked),
-- what is only for reading is jsonb: that loses the order of keys, and -0.

CREATE TABLE bots (
    id         uuid        NOT NULL PRIMARY KEY,
    name       text        NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);

-- Every version that ever served: a conversation that waits goes on with the one it waits in.
CREATE TABLE bot_versions (
    bot_id     uuid        NOT NULL REFERENCES bots (id),
    artefact   text        NOT NULL, -- SHA-256 of the component, in hexadecimal
    component  bytea       NOT NULL,
    package    json        NOT NULL, -- the sources
    created_at timestamptz NOT NULL,
    PRIMARY KEY (bot_id, artefact)
);

-- What a bot remembers across conversations.
CREATE TABLE bot_memory (
    bot_id  uuid   NOT NULL REFERENCES bots (id),
    key     text   NOT NULL COLLATE "C",
    value   json   NOT NULL,
    version bigint NOT NULL, -- grows with every write
    PRIMARY KEY (bot_id, key)
) WITH (fillfactor = 70);

CREATE TABLE users (
    id         uuid        NOT NULL PRIMARY KEY,
    email      text        UNIQUE,
    created_at timestamptz NOT NULL
);

-- Every turn rewrites its row here and in session_state. The free part of each page is for that: the new row lands
-- beside the old one, and no index hears of it.
CREATE TABLE sessions (
    id            uuid        NOT NULL PRIMARY KEY,
    user_id       uuid        REFERENCES users (id), -- NULL: anonymous
    bot_id        uuid        NOT NULL REFERENCES bots (id),
    created_at    timestamptz NOT NULL,
    last_activity timestamptz NOT NULL,
    version       bigint      NOT NULL, -- grows with every turn; who holds an old one may not write
    ended         boolean     NOT NULL DEFAULT false
) WITH (fillfactor = 50);

-- For the clean-up. Not on last_activity: every turn writes that, and would have to write the index too.
CREATE INDEX sessions_by_age ON sessions (bot_id, created_at) WHERE user_id IS NULL;

CREATE TABLE tokens (
    token_hash bytea NOT NULL PRIMARY KEY, -- SHA-256; the token itself is never kept
    session_id uuid  NOT NULL REFERENCES sessions (id) ON DELETE CASCADE
);

CREATE INDEX tokens_by_session ON tokens (session_id);

-- Rows of messages and turns are only written by who holds the session's row, so that no foreign key has to look it
-- up for each of them. When a session goes they go by the trigger below.
CREATE TABLE messages (
    session_id  uuid        NOT NULL,
    seq         bigint      NOT NULL,
    turn        bigint      NOT NULL, -- turns.seq
    role        text        NOT NULL CHECK (role IN ('user', 'assistant', 'system')),
    content     text        NOT NULL,
    timestamp   timestamptz NOT NULL,
    suggestions json,    -- NULL: none
    delay_ms    bigint,  -- a pause before it; NULL: none
    PRIMARY KEY (session_id, seq)
);

-- Where the conversation stands. It goes on from `suspension`; `variables` is for reading. `context` is read back as
-- well: it holds texts and lists alone, which jsonb keeps.
CREATE TABLE session_state (
    session_id     uuid        NOT NULL PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    variables      jsonb       NOT NULL, -- all BASIC variables by lower-case name
    context        jsonb       NOT NULL, -- the knowledge at hand
    suspension     bytea       NOT NULL, -- exact: frames, what the HEAR expects, variables
    artefact       text        NOT NULL, -- of the version it waits in
    tries          bigint      NOT NULL, -- wrong answers in a row to the question at hand
    failures       bigint      NOT NULL, -- failed turns in a row at the same HEAR
    message_count  bigint      NOT NULL, -- of the user
    last_seq       bigint      NOT NULL,
    last_timestamp timestamptz NOT NULL,
    rate_mark      timestamptz NOT NULL  -- when the quota of messages is whole again
) WITH (fillfactor = 50);

CREATE TABLE turns (
    session_id     uuid        NOT NULL,
    seq            bigint      NOT NULL, -- the version of the session that the turn made
    message_id     text,                 -- NULL: the greeting
    artefact       text        NOT NULL,
    outcome        text        NOT NULL CHECK (outcome IN ('waiting', 'finished', 'failed', 'reasked')),
    expects        json,    -- as the client got it; NULL: nothing
    error_id       text,    -- of a failure: what the notice shows
    failed_code    text,
    failed_message text,
    failed_script  text,
    failed_line    bigint,
    failed_stack   jsonb,   -- a list of texts, innermost first
    fuel           bigint      NOT NULL,
    peak_memory    bigint      NOT NULL, -- bytes
    started_at     timestamptz NOT NULL,
    elapsed_us     bigint      NOT NULL, -- in the sandbox
    changed        jsonb       NOT NULL, -- the variables that the turn changed
    PRIMARY KEY (session_id, seq),
    UNIQUE (session_id, message_id)
);

CREATE FUNCTION remove_what_was_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM messages WHERE session_id = old.id;
    DELETE FROM turns WHERE session_id = old.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER remove_what_was_said AFTER DELETE ON sessions
    FOR EACH ROW EXECUTE FUNCTION remove_what_was_said();
