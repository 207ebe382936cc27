package isms

import "holdfast/kind"

// A RestorePoint is one copy to which an asset can be brought back. Until it was
// restored once, nobody knows whether it is any good.
type RestorePoint struct {
	Base
	BackupID       string             `json:"backup_id"       isms:"ref=backup,required,list,filter,label=backup,immutable"`
	TakenAt        Instant            `json:"taken_at"        isms:"required,list,filter,index" doc:"The moment of which it holds the data."`
	Status         RestorePointStatus `json:"status"          isms:"list,filter"`
	VerifiedAt     Instant            `json:"verified_at"     isms:"list" doc:"When it was last restored and compared."`
	RestoreMinutes int                `json:"restore_minutes" isms:"list,unit=minutes,label=restore took"`
	Size           int64              `json:"size"            isms:"unit=bytes"`
	Place          string             `json:"place"           isms:"search"`
	Identifier     string             `json:"identifier"      isms:"search" doc:"How the backup tool names it."`
	SHA256         string             `json:"sha256"          doc:"Hash of the copy, where one is taken."`
	KeepUntil      Date               `json:"keep_until"      isms:"list,filter"`
	Hold           bool               `json:"hold"            isms:"filter,label=must not be deleted" doc:"Needed as proof or as the last good copy before an intrusion."`
	IncidentID     string             `json:"incident_id"     isms:"ref=incident,filter,label=incident" doc:"The incident in which it was used or doubted."`
	VerifierID     string             `json:"verifier_id"     isms:"ref=person,filter,label=verified by"`
	Result         Markdown           `json:"result"          doc:"What was compared and what was found."`
}

// RestorePointStatus tells what is known of a copy.
type RestorePointStatus string

// Choices lists the states.
func (RestorePointStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "unverified", Tone: "warn", Doc: "It exists; nobody restored it yet."},
		{Value: "verified", Tone: "good"}, {Value: "failed", Tone: "critical", Doc: "It cannot be restored."},
		{Value: "tainted", Tone: "critical", Doc: "Taken after the intruder came in: it would bring them back."},
		{Value: "expired", Tone: "muted", Doc: "Deleted when its time was over."},
	}
}

// RestorePoints describes the record type.
var RestorePoints = kind.Of("restore_point", kind.Spec[RestorePoint]{
	Group: kind.Respond, Icon: "history", State: "status", Owner: "verifier_id", Sort: "-taken_at", Parent: "backup_id",
	Doc: "One copy to which an asset can be brought back, and whether a restore proved it.",
	Prepare: func(p *RestorePoint) {
		if !p.TakenAt.IsZero() {
			entitle(&p.Base, "Copy of "+p.TakenAt.UTC().Format("2006-01-02 15:04"), p.Place)
		}
	},
	Validate: func(p *RestorePoint) error {
		return complaints(notNegative("restore_minutes", p.RestoreMinutes), refuse(p.Size < 0, "size", "cannot be negative"),
			ordered("verified_at", p.TakenAt, p.VerifiedAt, "lies before the copy was taken"))
	},
	Links: []kind.Link{
		{Name: "evidenced by", To: "evidence", Inverse: "proves restore"},
	},
	Actions: []kind.Act[RestorePoint]{
		{Action: kind.Action{Name: "verify", Label: "Restored and verified", From: []string{"unverified", "verified", "failed"}, To: "verified"}, Do: verifyPoint},
		{Action: kind.Action{Name: "fail", Label: "Cannot be restored", From: []string{"unverified", "verified"}, To: "failed", Reason: true},
			Do: func(p *RestorePoint, in kind.Input) error { p.Result = Markdown(in.Reason); return nil }},
		{Action: kind.Action{Name: "taint", Label: "Mark as tainted", From: []string{"unverified", "verified"}, To: "tainted", Reason: true, Danger: true},
			Do: func(p *RestorePoint, in kind.Input) error { p.Result = Markdown(in.Reason); return nil }},
		{Action: kind.Action{Name: "clear", Label: "Not tainted after all", From: []string{"tainted"}, To: "unverified", Needs: kind.Approve, Reason: true}},
		{Action: kind.Action{Name: "expire", From: []string{"unverified", "verified", "failed", "tainted"}, To: "expired"}, Do: expirePoint},
	},
})

func verifyPoint(p *RestorePoint, in kind.Input) error {
	p.VerifiedAt, p.VerifierID = in.At, in.By
	if in.Reason != "" {
		p.Result = Markdown(in.Reason)
	}
	return nil
}

func expirePoint(p *RestorePoint, _ kind.Input) error {
	return refuse(p.Hold, "hold", "it must not be deleted; lift the hold first")
}
