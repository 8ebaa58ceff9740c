-- What a bot remembers of one user.
CREATE TABLE user_memory (
    bot_id     uuid   NOT NULL REFERENCES bots (id),
    owner      uuid   NOT NULL, -- the user's id; of an anonymous one the session's
    key        text   NOT NULL COLLATE "C",
    user_id    uuid   REFERENCES users (id) ON DELETE CASCADE,
    session_id uuid   REFERENCES sessions (id) ON DELETE CASCADE, -- of an anonymous one
    value      json   NOT NULL,
    version    bigint NOT NULL, -- grows with every write
    expires_at timestamptz,     -- NULL: never
    PRIMARY KEY (bot_id, owner, key)
);

-- For what goes with a user or a session, and for the clean-up.
CREATE INDEX user_memory_by_user ON user_memory (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX user_memory_by_session ON user_memory (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX user_memory_by_expiry ON user_memory (expires_at) WHERE expires_at IS NOT NULL;
