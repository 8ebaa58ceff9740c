-- What a bot remembers of one user.
CREATE TABLE user_memory (
    bot_id     TEXT    NOT NULL REFERENCES bots (id),
    owner      TEXT    NOT NULL, -- the user's id; of an anonymous one the session's
    key        TEXT    NOT NULL,
    user_id    TEXT    REFERENCES users (id) ON DELETE CASCADE,
    session_id TEXT    REFERENCES sessions (id) ON DELETE CASCADE, -- of an anonymous one
    value      TEXT    NOT NULL, -- JSON
    version    INTEGER NOT NULL, -- grows with every write
    expires_at TEXT,             -- NULL: never
    PRIMARY KEY (bot_id, owner, key)
) STRICT, WITHOUT ROWID;

-- For what goes with a user or a session, and for the clean-up.
CREATE INDEX user_memory_by_user ON user_memory (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX user_memory_by_session ON user_memory (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX user_memory_by_expiry ON user_memory (expires_at) WHERE expires_at IS NOT NULL;
