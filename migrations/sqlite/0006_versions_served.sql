-- When a version last began to serve: the newest one goes on if the package no longer compiles.
ALTER TABLE bot_versions ADD COLUMN served_at TEXT; -- NULL: at created_at
