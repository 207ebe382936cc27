package watch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine/detect"
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
