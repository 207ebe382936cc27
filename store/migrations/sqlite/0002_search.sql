-- +goose Up
CREATE TABLE search_doc (
	doc_id INTEGER PRIMARY KEY,
	workspace_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	record_id TEXT NOT NULL,
	title TEXT NOT NULL,
	body TEXT NOT NULL,
	UNIQUE (workspace_id, record_id)
);
CREATE VIRTUAL TABLE search_text USING fts5 (
	title, body, content = 'search_doc', content_rowid = 'doc_id', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
-- +goose StatementBegin
CREATE TRIGGER search_doc_added AFTER INSERT ON search_doc BEGIN
	INSERT INTO search_text (rowid, title, body) VALUES (new.doc_id, new.title, new.body);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_doc_removed AFTER DELETE ON search_doc BEGIN
	INSERT INTO search_text (search_text, rowid, title, body) VALUES ('delete', old.doc_id, old.title, old.body);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER search_doc_changed AFTER UPDATE ON search_doc BEGIN
	INSERT INTO search_text (search_text, rowid, title, body) VALUES ('delete', old.doc_id, old.title, old.body);
	INSERT INTO search_text (rowid, title, body) VALUES (new.doc_id, new.title, new.body);
END;
-- +goose StatementEnd
