//go:build linux

package intake

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"holdfast/engine/event"
)

// pair is a connection, our end of it as it is kept.
func pair(t *testing.T) (peer *net.TCPConn, k *keptConn, ours net.Conn) {
	t.Helper()
	config := listening(true)
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if ours, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	if k, _, err = newKept(ours); err != nil {
		t.Fatal(err)
	}
	k.buf = make([]byte, leastWindow)
	t.Cleanup(func() { _, _ = c.Close(), ours.Close() })
	return c.(*net.TCPConn), k, ours
}

func TestWhatWasTakenFromTheKernelIsKnownHoweverTheConnectionEnds(t *testing.T) {
	for name, end := range map[string]func(c *net.TCPConn) error{
		"it goes on":             func(*net.TCPConn) error { return nil },
		"the peer is done":       (*net.TCPConn).CloseWrite,
		"the peer is gone":       (*net.TCPConn).Close,
		"the connection is torn": func(c *net.TCPConn) error { return errors.Join(c.SetLinger(0), c.Close()) },
	} {
		for _, read := range []int{0, 4, 10} {
			c, k, ours := pair(t)
			if _, err := c.Write([]byte("0123456789")); err != nil {
				t.Fatal(err)
			}
			if err := k.look(); err != nil || k.have != 10 {
				t.Fatalf("%s: looked at %d bytes: %v", name, k.have, err)
			}
			if err := k.take(make([]byte, read), unix.MSG_TRUNC); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := end(c); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
			if got, err := k.taken(); err != nil || got != uint64(read) {
				t.Errorf("%s: %d bytes were taken, it says %d, %v", name, read, got, err)
			}
			if name == "the peer is done" { // and so are we
				if err := ours.(*net.TCPConn).CloseWrite(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Millisecond)
				if got, err := k.taken(); err != nil || got != uint64(read) {
					t.Errorf("both are done: %d bytes were taken, it says %d, %v", read, got, err)
				}
			}
		}
	}
}

// served is an intake that serves our end of a connection as it is kept.
func served(t *testing.T, k *keptConn, ours net.Conn) (w *world, over chan struct{}) {
	t.Helper()
	w = newWorld(t, nil)
	w.in.Use([]Source{{ID: "s", Transport: TCP, At: "127.0.0.1:0"}})
	p := w.in.ports["syslog_tcp 127.0.0.1:0"]
	c := &conn{Conn: ours, port: p, gate: (*p.gates.Load())[0], kept: k, over: make(chan struct{})}
	over = make(chan struct{})
	go func() { defer close(over); c.streamKept() }()
	return w, over
}

func TestAnUrgentByteStandsInItsPlace(t *testing.T) {
	peer, k, ours := pair(t)
	w, over := served(t, k, ours)
	w.say(peer, "<13>zero\n<13>o")
	raw, err := peer.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = unix.Send(int(fd), []byte("n"), unix.MSG_OOB) }); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	w.say(peer, "e\n<13>two\n")
	w.wants("<13>zero", "<13>one", "<13>two")
	_ = peer.Close()
	<-over
	if got, err := k.taken(); err != nil || got != k.at {
		t.Errorf("%d bytes are durable, it says %d were taken, %v", k.at, got, err)
	}
}

// resumed is a connection of which 10 bytes are there and so many were taken, as the next
// process finds it.
func resumed(t *testing.T, w *world, taken int, was func(k *keptConn) string) *conn {
	t.Helper()
	peer, k, ours := pair(t)
	if _, err := peer.Write([]byte("0123456789")); err != nil {
		t.Fatal(err)
	}
	if err := k.look(); err != nil {
		t.Fatal(err)
	}
	if err := k.take(make([]byte, taken), unix.MSG_TRUNC); err != nil {
		t.Fatal(err)
	}
	k.have = 0
	p := w.in.ports["syslog_tcp 127.0.0.1:0"]
	if value := was(k); value != "" {
		if err := w.store.AppendOnce(t.Context(), Key{reachKey(p.place, 0), value}); err != nil {
			t.Fatal(err)
		}
	}
	return &conn{Conn: ours, port: p, gate: (*p.gates.Load())[0], kept: k}
}

func TestTheNextProcessGoesOnWhereTheConnectionIsDurable(t *testing.T) {
	w := newWorld(t, nil)
	w.in.Use([]Source{{ID: "s", Transport: TCP, At: "127.0.0.1:0"}})
	reached := func(at uint64, f framing) func(*keptConn) string {
		return func(k *keptConn) string { return reach{k.id, at, f}.value() }
	}
	for name, c := range map[string]struct {
		taken int
		was   func(*keptConn) string
		at    uint64
		next  string
		left  framing
	}{
		"killed before anything was kept":      {0, func(*keptConn) string { return "" }, 0, "0123456789", framing{}},
		"killed after it was taken":            {4, reached(4, framing{}), 4, "456789", framing{}},
		"killed before it was taken":           {0, reached(4, framing{trailer: '\n', settled: true}), 4, "456789", framing{trailer: '\n', settled: true}},
		"killed while it was taken":            {2, reached(7, framing{skip: 2}), 7, "789", framing{skip: 2}},
		"a message was in memory":              {6, reached(2, framing{skip: 7}), 6, "6789", framing{skip: 3}},
		"the end of it was in memory too":      {6, reached(2, framing{skip: 3}), 6, "6789", framing{}},
		"a line without end was in memory":     {6, reached(2, framing{through: true}), 6, "6789", framing{through: true}},
		"the key is of another connection":     {3, func(*keptConn) string { return reach{"boot/1/peer", 9, framing{}}.value() }, 3, "3456789", framing{}},
		"the key is none":                      {3, func(k *keptConn) string { return k.id + " -4 0,false" }, 3, "3456789", framing{}},
		"the key was forgotten, nothing taken": {0, func(*keptConn) string { return "nonsense" }, 0, "0123456789", framing{}},
	} {
		conn := resumed(t, w, c.taken, c.was)
		k := conn.kept
		if err := conn.resume(); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := k.look(); err != nil {
			t.Fatal(err)
		}
		if k.at != c.at || string(k.buf[:k.have]) != c.next || k.framer.framing != c.left {
			t.Errorf("%s: goes on at %d with %q and %s, want %d, %q, %s", name, k.at, k.buf[:k.have], k.framer.framing, c.at, c.next, c.left)
		}
	}
}

func TestAMessageThatTheKernelCannotHoldIsTakenIntoMemory(t *testing.T) {
	peer, k, ours := pair(t)
	if err := ours.(*net.TCPConn).SetReadBuffer(8 << 10); err != nil {
		t.Fatal(err)
	}
	w, over := served(t, k, ours)
	long := "<13>" + strings.Repeat("x", 80<<10)
	w.say(peer, "<13>one\n"+long+"\n<13>two\n")
	_ = peer.CloseWrite()
	w.wants("<13>one", long, "<13>two")
	<-over
	if st, _ := w.in.State("s"); !strings.Contains(st.Trouble, "tcp_rmem") {
		t.Errorf("it does not say what to do: %q", st.Trouble)
	}
}

func TestNamesAndKeysOfConnectionsAreReadBackAndNothingElseIs(t *testing.T) {
	const place = "syslog_tcp [::1%eth0]:5514"
	if strings.Contains(connName(place, 7, 0xabc), ":") {
		t.Error("the protocol cannot carry the name")
	}
	if got, slot, cookie, ok := readConnName(connName(place, 7, 0xabc)); !ok || got != place || slot != 7 || cookie != 0xabc {
		t.Errorf("%q %d %x %t", got, slot, cookie, ok)
	}
	for _, bad := range []string{"", "intake/", "web", portName(place), "intake/a/b/c", "intake/a/-1/2", "intake/%zz/1/2", "intake/a/1/2/3", "intake/a/99999999999999999999/1"} {
		if _, _, _, ok := readConnName(bad); ok {
			t.Errorf("%q was taken for a connection", bad)
		}
	}
}

func FuzzReach(f *testing.F) {
	f.Add(reach{"boot/1/peer", 12, framing{skip: 3, settled: true}}.value())
	f.Add("a 1 2,true,10")
	f.Fuzz(func(t *testing.T, text string) {
		r, ok := readReach(text)
		if !ok {
			return
		}
		if r.framer.skip < 0 {
			t.Fatalf("%q skips %d bytes", text, r.framer.skip)
		}
		if again, ok := readReach(r.value()); !ok || again != r {
			t.Fatalf("%q became %q", text, r.value())
		}
	})
}

func FuzzSplitting(f *testing.F) {
	f.Add([]byte("7 <13>one\n<13>two\x00<13>th"), 3)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		want, _ := frames(string(data))
		var got []string
		var fr framer
		collect := func(line []byte, _ int) {
			if len(line) > 0 {
				got = append(got, string(line))
			}
		}
		at, step := 0, 1+abs(size)%64
		for end := 0; end < len(data); {
			end = min(end+step, len(data))
			at += fr.split(data[at:end], event.MaxLine, collect)
			resumed := framer{framing: fr.framing, seen: fr.seen} // all that a kill leaves, but for what was seen
			fr = resumed
		}
		if at < len(data) {
			last(data[at:], collect)
		}
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("looked at in pieces: %q, read: %q", got, want)
		}
	})
}
