package page

import (
	"slices"
	"sync"

	"holdfast/flow"
	"holdfast/isms"
	"holdfast/journal"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/web"
)

// A ledger keeps what is computed from all risks of a workspace until something
// changes that they rest on: the simulation of the portfolio and what to do next.
// Whoever may read all that it is made of sees the same, so nothing in it belongs to
// a person. Ask it only on pages that need seesLedger.
type ledger struct {
	flow *flow.Flow
	mu   sync.Mutex
	held map[string]*shelf // by workspace
}

// A shelf holds what is known of one workspace.
type shelf struct {
	mu        sync.Mutex
	head      int64 // of the journal when it was looked at last
	portfolio *flow.Portfolio
	actions   []flow.Action
	sums      map[string]any // over findings, by question
	changes   int            // how often sums was emptied
}

// maxSums bounds how many answers about findings are kept for a workspace.
const maxSums = 500

// maxShelves bounds the memory: beyond it all is forgotten, which costs only time.
const maxShelves = 200

// every is more actions than there can be.
const every = 1 << 20

// restsOn are the kinds that the figures of risks are made of.
var restsOn = []*kind.Kind{isms.Risks, isms.Findings, isms.Assets, isms.Safeguards, isms.Treatments, isms.Appetites}

// shelf of the workspace of the actor, emptied when something has changed that it
// rests on. It is locked: while one request computes, others wait for the result.
func (l *ledger) shelf(r *web.Request) (*shelf, error) {
	l.mu.Lock()
	if l.held == nil || len(l.held) > maxShelves {
		l.held = map[string]*shelf{}
	}
	s := l.held[r.Actor.Workspace]
	if s == nil {
		s = &shelf{changes: 1}
		l.held[r.Actor.Workspace] = s
	}
	l.mu.Unlock()
	s.mu.Lock()
	if err := s.catchUp(r); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	return s, nil
}

// catchUp reads what was written to the journal since the last look.
func (s *shelf) catchUp(r *web.Request) error {
	const most = 100 // after more than that, looking closer costs as much as computing
	return r.App().View(r.Ctx(), func(tx *store.Tx) error {
		head, err := tx.Head()
		if err != nil || head.Seq == s.head {
			return err
		}
		fresh, since := s.head == 0 || head.Seq-s.head > most, s.head
		s.head = head.Seq
		findings := fresh
		if !fresh {
			entries, err := tx.History("", 0, int(head.Seq-since))
			if err != nil {
				s.head = since
				return err
			}
			fresh, findings = speakOf(entries, restsOn...), speakOf(entries, isms.Findings)
		}
		if fresh {
			s.portfolio, s.actions = nil, nil
		}
		if findings || len(s.sums) >= maxSums {
			s.sums = nil
			s.changes++
		}
		return nil
	})
}

// speakOf tells whether one of the entries is about a record of the kinds.
func speakOf(entries []journal.Entry, kinds ...*kind.Kind) bool {
	return slices.ContainsFunc(entries, func(e journal.Entry) bool {
		return slices.ContainsFunc(kinds, func(k *kind.Kind) bool { return k.Name == e.Kind })
	})
}

// sumsOf answers a question about findings, from memory while no finding has
// changed. The answer is shared: do not change it.
func sumsOf[T any](l *ledger, r *web.Request, question string, sum func() (T, error)) (T, error) {
	var none T
	s, err := l.shelf(r)
	if err != nil {
		return none, err
	}
	known, ok := s.sums[question].(T)
	changes := s.changes
	s.mu.Unlock()
	if ok {
		return known, nil
	}
	fresh, err := sum()
	if err != nil {
		return none, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes == changes {
		if s.sums == nil {
			s.sums = map[string]any{}
		}
		s.sums[question] = fresh
	}
	return fresh, nil
}

// portfolioOf is flow.Portfolio. It is shared: do not change it.
func (l *ledger) portfolioOf(r *web.Request) (*flow.Portfolio, error) {
	s, err := l.shelf(r)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	if s.portfolio == nil {
		s.portfolio, err = l.flow.Portfolio(r.Ctx())
	}
	return s.portfolio, err
}

// actionsOf is flow.NextActions, all of them, best first. They are shared.
func (l *ledger) actionsOf(r *web.Request) ([]flow.Action, error) {
	s, err := l.shelf(r)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	if s.actions == nil {
		if s.actions, err = l.flow.NextActions(r.Ctx(), every); s.actions == nil && err == nil {
			s.actions = []flow.Action{}
		}
	}
	return s.actions, err
}
