-- +goose Up
ALTER TABLE r_organisation ADD COLUMN "open_reports" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE r_incident ADD COLUMN "high_risk" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE r_incident ADD COLUMN "card_data" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE r_incident ADD COLUMN "health_data" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE r_incident ADD COLUMN "significant" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE r_incident ADD COLUMN "major_at" TEXT NOT NULL DEFAULT '';
ALTER TABLE r_concern ADD COLUMN "incident_id" TEXT;
CREATE INDEX ix_concern_incident_id ON r_concern (workspace_id, deleted_at, "incident_id", "id");
ALTER TABLE r_concern ADD COLUMN "receipt" TEXT NOT NULL DEFAULT '';
CREATE INDEX ix_concern_receipt ON r_concern (workspace_id, deleted_at, "receipt", "id");
ALTER TABLE r_notification ADD COLUMN "clock" TEXT NOT NULL DEFAULT '';
CREATE INDEX ix_notification_clock ON r_notification (workspace_id, deleted_at, "clock", "id");
