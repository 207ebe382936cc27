package eventstore_test

import (
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/eventstore/sample"
)

// A world is a store with sample lines, some sealed and some not, and the same events
// beside it.
type world struct {
	s      *eventstore.Store
	events []event.Event
}

const sampleLines = 5_000

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{s: open(t, t.TempDir(), eventstore.Config{})}
	var lines []event.Line
	for l := range sample.Lines(1, sampleLines, noon.Add(-30*time.Hour), noon) {
		lines = append(lines, l)
	}
	lines = append(lines,
		line(`{"EventID":4625,"Computer":"DC-1","nested":{"Deep.Key":"Treasure","list":["a","Ünïcode"]}}`),
		line("ÄRGER mit dem Fön"), line(""))
	parse := event.NewParser(event.Options{}).Parse
	for some := range slices.Chunk(lines, 500) {
		last, err := w.s.Append(ctx, some...)
		must(t, err)
		if last == 1_000 || last == 4_000 {
			must(t, w.s.Seal(true))
		}
		for _, l := range some {
			var e event.Event
			parse(l, &e)
			w.events = append(w.events, e)
		}
	}
	return w
}

func contains(s, part string) bool { return strings.Contains(strings.ToLower(s), part) }

func TestASearchFindsExactlyWhatAScanFinds(t *testing.T) {
	w := newWorld(t)
	network := netip.MustParsePrefix("10.20.1.0/24")
	from := noon.Add(-20 * time.Hour)
	for text, want := range map[string]func(e *event.Event) bool{
		"":                              func(*event.Event) bool { return true },
		"user:root":                     func(e *event.Event) bool { return strings.EqualFold(e.User, "root") },
		"-user:root":                    func(e *event.Event) bool { return !strings.EqualFold(e.User, "root") },
		"user:*":                        func(e *event.Event) bool { return e.User != "" },
		"user:J.*":                      func(e *event.Event) bool { return strings.HasPrefix(strings.ToLower(e.User), "j.") },
		"user:*okaf*":                   func(e *event.Event) bool { return contains(e.User, "okaf") },
		"src:10.20.1.0/24":              func(e *event.Event) bool { return network.Contains(e.Src) },
		"ip:203.0.113.66":               func(e *event.Event) bool { return e.Src.String() == "203.0.113.66" || e.Dst.String() == "203.0.113.66" },
		`"failed PASSWORD"`:             func(e *event.Event) bool { return contains(string(e.Raw), "failed password") },
		`-"failed password" host:web-1`: func(e *event.Event) bool { return e.Host == "web-1" && !contains(string(e.Raw), "failed password") },
		"failed root":                   func(e *event.Event) bool { return contains(string(e.Raw), "failed") && contains(string(e.Raw), "root") },
		"ärger":                         func(e *event.Event) bool { return strings.Contains(string(e.Raw), "ÄRGER") },
		"severity:>=3":                  func(e *event.Event) bool { return e.Severity >= 3 },
		"severity:<=1":                  func(e *event.Event) bool { return e.Severity <= 1 },
		"class:3002":                    func(e *event.Event) bool { return e.Class == event.Authentication },
		"source:web status:failure":     func(e *event.Event) bool { return e.Source == "web" && e.Outcome == event.Failure },
		"EventID:4625":                  func(e *event.Event) bool { return contains(string(e.Raw), `"eventid":4625`) },
		"nested.deep.key:treasure":      func(e *event.Event) bool { return contains(string(e.Raw), "treasure") },
		"nested.list:ünïcode":           func(e *event.Event) bool { return contains(string(e.Raw), "treasure") },
		"pid:>=60000":                   func(e *event.Event) bool { return e.PID >= 60_000 },
		"message:*session*":             func(e *event.Event) bool { return contains(e.Message, "session") },
		"nosuchfield:x":                 func(*event.Event) bool { return false },
		"after:20h":                     func(e *event.Event) bool { return !e.Time.Before(from) },
		"before:20h user:deploy":        func(e *event.Event) bool { return e.Time.Before(from) && e.User == "deploy" },
	} {
		q, err := eventstore.ParseQuery(text, noon)
		must(t, err)
		q.Limit, q.Buckets, q.Facets = 1_000, 24, []string{"host"}
		r, err := w.s.Search(ctx, q)
		must(t, err)
		n, hosts := 0, map[string]int{}
		for i := range w.events {
			if want(&w.events[i]) {
				n++
				hosts[strings.ToLower(w.events[i].Host)]++
			}
		}
		sum := 0
		for _, b := range r.Buckets {
			sum += b.Count
		}
		if r.Total != n || sum != n || len(r.Hits) != min(n, 1_000) || r.More != (n > 1_000) || len(r.Buckets) > 25 {
			t.Errorf("%q: %d found, %d in %d buckets, %d hits; a scan finds %d", text, r.Total, sum, len(r.Buckets), len(r.Hits), n)
		}
		for _, c := range r.Facets["host"] {
			if hosts[c.Value] != c.Count {
				t.Errorf("%q: host %q %d times, a scan finds %d", text, c.Value, c.Count, hosts[c.Value])
			}
		}
		for i, h := range r.Hits {
			if !want(&h.Event) {
				t.Fatalf("%q finds %q", text, h.Event.Raw)
			}
			if i > 0 && h.Event.Time.After(r.Hits[i-1].Event.Time) {
				t.Fatalf("%q: hit %d is newer than the one before", text, i)
			}
		}
		if again, err := eventstore.ParseQuery(q.String(), noon); err != nil || !cmp.Equal(again.Terms, q.Terms) || !again.From.Equal(q.From) || !again.To.Equal(q.To) {
			t.Errorf("%q is written as %q, which reads as %+v, %v", text, q, again, err)
		}
	}
}

func TestPagesFollowEachOtherWithoutGapOrDouble(t *testing.T) {
	w := newWorld(t)
	q := eventstore.Query{Limit: 700}
	seen := map[eventstore.Position]bool{}
	for {
		r, err := w.s.Search(ctx, q)
		must(t, err)
		for _, h := range r.Hits {
			if seen[h.Position] {
				t.Fatalf("%d is on two pages", h.Position)
			}
			seen[h.Position] = true
		}
		if !r.More {
			break
		}
		m := r.Hits[len(r.Hits)-1].Marker()
		q.After = &m
	}
	if len(seen) != len(w.events) {
		t.Errorf("%d of %d are on a page", len(seen), len(w.events))
	}
}

func TestACursorReadsOnThroughWhatIsSealed(t *testing.T) {
	w := newWorld(t)
	must(t, w.s.Seal(true))
	files, err := filepath.Glob(filepath.Join(w.s.Dir(), "segments", "*", "*.parquet"))
	must(t, err)
	if len(files) < 4 {
		t.Errorf("%d segments, though two days were sealed three times", len(files))
	}
	all := texts(t, w.s, "late")
	if len(all) != len(w.events) {
		t.Fatalf("%d of %d lines", len(all), len(w.events))
	}
	for i, text := range all {
		if text != string(w.events[i].Raw) {
			t.Fatalf("line %d is %q", i, text)
		}
	}
}

func TestWhatIsNoSearchIsRefusedWithAReason(t *testing.T) {
	for text, want := range map[string]string{
		`"open`:                    "not closed",
		"user:":                    "write user:* for any value",
		"after:yesterday":          "write a date",
		"port:>=many":              "no whole number",
		"after:1h before:2h":       "ends before it begins",
		strings.Repeat("x ", 40):   "at most 32",
		strings.Repeat("x", 5_000): "at most 4096 bytes",
	} {
		if _, err := eventstore.ParseQuery(text, noon); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func TestAWebAddressIsLookedForAsItStands(t *testing.T) {
	for _, text := range []string{"https://shop.example/", `C:\Windows`, "10:20:30", "::1"} {
		q, err := eventstore.ParseQuery(text, noon)
		if err != nil || len(q.Terms) != 1 || q.Terms[0].Field != "" || q.Terms[0].Value != text {
			t.Errorf("%s: %+v, %v", text, q.Terms, err)
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	f.Add(`src:10.0.0.0/8 user:root "failed password" -host:x after:2h`)
	f.Add(`-"a\"b" x:"*" y:>=3 *`)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := eventstore.ParseQuery(text, noon)
		if err != nil {
			return
		}
		again, err := eventstore.ParseQuery(q.String(), noon)
		if err != nil && len(q.String()) < 4<<10 {
			t.Fatalf("%q reads, but is written as %q: %v", text, q, err)
		}
		if err == nil && !cmp.Equal(again.Terms, q.Terms) {
			t.Fatalf("%q reads as %+v, and is written as %q, which reads as %+v", text, q.Terms, q, again.Terms)
		}
	})
}

func TestTimesOfEventsAreThoseOfTheirLines(t *testing.T) {
	s := open(t, t.TempDir(), eventstore.Config{})
	for i := range 3 {
		keep(t, s, "<86>1 2026-03-0"+strconv.Itoa(i+1)+"T10:00:00.000000Z web-1 sshd 1 - - hello")
	}
	must(t, s.Seal(true))
	r, err := s.Search(ctx, eventstore.Query{From: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)})
	must(t, err)
	if r.Total != 1 || r.Hits[0].Event.Time.Day() != 2 {
		t.Errorf("%+v", r)
	}
}

func TestOnlyWhatIsBehindAPositionIsFound(t *testing.T) {
	w := newWorld(t)
	for _, behind := range []int{1, 999, 1_000, 4_999, len(w.events) - 1, len(w.events)} {
		r, err := w.s.Search(ctx, eventstore.Query{Behind: eventstore.Position(behind)})
		if err != nil || r.Total != len(w.events)-behind {
			t.Errorf("behind %d: %d, %v", behind, r.Total, err)
		}
	}
}

func TestAnEventIsFoundByItsPositionAndOneThatIsNotThereIsNot(t *testing.T) {
	w := newWorld(t)
	for _, p := range []int{1, 1_000, 1_001, 4_500, len(w.events)} {
		h, err := w.s.At(ctx, eventstore.Position(p))
		if err != nil || string(h.Event.Raw) != string(w.events[p-1].Raw) || h.Event.User != w.events[p-1].User {
			t.Errorf("%d: %.60q, %v", p, h.Event.Raw, err)
		}
	}
	for _, p := range []eventstore.Position{0, eventstore.Position(len(w.events) + 1), 1 << 63} {
		if h, err := w.s.At(ctx, p); err == nil {
			t.Errorf("%d is %q", p, h.Event.Raw)
		}
	}
}
