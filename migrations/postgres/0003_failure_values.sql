-- The variables that the failing line of a dialog read: for its author, never for its user.
ALTER TABLE turns ADD COLUMN failed_values jsonb; -- short texts by name; NULL: it did not fail
