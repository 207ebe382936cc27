-- +goose Up
CREATE TABLE handover (
	workspace_id TEXT NOT NULL,
	id TEXT NOT NULL,
	body TEXT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
