// Package intake takes in what machines write down: syslog over UDP, TCP, TLS and
// RELP (plain or over TLS), files that are followed, and bodies that are posted. It hands lines to a
// Store and tells the sender nothing before the Store says that they are durable.
//
// What is guaranteed depends on how events travel:
//
//   - RELP, files and posts with a key are there exactly once, over SIGKILL and
//     power loss: the sender, or the file, still has what was not kept, and what is
//     offered a second time is recognised by keys that are kept with the lines.
//   - Posts without a key are there at least once.
//   - Plain syslog over TCP is there exactly once, over SIGKILL, where somebody keeps
//     its sockets (package keep): what is not durable stays in the kernel.
//   - Syslog over TLS, and over TCP where nobody keeps sockets, has no
//     acknowledgement. What the kernel took and nobody had read yet is lost by
//     SIGKILL; receive buffers are small so that this is little. A proper stop loses
//     nothing of senders that heed the end of the connection.
//   - UDP may lose anything; what is left out on this side is counted.
package intake

import (
	"bytes"
	"context"
	"net/netip"
	"strconv"
	"sync/atomic"
	"time"

	"holdfast/engine/event"
)

// A Store keeps the lines of one workspace. It does not hold on to their bytes after
// it has returned.
type Store interface {
	// Append keeps the lines in their order. When it returns nil they are durable,
	// all of them; after an error none is.
	Append(ctx context.Context, lines ...event.Line) error
	// AppendOnce keeps the lines together with a key. When the value is the one that
	// was kept last under its name, they are there already and nothing is done.
	AppendOnce(ctx context.Context, key Key, lines ...event.Line) error
	// KeyValue is the value that was kept last under a name.
	KeyValue(name string) (value string, known bool)
}

// A Key remembers, durable in the same instant as lines, what they were made of: how
// far a file is read, which post brought them. Neither text is longer than MaxKey.
type Key struct {
	Name  string
	Value string
}

// MaxKey is the longest name or value of a key, in bytes.
const MaxKey = 1 << 10

// Transport is how the events of a source arrive.
type Transport string

// The transports.
const (
	UDP    Transport = "syslog_udp"
	TCP    Transport = "syslog_tcp"
	TLS    Transport = "syslog_tls"
	RELP   Transport = "syslog_relp"
	RELPS  Transport = "syslog_relp_tls"
	HTTP   Transport = "http"
	File   Transport = "file"
	Trap   Transport = "trap"
	Import Transport = "import"
)

// usualAddress is where a transport listens when the source names no address.
var usualAddress = map[Transport]string{UDP: ":5514", TCP: ":5514", TLS: ":6514", RELP: ":2514", RELPS: ":2515"}

// encrypted tells whether senders speak TLS.
func (t Transport) encrypted() bool { return t == TLS || t == RELPS }

// acknowledged tells whether senders wait for an answer to each message.
func (t Transport) acknowledged() bool { return t == RELP || t == RELPS }

// Address is where the source listens or what it follows; empty for what is posted.
func (s Source) Address() string {
	if s.At == "" {
		return usualAddress[s.Transport]
	}
	return s.At
}

// A Source is where events come from.
type Source struct {
	ID          string
	Workspace   string
	Transport   Transport
	At          string   // address to listen on, or pattern of files to follow; empty: the usual one
	Token       string   // HashOf the secret with which a post proves itself; empty: nobody can
	Certificate string   // SHA-256 fingerprint that the certificate of a TLS sender must have, in hex; empty: any sender
	Senders     []string // networks from which events are taken; empty: any
	Rate        int      // lines a second; more is left out and counted; 0: no limit
}

// A State is what is known of a source since the start of the process.
type State struct {
	Lines    int64     // kept
	Dropped  int64     // left out: too many in a second, or UDP that nobody could read in time
	Cut      int64     // kept, but longer than event.MaxLine
	Repeated int64     // offered a second time and recognised
	LastSeen time.Time // zero: nothing yet
	Last     []byte    // the newest line
	Peer     string    // from where it came
	Open     int64     // connections, or files that are followed
	Refused  int64     // connections and posts that were not let in
	Trouble  string    // why it does not listen or follow; empty: nothing is wrong
	Kept     bool      // its connections outlive the process
	Loose    int64     // of those that are open, the ones that do not, because too many are kept
}

// A gate is a source with what it counts. It stays the same while the source is
// changed, so that the counts do.
type gate struct {
	id      string
	store   Store
	source  atomic.Pointer[Source]
	senders atomic.Pointer[[]netip.Prefix]
	gone    atomic.Bool // disabled or deleted: nothing more is taken
	outlive atomic.Bool // its connections outlive the process
	rate    limiter

	lines, dropped, cut, repeated, open, loose, refused atomic.Int64
	last                                                atomic.Pointer[event.Line]
	trouble                                             atomic.Pointer[string]
}

func (g *gate) state() State {
	s := State{Lines: g.lines.Load(), Dropped: g.dropped.Load(), Cut: g.cut.Load(), Repeated: g.repeated.Load(), Open: g.open.Load(), Refused: g.refused.Load(),
		Kept: g.outlive.Load(), Loose: g.loose.Load()}
	if l := g.last.Load(); l != nil {
		s.LastSeen, s.Last, s.Peer = l.Received, l.Raw, l.Peer
	}
	if t := g.trouble.Load(); t != nil {
		s.Trouble = *t
	}
	return s
}

// complain notes why the source does not work; an empty text: it does.
func (g *gate) complain(text string) { g.trouble.Store(&text) }

// keep makes the lines durable.
func (g *gate) keep(ctx context.Context, lines []event.Line) error {
	for part := range parts(lines) {
		if err := g.store.Append(ctx, part...); err != nil {
			return err
		}
	}
	g.kept(lines)
	return nil
}

// keepOnce makes the lines durable together with a key.
func (g *gate) keepOnce(ctx context.Context, key Key, lines []event.Line) error {
	if err := g.store.AppendOnce(ctx, key, lines...); err != nil {
		return err
	}
	g.kept(lines)
	return nil
}

// kept counts lines that are durable.
func (g *gate) kept(lines []event.Line) {
	if len(lines) == 0 {
		return
	}
	g.lines.Add(int64(len(lines)))
	last := lines[len(lines)-1]
	last.Raw = bytes.Clone(last.Raw[:min(len(last.Raw), maxShown)])
	g.last.Store(&last)
}

// maxShown is how much of the newest line of a source is remembered to be shown.
const maxShown = 16 << 10

// The most that is appended at once.
const (
	maxPart      = 4 << 20
	maxPartLines = 8192
)

// parts divides lines so that no part is too large for the store.
func parts(lines []event.Line) func(yield func([]event.Line) bool) {
	return func(yield func([]event.Line) bool) {
		size, start := 0, 0
		for i, l := range lines {
			if i > start && (size+len(l.Raw) > maxPart || i-start == maxPartLines) {
				if !yield(lines[start:i]) {
					return
				}
				size, start = 0, i
			}
			size += len(l.Raw)
		}
		if len(lines) > start {
			yield(lines[start:])
		}
	}
}

// room is how much of a line is kept when it is too long; the mark needs the rest.
const room = event.MaxLine - 64

// marked is a line that was cut, with what says so. Others stay as they are.
func marked(line []byte, whole int) []byte {
	if whole <= len(line) && len(line) <= event.MaxLine {
		return line
	}
	line = line[:min(len(line), room):min(len(line), room)]
	return append(line, " [cut here: "+strconv.Itoa(whole)+" bytes arrived]"...)
}

// admits tells whether the source takes events from the address.
func (g *gate) admits(peer netip.Addr) bool { return g.closeness(peer) >= 0 }

// closeness is the length of the narrowest network of the source that holds the
// address; 0 when it takes any, -1 when it does not take this one.
func (g *gate) closeness(peer netip.Addr) int {
	if g.gone.Load() {
		return -1
	}
	nets := *g.senders.Load()
	if len(nets) == 0 && len(g.source.Load().Senders) == 0 {
		return 0
	}
	best := -1
	for _, n := range nets {
		if n.Contains(peer.Unmap().WithZone("")) {
			best = max(best, n.Bits())
		}
	}
	return best
}

// networks reads networks and addresses, and returns what is neither.
func networks(list []string) (nets []netip.Prefix, bad []string) {
	for _, text := range list {
		if p, err := netip.ParsePrefix(text); err == nil {
			nets = append(nets, p.Masked())
		} else if a, err := netip.ParseAddr(text); err == nil {
			a = a.Unmap()
			nets = append(nets, netip.PrefixFrom(a, a.BitLen()))
		} else {
			bad = append(bad, text)
		}
	}
	return nets, bad
}
