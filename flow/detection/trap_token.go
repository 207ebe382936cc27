package detection

import (
	"context"
	"crypto/rand"
	"net/url"
	"sync"
	"time"

	"holdfast/access"
	"holdfast/engine/decoy"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// A TokenWish says which token to make for a trap.
type TokenWish struct {
	TrapID  string // id or key; its type says what is made
	Place   decoy.Place
	Replace bool // the trap has a token, which will ring no more
}

// MakeToken makes the token of a trap. Only hashes of it are kept, so what is returned
// is shown this once. The trap is armed when it was planned or disarmed. The actor needs
// the right to write traps.
func (f *Flow) MakeToken(ctx context.Context, w TokenWish) (decoy.Token, error) {
	trap, err := f.traps().Get(ctx, w.TrapID)
	if err != nil {
		return decoy.Token{}, err
	}
	actor, err := access.From(ctx)
	if err != nil {
		return decoy.Token{}, err
	}
	switch {
	case actor.May(kind.Write, isms.Traps) != access.All:
		return decoy.Token{}, actor.Refuse(kind.Write, isms.Traps)
	case trap.Type.Decoy():
		return decoy.Token{}, kind.Fieldf("type", "%s is a decoy that listens, not a token; arm it instead", trap.Type)
	case trap.Token != "" && !w.Replace:
		return decoy.Token{}, kind.Errorf(kind.Conflict, "the trap has a token; a new one makes the old one ring no more, so say that it is to be replaced")
	}
	token, err := f.newToken(trap, w.Place)
	if err != nil {
		return decoy.Token{}, err
	}
	err = f.app.Atomic(ctx, func(ctx context.Context) error { return f.keepToken(ctx, actor, trap, token, w.Place) })
	f.forgetBait(actor.Workspace)
	return token, err
}

// newToken makes the token with the usual place where the wish names none.
func (f *Flow) newToken(trap *isms.Trap, p decoy.Place) (decoy.Token, error) {
	if f.house != nil {
		base, zone := f.house.Home()
		p.Base, p.Zone = prose.FirstOf(p.Base, base), prose.FirstOf(p.Zone, zone)
	}
	if trap.Type != "page_clone" {
		p.Host = prose.FirstOf(p.Host, trap.Host)
	}
	p.Title = prose.FirstOf(p.Title, trap.Bait)
	id, err := decoy.NewID(rand.Reader)
	if err != nil {
		return decoy.Token{}, err
	}
	token, err := decoy.Make(string(trap.Type), id, p)
	if err != nil {
		return decoy.Token{}, kind.Errorf(kind.Invalid, "%v", err)
	}
	return token, nil
}

// keepToken writes the hashes into the record and arms the trap.
func (f *Flow) keepToken(ctx context.Context, actor access.Actor, trap *isms.Trap, token decoy.Token, p decoy.Place) error {
	trap.Token, trap.Mark = decoy.Hash(token.ID), ""
	if len(token.Marks) > 0 {
		trap.Mark = decoy.Hash(token.Marks[0])
	}
	trap.Address = homeOf(prose.FirstOf(p.Base, p.Zone), f.house)
	if err := f.app.SaveBecause(flow.AsMachine(ctx, actor), trap, "a token was made; the record keeps its hash"); err != nil {
		return err
	}
	if trap.Status == isms.TrapArmed || trap.Status == isms.TrapSprung {
		return nil
	}
	_, err := f.app.Do(ctx, isms.Traps, trap.ID, "arm", 0, kind.Input{})
	return err
}

// homeOf tells where a token calls home, without what makes it this token.
func homeOf(place string, h TrapHouse) string {
	if place == "" && h != nil {
		base, zone := h.Home()
		place = prose.FirstOf(base, zone)
	}
	if u, err := url.Parse(place); err == nil && u.Host != "" {
		return u.Host
	}
	return prose.Cut(place, 200)
}

// TestTime is how long an announced test is waited for.
const TestTime = 15 * time.Minute

// TestTrap announces a test: the next touch within TestTime rings as a test and proves
// the trap. A decoy that listens here is touched at once; knocked tells so. The actor
// needs the right to write traps.
func (f *Flow) TestTrap(ctx context.Context, idOrKey string) (trap *isms.Trap, knocked bool, err error) {
	trap, err = f.traps().Get(ctx, idOrKey)
	if err != nil {
		return nil, false, err
	}
	actor, err := access.From(ctx)
	if err != nil {
		return nil, false, err
	}
	switch {
	case actor.May(kind.Write, isms.Traps) != access.All:
		return nil, false, actor.Refuse(kind.Write, isms.Traps)
	case trap.Status != isms.TrapArmed && trap.Status != isms.TrapSprung:
		return nil, false, kind.Errorf(kind.Conflict, "the trap is %s; arm it before you test it", trap.Status)
	case !trap.Type.Decoy() && trap.Token == "":
		return nil, false, kind.Errorf(kind.Conflict, "no token was made for this trap yet, so nothing can ring")
	}
	trap.TestUntil = f.app.Now().Add(TestTime)
	if err := f.app.SaveBecause(flow.AsMachine(ctx, actor), trap, "a test was announced"); err != nil {
		return nil, false, err
	}
	if f.house == nil || f.house.Stands(trap.ID) == "" {
		return trap, false, nil
	}
	return trap, true, f.house.Knock(ctx, trap.ID)
}

// bait remembers which hashes are those of tokens, so that a stream of events, or
// somebody who tries addresses, does not ask the database about each word that looks
// like one.
type bait struct {
	mu    sync.Mutex
	known map[string]baits // by workspace
}

type baits struct {
	read time.Time
	trap map[string]string // by hash
}

// baitTime is how long the list is believed. A token that was made here is known at
// once; one that another process made, after so long.
const baitTime = 10 * time.Second

// baited finds the id of the trap to which a token belongs; empty: none of ours.
func (f *Flow) baited(ctx context.Context, token string) (string, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return "", err
	}
	f.bait.mu.Lock()
	defer f.bait.mu.Unlock()
	have, now := f.bait.known[actor.Workspace], f.app.Now()
	if have.trap == nil || now.Sub(have.read) >= baitTime {
		have = baits{read: now, trap: map[string]string{}}
		traps, err := f.traps().All(flow.AsMachine(ctx, actor), kind.Query{Sort: "created_at"})
		if err != nil {
			return "", err
		}
		for _, t := range traps {
			have.trap[t.Token], have.trap[t.Mark] = t.ID, t.ID
		}
		delete(have.trap, "")
		if f.bait.known == nil {
			f.bait.known = map[string]baits{}
		}
		f.bait.known[actor.Workspace] = have
	}
	return have.trap[decoy.Hash(token)], nil
}

// forgetBait makes the next question read the list anew.
func (f *Flow) forgetBait(workspace string) {
	f.bait.mu.Lock()
	defer f.bait.mu.Unlock()
	delete(f.bait.known, workspace)
}

// RingEvent finds our tokens in a line of events and rings each: somebody uses a fake
// key where no decoy stands. where names the source. A line without a token costs a scan
// of it and nothing else.
func (f *Flow) RingEvent(ctx context.Context, line []byte, at time.Time, remote, where string) ([]Rang, error) {
	found := decoy.RecogniseText(string(line[:min(len(line), maxEventScan)]))
	if len(found) == 0 {
		return nil, nil
	}
	var list []Rang
	for _, token := range found {
		id, err := f.baited(ctx, token)
		if err != nil {
			return list, err
		}
		if id == "" {
			continue
		}
		rang, err := f.Ring(ctx, token, Touch{At: at, Remote: remote, Where: where, Event: prose.Cut(prose.Clean(string(line)), maxEventKept)})
		if err != nil {
			return list, err
		}
		list = append(list, rang)
	}
	return list, nil
}

// Bounds of what is searched and kept of a line of events.
const (
	maxEventScan = 64 << 10
	maxEventKept = 8 << 10
)
