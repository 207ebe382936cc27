package response

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/catalog"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// A running is a clock that the facts of an incident ask for.
type running struct {
	id           string // of the rule, or "duty-" and the id of an obligation, "contract-" and that of a contract
	rule         *catalog.Clock
	title, words string
	recipient    isms.NotifiedParty
	stage        isms.NotificationStage
	name, where  string
	obligation   string
	start, due   time.Time
}

// SettleClocks starts, moves and stops the legal clocks of an incident as its facts
// are now. It is idempotent. A message that is approved, sent, answered or waived
// stays as it is whatever becomes of the facts; one that waits and is no longer asked
// for goes into the bin, from where it comes back with its text. An exercise and a
// false alarm ask for none.
func (f *Flow) SettleClocks(ctx context.Context, incidentID string) error {
	return f.app.Atomic(flow.AsIfProduct(ctx), func(ctx context.Context) error {
		inc, err := f.incidents().Get(ctx, incidentID)
		if err != nil {
			return err
		}
		return f.settleClocks(ctx, inc)
	})
}

func (f *Flow) settleClocks(machine context.Context, inc *isms.Incident) error {
	known, err := f.clocksOf(machine, inc.ID)
	if err != nil {
		return err
	}
	wanted, err := f.clocksFor(machine, inc, known)
	if err != nil {
		return err
	}
	for _, w := range wanted {
		if err := f.startClock(machine, inc, w, known[w.id]); err != nil {
			return fmt.Errorf("clock %s: %w", w.id, err)
		}
	}
	for id, n := range known {
		if !slices.ContainsFunc(wanted, func(w *running) bool { return w.id == id }) {
			if err := f.stopClock(machine, n); err != nil {
				return fmt.Errorf("clock %s: %w", id, err)
			}
		}
	}
	return nil
}

func (f *Flow) notifications() app.Repo[isms.Notification] {
	return app.Of[isms.Notification](f.app, isms.Notifications)
}

// clocksOf reads the messages of an incident that clocks started, by rule, also
// those in the bin.
func (f *Flow) clocksOf(ctx context.Context, incidentID string) (map[string]*isms.Notification, error) {
	known := map[string]*isms.Notification{}
	for _, deleted := range []bool{true, false} {
		q := kind.Query{Deleted: deleted}.Where("incident_id", incidentID).With("clock", kind.Empty, "false")
		list, err := f.notifications().All(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, n := range list {
			known[n.Clock] = n
		}
	}
	return known, nil
}

// startClock writes the message that a clock asks for, or moves its time.
func (f *Flow) startClock(machine context.Context, inc *isms.Incident, w *running, n *isms.Notification) error {
	if n == nil {
		return f.newClock(machine, inc, w)
	}
	if n.Status != isms.NotificationPending && n.Status != isms.NotificationApproved {
		return nil
	}
	if !n.DeletedAt.IsZero() {
		if err := f.app.Restore(machine, isms.Notifications, n.ID); err != nil {
			return err
		}
		fresh, err := f.notifications().Get(machine, n.ID)
		if err != nil {
			return err
		}
		n = fresh
	}
	if n.ClockStart.Equal(w.start) && n.DueAt.Equal(w.due) && n.Rule == w.words {
		return nil
	}
	before := n.DueAt
	n.ClockStart, n.DueAt, n.Rule = w.start, w.due, w.words
	if err := f.app.SaveBecause(machine, n, "the facts of the incident changed"); err != nil {
		return err
	}
	if before.Equal(w.due) {
		return nil
	}
	return f.noteClock(machine, inc, fmt.Sprintf("Clock moved: %s, due %s instead of %s.", n.Title, f.onTheWall(machine, w.due), f.onTheWall(machine, before)))
}

func (f *Flow) newClock(machine context.Context, inc *isms.Incident, w *running) error {
	owner, err := f.clockOwner(machine, inc, w)
	if err != nil {
		return err
	}
	n := &isms.Notification{
		Base:       isms.Base{Key: flow.StableKey(w.id, inc.ID), Title: prose.Cut(w.title, 200)},
		IncidentID: inc.ID, Recipient: w.recipient, Stage: w.stage, Status: isms.NotificationPending, Clock: w.id, Name: w.name, Channel: w.where,
		ObligationID: w.obligation, Rule: w.words, ClockStart: w.start, DueAt: w.due, OwnerID: owner,
	}
	if n.Text, err = f.noticeText(machine, inc, n, w.rule); err != nil {
		return err
	}
	if err := f.app.SaveBecause(machine, n, "started by the facts of the incident"); err != nil {
		return err
	}
	return f.noteClock(machine, inc, fmt.Sprintf("Clock started: %s, due %s. %s.", n.Title, f.onTheWall(machine, w.due), w.words))
}

// stopClock puts away a message that nobody has approved and that the facts no
// longer ask for.
func (f *Flow) stopClock(machine context.Context, n *isms.Notification) error {
	if n.Status != isms.NotificationPending || !n.DeletedAt.IsZero() {
		return nil
	}
	if err := f.app.Delete(f.app.Because(machine, "the facts of the incident no longer ask for it"), isms.Notifications, n.ID, 0); err != nil {
		return err
	}
	inc, err := f.incidents().Get(machine, n.IncidentID)
	if err != nil {
		return err
	}
	return f.noteClock(machine, inc, "Clock stopped: "+n.Title+". The facts no longer ask for it.")
}

// noteClock writes into the timeline what a clock did.
func (f *Flow) noteClock(machine context.Context, inc *isms.Incident, what string) error {
	e := &isms.IncidentAction{IncidentID: inc.ID, At: f.app.Now(), Type: "observation", Phase: inc.Phase, Status: "done", What: isms.Markdown(what), Automatic: true}
	return app.Of[isms.IncidentAction](f.app, isms.IncidentActions).Save(machine, e)
}

// clockOwner is who sends it: the data protection officer where personal data are
// concerned, else the spokesperson, else the lead.
func (f *Flow) clockOwner(ctx context.Context, inc *isms.Incident, w *running) (string, error) {
	o, err := f.organisation(ctx)
	if err != nil {
		return "", err
	}
	privacy := ""
	if o != nil && (w.recipient == "data_protection_authority" || w.recipient == "data_subjects") {
		privacy = o.PrivacyOfficerID
	}
	return cmp.Or(privacy, inc.SpokespersonID, inc.LeadID), nil
}

// organisation is the profile of the workspace; nil when there is none yet.
func (f *Flow) organisation(ctx context.Context) (*isms.Organisation, error) {
	orgs, err := app.Of[isms.Organisation](f.app, isms.Organisations).List(flow.AsIfProduct(ctx), kind.Query{Sort: "created_at", Limit: 1})
	if err != nil || len(orgs) == 0 {
		return nil, err
	}
	return orgs[0], nil
}

// zoneOf is the time zone of the organisation; UTC when it names none.
func zoneOf(o *isms.Organisation) *time.Location {
	if o == nil || o.TimeZone == "" {
		return time.UTC
	}
	z, err := time.LoadLocation(o.TimeZone)
	if err != nil {
		return time.UTC
	}
	return z
}

// Zone is the time zone in which the organisation reads its deadlines.
func (f *Flow) Zone(ctx context.Context) (*time.Location, error) {
	o, err := f.organisation(ctx)
	return zoneOf(o), err
}

// onTheWall is a moment as the organisation's clock shows it.
func (f *Flow) onTheWall(ctx context.Context, t time.Time) string {
	o, err := f.organisation(ctx)
	if err != nil {
		o = nil
	}
	return t.In(zoneOf(o)).Format("Mon 2 Jan 2006 15:04 MST")
}

// resettle settles the clocks of every incident that is still open: a duty of the
// register or the profile of the organisation changed.
func (f *Flow) resettle(machine context.Context) error {
	open, err := f.incidents().All(machine, kind.Query{}.With("phase", kind.Not, string(isms.IncidentClosed)))
	if err != nil {
		return err
	}
	for _, inc := range open {
		if err := f.settleClocks(machine, inc); err != nil {
			return err
		}
	}
	return nil
}

// KeepClocks is a Settler of the waist: whenever a fact changes from which a legal
// clock follows, the clocks follow in the same transaction.
func (f *Flow) KeepClocks(ctx context.Context, changed []app.Event) error {
	for _, e := range changed {
		machine := flow.AsProduct(ctx, e.Actor)
		switch e.Kind {
		case isms.Incidents:
			inc, err := f.incidents().Get(machine, e.ID)
			if err != nil {
				return err
			}
			if !inc.DeletedAt.IsZero() || imported(e) {
				continue
			}
			if err := f.settleClocks(machine, inc); err != nil {
				return err
			}
		case isms.Notifications:
			if e.Verb != "send" && e.Verb != "reopen" {
				continue
			}
			inc, err := f.stillOpen(machine, e.Record.(*isms.Notification).IncidentID)
			if err != nil {
				return err
			}
			if inc != nil {
				err = f.settleClocks(machine, inc)
			}
			if err != nil {
				return err
			}
		case isms.Obligations, isms.Organisations, isms.Contracts:
			if err := f.resettle(machine); err != nil {
				return err
			}
		}
	}
	return nil
}

// imported tells whether the event brings in an incident that was over before.
func imported(e app.Event) bool {
	inc, ok := e.Record.(*isms.Incident)
	return ok && e.Verb == "create" && inc.Phase == isms.IncidentClosed
}

// SendCall is the proof that a message was sent.
type SendCall struct {
	At        time.Time // zero: now
	Channel   string    // empty: as in the record
	Reference string    // the number that the recipient gave it
	Remark    string    // what was said, or why it is late
}

// SendNotification records that an approved message was sent, with what proves it.
// The text is sealed with its hash from then on. A message that goes out after its
// time needs a remark that says why. A file as proof is attached to the notification
// before or after, see AttachFile.
func (f *Flow) SendNotification(ctx context.Context, id string, version int64, call SendCall) (*isms.Notification, error) {
	var after *isms.Notification
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		n, err := f.notifications().Get(ctx, id)
		if err != nil {
			return err
		}
		if version != 0 {
			n.Version = version
		}
		at := call.At
		if at.IsZero() {
			at = f.app.Now()
		}
		if at.After(f.app.Now()) {
			return kind.Fieldf("sent_at", "lies in the future")
		}
		if !n.DueAt.IsZero() && at.After(n.DueAt) && strings.TrimSpace(call.Remark) == "" && n.Remark == "" {
			return kind.Fieldf("remark", "it is %s late; say why", InWords(at.Sub(n.DueAt)))
		}
		n.SentAt, n.Channel, n.Reference = at, cmp.Or(call.Channel, n.Channel), cmp.Or(call.Reference, n.Reference)
		if err := f.app.Save(ctx, n); err != nil {
			return err
		}
		rec, err := f.app.Do(ctx, isms.Notifications, n.ID, "send", 0, kind.Input{Reason: strings.TrimSpace(call.Remark)})
		if err != nil {
			return err
		}
		after = rec.(*isms.Notification)
		return nil
	})
	return after, err
}

// ApproveNotification is the consent to the text of a message; whoever wrote into it last
// may also be the one who approves, for at three in the morning there may be nobody
// else. The journal names both.
func (f *Flow) ApproveNotification(ctx context.Context, id string, version int64) error {
	_, err := f.app.Do(ctx, isms.Notifications, id, "approve", version, kind.Input{})
	return err
}

// RefillDraft writes the text of a message anew from the record as it is now. What
// people wrote into it is replaced; the journal keeps it.
func (f *Flow) RefillDraft(ctx context.Context, id string, version int64) error {
	n, err := f.notifications().Get(ctx, id)
	if err != nil {
		return err
	}
	if n.Status != isms.NotificationPending {
		return kind.Errorf(kind.Conflict, "the text is %s; take the approval back first", n.Status)
	}
	if version != 0 {
		n.Version = version
	}
	inc, err := f.incidents().Get(ctx, n.IncidentID)
	if err != nil {
		return err
	}
	legal, err := catalog.LegalClocks()
	if err != nil {
		return err
	}
	rule, _ := legal.Clock(n.Clock)
	if n.Text, err = f.noticeText(ctx, inc, n, rule); err != nil {
		return err
	}
	return f.app.SaveBecause(ctx, n, "filled again from the record of the incident")
}

// mayRespond asks whether the actor may work on incidents at all.
func mayRespond(ctx context.Context) (access.Actor, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return actor, err
	}
	if actor.May(kind.Write, isms.Incidents) != access.All {
		return actor, actor.Refuse(kind.Write, isms.Incidents)
	}
	return actor, nil
}
