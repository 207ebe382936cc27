package detection

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// A Detection is something that a rule, a trap, an indicator, a silence or a person
// noticed. RaiseAlert makes an alert of it, or counts it on the alert that is the same.
type Detection struct {
	Source isms.AlertSource // what noticed it

	// What noticed it and where, by id or key. What does not exist (any more) is left
	// out: an alarm is not lost over a stale reference.
	RuleID, TrapID, IndicatorID, EventSourceID, AssetID string

	Actor      string        // from where it came: an address, an account; may be empty
	Title      string        // in one sentence what happened
	FirstStep  string        // what to do first; empty: that of the rule, or a general one
	Level      isms.Severity // of the rule or trap; empty: medium
	Techniques []string      // MITRE ATT&CK ids; empty: those of the rule
	At         time.Time     // when it happened; zero: now
	Count      int           // how often it happened; 0: once
	Events     [][]byte      // raw lines that matched; the first of them are kept as evidence
	Escalate   bool          // it opens an incident at once

	// Test marks what somebody did to see whether it rings: the alert shows it, the rule
	// is proved, nobody is called and no incident opens.
	Test bool
}

// countAfterClosing is how long an alert that was closed still takes in what is the
// same: whoever closed it has just looked at it. Something graver re-opens it.
const countAfterClosing = 24 * time.Hour

// RaiseAlert makes an alert of the detection and tells its id and whether it is fresh:
// new, or open again. Equal detections (the same rule or trap, asset and actor) are one
// alert, which counts; one that was closed more than a day ago is left alone and a new
// one is made. A suppressed alert only counts. A visitor whom the trap lists as a scanner
// of our own raises nothing: the id is empty. The actor needs the right to write alerts;
// everything happens in one transaction, and in that of the caller where there is one.
func (f *Flow) RaiseAlert(ctx context.Context, d Detection) (id string, fresh bool, err error) {
	actor, err := access.From(ctx)
	if err != nil {
		return "", false, err
	}
	if actor.May(kind.Write, isms.Alerts) != access.All {
		return "", false, actor.Refuse(kind.Write, isms.Alerts)
	}
	if strings.TrimSpace(d.Title) == "" {
		return "", false, kind.Fieldf("title", "say in one sentence what happened")
	}
	machine := flow.AsMachine(ctx, actor)
	err = f.app.Atomic(machine, func(ctx context.Context) error {
		r, err := f.read(ctx, d)
		if err != nil || r.scanner() {
			id, fresh = "", false
			return err
		}
		id, fresh, err = f.raise(ctx, r)
		return err
	})
	return id, fresh, err
}

func (f *Flow) alerts() app.Repo[isms.Alert] { return app.Of[isms.Alert](f.app, isms.Alerts) }

func (f *Flow) rules() app.Repo[isms.DetectionRule] {
	return app.Of[isms.DetectionRule](f.app, isms.DetectionRules)
}

// A raising is a detection with the records that it speaks of.
type raising struct {
	Detection
	asset       *isms.Asset
	rule        *isms.DetectionRule
	trap        *isms.Trap
	indicator   *isms.ThreatIndicator
	source      *isms.EventSource
	fingerprint string
}

// read finds the records of a detection and fills in what they know better.
func (f *Flow) read(ctx context.Context, d Detection) (*raising, error) {
	r := &raising{Detection: d}
	err := errors.Join(
		find(ctx, f, isms.DetectionRules, d.RuleID, &r.rule),
		find(ctx, f, isms.Traps, d.TrapID, &r.trap),
		find(ctx, f, isms.ThreatIndicators, d.IndicatorID, &r.indicator),
		find(ctx, f, isms.EventSources, d.EventSourceID, &r.source),
	)
	if err == nil {
		err = find(ctx, f, isms.Assets, prose.FirstOf(d.AssetID, r.standsOn()), &r.asset)
	}
	if err != nil {
		return nil, err
	}
	r.complete(f.app.Now())
	return r, nil
}

// find reads a record by id or key; one that does not exist stays nil.
func find[T any](ctx context.Context, f *Flow, k *kind.Kind, idOrKey string, into **T) error {
	if idOrKey == "" {
		return nil
	}
	rec, err := app.Of[T](f.app, k).Get(ctx, idOrKey)
	if kind.CodeOf(err) == kind.NotFound {
		return nil
	}
	*into = rec
	return err
}

// standsOn is the asset that the trap or the source belongs to.
func (r *raising) standsOn() string {
	if r.trap != nil && r.trap.AssetID != "" {
		return r.trap.AssetID
	}
	if r.source != nil {
		return r.source.AssetID
	}
	return ""
}

// Limits of what is taken from outside into a record.
const (
	maxAlertTitle = 300
	maxActor      = 200
	maxTechniques = 50
)

func (r *raising) complete(now time.Time) {
	r.Title, r.Actor = prose.Cut(strings.Join(strings.Fields(prose.Clean(r.Title)), " "), maxAlertTitle), prose.Cut(prose.Clean(strings.TrimSpace(r.Actor)), maxActor)
	r.Count = max(r.Count, 1)
	if r.At.IsZero() || r.At.After(now) {
		r.At = now
	}
	if r.rule != nil {
		r.FirstStep = prose.FirstOf(r.FirstStep, string(r.rule.FirstStep))
		r.Level = isms.Severity(prose.FirstOf(string(r.Level), string(r.rule.Level)))
		if len(r.Techniques) == 0 {
			r.Techniques = r.rule.Techniques
		}
		r.Escalate = r.Escalate || r.rule.Escalate
	}
	if r.trap != nil {
		r.Level = isms.Severity(prose.FirstOf(string(r.Level), string(r.trap.Level)))
		if len(r.Techniques) == 0 {
			r.Techniques = r.trap.Techniques
		}
	}
	r.Level = isms.Severity(prose.FirstOf(string(r.Level), string(isms.SeverityMedium)))
	r.FirstStep = prose.FirstOf(r.FirstStep, r.generalStep())
	r.Techniques = prose.FirstWords(r.Techniques, maxTechniques)
	r.Escalate = r.Escalate && !r.Test
	r.fingerprint = r.print()
}

// generalStep is what to do first when nobody has written anything better.
func (r *raising) generalStep() string {
	switch r.Detection.Source {
	case "trap":
		return "Believe it: nobody has a reason to be there. Find out which machine and account it came from and cut that machine off, but leave it running."
	case "indicator":
		return "Find out which machine spoke to it and what else that machine did at the time."
	case "silence":
		return "Look whether the machine still runs and whether its log is still sent; somebody may have switched it off."
	}
	return "Look at the events below, then ask the owner of the account or machine by phone whether it was them."
}

// print makes equal of what is the same: what noticed it, where, and who it was. A test
// is never the same as the real thing.
func (r *raising) print() string {
	parts := []string{string(r.Detection.Source), idOf(r.rule), idOf(r.trap), idOf(r.indicator), idOf(r.asset), strings.ToLower(r.Actor)}
	if r.rule == nil && r.trap == nil && r.indicator == nil {
		parts = append(parts, idOf(r.source), r.Title)
	}
	if r.Test {
		parts = append(parts, "test")
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// idOf is the id of a record that may be nil.
func idOf[T any, P interface {
	*T
	kind.Record
}](rec P) string {
	if rec == nil {
		return ""
	}
	return rec.GetBase().ID
}

// scanner tells whether the visitor of a trap is one of our own scanners.
func (r *raising) scanner() bool {
	if r.trap == nil || r.Test {
		return false
	}
	from, err := netip.ParseAddr(addressIn(r.Actor))
	return err == nil && slices.ContainsFunc(r.trap.Scanners, func(s string) bool { return covers(s, from) })
}

// covers tells whether an address, or one of a network, is meant by the text.
func covers(text string, a netip.Addr) bool {
	if network, err := netip.ParsePrefix(text); err == nil {
		return network.Contains(a.Unmap())
	}
	one, err := netip.ParseAddr(text)
	return err == nil && one.Unmap() == a.Unmap()
}

// addressIn is the network address in the text, without a port.
func addressIn(text string) string {
	text = strings.TrimSpace(text)
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at.Addr().Unmap().String()
	}
	if a, err := netip.ParseAddr(text); err == nil {
		return a.Unmap().String()
	}
	return ""
}

// raise counts on the alert that is the same or makes one.
func (f *Flow) raise(ctx context.Context, r *raising) (id string, fresh bool, err error) {
	a, err := f.sameAlert(ctx, r.fingerprint)
	if err != nil {
		return "", false, err
	}
	switch {
	case a == nil:
		a, err = f.newAlert(ctx, r)
		fresh = true
	default:
		fresh, err = f.recount(ctx, a, r)
	}
	if err != nil {
		return "", false, err
	}
	if err := f.keepEvents(ctx, a, r.Events); err != nil {
		return "", false, err
	}
	if err := errors.Join(f.noteHit(ctx, r, fresh), f.noteSighting(ctx, r)); err != nil {
		return "", false, err
	}
	if r.Escalate && (fresh || a.IncidentID == "") && a.Status != isms.AlertSuppressed && a.Status != isms.AlertClosed {
		err = f.escalateAlert(ctx, a)
	}
	return a.ID, fresh, err
}

// sameAlert is the alert that a detection is counted on; nil: a new one is due.
func (f *Flow) sameAlert(ctx context.Context, fingerprint string) (*isms.Alert, error) {
	list, err := f.alerts().List(ctx, kind.Query{Sort: "-created_at", Limit: 1}.Where("fingerprint", fingerprint))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	a := list[0]
	if a.Status == isms.AlertClosed && f.app.Now().Sub(a.ClosedAt) > countAfterClosing {
		return nil, nil
	}
	return a, nil
}

// newAlert writes an alert that was not there before, with what is known of its place.
func (f *Flow) newAlert(ctx context.Context, r *raising) (*isms.Alert, error) {
	s, err := f.setting(ctx, r.asset)
	if err != nil {
		return nil, err
	}
	a := &isms.Alert{
		Base:     isms.Base{Title: r.Title, Key: "alert-" + r.fingerprint[:10] + "-" + f.app.Now().Format("20060102150405.000000"), Origin: "engine"},
		Severity: r.Level, Status: isms.AlertNew, AssetID: idOf(r.asset), Actor: r.Actor, Count: r.Count, Source: r.Detection.Source,
		FirstSeen: r.At, LastSeen: r.At, EventSourceID: idOf(r.source), RuleID: idOf(r.rule), TrapID: idOf(r.trap), IndicatorID: idOf(r.indicator),
		Fingerprint: r.fingerprint, Techniques: r.Techniques, FirstStep: isms.Markdown(prose.Cut(prose.Clean(r.FirstStep), 4000)),
		Score: Weigh(r.Level, s.exposure()).Score,
	}
	if r.Test {
		a.Labels, a.Verdict = []string{"test"}, "test"
	}
	if s.findings, s.risks, err = f.fitting(ctx, r.asset, r.Techniques); err != nil {
		return nil, err
	}
	a.Why = isms.Markdown(s.sentence())
	if err := f.alerts().Save(ctx, a); err != nil {
		return nil, err
	}
	if err := f.linkRisks(ctx, a, s.risks); err != nil {
		return nil, err
	}
	return a, f.joinStory(ctx, a)
}

// recount counts a detection on the alert that is the same. A closed alert opens again
// when what happens now is worse than what was closed.
func (f *Flow) recount(ctx context.Context, a *isms.Alert, r *raising) (fresh bool, err error) {
	worse := gravity(r.Level) > gravity(a.Severity)
	a.Count += r.Count
	if r.At.After(a.LastSeen) {
		a.LastSeen = r.At
	}
	if r.At.Before(a.FirstSeen) {
		a.FirstSeen = r.At
	}
	if worse {
		s, err := f.setting(ctx, r.asset)
		if err != nil {
			return false, err
		}
		a.Severity, a.Title, a.Score = r.Level, r.Title, Weigh(r.Level, s.exposure()).Score
	}
	if err := f.alerts().Save(ctx, a); err != nil {
		return false, err
	}
	if !worse || a.Status != isms.AlertClosed {
		return false, nil
	}
	after, err := f.app.Do(ctx, isms.Alerts, a.ID, "reopen", 0, kind.Input{Reason: "it happened again and worse than before"})
	if err == nil {
		*a = *after.(*isms.Alert)
	}
	return true, err
}

// gravity orders severities: none is 0, critical is 4.
func gravity(s isms.Severity) int {
	return max(0, slices.Index([]isms.Severity{isms.SeverityNone, isms.SeverityLow, isms.SeverityMedium, isms.SeverityHigh, isms.SeverityCritical}, s))
}

// noteHit keeps the book of the rule.
func (f *Flow) noteHit(ctx context.Context, r *raising, fresh bool) error {
	if r.rule == nil {
		return nil
	}
	switch {
	case r.Test:
		r.rule.ProvedOn = kind.DateOf(f.app.Now())
	case fresh:
		r.rule.Hits++
		r.rule.LastHit = r.At
	default:
		return nil // the hits of a rule are alerts, not events
	}
	return f.rules().Save(ctx, r.rule)
}
