package intake

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"holdfast/keep"
)

// Sockets that outlive the process have names in the store of them: a listening socket
// that of its place, a connection that of its place, its slot and its cookie.
const keptPrefix = "intake/"

// portName is the name of the listening socket of a place.
func portName(place string) string { return keptPrefix + url.QueryEscape(place) }

// connName is the name of a connection.
func connName(place string, slot int, cookie uint64) string {
	return fmt.Sprintf("%s/%d/%x", portName(place), slot, cookie)
}

// readConnName reads the name of a connection.
func readConnName(name string) (place string, slot int, cookie uint64, ok bool) {
	rest, ours := strings.CutPrefix(name, keptPrefix)
	f := strings.Split(rest, "/")
	if !ours || len(f) != 3 {
		return "", 0, 0, false
	}
	place, err := url.QueryUnescape(f[0])
	slot, err2 := strconv.Atoi(f[1])
	cookie, err3 := strconv.ParseUint(f[2], 16, 64)
	if err != nil || err2 != nil || err3 != nil || slot < 0 {
		return "", 0, 0, false
	}
	return place, slot, cookie, true
}

// A reach is how far a connection is durable. It is kept with the messages that it
// stands after, so that what was kept and still lies in the kernel is not kept again.
type reach struct {
	conn   string // which connection: boot, cookie, peer
	at     uint64 // bytes from its beginning
	framer framing
}

// reachKey is the name of the key that remembers how far the connection in a slot is
// durable. A slot serves one connection after another, so there are never many keys.
func reachKey(place string, slot int) string {
	return "tcp/" + place + "/" + strconv.Itoa(slot)
}

func (r reach) value() string {
	return fmt.Sprintf("%s %d %s", r.conn, r.at, r.framer)
}

func readReach(value string) (r reach, ok bool) {
	f := strings.Fields(value)
	if len(f) != 3 {
		return r, false
	}
	var err error
	if r.at, err = strconv.ParseUint(f[1], 10, 64); err != nil {
		return r, false
	}
	r.conn = f[0]
	r.framer, ok = readFraming(f[2])
	return r, ok
}

// letGo lets go of sockets of the last process that nobody wants any more: those whose
// place no source names.
func letGo(s *keep.Store, wanted map[string]bool) {
	for _, name := range s.Given() {
		if place, _, _, ok := readConnName(name); ok && wanted[place] {
			continue // it cannot be listened there now, but that may change
		}
		s.Drop(name)
	}
}
