package watch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine/detect"
	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
)

// JobRehearse is the job that tries a rule on stored events. Its payload is a Rehearse.
const JobRehearse = "rehearse-rule"

// Rehearse says which rule is tried on which stored events, and how much work that may be.
type Rehearse struct {
	Rule string    `json:"rule"`           // id or key of the record
	Text string    `json:"text,omitempty"` // to try instead of that of the record; empty: its own
	From time.Time `json:"from"`           // events that arrived then or later; zero: all there are
	To   time.Time `json:"to"`             // and before that; zero: now

	MostEvents int           `json:"most_events"` // 0: MostRehearsed
	MostTime   time.Duration `json:"most_time"`   // 0: LongestRehearsal
	MostHits   int           `json:"most_hits"`   // that are told one by one; 0: 20, at most 200
}

// Bounds of one rehearsal.
const (
	MostRehearsed    = 20_000_000 // events: of more, the newest are taken
	LongestRehearsal = 10 * time.Minute
	usualHits        = 20
	mostHits         = 200
	rehearsalBars    = 40
	hitLetters       = 1000 // of a line that is told
	mostTallied      = 10_000
	mostAlerts       = 100_000 // that are told apart by machine and actor in a day
)

// A Stop is why a rehearsal ended before it had looked at everything.
type Stop string

// The reasons.
const (
	StopTime   Stop = "time"   // it took too long: the newest events were not looked at
	StopEvents Stop = "events" // there are too many: the oldest were left out
)

// A Rehearsal is what a rule would have done, had it run over the events that are stored,
// in the order in which they arrived. Nothing was written and nobody was called.
type Rehearsal struct {
	Rule string    `json:"rule"` // id of the record
	Text string    `json:"text"` // SHA-256 of the text that was tried
	At   time.Time `json:"at"`   // when it was tried
	From time.Time `json:"from"` // what was asked for
	To   time.Time `json:"to"`

	First   time.Time     `json:"first"` // arrival of the first and the last event that were looked at; zero: none was
	Last    time.Time     `json:"last"`
	Stored  uint64        `json:"stored"`  // events behind which it began, about
	Read    int           `json:"read"`    // events that were looked at
	Unread  int           `json:"unread"`  // of these, no rule could be asked about
	Matches int           `json:"matches"` // events that match; of a correlation, its parts
	Rings   int           `json:"rings"`   // how often the rule would have rung
	Alerts  int           `json:"alerts"`  // that would have come of it: one for a machine and an actor a day, which counts
	Stopped Stop          `json:"stopped,omitempty"`
	Took    time.Duration `json:"took"`

	Buckets []eventstore.Bucket `json:"buckets"` // how often it rang, over time
	Hits    []RehearsalHit      `json:"hits"`    // the first of them
	Assets  []Tally             `json:"assets"`  // the most frequent first; without a name: no machine of the register
	Sources []Tally             `json:"sources"`
	Actors  []Tally             `json:"actors"`
}

// A RehearsalHit is one time that the rule would have rung.
type RehearsalHit struct {
	Position eventstore.Position `json:"position"` // of the event, of several the last one
	At       time.Time           `json:"at"`       // when it happened
	Title    string              `json:"title"`    // of the alert
	Line     string              `json:"line"`     // the event as it arrived, its beginning
	Reasons  []detect.Reason     `json:"reasons"`  // why it matches
	Together string              `json:"together,omitempty"`
	Events   int                 `json:"events"` // of a correlation: how many
}

// A Tally is how often something was met.
type Tally struct {
	ID    string `json:"id,omitempty"` // of the record, where there is one
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// Days is how much time the events that were looked at cover, in days, an hour at least.
func (r *Rehearsal) Days() float64 {
	from, to := r.First, r.Last
	if r.Stopped != StopTime && r.To.After(to) {
		to = r.To // silence until the end counts too
	}
	return max(to.Sub(from), time.Hour).Hours() / 24
}

// PerDay is how many alerts a day the rule would raise, were every day like these: the
// alerts over the time that the events cover.
func (r *Rehearsal) PerDay() float64 {
	if r.Read == 0 {
		return 0
	}
	return float64(r.Alerts) / r.Days()
}

// TextHash is by what the text that was tried is known.
func TextHash(text string) string {
	sum := sha256.Sum256([]byte(strings.ReplaceAll(text, "\r\n", "\n")))
	return hex.EncodeToString(sum[:])
}

// RehearseRule tries a rule on stored events with the engine that watches the stream. The
// actor must be allowed to read events and the rule. A text that cannot run, and a span
// that ends before it begins, are invalid. When its time is over it returns what it has.
func RehearseRule(ctx context.Context, a *app.App, f *detection.Flow, events *eventstore.Store, in Rehearse, tell func(step string, done, total int)) (*Rehearsal, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if !actor.MayReadEvents() {
		return nil, actor.RefuseEvents()
	}
	rule, err := app.Of[isms.DetectionRule](a, isms.DetectionRules).Get(ctx, in.Rule)
	if err != nil {
		return nil, err
	}
	if err := in.settle(a.Now(), string(rule.Body)); err != nil {
		return nil, err
	}
	r := &rehearsing{app: a, in: in, rule: rule, tell: tell, begun: a.Now(), out: &Rehearsal{
		Rule: rule.ID, Text: TextHash(in.Text), At: a.Now(), From: in.From, To: in.To, Buckets: []eventstore.Bucket{}, Hits: []RehearsalHit{},
	}}
	if r.rules, err = rehearsalRules(ctx, f, rule, in.Text); err != nil {
		return nil, err
	}
	if r.place, err = readPlaces(ctx, a); err != nil {
		return nil, err
	}
	if err := r.read(ctx, events); err != nil {
		return nil, err
	}
	return r.result(), nil
}

// settle checks what was asked for and fills in the rest.
func (in *Rehearse) settle(now time.Time, text string) error {
	if in.To.IsZero() || in.To.After(now) {
		in.To = now
	}
	if !in.From.Before(in.To) {
		return kind.Fieldf("since", "the span ends before it begins")
	}
	if in.Text == "" {
		in.Text = text
	}
	limit := func(v *int, usual, most int) {
		if *v <= 0 {
			*v = usual
		}
		*v = min(*v, most)
	}
	limit(&in.MostEvents, MostRehearsed, MostRehearsed)
	limit(&in.MostHits, usualHits, mostHits)
	if in.MostTime <= 0 || in.MostTime > LongestRehearsal {
		in.MostTime = LongestRehearsal
	}
	return nil
}

// rehearsalRules compiles the text with what it needs of other records: the rules that
// its correlations refer to, and the filters that run.
func rehearsalRules(ctx context.Context, f *detection.Flow, rule *isms.DetectionRule, text string) (*ruleSet, error) {
	own, err := detection.ReadRule(rule.Key, text)
	if err != nil {
		return nil, kind.Fieldf("body", "%s", strings.TrimPrefix(err.Error(), rule.Key+":"))
	}
	running, err := f.RunningRules(ctx)
	if err != nil {
		return nil, err
	}
	all := own.Collection
	var others []*detect.Collection
	for _, r := range running {
		if r.ID == rule.ID {
			continue
		}
		if c, err := detect.Parse(r.Key, []byte(r.Body)); err == nil {
			others = append(others, c)
			all.Add(&detect.Collection{Filters: c.Filters})
		}
	}
	for grown := true; grown; {
		grown = false
		for i, c := range others {
			if c != nil && needed(all, c) {
				all.Add(&detect.Collection{Rules: c.Rules, Correlations: c.Correlations})
				others[i], grown = nil, true
			}
		}
	}
	if _, problems := detect.Compile(all, detect.Options{}); len(problems) > 0 {
		for _, p := range problems {
			if text, ours := strings.CutPrefix(p.Error(), rule.Key+":"); ours {
				return nil, kind.Fieldf("body", "%s", text)
			}
		}
	}
	return assemble(all, map[string]*isms.DetectionRule{rule.Key: rule}), nil
}

// needed tells whether a correlation of the collection refers to a rule of another one
// that it does not have.
func needed(all, other *detect.Collection) bool {
	for _, c := range all.Correlations {
		for _, ref := range c.Rules {
			if !called(all, ref) && called(other, ref) {
				return true
			}
		}
	}
	return false
}

func called(c *detect.Collection, ref string) bool {
	for _, r := range c.Rules {
		if ref == r.ID || ref == r.Name {
			return true
		}
	}
	for _, r := range c.Correlations {
		if ref == r.ID || ref == r.Name {
			return true
		}
	}
	return false
}

// A rehearsing is a rehearsal under way.
type rehearsing struct {
	app   *app.App
	in    Rehearse
	rule  *isms.DetectionRule
	rules *ruleSet
	place *places
	tell  func(step string, done, total int)
	begun time.Time
	out   *Rehearsal

	width                   time.Duration // of a bar
	assets, sources, actors map[string]int
	batch                   *batch // of one day
	day                     int64
	seen                    map[alertDay]bool
}

// An alertDay is what one alert stands for in the estimate.
type alertDay struct {
	day          int64
	asset, actor string
}

// readPatience is how long it waits for lines that should be there and are not: they
// were dropped meanwhile.
const readPatience = time.Second

// read looks at the events.
func (r *rehearsing) read(ctx context.Context, events *eventstore.Store) error {
	r.assets, r.sources, r.actors = map[string]int{}, map[string]int{}, map[string]int{}
	r.batch, r.seen = newBatch(), map[alertDay]bool{}
	cursor, err := events.Since(r.in.From)
	if err != nil {
		return err
	}
	until := events.Last()
	if cursor.Position() < until {
		r.out.Stored = uint64(until - cursor.Position())
	}
	if most := eventstore.Position(r.in.MostEvents); r.out.Stored > uint64(most) { //nolint:gosec // positive
		cursor.Seek(until - most)
		r.out.Stopped = StopEvents
	}
	from := cursor.Position()
	for cursor.Position() < until {
		if r.app.Now().Sub(r.begun) >= r.in.MostTime {
			r.out.Stopped = StopTime
			break
		}
		waiting, cancel := context.WithTimeout(ctx, readPatience)
		lines, err := cursor.Next(waiting)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			break
		}
		if err != nil {
			return err
		}
		for i := range lines {
			if lines[i].Position <= until && !lines[i].Received.Before(r.in.From) && lines[i].Received.Before(r.in.To) {
				r.look(&lines[i])
			}
		}
		r.settle()
		r.tell(fmt.Sprintf("%d events, %d match", r.out.Read, r.out.Matches), int(cursor.Position()-from), int(until-from)) //nolint:gosec // counts
	}
	for _, found := range r.rules.correlator.Close() {
		r.together(found)
	}
	r.settle()
	return ctx.Err()
}

// look matches one event.
func (r *rehearsing) look(l *eventstore.Stored) {
	defer func() {
		if p := recover(); p != nil { // one event must not end it for all others
			r.out.Unread++
		}
	}()
	e := &r.rules.event
	r.place.parser(l.Source).Parse(l.Line, e)
	if e.Meta {
		return // the head of a table tells of no event
	}
	if r.out.Read == 0 {
		r.out.First = l.Received
		r.width = barWidth(r.in.To.Sub(l.Received))
	}
	r.out.Read, r.out.Last = r.out.Read+1, l.Received
	matches, err := r.rules.matcher.Match(e)
	if err != nil {
		r.out.Unread++
		return
	}
	number := int64(l.Position) //nolint:gosec // far below the limit
	if len(matches) > 0 {
		r.out.Matches++
		r.rules.memory.keep(number, remembered{raw: e.Raw, asset: r.place.where(e, ""), actor: actorOf(e), host: hostOf(e), user: e.User, source: e.Source, at: e.Time})
	}
	for _, m := range matches {
		if !m.Silent && m.Rule.File == r.rule.Key {
			r.alone(l, m, e)
		}
	}
	if r.rules.engine.Correlations() > 0 {
		for _, found := range r.rules.correlator.Add(r.rules.matcher.Matcher, matches, number, e.Received) {
			r.together(found)
		}
	}
}

// alone is one event by which the rule rings.
func (r *rehearsing) alone(l *eventstore.Stored, m detect.Match, e *event.Event) {
	asset, actor := r.place.where(e, ""), actorOf(e)
	title := titleOf(firstOf(r.rule.Title, m.Rule.Title), hostOf(e), actor, e.User)
	if len(r.out.Hits) < r.in.MostHits {
		r.out.Hits = append(r.out.Hits, RehearsalHit{Position: l.Position, At: e.Time, Title: title, Line: lineOf(e.Raw), Reasons: shortReasons(r.rules.matcher.Reasons(m)), Events: 1})
	}
	r.ring(asset, actor, e.Source, l.Received)
}

// together is what a correlation finds, by which the rule rings.
func (r *rehearsing) together(f detect.Found) {
	if f.Silent || f.Correlation.File != r.rule.Key {
		return
	}
	var last remembered
	var at int64
	for _, number := range f.Events {
		if m, ok := r.rules.memory.recall(number); ok {
			last, at = m, number
		}
	}
	actor := firstOf(addressOf(f.Group), last.actor)
	if len(r.out.Hits) < r.in.MostHits {
		title := fmt.Sprintf("%s (%d times)", titleOf(firstOf(r.rule.Title, f.Correlation.Title), last.host, actor, last.user), f.Count)
		r.out.Hits = append(r.out.Hits, RehearsalHit{Position: eventstore.Position(max(at, 0)), At: firstTime(last.at, f.Last), Title: title, Line: lineOf(last.raw), //nolint:gosec // a position
			Reasons: []detect.Reason{}, Together: detection.DescribeFound(f), Events: max(1, f.Count)})
	}
	r.ring(last.asset, actor, last.source, f.Last)
}

// ring counts.
func (r *rehearsing) ring(asset, actor, source string, at time.Time) {
	r.out.Rings++
	r.bar(at)
	for _, t := range []struct {
		in  map[string]int
		key string
	}{{r.assets, asset}, {r.sources, source}, {r.actors, actor}} {
		if _, known := t.in[t.key]; known || len(t.in) < mostTallied {
			t.in[t.key]++
		}
	}
	if day := at.Unix() / (24 * 60 * 60); day != r.day {
		r.settle()
		r.day = day
	}
	r.batch.add(detection.Detection{RuleID: r.rule.ID, AssetID: asset, Actor: actor, At: at})
}

// settle counts the alerts of a batch, as the watch would have raised them.
func (r *rehearsing) settle() {
	for _, d := range r.batch.detections() {
		key := alertDay{r.day, d.AssetID, d.Actor}
		if !r.seen[key] && len(r.seen) < mostAlerts {
			r.seen[key] = true
			r.out.Alerts++
		}
	}
	r.batch.clear()
}

// barWidths are the spans that a bar may stand for.
var barWidths = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

// barWidth is the least width with which bars cover a span.
func barWidth(span time.Duration) time.Duration {
	for _, w := range barWidths {
		if span <= w*rehearsalBars {
			return w
		}
	}
	return span/rehearsalBars + 1
}

// bar counts in the histogram. Bars begin at full spans, and cover what was looked at.
func (r *rehearsing) bar(at time.Time) {
	if at.Before(r.out.First) {
		at = r.out.First
	}
	start := r.out.First.Truncate(r.width)
	i := int(at.Sub(start) / r.width)
	for len(r.out.Buckets) <= i && len(r.out.Buckets) <= 2*rehearsalBars {
		r.out.Buckets = append(r.out.Buckets, eventstore.Bucket{From: start.Add(time.Duration(len(r.out.Buckets)) * r.width), Width: r.width})
	}
	r.out.Buckets[min(i, len(r.out.Buckets)-1)].Count++
}
