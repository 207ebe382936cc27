package eventstore_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/engine/event"
	"holdfast/eventstore"
)

var (
	connHead = []string{`#separator \x09`, "#set_separator\t,", "#path\tconn", "#fields\tts\tid.orig_h\tid.resp_h", "#types\ttime\taddr\taddr"}
	dnsHead  = []string{`#separator \x09`, "#path\tdns", "#fields\tts\tid.orig_h\tquery", "#types\ttime\taddr\tstring"}
)

// zeek is how a store reads a source of tables, with one parser for all its files.
func zeek() eventstore.Config {
	return eventstore.Config{Parse: event.NewParser(event.Options{Format: event.Zeek}).Parse, LogFile: 1}
}

func tell(t testing.TB, s *eventstore.Store, file string, raw ...string) eventstore.Position {
	t.Helper()
	var lines []event.Line
	for _, r := range raw {
		lines = append(lines, event.Line{Source: "zeek", Peer: file, Received: noon, Raw: []byte(r)})
	}
	last, err := s.Append(ctx, lines...)
	must(t, err)
	return last
}

// Rows of two tables arrive in turn, the store is sealed and opened again, and every row
// is read by the head of its own table, whoever reads it and in whatever order.
func TestRowsAreReadByTheirHeadThoughItCameBeforeTheRestart(t *testing.T) {
	dir := t.TempDir()
	s, err := eventstore.Open(dir, eventstore.Config{Now: clock, Parse: zeek().Parse, LogFile: 1})
	must(t, err)
	tell(t, s, "conn.log", connHead...)
	tell(t, s, "dns.log", dnsHead...)
	want := map[eventstore.Position]string{
		tell(t, s, "conn.log", "1700000000.5\t192.0.2.1\t198.51.100.1"): "198.51.100.1",
		tell(t, s, "dns.log", "1700000000.5\t192.0.2.1\tone.example"):   "one.example",
	}
	must(t, s.Seal(true))
	must(t, s.Close())

	s = open(t, dir, zeek())
	want[tell(t, s, "conn.log", "1700000000.5\t192.0.2.1\t198.51.100.2")] = "198.51.100.2"
	must(t, s.Seal(true))
	want[tell(t, s, "dns.log", "1700000000.5\t192.0.2.1\ttwo.example")] = "two.example"
	if logs, err := filepath.Glob(filepath.Join(dir, "log", "*")); err != nil || holds(t, logs, "#fields") {
		t.Fatalf("the log still holds the heads, or %v: this proves nothing", err)
	}
	for range 2 { // whoever looked at an old line before must not matter
		for p, value := range want {
			h, err := s.At(ctx, p)
			must(t, err)
			if got := h.Event.Dst.String() + " " + h.Event.Domain; h.Event.Complaint != "" || !strings.Contains(got, value) {
				t.Errorf("line %d is read as %q (%s), want %s", p, got, h.Event.Complaint, value)
			}
		}
	}
	c, err := s.Follow("late")
	must(t, err)
	p := event.NewParser(event.Options{})
	for c.Position() < s.Last() {
		lines, err := c.Next(ctx)
		must(t, err)
		for _, l := range lines {
			var e event.Event
			if p.Parse(l.Line, &e); want[l.Position] != "" && (e.Format != event.Zeek || e.Complaint != "") {
				t.Errorf("who follows reads line %d as %s: %s", l.Position, e.Format, e.Complaint)
			}
		}
	}
	found, err := s.Search(ctx, eventstore.Query{Terms: []eventstore.Term{{Field: "query", Op: eventstore.Is, Value: "two.example"}}})
	must(t, err)
	if found.Total != 1 || len(found.Hits) != 1 || found.Hits[0].Event.Domain != "two.example" {
		t.Errorf("a search for a name finds %d", found.Total)
	}
}

// The process is killed: nothing is closed, and the heads are in the log alone.
func TestHeadsAreInTheLogBeforeTheyAreSealed(t *testing.T) {
	dir := t.TempDir()
	s, err := eventstore.Open(dir, eventstore.Config{Now: clock})
	must(t, err)
	tell(t, s, "", connHead...)
	killed := t.TempDir()
	must(t, os.CopyFS(killed, os.DirFS(dir)))
	must(t, s.Close())
	again := open(t, killed, zeek())
	p := tell(t, again, "", "1700000000.5\t192.0.2.1\t198.51.100.1")
	h, err := again.At(ctx, p)
	must(t, err)
	if h.Event.Dst.String() != "198.51.100.1" {
		t.Errorf("read as %s: %s", h.Event.Format, h.Event.Complaint)
	}
}

func holds(t *testing.T, paths []string, text string) bool {
	t.Helper()
	for _, path := range paths {
		data, err := os.ReadFile(path)
		must(t, err)
		if strings.Contains(string(data), text) {
			return true
		}
	}
	return false
}

func TestALineThatHasJustArrivedGetsTheNewestHead(t *testing.T) {
	s := open(t, t.TempDir(), eventstore.Config{})
	tell(t, s, "dns.log", connHead...)
	tell(t, s, "dns.log", dnsHead...)
	row := func(peer string) string {
		return string(s.Headed(event.Line{Source: "zeek", Peer: peer, Raw: []byte("1\t2\t3")}).Head)
	}
	if !strings.Contains(row("dns.log"), "#path\tdns\n") || row("conn.log") != "" {
		t.Errorf("the head is\n%s\nand that of another file\n%s", row("dns.log"), row("conn.log"))
	}
}
