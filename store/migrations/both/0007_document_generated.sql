-- +goose Up
ALTER TABLE r_document_version ADD COLUMN "generated" TEXT NOT NULL DEFAULT '';
