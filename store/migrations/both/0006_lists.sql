-- +goose Up
-- The index of the findings page holds what it sorts by as well, so that a page is
-- found without reading the rows it does not show.
DROP INDEX ix_finding_facets;
CREATE INDEX ix_finding_facets ON r_finding (workspace_id, deleted_at, "status", "severity", "exploited", "due", "type", "asset_id", "first_seen", "last_seen", "epss", "id");
-- When records of a kind last changed, which says whether a remembered count holds.
CREATE INDEX ix_journal_kind ON journal (workspace_id, kind, seq);
