-- +goose Up
ALTER TABLE r_trap ADD COLUMN "test_until" TEXT NOT NULL DEFAULT '';
