package watch

import (
	"fmt"
	"time"

	"holdfast/eventstore"
	"holdfast/flow/detection"
)

// A batch gathers what some lines showed until it is written. Equal detections are one
// that counts, so a flood costs one write.
type batch struct {
	held    []eventstore.Stored // its lines
	matches int
	unread  int
	poison  int
	found   map[detectionKey]*detection.Detection
	order   []detectionKey
	actors  map[string]map[string]bool // by rule: who it was
	trials  map[string]*trial          // by rule that is only tried
	baited  map[string]baited          // by what looks like a token of ours
}

// A baited line holds what looks like a canary token.
type baited struct {
	Line   []byte    `json:"line"`
	At     time.Time `json:"at"`
	Remote string    `json:"remote"`
	Where  string    `json:"where"`
}

// bait notes a line for each thing in it that looks like a token: one is enough to ring.
// Whether the token is ours is asked once for all lines of the batch.
func (b *batch) bait(tokens []string, make func() baited) {
	for _, t := range tokens {
		if _, known := b.baited[t]; !known {
			b.baited[t] = make()
		}
	}
}

type detectionKey struct{ rule, indicator, asset, actor string }

type trial struct {
	N    int       `json:"n"`
	Last time.Time `json:"last"`
}

// manyActors is the number of different actors of one rule in one batch beyond which they
// are not told apart: a sweep from everywhere is one alarm, not thousands.
const manyActors = 200

// Many stands for actors that are too many to name.
const Many = "many addresses"

func newBatch() *batch {
	b := &batch{}
	b.clear()
	return b
}

func (b *batch) clear() {
	*b = batch{found: map[detectionKey]*detection.Detection{}, actors: map[string]map[string]bool{}, trials: map[string]*trial{}, baited: map[string]baited{}}
}

// pending tells whether lines wait to be written.
func (b *batch) pending() bool { return len(b.held) > 0 }

// add takes in a detection with its raw line.
func (b *batch) add(d detection.Detection, raw ...[]byte) {
	thing := d.RuleID + d.IndicatorID
	seen := b.actors[thing]
	if seen == nil {
		seen = map[string]bool{}
		b.actors[thing] = seen
	}
	if d.Actor != "" && !seen[d.Actor] && len(seen) >= manyActors {
		d.Actor = Many
	}
	seen[d.Actor] = true
	key := detectionKey{d.RuleID, d.IndicatorID, d.AssetID, d.Actor}
	known := b.found[key]
	if known == nil {
		d.Count = max(d.Count, 1)
		known = &d
		b.found[key] = known
		b.order = append(b.order, key)
	} else {
		known.Count += max(d.Count, 1)
		if d.At.After(known.At) {
			known.At = d.At
		}
	}
	for _, line := range raw {
		if len(known.Events) < detection.KeptEvents {
			known.Events = append(known.Events, line)
		}
	}
}

// try counts a match of a rule that is only tried.
func (b *batch) try(rule string, at time.Time) {
	t := b.trials[rule]
	if t == nil {
		t = &trial{}
		b.trials[rule] = t
	}
	t.N++
	if at.After(t.Last) {
		t.Last = at
	}
}

// detections are what was found, in the order in which it was first seen.
func (b *batch) detections() []detection.Detection {
	list := make([]detection.Detection, 0, len(b.order))
	for _, key := range b.order {
		list = append(list, *b.found[key])
	}
	return list
}

// titleOf tells in one sentence what happened: the words of the rule, where, by whom.
func titleOf(rule, host, actor, user string) string {
	title := rule
	if host != "" {
		title += " on " + host
	}
	switch {
	case actor != "" && user != "" && user != actor:
		title += fmt.Sprintf(", by %s from %s", user, actor)
	case actor != "":
		title += ", from " + actor
	}
	return title
}
