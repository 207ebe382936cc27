-- +goose Up
CREATE TABLE r_person (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"email" TEXT NOT NULL DEFAULT '',
	"role_title" TEXT NOT NULL DEFAULT '',
	"employment" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"roles" TEXT NOT NULL DEFAULT '[]',
	"manager_id" TEXT,
	"deputy_id" TEXT,
	"phone" TEXT NOT NULL DEFAULT '',
	"site" TEXT NOT NULL DEFAULT '',
	"locale" TEXT NOT NULL DEFAULT '',
	"time_zone" TEXT NOT NULL DEFAULT '',
	"digest" TEXT NOT NULL DEFAULT '',
	"joined_on" TEXT NOT NULL DEFAULT '',
	"left_on" TEXT NOT NULL DEFAULT '',
	"screened_on" TEXT NOT NULL DEFAULT '',
	"nda_on" TEXT NOT NULL DEFAULT '',
	"password_hash" TEXT NOT NULL DEFAULT '',
	"password_changed" TEXT NOT NULL DEFAULT '',
	"totp_secret" TEXT NOT NULL DEFAULT '',
	"recovery_hashes" TEXT NOT NULL DEFAULT '[]',
	"link_hash" TEXT NOT NULL DEFAULT '',
	"link_expires" TEXT NOT NULL DEFAULT '',
	"locked_until" TEXT NOT NULL DEFAULT '',
	"last_sign_in" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "manager_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "deputy_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_person_email ON r_person (workspace_id, deleted_at, "email", "id");
CREATE INDEX ix_person_status ON r_person (workspace_id, deleted_at, "status", "id");
CREATE INDEX ix_person_manager_id ON r_person (workspace_id, deleted_at, "manager_id", "id");
CREATE INDEX ix_person_deputy_id ON r_person (workspace_id, deleted_at, "deputy_id", "id");
CREATE INDEX ix_person_title ON r_person (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_organisation (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"legal_name" TEXT NOT NULL DEFAULT '',
	"sector" TEXT NOT NULL DEFAULT '',
	"size" TEXT NOT NULL DEFAULT '',
	"headcount" BIGINT NOT NULL DEFAULT 0,
	"turnover" BIGINT NOT NULL DEFAULT 0,
	"country" TEXT NOT NULL DEFAULT '',
	"operates" TEXT NOT NULL DEFAULT '[]',
	"currency" TEXT NOT NULL DEFAULT '',
	"locale" TEXT NOT NULL DEFAULT '',
	"time_zone" TEXT NOT NULL DEFAULT '',
	"mission" TEXT NOT NULL DEFAULT '',
	"strategy" TEXT NOT NULL DEFAULT '',
	"internal_context" TEXT NOT NULL DEFAULT '',
	"external_context" TEXT NOT NULL DEFAULT '',
	"crown_jewels" TEXT NOT NULL DEFAULT '',
	"risk_matrix" TEXT NOT NULL DEFAULT '',
	"fiscal_year_start" BIGINT NOT NULL DEFAULT 0,
	"security_lead_id" TEXT,
	"executive_id" TEXT,
	"privacy_officer_id" TEXT,
	"website" TEXT NOT NULL DEFAULT '',
	"logo" TEXT NOT NULL DEFAULT '',
	"brand_colour" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "security_lead_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "executive_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "privacy_officer_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_organisation_created_at ON r_organisation (workspace_id, deleted_at, "created_at", "id");
CREATE INDEX ix_organisation_security_lead_id ON r_organisation (workspace_id, deleted_at, "security_lead_id", "id");
CREATE INDEX ix_organisation_executive_id ON r_organisation (workspace_id, deleted_at, "executive_id", "id");
CREATE INDEX ix_organisation_privacy_officer_id ON r_organisation (workspace_id, deleted_at, "privacy_officer_id", "id");

CREATE TABLE r_interested_party (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"category" TEXT NOT NULL DEFAULT '',
	"attitude" TEXT NOT NULL DEFAULT '',
	"influence" BIGINT NOT NULL DEFAULT 0,
	"interest" BIGINT NOT NULL DEFAULT 0,
	"needs" TEXT NOT NULL DEFAULT '',
	"requirements" TEXT NOT NULL DEFAULT '',
	"how_met" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"contact" TEXT NOT NULL DEFAULT '',
	"email" TEXT NOT NULL DEFAULT '',
	"phone" TEXT NOT NULL DEFAULT '',
	"channel" TEXT NOT NULL DEFAULT '',
	"review_by" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_interested_party_influence ON r_interested_party (workspace_id, deleted_at, "influence", "id");
CREATE INDEX ix_interested_party_owner_id ON r_interested_party (workspace_id, deleted_at, "owner_id", "id");

CREATE TABLE r_motivator (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"urgency" BIGINT NOT NULL DEFAULT 0,
	"noticed_on" TEXT NOT NULL DEFAULT '',
	"effective" TEXT NOT NULL DEFAULT '',
	"description" TEXT NOT NULL DEFAULT '',
	"reopens" TEXT NOT NULL DEFAULT '[]',
	"effect" TEXT NOT NULL DEFAULT '',
	"source" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"handled_on" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_motivator_effective ON r_motivator (workspace_id, deleted_at, "effective", "id");
CREATE INDEX ix_motivator_owner_id ON r_motivator (workspace_id, deleted_at, "owner_id", "id");

CREATE TABLE r_objective (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"parent_id" TEXT,
	"status" TEXT NOT NULL DEFAULT '',
	"due" TEXT NOT NULL DEFAULT '',
	"progress" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"owner_id" TEXT,
	"priority" BIGINT NOT NULL DEFAULT 0,
	"principles" TEXT NOT NULL DEFAULT '[]',
	"reason" TEXT NOT NULL DEFAULT '',
	"target" TEXT NOT NULL DEFAULT '',
	"plan" TEXT NOT NULL DEFAULT '',
	"budget" BIGINT NOT NULL DEFAULT 0,
	"hours" BIGINT NOT NULL DEFAULT 0,
	"outcome" TEXT NOT NULL DEFAULT '',
	"reached_on" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "parent_id") REFERENCES r_objective (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_objective_parent_id ON r_objective (workspace_id, deleted_at, "parent_id", "id");
CREATE INDEX ix_objective_due ON r_objective (workspace_id, deleted_at, "due", "id");
CREATE INDEX ix_objective_owner_id ON r_objective (workspace_id, deleted_at, "owner_id", "id");

CREATE TABLE r_indicator (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"value" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"measured_at" TEXT NOT NULL DEFAULT '',
	"health" TEXT NOT NULL DEFAULT '',
	"unit" TEXT NOT NULL DEFAULT '',
	"direction" TEXT NOT NULL DEFAULT '',
	"target" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"warn" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"source" TEXT NOT NULL DEFAULT '',
	"formula" TEXT NOT NULL DEFAULT '',
	"every_days" BIGINT NOT NULL DEFAULT 0,
	"principle" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"description" TEXT NOT NULL DEFAULT '',
	"response" TEXT NOT NULL DEFAULT '',
	"board" BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_indicator_owner_id ON r_indicator (workspace_id, deleted_at, "owner_id", "id");

CREATE TABLE r_scope (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"statement" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"sites" TEXT NOT NULL DEFAULT '[]',
	"included" TEXT NOT NULL DEFAULT '',
	"excluded" TEXT NOT NULL DEFAULT '',
	"interfaces" TEXT NOT NULL DEFAULT '',
	"dependencies" TEXT NOT NULL DEFAULT '',
	"edition" TEXT NOT NULL DEFAULT '',
	"review_by" TEXT NOT NULL DEFAULT '',
	"approved_on" TEXT NOT NULL DEFAULT '',
	"approved_by" TEXT,
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "approved_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_scope_owner_id ON r_scope (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_scope_approved_by ON r_scope (workspace_id, deleted_at, "approved_by", "id");

CREATE TABLE r_committee (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"chair_id" TEXT,
	"mandate" TEXT NOT NULL DEFAULT '',
	"spend_limit" BIGINT NOT NULL DEFAULT 0,
	"quorum" BIGINT NOT NULL DEFAULT 0,
	"meets_every" BIGINT NOT NULL DEFAULT 0,
	"reports_to" TEXT NOT NULL DEFAULT '',
	"email" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "chair_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_committee_chair_id ON r_committee (workspace_id, deleted_at, "chair_id", "id");

CREATE TABLE r_business_case (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"sponsor_id" TEXT,
	"committee_id" TEXT,
	"investment" BIGINT NOT NULL DEFAULT 0,
	"annual_cost" BIGINT NOT NULL DEFAULT 0,
	"loss_before" BIGINT NOT NULL DEFAULT 0,
	"loss_after" BIGINT NOT NULL DEFAULT 0,
	"return" BIGINT NOT NULL DEFAULT 0,
	"problem" TEXT NOT NULL DEFAULT '',
	"proposal" TEXT NOT NULL DEFAULT '',
	"options" TEXT NOT NULL DEFAULT '',
	"benefits" TEXT NOT NULL DEFAULT '',
	"timescale" TEXT NOT NULL DEFAULT '',
	"rationale" TEXT NOT NULL DEFAULT '',
	"decided_by" TEXT,
	"decided_at" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "sponsor_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "committee_id") REFERENCES r_committee (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "decided_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_business_case_updated_at ON r_business_case (workspace_id, deleted_at, "updated_at", "id");
CREATE INDEX ix_business_case_sponsor_id ON r_business_case (workspace_id, deleted_at, "sponsor_id", "id");
CREATE INDEX ix_business_case_committee_id ON r_business_case (workspace_id, deleted_at, "committee_id", "id");
CREATE INDEX ix_business_case_decided_by ON r_business_case (workspace_id, deleted_at, "decided_by", "id");

CREATE TABLE r_budget (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"starts" TEXT NOT NULL DEFAULT '',
	"ends" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"amount" BIGINT NOT NULL DEFAULT 0,
	"spent" BIGINT NOT NULL DEFAULT 0,
	"hours" BIGINT NOT NULL DEFAULT 0,
	"hourly_cost" BIGINT NOT NULL DEFAULT 0,
	"owner_id" TEXT,
	"source" TEXT NOT NULL DEFAULT '',
	"note" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_budget_starts ON r_budget (workspace_id, deleted_at, "starts", "id");
CREATE INDEX ix_budget_owner_id ON r_budget (workspace_id, deleted_at, "owner_id", "id");

CREATE TABLE r_meeting (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"committee_id" TEXT,
	"at" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"minutes" BIGINT NOT NULL DEFAULT 0,
	"place" TEXT NOT NULL DEFAULT '',
	"chair_id" TEXT,
	"writer_id" TEXT,
	"agenda" TEXT NOT NULL DEFAULT '',
	"record" TEXT NOT NULL DEFAULT '',
	"approved_on" TEXT NOT NULL DEFAULT '',
	"approved_by" TEXT,
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "committee_id") REFERENCES r_committee (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "chair_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "writer_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "approved_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_meeting_committee_id ON r_meeting (workspace_id, deleted_at, "committee_id", "id");
CREATE INDEX ix_meeting_at ON r_meeting (workspace_id, deleted_at, "at", "id");
CREATE INDEX ix_meeting_chair_id ON r_meeting (workspace_id, deleted_at, "chair_id", "id");
CREATE INDEX ix_meeting_writer_id ON r_meeting (workspace_id, deleted_at, "writer_id", "id");
CREATE INDEX ix_meeting_approved_by ON r_meeting (workspace_id, deleted_at, "approved_by", "id");

CREATE TABLE r_decision (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"question" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"due" TEXT NOT NULL DEFAULT '',
	"committee_id" TEXT,
	"meeting_id" TEXT,
	"asked_by" TEXT,
	"owner_id" TEXT,
	"options" TEXT NOT NULL DEFAULT '',
	"recommendation" TEXT NOT NULL DEFAULT '',
	"cost" BIGINT NOT NULL DEFAULT 0,
	"loss_avoided" BIGINT NOT NULL DEFAULT 0,
	"outcome" TEXT NOT NULL DEFAULT '',
	"rationale" TEXT NOT NULL DEFAULT '',
	"decided_at" TEXT NOT NULL DEFAULT '',
	"decided_by" TEXT,
	"review_by" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "committee_id") REFERENCES r_committee (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "meeting_id") REFERENCES r_meeting (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "asked_by") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "decided_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_decision_due ON r_decision (workspace_id, deleted_at, "due", "id");
CREATE INDEX ix_decision_committee_id ON r_decision (workspace_id, deleted_at, "committee_id", "id");
CREATE INDEX ix_decision_meeting_id ON r_decision (workspace_id, deleted_at, "meeting_id", "id");
CREATE INDEX ix_decision_asked_by ON r_decision (workspace_id, deleted_at, "asked_by", "id");
CREATE INDEX ix_decision_owner_id ON r_decision (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_decision_decided_by ON r_decision (workspace_id, deleted_at, "decided_by", "id");

CREATE TABLE r_approval (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"subject_kind" TEXT NOT NULL DEFAULT '',
	"subject_key" TEXT NOT NULL DEFAULT '',
	"subject_version" BIGINT NOT NULL DEFAULT 0,
	"act" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"approver_id" TEXT,
	"delegated_to" TEXT,
	"committee_id" TEXT,
	"decision_id" TEXT,
	"quorum" BIGINT NOT NULL DEFAULT 0,
	"four_eyes" BIGINT NOT NULL DEFAULT 0,
	"expires" TEXT NOT NULL DEFAULT '',
	"justification" TEXT NOT NULL DEFAULT '',
	"approved_by" TEXT NOT NULL DEFAULT '[]',
	"rationale" TEXT NOT NULL DEFAULT '',
	"decided_at" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "approver_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "delegated_to") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "committee_id") REFERENCES r_committee (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "decision_id") REFERENCES r_decision (workspace_id, "id")
);
CREATE INDEX ix_approval_subject_kind ON r_approval (workspace_id, deleted_at, "subject_kind", "id");
CREATE INDEX ix_approval_subject_key ON r_approval (workspace_id, deleted_at, "subject_key", "id");
CREATE INDEX ix_approval_status ON r_approval (workspace_id, deleted_at, "status", "id");
CREATE INDEX ix_approval_approver_id ON r_approval (workspace_id, deleted_at, "approver_id", "id");
CREATE INDEX ix_approval_delegated_to ON r_approval (workspace_id, deleted_at, "delegated_to", "id");
CREATE INDEX ix_approval_committee_id ON r_approval (workspace_id, deleted_at, "committee_id", "id");
CREATE INDEX ix_approval_decision_id ON r_approval (workspace_id, deleted_at, "decision_id", "id");
CREATE INDEX ix_approval_expires ON r_approval (workspace_id, deleted_at, "expires", "id");
CREATE INDEX ix_approval_title ON r_approval (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_appetite (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"category" TEXT NOT NULL DEFAULT '',
	"posture" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"acceptance" BIGINT NOT NULL DEFAULT 0,
	"tolerance" BIGINT NOT NULL DEFAULT 0,
	"appetite" BIGINT NOT NULL DEFAULT 0,
	"limit" BIGINT NOT NULL DEFAULT 0,
	"capacity" BIGINT NOT NULL DEFAULT 0,
	"statement" TEXT NOT NULL DEFAULT '',
	"escalation" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"review_by" TEXT NOT NULL DEFAULT '',
	"approved_on" TEXT NOT NULL DEFAULT '',
	"approved_by" TEXT,
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "approved_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_appetite_category ON r_appetite (workspace_id, deleted_at, "category", "id");
CREATE INDEX ix_appetite_owner_id ON r_appetite (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_appetite_approved_by ON r_appetite (workspace_id, deleted_at, "approved_by", "id");

CREATE TABLE r_vendor (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"category" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"criticality" BIGINT NOT NULL DEFAULT 0,
	"access" TEXT NOT NULL DEFAULT '[]',
	"residual" BIGINT NOT NULL DEFAULT 0,
	"services" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"party_id" TEXT,
	"country" TEXT NOT NULL DEFAULT '',
	"data_countries" TEXT NOT NULL DEFAULT '[]',
	"website" TEXT NOT NULL DEFAULT '',
	"contact" TEXT NOT NULL DEFAULT '',
	"email" TEXT NOT NULL DEFAULT '',
	"emergency" TEXT NOT NULL DEFAULT '',
	"certificates" TEXT NOT NULL DEFAULT '[]',
	"certified_until" TEXT NOT NULL DEFAULT '',
	"assessed_on" TEXT NOT NULL DEFAULT '',
	"assess_by" TEXT NOT NULL DEFAULT '',
	"annual_spend" BIGINT NOT NULL DEFAULT 0,
	"subprocessors" TEXT NOT NULL DEFAULT '[]',
	"exit" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "party_id") REFERENCES r_interested_party (workspace_id, "id")
);
CREATE INDEX ix_vendor_criticality ON r_vendor (workspace_id, deleted_at, "criticality", "id");
CREATE INDEX ix_vendor_owner_id ON r_vendor (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_vendor_party_id ON r_vendor (workspace_id, deleted_at, "party_id", "id");

CREATE TABLE r_contract (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"vendor_id" TEXT,
	"party_id" TEXT,
	"status" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"number" TEXT NOT NULL DEFAULT '',
	"signed_on" TEXT NOT NULL DEFAULT '',
	"starts" TEXT NOT NULL DEFAULT '',
	"ends" TEXT NOT NULL DEFAULT '',
	"notice_days" BIGINT NOT NULL DEFAULT 0,
	"notice_by" TEXT NOT NULL DEFAULT '',
	"renews" BIGINT NOT NULL DEFAULT 0,
	"annual_value" BIGINT NOT NULL DEFAULT 0,
	"security" TEXT NOT NULL DEFAULT '',
	"notify_hours" BIGINT NOT NULL DEFAULT 0,
	"audit_right" BIGINT NOT NULL DEFAULT 0,
	"personal_data" BIGINT NOT NULL DEFAULT 0,
	"availability" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"recovery_hours" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"cover" BIGINT NOT NULL DEFAULT 0,
	"deductible" BIGINT NOT NULL DEFAULT 0,
	"exclusions" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "vendor_id") REFERENCES r_vendor (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "party_id") REFERENCES r_interested_party (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_contract_vendor_id ON r_contract (workspace_id, deleted_at, "vendor_id", "id");
CREATE INDEX ix_contract_party_id ON r_contract (workspace_id, deleted_at, "party_id", "id");
CREATE INDEX ix_contract_owner_id ON r_contract (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_contract_ends ON r_contract (workspace_id, deleted_at, "ends", "id");

CREATE TABLE r_obligation (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"compliance" TEXT NOT NULL DEFAULT '',
	"jurisdiction" TEXT NOT NULL DEFAULT '',
	"reference" TEXT NOT NULL DEFAULT '',
	"text" TEXT NOT NULL DEFAULT '',
	"reason" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"party_id" TEXT,
	"contract_id" TEXT,
	"applies_from" TEXT NOT NULL DEFAULT '',
	"review_by" TEXT NOT NULL DEFAULT '',
	"notify_hours" BIGINT NOT NULL DEFAULT 0,
	"notify_when" TEXT NOT NULL DEFAULT '',
	"notify_to" TEXT NOT NULL DEFAULT '',
	"penalty_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"penalty_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"penalty_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"url" TEXT NOT NULL DEFAULT '',
	"catalogue" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "party_id") REFERENCES r_interested_party (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "contract_id") REFERENCES r_contract (workspace_id, "id")
);
CREATE INDEX ix_obligation_owner_id ON r_obligation (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_obligation_party_id ON r_obligation (workspace_id, deleted_at, "party_id", "id");
CREATE INDEX ix_obligation_contract_id ON r_obligation (workspace_id, deleted_at, "contract_id", "id");

CREATE TABLE r_framework (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"abbreviation" TEXT NOT NULL DEFAULT '',
	"publisher" TEXT NOT NULL DEFAULT '',
	"edition" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"topic" TEXT NOT NULL DEFAULT '',
	"description" TEXT NOT NULL DEFAULT '',
	"reason" TEXT NOT NULL DEFAULT '',
	"certifiable" BIGINT NOT NULL DEFAULT 0,
	"target_level" BIGINT NOT NULL DEFAULT 0,
	"target_date" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"covers" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"url" TEXT NOT NULL DEFAULT '',
	"catalogue" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_framework_owner_id ON r_framework (workspace_id, deleted_at, "owner_id", "id");

CREATE TABLE r_requirement (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"framework_id" TEXT,
	"parent_id" TEXT,
	"code" TEXT NOT NULL DEFAULT '',
	"position" BIGINT NOT NULL DEFAULT 0,
	"chapter" BIGINT NOT NULL DEFAULT 0,
	"text" TEXT NOT NULL DEFAULT '',
	"guidance" TEXT NOT NULL DEFAULT '',
	"proof" TEXT NOT NULL DEFAULT '',
	"function" TEXT NOT NULL DEFAULT '',
	"principles" TEXT NOT NULL DEFAULT '[]',
	"tier" TEXT NOT NULL DEFAULT '',
	"optional" BIGINT NOT NULL DEFAULT 0,
	"checks" TEXT NOT NULL DEFAULT '[]',
	"catalogue" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "framework_id") REFERENCES r_framework (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "parent_id") REFERENCES r_requirement (workspace_id, "id")
);
CREATE INDEX ix_requirement_framework_id ON r_requirement (workspace_id, deleted_at, "framework_id", "id");
CREATE INDEX ix_requirement_parent_id ON r_requirement (workspace_id, deleted_at, "parent_id", "id");
CREATE INDEX ix_requirement_code ON r_requirement (workspace_id, deleted_at, "code", "id");
CREATE INDEX ix_requirement_position ON r_requirement (workspace_id, deleted_at, "position", "id");
CREATE INDEX ix_requirement_catalogue ON r_requirement (workspace_id, deleted_at, "catalogue", "id");
CREATE INDEX ix_requirement_title ON r_requirement (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_applicability (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"requirement_id" TEXT,
	"scope_id" TEXT,
	"applies" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"measured" TEXT NOT NULL DEFAULT '',
	"measured_at" TEXT NOT NULL DEFAULT '',
	"measured_why" TEXT NOT NULL DEFAULT '',
	"included_for" TEXT NOT NULL DEFAULT '[]',
	"reason" TEXT NOT NULL DEFAULT '',
	"how" TEXT NOT NULL DEFAULT '',
	"maturity" BIGINT NOT NULL DEFAULT 0,
	"target_maturity" BIGINT NOT NULL DEFAULT 0,
	"owner_id" TEXT,
	"due" TEXT NOT NULL DEFAULT '',
	"review_by" TEXT NOT NULL DEFAULT '',
	"decided_by" TEXT,
	"decided_at" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "requirement_id") REFERENCES r_requirement (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "scope_id") REFERENCES r_scope (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "decided_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_applicability_requirement_id ON r_applicability (workspace_id, deleted_at, "requirement_id", "id");
CREATE INDEX ix_applicability_scope_id ON r_applicability (workspace_id, deleted_at, "scope_id", "id");
CREATE INDEX ix_applicability_status ON r_applicability (workspace_id, deleted_at, "status", "id");
CREATE INDEX ix_applicability_owner_id ON r_applicability (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_applicability_decided_by ON r_applicability (workspace_id, deleted_at, "decided_by", "id");
CREATE INDEX ix_applicability_title ON r_applicability (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_requirement_mapping (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"source_id" TEXT,
	"relation" TEXT NOT NULL DEFAULT '',
	"target_id" TEXT,
	"confidence" BIGINT NOT NULL DEFAULT 0,
	"authority" TEXT NOT NULL DEFAULT '',
	"rationale" TEXT NOT NULL DEFAULT '',
	"catalogue" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "source_id") REFERENCES r_requirement (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "target_id") REFERENCES r_requirement (workspace_id, "id")
);
CREATE INDEX ix_requirement_mapping_source_id ON r_requirement_mapping (workspace_id, deleted_at, "source_id", "id");
CREATE INDEX ix_requirement_mapping_target_id ON r_requirement_mapping (workspace_id, deleted_at, "target_id", "id");
CREATE INDEX ix_requirement_mapping_title ON r_requirement_mapping (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_team (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"purpose" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"lead_id" TEXT,
	"parent_id" TEXT,
	"email" TEXT NOT NULL DEFAULT '',
	"chat" TEXT NOT NULL DEFAULT '',
	"on_call" TEXT NOT NULL DEFAULT '',
	"site" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "lead_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "parent_id") REFERENCES r_team (workspace_id, "id")
);
CREATE INDEX ix_team_lead_id ON r_team (workspace_id, deleted_at, "lead_id", "id");
CREATE INDEX ix_team_parent_id ON r_team (workspace_id, deleted_at, "parent_id", "id");

CREATE TABLE r_milestone (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"step" BIGINT NOT NULL DEFAULT 0,
	"status" TEXT NOT NULL DEFAULT '',
	"due" TEXT NOT NULL DEFAULT '',
	"first_due" TEXT NOT NULL DEFAULT '',
	"forecast" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"description" TEXT NOT NULL DEFAULT '',
	"done_when" TEXT NOT NULL DEFAULT '',
	"measure" TEXT NOT NULL DEFAULT '',
	"progress" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"effort_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"effort_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"effort_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"budget_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"budget_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"budget_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"reached_on" TEXT NOT NULL DEFAULT '',
	"note" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_milestone_due ON r_milestone (workspace_id, deleted_at, "due", "id");
CREATE INDEX ix_milestone_owner_id ON r_milestone (workspace_id, deleted_at, "owner_id", "id");

CREATE TABLE r_document (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"classification" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"approver_id" TEXT,
	"summary" TEXT NOT NULL DEFAULT '',
	"audience" TEXT NOT NULL DEFAULT '[]',
	"must_read" BIGINT NOT NULL DEFAULT 0,
	"read_within" BIGINT NOT NULL DEFAULT 0,
	"review_every" BIGINT NOT NULL DEFAULT 0,
	"review_by" TEXT NOT NULL DEFAULT '',
	"reviewed_on" TEXT NOT NULL DEFAULT '',
	"number" TEXT NOT NULL DEFAULT '',
	"published_on" TEXT NOT NULL DEFAULT '',
	"template" TEXT NOT NULL DEFAULT '',
	"language" TEXT NOT NULL DEFAULT '',
	"keep" BIGINT NOT NULL DEFAULT 0,
	"place" TEXT NOT NULL DEFAULT '',
	"withdrawal" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "approver_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_document_status ON r_document (workspace_id, deleted_at, "status", "id");
CREATE INDEX ix_document_owner_id ON r_document (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_document_approver_id ON r_document (workspace_id, deleted_at, "approver_id", "id");
CREATE INDEX ix_document_review_by ON r_document (workspace_id, deleted_at, "review_by", "id");
CREATE INDEX ix_document_title ON r_document (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_document_version (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"document_id" TEXT,
	"number" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"author_id" TEXT,
	"change_note" TEXT NOT NULL DEFAULT '',
	"body" TEXT NOT NULL DEFAULT '',
	"blob" TEXT NOT NULL DEFAULT '',
	"sha256" TEXT NOT NULL DEFAULT '',
	"submitted_at" TEXT NOT NULL DEFAULT '',
	"approved_by" TEXT,
	"approved_at" TEXT NOT NULL DEFAULT '',
	"published_at" TEXT NOT NULL DEFAULT '',
	"holds_from" TEXT NOT NULL DEFAULT '',
	"holds_until" TEXT NOT NULL DEFAULT '',
	"remarks" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "document_id") REFERENCES r_document (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "author_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "approved_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_document_version_created_at ON r_document_version (workspace_id, deleted_at, "created_at", "id");
CREATE INDEX ix_document_version_document_id ON r_document_version (workspace_id, deleted_at, "document_id", "id");
CREATE INDEX ix_document_version_author_id ON r_document_version (workspace_id, deleted_at, "author_id", "id");
CREATE INDEX ix_document_version_approved_by ON r_document_version (workspace_id, deleted_at, "approved_by", "id");

CREATE TABLE r_acknowledgement (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"document_version_id" TEXT,
	"person_id" TEXT,
	"status" TEXT NOT NULL DEFAULT '',
	"due" TEXT NOT NULL DEFAULT '',
	"accepted_at" TEXT NOT NULL DEFAULT '',
	"campaign" TEXT NOT NULL DEFAULT '',
	"sha256" TEXT NOT NULL DEFAULT '',
	"remark" TEXT NOT NULL DEFAULT '',
	"reminders" BIGINT NOT NULL DEFAULT 0,
	"reminded_at" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "document_version_id") REFERENCES r_document_version (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "person_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_acknowledgement_document_version_id ON r_acknowledgement (workspace_id, deleted_at, "document_version_id", "id");
CREATE INDEX ix_acknowledgement_person_id ON r_acknowledgement (workspace_id, deleted_at, "person_id", "id");
CREATE INDEX ix_acknowledgement_status ON r_acknowledgement (workspace_id, deleted_at, "status", "id");
CREATE INDEX ix_acknowledgement_due ON r_acknowledgement (workspace_id, deleted_at, "due", "id");
CREATE INDEX ix_acknowledgement_title ON r_acknowledgement (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_asset (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"nature" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"description" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"value_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"value_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"value_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"criticality" BIGINT NOT NULL DEFAULT 0,
	"lifecycle" TEXT NOT NULL DEFAULT '',
	"confidentiality" BIGINT NOT NULL DEFAULT 0,
	"integrity" BIGINT NOT NULL DEFAULT 0,
	"availability" BIGINT NOT NULL DEFAULT 0,
	"non_repudiation" BIGINT NOT NULL DEFAULT 0,
	"authenticity" BIGINT NOT NULL DEFAULT 0,
	"privacy" BIGINT NOT NULL DEFAULT 0,
	"location" TEXT NOT NULL DEFAULT '',
	"zone" TEXT NOT NULL DEFAULT '',
	"exposed" BIGINT NOT NULL DEFAULT 0,
	"address" TEXT NOT NULL DEFAULT '',
	"target" TEXT NOT NULL DEFAULT '',
	"last_seen" TEXT NOT NULL DEFAULT '',
	"platform" TEXT NOT NULL DEFAULT '',
	"acquired_on" TEXT NOT NULL DEFAULT '',
	"dispose_by" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_asset_type ON r_asset (workspace_id, deleted_at, "type", "id");
CREATE INDEX ix_asset_owner_id ON r_asset (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_asset_value ON r_asset (workspace_id, deleted_at, "value_high", "id");
CREATE INDEX ix_asset_target ON r_asset (workspace_id, deleted_at, "target", "id");
CREATE INDEX ix_asset_title ON r_asset (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_asset_dependency (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"asset_id" TEXT,
	"nature" TEXT NOT NULL DEFAULT '',
	"needs_id" TEXT,
	"strength" BIGINT NOT NULL DEFAULT 0,
	"passes" TEXT NOT NULL DEFAULT '[]',
	"survives_hours" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"redundant" BIGINT NOT NULL DEFAULT 0,
	"automatic" BIGINT NOT NULL DEFAULT 0,
	"note" TEXT NOT NULL DEFAULT '',
	"connection" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "asset_id") REFERENCES r_asset (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "needs_id") REFERENCES r_asset (workspace_id, "id")
);
CREATE INDEX ix_asset_dependency_asset_id ON r_asset_dependency (workspace_id, deleted_at, "asset_id", "id");
CREATE INDEX ix_asset_dependency_needs_id ON r_asset_dependency (workspace_id, deleted_at, "needs_id", "id");
CREATE INDEX ix_asset_dependency_strength ON r_asset_dependency (workspace_id, deleted_at, "strength", "id");
CREATE INDEX ix_asset_dependency_title ON r_asset_dependency (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_architecture_model (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"format" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"edition" TEXT NOT NULL DEFAULT '',
	"scope_id" TEXT,
	"owner_id" TEXT,
	"description" TEXT NOT NULL DEFAULT '',
	"source" TEXT NOT NULL DEFAULT '',
	"blob" TEXT NOT NULL DEFAULT '',
	"sha256" TEXT NOT NULL DEFAULT '',
	"repository" TEXT NOT NULL DEFAULT '',
	"checked_at" TEXT NOT NULL DEFAULT '',
	"weaknesses" BIGINT NOT NULL DEFAULT 0,
	"complaint" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "scope_id") REFERENCES r_scope (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_architecture_model_scope_id ON r_architecture_model (workspace_id, deleted_at, "scope_id", "id");
CREATE INDEX ix_architecture_model_owner_id ON r_architecture_model (workspace_id, deleted_at, "owner_id", "id");

CREATE TABLE r_processing (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"role" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"purpose" TEXT NOT NULL DEFAULT '',
	"basis" TEXT NOT NULL DEFAULT '',
	"basis_note" TEXT NOT NULL DEFAULT '',
	"subjects" TEXT NOT NULL DEFAULT '[]',
	"data" TEXT NOT NULL DEFAULT '[]',
	"special" TEXT NOT NULL DEFAULT '[]',
	"special_basis" TEXT NOT NULL DEFAULT '',
	"source" TEXT NOT NULL DEFAULT '',
	"recipients" TEXT NOT NULL DEFAULT '[]',
	"transfer_countries" TEXT NOT NULL DEFAULT '[]',
	"transfer_basis" TEXT NOT NULL DEFAULT '',
	"retention" TEXT NOT NULL DEFAULT '',
	"security" TEXT NOT NULL DEFAULT '',
	"automated" BIGINT NOT NULL DEFAULT 0,
	"impact" TEXT NOT NULL DEFAULT '',
	"impact_note" TEXT NOT NULL DEFAULT '',
	"people" BIGINT NOT NULL DEFAULT 0,
	"controller" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"review_by" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_processing_owner_id ON r_processing (workspace_id, deleted_at, "owner_id", "id");

CREATE TABLE r_vendor_assessment (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"vendor_id" TEXT,
	"method" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"due" TEXT NOT NULL DEFAULT '',
	"assessor_id" TEXT,
	"questions" TEXT NOT NULL DEFAULT '',
	"answers" TEXT NOT NULL DEFAULT '',
	"score" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"residual" BIGINT NOT NULL DEFAULT 0,
	"gaps" TEXT NOT NULL DEFAULT '',
	"conditions" TEXT NOT NULL DEFAULT '',
	"valid_until" TEXT NOT NULL DEFAULT '',
	"rationale" TEXT NOT NULL DEFAULT '',
	"decided_by" TEXT,
	"decided_on" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "vendor_id") REFERENCES r_vendor (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "assessor_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "decided_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_vendor_assessment_vendor_id ON r_vendor_assessment (workspace_id, deleted_at, "vendor_id", "id");
CREATE INDEX ix_vendor_assessment_due ON r_vendor_assessment (workspace_id, deleted_at, "due", "id");
CREATE INDEX ix_vendor_assessment_assessor_id ON r_vendor_assessment (workspace_id, deleted_at, "assessor_id", "id");
CREATE INDEX ix_vendor_assessment_decided_by ON r_vendor_assessment (workspace_id, deleted_at, "decided_by", "id");

CREATE TABLE r_threat_actor (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"relevance" TEXT NOT NULL DEFAULT '',
	"motivations" TEXT NOT NULL DEFAULT '[]',
	"objectives" TEXT NOT NULL DEFAULT '[]',
	"capability" BIGINT NOT NULL DEFAULT 0,
	"opportunity" BIGINT NOT NULL DEFAULT 0,
	"intent" BIGINT NOT NULL DEFAULT 0,
	"contacts_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"contacts_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"contacts_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"description" TEXT NOT NULL DEFAULT '',
	"aliases" TEXT NOT NULL DEFAULT '[]',
	"attack_id" TEXT NOT NULL DEFAULT '',
	"sectors" TEXT NOT NULL DEFAULT '[]',
	"regions" TEXT NOT NULL DEFAULT '[]',
	"inside" BIGINT NOT NULL DEFAULT 0,
	"last_active" TEXT NOT NULL DEFAULT '',
	"references" TEXT NOT NULL DEFAULT '[]',
	"catalogue" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key")
);
CREATE INDEX ix_threat_actor_capability ON r_threat_actor (workspace_id, deleted_at, "capability", "id");
CREATE INDEX ix_threat_actor_attack_id ON r_threat_actor (workspace_id, deleted_at, "attack_id", "id");
CREATE INDEX ix_threat_actor_title ON r_threat_actor (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_threat_vector (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"technique" TEXT NOT NULL DEFAULT '',
	"tactics" TEXT NOT NULL DEFAULT '[]',
	"parent_id" TEXT,
	"tool" TEXT NOT NULL DEFAULT '',
	"description" TEXT NOT NULL DEFAULT '',
	"ease" BIGINT NOT NULL DEFAULT 0,
	"prevalence" BIGINT NOT NULL DEFAULT 0,
	"platforms" TEXT NOT NULL DEFAULT '[]',
	"hazard" BIGINT NOT NULL DEFAULT 0,
	"detect_by" TEXT NOT NULL DEFAULT '',
	"prevent_by" TEXT NOT NULL DEFAULT '',
	"limit_by" TEXT NOT NULL DEFAULT '',
	"data_sources" TEXT NOT NULL DEFAULT '[]',
	"weaknesses" TEXT NOT NULL DEFAULT '[]',
	"references" TEXT NOT NULL DEFAULT '[]',
	"catalogue" TEXT NOT NULL DEFAULT '',
	"discontinued" BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "parent_id") REFERENCES r_threat_vector (workspace_id, "id")
);
CREATE INDEX ix_threat_vector_technique ON r_threat_vector (workspace_id, deleted_at, "technique", "id");
CREATE INDEX ix_threat_vector_parent_id ON r_threat_vector (workspace_id, deleted_at, "parent_id", "id");
CREATE INDEX ix_threat_vector_title ON r_threat_vector (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_vulnerability (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"severity" TEXT NOT NULL DEFAULT '',
	"identifier" TEXT NOT NULL DEFAULT '',
	"aliases" TEXT NOT NULL DEFAULT '[]',
	"cwe" TEXT NOT NULL DEFAULT '[]',
	"cvss" TEXT NOT NULL DEFAULT '',
	"score" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"epss" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"exploited" BIGINT NOT NULL DEFAULT 0,
	"published" TEXT NOT NULL DEFAULT '',
	"techniques" TEXT NOT NULL DEFAULT '[]',
	"principle" TEXT NOT NULL DEFAULT '',
	"topic" TEXT NOT NULL DEFAULT '',
	"summary" TEXT NOT NULL DEFAULT '',
	"fix" TEXT NOT NULL DEFAULT '',
	"remedy" TEXT NOT NULL DEFAULT '',
	"doubts" TEXT NOT NULL DEFAULT '',
	"references" TEXT NOT NULL DEFAULT '[]',
	"detector" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key")
);
CREATE INDEX ix_vulnerability_type ON r_vulnerability (workspace_id, deleted_at, "type", "id");
CREATE INDEX ix_vulnerability_severity ON r_vulnerability (workspace_id, deleted_at, "severity", "id");
CREATE INDEX ix_vulnerability_identifier ON r_vulnerability (workspace_id, deleted_at, "identifier", "id");
CREATE INDEX ix_vulnerability_score ON r_vulnerability (workspace_id, deleted_at, "score", "id");
CREATE INDEX ix_vulnerability_title ON r_vulnerability (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_finding (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"asset_id" TEXT,
	"vulnerability_id" TEXT,
	"severity" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"due" TEXT NOT NULL DEFAULT '',
	"first_seen" TEXT NOT NULL DEFAULT '',
	"last_seen" TEXT NOT NULL DEFAULT '',
	"subject" TEXT NOT NULL DEFAULT '',
	"detail" TEXT NOT NULL DEFAULT '',
	"fix" TEXT NOT NULL DEFAULT '',
	"fixed_in" TEXT NOT NULL DEFAULT '',
	"installed" TEXT NOT NULL DEFAULT '',
	"exploited" BIGINT NOT NULL DEFAULT 0,
	"epss" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"score" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"type" TEXT NOT NULL DEFAULT '',
	"engine" TEXT NOT NULL DEFAULT '',
	"check" TEXT NOT NULL DEFAULT '',
	"vex" TEXT NOT NULL DEFAULT '',
	"justification" TEXT NOT NULL DEFAULT '',
	"accepted_until" TEXT NOT NULL DEFAULT '',
	"resolved_at" TEXT NOT NULL DEFAULT '',
	"reopened" BIGINT NOT NULL DEFAULT 0,
	"owner_id" TEXT,
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "asset_id") REFERENCES r_asset (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "vulnerability_id") REFERENCES r_vulnerability (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_finding_asset_id ON r_finding (workspace_id, deleted_at, "asset_id", "id");
CREATE INDEX ix_finding_vulnerability_id ON r_finding (workspace_id, deleted_at, "vulnerability_id", "id");
CREATE INDEX ix_finding_severity ON r_finding (workspace_id, deleted_at, "severity", "id");
CREATE INDEX ix_finding_status ON r_finding (workspace_id, deleted_at, "status", "id");
CREATE INDEX ix_finding_due ON r_finding (workspace_id, deleted_at, "due", "id");
CREATE INDEX ix_finding_first_seen ON r_finding (workspace_id, deleted_at, "first_seen", "id");
CREATE INDEX ix_finding_last_seen ON r_finding (workspace_id, deleted_at, "last_seen", "id");
CREATE INDEX ix_finding_fix ON r_finding (workspace_id, deleted_at, "fix", "id");
CREATE INDEX ix_finding_exploited ON r_finding (workspace_id, deleted_at, "exploited", "id");
CREATE INDEX ix_finding_epss ON r_finding (workspace_id, deleted_at, "epss", "id");
CREATE INDEX ix_finding_type ON r_finding (workspace_id, deleted_at, "type", "id");
CREATE INDEX ix_finding_check ON r_finding (workspace_id, deleted_at, "check", "id");
CREATE INDEX ix_finding_owner_id ON r_finding (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_finding_title ON r_finding (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_risk (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"asset_id" TEXT,
	"actor_id" TEXT,
	"vector_id" TEXT,
	"scenario" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"description" TEXT NOT NULL DEFAULT '',
	"objectives" TEXT NOT NULL DEFAULT '[]',
	"impacts" TEXT NOT NULL DEFAULT '[]',
	"harms" TEXT NOT NULL DEFAULT '[]',
	"treatment" TEXT NOT NULL DEFAULT '',
	"asset_value_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"asset_value_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"asset_value_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"exposure_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"exposure_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"exposure_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"events_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"events_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"events_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"events_bare_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"events_bare_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"events_bare_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_productivity_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_productivity_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_productivity_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_response_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_response_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_response_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_replacement_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_replacement_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_replacement_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_fines_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_fines_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_fines_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_advantage_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_advantage_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_advantage_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_reputation_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_reputation_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_reputation_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"impact_level" BIGINT NOT NULL DEFAULT 0,
	"probability_level" BIGINT NOT NULL DEFAULT 0,
	"system_level" BIGINT NOT NULL DEFAULT 0,
	"target_impact" BIGINT NOT NULL DEFAULT 0,
	"target_probability" BIGINT NOT NULL DEFAULT 0,
	"weakness" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"measured" BIGINT NOT NULL DEFAULT 0,
	"loss_inherent" BIGINT NOT NULL DEFAULT 0,
	"loss_now" BIGINT NOT NULL DEFAULT 0,
	"loss_target" BIGINT NOT NULL DEFAULT 0,
	"loss_p95" BIGINT NOT NULL DEFAULT 0,
	"findings" BIGINT NOT NULL DEFAULT 0,
	"review_by" TEXT NOT NULL DEFAULT '',
	"rationale" TEXT NOT NULL DEFAULT '',
	"accepted_by" TEXT,
	"accepted_at" TEXT NOT NULL DEFAULT '',
	"accepted_until" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "asset_id") REFERENCES r_asset (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "actor_id") REFERENCES r_threat_actor (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "vector_id") REFERENCES r_threat_vector (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "accepted_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_risk_asset_id ON r_risk (workspace_id, deleted_at, "asset_id", "id");
CREATE INDEX ix_risk_actor_id ON r_risk (workspace_id, deleted_at, "actor_id", "id");
CREATE INDEX ix_risk_vector_id ON r_risk (workspace_id, deleted_at, "vector_id", "id");
CREATE INDEX ix_risk_scenario ON r_risk (workspace_id, deleted_at, "scenario", "id");
CREATE INDEX ix_risk_status ON r_risk (workspace_id, deleted_at, "status", "id");
CREATE INDEX ix_risk_owner_id ON r_risk (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_risk_loss_now ON r_risk (workspace_id, deleted_at, "loss_now", "id");
CREATE INDEX ix_risk_accepted_by ON r_risk (workspace_id, deleted_at, "accepted_by", "id");
CREATE INDEX ix_risk_title ON r_risk (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_risk_assessment (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"scope_id" TEXT,
	"status" TEXT NOT NULL DEFAULT '',
	"method" TEXT NOT NULL DEFAULT '',
	"starts" TEXT NOT NULL DEFAULT '',
	"ends" TEXT NOT NULL DEFAULT '',
	"lead_id" TEXT,
	"occasion" TEXT NOT NULL DEFAULT '',
	"criteria" TEXT NOT NULL DEFAULT '',
	"sources" TEXT NOT NULL DEFAULT '',
	"limits" TEXT NOT NULL DEFAULT '',
	"summary" TEXT NOT NULL DEFAULT '',
	"advice" TEXT NOT NULL DEFAULT '',
	"risks" BIGINT NOT NULL DEFAULT 0,
	"loss_now" BIGINT NOT NULL DEFAULT 0,
	"loss_target" BIGINT NOT NULL DEFAULT 0,
	"loss_p95" BIGINT NOT NULL DEFAULT 0,
	"next_by" TEXT NOT NULL DEFAULT '',
	"approved_by" TEXT,
	"approved_at" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "scope_id") REFERENCES r_scope (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "lead_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "approved_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_risk_assessment_scope_id ON r_risk_assessment (workspace_id, deleted_at, "scope_id", "id");
CREATE INDEX ix_risk_assessment_starts ON r_risk_assessment (workspace_id, deleted_at, "starts", "id");
CREATE INDEX ix_risk_assessment_lead_id ON r_risk_assessment (workspace_id, deleted_at, "lead_id", "id");
CREATE INDEX ix_risk_assessment_approved_by ON r_risk_assessment (workspace_id, deleted_at, "approved_by", "id");

CREATE TABLE r_impact_assessment (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"asset_id" TEXT,
	"process" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"criticality" BIGINT NOT NULL DEFAULT 0,
	"rto_hours" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"rpo_hours" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"mtpd_hours" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_hour_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_hour_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_hour_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_day_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_day_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_day_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_week_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_week_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_week_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_month_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_month_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_month_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"impacts" TEXT NOT NULL DEFAULT '[]',
	"consequences" TEXT NOT NULL DEFAULT '',
	"minimum" TEXT NOT NULL DEFAULT '',
	"workaround" TEXT NOT NULL DEFAULT '',
	"peak_times" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"review_by" TEXT NOT NULL DEFAULT '',
	"approved_on" TEXT NOT NULL DEFAULT '',
	"approved_by" TEXT,
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "asset_id") REFERENCES r_asset (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "approved_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_impact_assessment_asset_id ON r_impact_assessment (workspace_id, deleted_at, "asset_id", "id");
CREATE INDEX ix_impact_assessment_criticality ON r_impact_assessment (workspace_id, deleted_at, "criticality", "id");
CREATE INDEX ix_impact_assessment_owner_id ON r_impact_assessment (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_impact_assessment_approved_by ON r_impact_assessment (workspace_id, deleted_at, "approved_by", "id");

CREATE TABLE r_safeguard (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"principles" TEXT NOT NULL DEFAULT '[]',
	"function" TEXT NOT NULL DEFAULT '',
	"means" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"annual_cost_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"annual_cost_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"annual_cost_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"effort_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"effort_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"effort_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"on_frequency_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"on_frequency_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"on_frequency_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"on_loss_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"on_loss_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"on_loss_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"reliability" BIGINT NOT NULL DEFAULT 0,
	"description" TEXT NOT NULL DEFAULT '',
	"how_tested" TEXT NOT NULL DEFAULT '',
	"tested_on" TEXT NOT NULL DEFAULT '',
	"test_every" BIGINT NOT NULL DEFAULT 0,
	"checks" TEXT NOT NULL DEFAULT '[]',
	"references" TEXT NOT NULL DEFAULT '[]',
	"quick_win" BIGINT NOT NULL DEFAULT 0,
	"catalogue" TEXT NOT NULL DEFAULT '',
	"operating_since" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_safeguard_owner_id ON r_safeguard (workspace_id, deleted_at, "owner_id", "id");

CREATE TABLE r_treatment (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"risk_id" TEXT,
	"safeguard_id" TEXT,
	"status" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"due" TEXT NOT NULL DEFAULT '',
	"on_frequency_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"on_frequency_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"on_frequency_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"on_loss_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"on_loss_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"on_loss_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"cost_share" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_before" BIGINT NOT NULL DEFAULT 0,
	"loss_after" BIGINT NOT NULL DEFAULT 0,
	"cost" BIGINT NOT NULL DEFAULT 0,
	"return" BIGINT NOT NULL DEFAULT 0,
	"plan" TEXT NOT NULL DEFAULT '',
	"rationale" TEXT NOT NULL DEFAULT '',
	"done_on" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "risk_id") REFERENCES r_risk (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "safeguard_id") REFERENCES r_safeguard (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_treatment_risk_id ON r_treatment (workspace_id, deleted_at, "risk_id", "id");
CREATE INDEX ix_treatment_safeguard_id ON r_treatment (workspace_id, deleted_at, "safeguard_id", "id");
CREATE INDEX ix_treatment_owner_id ON r_treatment (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_treatment_return ON r_treatment (workspace_id, deleted_at, "return", "id");
CREATE INDEX ix_treatment_title ON r_treatment (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_evidence (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"source" TEXT NOT NULL DEFAULT '',
	"at" TEXT NOT NULL DEFAULT '',
	"finding_id" TEXT,
	"asset_id" TEXT,
	"check" TEXT NOT NULL DEFAULT '',
	"run" TEXT NOT NULL DEFAULT '',
	"statement" TEXT NOT NULL DEFAULT '',
	"sha256" TEXT NOT NULL DEFAULT '',
	"blob" TEXT NOT NULL DEFAULT '',
	"valid_until" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "finding_id") REFERENCES r_finding (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "asset_id") REFERENCES r_asset (workspace_id, "id")
);
CREATE INDEX ix_evidence_at ON r_evidence (workspace_id, deleted_at, "at", "id");
CREATE INDEX ix_evidence_finding_id ON r_evidence (workspace_id, deleted_at, "finding_id", "id");
CREATE INDEX ix_evidence_asset_id ON r_evidence (workspace_id, deleted_at, "asset_id", "id");

CREATE TABLE r_task (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"assignee_id" TEXT,
	"status" TEXT NOT NULL DEFAULT '',
	"due" TEXT NOT NULL DEFAULT '',
	"priority" TEXT NOT NULL DEFAULT '',
	"minutes" BIGINT NOT NULL DEFAULT 0,
	"subject_kind" TEXT NOT NULL DEFAULT '',
	"subject_id" TEXT NOT NULL DEFAULT '',
	"description" TEXT NOT NULL DEFAULT '',
	"why" TEXT NOT NULL DEFAULT '',
	"source" TEXT NOT NULL DEFAULT '',
	"plan" TEXT NOT NULL DEFAULT '',
	"start_on" TEXT NOT NULL DEFAULT '',
	"repeat_days" BIGINT NOT NULL DEFAULT 0,
	"waiting_for" TEXT NOT NULL DEFAULT '',
	"outcome" TEXT NOT NULL DEFAULT '',
	"done_at" TEXT NOT NULL DEFAULT '',
	"done_by" TEXT,
	"reminders" BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "assignee_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "done_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_task_assignee_id ON r_task (workspace_id, deleted_at, "assignee_id", "id");
CREATE INDEX ix_task_status ON r_task (workspace_id, deleted_at, "status", "id");
CREATE INDEX ix_task_due ON r_task (workspace_id, deleted_at, "due", "id");
CREATE INDEX ix_task_subject_kind ON r_task (workspace_id, deleted_at, "subject_kind", "id");
CREATE INDEX ix_task_subject_id ON r_task (workspace_id, deleted_at, "subject_id", "id");
CREATE INDEX ix_task_done_by ON r_task (workspace_id, deleted_at, "done_by", "id");
CREATE INDEX ix_task_title ON r_task (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_exception (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"asset_id" TEXT,
	"safeguard_id" TEXT,
	"requirement_id" TEXT,
	"document_id" TEXT,
	"status" TEXT NOT NULL DEFAULT '',
	"expires" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"reason" TEXT NOT NULL DEFAULT '',
	"compensation" TEXT NOT NULL DEFAULT '',
	"way_back" TEXT NOT NULL DEFAULT '',
	"residual" BIGINT NOT NULL DEFAULT 0,
	"decision" TEXT NOT NULL DEFAULT '',
	"decided_by" TEXT,
	"decided_at" TEXT NOT NULL DEFAULT '',
	"renewals" BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "asset_id") REFERENCES r_asset (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "safeguard_id") REFERENCES r_safeguard (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "requirement_id") REFERENCES r_requirement (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "document_id") REFERENCES r_document (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "decided_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_exception_asset_id ON r_exception (workspace_id, deleted_at, "asset_id", "id");
CREATE INDEX ix_exception_safeguard_id ON r_exception (workspace_id, deleted_at, "safeguard_id", "id");
CREATE INDEX ix_exception_requirement_id ON r_exception (workspace_id, deleted_at, "requirement_id", "id");
CREATE INDEX ix_exception_document_id ON r_exception (workspace_id, deleted_at, "document_id", "id");
CREATE INDEX ix_exception_expires ON r_exception (workspace_id, deleted_at, "expires", "id");
CREATE INDEX ix_exception_owner_id ON r_exception (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_exception_decided_by ON r_exception (workspace_id, deleted_at, "decided_by", "id");
CREATE INDEX ix_exception_title ON r_exception (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_course (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"audience" TEXT NOT NULL DEFAULT '[]',
	"minutes" BIGINT NOT NULL DEFAULT 0,
	"pass_mark" BIGINT NOT NULL DEFAULT 0,
	"renew_every" BIGINT NOT NULL DEFAULT 0,
	"days" BIGINT NOT NULL DEFAULT 0,
	"goal" TEXT NOT NULL DEFAULT '',
	"body" TEXT NOT NULL DEFAULT '',
	"questions" TEXT NOT NULL DEFAULT '',
	"blob" TEXT NOT NULL DEFAULT '',
	"url" TEXT NOT NULL DEFAULT '',
	"catalogue" TEXT NOT NULL DEFAULT '',
	"cost_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"cost_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"cost_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"participants" BIGINT NOT NULL DEFAULT 0,
	"passed" DOUBLE PRECISION NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_course_owner_id ON r_course (workspace_id, deleted_at, "owner_id", "id");

CREATE TABLE r_assignment (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"course_id" TEXT,
	"person_id" TEXT,
	"status" TEXT NOT NULL DEFAULT '',
	"due" TEXT NOT NULL DEFAULT '',
	"score" BIGINT NOT NULL DEFAULT 0,
	"attempts" BIGINT NOT NULL DEFAULT 0,
	"started_at" TEXT NOT NULL DEFAULT '',
	"finished_at" TEXT NOT NULL DEFAULT '',
	"valid_until" TEXT NOT NULL DEFAULT '',
	"certificate" TEXT NOT NULL DEFAULT '',
	"why" TEXT NOT NULL DEFAULT '',
	"remark" TEXT NOT NULL DEFAULT '',
	"reminders" BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "course_id") REFERENCES r_course (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "person_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_assignment_course_id ON r_assignment (workspace_id, deleted_at, "course_id", "id");
CREATE INDEX ix_assignment_person_id ON r_assignment (workspace_id, deleted_at, "person_id", "id");
CREATE INDEX ix_assignment_status ON r_assignment (workspace_id, deleted_at, "status", "id");
CREATE INDEX ix_assignment_due ON r_assignment (workspace_id, deleted_at, "due", "id");
CREATE INDEX ix_assignment_valid_until ON r_assignment (workspace_id, deleted_at, "valid_until", "id");
CREATE INDEX ix_assignment_title ON r_assignment (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_event_source (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"transport" TEXT NOT NULL DEFAULT '',
	"format" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"asset_id" TEXT,
	"owner_id" TEXT,
	"last_seen" TEXT NOT NULL DEFAULT '',
	"per_day" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"dropped" BIGINT NOT NULL DEFAULT 0,
	"silent_after" BIGINT NOT NULL DEFAULT 0,
	"address" TEXT NOT NULL DEFAULT '',
	"token" TEXT NOT NULL DEFAULT '',
	"certificate" TEXT NOT NULL DEFAULT '',
	"senders" TEXT NOT NULL DEFAULT '[]',
	"product" TEXT NOT NULL DEFAULT '',
	"service" TEXT NOT NULL DEFAULT '',
	"category" TEXT NOT NULL DEFAULT '',
	"rate_limit" BIGINT NOT NULL DEFAULT 0,
	"keep_days" BIGINT NOT NULL DEFAULT 0,
	"personal_data" BIGINT NOT NULL DEFAULT 0,
	"time_zone" TEXT NOT NULL DEFAULT '',
	"note" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "asset_id") REFERENCES r_asset (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_event_source_asset_id ON r_event_source (workspace_id, deleted_at, "asset_id", "id");
CREATE INDEX ix_event_source_owner_id ON r_event_source (workspace_id, deleted_at, "owner_id", "id");

CREATE TABLE r_playbook (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"scenario" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"review_by" TEXT NOT NULL DEFAULT '',
	"proved_on" TEXT NOT NULL DEFAULT '',
	"description" TEXT NOT NULL DEFAULT '',
	"triggers" TEXT NOT NULL DEFAULT '',
	"severity" TEXT NOT NULL DEFAULT '',
	"contain" BIGINT NOT NULL DEFAULT 0,
	"eradicate" BIGINT NOT NULL DEFAULT 0,
	"recover" BIGINT NOT NULL DEFAULT 0,
	"techniques" TEXT NOT NULL DEFAULT '[]',
	"catalogue" TEXT NOT NULL DEFAULT '',
	"external_id" TEXT NOT NULL DEFAULT '',
	"number" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_playbook_owner_id ON r_playbook (workspace_id, deleted_at, "owner_id", "id");

CREATE TABLE r_detection_rule (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"level" TEXT NOT NULL DEFAULT '',
	"maturity" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"body" TEXT NOT NULL DEFAULT '',
	"description" TEXT NOT NULL DEFAULT '',
	"rule_id" TEXT NOT NULL DEFAULT '',
	"product" TEXT NOT NULL DEFAULT '',
	"service" TEXT NOT NULL DEFAULT '',
	"category" TEXT NOT NULL DEFAULT '',
	"techniques" TEXT NOT NULL DEFAULT '[]',
	"doubts" TEXT NOT NULL DEFAULT '',
	"first_step" TEXT NOT NULL DEFAULT '',
	"escalate" BIGINT NOT NULL DEFAULT 0,
	"owner_id" TEXT,
	"playbook_id" TEXT,
	"author" TEXT NOT NULL DEFAULT '',
	"licence" TEXT NOT NULL DEFAULT '',
	"references" TEXT NOT NULL DEFAULT '[]',
	"hits" BIGINT NOT NULL DEFAULT 0,
	"false_alarms" BIGINT NOT NULL DEFAULT 0,
	"last_hit" TEXT NOT NULL DEFAULT '',
	"proved_on" TEXT NOT NULL DEFAULT '',
	"complaint" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "playbook_id") REFERENCES r_playbook (workspace_id, "id")
);
CREATE INDEX ix_detection_rule_status ON r_detection_rule (workspace_id, deleted_at, "status", "id");
CREATE INDEX ix_detection_rule_level ON r_detection_rule (workspace_id, deleted_at, "level", "id");
CREATE INDEX ix_detection_rule_rule_id ON r_detection_rule (workspace_id, deleted_at, "rule_id", "id");
CREATE INDEX ix_detection_rule_owner_id ON r_detection_rule (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_detection_rule_playbook_id ON r_detection_rule (workspace_id, deleted_at, "playbook_id", "id");
CREATE INDEX ix_detection_rule_title ON r_detection_rule (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_trap (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"asset_id" TEXT,
	"zone" TEXT NOT NULL DEFAULT '',
	"hits" BIGINT NOT NULL DEFAULT 0,
	"last_hit" TEXT NOT NULL DEFAULT '',
	"address" TEXT NOT NULL DEFAULT '',
	"placement" TEXT NOT NULL DEFAULT '',
	"bait" TEXT NOT NULL DEFAULT '',
	"token" TEXT NOT NULL DEFAULT '',
	"scanners" TEXT NOT NULL DEFAULT '[]',
	"level" TEXT NOT NULL DEFAULT '',
	"quiet" BIGINT NOT NULL DEFAULT 0,
	"playbook_id" TEXT,
	"techniques" TEXT NOT NULL DEFAULT '[]',
	"max_visits" BIGINT NOT NULL DEFAULT 0,
	"owner_id" TEXT,
	"armed_at" TEXT NOT NULL DEFAULT '',
	"proved_on" TEXT NOT NULL DEFAULT '',
	"replace_by" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "asset_id") REFERENCES r_asset (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "playbook_id") REFERENCES r_playbook (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_trap_asset_id ON r_trap (workspace_id, deleted_at, "asset_id", "id");
CREATE INDEX ix_trap_last_hit ON r_trap (workspace_id, deleted_at, "last_hit", "id");
CREATE INDEX ix_trap_token ON r_trap (workspace_id, deleted_at, "token", "id");
CREATE INDEX ix_trap_playbook_id ON r_trap (workspace_id, deleted_at, "playbook_id", "id");
CREATE INDEX ix_trap_owner_id ON r_trap (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_trap_title ON r_trap (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_threat_indicator (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"value" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"confidence" BIGINT NOT NULL DEFAULT 0,
	"severity" TEXT NOT NULL DEFAULT '',
	"valid_from" TEXT NOT NULL DEFAULT '',
	"valid_until" TEXT NOT NULL DEFAULT '',
	"actor_id" TEXT,
	"campaign" TEXT NOT NULL DEFAULT '',
	"techniques" TEXT NOT NULL DEFAULT '[]',
	"source" TEXT NOT NULL DEFAULT '',
	"sharing" TEXT NOT NULL DEFAULT '',
	"pattern" TEXT NOT NULL DEFAULT '',
	"external_id" TEXT NOT NULL DEFAULT '',
	"sightings" BIGINT NOT NULL DEFAULT 0,
	"last_seen" TEXT NOT NULL DEFAULT '',
	"note" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "actor_id") REFERENCES r_threat_actor (workspace_id, "id")
);
CREATE INDEX ix_threat_indicator_updated_at ON r_threat_indicator (workspace_id, deleted_at, "updated_at", "id");
CREATE INDEX ix_threat_indicator_value ON r_threat_indicator (workspace_id, deleted_at, "value", "id");
CREATE INDEX ix_threat_indicator_status ON r_threat_indicator (workspace_id, deleted_at, "status", "id");
CREATE INDEX ix_threat_indicator_actor_id ON r_threat_indicator (workspace_id, deleted_at, "actor_id", "id");
CREATE INDEX ix_threat_indicator_external_id ON r_threat_indicator (workspace_id, deleted_at, "external_id", "id");
CREATE INDEX ix_threat_indicator_title ON r_threat_indicator (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_incident (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"phase" TEXT NOT NULL DEFAULT '',
	"severity" TEXT NOT NULL DEFAULT '',
	"asset_id" TEXT,
	"lead_id" TEXT,
	"declared_at" TEXT NOT NULL DEFAULT '',
	"phase_due" TEXT NOT NULL DEFAULT '',
	"summary" TEXT NOT NULL DEFAULT '',
	"category" TEXT NOT NULL DEFAULT '',
	"scribe_id" TEXT,
	"spokesperson_id" TEXT,
	"playbook_id" TEXT,
	"vendor_id" TEXT,
	"actor_id" TEXT,
	"techniques" TEXT NOT NULL DEFAULT '[]',
	"impacts" TEXT NOT NULL DEFAULT '[]',
	"personal_data" BIGINT NOT NULL DEFAULT 0,
	"data_subjects" BIGINT NOT NULL DEFAULT 0,
	"data_categories" TEXT NOT NULL DEFAULT '[]',
	"started_at" TEXT NOT NULL DEFAULT '',
	"detected_at" TEXT NOT NULL DEFAULT '',
	"aware_at" TEXT NOT NULL DEFAULT '',
	"contained_at" TEXT NOT NULL DEFAULT '',
	"eradicated_at" TEXT NOT NULL DEFAULT '',
	"recovered_at" TEXT NOT NULL DEFAULT '',
	"closed_at" TEXT NOT NULL DEFAULT '',
	"cost_so_far" BIGINT NOT NULL DEFAULT 0,
	"cost_expected_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"cost_expected_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"cost_expected_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"outcome" TEXT NOT NULL DEFAULT '',
	"lessons" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "asset_id") REFERENCES r_asset (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "lead_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "scribe_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "spokesperson_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "playbook_id") REFERENCES r_playbook (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "vendor_id") REFERENCES r_vendor (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "actor_id") REFERENCES r_threat_actor (workspace_id, "id")
);
CREATE INDEX ix_incident_phase ON r_incident (workspace_id, deleted_at, "phase", "id");
CREATE INDEX ix_incident_severity ON r_incident (workspace_id, deleted_at, "severity", "id");
CREATE INDEX ix_incident_asset_id ON r_incident (workspace_id, deleted_at, "asset_id", "id");
CREATE INDEX ix_incident_lead_id ON r_incident (workspace_id, deleted_at, "lead_id", "id");
CREATE INDEX ix_incident_declared_at ON r_incident (workspace_id, deleted_at, "declared_at", "id");
CREATE INDEX ix_incident_scribe_id ON r_incident (workspace_id, deleted_at, "scribe_id", "id");
CREATE INDEX ix_incident_spokesperson_id ON r_incident (workspace_id, deleted_at, "spokesperson_id", "id");
CREATE INDEX ix_incident_playbook_id ON r_incident (workspace_id, deleted_at, "playbook_id", "id");
CREATE INDEX ix_incident_vendor_id ON r_incident (workspace_id, deleted_at, "vendor_id", "id");
CREATE INDEX ix_incident_actor_id ON r_incident (workspace_id, deleted_at, "actor_id", "id");
CREATE INDEX ix_incident_title ON r_incident (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_alert (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"severity" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"asset_id" TEXT,
	"actor" TEXT NOT NULL DEFAULT '',
	"last_seen" TEXT NOT NULL DEFAULT '',
	"count" BIGINT NOT NULL DEFAULT 0,
	"score" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"why" TEXT NOT NULL DEFAULT '',
	"first_step" TEXT NOT NULL DEFAULT '',
	"first_seen" TEXT NOT NULL DEFAULT '',
	"source" TEXT NOT NULL DEFAULT '',
	"event_source_id" TEXT,
	"rule_id" TEXT,
	"trap_id" TEXT,
	"threat_indicator_id" TEXT,
	"incident_id" TEXT,
	"owner_id" TEXT,
	"fingerprint" TEXT NOT NULL DEFAULT '',
	"techniques" TEXT NOT NULL DEFAULT '[]',
	"events" TEXT NOT NULL DEFAULT '',
	"sha256" TEXT NOT NULL DEFAULT '',
	"acknowledged_at" TEXT NOT NULL DEFAULT '',
	"closed_at" TEXT NOT NULL DEFAULT '',
	"suppressed_until" TEXT NOT NULL DEFAULT '',
	"verdict" TEXT NOT NULL DEFAULT '',
	"note" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "asset_id") REFERENCES r_asset (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "event_source_id") REFERENCES r_event_source (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "rule_id") REFERENCES r_detection_rule (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "trap_id") REFERENCES r_trap (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "threat_indicator_id") REFERENCES r_threat_indicator (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "incident_id") REFERENCES r_incident (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_alert_severity ON r_alert (workspace_id, deleted_at, "severity", "id");
CREATE INDEX ix_alert_status ON r_alert (workspace_id, deleted_at, "status", "id");
CREATE INDEX ix_alert_asset_id ON r_alert (workspace_id, deleted_at, "asset_id", "id");
CREATE INDEX ix_alert_actor ON r_alert (workspace_id, deleted_at, "actor", "id");
CREATE INDEX ix_alert_last_seen ON r_alert (workspace_id, deleted_at, "last_seen", "id");
CREATE INDEX ix_alert_score ON r_alert (workspace_id, deleted_at, "score", "id");
CREATE INDEX ix_alert_first_seen ON r_alert (workspace_id, deleted_at, "first_seen", "id");
CREATE INDEX ix_alert_source ON r_alert (workspace_id, deleted_at, "source", "id");
CREATE INDEX ix_alert_event_source_id ON r_alert (workspace_id, deleted_at, "event_source_id", "id");
CREATE INDEX ix_alert_rule_id ON r_alert (workspace_id, deleted_at, "rule_id", "id");
CREATE INDEX ix_alert_trap_id ON r_alert (workspace_id, deleted_at, "trap_id", "id");
CREATE INDEX ix_alert_threat_indicator_id ON r_alert (workspace_id, deleted_at, "threat_indicator_id", "id");
CREATE INDEX ix_alert_incident_id ON r_alert (workspace_id, deleted_at, "incident_id", "id");
CREATE INDEX ix_alert_owner_id ON r_alert (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_alert_fingerprint ON r_alert (workspace_id, deleted_at, "fingerprint", "id");
CREATE INDEX ix_alert_title ON r_alert (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_concern (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"category" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"what" TEXT NOT NULL DEFAULT '',
	"at" TEXT NOT NULL DEFAULT '',
	"place" TEXT NOT NULL DEFAULT '',
	"blob" TEXT NOT NULL DEFAULT '',
	"reporter_id" TEXT,
	"handler_id" TEXT,
	"alert_id" TEXT,
	"answer" TEXT NOT NULL DEFAULT '',
	"answered_at" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "reporter_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "handler_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "alert_id") REFERENCES r_alert (workspace_id, "id")
);
CREATE INDEX ix_concern_created_at ON r_concern (workspace_id, deleted_at, "created_at", "id");
CREATE INDEX ix_concern_reporter_id ON r_concern (workspace_id, deleted_at, "reporter_id", "id");
CREATE INDEX ix_concern_handler_id ON r_concern (workspace_id, deleted_at, "handler_id", "id");
CREATE INDEX ix_concern_alert_id ON r_concern (workspace_id, deleted_at, "alert_id", "id");

CREATE TABLE r_alert_route (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"min_severity" TEXT NOT NULL DEFAULT '',
	"zone" TEXT NOT NULL DEFAULT '',
	"channel" TEXT NOT NULL DEFAULT '',
	"address" TEXT NOT NULL DEFAULT '',
	"person_id" TEXT,
	"team_id" TEXT,
	"quiet_from" TEXT NOT NULL DEFAULT '',
	"quiet_until" TEXT NOT NULL DEFAULT '',
	"escalate_after" BIGINT NOT NULL DEFAULT 0,
	"next_id" TEXT,
	"last_used" TEXT NOT NULL DEFAULT '',
	"failures" BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "person_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "team_id") REFERENCES r_team (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "next_id") REFERENCES r_alert_route (workspace_id, "id")
);
CREATE INDEX ix_alert_route_person_id ON r_alert_route (workspace_id, deleted_at, "person_id", "id");
CREATE INDEX ix_alert_route_team_id ON r_alert_route (workspace_id, deleted_at, "team_id", "id");
CREATE INDEX ix_alert_route_next_id ON r_alert_route (workspace_id, deleted_at, "next_id", "id");

CREATE TABLE r_playbook_step (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"playbook_id" TEXT,
	"phase" TEXT NOT NULL DEFAULT '',
	"position" BIGINT NOT NULL DEFAULT 0,
	"type" TEXT NOT NULL DEFAULT '',
	"role" TEXT NOT NULL DEFAULT '',
	"instruction" TEXT NOT NULL DEFAULT '',
	"condition" TEXT NOT NULL DEFAULT '',
	"check" TEXT NOT NULL DEFAULT '',
	"command" TEXT NOT NULL DEFAULT '',
	"minutes" BIGINT NOT NULL DEFAULT 0,
	"optional" BIGINT NOT NULL DEFAULT 0,
	"irreversible" BIGINT NOT NULL DEFAULT 0,
	"next_id" TEXT,
	"else_id" TEXT,
	"external_id" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "playbook_id") REFERENCES r_playbook (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "next_id") REFERENCES r_playbook_step (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "else_id") REFERENCES r_playbook_step (workspace_id, "id")
);
CREATE INDEX ix_playbook_step_playbook_id ON r_playbook_step (workspace_id, deleted_at, "playbook_id", "id");
CREATE INDEX ix_playbook_step_position ON r_playbook_step (workspace_id, deleted_at, "position", "id");
CREATE INDEX ix_playbook_step_next_id ON r_playbook_step (workspace_id, deleted_at, "next_id", "id");
CREATE INDEX ix_playbook_step_else_id ON r_playbook_step (workspace_id, deleted_at, "else_id", "id");

CREATE TABLE r_incident_action (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"incident_id" TEXT,
	"at" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"phase" TEXT NOT NULL DEFAULT '',
	"person_id" TEXT,
	"what" TEXT NOT NULL DEFAULT '',
	"result" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"asset_id" TEXT,
	"playbook_step_id" TEXT,
	"corrects_id" TEXT,
	"evidence_id" TEXT,
	"handed_to" TEXT NOT NULL DEFAULT '',
	"automatic" BIGINT NOT NULL DEFAULT 0,
	"minutes" BIGINT NOT NULL DEFAULT 0,
	"cost" BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "incident_id") REFERENCES r_incident (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "person_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "asset_id") REFERENCES r_asset (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "playbook_step_id") REFERENCES r_playbook_step (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "corrects_id") REFERENCES r_incident_action (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "evidence_id") REFERENCES r_evidence (workspace_id, "id")
);
CREATE INDEX ix_incident_action_incident_id ON r_incident_action (workspace_id, deleted_at, "incident_id", "id");
CREATE INDEX ix_incident_action_at ON r_incident_action (workspace_id, deleted_at, "at", "id");
CREATE INDEX ix_incident_action_person_id ON r_incident_action (workspace_id, deleted_at, "person_id", "id");
CREATE INDEX ix_incident_action_asset_id ON r_incident_action (workspace_id, deleted_at, "asset_id", "id");
CREATE INDEX ix_incident_action_playbook_step_id ON r_incident_action (workspace_id, deleted_at, "playbook_step_id", "id");
CREATE INDEX ix_incident_action_corrects_id ON r_incident_action (workspace_id, deleted_at, "corrects_id", "id");
CREATE INDEX ix_incident_action_evidence_id ON r_incident_action (workspace_id, deleted_at, "evidence_id", "id");
CREATE INDEX ix_incident_action_title ON r_incident_action (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_notification (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"incident_id" TEXT,
	"recipient" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"due_at" TEXT NOT NULL DEFAULT '',
	"stage" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"obligation_id" TEXT,
	"rule" TEXT NOT NULL DEFAULT '',
	"clock_start" TEXT NOT NULL DEFAULT '',
	"name" TEXT NOT NULL DEFAULT '',
	"channel" TEXT NOT NULL DEFAULT '',
	"text" TEXT NOT NULL DEFAULT '',
	"approved_by" TEXT,
	"approved_at" TEXT NOT NULL DEFAULT '',
	"sent_at" TEXT NOT NULL DEFAULT '',
	"sha256" TEXT NOT NULL DEFAULT '',
	"proof" TEXT NOT NULL DEFAULT '',
	"reference" TEXT NOT NULL DEFAULT '',
	"remark" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "incident_id") REFERENCES r_incident (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "obligation_id") REFERENCES r_obligation (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "approved_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_notification_incident_id ON r_notification (workspace_id, deleted_at, "incident_id", "id");
CREATE INDEX ix_notification_status ON r_notification (workspace_id, deleted_at, "status", "id");
CREATE INDEX ix_notification_due_at ON r_notification (workspace_id, deleted_at, "due_at", "id");
CREATE INDEX ix_notification_owner_id ON r_notification (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_notification_obligation_id ON r_notification (workspace_id, deleted_at, "obligation_id", "id");
CREATE INDEX ix_notification_approved_by ON r_notification (workspace_id, deleted_at, "approved_by", "id");
CREATE INDEX ix_notification_title ON r_notification (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_root_cause (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"incident_id" TEXT,
	"parent_id" TEXT,
	"category" TEXT NOT NULL DEFAULT '',
	"role" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"explanation" TEXT NOT NULL DEFAULT '',
	"evidence" TEXT NOT NULL DEFAULT '',
	"confidence" BIGINT NOT NULL DEFAULT 0,
	"frequency_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"frequency_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"frequency_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"position" BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "incident_id") REFERENCES r_incident (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "parent_id") REFERENCES r_root_cause (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_root_cause_incident_id ON r_root_cause (workspace_id, deleted_at, "incident_id", "id");
CREATE INDEX ix_root_cause_parent_id ON r_root_cause (workspace_id, deleted_at, "parent_id", "id");
CREATE INDEX ix_root_cause_owner_id ON r_root_cause (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_root_cause_position ON r_root_cause (workspace_id, deleted_at, "position", "id");

CREATE TABLE r_plan (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"lead_id" TEXT,
	"deputy_id" TEXT,
	"activation" TEXT NOT NULL DEFAULT '',
	"body" TEXT NOT NULL DEFAULT '',
	"scope" TEXT NOT NULL DEFAULT '',
	"workaround" TEXT NOT NULL DEFAULT '',
	"meeting_at" TEXT NOT NULL DEFAULT '',
	"stand_down" TEXT NOT NULL DEFAULT '',
	"offline" TEXT NOT NULL DEFAULT '',
	"document_id" TEXT,
	"review_every" BIGINT NOT NULL DEFAULT 0,
	"review_by" TEXT NOT NULL DEFAULT '',
	"tested_on" TEXT NOT NULL DEFAULT '',
	"number" TEXT NOT NULL DEFAULT '',
	"approved_by" TEXT,
	"approved_at" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "lead_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "deputy_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "document_id") REFERENCES r_document (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "approved_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_plan_owner_id ON r_plan (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_plan_lead_id ON r_plan (workspace_id, deleted_at, "lead_id", "id");
CREATE INDEX ix_plan_deputy_id ON r_plan (workspace_id, deleted_at, "deputy_id", "id");
CREATE INDEX ix_plan_document_id ON r_plan (workspace_id, deleted_at, "document_id", "id");
CREATE INDEX ix_plan_approved_by ON r_plan (workspace_id, deleted_at, "approved_by", "id");

CREATE TABLE r_plan_message (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"plan_id" TEXT,
	"audience" TEXT NOT NULL DEFAULT '',
	"party_id" TEXT,
	"scenario" TEXT NOT NULL DEFAULT '',
	"within_hours" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"speaker_id" TEXT,
	"channel" TEXT NOT NULL DEFAULT '',
	"repeat" TEXT NOT NULL DEFAULT '',
	"statement" TEXT NOT NULL DEFAULT '',
	"never" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"approved_by" TEXT,
	"approved_at" TEXT NOT NULL DEFAULT '',
	"sha256" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "plan_id") REFERENCES r_plan (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "party_id") REFERENCES r_interested_party (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "speaker_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "approved_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_plan_message_plan_id ON r_plan_message (workspace_id, deleted_at, "plan_id", "id");
CREATE INDEX ix_plan_message_party_id ON r_plan_message (workspace_id, deleted_at, "party_id", "id");
CREATE INDEX ix_plan_message_within_hours ON r_plan_message (workspace_id, deleted_at, "within_hours", "id");
CREATE INDEX ix_plan_message_speaker_id ON r_plan_message (workspace_id, deleted_at, "speaker_id", "id");
CREATE INDEX ix_plan_message_approved_by ON r_plan_message (workspace_id, deleted_at, "approved_by", "id");

CREATE TABLE r_crisis_contact (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"role" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"telephone" TEXT NOT NULL DEFAULT '',
	"alternative" TEXT NOT NULL DEFAULT '',
	"mail" TEXT NOT NULL DEFAULT '',
	"person_id" TEXT,
	"vendor_id" TEXT,
	"organisation" TEXT NOT NULL DEFAULT '',
	"hours" TEXT NOT NULL DEFAULT '',
	"languages" TEXT NOT NULL DEFAULT '[]',
	"contract" TEXT NOT NULL DEFAULT '',
	"position" BIGINT NOT NULL DEFAULT 0,
	"checked_on" TEXT NOT NULL DEFAULT '',
	"note" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "person_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "vendor_id") REFERENCES r_vendor (workspace_id, "id")
);
CREATE INDEX ix_crisis_contact_person_id ON r_crisis_contact (workspace_id, deleted_at, "person_id", "id");
CREATE INDEX ix_crisis_contact_vendor_id ON r_crisis_contact (workspace_id, deleted_at, "vendor_id", "id");
CREATE INDEX ix_crisis_contact_position ON r_crisis_contact (workspace_id, deleted_at, "position", "id");

CREATE TABLE r_exercise (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"at" TEXT NOT NULL DEFAULT '',
	"lead_id" TEXT,
	"category" TEXT NOT NULL DEFAULT '',
	"scenario" TEXT NOT NULL DEFAULT '',
	"goals" TEXT NOT NULL DEFAULT '',
	"plan_id" TEXT,
	"playbook_id" TEXT,
	"participants" TEXT NOT NULL DEFAULT '[]',
	"minutes" BIGINT NOT NULL DEFAULT 0,
	"started_at" TEXT NOT NULL DEFAULT '',
	"ended_at" TEXT NOT NULL DEFAULT '',
	"target_hours" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"recovery" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"score" BIGINT NOT NULL DEFAULT 0,
	"result" TEXT NOT NULL DEFAULT '',
	"announced" BIGINT NOT NULL DEFAULT 0,
	"next_on" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "lead_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "plan_id") REFERENCES r_plan (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "playbook_id") REFERENCES r_playbook (workspace_id, "id")
);
CREATE INDEX ix_exercise_at ON r_exercise (workspace_id, deleted_at, "at", "id");
CREATE INDEX ix_exercise_lead_id ON r_exercise (workspace_id, deleted_at, "lead_id", "id");
CREATE INDEX ix_exercise_plan_id ON r_exercise (workspace_id, deleted_at, "plan_id", "id");
CREATE INDEX ix_exercise_playbook_id ON r_exercise (workspace_id, deleted_at, "playbook_id", "id");

CREATE TABLE r_recovery_target (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"asset_id" TEXT,
	"plan_id" TEXT,
	"rto" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"rpo" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"mtd" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"minimum" TEXT NOT NULL DEFAULT '',
	"measured_rto" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"measured_rpo" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"tested_on" TEXT NOT NULL DEFAULT '',
	"exercise_id" TEXT,
	"test_every" BIGINT NOT NULL DEFAULT 0,
	"cost_per_hour_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"cost_per_hour_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"cost_per_hour_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"result" TEXT NOT NULL DEFAULT '',
	"priority" BIGINT NOT NULL DEFAULT 0,
	"owner_id" TEXT,
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "asset_id") REFERENCES r_asset (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "plan_id") REFERENCES r_plan (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "exercise_id") REFERENCES r_exercise (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_recovery_target_asset_id ON r_recovery_target (workspace_id, deleted_at, "asset_id", "id");
CREATE INDEX ix_recovery_target_plan_id ON r_recovery_target (workspace_id, deleted_at, "plan_id", "id");
CREATE INDEX ix_recovery_target_rto ON r_recovery_target (workspace_id, deleted_at, "rto", "id");
CREATE INDEX ix_recovery_target_exercise_id ON r_recovery_target (workspace_id, deleted_at, "exercise_id", "id");
CREATE INDEX ix_recovery_target_owner_id ON r_recovery_target (workspace_id, deleted_at, "owner_id", "id");

CREATE TABLE r_backup (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"asset_id" TEXT,
	"status" TEXT NOT NULL DEFAULT '',
	"method" TEXT NOT NULL DEFAULT '',
	"last_success" TEXT NOT NULL DEFAULT '',
	"last_verified" TEXT NOT NULL DEFAULT '',
	"every_hours" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"schedule" TEXT NOT NULL DEFAULT '',
	"place" TEXT NOT NULL DEFAULT '',
	"offsite" BIGINT NOT NULL DEFAULT 0,
	"offline" BIGINT NOT NULL DEFAULT 0,
	"immutable" BIGINT NOT NULL DEFAULT 0,
	"encrypted" BIGINT NOT NULL DEFAULT 0,
	"key_place" TEXT NOT NULL DEFAULT '',
	"keep_days" BIGINT NOT NULL DEFAULT 0,
	"verify_every" BIGINT NOT NULL DEFAULT 0,
	"owner_id" TEXT,
	"vendor_id" TEXT,
	"stored_on_id" TEXT,
	"restore" TEXT NOT NULL DEFAULT '',
	"failure" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "asset_id") REFERENCES r_asset (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "vendor_id") REFERENCES r_vendor (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "stored_on_id") REFERENCES r_asset (workspace_id, "id")
);
CREATE INDEX ix_backup_asset_id ON r_backup (workspace_id, deleted_at, "asset_id", "id");
CREATE INDEX ix_backup_last_verified ON r_backup (workspace_id, deleted_at, "last_verified", "id");
CREATE INDEX ix_backup_owner_id ON r_backup (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_backup_vendor_id ON r_backup (workspace_id, deleted_at, "vendor_id", "id");
CREATE INDEX ix_backup_stored_on_id ON r_backup (workspace_id, deleted_at, "stored_on_id", "id");

CREATE TABLE r_restore_point (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"backup_id" TEXT,
	"taken_at" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"verified_at" TEXT NOT NULL DEFAULT '',
	"restore_minutes" BIGINT NOT NULL DEFAULT 0,
	"size" BIGINT NOT NULL DEFAULT 0,
	"place" TEXT NOT NULL DEFAULT '',
	"identifier" TEXT NOT NULL DEFAULT '',
	"sha256" TEXT NOT NULL DEFAULT '',
	"keep_until" TEXT NOT NULL DEFAULT '',
	"hold" BIGINT NOT NULL DEFAULT 0,
	"incident_id" TEXT,
	"verifier_id" TEXT,
	"result" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "backup_id") REFERENCES r_backup (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "incident_id") REFERENCES r_incident (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "verifier_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_restore_point_backup_id ON r_restore_point (workspace_id, deleted_at, "backup_id", "id");
CREATE INDEX ix_restore_point_taken_at ON r_restore_point (workspace_id, deleted_at, "taken_at", "id");
CREATE INDEX ix_restore_point_incident_id ON r_restore_point (workspace_id, deleted_at, "incident_id", "id");
CREATE INDEX ix_restore_point_verifier_id ON r_restore_point (workspace_id, deleted_at, "verifier_id", "id");
CREATE INDEX ix_restore_point_title ON r_restore_point (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_exercise_inject (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"exercise_id" TEXT,
	"minute" BIGINT NOT NULL DEFAULT 0,
	"status" TEXT NOT NULL DEFAULT '',
	"news" TEXT NOT NULL DEFAULT '',
	"phase" TEXT NOT NULL DEFAULT '',
	"audience" TEXT NOT NULL DEFAULT '',
	"expected" TEXT NOT NULL DEFAULT '',
	"within" BIGINT NOT NULL DEFAULT 0,
	"given_at" TEXT NOT NULL DEFAULT '',
	"answered_at" TEXT NOT NULL DEFAULT '',
	"answer" TEXT NOT NULL DEFAULT '',
	"score" BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "exercise_id") REFERENCES r_exercise (workspace_id, "id")
);
CREATE INDEX ix_exercise_inject_exercise_id ON r_exercise_inject (workspace_id, deleted_at, "exercise_id", "id");
CREATE INDEX ix_exercise_inject_minute ON r_exercise_inject (workspace_id, deleted_at, "minute", "id");

CREATE TABLE r_measurement (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"indicator_id" TEXT,
	"at" TEXT NOT NULL DEFAULT '',
	"value" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"health" TEXT NOT NULL DEFAULT '',
	"source" TEXT NOT NULL DEFAULT '',
	"note" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "indicator_id") REFERENCES r_indicator (workspace_id, "id")
);
CREATE INDEX ix_measurement_indicator_id ON r_measurement (workspace_id, deleted_at, "indicator_id", "id");
CREATE INDEX ix_measurement_at ON r_measurement (workspace_id, deleted_at, "at", "id");
CREATE INDEX ix_measurement_title ON r_measurement (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_test (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"nature" TEXT NOT NULL DEFAULT '',
	"method" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"tester" TEXT NOT NULL DEFAULT '',
	"vendor_id" TEXT,
	"scope" TEXT NOT NULL DEFAULT '',
	"rules" TEXT NOT NULL DEFAULT '',
	"start_on" TEXT NOT NULL DEFAULT '',
	"end_on" TEXT NOT NULL DEFAULT '',
	"techniques" TEXT NOT NULL DEFAULT '[]',
	"noticed" TEXT NOT NULL DEFAULT '[]',
	"findings" BIGINT NOT NULL DEFAULT 0,
	"result" TEXT NOT NULL DEFAULT '',
	"summary" TEXT NOT NULL DEFAULT '',
	"report" TEXT NOT NULL DEFAULT '',
	"detect_hours" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"cost_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"cost_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"cost_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"allowed_by" TEXT,
	"allowed_at" TEXT NOT NULL DEFAULT '',
	"repeat_days" BIGINT NOT NULL DEFAULT 0,
	"next_on" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "vendor_id") REFERENCES r_vendor (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "allowed_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_test_owner_id ON r_test (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_test_vendor_id ON r_test (workspace_id, deleted_at, "vendor_id", "id");
CREATE INDEX ix_test_start_on ON r_test (workspace_id, deleted_at, "start_on", "id");
CREATE INDEX ix_test_allowed_by ON r_test (workspace_id, deleted_at, "allowed_by", "id");

CREATE TABLE r_audit (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"type" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"programme" TEXT NOT NULL DEFAULT '',
	"start_on" TEXT NOT NULL DEFAULT '',
	"end_on" TEXT NOT NULL DEFAULT '',
	"lead_id" TEXT,
	"auditors" TEXT NOT NULL DEFAULT '[]',
	"vendor_id" TEXT,
	"scope_id" TEXT,
	"extent" TEXT NOT NULL DEFAULT '',
	"criteria" TEXT NOT NULL DEFAULT '',
	"goals" TEXT NOT NULL DEFAULT '',
	"plan" TEXT NOT NULL DEFAULT '',
	"conclusion" TEXT NOT NULL DEFAULT '',
	"verdict" TEXT NOT NULL DEFAULT '',
	"report" TEXT NOT NULL DEFAULT '',
	"reported_on" TEXT NOT NULL DEFAULT '',
	"accepted_by" TEXT,
	"certificate" TEXT NOT NULL DEFAULT '',
	"valid_until" TEXT NOT NULL DEFAULT '',
	"next_on" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "lead_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "vendor_id") REFERENCES r_vendor (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "scope_id") REFERENCES r_scope (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "accepted_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_audit_start_on ON r_audit (workspace_id, deleted_at, "start_on", "id");
CREATE INDEX ix_audit_lead_id ON r_audit (workspace_id, deleted_at, "lead_id", "id");
CREATE INDEX ix_audit_vendor_id ON r_audit (workspace_id, deleted_at, "vendor_id", "id");
CREATE INDEX ix_audit_scope_id ON r_audit (workspace_id, deleted_at, "scope_id", "id");
CREATE INDEX ix_audit_accepted_by ON r_audit (workspace_id, deleted_at, "accepted_by", "id");

CREATE TABLE r_audit_check (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"audit_id" TEXT,
	"requirement_id" TEXT,
	"safeguard_id" TEXT,
	"status" TEXT NOT NULL DEFAULT '',
	"auditor_id" TEXT,
	"question" TEXT NOT NULL DEFAULT '',
	"interviewed" TEXT NOT NULL DEFAULT '[]',
	"population" BIGINT NOT NULL DEFAULT 0,
	"sample_size" BIGINT NOT NULL DEFAULT 0,
	"sample" TEXT NOT NULL DEFAULT '[]',
	"seed" BIGINT NOT NULL DEFAULT 0,
	"deviations" BIGINT NOT NULL DEFAULT 0,
	"observed" TEXT NOT NULL DEFAULT '',
	"at" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "audit_id") REFERENCES r_audit (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "requirement_id") REFERENCES r_requirement (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "safeguard_id") REFERENCES r_safeguard (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "auditor_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_audit_check_audit_id ON r_audit_check (workspace_id, deleted_at, "audit_id", "id");
CREATE INDEX ix_audit_check_requirement_id ON r_audit_check (workspace_id, deleted_at, "requirement_id", "id");
CREATE INDEX ix_audit_check_safeguard_id ON r_audit_check (workspace_id, deleted_at, "safeguard_id", "id");
CREATE INDEX ix_audit_check_auditor_id ON r_audit_check (workspace_id, deleted_at, "auditor_id", "id");

CREATE TABLE r_nonconformity (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"grade" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"source" TEXT NOT NULL DEFAULT '',
	"due" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"audit_id" TEXT,
	"audit_check_id" TEXT,
	"test_id" TEXT,
	"exercise_id" TEXT,
	"incident_id" TEXT,
	"requirement_id" TEXT,
	"asset_id" TEXT,
	"statement" TEXT NOT NULL DEFAULT '',
	"facts" TEXT NOT NULL DEFAULT '',
	"correction" TEXT NOT NULL DEFAULT '',
	"reach" TEXT NOT NULL DEFAULT '',
	"found_on" TEXT NOT NULL DEFAULT '',
	"closed_on" TEXT NOT NULL DEFAULT '',
	"closed_by" TEXT,
	"remark" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "audit_id") REFERENCES r_audit (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "audit_check_id") REFERENCES r_audit_check (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "test_id") REFERENCES r_test (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "exercise_id") REFERENCES r_exercise (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "incident_id") REFERENCES r_incident (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "requirement_id") REFERENCES r_requirement (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "asset_id") REFERENCES r_asset (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "closed_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_nonconformity_due ON r_nonconformity (workspace_id, deleted_at, "due", "id");
CREATE INDEX ix_nonconformity_owner_id ON r_nonconformity (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_nonconformity_audit_id ON r_nonconformity (workspace_id, deleted_at, "audit_id", "id");
CREATE INDEX ix_nonconformity_audit_check_id ON r_nonconformity (workspace_id, deleted_at, "audit_check_id", "id");
CREATE INDEX ix_nonconformity_test_id ON r_nonconformity (workspace_id, deleted_at, "test_id", "id");
CREATE INDEX ix_nonconformity_exercise_id ON r_nonconformity (workspace_id, deleted_at, "exercise_id", "id");
CREATE INDEX ix_nonconformity_incident_id ON r_nonconformity (workspace_id, deleted_at, "incident_id", "id");
CREATE INDEX ix_nonconformity_requirement_id ON r_nonconformity (workspace_id, deleted_at, "requirement_id", "id");
CREATE INDEX ix_nonconformity_asset_id ON r_nonconformity (workspace_id, deleted_at, "asset_id", "id");
CREATE INDEX ix_nonconformity_closed_by ON r_nonconformity (workspace_id, deleted_at, "closed_by", "id");
CREATE INDEX ix_nonconformity_title ON r_nonconformity (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_corrective_action (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"nonconformity_id" TEXT,
	"root_cause_id" TEXT,
	"exercise_id" TEXT,
	"status" TEXT NOT NULL DEFAULT '',
	"due" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"cause" TEXT NOT NULL DEFAULT '',
	"action" TEXT NOT NULL DEFAULT '',
	"cost_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"cost_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"cost_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"effort_low" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"effort_likely" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"effort_high" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"done_on" TEXT NOT NULL DEFAULT '',
	"check_on" TEXT NOT NULL DEFAULT '',
	"check_how" TEXT NOT NULL DEFAULT '',
	"checked_by" TEXT,
	"checked_on" TEXT NOT NULL DEFAULT '',
	"check_result" TEXT NOT NULL DEFAULT '',
	"rounds" BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "nonconformity_id") REFERENCES r_nonconformity (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "root_cause_id") REFERENCES r_root_cause (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "exercise_id") REFERENCES r_exercise (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "checked_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_corrective_action_nonconformity_id ON r_corrective_action (workspace_id, deleted_at, "nonconformity_id", "id");
CREATE INDEX ix_corrective_action_root_cause_id ON r_corrective_action (workspace_id, deleted_at, "root_cause_id", "id");
CREATE INDEX ix_corrective_action_exercise_id ON r_corrective_action (workspace_id, deleted_at, "exercise_id", "id");
CREATE INDEX ix_corrective_action_due ON r_corrective_action (workspace_id, deleted_at, "due", "id");
CREATE INDEX ix_corrective_action_owner_id ON r_corrective_action (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_corrective_action_checked_by ON r_corrective_action (workspace_id, deleted_at, "checked_by", "id");
CREATE INDEX ix_corrective_action_title ON r_corrective_action (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_management_review (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"period_from" TEXT NOT NULL DEFAULT '',
	"period_to" TEXT NOT NULL DEFAULT '',
	"held_on" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"chair_id" TEXT,
	"meeting_id" TEXT,
	"participants" TEXT NOT NULL DEFAULT '[]',
	"follow_up" TEXT NOT NULL DEFAULT '',
	"changes" TEXT NOT NULL DEFAULT '',
	"performance" TEXT NOT NULL DEFAULT '',
	"feedback" TEXT NOT NULL DEFAULT '',
	"risks" TEXT NOT NULL DEFAULT '',
	"incidents" TEXT NOT NULL DEFAULT '',
	"chances" TEXT NOT NULL DEFAULT '',
	"loss_now" BIGINT NOT NULL DEFAULT 0,
	"decisions" TEXT NOT NULL DEFAULT '',
	"resources" TEXT NOT NULL DEFAULT '',
	"verdict" TEXT NOT NULL DEFAULT '',
	"next_on" TEXT NOT NULL DEFAULT '',
	"pack" TEXT NOT NULL DEFAULT '',
	"approved_by" TEXT,
	"approved_at" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "chair_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "meeting_id") REFERENCES r_meeting (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "approved_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_management_review_period_to ON r_management_review (workspace_id, deleted_at, "period_to", "id");
CREATE INDEX ix_management_review_chair_id ON r_management_review (workspace_id, deleted_at, "chair_id", "id");
CREATE INDEX ix_management_review_meeting_id ON r_management_review (workspace_id, deleted_at, "meeting_id", "id");
CREATE INDEX ix_management_review_approved_by ON r_management_review (workspace_id, deleted_at, "approved_by", "id");

CREATE TABLE r_improvement_cycle (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"phase" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"start_on" TEXT NOT NULL DEFAULT '',
	"end_on" TEXT NOT NULL DEFAULT '',
	"previous_id" TEXT,
	"goal" TEXT NOT NULL DEFAULT '',
	"plan" TEXT NOT NULL DEFAULT '',
	"done" TEXT NOT NULL DEFAULT '',
	"checked" TEXT NOT NULL DEFAULT '',
	"acted" TEXT NOT NULL DEFAULT '',
	"measure" TEXT NOT NULL DEFAULT '',
	"before_value" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"target_value" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"after_value" DOUBLE PRECISION NOT NULL DEFAULT 0,
	"loss_before" BIGINT NOT NULL DEFAULT 0,
	"loss_after" BIGINT NOT NULL DEFAULT 0,
	"do_at" TEXT NOT NULL DEFAULT '',
	"check_at" TEXT NOT NULL DEFAULT '',
	"act_at" TEXT NOT NULL DEFAULT '',
	"completed_at" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "previous_id") REFERENCES r_improvement_cycle (workspace_id, "id")
);
CREATE INDEX ix_improvement_cycle_owner_id ON r_improvement_cycle (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_improvement_cycle_start_on ON r_improvement_cycle (workspace_id, deleted_at, "start_on", "id");
CREATE INDEX ix_improvement_cycle_previous_id ON r_improvement_cycle (workspace_id, deleted_at, "previous_id", "id");

CREATE TABLE r_comment (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"subject_kind" TEXT NOT NULL DEFAULT '',
	"subject_id" TEXT NOT NULL DEFAULT '',
	"text" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"parent_id" TEXT,
	"author_id" TEXT,
	"mentions" TEXT NOT NULL DEFAULT '[]',
	"field" TEXT NOT NULL DEFAULT '',
	"resolved_by" TEXT,
	"resolved_at" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "parent_id") REFERENCES r_comment (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "author_id") REFERENCES r_person (workspace_id, "id"),
	FOREIGN KEY (workspace_id, "resolved_by") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_comment_created_at ON r_comment (workspace_id, deleted_at, "created_at", "id");
CREATE INDEX ix_comment_subject_kind ON r_comment (workspace_id, deleted_at, "subject_kind", "id");
CREATE INDEX ix_comment_subject_id ON r_comment (workspace_id, deleted_at, "subject_id", "id");
CREATE INDEX ix_comment_parent_id ON r_comment (workspace_id, deleted_at, "parent_id", "id");
CREATE INDEX ix_comment_author_id ON r_comment (workspace_id, deleted_at, "author_id", "id");
CREATE INDEX ix_comment_resolved_by ON r_comment (workspace_id, deleted_at, "resolved_by", "id");
CREATE INDEX ix_comment_title ON r_comment (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_attachment (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"subject_kind" TEXT NOT NULL DEFAULT '',
	"subject_id" TEXT NOT NULL DEFAULT '',
	"file_name" TEXT NOT NULL DEFAULT '',
	"media_type" TEXT NOT NULL DEFAULT '',
	"size" BIGINT NOT NULL DEFAULT 0,
	"sha256" TEXT NOT NULL DEFAULT '',
	"blob" TEXT NOT NULL DEFAULT '',
	"note" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key")
);
CREATE INDEX ix_attachment_created_at ON r_attachment (workspace_id, deleted_at, "created_at", "id");
CREATE INDEX ix_attachment_subject_kind ON r_attachment (workspace_id, deleted_at, "subject_kind", "id");
CREATE INDEX ix_attachment_subject_id ON r_attachment (workspace_id, deleted_at, "subject_id", "id");
CREATE INDEX ix_attachment_sha256 ON r_attachment (workspace_id, deleted_at, "sha256", "id");
CREATE INDEX ix_attachment_title ON r_attachment (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_saved_view (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"of" TEXT NOT NULL DEFAULT '',
	"query" TEXT NOT NULL DEFAULT '',
	"columns" TEXT NOT NULL DEFAULT '[]',
	"owner_id" TEXT,
	"shared" BIGINT NOT NULL DEFAULT 0,
	"pinned" BIGINT NOT NULL DEFAULT 0,
	"display" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_saved_view_of ON r_saved_view (workspace_id, deleted_at, "of", "id");
CREATE INDEX ix_saved_view_owner_id ON r_saved_view (workspace_id, deleted_at, "owner_id", "id");
CREATE INDEX ix_saved_view_title ON r_saved_view (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_api_token (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"person_id" TEXT,
	"scopes" TEXT NOT NULL DEFAULT '[]',
	"status" TEXT NOT NULL DEFAULT '',
	"expires_at" TEXT NOT NULL DEFAULT '',
	"prefix" TEXT NOT NULL DEFAULT '',
	"token_hash" TEXT NOT NULL DEFAULT '',
	"last_used" TEXT NOT NULL DEFAULT '',
	"last_from" TEXT NOT NULL DEFAULT '',
	"networks" TEXT NOT NULL DEFAULT '[]',
	"revoked_at" TEXT NOT NULL DEFAULT '',
	"revoked_by" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "person_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_api_token_updated_at ON r_api_token (workspace_id, deleted_at, "updated_at", "id");
CREATE INDEX ix_api_token_person_id ON r_api_token (workspace_id, deleted_at, "person_id", "id");
CREATE INDEX ix_api_token_prefix ON r_api_token (workspace_id, deleted_at, "prefix", "id");
CREATE INDEX ix_api_token_title ON r_api_token (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_passkey (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"person_id" TEXT,
	"credential_id" TEXT NOT NULL DEFAULT '',
	"public_key" TEXT NOT NULL DEFAULT '',
	"sign_count" BIGINT NOT NULL DEFAULT 0,
	"transports" TEXT NOT NULL DEFAULT '[]',
	"model" TEXT NOT NULL DEFAULT '',
	"verifies" BIGINT NOT NULL DEFAULT 0,
	"backup_eligible" BIGINT NOT NULL DEFAULT 0,
	"backed_up" BIGINT NOT NULL DEFAULT 0,
	"last_used" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "person_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_passkey_updated_at ON r_passkey (workspace_id, deleted_at, "updated_at", "id");
CREATE INDEX ix_passkey_person_id ON r_passkey (workspace_id, deleted_at, "person_id", "id");
CREATE INDEX ix_passkey_credential_id ON r_passkey (workspace_id, deleted_at, "credential_id", "id");
CREATE INDEX ix_passkey_title ON r_passkey (workspace_id, deleted_at, LOWER("title"), "id");

CREATE TABLE r_identity_provider (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"protocol" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"issuer" TEXT NOT NULL DEFAULT '',
	"client_id" TEXT NOT NULL DEFAULT '',
	"client_secret" TEXT NOT NULL DEFAULT '',
	"metadata" TEXT NOT NULL DEFAULT '',
	"domains" TEXT NOT NULL DEFAULT '[]',
	"create_people" BIGINT NOT NULL DEFAULT 0,
	"default_roles" TEXT NOT NULL DEFAULT '[]',
	"group_claim" TEXT NOT NULL DEFAULT '',
	"group_roles" TEXT NOT NULL DEFAULT '[]',
	"scim_token_hash" TEXT NOT NULL DEFAULT '',
	"last_used" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key")
);

CREATE TABLE r_webhook (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"url" TEXT NOT NULL DEFAULT '',
	"events" TEXT NOT NULL DEFAULT '[]',
	"status" TEXT NOT NULL DEFAULT '',
	"secret" TEXT NOT NULL DEFAULT '',
	"owner_id" TEXT,
	"last_delivery" TEXT NOT NULL DEFAULT '',
	"last_answer" TEXT NOT NULL DEFAULT '',
	"failures" BIGINT NOT NULL DEFAULT 0,
	"note" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key"),
	FOREIGN KEY (workspace_id, "owner_id") REFERENCES r_person (workspace_id, "id")
);
CREATE INDEX ix_webhook_owner_id ON r_webhook (workspace_id, deleted_at, "owner_id", "id");

CREATE TABLE r_workspace (
	workspace_id TEXT NOT NULL,
	"id" TEXT NOT NULL DEFAULT '',
	"key" TEXT NOT NULL DEFAULT '',
	"title" TEXT NOT NULL DEFAULT '',
	"labels" TEXT NOT NULL DEFAULT '[]',
	"origin" TEXT NOT NULL DEFAULT '',
	"version" BIGINT NOT NULL DEFAULT 0,
	"created_at" TEXT NOT NULL DEFAULT '',
	"created_by" TEXT NOT NULL DEFAULT '',
	"updated_at" TEXT NOT NULL DEFAULT '',
	"updated_by" TEXT NOT NULL DEFAULT '',
	"deleted_at" TEXT NOT NULL DEFAULT '',
	"slug" TEXT NOT NULL DEFAULT '',
	"status" TEXT NOT NULL DEFAULT '',
	"note" TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (workspace_id, "id"),
	UNIQUE (workspace_id, "key")
);

