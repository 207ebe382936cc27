package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"holdfast/engine/event"

	"golang.org/x/sys/unix"
)

// The window is what is seen of a connection before it is taken from the kernel. It
// holds the longest message with its count.
const (
	leastWindow = 64 << 10
	mostWindow  = event.MaxLine + 4<<10
)

// kernelRoom is how much the kernel is asked to hold of a connection: the longest
// message, and as much again, because the beginning of a message keeps the whole packet
// that it came with.
const kernelRoom = 2 * mostWindow

// stalled is how long the rest of a message may take until it is seen whether the kernel
// has no room for it.
const stalled = time.Second

// A keptConn is a connection of plain syslog that outlives the process. What it brings
// is looked at and stays in the kernel until it is durable; how far it is durable is
// remembered with it. A process that is killed leaves in the kernel what it has not
// kept, and the next one goes on there.
type keptConn struct {
	raw   syscall.RawConn
	name  string // in the store of sockets
	slot  int
	id    string // boot, cookie and peer: no other connection has it
	given bool   // by the last process
	leave bool   // for the next process

	at     uint64 // bytes from the beginning of the connection that are durable
	framer framer
	buf    []byte // what follows them
	have   int    // bytes in it
	held   int    // of those, taken from the kernel, which has no room for the message
}

// bootID tells one start of the system from another.
var bootID = sync.OnceValue(func() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "unknown"
	}
	return string(bytes.TrimSpace(id))
})

// newKept looks at a connection as one that can be kept.
func newKept(nc net.Conn) (k *keptConn, cookie uint64, err error) {
	c, ok := nc.(*net.TCPConn)
	if !ok {
		return nil, 0, errors.New("it is no TCP connection")
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, 0, err
	}
	failed := raw.Control(func(fd uintptr) { cookie, err = unix.GetsockoptUint64(int(fd), unix.SOL_SOCKET, unix.SO_COOKIE) })
	if err = errors.Join(failed, err); err != nil {
		return nil, 0, err
	}
	id := fmt.Sprintf("%s/%x/%s", bootID(), cookie, strings.ReplaceAll(nc.RemoteAddr().String(), " ", "_"))
	return &keptConn{raw: raw, id: id}, cookie, nil
}

// keep hands a connection of plain syslog to whoever keeps sockets. Where that fails it
// ends with the process, as it would without.
func (p *port) keep(c *conn) {
	if p.transport != TCP || !p.in.cfg.Keep.Able() {
		return
	}
	k, cookie, err := newKept(c.Conn)
	if err != nil {
		return
	}
	if k.slot = p.freeSlot(-1); k.slot < 0 {
		return
	}
	k.name = connName(p.place, k.slot, cookie)
	if p.in.cfg.Keep.Keep(k.name, c.Conn.(syscall.Conn)) != nil {
		p.leaveSlot(k.slot)
		return
	}
	c.kept = k
}

// resume takes over the connections of the place that the last process left.
func (p *port) resume() []*conn {
	var list []*conn
	for _, name := range p.in.cfg.Keep.Given() {
		if place, slot, cookie, ok := readConnName(name); ok && place == p.place {
			if c := p.resumeOne(name, slot, cookie); c != nil {
				list = append(list, c)
			} else {
				p.in.cfg.Keep.Drop(name)
			}
		}
	}
	return list
}

// resumeOne takes over one connection; nil when it is not what its name says, or nobody
// takes anything from its sender any more.
func (p *port) resumeOne(name string, slot int, cookie uint64) *conn {
	f := p.in.cfg.Keep.Take(name)
	if f == nil || p.transport != TCP {
		return nil
	}
	nc, err := net.FileConn(f)
	_ = f.Close()
	if err != nil {
		return nil
	}
	k, real, err := newKept(nc)
	if err != nil || real != cookie || p.freeSlot(slot) != slot {
		_ = nc.Close()
		return nil
	}
	k.slot, k.name, k.given = slot, name, true
	c, ok := p.admit(nc)
	if !ok {
		p.leaveSlot(slot)
		_ = nc.Close()
		return nil
	}
	c.kept = k
	return c
}

// streamKept takes syslog without acknowledgement, so that nothing is lost or doubled
// when the process is killed at any instant.
func (c *conn) streamKept() {
	k := c.kept
	k.buf = make([]byte, leastWindow)
	k.askForRoom()
	if k.given && c.resume() != nil {
		return
	}
	var begun time.Time
	seen := 0 // of the window, that the kernel has room for
	for {
		begun = c.patience(k.have > 0 || k.framer.begun(), begun)
		trial := k.have > max(k.held, seen) && c.hurry()
		err := k.look()
		if trial && isTimeout(err) {
			if seen = k.have; c.makeRoom() != nil {
				return
			}
			continue
		}
		seen = 0
		if c.keepWindow() != nil {
			return
		}
		if err != nil {
			if k.have > 0 {
				last(k.buf[:k.have], c.collectKept)
				_ = c.keepUpTo(k.have)
			}
			return
		}
		if k.held > 0 && k.takeIn() != nil {
			return
		}
		k.fit()
		c.pause()
	}
}

// resume finds where the connection is durable up to, and takes what was kept and not
// yet taken from the kernel when the last process was killed.
func (c *conn) resume() error {
	k := c.kept
	taken, err := k.taken()
	if err != nil {
		return err
	}
	r := reach{at: taken}
	if value, known := c.gate.store.KeyValue(reachKey(c.port.place, k.slot)); known {
		if was, ok := readReach(value); ok && was.conn == k.id {
			r = was
		}
	}
	if r.at < taken { // of a message that was too large for the kernel
		r.framer.skip = max(0, r.framer.skip-int(taken-r.at))
		r.at = taken
	}
	k.at, k.framer.framing = r.at, r.framer
	for rest := int(r.at - taken); rest > 0; {
		n := min(rest, len(k.buf))
		if err := k.discard(n); err != nil {
			return err
		}
		rest -= n
	}
	return nil
}

// hurry lets the next look end soon, and tells whether it would have waited longer.
func (c *conn) hurry() bool {
	soon := c.port.in.cfg.Now().Add(stalled)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.until.IsZero() || !soon.Before(c.deadline) {
		return false
	}
	_ = c.SetReadDeadline(soon)
	return true
}

// keepWindow makes the messages in the window durable and takes them from the kernel.
func (c *conn) keepWindow() error {
	k := c.kept
	for k.have > 0 {
		used := k.framer.split(k.buf[:k.have], maxPartLines, c.collectKept)
		if used == 0 {
			return nil
		}
		if err := c.keepUpTo(used); err != nil {
			return err
		}
	}
	return nil
}

// collectKept takes a message into the lines that wait to be kept. It stays in the
// window until then.
func (c *conn) collectKept(line []byte, whole int) {
	if len(line) == 0 {
		return
	}
	if whole > len(line) {
		c.gate.cut.Add(1)
		line = marked(line, whole)
	}
	c.lines = append(c.lines, event.Line{Raw: line})
}

// keepUpTo makes the lines that wait durable, in one write with how far the connection
// is durable then, and takes so many bytes from the kernel.
func (c *conn) keepUpTo(used int) error {
	k := c.kept
	lines := c.gate.pass(c.lines, c.port.in.cfg.Now(), c.peer)
	if err := c.remember(reach{k.id, k.at + uint64(used), k.framer.framing}, lines); err != nil {
		return err
	}
	c.lines = c.lines[:0]
	k.at += uint64(used)
	fresh := used - min(used, k.held)
	k.held -= used - fresh
	copy(k.buf, k.buf[used:k.have])
	k.have -= used
	return k.discard(fresh)
}

// remember makes lines and a reach durable together.
func (c *conn) remember(r reach, lines []event.Line) error {
	key := Key{reachKey(c.port.place, c.kept.slot), r.value()}
	err := c.port.in.persist(c.gate, func(ctx context.Context) error { return c.gate.keepOnce(ctx, key, lines) })
	c.kept.leave = err != nil // the next process has it to do
	return err
}

// makeRoom takes what has come of a message into memory, when the rest would not be seen
// otherwise: most likely the buffer of the kernel is too small for the message. A kill loses that message,
// and only that: it is remembered to leave it out.
func (c *conn) makeRoom() error {
	k := c.kept
	full, urgent := k.tight()
	if !full && !urgent {
		return nil
	}
	next := k.framer.framing
	if n, head, _ := counted(k.buf[:k.have]); head > 0 {
		next.skip = head + n
	} else {
		next.through = true
	}
	if err := c.remember(reach{k.id, k.at, next}, nil); err != nil {
		return err
	}
	if full {
		c.gate.complain("a message of more than " + fmt.Sprint(k.have) + " bytes does not fit into the buffer of the kernel, and would be lost if Holdfast were killed now: raise the last figure of the setting net.ipv4.tcp_rmem to 6291456")
	}
	return k.takeIn()
}

// takeIn takes what the window shows of a message into memory.
func (k *keptConn) takeIn() error {
	err := k.take(k.buf[k.held:k.have], 0)
	k.held = k.have
	return err
}

// pause waits a little when a long message comes in small pieces: each look copies all
// of it again.
func (c *conn) pause() {
	if k := c.kept; k.have-k.held >= leastWindow {
		select {
		case <-time.After(time.Duration(k.have/leastWindow) * 5 * time.Millisecond):
		case <-c.port.in.ctx.Done():
		}
	}
}
