package detection

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"holdfast/access"
	"holdfast/blob"
	"holdfast/catalog"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// touchCheck names the trap in the evidence of its touches.
func touchCheck(trapID string) string { return "trap/" + trapID }

const touchName = "touch.json"

// touchDays is how long a touch counts as evidence.
const touchDays = 365

// keepTouch keeps a touch as evidence of the alert: the statement tells in a sentence
// what happened, and names no password; the file, encrypted under its hash, holds
// everything. The title of the alert says what the visitor did. Beyond KeptTouches a day
// it only counts; the id is empty then.
func (f *Flow) keepTouch(ctx context.Context, trap *isms.Trap, a *isms.Alert, t Touch) (string, error) {
	if title := t.sentence(trap); a.Title != title && t.Visit != nil {
		a.Title = prose.Cut(title, maxAlertTitle)
		if err := f.alerts().Save(ctx, a); err != nil {
			return "", err
		}
	}
	today := kind.FormatTime(kind.DateOf(f.app.Now()).Time())
	n, err := f.Count(ctx, isms.Evidences, kind.Query{}.Where("check", touchCheck(trap.ID)).With("created_at", kind.AtLeast, today))
	if err != nil || n >= KeptTouches {
		return "", err
	}
	whole, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	if err := f.keepEvents(ctx, a, [][]byte{whole}); err != nil {
		return "", err
	}
	e := &isms.Evidence{
		Base: isms.Base{Title: prose.Cut("Touched: "+trap.Title, 300), Origin: "engine"}, Source: "measured", At: t.At, AssetID: trap.AssetID,
		Check: touchCheck(trap.ID), Statement: isms.Markdown(prose.Cut(t.statement(trap), 2000)), ValidUntil: kind.DateOf(t.At.AddDate(0, 0, touchDays)),
	}
	if t.Visit != nil {
		e.Run = t.Visit.ID
	}
	if err := f.keepEvidence(ctx, e, whole); err != nil {
		return "", err
	}
	return e.ID, f.app.Link(ctx, isms.Alerts, a.ID, "evidenced by", e.ID)
}

// keepEvidence writes evidence with the file that it speaks of.
func (f *Flow) keepEvidence(ctx context.Context, e *isms.Evidence, file []byte) error {
	if f.Files() == nil {
		return f.evidence.Save(ctx, e)
	}
	info, err := f.Files().Put(bytes.NewReader(file), 0)
	if err != nil {
		return err
	}
	e.Blob, e.SHA256 = info.Address, info.Address
	if err := f.evidence.Save(ctx, e); err != nil {
		return err
	}
	return f.Attachments().Save(ctx, &isms.Attachment{
		Base: isms.Base{Title: touchName, Origin: "engine"}, SubjectKind: isms.Evidences.Name, SubjectID: e.ID, FileName: touchName,
		MediaType: blob.MediaText, Size: info.Size, SHA256: info.Address, Blob: info.Address,
	})
}

// statement tells for the evidence what happened.
func (t Touch) statement(trap *isms.Trap) string {
	text := t.sentence(trap) + "."
	if v := t.Visit; v != nil {
		if v.Tool != "" {
			text += " The program looks like " + v.Tool + "."
		}
		text += fmt.Sprintf(" %d bytes came, %d went.", v.Received, v.Sent)
		if v.SHA256 != "" {
			text += " SHA-256 of what came: " + v.SHA256 + "."
		}
	}
	if t.Test {
		text += " It was a test."
	}
	return prose.Clean(text)
}

// Touches reads the newest touches of the traps, newest first. Without ids it reads those
// of all traps. The actor needs the right to read traps and evidence.
func (f *Flow) Touches(ctx context.Context, limit int, trapIDs ...string) ([]Touch, error) {
	if err := f.mayReadTraps(ctx); err != nil {
		return nil, err
	}
	q := kind.Query{Limit: limit, Sort: "-at"}
	if len(trapIDs) == 0 {
		q = q.With("check", kind.Contains, touchCheck(""))
	}
	var checks []string
	for _, id := range trapIDs {
		checks = append(checks, touchCheck(id))
	}
	if len(checks) > 0 {
		q = q.Where("check", checks...)
	}
	list, err := f.evidence.List(ctx, q)
	if err != nil {
		return nil, err
	}
	touches := make([]Touch, 0, len(list))
	for _, e := range list {
		t, err := f.touchIn(ctx, e)
		if err != nil {
			return nil, err
		}
		touches = append(touches, t)
	}
	return touches, nil
}

// Touch reads one touch by the id of its evidence.
func (f *Flow) Touch(ctx context.Context, evidenceID string) (Touch, error) {
	if err := f.mayReadTraps(ctx); err != nil {
		return Touch{}, err
	}
	e, err := f.evidence.Get(ctx, evidenceID)
	if err != nil {
		return Touch{}, err
	}
	if len(e.Check) <= len(touchCheck("")) || e.Check[:len(touchCheck(""))] != touchCheck("") {
		return Touch{}, kind.Errorf(kind.NotFound, "there is no touch of a trap %q", evidenceID)
	}
	return f.touchIn(ctx, e)
}

func (f *Flow) mayReadTraps(ctx context.Context) error {
	actor, err := access.From(ctx)
	if err != nil {
		return err
	}
	if actor.May(kind.Read, isms.Traps) != access.All {
		return actor.Refuse(kind.Read, isms.Traps)
	}
	return nil
}

// maxTouch bounds what is read of a kept touch.
const maxTouch = 4 << 20

// touchIn reads what is kept of a touch. Where the file is lost, what the evidence says
// of itself remains.
func (f *Flow) touchIn(ctx context.Context, e *isms.Evidence) (Touch, error) {
	t := Touch{ID: e.ID, TrapID: e.Check[len(touchCheck("")):], At: e.At, Statement: string(e.Statement)}
	if e.Blob == "" || f.Files() == nil {
		return t, nil
	}
	in, err := f.OpenBlob(ctx, e.Blob)
	if kind.CodeOf(err) == kind.NotFound {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	whole, err := io.ReadAll(io.LimitReader(in, maxTouch))
	if err != nil {
		return t, err
	}
	var kept Touch
	if err := json.Unmarshal(whole, &kept); err != nil {
		return t, nil // somebody put another file there; the statement remains
	}
	kept.ID, kept.TrapID, kept.Statement = t.ID, t.TrapID, t.Statement
	return kept, nil
}

// Notices lists the techniques that a trap notices: those of its record, else those that
// its type notices by the shipped table.
func Notices(trap *isms.Trap) ([]string, error) {
	if len(trap.Techniques) > 0 {
		return trap.Techniques, nil
	}
	table, err := catalog.LoadAttack()
	if err != nil {
		return nil, err
	}
	return table.Notices(string(trap.Type)), nil
}

// Containment lists the steps of the playbook of a trap by which an intruder is held
// where he is, in their order.
func (f *Flow) Containment(ctx context.Context, trap *isms.Trap) ([]*isms.PlaybookStep, error) {
	if trap.PlaybookID == "" {
		return nil, nil
	}
	page, err := f.app.List(ctx, isms.PlaybookSteps, kind.Query{Limit: 20, Sort: "position"}.Where("playbook_id", trap.PlaybookID).Where("phase", string(isms.IncidentContain)))
	if err != nil {
		return nil, err
	}
	var list []*isms.PlaybookStep
	for _, r := range page.Records {
		list = append(list, r.(*isms.PlaybookStep))
	}
	return list, nil
}

// firstContainment is what the playbook says to do first; empty: the general advice.
func (f *Flow) firstContainment(ctx context.Context, trap *isms.Trap) string {
	steps, err := f.Containment(ctx, trap)
	if err != nil || len(steps) == 0 {
		return ""
	}
	return string(steps[0].Instruction)
}
