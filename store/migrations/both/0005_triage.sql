-- +goose Up
-- What the triage page sums up by repair, asset and weakness, so that none of it
-- has to read the rows.
CREATE INDEX ix_finding_triage ON r_finding (workspace_id, deleted_at, "status", "fix", "severity", "exploited", "epss", "due", "asset_id", "vulnerability_id");
