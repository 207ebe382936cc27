package intake

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A port is one address on which one transport is served, for one or more sources.
type port struct {
	in        *Intake
	place     string
	transport Transport
	gates     atomic.Pointer[[]*gate]

	listener net.Listener   // of all but UDP
	packets  net.PacketConn // of UDP
	kept     bool           // the listener outlives the process
	done     chan struct{}  // closed when nothing is taken any more

	mu    sync.Mutex
	conns map[*conn]bool
	from  map[netip.Addr]int
	slots map[int]bool // of connections that outlive the process
	ended bool
}

// open listens at a place: transport, space, address.
func (in *Intake) open(place string, gates []*gate) (*port, error) {
	transport, address, _ := strings.Cut(place, " ")
	p := &port{in: in, place: place, transport: Transport(transport), done: make(chan struct{}), conns: map[*conn]bool{}, from: map[netip.Addr]int{}, slots: map[int]bool{}}
	p.gates.Store(&gates)
	var err error
	if p.transport == UDP {
		if p.packets, err = net.ListenPacket("udp", address); err == nil {
			in.work.Go(p.servePackets)
		}
	} else if p.transport.encrypted() && in.cfg.Certificate == nil {
		return nil, fmt.Errorf("syslog over TLS needs a certificate")
	} else {
		config := listening(p.transport == TCP && in.cfg.Keep.Able())
		p.listener, p.kept, err = in.cfg.Keep.Listener(portName(place), func() (net.Listener, error) { return config.Listen(in.ctx, "tcp", address) })
		if err == nil {
			left := p.resume()
			in.work.Go(func() { p.accept(left) })
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", address, err)
	}
	return p, nil
}

func (p *port) address() string {
	if p.packets != nil {
		return p.packets.LocalAddr().String()
	}
	return p.listener.Addr().String()
}

// accept serves the connections that the last process left, and takes others until the
// listener is closed.
func (p *port) accept(left []*conn) {
	defer close(p.done)
	var serving sync.WaitGroup
	defer serving.Wait()
	serve := func(c *conn) {
		serving.Go(func() {
			defer p.forget(c)
			c.serve()
		})
	}
	for _, c := range left {
		serve(c)
	}
	for {
		nc, err := p.listener.Accept()
		if err != nil {
			if p.isEnded() {
				return
			}
			time.Sleep(50 * time.Millisecond) // out of descriptors, most likely
			continue
		}
		c, ok := p.admit(nc)
		if !ok {
			_ = nc.Close()
			continue
		}
		p.keep(c)
		serve(c)
	}
}

// admit counts the connection, or refuses it: too many, or from somewhere that no
// source takes events from.
func (p *port) admit(nc net.Conn) (*conn, bool) {
	peer := addressOf(nc.RemoteAddr())
	gates := *p.gates.Load()
	known := false
	for _, g := range gates {
		known = known || g.admits(peer)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !known || p.ended || len(p.conns) >= p.in.limits.Connections || p.from[peer] >= p.in.limits.PerSender {
		for _, g := range gates {
			g.refused.Add(1)
		}
		return nil, false
	}
	c := &conn{Conn: nc, port: p, peer: peer, over: make(chan struct{})}
	p.conns[c] = true
	p.from[peer]++
	return c, true
}

func (p *port) forget(c *conn) {
	if k := c.kept; k != nil && !k.leave {
		if half, ok := c.Conn.(*net.TCPConn); ok {
			_ = half.CloseWrite() // the store holds the socket a little longer: the sender need not wait for that
		}
		p.in.cfg.Keep.Drop(k.name)
	}
	_ = c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.kept != nil {
		delete(p.slots, c.kept.slot)
	}
	delete(p.conns, c)
	if p.from[c.peer]--; p.from[c.peer] <= 0 {
		delete(p.from, c.peer)
	}
	close(c.over)
}

// freeSlot takes a slot that no connection has: the one that is wanted, or the lowest
// for -1. It returns -1 when there is none.
func (p *port) freeSlot(wanted int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n := max(wanted, 0); n < p.in.limits.Connections; n++ {
		if !p.slots[n] {
			p.slots[n] = true
			return n
		}
		if wanted >= 0 {
			break
		}
	}
	return -1
}

func (p *port) leaveSlot(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.slots, n)
}

func (p *port) isEnded() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended
}

// close stops listening, tells senders the end, and waits for what is on its way.
func (p *port) close(drain time.Duration) {
	p.mu.Lock()
	p.ended = true
	for c := range p.conns {
		c.drain(p.in.cfg.Now().Add(drain))
	}
	p.mu.Unlock()
	if p.packets != nil {
		_ = p.packets.SetReadDeadline(p.in.cfg.Now().Add(quiet))
	} else {
		p.in.cfg.Keep.Drop(portName(p.place))
		_ = p.listener.Close()
	}
	<-p.done
	if p.packets != nil {
		_ = p.packets.Close()
	}
}

// review ends the connections of senders from which nothing is taken any more.
func (p *port) review() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		if g := c.source(); g != nil && !g.admits(c.peer) {
			_ = c.end()
		}
	}
}

// choose finds the source that a sender belongs to: the one that names its
// certificate, then the one with the narrowest network around its address.
func (p *port) choose(peer netip.Addr, print string) *gate {
	var best *gate
	score := -1
	for _, g := range *p.gates.Load() {
		at := g.closeness(peer)
		want := g.source.Load().Certificate
		if at < 0 || want != "" && want != print {
			continue
		}
		if want != "" {
			at += 1 << 10
		}
		if at > score {
			best, score = g, at
		}
	}
	return best
}

func addressOf(a net.Addr) netip.Addr {
	p, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}
	}
	return p.Addr().Unmap().WithZone("")
}

// Fingerprint is what a certificate is known by: SHA-256 in hex.
func Fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// plainPrint writes a fingerprint as Fingerprint does, however a person wrote it.
func plainPrint(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	for _, prefix := range []string{"sha256:", "sha-256:", "sha256 fingerprint="} {
		text = strings.TrimPrefix(text, prefix)
	}
	return strings.NewReplacer(":", "", " ", "").Replace(text)
}

// secure does the handshake and returns the fingerprint of the sender's certificate;
// empty when it showed none.
func (p *port) secure(nc net.Conn) (*tls.Conn, string, error) {
	tc := tls.Server(nc, &tls.Config{
		MinVersion: tls.VersionTLS12, ClientAuth: tls.RequestClientCert,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return p.in.cfg.Certificate() },
	})
	if err := tc.HandshakeContext(p.in.ctx); err != nil {
		return nil, "", err
	}
	if certs := tc.ConnectionState().PeerCertificates; len(certs) > 0 {
		return tc, Fingerprint(certs[0].Raw), nil
	}
	return tc, "", nil
}
