package watch

import (
	"context"
	"slices"

	"holdfast/app"
	"holdfast/eventstore"
	"holdfast/eventstore/stream"
)

// Groups tell how those go who share the events of a workspace, as they remembered it
// last.
type Groups struct {
	Rules    Stats    // of all that look at each event for itself, together
	Machines []string // where they run, those that told lately
	Missed   uint64   // lines that none of them got to see

	Correlations Stats
	Mark         stream.Mark // how far they came
	Holder       string      // the machine whose turn it is; empty: nobody's
}

// RulesGroup is the name of the group in the stream that looks at each event for itself.
const RulesGroup = string(alone)

// SavedGroups reads it.
func SavedGroups(ctx context.Context, a *app.App, workspace string) (Groups, error) {
	rules, err := saved(ctx, a, workspace, alone)
	if err != nil {
		return Groups{}, err
	}
	all, err := saved(ctx, a, workspace, together)
	g := Groups{Rules: rules.Stats, Missed: rules.Missed, Correlations: all.Stats, Mark: stream.Mark{Position: all.Position, Sequence: all.Sequence}}
	if all.Turn.Holder != "" {
		g.Holder = all.Turn.Name
	}
	for _, w := range rules.Workers {
		if a.Now().Sub(w.At) < goneAfter {
			g.Machines = append(g.Machines, w.Name)
		}
	}
	slices.Sort(g.Machines)
	return g, err
}

// Resume is the line behind which a new stream has to begin, so that nobody misses any,
// and correlations find what they had seen before.
func Resume(ctx context.Context, a *app.App, workspace string) (eventstore.Position, error) {
	own, err := saved(ctx, a, workspace, whole)
	if err != nil {
		return 0, err
	}
	rules, err := saved(ctx, a, workspace, alone)
	if err != nil {
		return 0, err
	}
	all, err := saved(ctx, a, workspace, together)
	from := min(max(rules.Dealt.low(), own.Position), max(all.Position, own.Position))
	return from - min(from, warmLines), err
}

// Sum adds the figures of the groups to those of before the events were shared.
func (g Groups) Sum(before Stats) Stats {
	s := g.Rules
	s.Lines += before.Lines
	s.Alerts += before.Alerts
	s.Matches += before.Matches + g.Correlations.Matches
	s.Unread += before.Unread
	s.Poison += before.Poison
	s.Refused += before.Refused
	s.Late, s.Groups = g.Correlations.Late, g.Correlations.Groups
	s.Behind = max(s.Behind, g.Correlations.Behind)
	return s
}
