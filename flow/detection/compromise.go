package detection

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port/stix"
)

// Indicators of compromise: what others tell of attackers becomes records that every
// event is compared with. Not to be confused with key indicators (objective.go).

// JobHunt is the job that looks for new indicators in stored events.
const JobHunt = "hunt"

// MaxIndicators bounds how many are taken in at once.
const MaxIndicators = 100_000

// How long a mark says something when its author names no end, in days: attackers
// leave an address within weeks, a file stays what it is.
var staysUseful = map[isms.ThreatIndicatorType]int{
	"address": 90, "network": 180, "domain": 180, "url": 90, "email": 365, "user_agent": 365, "file_name": 365, "certificate": 730,
}

// An IndicatorIntake says how marks are taken in.
type IndicatorIntake struct {
	Source    string        // who tells, where the file does not say
	Severity  isms.Severity // of a sighting; empty: medium
	ValidDays int           // from when they were told; 0: what the author says, else by their type
	DryRun    bool          // tell what would happen and keep nothing
}

// IndicatorsTaken is what became of a file of marks.
type IndicatorsTaken struct {
	Format    string      `json:"format"`
	Read      int         `json:"read"` // marks, each value once
	Created   int         `json:"created"`
	Changed   int         `json:"changed"`
	Unchanged int         `json:"unchanged"`
	Revoked   int         `json:"revoked"` // their author took them back
	Old       int         `json:"old"`     // no longer say anything
	Left      int         `json:"left"`    // cannot be looked for
	Skipped   []stix.Skip `json:"skipped"` // the first of those, with the reason
	DryRun    bool        `json:"dry_run"`
	Fresh     []string    `json:"-"` // ids of those that are new, to look for in the past
}

var errDryMarks = errors.New("only a trial")

// TakeInIndicators makes records of marks, all in one transaction. A mark that is there
// already learns what is new: a later end, more confidence. What a person wrote stays.
func (f *Flow) TakeInIndicators(ctx context.Context, r *stix.Result, o IndicatorIntake) (IndicatorsTaken, error) {
	out := IndicatorsTaken{Format: r.Format, Read: len(r.Marks), Left: r.Left, Skipped: r.Skipped, DryRun: o.DryRun}
	if len(r.Marks) > MaxIndicators {
		return out, kind.Errorf(kind.Invalid, "holds %d indicators; at most %d are taken in at once", len(r.Marks), MaxIndicators)
	}
	first := out
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		out = first
		if err := f.takeMarks(ctx, r.Marks, o, &out); err != nil {
			return err
		}
		if o.DryRun {
			return errDryMarks
		}
		return nil
	})
	if errors.Is(err, errDryMarks) {
		out.Fresh, err = nil, nil
	}
	return out, err
}

func (f *Flow) compromises() app.Repo[isms.ThreatIndicator] {
	return app.Of[isms.ThreatIndicator](f.app, isms.ThreatIndicators)
}

func (f *Flow) takeMarks(ctx context.Context, marks []stix.Mark, o IndicatorIntake, out *IndicatorsTaken) error {
	have := map[string]*isms.ThreatIndicator{}
	all, err := f.compromises().All(ctx, kind.Query{})
	if err != nil {
		return err
	}
	for _, t := range all {
		have[string(t.Type)+" "+t.Value] = t
	}
	actors, err := f.actors.All(ctx, kind.Query{})
	if err != nil {
		return err
	}
	named := map[string]string{}
	for _, a := range actors {
		named[foldName(a.Title)] = a.ID
	}
	for _, m := range marks {
		t := have[string(m.Type)+" "+m.Value]
		if err := f.takeMark(ctx, m, t, named[foldName(m.Actor)], o, out); err != nil {
			return fmt.Errorf("%s %s: %w", m.Type, m.Value, err)
		}
	}
	return nil
}

func foldName(s string) string { return strings.ToLower(prose.Clean(s)) }

// takeMark makes or brings up to date the record of one mark.
func (f *Flow) takeMark(ctx context.Context, m stix.Mark, t *isms.ThreatIndicator, actor string, o IndicatorIntake, out *IndicatorsTaken) error {
	now := f.app.Now()
	until := endOfMark(m, o, now)
	switch {
	case m.Revoked && t != nil && t.Status != isms.ThreatIndicatorStatus("revoked"):
		out.Revoked++
		_, err := f.app.Do(ctx, isms.ThreatIndicators, t.ID, "revoke", 0, kind.Input{Reason: "its author took it back"})
		return err
	case m.Revoked:
		out.Old++
		return nil
	case !until.IsZero() && !until.After(now):
		out.Old++
		return nil
	}
	fresh := t == nil
	if fresh {
		t = &isms.ThreatIndicator{Base: isms.Base{Key: markKey(m)}, Type: isms.ThreatIndicatorType(m.Type), Value: m.Value, Status: "active", Severity: o.Severity, ValidFrom: m.From}
	}
	version := t.Version
	learn(t, m, until, cmp.Or(m.Source, o.Source), actor)
	if err := f.compromises().Save(ctx, t); err != nil {
		return err
	}
	switch {
	case fresh:
		out.Created++
		out.Fresh = append(out.Fresh, t.ID)
	case t.Version != version:
		out.Changed++
	default:
		out.Unchanged++
	}
	return nil
}

// markKey is the same wherever the mark comes from.
func markKey(m stix.Mark) string {
	sum := sha256.Sum256([]byte(m.Value))
	return flow.StableKey("ioc", string(m.Type), hex.EncodeToString(sum[:6]))
}

// endOfMark is when a mark stops to say anything; zero: never.
func endOfMark(m stix.Mark, o IndicatorIntake, now time.Time) time.Time {
	from := m.From
	if from.IsZero() || from.After(now) {
		from = now
	}
	if o.ValidDays > 0 {
		return from.AddDate(0, 0, o.ValidDays).UTC()
	}
	if !m.Until.IsZero() {
		return m.Until
	}
	if days := staysUseful[isms.ThreatIndicatorType(m.Type)]; days > 0 {
		return from.AddDate(0, 0, days).UTC()
	}
	return time.Time{}
}

// learn fills in what the record does not say yet, and takes over a later end and more
// confidence.
func learn(t *isms.ThreatIndicator, m stix.Mark, until time.Time, source, actor string) {
	fill := func(field *string, value string) { *field = cmp.Or(*field, value) }
	fill(&t.Campaign, m.Campaign)
	fill(&t.Source, source)
	fill(&t.Pattern, m.Pattern)
	fill(&t.ExternalID, m.ExternalID)
	fill(&t.ActorID, actor)
	if t.Sharing == "" {
		t.Sharing = isms.TrafficLight(m.Sharing)
	}
	if t.Note == "" {
		t.Note = isms.Markdown(cmp.Or(m.Note, m.Title))
	}
	t.Confidence = max(t.Confidence, m.Confidence)
	if !t.ValidUntil.IsZero() && (until.IsZero() || until.After(t.ValidUntil)) || t.ID == "" {
		t.ValidUntil = until.Truncate(time.Second)
	}
	if len(m.Techniques) > 0 {
		t.Techniques = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(t.Techniques), m.Techniques...))))
	}
}

// ExpireIndicators ends the marks whose time is over. It returns how many.
func (f *Flow) ExpireIndicators(ctx context.Context) (int, error) {
	now := f.app.Now()
	over, err := f.compromises().All(ctx, kind.Query{}.Where("status", "active").With("valid_until", kind.Less, kind.FormatTime(now)).With("valid_until", kind.Empty, "false"))
	if err != nil {
		return 0, err
	}
	for i, t := range over {
		if _, err := f.app.Do(ctx, isms.ThreatIndicators, t.ID, "expire", 0, kind.Input{Reason: "its time was over"}); err != nil {
			return i, fmt.Errorf("%s: %w", t.Key, err)
		}
	}
	return len(over), nil
}

// noteSighting keeps the book of an indicator: how often it was seen here, and when last.
func (f *Flow) noteSighting(ctx context.Context, r *raising) error {
	if r.indicator == nil || r.Test {
		return nil
	}
	t := r.indicator
	t.Sightings += max(r.Count, 1)
	if r.At.After(t.LastSeen) {
		t.LastSeen = r.At
	}
	actor, err := access.From(ctx)
	if err != nil {
		return err
	}
	return f.compromises().Save(flow.AsMachine(ctx, actor), t)
}
