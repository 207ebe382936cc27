package decoy

import (
	"errors"
	"net"
	"sync"
	"time"
)

var errBounds = errors.New("the visitor has used up the bytes of a visit")

// A guard is a connection with an end: it counts bytes, and closes itself when a
// phase or the visit takes too long. It works with timers, not with deadlines, so
// that no library can move them.
type guard struct {
	net.Conn
	rec    *record
	limits Limits

	mu       sync.Mutex
	in, out  int64
	why      Ending // empty while nobody has ended the visit
	gone     bool   // the visitor hung up
	phase    *time.Timer
	visit    *time.Timer
	sampling bool // what is read goes to the sample as it is
}

func newGuard(c net.Conn, rec *record, l Limits) *guard {
	g := &guard{Conn: c, rec: rec, limits: l, sampling: true}
	g.mu.Lock() // a timer may fire before both are set
	defer g.mu.Unlock()
	g.phase = time.AfterFunc(l.Phase, func() { g.end(EndedSlow) })
	g.visit = time.AfterFunc(l.Visit, func() { g.end(EndedTime) })
	return g
}

// end closes the connection for a reason; only the first reason counts.
func (g *guard) end(why Ending) {
	g.mu.Lock()
	if g.why == "" {
		g.why = why
	}
	g.phase.Stop()
	g.visit.Stop()
	g.mu.Unlock()
	g.Conn.Close() //nolint:errcheck // it is over either way
}

// ended says why the visit is over, once the service has nothing more to say.
func (g *guard) ended() Ending {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.why != "":
		return g.why
	case g.gone:
		return EndedByVisitor
	}
	return EndedByDecoy
}

// next gives the visitor the time of one more phase.
func (g *guard) next() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.why == "" {
		g.phase.Reset(g.limits.Phase)
	}
}

// Read implements net.Conn.
func (g *guard) Read(p []byte) (int, error) {
	g.mu.Lock()
	left := g.limits.Received - g.in
	sampling := g.sampling
	g.mu.Unlock()
	if left <= 0 {
		g.end(EndedBytes)
		return 0, errBounds
	}
	n, err := g.Conn.Read(p[:min(int64(len(p)), left)])
	g.mu.Lock()
	g.in += int64(n)
	g.gone = g.gone || err != nil
	g.mu.Unlock()
	if sampling && n > 0 {
		g.rec.saw(p[:n])
	}
	return n, err
}

// Write implements net.Conn.
func (g *guard) Write(p []byte) (int, error) {
	g.mu.Lock()
	full := g.out+int64(len(p)) > g.limits.Sent
	if !full {
		g.out += int64(len(p))
	}
	g.mu.Unlock()
	if full {
		g.end(EndedBytes)
		return 0, errBounds
	}
	n, err := g.Conn.Write(p)
	if err != nil {
		g.mu.Lock()
		g.gone = true
		g.mu.Unlock()
	}
	return n, err
}

// Close implements net.Conn.
func (g *guard) Close() error { g.end(g.ended()); return nil }

// SetDeadline and its kin do nothing: the limits of a visit belong to its guard.
func (g *guard) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (g *guard) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (g *guard) SetWriteDeadline(time.Time) error { return nil }

// silence stops the sample, when what follows on the wire is encrypted and a layer
// above samples what it means.
func (g *guard) silence() {
	g.mu.Lock()
	g.sampling = false
	g.mu.Unlock()
}

func (g *guard) counts() (in, out int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.in, g.out
}
