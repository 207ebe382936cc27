package intake

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"holdfast/engine/event"
)

// MaxPost is the most that one post may hold once it is unpacked, in bytes.
const MaxPost = 24 << 20

// The reasons for which a post is refused.
var (
	ErrUnknown = errors.New("there is no such event source, or it is disabled")
	ErrToken   = errors.New("the token is not that of the event source")
	ErrSender  = errors.New("the event source takes nothing from this address")
	ErrReused  = errors.New("the key was used for another post before")
)

// A Busy error says that the source may send no more for now.
type Busy struct{ Wait time.Duration }

func (b *Busy) Error() string {
	return fmt.Sprintf("the event source sends more than its limit; send again in %s", b.Wait.Round(time.Millisecond))
}

// A Post is events that somebody hands over.
type Post struct {
	Source string
	Peer   netip.Addr
	Key    string // by which the sender repeats it; empty: it may be there twice
	Body   []byte // unpacked; its events are found by event.Split
}

// HashOf is how the secret of a source is kept.
func HashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Prove tells whether the token is that of the source and the address may post. It
// takes the same time for every wrong token.
func (in *Intake) Prove(source, token string, peer netip.Addr) error {
	in.mu.Lock()
	g := in.gates[source]
	in.mu.Unlock()
	given, want := HashOf(token), HashOf("") // which is nobody's
	if g != nil {
		want = g.source.Load().Token
	}
	same := subtle.ConstantTimeCompare([]byte(given), []byte(want)) == 1
	switch {
	case g == nil:
		return ErrUnknown
	case token == "" || !same:
		g.refused.Add(1)
		return ErrToken
	case !g.admits(peer):
		g.refused.Add(1)
		return ErrSender
	}
	return nil
}

// Take keeps a post and returns how many lines it had. When it returns without an
// error, they are durable; otherwise none is. A post with a key that is there already
// is not kept again: repeated says so.
func (in *Intake) Take(ctx context.Context, p Post) (lines int, repeated bool, err error) {
	in.mu.Lock()
	g := in.gates[p.Source]
	in.mu.Unlock()
	if g == nil || g.store == nil {
		return 0, false, ErrUnknown
	}
	list, print, err := g.read(p)
	if err != nil {
		return 0, false, err
	}
	key := Key{"post/" + g.id + "/" + p.Key, print}
	if p.Key != "" {
		if len(key.Name) > MaxKey {
			return 0, false, fmt.Errorf("the key is longer than %d bytes", MaxKey-len(key.Name)+len(p.Key))
		}
		if before, known := g.store.KeyValue(key.Name); known {
			if before != print {
				return 0, false, ErrReused
			}
			g.repeated.Add(int64(len(list)))
			return len(list), true, nil
		}
	}
	if wait, ok := g.rate.whole(len(list), in.cfg.Now()); !ok {
		return 0, false, &Busy{wait}
	}
	now := in.cfg.Now().UTC()
	for i := range list {
		list[i].Received = now
	}
	if p.Key == "" {
		err = g.keep(ctx, list)
	} else {
		err = g.keepOnce(ctx, key, list)
		in.keyed.Add(1)
	}
	return len(list), false, err
}

// read finds the events of a post, and what it is recognised by.
func (g *gate) read(p Post) (list []event.Line, print string, err error) {
	if len(p.Body) > MaxPost {
		return nil, "", ErrTooLarge
	}
	peer := ""
	if p.Peer.IsValid() {
		peer = p.Peer.Unmap().WithZone("").String()
	}
	size := 0
	for raw := range event.Split(p.Body) {
		if len(raw) > room {
			g.cut.Add(1)
			raw = marked(raw[:room:room], len(raw))
		}
		if size += len(raw) + 64; size > MaxPost {
			return nil, "", ErrTooLarge
		}
		list = append(list, event.Line{Source: g.id, Peer: peer, Raw: raw})
	}
	sum := sha256.Sum256(p.Body)
	return list, hex.EncodeToString(sum[:]), nil
}
