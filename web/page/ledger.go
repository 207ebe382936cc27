package page

import (
	"context"
	"sync"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/web"
)

// A ledger keeps what is computed from all records of a workspace until its journal
// grows: the simulation of the portfolio, what to do next, the posture. Whoever may
// read all that it is made of sees the same, so nothing in it belongs to a person.
// Ask it only on pages that need seesLedger.
type ledger struct {
	flow *flow.Flow
	mu   sync.Mutex
	held map[string]*shelf // by workspace
}

// A shelf holds what is known of one workspace.
type shelf struct {
	mu        sync.Mutex
	head      int64
	portfolio *flow.Portfolio
	actions   []flow.Action
	posture   []flow.Posture
}

// maxShelves bounds the memory: beyond it all is forgotten, which costs only time.
const maxShelves = 200

// every is more actions than there can be.
const every = 1 << 20

// shelf of the workspace of the actor, emptied when the journal has grown. It is
// locked: while one request computes, others wait for the result.
func (l *ledger) shelf(ctx context.Context, r *web.Request) (*shelf, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	if l.held == nil || len(l.held) > maxShelves {
		l.held = map[string]*shelf{}
	}
	s := l.held[actor.Workspace]
	if s == nil {
		s = &shelf{}
		l.held[actor.Workspace] = s
	}
	l.mu.Unlock()
	s.mu.Lock()
	head, err := r.App().JournalHead(ctx)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	if head != s.head {
		s.head, s.portfolio, s.actions, s.posture = head, nil, nil, nil
	}
	return s, nil
}

// portfolioOf is flow.Portfolio. It is shared: do not change it.
func (l *ledger) portfolioOf(r *web.Request) (*flow.Portfolio, error) {
	s, err := l.shelf(r.Ctx(), r)
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
	s, err := l.shelf(r.Ctx(), r)
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

// postureOf is flow.Posture. It is shared.
func (l *ledger) postureOf(r *web.Request) ([]flow.Posture, error) {
	s, err := l.shelf(r.Ctx(), r)
	if err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	if s.posture == nil {
		s.posture, err = l.flow.Posture(r.Ctx())
	}
	return s.posture, err
}
