-- +goose Up
CREATE TABLE journal (
	workspace_id TEXT NOT NULL,
	seq BIGINT NOT NULL,
	at TEXT NOT NULL,
	actor_id TEXT NOT NULL,
	actor TEXT NOT NULL,
	via TEXT NOT NULL,
	verb TEXT NOT NULL,
	kind TEXT NOT NULL,
	record_id TEXT NOT NULL,
	title TEXT NOT NULL,
	version BIGINT NOT NULL,
	reason TEXT NOT NULL,
	changes TEXT NOT NULL,
	prev TEXT NOT NULL,
	hash TEXT NOT NULL,
	PRIMARY KEY (workspace_id, seq)
);
CREATE INDEX ix_journal_record ON journal (workspace_id, record_id, seq);

CREATE TABLE journal_head (
	workspace_id TEXT NOT NULL PRIMARY KEY,
	seq BIGINT NOT NULL,
	hash TEXT NOT NULL,
	at TEXT NOT NULL
);

CREATE TABLE links (
	workspace_id TEXT NOT NULL,
	from_kind TEXT NOT NULL,
	from_id TEXT NOT NULL,
	name TEXT NOT NULL,
	to_kind TEXT NOT NULL,
	to_id TEXT NOT NULL,
	created_at TEXT NOT NULL,
	PRIMARY KEY (workspace_id, from_kind, from_id, name, to_id)
);
CREATE INDEX ix_links_back ON links (workspace_id, to_kind, to_id, name, from_id);

CREATE TABLE run (
	workspace_id TEXT NOT NULL,
	id TEXT NOT NULL,
	asset_id TEXT NOT NULL,
	engine TEXT NOT NULL,
	started TEXT NOT NULL,
	finished TEXT NOT NULL,
	error TEXT NOT NULL,
	looked BIGINT NOT NULL,
	failed BIGINT NOT NULL,
	summary TEXT NOT NULL,
	PRIMARY KEY (workspace_id, id)
);
CREATE INDEX ix_run_asset ON run (workspace_id, asset_id, finished);

CREATE TABLE component (
	workspace_id TEXT NOT NULL,
	asset_id TEXT NOT NULL,
	ecosystem TEXT NOT NULL,
	name TEXT NOT NULL,
	version TEXT NOT NULL,
	path TEXT NOT NULL,
	purl TEXT NOT NULL,
	first_seen TEXT NOT NULL,
	last_seen TEXT NOT NULL,
	PRIMARY KEY (workspace_id, asset_id, ecosystem, name, version, path)
);
CREATE INDEX ix_component_name ON component (workspace_id, name, ecosystem);

CREATE TABLE job (
	id TEXT NOT NULL PRIMARY KEY,
	workspace_id TEXT NOT NULL,
	name TEXT NOT NULL,
	title TEXT NOT NULL,
	payload TEXT NOT NULL,
	once TEXT,
	state TEXT NOT NULL,
	attempt BIGINT NOT NULL,
	run_at TEXT NOT NULL,
	lease TEXT NOT NULL,
	step TEXT NOT NULL,
	done BIGINT NOT NULL,
	total BIGINT NOT NULL,
	error TEXT NOT NULL,
	result TEXT NOT NULL,
	created_at TEXT NOT NULL,
	created_by TEXT NOT NULL,
	finished_at TEXT NOT NULL
);
CREATE UNIQUE INDEX ix_job_once ON job (workspace_id, name, once);
CREATE INDEX ix_job_due ON job (state, run_at);
CREATE INDEX ix_job_recent ON job (workspace_id, created_at);

CREATE TABLE session (
	token TEXT NOT NULL PRIMARY KEY,
	data TEXT NOT NULL,
	expires TEXT NOT NULL
);
CREATE INDEX ix_session_expires ON session (expires);

CREATE TABLE setting (
	name TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
);

CREATE TABLE idempotency (
	workspace_id TEXT NOT NULL,
	token TEXT NOT NULL,
	request TEXT NOT NULL,
	status BIGINT NOT NULL,
	body TEXT NOT NULL,
	created_at TEXT NOT NULL,
	PRIMARY KEY (workspace_id, token)
);

-- The words that titles and keys are made of, so that a search forgives typing errors.
CREATE TABLE search_word (
	workspace_id TEXT NOT NULL,
	word TEXT NOT NULL,
	PRIMARY KEY (workspace_id, word)
);
