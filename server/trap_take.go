package server

import (
	"context"
	"net"
	"sync"
	"time"

	"holdfast/engine/decoy"
	"holdfast/flow/detection"
)

// A ringing is a token that was touched, and when.
type ringing struct {
	hit decoy.Hit
	at  time.Time
}

// takeAll takes in who touches traps until done is closed and nothing is left. One after
// the other: the database writes one transaction at a time.
func (h *trapHouse) takeAll(ctx context.Context, done <-chan struct{}) {
	minute := time.NewTicker(sieveTime)
	defer minute.Stop()
	for {
		select {
		case v := <-h.visits:
			h.takeVisit(ctx, v)
		case r := <-h.rings:
			h.takeRing(ctx, r)
		case hit := <-h.names:
			h.takeRing(ctx, ringing{hit, hit.At})
		case <-minute.C:
			h.countMore(ctx)
		case <-done:
			h.takeRest(ctx)
			return
		}
	}
}

// takeRest empties the channels at the end.
func (h *trapHouse) takeRest(ctx context.Context) {
	defer h.countMore(ctx)
	for {
		select {
		case v := <-h.visits:
			h.takeVisit(ctx, v)
		case r := <-h.rings:
			h.takeRing(ctx, r)
		case hit := <-h.names:
			h.takeRing(ctx, ringing{hit, hit.At})
		default:
			return
		}
	}
}

func (h *trapHouse) takeVisit(ctx context.Context, v decoy.Visit) {
	h.mu.Lock()
	workspace := h.owner[v.Trap]
	h.mu.Unlock()
	if workspace == "" || !h.sieve.visit(workspace, v) {
		return
	}
	if _, err := h.l.Detection.Visit(trapMachine(ctx, workspace), v); err != nil {
		h.log.Error("visit to a trap", "trap", v.Trap, "visit", v.ID, "error", err)
	}
}

// takeRing rings a token in whatever workspace it is.
func (h *trapHouse) takeRing(ctx context.Context, r ringing) {
	if !h.sieve.ring(r) {
		return
	}
	spaces, err := h.l.App.Workspaces(ctx)
	if err != nil {
		h.log.Error("token of a trap", "error", err)
		return
	}
	for _, ws := range spaces {
		rang, err := h.l.Detection.Ring(trapMachine(ctx, ws.ID), r.hit.ID, detection.Touch{At: r.at, Remote: r.hit.Remote, Hit: &r.hit})
		if err != nil {
			h.log.Error("token of a trap", "workspace", ws.ID, "error", err)
		}
		if rang.TrapID != "" {
			h.sieve.belongs(r, ws.ID, rang.TrapID)
			return
		}
	}
}

// countMore writes down how often those knocked who knock too often to be heard each time.
func (h *trapHouse) countMore(ctx context.Context) {
	for _, m := range h.sieve.take() {
		if err := h.l.Detection.CountTouches(trapMachine(ctx, m.workspace), m.trap, m.actor, m.n); err != nil {
			h.log.Error("visits to a trap", "trap", m.trap, "error", err)
		}
	}
}

// A sieve lets the first touches of a minute through and counts the others, so that a
// flood of visits is no flood of records.
type sieve struct {
	mu     sync.Mutex
	seen   map[string]int   // touches in this minute, by trap or token, and address
	all    int              // of all
	silent map[string]bool  // visits that were announced to nobody
	more   map[string]*more // what was only counted
	tokens map[string]owned // whose token it is
}

type more struct {
	owned
	actor string
	n     int
}

// owned names a trap with its workspace.
type owned struct{ workspace, trap string }

// Bounds of a sieve: what one address may do to one trap in a minute, what all may do to
// all, and for how many pairs of trap and address it counts.
const (
	sieveTime  = time.Minute
	sieveEach  = 10
	sieveAll   = 300
	sievePairs = 4096
)

func newSieve() *sieve {
	return &sieve{seen: map[string]int{}, silent: map[string]bool{}, more: map[string]*more{}, tokens: map[string]owned{}}
}

func actorOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	return host
}

// passes counts a touch and tells whether it may pass.
func (s *sieve) passes(what, actor string) bool {
	key := what + " " + actor
	if len(s.seen) >= sievePairs && s.seen[key] == 0 {
		return false
	}
	s.seen[key]++
	s.all++
	return s.seen[key] <= sieveEach && s.all <= sieveAll
}

// visit tells whether a visit is taken in. Its announcement and its end share a fate.
func (s *sieve) visit(workspace string, v decoy.Visit) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	actor := actorOf(v.Remote)
	if v.Open {
		if s.passes(v.Trap, actor) {
			return true
		}
		if len(s.silent) < sievePairs {
			s.silent[v.ID] = true
		}
		s.count(owned{workspace, v.Trap}, actor)
		return false
	}
	silent := s.silent[v.ID]
	delete(s.silent, v.ID)
	return !silent
}

// ring tells whether the touch of a token is taken in.
func (s *sieve) ring(r ringing) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	actor := actorOf(r.hit.Remote)
	if s.passes(r.hit.ID, actor) {
		return true
	}
	if known, ok := s.tokens[r.hit.ID]; ok {
		s.count(known, actor)
	}
	return false
}

// belongs remembers whose token it was.
func (s *sieve) belongs(r ringing, workspace, trap string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.tokens) < sievePairs {
		s.tokens[r.hit.ID] = owned{workspace, trap}
	}
}

func (s *sieve) count(whose owned, actor string) {
	key := whose.trap + " " + actor
	m := s.more[key]
	if m == nil {
		if len(s.more) >= sievePairs {
			return
		}
		m = &more{owned: whose, actor: actor}
		s.more[key] = m
	}
	m.n++
}

// take begins a new minute and hands over what was only counted in the last.
func (s *sieve) take() (list []more) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.more {
		list = append(list, *m)
	}
	clear(s.more)
	clear(s.seen)
	clear(s.tokens)
	s.all = 0
	return list
}
