-- +goose Up
ALTER TABLE r_playbook ADD COLUMN "exchange" TEXT NOT NULL DEFAULT '';
ALTER TABLE r_exercise ADD COLUMN "restore_id" TEXT;
CREATE INDEX ix_exercise_restore_id ON r_exercise (workspace_id, deleted_at, "restore_id", "id");
ALTER TABLE r_exercise ADD COLUMN "seed" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE r_exercise_inject ADD COLUMN "met" TEXT NOT NULL DEFAULT '[]';
