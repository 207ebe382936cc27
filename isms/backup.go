package isms

import (
	"cmp"

	"holdfast/kind"
)

// A Backup is the arrangement by which an asset is copied, so that it can be
// restored. The copies themselves are its restore points.
type Backup struct {
	Base
	AssetID      string       `json:"asset_id"      isms:"ref=asset,required,list,filter,label=asset"`
	Status       BackupStatus `json:"status"        isms:"list,filter"`
	Method       BackupMethod `json:"method"        isms:"list,filter"`
	LastSuccess  Instant      `json:"last_success"  isms:"list" doc:"When the last copy was finished."`
	LastVerified Instant      `json:"last_verified" isms:"list,label=last verified restore" doc:"When a copy was last restored and found good. Never: it counts as no backup."`
	EveryHours   float64      `json:"every_hours"   isms:"unit=hours,label=every" doc:"Time between copies; it cannot be longer than the data that may be lost."`
	Schedule     string       `json:"schedule"      doc:"In words: nightly at two, after each release."`
	Place        string       `json:"place"         isms:"search" doc:"Where the copies lie: site, provider, account."`
	Offsite      bool         `json:"offsite"       isms:"filter" doc:"In another place than the original."`
	Offline      bool         `json:"offline"       isms:"list,filter" doc:"Cannot be reached from the network of the original."`
	Immutable    bool         `json:"immutable"     isms:"filter" doc:"Cannot be changed or deleted before its time, not even by an administrator."`
	Encrypted    bool         `json:"encrypted"     isms:"list,filter"`
	KeyPlace     string       `json:"key_place"     doc:"Where the key is kept, never the key itself; it must survive the loss of the asset."`
	KeepDays     int          `json:"keep_days"     isms:"unit=days"`
	VerifyEvery  int          `json:"verify_every"  isms:"unit=days,label=restore test every"`
	OwnerID      string       `json:"owner_id"      isms:"ref=person,filter,label=owner"`
	VendorID     string       `json:"vendor_id"     isms:"ref=vendor,filter,label=vendor"`
	StoredOnID   string       `json:"stored_on_id"  isms:"ref=asset,filter,label=stored on" doc:"The asset that holds the copies; who takes it, takes them."`
	Restore      Markdown     `json:"restore"       isms:"search,label=how to restore" doc:"Step by step, for somebody who has never done it."`
	Failure      string       `json:"failure"       doc:"What went wrong the last time."`
}

// BackupMethod tells how copies are made.
type BackupMethod string

// Choices lists the methods.
func (BackupMethod) Choices() []kind.Choice {
	return kind.Words("full", "incremental", "snapshot", "replication", "export", "image")
}

// BackupStatus is where a backup stands.
type BackupStatus string

// Choices lists the states.
func (BackupStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "planned", Tone: "info"}, {Value: "operating", Tone: "good"},
		{Value: "failing", Tone: "critical", Doc: "The last copy or restore did not work."}, {Value: "stopped", Tone: "muted"},
	}
}

// Backups describes the record type.
var Backups = kind.Of("backup", kind.Spec[Backup]{
	Group: kind.Respond, Icon: "database", State: "status", Owner: "owner_id", Sort: "last_verified", Parent: "asset_id",
	Doc: "How an asset is copied, where the copies lie, and when a restore last proved them.",
	Prepare: func(b *Backup) {
		b.Method = cmp.Or(b.Method, "full")
		entitle(&b.Base, words(b.Method)+" backup", b.Place)
	},
	Validate: func(b *Backup) error {
		return complaints(notNegative("every_hours", b.EveryHours), notNegative("keep_days", b.KeepDays), notNegative("verify_every", b.VerifyEvery),
			refuse(b.StoredOnID != "" && b.StoredOnID == b.AssetID, "stored_on_id", "is the asset itself; a copy beside the original is lost with it"))
	},
	Actions: []kind.Act[Backup]{
		{Action: kind.Action{Name: "succeed", Label: "Copy made", From: []string{"planned", "operating", "failing"}, To: "operating"},
			Do: func(b *Backup, in kind.Input) error { b.LastSuccess, b.Failure = in.At, ""; return nil }},
		{Action: kind.Action{Name: "verify", Label: "Restored and verified", From: []string{"planned", "operating", "failing"}, To: "operating",
			Doc: "A copy was restored and is good."},
			Do: func(b *Backup, in kind.Input) error { b.LastVerified, b.Failure = in.At, ""; return nil }},
		{Action: kind.Action{Name: "fail", Label: "It failed", From: []string{"planned", "operating"}, To: "failing", Reason: true},
			Do: func(b *Backup, in kind.Input) error { b.Failure = in.Reason; return nil }},
		{Action: kind.Action{Name: "stop", From: []string{"planned", "operating", "failing"}, To: "stopped", Needs: kind.Approve, Reason: true, Danger: true}},
		{Action: kind.Action{Name: "resume", From: []string{"stopped"}, To: "planned"}},
	},
})
