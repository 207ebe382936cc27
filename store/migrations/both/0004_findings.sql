-- +goose Up
-- What the findings page counts and groups by, in one index, so that neither has to
-- read the rows. The order is from the most to the least often asked.
CREATE INDEX ix_finding_facets ON r_finding (workspace_id, deleted_at, "status", "severity", "exploited", "due", "type", "asset_id");
