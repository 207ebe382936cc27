package intake

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// A relpSender is a sender with a window: it sends, and remembers what was not
// acknowledged.
type relpSender struct {
	*world
	conn   net.Conn
	in     *bufio.Reader
	number int
}

func (w *world) relp() *relpSender {
	w.Helper()
	s := &relpSender{world: w, conn: w.dial("r")}
	s.in = bufio.NewReader(s.conn)
	s.frame("open", "relp_version=0\ncommands=syslog")
	if a := s.answer(); !strings.Contains(a, "200 OK") {
		w.Fatalf("the session was not opened: %q", a)
	}
	return s
}

func (s *relpSender) frame(command, data string) {
	s.Helper()
	s.number++
	s.say(s.conn, string(relpAnswer(nil, s.number, command, data)))
}

func (s *relpSender) send(lines ...string) {
	s.Helper()
	for _, l := range lines {
		s.frame("syslog", l)
	}
}

func (s *relpSender) answer() string {
	s.Helper()
	_ = s.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	var number, size int
	var command string
	if _, err := fmt.Fscan(s.in, &number, &command, &size); err != nil {
		s.Fatal(err)
	}
	if size > 0 {
		size++ // the space before the data
	}
	buf := make([]byte, size+1)
	for i := range buf {
		buf[i], _ = s.in.ReadByte()
	}
	return fmt.Sprintf("%d %s%s", number, command, strings.TrimRight(string(buf), "\n"))
}

func (s *relpSender) acked(numbers ...int) {
	s.Helper()
	for _, n := range numbers {
		if got := s.answer(); got != fmt.Sprintf("%d rsp 200 OK", n) {
			s.Fatalf("answered %q, want the acknowledgement of %d", got, n)
		}
	}
}

var relpSource = Source{ID: "r", Transport: RELP, At: "127.0.0.1:0"}

func newRELP(t *testing.T) *world {
	w := newWorld(t, nil)
	w.in.Use([]Source{relpSource})
	return w
}

func TestRELPAcknowledgesOnlyWhatIsDurable(t *testing.T) {
	w := newRELP(t)
	s := w.relp()
	w.store.refuse(errors.New("the disk is full"))
	s.send("<13>one\n", "<13>two")
	_ = s.conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if b, err := s.in.ReadByte(); err == nil {
		t.Fatalf("answered %q although nothing is kept", b)
	}
	w.store.refuse(nil)
	s.acked(2, 3)
	w.wants("<13>one", "<13>two")
	s.frame("close", "")
	if a := s.answer(); a != "4 rsp" {
		t.Errorf("answered %q to the goodbye", a)
	}
	if a := s.answer(); a != "0 serverclose" {
		t.Errorf("answered %q after the goodbye", a)
	}
}

func TestWhatASenderRepeatsIsThereOnce(t *testing.T) {
	for name, restart := range map[string]bool{"the connection broke": false, "the process was restarted": true} {
		t.Run(name, func(t *testing.T) {
			w := newRELP(t)
			s := w.relp()
			s.send("a", "b", "c", "d")
			s.acked(2, 3, 4, 5)
			// The sender saw the acknowledgements of a and b only.
			if restart {
				w.again(relpSource)
			} else {
				_ = s.conn.Close()
			}
			s = w.relp()
			s.send("c", "d", "e")
			s.acked(2, 3, 4)
			w.wants("a", "b", "c", "d", "e")
			// It breaks again, and everything since c comes a third time.
			if restart {
				w.again(relpSource)
			} else {
				_ = s.conn.Close()
			}
			s = w.relp()
			s.send("c", "d", "e", "f")
			s.acked(2, 3, 4, 5)
			w.wants("a", "b", "c", "d", "e", "f")
			if st, _ := w.in.State("r"); st.Repeated < 3 {
				t.Errorf("%d repeats were counted", st.Repeated)
			}
		})
	}
}

func TestWhatOnlyLooksLikeARepeatIsKept(t *testing.T) {
	w := newRELP(t)
	s := w.relp()
	s.send("a", "b", "c")
	s.acked(2, 3, 4)
	_ = s.conn.Close()
	// Everything was acknowledged. b comes again because it happened again: what is
	// repeated always reaches to the end.
	s = w.relp()
	s.send("b", "x")
	s.acked(2, 3)
	w.wants("a", "b", "c", "b", "x")
	// Undecided, and then nothing more comes.
	_ = s.conn.Close()
	s = w.relp()
	s.send("b")
	s.acked(2)
	w.wants("a", "b", "c", "b", "x", "b")
}

func TestRepeatsOfADeadSessionThatStillSeemsOpenAreKnown(t *testing.T) {
	w := newRELP(t)
	old := w.relp()
	old.send("a", "b")
	old.acked(2, 3)
	s := w.relp() // the network broke: nobody told us that the first session is over
	s.send("b", "c")
	s.acked(2, 3)
	w.wants("a", "b", "c")
	_ = old.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := old.in.ReadByte(); err == nil || isTimeout(err) {
		t.Error("the dead session is still open")
	}
}

func TestSeveralSessionsOfOneSenderDoNotMixUpTheirRepeats(t *testing.T) {
	w := newRELP(t)
	var want []string
	var list []*relpSender
	for i := range 4 {
		s := w.relp()
		for n := range 300 {
			s.send(fmt.Sprintf("session %d message %d", i, n))
		}
		for n := range 300 {
			s.acked(n + 2)
		}
		list = append(list, s)
	}
	w.again(relpSource)
	for i := range list {
		s := w.relp()
		for n := 300 - 50*i - 1; n < 310; n++ {
			s.send(fmt.Sprintf("session %d message %d", i, n))
		}
		for n := range 310 - (300 - 50*i - 1) {
			s.acked(n + 2)
		}
	}
	for i := range list {
		for n := range 310 {
			want = append(want, fmt.Sprintf("session %d message %d", i, n))
		}
	}
	got := w.store.lines()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%d lines are there, want %d", len(got), len(want))
	}
}

func TestALaneSurvivesWithAllItsMessages(t *testing.T) {
	store, err := openDisk(t.TempDir() + "/events")
	if err != nil {
		t.Fatal(err)
	}
	l := openLane(store, "relp/r/peer/0/")
	l.begin(7)
	var all []uint32
	for n := 0; n < 3*maxLane; {
		add := min(1+n%97, l.room())
		var prints []uint32
		for range add {
			prints = append(prints, uint32(n))
			n++
		}
		all = append(all, prints...)
		if err := store.AppendOnce(t.Context(), l.with(prints)); err != nil {
			t.Fatal(err)
		}
		l.add(prints)
		again := openLane(store, l.name)
		k := min(len(again.prints), len(l.prints))
		if again.session != l.session || k < min(len(all), maxLane-slotPrints) || !slices.Equal(again.prints[len(again.prints)-k:], all[len(all)-k:]) {
			t.Fatalf("after %d messages the store remembers %d that end in %v", len(all), len(again.prints), again.prints[max(0, len(again.prints)-3):])
		}
		if again.first+len(again.prints) != l.first+len(l.prints) {
			t.Fatalf("the store counts %d messages, the session %d", again.first+len(again.prints), l.first+len(l.prints))
		}
	}
}

func TestWhatIsNotRELPIsRefused(t *testing.T) {
	w := newRELP(t)
	c := w.dial("r")
	w.say(c, "<13>this is plain syslog and no RELP at all\n")
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	buf := make([]byte, 100)
	n, _ := c.Read(buf)
	if !strings.Contains(string(buf[:n]), "serverclose") {
		t.Errorf("answered %q", buf[:n])
	}
	s := w.dial("r")
	w.say(s, "1 syslog 3 abc\n")
	n, _ = s.Read(buf)
	if !strings.Contains(string(buf[:n]), "500 open the session first") || len(w.store.lines()) > 0 {
		t.Errorf("a message without a session was answered with %q", buf[:n])
	}
}
