-- +goose Up
ALTER TABLE r_business_case ADD COLUMN "payback" DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE r_business_case ADD COLUMN "frozen_at" TEXT NOT NULL DEFAULT '';
ALTER TABLE r_business_case ADD COLUMN "account" TEXT NOT NULL DEFAULT '';
ALTER TABLE r_approval ADD COLUMN "asked_by" TEXT;
CREATE INDEX ix_approval_asked_by ON r_approval (workspace_id, deleted_at, "asked_by", "id");
ALTER TABLE r_milestone ADD COLUMN "start_on" TEXT NOT NULL DEFAULT '';
ALTER TABLE r_milestone ADD COLUMN "baseline" DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE r_asset_dependency ADD COLUMN "reviewed_on" TEXT NOT NULL DEFAULT '';
ALTER TABLE r_asset_dependency ADD COLUMN "reviewed_by" TEXT;
CREATE INDEX ix_asset_dependency_reviewed_by ON r_asset_dependency (workspace_id, deleted_at, "reviewed_by", "id");
ALTER TABLE r_asset_dependency ADD COLUMN "verdict" TEXT NOT NULL DEFAULT '';
