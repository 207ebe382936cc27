-- +goose Up
CREATE TABLE search_doc (
	doc_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	workspace_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	record_id TEXT NOT NULL,
	title TEXT NOT NULL,
	body TEXT NOT NULL,
	words tsvector GENERATED ALWAYS AS
		(setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', body), 'B')) STORED,
	UNIQUE (workspace_id, record_id)
);
CREATE INDEX ix_search_doc_words ON search_doc USING gin (words);
