package decoy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"time"
)

// A NameServer answers for a zone of tokens over UDP and TCP. It resolves nothing for
// anybody and asks nobody.
type NameServer struct {
	Zone   Zone
	Limits Limits // of connections over TCP
	Now    func() time.Time
	Hits   chan<- Hit // the server never closes it; what has no room is counted

	Scanners []netip.Prefix // of our own; their hits are marked

	dropped, refused atomic.Int64
}

// Each network gets so many answers over UDP in a second, so that the server is no
// amplifier against a forged sender. A real resolver that gets none comes over TCP.
const (
	dnsPerSecond = 50
	dnsNetworks  = 4096
)

// Dropped counts hits that nobody took.
func (n *NameServer) Dropped() int64 { return n.dropped.Load() }

// Refused counts questions that got no answer.
func (n *NameServer) Refused() int64 { return n.refused.Load() }

// ServeUDP answers packets until ctx ends, which is no error. It closes the socket.
func (n *NameServer) ServeUDP(ctx context.Context, c net.PacketConn) error {
	defer c.Close() //nolint:errcheck // closed twice is closed
	if err := n.Zone.Check(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { c.Close() }) //nolint:errcheck // ReadFrom says so
	defer stop()
	rate := newRate(n.Now)
	packet := make([]byte, dnsUDPSize)
	for {
		size, from, err := c.ReadFrom(packet)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("the name server for %s: its socket was closed", n.Zone.Name)
		default:
			rest(ctx)
			continue
		}
		at, _ := netip.ParseAddrPort(from.String()) // no address: all such share a rate
		if !rate.allows(at.Addr().Unmap()) {
			n.refused.Add(1)
			continue
		}
		if answer := n.answer(packet[:size], 512, from.String()); answer != nil {
			c.WriteTo(answer, from) //nolint:errcheck // an answer may be lost, as in every network
		}
	}
}

// answer answers a question and tells the hit. A panic costs the question.
func (n *NameServer) answer(query []byte, size int, from string) (answer []byte) {
	defer func() {
		if recover() != nil {
			n.refused.Add(1)
			answer = nil
		}
	}()
	answer, hit, ok := n.Zone.Answer(query, size)
	if !ok {
		n.refused.Add(1)
		return nil
	}
	if hit.ID == "" || n.Hits == nil {
		return answer
	}
	hit.Remote, hit.At, hit.Scanner = from, n.Now(), Listed(n.Scanners, from)
	select {
	case n.Hits <- hit:
	default:
		n.dropped.Add(1)
	}
	return answer
}

// ServeTCP answers over connections, within the limits of a decoy server, until ctx
// ends, which is no error. It closes the listener.
func (n *NameServer) ServeTCP(ctx context.Context, l net.Listener) error {
	if err := n.Zone.Check(); err != nil {
		l.Close() //nolint:errcheck // nothing was accepted
		return err
	}
	s := NewServer(Config{Limits: n.Limits, Now: n.Now, Random: noRandom{}})
	return s.serve(ctx, l, &prepared{trap: Trap{MaxVisits: s.config.Limits.Connections}, service: Service{serve: n.talk}})
}

// noRandom gives the ids of visits that nobody sees.
type noRandom struct{}

// Read implements io.Reader.
func (noRandom) Read(p []byte) (int, error) { return len(p), nil }

// talk answers questions on one connection.
func (n *NameServer) talk(s *session) {
	for range 100 {
		head, ok := s.take(2)
		if !ok {
			return
		}
		size := int(head[0])<<8 | int(head[1])
		if size < 12 || size > dnsTCPSize {
			return
		}
		query, ok := s.more(size)
		if !ok {
			return
		}
		answer := n.answer(query, dnsTCPSize, s.conn.RemoteAddr().String())
		if answer == nil || !s.send(append([]byte{byte(len(answer) >> 8), byte(len(answer))}, answer...)) {
			return
		}
	}
}

// A rate counts answers of this second for each network.
type rate struct {
	now    func() time.Time
	second int64
	counts map[netip.Prefix]int
}

func newRate(now func() time.Time) *rate { return &rate{now: now, counts: map[netip.Prefix]int{}} }

func (r *rate) allows(a netip.Addr) bool {
	if s := r.now().Unix(); s != r.second {
		r.second = s
		clear(r.counts)
	}
	bits := 24
	if a.Is6() {
		bits = 56
	}
	network, _ := a.Prefix(bits) // no address: the zero network
	count, known := r.counts[network]
	if !known && len(r.counts) >= dnsNetworks || count >= dnsPerSecond {
		return false
	}
	r.counts[network] = count + 1
	return true
}
