package response

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"holdfast/app"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// A Note is an entry that somebody writes into the timeline.
type Note struct {
	Type    isms.EntryType // empty: action
	What    string
	Result  string
	At      time.Time // when it happened; zero: now
	AssetID string
	Minutes int
	Cost    kind.Money
}

// WriteNote adds an entry to the timeline in the name of the actor.
func (f *Flow) WriteNote(ctx context.Context, incidentID string, n Note) (*isms.IncidentAction, error) {
	actor, err := mayRespond(ctx)
	if err != nil {
		return nil, err
	}
	inc, err := f.incidents().Get(ctx, incidentID)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(n.What) == "" {
		return nil, kind.Fieldf("what", "say what was seen, decided, done or said")
	}
	if n.Type == "correction" || n.Type == "custody" {
		return nil, kind.Fieldf("type", "corrections and exhibits have forms of their own")
	}
	now := f.app.Now()
	if n.At.IsZero() {
		n.At = now
	}
	if n.At.After(now.Add(time.Minute)) {
		return nil, kind.Fieldf("at", "lies in the future")
	}
	me, err := f.inRegister(ctx, actor.ID)
	if err != nil {
		return nil, err
	}
	e := &isms.IncidentAction{IncidentID: inc.ID, At: n.At, Type: cmp.Or(n.Type, "action"), Phase: inc.Phase, PersonID: me, What: isms.Markdown(prose.Clean(n.What)),
		Result: isms.Markdown(prose.Clean(n.Result)), AssetID: n.AssetID, Minutes: n.Minutes, Cost: n.Cost, Status: "done"}
	return e, app.Of[isms.IncidentAction](f.app, isms.IncidentActions).Save(ctx, e)
}

// CorrectEntry puts an entry right by a further one; both stay.
func (f *Flow) CorrectEntry(ctx context.Context, entryID, text string) (*isms.IncidentAction, error) {
	actor, err := mayRespond(ctx)
	if err != nil {
		return nil, err
	}
	entries := app.Of[isms.IncidentAction](f.app, isms.IncidentActions)
	wrong, err := entries.Get(ctx, entryID)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(text) == "" {
		return nil, kind.Fieldf("what", "say how it really was")
	}
	me, err := f.inRegister(ctx, actor.ID)
	if err != nil {
		return nil, err
	}
	e := &isms.IncidentAction{IncidentID: wrong.IncidentID, At: f.app.Now(), Type: "correction", Phase: wrong.Phase, PersonID: me, CorrectsID: wrong.ID,
		What: isms.Markdown(prose.Clean(text)), Status: "done"}
	return e, entries.Save(ctx, e)
}

// roles of an incident, and the fields that hold them.
var incidentRoles = map[string]func(*isms.Incident) *string{
	"lead":          func(i *isms.Incident) *string { return &i.LeadID },
	"scribe":        func(i *isms.Incident) *string { return &i.ScribeID },
	"communication": func(i *isms.Incident) *string { return &i.SpokespersonID },
}

// HandOver gives a role of an incident to somebody else. note is what the next one
// must know; the timeline keeps it. version 0 takes whatever is stored.
func (f *Flow) HandOver(ctx context.Context, incidentID string, version int64, role, personID, note string) error {
	inc, err := f.incidents().Get(ctx, incidentID)
	if err != nil {
		return err
	}
	field, ok := incidentRoles[role]
	if !ok {
		return kind.Fieldf("role", "is lead, scribe or communication")
	}
	if *field(inc) != "" && *field(inc) != personID && strings.TrimSpace(note) == "" {
		return kind.Fieldf("note", "say what the next one must know")
	}
	*field(inc) = personID
	if version != 0 {
		inc.Version = version
	}
	return f.app.SaveBecause(ctx, inc, strings.TrimSpace(note))
}

// An ExhibitCall is a piece of evidence that is taken in an incident.
type ExhibitCall struct {
	Title     string
	Statement string    // what it is, and how it was taken
	At        time.Time // zero: now
	AssetID   string
	Holder    string // who has it; empty: the actor
	FileName  string
	File      io.Reader // nil: it is not a file
}

// TakeExhibit records a piece of evidence, keeps its file with its hash, and begins
// its chain of custody.
func (f *Flow) TakeExhibit(ctx context.Context, incidentID string, c ExhibitCall) (*isms.Evidence, error) {
	actor, err := mayRespond(ctx)
	if err != nil {
		return nil, err
	}
	staged, err := f.stage(c.File)
	if err != nil {
		return nil, err
	}
	if staged != nil {
		defer staged.Close()
	}
	var ev *isms.Evidence
	err = f.app.Atomic(ctx, func(ctx context.Context) error {
		inc, err := f.incidents().Get(ctx, incidentID)
		if err != nil {
			return err
		}
		if c.At.IsZero() {
			c.At = f.app.Now()
		}
		ev = &isms.Evidence{Base: isms.Base{Title: prose.Cut(prose.Clean(cmp.Or(c.Title, c.FileName, c.Statement)), 200)}, Source: "stated", At: c.At, AssetID: c.AssetID,
			Statement: isms.Markdown(prose.Clean(cmp.Or(c.Statement, c.Title, c.FileName)))}
		if err := f.app.Save(ctx, ev); err != nil {
			return err
		}
		seal := "SHA-256 of the statement " + ev.SHA256 + "."
		if staged != nil {
			a, err := f.AttachFile(ctx, isms.Evidences.Name, ev.ID, c.FileName, staged)
			if err != nil {
				return err
			}
			seal = fmt.Sprintf("File %s, SHA-256 %s.", a.FileName, a.SHA256)
		}
		if err := f.app.Link(ctx, isms.Incidents, inc.ID, "evidenced by", ev.ID); err != nil {
			return err
		}
		return f.custody(ctx, inc, ev, "Taken: "+ev.Title, cmp.Or(c.Holder, actor.Name), seal)
	})
	return ev, err
}

// stage takes a file in before a transaction begins, so that a slow sender holds up
// nobody; what is not used afterwards is swept away. nil for no file.
func (f *Flow) stage(in io.Reader) (io.ReadCloser, error) {
	if in == nil {
		return nil, nil
	}
	if f.Files() == nil {
		return nil, kind.Errorf(kind.Unavailable, "this installation keeps no files")
	}
	info, err := f.Files().Put(in, 0)
	if err != nil {
		return nil, err
	}
	return f.Files().Get(info.Address)
}

// HandExhibit records that somebody else holds a piece of evidence from now on.
func (f *Flow) HandExhibit(ctx context.Context, incidentID, evidenceID, to, note string) error {
	if _, err := mayRespond(ctx); err != nil {
		return err
	}
	r, err := f.Room(ctx, incidentID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(r.Exhibits, func(x *Exhibit) bool { return x.Evidence.ID == evidenceID || x.Evidence.Key == evidenceID })
	if at < 0 {
		return kind.Errorf(kind.NotFound, "this incident has no exhibit %q", evidenceID)
	}
	if strings.TrimSpace(to) == "" {
		return kind.Fieldf("to", "say who holds it from now on")
	}
	x := r.Exhibits[at]
	return f.custody(ctx, r.Incident, x.Evidence, fmt.Sprintf("Handed over: %s, from %s to %s", x.Evidence.Title, cmp.Or(x.Holder, "nobody named"), prose.Clean(to)), to, note)
}

func (f *Flow) custody(ctx context.Context, inc *isms.Incident, ev *isms.Evidence, what, holder, result string) error {
	actor, err := mayRespond(ctx)
	if err != nil {
		return err
	}
	me, err := f.inRegister(ctx, actor.ID)
	if err != nil {
		return err
	}
	e := &isms.IncidentAction{IncidentID: inc.ID, At: f.app.Now(), Type: "custody", Phase: inc.Phase, PersonID: me, EvidenceID: ev.ID, HandedTo: prose.Clean(holder),
		What: isms.Markdown(what), Result: isms.Markdown(prose.Clean(result)), Status: "done", AssetID: ev.AssetID}
	return app.Of[isms.IncidentAction](f.app, isms.IncidentActions).Save(ctx, e)
}

// MovePhase takes an incident to another phase, or out of it: "contain", "eradicate",
// "recover", "learn", "close", "dismiss", "reopen". lessons are written before it is
// closed, where they are given.
func (f *Flow) MovePhase(ctx context.Context, incidentID string, version int64, action, reason, lessons string) (*isms.Incident, error) {
	var after *isms.Incident
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		inc, err := f.incidents().Get(ctx, incidentID)
		if err != nil {
			return err
		}
		if version != 0 && version != inc.Version {
			inc.Version = version
			return f.app.Save(ctx, inc) // says politely who was faster
		}
		if strings.TrimSpace(lessons) != "" && string(inc.Lessons) != lessons {
			inc.Lessons = isms.Markdown(lessons)
			if err := f.app.Save(ctx, inc); err != nil {
				return err
			}
		}
		rec, err := f.app.Do(ctx, isms.Incidents, inc.ID, action, 0, kind.Input{Reason: reason})
		if err != nil {
			return err
		}
		after = rec.(*isms.Incident)
		return nil
	})
	return after, err
}
