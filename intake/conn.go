package intake

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"holdfast/engine/event"
)

// Sizes of what is read at once and of what the kernel may take before we do. What
// lies in the buffer of the kernel when the process is killed is lost to senders of
// plain syslog, so it is small.
const (
	readSize   = 64 << 10
	kernelSize = 64 << 10
)

// quiet is how long a sender that was told the end may say nothing before it is
// believed to have stopped.
const quiet = 400 * time.Millisecond

// A conn is one sender that is connected.
type conn struct {
	net.Conn
	port *port
	peer netip.Addr
	gate *gate
	over chan struct{} // closed when nothing more comes of it
	kept *keptConn     // nil: it ends with the process

	mu       sync.Mutex
	until    time.Time // zero: it is not draining
	deadline time.Time // of the next read

	arena []byte
	lines []event.Line
}

// serve takes what the sender says until either ends it.
func (c *conn) serve() {
	limits := c.port.in.limits
	if t, ok := c.Conn.(*net.TCPConn); ok {
		if c.kept == nil {
			_ = t.SetReadBuffer(kernelSize)
		}
		_ = t.SetKeepAlive(true)
	}
	print, err := "", error(nil)
	if c.port.transport.encrypted() {
		print, err = c.secure(limits.Slow)
	}
	g := c.port.choose(c.peer, print)
	if g == nil || err != nil {
		for _, g := range *c.port.gates.Load() {
			g.refused.Add(1)
		}
		return
	}
	c.mu.Lock()
	c.gate = g
	c.mu.Unlock()
	g.open.Add(1)
	defer g.open.Add(-1)
	if c.port.transport.acknowledged() {
		newSession(c).run()
		return
	}
	if c.kept != nil {
		c.streamKept()
		return
	}
	if c.port.kept && c.port.transport == TCP {
		g.loose.Add(1)
		defer g.loose.Add(-1)
	}
	c.stream()
}

// secure does the handshake and returns the fingerprint of the sender's certificate.
func (c *conn) secure(patience time.Duration) (print string, err error) {
	_ = c.SetDeadline(c.port.in.cfg.Now().Add(patience))
	tc, print, err := c.port.secure(c.Conn)
	if err != nil {
		return "", err
	}
	_ = c.SetDeadline(time.Time{})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Conn = tc
	return print, nil
}

// source is the one that the sender belongs to; nil before that is known.
func (c *conn) source() *gate {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gate
}

// end closes the connection from outside of what serves it.
func (c *conn) end() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Close()
}

// stream takes syslog without acknowledgement. It reads on only when what it read is
// durable.
func (c *conn) stream() {
	var f framer
	var begun time.Time
	buf := make([]byte, readSize)
	for {
		begun = c.patience(f.begun(), begun)
		n, err := c.Read(buf)
		f.push(buf[:n], c.collect)
		if err != nil {
			f.finish(c.collect)
		}
		if lost := c.flush(); lost != nil || err != nil {
			return
		}
	}
}

// patience sets until when the next bytes have to be there. A message that has begun
// has a limit of its own, which more bytes do not move.
func (c *conn) patience(inside bool, begun time.Time) time.Time {
	limits, now := c.port.in.limits, c.port.in.cfg.Now()
	deadline := now.Add(limits.Idle)
	if !inside {
		begun = time.Time{}
	} else {
		if begun.IsZero() {
			begun = now
		}
		deadline = begun.Add(limits.Slow)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.until.IsZero() {
		deadline = earlier(c.until, now.Add(quiet))
	}
	c.deadline = deadline
	_ = c.SetReadDeadline(deadline)
	return begun
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// drain tells the sender the end and lets come what is on its way.
func (c *conn) drain(until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.port.in.cfg.Now()
	if c.port.transport.acknowledged() {
		until = now // what is not acknowledged comes again
	}
	c.until = until
	_ = c.SetReadDeadline(earlier(until, now.Add(quiet)))
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok && !c.port.transport.acknowledged() {
		_ = half.CloseWrite()
	}
}

// collect takes a message into the lines that wait to be kept.
func (c *conn) collect(line []byte, whole int) {
	if len(line) == 0 {
		return
	}
	c.lines = append(c.lines, event.Line{Raw: c.hold(line, whole)})
}

// hold copies a message to where it stays until the lines are kept.
func (c *conn) hold(line []byte, whole int) []byte {
	start := len(c.arena)
	c.arena = append(c.arena, line...)
	raw := c.arena[start:len(c.arena):len(c.arena)]
	if whole > len(line) {
		c.gate.cut.Add(1)
		raw = marked(raw, whole)
	}
	return raw
}

// flush makes the lines that wait durable.
func (c *conn) flush() error {
	if len(c.lines) == 0 {
		return nil
	}
	lines := c.gate.pass(c.lines, c.port.in.cfg.Now(), c.peer)
	err := c.port.in.persist(c.gate, func(ctx context.Context) error { return c.gate.keep(ctx, lines) })
	c.lines, c.arena = c.lines[:0], c.arena[:0]
	if cap(c.arena) > 4*readSize {
		c.arena = nil
	}
	return err
}

// pass says of lines where they came from and when, and leaves out what is more than
// the source may send.
func (g *gate) pass(lines []event.Line, now time.Time, peer netip.Addr) []event.Line {
	n := g.rate.take(len(lines), now)
	if g.gone.Load() {
		n = 0
	}
	g.dropped.Add(int64(len(lines) - n))
	lines = lines[:n]
	from := ""
	if peer.IsValid() {
		from = peer.String()
	}
	for i := range lines {
		lines[i].Source, lines[i].Received, lines[i].Peer = g.id, now.UTC(), from
	}
	return lines
}

// isTimeout tells whether a read ended because its time was over.
func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
