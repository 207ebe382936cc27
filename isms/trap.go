package isms

import (
	"slices"

	"holdfast/kind"
)

// A Trap is something that nobody has a reason to touch: a decoy service or a
// canary token. Whoever does is an intruder, or lost.
type Trap struct {
	Base
	Type       TrapType   `json:"type"        isms:"required,list,filter,immutable"`
	Status     TrapStatus `json:"status"      isms:"list,filter"`
	AssetID    string     `json:"asset_id"    isms:"ref=asset,list,filter,label=asset" doc:"The asset it stands on or in front of."`
	Zone       string     `json:"zone"        isms:"list,filter" doc:"Network or trust zone in which it waits."`
	Hits       int        `json:"hits"        isms:"computed,list" doc:"How often it was touched, without known scanners."`
	LastHit    Instant    `json:"last_hit"    isms:"computed,list"`
	Address    string     `json:"address"     doc:"Where a decoy listens: address and port; or the web address or name of a token."`
	Placement  Markdown   `json:"placement"   isms:"search" doc:"Where exactly it lies, and on which path an attacker has to take."`
	Bait       string     `json:"bait"        doc:"What it pretends to be: a banner, a file name, the name of a bucket."`
	Token      string     `json:"token"       isms:"hidden,index" doc:"Hash of the secret in the token, by which a hit is recognised."`
	Mark       string     `json:"mark"        isms:"hidden,index" doc:"Hash of a second text by which it is recognised: the id of a cloud key, the fingerprint of an SSH key."`
	Scanners   []string   `json:"scanners"    isms:"label=known scanners" doc:"Addresses and networks of our own that may touch it without alarm."`
	Level      Severity   `json:"level"       isms:"filter" doc:"How bad a hit is; a hit is never a false alarm by design."`
	Quiet      bool       `json:"quiet"       isms:"filter,label=alert only" doc:"A hit raises an alert but opens no incident by itself."`
	PlaybookID string     `json:"playbook_id" isms:"ref=playbook,filter,label=playbook" doc:"What to follow when it is touched."`
	Techniques []string   `json:"techniques"  isms:"filter" doc:"MITRE ATT&CK ids of what it notices."`
	MaxVisits  int        `json:"max_visits"  doc:"Visitors that a decoy serves at the same time; 0: sixteen."`
	Host       string     `json:"host"        doc:"Name of the machine that a decoy pretends to be, by the pattern of the real ones."`
	LetIn      int        `json:"let_in"      isms:"label=lets in at attempt" doc:"The attempt to sign in that a decoy lets succeed, so that the visitor shows what he wants; 0: none."`
	Scans      int        `json:"scans"       isms:"computed,label=touched by scanners" doc:"How often a known scanner touched it; that raises no alarm."`
	Complaint  string     `json:"complaint"   isms:"computed,filter" doc:"Why it does not wait although it is armed; empty: nothing is wrong."`
	OwnerID    string     `json:"owner_id"    isms:"ref=person,filter,label=owner" doc:"Who knows about it; few people should."`
	ArmedAt    Instant    `json:"armed_at"    isms:"computed"`
	ProvedOn   Date       `json:"proved_on"   isms:"filter" doc:"When it last rang in a test."`
	TestUntil  Instant    `json:"test_until"  isms:"computed" doc:"Until then the next touch is a test that somebody announced."`
	ReplaceBy  Date       `json:"replace_by"  isms:"filter" doc:"Old bait is known bait."`
}

// TrapType tells what a trap pretends to be.
type TrapType string

var decoyTypes = []kind.Choice{
	{Value: "ssh", Label: "SSH server"}, {Value: "http", Label: "Web login"}, {Value: "https", Label: "Web login over TLS"},
	{Value: "ftp", Label: "FTP server"}, {Value: "telnet", Label: "Telnet server"}, {Value: "redis", Label: "Redis"},
	{Value: "postgresql", Label: "PostgreSQL"}, {Value: "mysql", Label: "MySQL"},
	{Value: "smb", Label: "Windows file share"}, {Value: "rdp", Label: "Remote desktop"},
	{Value: "port", Label: "Plain port", Doc: "Listens and says nothing."},
}

var tokenTypes = []kind.Choice{
	{Value: "web_link", Doc: "An address that nobody has a reason to open."},
	{Value: "dns_name", Label: "DNS name"},
	{Value: "document", Doc: "A file that calls home when it is opened."},
	{Value: "cloud_key", Doc: "Looks like a key to a cloud account."}, {Value: "api_token", Label: "API token"},
	{Value: "database_row", Doc: "A record of a person who does not exist."}, {Value: "qr_code", Label: "QR code"},
	{Value: "ssh_key", Label: "SSH key"}, {Value: "kubeconfig"}, {Value: "hidden_file"},
	{Value: "page_clone", Label: "Cloned login page", Doc: "Rings when our sign-in page is shown from a foreign address."},
	{Value: "mail_address"},
}

// Choices lists the types: decoy services first, then tokens.
func (TrapType) Choices() []kind.Choice { return slices.Concat(decoyTypes, tokenTypes) }

// Decoy tells whether the trap is a service that listens; otherwise it is a token.
func (t TrapType) Decoy() bool {
	return slices.ContainsFunc(decoyTypes, func(c kind.Choice) bool { return c.Value == string(t) })
}

// TrapStatus is where a trap stands.
type TrapStatus string

// The states of a trap.
const (
	TrapPlanned  TrapStatus = "planned"
	TrapArmed    TrapStatus = "armed"
	TrapSprung   TrapStatus = "sprung"
	TrapDisarmed TrapStatus = "disarmed"
)

// Choices lists the states.
func (TrapStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "planned", Tone: "info", Doc: "Where it should stand; it does not wait yet."},
		{Value: "armed", Tone: "good"},
		{Value: "sprung", Tone: "critical", Doc: "Somebody touched it; it still waits."},
		{Value: "disarmed", Tone: "muted"},
	}
}

// Traps describes the record type.
var Traps = kind.Of("trap", kind.Spec[Trap]{
	Group: kind.Detect, Icon: "trap", State: "status", Owner: "owner_id", Sort: "-last_hit", Parent: "asset_id",
	Doc: "A decoy or canary token that nobody has a reason to touch.",
	Prepare: func(t *Trap) {
		if t.Level == "" {
			t.Level = SeverityHigh
		}
		entitle(&t.Base, words(t.Type), t.Zone)
	},
	Validate: func(t *Trap) error {
		return complaints(notNegative("max_visits", t.MaxVisits), notNegative("let_in", t.LetIn))
	},
	Links: []kind.Link{
		{Name: "waits for", To: "threat_actor", Inverse: "awaited by"},
		{Name: "stands before", To: "asset", Inverse: "behind trap", Doc: "The crown jewels on the way to which it lies."},
		{Name: "part of", To: "safeguard", Inverse: "deceives with"},
	},
	Actions: []kind.Act[Trap]{
		{Action: kind.Action{Name: "arm", From: []string{"planned", "sprung", "disarmed"}, To: "armed"}, Do: armTrap},
		{Action: kind.Action{Name: "spring", Label: "It was touched", From: []string{"armed", "sprung"}, To: "sprung"},
			Do: func(t *Trap, in kind.Input) error { t.Hits++; t.LastHit = in.At; return nil }},
		{Action: kind.Action{Name: "prove", Label: "It rang in a test", From: []string{"armed", "sprung"}, To: "armed"},
			Do: func(t *Trap, in kind.Input) error { t.ProvedOn = kind.DateOf(in.At); return nil }},
		{Action: kind.Action{Name: "disarm", From: []string{"planned", "armed", "sprung"}, To: "disarmed", Reason: true, Danger: true}},
	},
})

func armTrap(t *Trap, in kind.Input) error {
	if t.Type.Decoy() && t.Address == "" {
		return kind.Fieldf("address", "says where the decoy listens, such as 10.0.3.7:22")
	}
	t.ArmedAt = in.At
	return nil
}
