-- +goose Up
ALTER TABLE r_trap ADD COLUMN "mark" TEXT NOT NULL DEFAULT '';
CREATE INDEX ix_trap_mark ON r_trap (workspace_id, deleted_at, "mark", "id");
ALTER TABLE r_trap ADD COLUMN "host" TEXT NOT NULL DEFAULT '';
ALTER TABLE r_trap ADD COLUMN "let_in" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE r_trap ADD COLUMN "scans" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE r_trap ADD COLUMN "complaint" TEXT NOT NULL DEFAULT '';
