package decoy

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Config is what a server is given.
type Config struct {
	Limits   Limits
	Now      func() time.Time
	Random   io.Reader    // of cryptographic quality: ids, keys, challenges
	Visits   chan<- Visit // the server never closes it
	Announce bool         // send each visit when it begins too, with Open set
}

// A Trap is one decoy: what it pretends to be, and who may touch it.
type Trap struct {
	ID        string
	Service   string // a name of Services
	Options   Options
	Scanners  []netip.Prefix // of our own; their visits are marked
	MaxVisits int            // at the same time; 0: sixteen
}

// usualVisits is what isms.Trap promises for MaxVisits 0.
const usualVisits = 16

// A Server runs decoys within one budget of connections.
type Server struct {
	config Config
	random sync.Mutex // guards config.Random
	slots  chan struct{}
	count  counters

	mu        sync.Mutex
	addresses map[netip.Addr]*caller // only those with an open connection
}

// A caller is an address that is connected.
type caller struct{ open, refused int }

// Stats are counts since the start of a server.
type Stats struct {
	Open    int64 // connections now
	Visits  int64 // served, those now open included
	Refused int64 // turned away for a limit
	Dropped int64 // visits, or announcements, that nobody took in time
	Faults  int64 // panics contained
}

type counters struct{ open, visits, refused, dropped, faults atomic.Int64 }

// NewServer makes a server. It listens to nothing yet.
func NewServer(c Config) *Server {
	c.Limits = c.Limits.orDefault()
	return &Server{config: c, slots: make(chan struct{}, c.Limits.Connections), addresses: map[netip.Addr]*caller{}}
}

// Stats tells what happened so far.
func (s *Server) Stats() Stats {
	return Stats{Open: s.count.open.Load(), Visits: s.count.visits.Load(), Refused: s.count.refused.Load(),
		Dropped: s.count.dropped.Load(), Faults: s.count.faults.Load()}
}

// Serve lets visitors of the listener into the trap until ctx ends, which is no
// error. It closes the listener, and returns when the last visitor is gone.
func (s *Server) Serve(ctx context.Context, l net.Listener, t Trap) error {
	p, err := s.prepare(t)
	if err != nil {
		l.Close() //nolint:errcheck // nothing was accepted
		return err
	}
	return s.serve(ctx, l, p)
}

func (s *Server) serve(ctx context.Context, l net.Listener, p *prepared) error {
	stop := context.AfterFunc(ctx, func() { l.Close() }) //nolint:errcheck // Accept says so
	defer stop()
	defer l.Close() //nolint:errcheck // closed twice is closed
	var visitors sync.WaitGroup
	defer visitors.Wait()
	room := make(chan struct{}, positive(p.trap.MaxVisits, usualVisits))
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("trap %s: its listener was closed", p.trap.ID)
		default: // out of file descriptors, or the visitor was gone before he was accepted
			rest(ctx)
			continue
		}
		address := remoteOf(c)
		if !s.enter(address, room) {
			refuse(c)
			continue
		}
		visitors.Go(func() {
			defer s.leave(address, room)
			s.visit(ctx, c, address, p)
		})
	}
}

// rest waits a moment, so that a listener in trouble does not turn in circles.
func rest(ctx context.Context) {
	t := time.NewTimer(20 * time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// refuse hangs up without a trace in the tables of the system.
func refuse(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0) //nolint:errcheck // then it lingers
	}
	c.Close() //nolint:errcheck // nothing was said
}

func remoteOf(c net.Conn) netip.Addr {
	a, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.Addr{} // a pipe in a test: all such share one address
	}
	return a.Addr().Unmap().WithZone("")
}

// household is what counts as one address: of IPv6 a whole /64 is one machine's.
func household(a netip.Addr) netip.Addr {
	if p, err := a.Prefix(64); a.Is6() && err == nil {
		return p.Addr()
	}
	return a
}

// enter takes a place in the server, in the trap and for the address, or none.
func (s *Server) enter(a netip.Addr, room chan struct{}) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := household(a)
	who := s.addresses[key]
	if who != nil && who.open >= s.config.Limits.PerAddress || !take(s.slots) {
		s.turnAway(who)
		return false
	}
	if !take(room) {
		<-s.slots
		s.turnAway(who)
		return false
	}
	if who == nil {
		who = &caller{}
		s.addresses[key] = who
	}
	who.open++
	s.count.open.Add(1)
	s.count.visits.Add(1)
	return true
}

func (s *Server) turnAway(who *caller) {
	s.count.refused.Add(1)
	if who != nil {
		who.refused++
	}
}

func take(places chan struct{}) bool {
	select {
	case places <- struct{}{}:
		return true
	default:
		return false
	}
}

func (s *Server) leave(a netip.Addr, room chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := household(a)
	if who := s.addresses[key]; who != nil {
		if who.open--; who.open == 0 {
			delete(s.addresses, key)
		}
	}
	<-room
	<-s.slots
	s.count.open.Add(-1)
}

// takeRefused tells how many connections of an address were turned away since it was
// last asked.
func (s *Server) takeRefused(a netip.Addr) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := s.addresses[household(a)]
	if who == nil {
		return 0
	}
	n := who.refused
	who.refused = 0
	return n
}

// Read implements io.Reader with the randomness of the server, for many at once.
func (s *Server) Read(p []byte) (int, error) {
	s.random.Lock()
	defer s.random.Unlock()
	return io.ReadFull(s.config.Random, p)
}

// bytes are random.
func (s *Server) bytes(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := s.Read(b)
	return b, err
}

// visit serves one visitor and hands over what was learnt.
func (s *Server) visit(ctx context.Context, c net.Conn, a netip.Addr, p *prepared) {
	id, err := s.bytes(12)
	if err != nil {
		s.count.faults.Add(1)
		refuse(c)
		return
	}
	v := Visit{
		ID: hex.EncodeToString(id), Trap: p.trap.ID, Service: p.trap.Service,
		Remote: c.RemoteAddr().String(), Local: c.LocalAddr().String(), Start: s.config.Now(), Scanner: Listed(p.trap.Scanners, c.RemoteAddr().String()),
	}
	if s.config.Announce {
		s.announce(v)
	}
	rec := newRecord(v, s.config.Limits)
	g := newGuard(c, rec, s.config.Limits)
	stop := context.AfterFunc(ctx, func() { g.end(EndedStopped) })
	defer stop()
	p.meet(newSession(s, g, rec, p))
	why := g.ended()
	g.end(why)
	in, out := g.counts()
	if why == EndedFault {
		s.count.faults.Add(1)
	}
	s.handOver(rec.finish(func(v *Visit) {
		v.End, v.Ended, v.Received, v.Sent, v.Refused = s.config.Now(), why, in, out, s.takeRefused(a)
	}))
}

// announce tells that somebody is there, when there is room for it.
func (s *Server) announce(v Visit) {
	v.Open = true
	select {
	case s.config.Visits <- v:
	default:
		s.count.dropped.Add(1)
	}
}

// handOver gives the visit away. While the channel is full the visit keeps its place
// in the server, which slows those who fill it; what nobody takes is counted.
func (s *Server) handOver(v Visit) {
	if s.config.Visits == nil {
		return
	}
	select {
	case s.config.Visits <- v:
		return
	default:
	}
	patience := time.NewTimer(s.config.Limits.HandOver)
	defer patience.Stop()
	select {
	case s.config.Visits <- v:
	case <-patience.C:
		s.count.dropped.Add(1)
	}
}
