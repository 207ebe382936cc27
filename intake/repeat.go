package intake

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strconv"
	"sync"
)

// A lane remembers the newest messages of one session of RELP by their prints. When
// the connection breaks, the sender repeats, first of all and in order, every message
// for which it saw no acknowledgement: a piece of the lane that reaches to its end.
//
// The prints are kept in keys of the store, durable in the same instant as the
// messages: a ring of slots, each filled up and then left alone.
type lane struct {
	name  string // of its keys, without the slot
	store Store

	mu      sync.Mutex // held while messages are on their way to the store
	holder  *conn      // the session that lives and uses it; guarded by the intake
	session uint64     // which session the prints are of; later ones are greater
	first   int        // position of the first print in the session
	prints  []uint32
}

// The size of a lane: a sender can repeat so many messages and be recognised. The
// window of rsyslog holds 128 unless told otherwise.
const (
	slotPrints = 160
	slots      = 24
	maxLane    = slotPrints * (slots - 1)
)

// maxLanes is how many sessions one sender may have at the same time that recognise
// repeats. Further ones are served, but may bring messages twice.
const maxLanes = 8

func laneName(source, peer string, n int) string {
	return "relp/" + source + "/" + peer + "/" + strconv.Itoa(n) + "/"
}

// printOf is what a message is recognised by.
func printOf(line []byte) uint32 {
	sum := sha256.Sum256(line)
	return binary.LittleEndian.Uint32(sum[:])
}

// key is the entry of the slot that holds the last print of prints, which begin at
// position first of the session.
func slotKey(name string, session uint64, first int, prints []uint32) Key {
	slot := (first + len(prints) - 1) / slotPrints
	begin := max(slot*slotPrints-first, 0)
	b := binary.LittleEndian.AppendUint64(nil, session)
	b = binary.LittleEndian.AppendUint32(b, uint32(first+begin))
	for _, p := range prints[begin:] {
		b = binary.LittleEndian.AppendUint32(b, p)
	}
	return Key{name + strconv.Itoa(slot%slots), base64.RawStdEncoding.EncodeToString(b)}
}

// A slot is what one key says.
type slot struct {
	session uint64
	first   int
	prints  []uint32
}

func readSlot(value string) (s slot, ok bool) {
	b, err := base64.RawStdEncoding.DecodeString(value)
	if err != nil || len(b) < 12 || len(b)%4 != 0 {
		return s, false
	}
	s.session, s.first = binary.LittleEndian.Uint64(b), int(binary.LittleEndian.Uint32(b[8:]))
	for b = b[12:]; len(b) > 0; b = b[4:] {
		s.prints = append(s.prints, binary.LittleEndian.Uint32(b))
	}
	return s, len(s.prints) > 0
}

// openLane reads what the store remembers.
func openLane(store Store, name string) *lane {
	l := &lane{name: name, store: store}
	var found []slot
	for i := range slots {
		if value, known := store.KeyValue(name + strconv.Itoa(i)); known {
			if s, ok := readSlot(value); ok {
				found = append(found, s)
				l.session = max(l.session, s.session)
			}
		}
	}
	found = slices.DeleteFunc(found, func(s slot) bool { return s.session != l.session })
	slices.SortFunc(found, func(a, b slot) int { return a.first - b.first })
	for _, s := range found {
		if s.first != l.first+len(l.prints) { // older slots are not there any more
			l.first, l.prints = s.first, nil
		}
		l.prints = append(l.prints, s.prints...)
	}
	return l
}

// begin gives the lane to a new session.
func (l *lane) begin(now uint64) {
	l.session, l.first, l.prints = max(l.session+1, now), 0, nil
}

// room is how many messages still fit into the slot that is filled now.
func (l *lane) room() int { return slotPrints - (l.first+len(l.prints))%slotPrints }

// with is the key that remembers these messages too. No more than room may be added.
func (l *lane) with(prints []uint32) Key {
	return slotKey(l.name, l.session, l.first, append(l.prints[:len(l.prints):len(l.prints)], prints...))
}

// add remembers messages that the store has taken.
func (l *lane) add(prints []uint32) {
	l.prints = append(l.prints, prints...)
	if over := len(l.prints) - maxLane; over > slotPrints {
		l.prints, l.first = slices.Clone(l.prints[over:]), l.first+over
	}
}

// A message is what a session brought.
type message struct {
	number int
	line   []byte
	print  uint32
}

// repeats tells the messages of a new session that an earlier session of the same
// sender brought already. It holds messages back while it is undecided: they are
// neither kept nor acknowledged, and if the connection breaks again they come again.
type repeats struct {
	earlier [][]uint32 // prints of the earlier sessions, in order
	places  []place
	held    []message
	decided bool
}

// A place is where in an earlier session the first message of the new one stands.
type place struct{ session, at int }

// take takes the next message of the session. It returns those that are known to be
// repeats with the session that they repeat, or those that are known to be new; none
// of both while it is undecided. Where the end of the earlier session can be read in
// two ways, the shorter one counts: rather twice than lost.
func (r *repeats) take(m message) (old []message, of int, fresh []message) {
	if r.decided {
		return nil, 0, []message{m}
	}
	if len(r.held) == 0 {
		r.find(m.print)
	} else {
		r.places = slices.DeleteFunc(r.places, func(p place) bool { return r.earlier[p.session][p.at+len(r.held)] != m.print })
	}
	r.held = append(r.held, m)
	for _, p := range r.places {
		if p.at+len(r.held) == len(r.earlier[p.session]) {
			old = r.held
			r.held, r.decided = nil, true
			return old, p.session, nil
		}
	}
	if len(r.places) == 0 {
		return nil, 0, r.giveUp()
	}
	return nil, 0, nil
}

// giveUp says that the messages that are held back are new.
func (r *repeats) giveUp() []message {
	fresh := r.held
	r.held, r.decided = nil, true
	return fresh
}

func (r *repeats) find(print uint32) {
	for n, prints := range r.earlier {
		for i, p := range prints {
			if p == print {
				r.places = append(r.places, place{n, i})
			}
		}
	}
}
