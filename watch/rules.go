package watch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"holdfast/engine/detect"
	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
)

// A ruleSet is the rules that run, compiled, with what they remember.
type ruleSet struct {
	engine     *detect.Engine
	matcher    *detection.EventMatcher
	correlator *detect.Correlator
	records    map[string]*isms.DetectionRule // by the file of their text, which is the key
	memory     memory
	event      event.Event
	made       time.Time
	trying     int
	broken     int
}

// Limits of what correlations may hold in memory.
var limits = detect.Limits{Groups: 200_000, Entries: 1_000_000, Lateness: 10 * time.Minute}

func noRules() *ruleSet { return assemble(&detect.Collection{}, nil) }

func assemble(c *detect.Collection, records map[string]*isms.DetectionRule) *ruleSet {
	e, _ := detect.Compile(c, detect.Options{})
	return &ruleSet{engine: e, matcher: detection.NewEventMatcher(e), correlator: e.NewCorrelator(limits), records: records, memory: newMemory()}
}

// unsettled is how long to wait for further changes before the rules are compiled.
func (w *Watcher) unsettled() time.Duration {
	now, changed := w.cfg.App.Now(), w.dirty.Load()
	if changed <= 1 || now.Sub(time.Unix(0, w.since.Load())) > longest {
		return 0
	}
	return max(0, debounce-now.Sub(time.Unix(0, changed)))
}

// renew compiles the rules and reads the places again when something changed, or when the
// last time was long ago.
func (w *Watcher) renew(ctx context.Context) error {
	changed := w.dirty.Load()
	if changed == 0 && w.cfg.App.Now().Sub(w.rules.made) < renewal {
		return nil
	}
	w.since.Store(0)
	w.dirty.CompareAndSwap(changed, 0)
	if err := w.compile(ctx); err != nil {
		w.dirty.CompareAndSwap(0, 1)
		return err
	}
	return nil
}

func (w *Watcher) compile(ctx context.Context) error {
	records, err := w.cfg.Detection.RunningRules(ctx)
	if err != nil {
		return err
	}
	place, err := readPlaces(ctx, w.cfg.App)
	if err != nil {
		return err
	}
	fresh, err := w.translate(ctx, records)
	if err != nil {
		return err
	}
	fresh.made = w.cfg.App.Now()
	w.rules, w.place = fresh, place
	w.note(func(s *Stats) {
		s.Rules, s.Trying, s.Broken = fresh.engine.Rules()+fresh.engine.Correlations(), fresh.trying, fresh.broken
	})
	return w.warm(ctx)
}

// translate compiles the texts of the records. What a record lacks is told to it.
func (w *Watcher) translate(ctx context.Context, records []*isms.DetectionRule) (*ruleSet, error) {
	all, byKey := &detect.Collection{}, map[string]*isms.DetectionRule{}
	complaints := map[string]error{}
	for _, r := range records {
		c, err := detect.Parse(r.Key, []byte(r.Body))
		if err != nil {
			complaints[r.Key] = err
			continue
		}
		byKey[r.Key] = r
		all.Add(c)
	}
	if w.part == together { // the others complain
		return assemble(all.Correlated(), byKey), nil
	}
	_, problems := detect.Compile(all, detect.Options{})
	for _, p := range problems {
		if r := blamed(byKey, p); r != nil {
			complaints[r.Key] = errors.Join(complaints[r.Key], p)
		}
	}
	set := assemble(all, byKey)
	for _, r := range records {
		if r.Status == isms.RuleTesting {
			set.trying++
		}
		if complaints[r.Key] != nil {
			set.broken++
		}
		if err := w.cfg.Detection.Complain(ctx, r.ID, complaints[r.Key]); err != nil && kind.CodeOf(err) != kind.NotFound {
			return nil, err
		}
	}
	return set, nil
}

// blamed is the record whose text a problem is about: it begins with file and line.
func blamed(byKey map[string]*isms.DetectionRule, problem error) *isms.DetectionRule {
	text := problem.Error()
	for key, r := range byKey {
		if strings.HasPrefix(text, key+":") {
			return r
		}
	}
	return nil
}

// warm reads lines that were dealt with again, for the correlations alone.
func (w *Watcher) warm(ctx context.Context) error {
	if w.part == alone || w.rules.engine.Correlations() == 0 {
		return nil
	}
	return w.feed.again(ctx, w.rules.engine.Longest()+limits.Lateness, func(l *eventstore.Stored) { w.look(l, true) })
}

// matched deals with the matches of one event.
func (w *Watcher) matched(l *eventstore.Stored, e *event.Event, matches []detect.Match, warm bool) {
	number := int64(l.Position) //nolint:gosec // far below the limit
	if len(matches) > 0 && w.part != alone {
		w.rules.memory.keep(number, remembered{raw: e.Raw, asset: w.place.where(e, ""), actor: actorOf(e), host: hostOf(e), user: e.User, source: e.Source, at: e.Time})
	}
	if !warm && w.part != together {
		for _, m := range matches {
			if !m.Silent {
				w.alone(m.Rule, e)
			}
		}
	}
	if w.part == alone {
		return
	}
	for _, found := range w.rules.correlator.Add(w.rules.matcher.Matcher, matches, number, e.Received) {
		if !warm && !found.Silent {
			w.together(found)
		}
	}
}

// alone is one event that deserves an alert.
func (w *Watcher) alone(rule *detect.Rule, e *event.Event) {
	w.batch.matches++
	r := w.rules.records[rule.File]
	if r == nil {
		return
	}
	if r.Status == isms.RuleTesting {
		w.batch.try(r.ID, e.Time)
		return
	}
	actor := actorOf(e)
	w.batch.add(detection.Detection{
		Source: "rule", RuleID: r.ID, EventSourceID: e.Source, AssetID: w.place.where(e, ""), Actor: actor,
		Title: titleOf(firstOf(r.Title, rule.Title), hostOf(e), actor, e.User), At: e.Time,
	}, e.Raw)
}

// together is what a correlation found. Where and who it was, the last of its events says,
// if the group does not.
func (w *Watcher) together(f detect.Found) {
	w.batch.matches++
	r := w.rules.records[f.Correlation.File]
	if r == nil {
		return
	}
	if r.Status == isms.RuleTesting {
		w.batch.try(r.ID, f.Last)
		return
	}
	var last remembered
	var raw [][]byte
	for _, number := range f.Events {
		if m, ok := w.rules.memory.recall(number); ok {
			last = m
			raw = append(raw, m.raw)
		}
	}
	actor := firstOf(addressOf(f.Group), last.actor)
	title := fmt.Sprintf("%s (%d times)", titleOf(firstOf(r.Title, f.Correlation.Title), last.host, actor, last.user), f.Count)
	w.batch.add(detection.Detection{
		Source: "rule", RuleID: r.ID, EventSourceID: last.source, AssetID: last.asset, Actor: actor, Title: title, At: firstTime(f.Last, last.at), Count: max(1, f.Count),
	}, raw...)
}

func firstTime(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}
