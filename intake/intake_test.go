package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/engine/event"
)

func frames(chunks ...string) (lines []string, wholes []int) {
	var f framer
	emit := func(line []byte, whole int) {
		if len(line) > 0 {
			lines, wholes = append(lines, string(line)), append(wholes, whole)
		}
	}
	for _, c := range chunks {
		f.push([]byte(c), emit)
	}
	f.finish(emit)
	return lines, wholes
}

func TestEachWayOfFramingSyslogIsRecognised(t *testing.T) {
	for name, c := range map[string]struct {
		in   []string
		want []string
	}{
		"line feeds":                   {[]string{"<13>one\n<13>two\n"}, []string{"<13>one", "<13>two"}},
		"CR LF":                        {[]string{"<13>one\r\n<13>two\r\n"}, []string{"<13>one", "<13>two"}},
		"NUL, with lines inside":       {[]string{"<13>one\x00<13>two\nmore\x00"}, []string{"<13>one", "<13>two\nmore"}},
		"counted":                      {[]string{"7 <13>one9 <13>two\nx"}, []string{"<13>one", "<13>two\nx"}},
		"counted, with a line feed":    {[]string{"7 <13>one\n7 <13>two\n"}, []string{"<13>one", "<13>two"}},
		"mixed":                        {[]string{"7 <13>one<13>two\n7 <13>six"}, []string{"<13>one", "<13>two", "<13>six"}},
		"a number is no count":         {[]string{"12 apples\n2026-01-01 x\n"}, []string{"12 apples", "2026-01-01 x"}},
		"a count across pieces":        {[]string{"1", "0", " ", "<", "13>onetwo"}, []string{"<13>onetwo"}},
		"the last has no end":          {[]string{"<13>one\n<13>tw"}, []string{"<13>one", "<13>tw"}},
		"a count that promises more":   {[]string{"90 <13>one"}, []string{"<13>one"}},
		"too many digits are no count": {[]string{"9999999999 <13>x\n"}, []string{"9999999999 <13>x"}},
		"nothing":                      {[]string{"\n\n\x00\r\n"}, nil},
	} {
		if got, _ := frames(c.in...); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestALineThatIsTooLongIsCutAndTheNextIsWhole(t *testing.T) {
	long := "<13>" + strings.Repeat("x", event.MaxLine+100)
	for name, in := range map[string]string{
		"lines":   long + "\n<13>next\n",
		"counted": fmt.Sprintf("%d %s8 <13>next", len(long), long),
	} {
		var chunks []string
		for c := range slices.Chunk([]byte(in), 7000) {
			chunks = append(chunks, string(c))
		}
		for _, pieces := range [][]string{{in}, chunks} {
			got, wholes := frames(pieces...)
			if len(got) != 2 || len(got[0]) != room || wholes[0] != len(long) || got[1] != "<13>next" {
				t.Errorf("%s: %d messages, the first %d of %d bytes, the last %q", name, len(got), len(got[0]), wholes[0], got[len(got)-1])
			}
			if m := marked([]byte(got[0]), wholes[0]); len(m) > event.MaxLine || !bytes.HasSuffix(m, []byte(" [cut here: 1048680 bytes arrived]")) {
				t.Errorf("%s: it does not say that it was cut: %q", name, m[len(m)-60:])
			}
		}
	}
}

func FuzzFraming(f *testing.F) {
	f.Add([]byte("7 <13>one\n<13>two\x00"), 3)
	f.Add([]byte("1 1048577 <13>"), 1)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		want, _ := frames(string(data))
		var chunks []string
		for c := range slices.Chunk(data, 1+abs(size)%64) {
			chunks = append(chunks, string(c))
		}
		if got, _ := frames(chunks...); !slices.Equal(got, want) {
			t.Errorf("in pieces: %q, at once: %q", got, want)
		}
	})
}

func abs(n int) int { return max(n, -(n + 1)) }

func relpFrames(chunks ...string) (list []string, err error) {
	var r relpReader
	for _, c := range chunks {
		if err = r.push([]byte(c), func(f relpFrame) error {
			list = append(list, fmt.Sprintf("%d %s %q %d", f.number, f.command, f.data, f.whole))
			return nil
		}); err != nil {
			break
		}
	}
	return list, err
}

func TestFramesOfRELPAreRead(t *testing.T) {
	const in = "1 open 5 hello\n2 syslog 7 <13>o\nx\n3 syslog 0\n4 close 0 \n"
	want := []string{`1 open "hello" 5`, `2 syslog "<13>o\nx" 7`, `3 syslog "" 0`, `4 close "" 0`}
	if got, err := relpFrames(in); err != nil || !slices.Equal(got, want) {
		t.Errorf("%q %v", got, err)
	}
	for _, bad := range []string{"x open 1 a\n", "1 open 1 ab\n", "1 open 1\n", strings.Repeat("1", 40), "1 " + strings.Repeat("c", 60), "-1 a 0\n", "1 " + strings.Repeat("c", 33) + " 0\n", "\x16\x03\x01\x02\x00 a b"} {
		if got, err := relpFrames(bad); !errors.Is(err, errRELP) || len(got) > 0 {
			t.Errorf("%q was taken: %q %v", bad, got, err)
		}
	}
}

func FuzzRELP(f *testing.F) {
	f.Add([]byte("1 open 5 hello\n2 syslog 3 abc\n3 close 0\n"), 2)
	f.Add([]byte("1 "+strings.Repeat("c", 35)+" "), 30) // a command that is too long, seen whole and in pieces
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		want, bad := relpFrames(string(data))
		var chunks []string
		for c := range slices.Chunk(data, 1+abs(size)%64) {
			chunks = append(chunks, string(c))
		}
		got, err := relpFrames(chunks...)
		if !slices.Equal(got, want) || (err == nil) != (bad == nil) && len(data) < 40 && err != nil {
			t.Errorf("in pieces: %q %v, at once: %q %v", got, err, want, bad)
		}
	})
}

func FuzzUnpack(f *testing.F) {
	for _, s := range []string{"a\nb\n", "\x1f\x8b", "\x28\xb5\x2f\xfd\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Unpack(bytes.NewReader(data), 1<<16)
		if err != nil {
			return
		}
		if n, _ := io.Copy(io.Discard, r); n > 1<<16 {
			t.Errorf("%d bytes came out", n)
		}
	})
}

func TestABombIsNotUnpacked(t *testing.T) {
	r, err := Unpack(io.LimitReader(zeros{}, 1<<30), 1<<16)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, r); !errors.Is(err, ErrTooLarge) || n > 1<<16 {
		t.Errorf("%d bytes came out: %v", n, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestLinesAreKeptWithWhereTheyCameFrom(t *testing.T) {
	w := newWorld(t, nil)
	w.in.Use([]Source{{ID: "fw", Transport: TCP, At: "127.0.0.1:0"}})
	c := w.dial("fw")
	w.say(c, "<13>one\n<13>two\n<13>thr")
	w.wants("<13>one", "<13>two")
	w.say(c, "ee\n")
	w.wants("<13>one", "<13>two", "<13>three")
	st, ok := w.in.State("fw")
	if !ok || st.Lines != 3 || st.Peer != "127.0.0.1" || string(st.Last) != "<13>three" || st.LastSeen.IsZero() || st.Open != 1 {
		t.Errorf("%+v", st)
	}
}

func TestNothingIsReadWhileNothingCanBeKept(t *testing.T) {
	w := newWorld(t, nil)
	w.in.Use([]Source{{ID: "fw", Transport: TCP, At: "127.0.0.1:0"}})
	w.store.refuse(errors.New("the disk is full"))
	c := w.dial("fw")
	w.say(c, "<13>one\n")
	w.eventually(func() bool { st, _ := w.in.State("fw"); return strings.Contains(st.Trouble, "the disk is full") })
	go func() { _, _ = c.Write([]byte(strings.Repeat("<13>more\n", 1<<20))) }()
	time.Sleep(50 * time.Millisecond)
	if n := len(w.store.lines()); n > 0 {
		t.Fatalf("%d lines are said to be kept", n)
	}
	w.store.refuse(nil)
	w.eventually(func() bool { return len(w.store.lines()) == 1+1<<20 })
}

func TestAProperStopLosesNothingOfASenderThatHeedsIt(t *testing.T) {
	w := newWorld(t, nil)
	w.in.Use([]Source{{ID: "fw", Transport: TCP, At: "127.0.0.1:0"}})
	c := w.dial("fw")
	sent := 0
	over := make(chan struct{})
	go func() { // as rsyslog does: look for the end before each message
		defer close(over)
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		ended := make(chan struct{})
		go func() {
			_, _ = c.Read(make([]byte, 1))
			close(ended)
		}()
		for {
			select {
			case <-ended:
				_ = c.Close()
				return
			default:
			}
			if _, err := fmt.Fprintf(c, "<13>message %d\n", sent); err != nil {
				t.Error(err)
				return
			}
			sent++
		}
	}()
	w.eventually(func() bool { return len(w.store.lines()) > 1000 })
	w.in.Close()
	<-over
	if got := len(w.store.lines()); got != sent {
		t.Errorf("%d of %d messages are there", got, sent)
	}
}

func TestOnlyListedNetworksAreHeard(t *testing.T) {
	w := newWorld(t, nil)
	w.in.Use([]Source{{ID: "fw", Transport: TCP, At: "127.0.0.1:0", Senders: []string{"10.0.0.0/8", "nonsense"}}})
	c := w.dial("fw")
	_, _ = c.Write([]byte("<13>intruder\n"))
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection was let in")
	}
	st, _ := w.in.State("fw")
	if st.Refused != 1 || st.Lines != 0 || !strings.Contains(st.Trouble, "nonsense") {
		t.Errorf("%+v", st)
	}
	// Nothing but nonsense is nobody, not anybody.
	w.in.Use([]Source{{ID: "fw", Transport: TCP, At: "127.0.0.1:0", Senders: []string{"web-1"}}})
	if _, err := w.dial("fw").Read(make([]byte, 1)); err == nil {
		t.Error("senders that cannot be read let anybody in")
	}
}

func TestASenderBelongsToTheSourceWithTheNarrowestNetwork(t *testing.T) {
	p := &port{}
	var gates []*gate
	for id, nets := range map[string][]string{"any": nil, "wide": {"10.0.0.0/8"}, "narrow": {"10.1.0.0/16"}, "other": {"192.0.2.0/24"}} {
		g := &gate{id: id}
		list, _ := networks(nets)
		g.senders.Store(&list)
		g.source.Store(&Source{Senders: nets})
		gates = append(gates, g)
	}
	p.gates.Store(&gates)
	for addr, want := range map[string]string{"10.1.2.3": "narrow", "10.2.2.3": "wide", "198.51.100.1": "any", "::ffff:10.1.2.3": "narrow", "192.0.2.9": "other"} {
		if g := p.choose(netip.MustParseAddr(addr), ""); g == nil || g.id != want {
			t.Errorf("%s belongs to %v, want %s", addr, g, want)
		}
	}
}

func TestASourceThatIsGoneIsNotHeardAnyMore(t *testing.T) {
	w := newWorld(t, nil)
	src := Source{ID: "fw", Transport: TCP, At: "127.0.0.1:0"}
	w.in.Use([]Source{src, {ID: "other", Transport: TCP, At: "127.0.0.1:0"}})
	c := w.dial("fw")
	w.say(c, "<13>one\n")
	w.wants("<13>one")
	w.in.Use(nil)
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := c.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("the connection is still open: %v", err)
	}
	if _, ok := w.in.State("fw"); ok {
		t.Error("it still counts")
	}
}

func TestMoreThanTheLimitIsCountedAndLeftOut(t *testing.T) {
	w := newWorld(t, nil)
	w.in.Use([]Source{{ID: "fw", Transport: TCP, At: "127.0.0.1:0", Rate: 10}})
	w.say(w.dial("fw"), strings.Repeat("<13>x\n", 100))
	w.eventually(func() bool { st, _ := w.in.State("fw"); return st.Lines+st.Dropped == 100 })
	if st, _ := w.in.State("fw"); st.Lines < 10 || st.Lines > 20 {
		t.Errorf("%+v", st)
	}
}

func TestTooManyConnectionsAndSlowSendersAreEnded(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Limits.PerSender, c.Limits.Slow = 2, 200*time.Millisecond })
	w.in.Use([]Source{{ID: "fw", Transport: TCP, At: "127.0.0.1:0"}})
	a, _ := w.dial("fw"), w.dial("fw")
	w.eventually(func() bool { st, _ := w.in.State("fw"); return st.Open == 2 })
	if _, err := w.dial("fw").Read(make([]byte, 1)); err == nil {
		t.Error("a third connection was let in")
	}
	begun := time.Now()
	for range 100 { // one byte at a time, and never an end
		if _, err := a.Write([]byte("x")); err != nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if took := time.Since(begun); took > 1500*time.Millisecond {
		t.Errorf("a slow sender was heard for %s", took)
	}
}

func TestDatagramsAreKeptAndWhatIsLeftOutIsCounted(t *testing.T) {
	w := newWorld(t, nil)
	w.in.Use([]Source{{ID: "fw", Transport: UDP, At: "127.0.0.1:0"}})
	c, err := net.Dial("udp", w.in.Listens("fw"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		w.say(c, fmt.Sprintf("<13>packet %d\n", i))
	}
	w.eventually(func() bool { return len(w.store.lines()) == 50 })
	w.store.refuse(errors.New("the disk is full"))
	for range packetQueue + 5*packetBatch {
		w.say(c, "<13>flood")
	}
	w.eventually(func() bool { st, _ := w.in.State("fw"); return st.Dropped > 0 })
	w.store.refuse(nil)
	w.eventually(func() bool {
		st, _ := w.in.State("fw")
		return st.Lines > 50+packetBatch
	})
}
