-- Ids are UUIDs (version 7) as text, times are UTC as text with six decimals (they sort as they read),
-- JSON is text. PostgreSQL has uuid, timestamptz and jsonb in their places, under the same names.

CREATE TABLE bots (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL
) STRICT;

-- Every version that ever served: a conversation that waits goes on with the one it waits in.
CREATE TABLE bot_versions (
    bot_id     TEXT NOT NULL REFERENCES bots (id),
    artefact   TEXT NOT NULL, -- SHA-256 of the component, in hexadecimal
    component  BLOB NOT NULL,
    package    TEXT NOT NULL, -- JSON: the sources
    created_at TEXT NOT NULL,
    PRIMARY KEY (bot_id, artefact)
) STRICT;

-- What a bot remembers across conversations.
CREATE TABLE bot_memory (
    bot_id  TEXT    NOT NULL REFERENCES bots (id),
    key     TEXT    NOT NULL,
    value   TEXT    NOT NULL, -- JSON
    version INTEGER NOT NULL, -- grows with every write
    PRIMARY KEY (bot_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    id         TEXT NOT NULL PRIMARY KEY,
    email      TEXT UNIQUE,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE sessions (
    id            TEXT    NOT NULL PRIMARY KEY,
    user_id       TEXT    REFERENCES users (id), -- NULL: anonymous
    bot_id        TEXT    NOT NULL REFERENCES bots (id),
    created_at    TEXT    NOT NULL,
    last_activity TEXT    NOT NULL,
    version       INTEGER NOT NULL, -- grows with every turn; who holds an old one may not write
    ended         INTEGER NOT NULL DEFAULT 0
) STRICT;

-- For the clean-up. Not on last_activity: every turn writes that, and would have to write the index too.
CREATE INDEX sessions_by_age ON sessions (bot_id, created_at) WHERE user_id IS NULL;

CREATE TABLE tokens (
    token_hash BLOB NOT NULL PRIMARY KEY, -- SHA-256; the token itself is never kept
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX tokens_by_session ON tokens (session_id);

CREATE TABLE messages (
    session_id  TEXT    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    seq         INTEGER NOT NULL,
    turn        INTEGER NOT NULL, -- turns.seq
    role        TEXT    NOT NULL CHECK (role IN ('user', 'assistant', 'system')),
    content     TEXT    NOT NULL,
    timestamp   TEXT    NOT NULL,
    suggestions TEXT,    -- JSON; NULL: none
    delay_ms    INTEGER, -- a pause before it; NULL: none
    PRIMARY KEY (session_id, seq)
) STRICT, WITHOUT ROWID;

-- Where the conversation stands. It goes on from `suspension`; `variables` and `context` are for reading.
CREATE TABLE session_state (
    session_id     TEXT    NOT NULL PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    variables      TEXT    NOT NULL, -- JSON: all BASIC variables by lower-case name
    context        TEXT    NOT NULL, -- JSON: the knowledge at hand
    suspension     BLOB    NOT NULL, -- exact: frames, what the HEAR expects, variables
    artefact       TEXT    NOT NULL, -- of the version it waits in
    tries          INTEGER NOT NULL, -- wrong answers in a row to the question at hand
    failures       INTEGER NOT NULL, -- failed turns in a row at the same HEAR
    message_count  INTEGER NOT NULL, -- of the user
    last_seq       INTEGER NOT NULL,
    last_timestamp TEXT    NOT NULL,
    rate_mark      TEXT    NOT NULL  -- when the quota of messages is whole again
) STRICT;

CREATE TABLE turns (
    session_id     TEXT    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    seq            INTEGER NOT NULL, -- the version of the session that the turn made
    message_id     TEXT,             -- NULL: the greeting
    artefact       TEXT    NOT NULL,
    outcome        TEXT    NOT NULL CHECK (outcome IN ('waiting', 'finished', 'failed', 'reasked')),
    expects        TEXT,    -- JSON, as the client got it; NULL: nothing
    error_id       TEXT,    -- of a failure: what the notice shows
    failed_code    TEXT,
    failed_message TEXT,
    failed_script  TEXT,
    failed_line    INTEGER,
    failed_stack   TEXT,    -- JSON: a list of texts, innermost first
    fuel           INTEGER NOT NULL,
    peak_memory    INTEGER NOT NULL, -- bytes
    started_at     TEXT    NOT NULL,
    elapsed_us     INTEGER NOT NULL, -- in the sandbox
    changed        TEXT    NOT NULL, -- JSON: the variables that the turn changed
    PRIMARY KEY (session_id, seq),
    UNIQUE (session_id, message_id)
) STRICT, WITHOUT ROWID;
