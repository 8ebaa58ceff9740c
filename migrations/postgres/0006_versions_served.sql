-- What goes on serving if the package no longer compiles: the version that began to serve last, with its settings.
ALTER TABLE bot_versions ADD COLUMN served_at timestamptz; -- when it last began to serve; NULL: never itself
ALTER TABLE bot_versions ADD COLUMN config text; -- its config.csv; NULL: kept before there was this column
UPDATE bot_versions SET served_at = created_at;
