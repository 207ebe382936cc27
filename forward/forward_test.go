package forward

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func openStore(t *testing.T, dir string) *eventstore.Store {
	t.Helper()
	s, err := eventstore.Open(dir, eventstore.Config{Now: time.Now})
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// arrive appends numbered lines of a source.
func arrive(t *testing.T, s *eventstore.Store, source string, from, n int) {
	t.Helper()
	var lines []event.Line
	for i := from; i < from+n; i++ {
		lines = append(lines, event.Line{Source: source, Received: time.Now(), Raw: []byte(text(i))})
	}
	_, err := s.Append(context.Background(), lines...)
	must(t, err)
}

func text(i int) string {
	return fmt.Sprintf("<38>Mar  2 09:00:00 bastion sshd[77]: Failed password for root from 203.0.113.9 port 4000 ssh2 no=%06d", i)
}

// target reads one target as forward.yaml has it.
func target(t *testing.T, lines ...string) Target {
	t.Helper()
	list, err := ReadTargets([]byte("targets:\n  - name: siem\n    workspace: fernhill\n    "+strings.Join(lines, "\n    ")+"\n"), func(string) string { return "s3cret" })
	must(t, err)
	return list[0]
}

func newForwarder(t *testing.T, s *eventstore.Store, target Target) *Forwarder {
	t.Helper()
	f, err := New(Config{Target: target, Events: s, Now: time.Now, Parse: event.NewParser(event.Options{}).Parse, SourceKey: func(id string) string { return strings.TrimPrefix(id, "id-") }})
	must(t, err)
	f.first = time.Millisecond
	return f
}

// run runs a forwarder until the returned function is called or the test ends.
func run(t *testing.T, f *Forwarder) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { f.Run(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not within ten seconds: %s", what)
}

// A collector is an HTTP receiver that keeps the lines in the documents it takes.
type collector struct {
	*httptest.Server
	mu      sync.Mutex
	seen    map[string]int
	posts   int
	largest int
	answer  func(docs []string) int
	header  http.Header
}

func newCollector(t *testing.T, answer func(docs []string) int) *collector {
	t.Helper()
	c := &collector{seen: map[string]int{}, answer: answer}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		packed, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusTeapot)
			return
		}
		body = packed
	}
	var lines []string
	d := json.NewDecoder(body)
	array := r.Header.Get("Content-Type") == "application/json"
	if array {
		_, _ = d.Token()
	}
	for d.More() {
		var doc struct {
			Raw   string `json:"raw_data"`
			Class int    `json:"class_uid"`
		}
		if err := d.Decode(&doc); err != nil || doc.Raw == "" {
			http.Error(w, "no document of OCSF", http.StatusTeapot)
			return
		}
		lines = append(lines, doc.Raw)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.posts++
	c.header = r.Header
	c.largest = max(c.largest, len(lines))
	if c.answer != nil {
		if code := c.answer(lines); code != http.StatusOK {
			http.Error(w, "the token s3cret is not liked", code)
			return
		}
	}
	for _, l := range lines {
		c.seen[l]++
	}
}

func (c *collector) kinds() int { c.mu.Lock(); defer c.mu.Unlock(); return len(c.seen) }

func TestAllEventsArriveAsOCSFInBatches(t *testing.T) {
	for _, form := range []string{"array", "lines"} {
		t.Run(form, func(t *testing.T) {
			c := newCollector(t, nil)
			s := openStore(t, t.TempDir())
			arrive(t, s, "id-a", 0, 1200)
			f := newForwarder(t, s, target(t, "to: "+c.URL+"/in", "token_env: TOKEN", "gzip: true", "form: "+form, "batch: 100"))
			stop := run(t, f)
			eventually(t, "all events arrive", func() bool { return c.kinds() == 1200 && f.Stats().Behind == 0 })
			stop()
			if c.posts != 12 || c.largest != 100 || c.header.Get("Authorization") != "Bearer s3cret" || c.header.Get("Idempotency-Key") != "siem-1101-1200-100" {
				t.Errorf("%d posts, %d in the largest, headers %v", c.posts, c.largest, c.header)
			}
			if st := f.Stats(); st.Sent != 1200 || st.Position != 1200 || st.Trouble != "" {
				t.Errorf("figures: %+v", st)
			}
		})
	}
}

func TestWhatWasRefusedAtFirstArrivesAndNothingIsCommittedBefore(t *testing.T) {
	for _, code := range []int{http.StatusServiceUnavailable, http.StatusUnauthorized, http.StatusNotFound, http.StatusMovedPermanently, http.StatusTooManyRequests} {
		t.Run(http.StatusText(code), func(t *testing.T) {
			tries, open := 0, false // under the lock of the collector
			c := newCollector(t, func([]string) int {
				if tries++; open {
					return http.StatusOK
				}
				return code
			})
			dir := t.TempDir()
			s := openStore(t, dir)
			arrive(t, s, "id-a", 0, 10)
			f := newForwarder(t, s, target(t, "to: "+c.URL, "token: s3cret"))
			stop := run(t, f)
			eventually(t, "it was tried more often than the rounds of a refusal", func() bool { c.mu.Lock(); defer c.mu.Unlock(); return tries > roundsOfAll })
			st := f.Stats()
			if st.Refused != 0 || st.Position != 0 || st.Behind != 10 || !strings.Contains(st.Trouble, fmt.Sprint(code)) || strings.Contains(st.Trouble, "s3cret") {
				t.Errorf("while it is refused: %+v", st)
			}
			again, err := s.Follow("forward-siem")
			must(t, err)
			if again.Position() != 0 {
				t.Errorf("the position %d is remembered, and nothing was taken", again.Position())
			}
			c.mu.Lock()
			open = true
			c.mu.Unlock()
			eventually(t, "all events arrive", func() bool { return c.kinds() == 10 && f.Stats().Behind == 0 })
			stop()
			if st := f.Stats(); st.Trouble != "" || st.LastErr == "" || st.Refused != 0 {
				t.Errorf("when it is over: %+v", st)
			}
		})
	}
}

func TestOneRefusedEventDoesNotHoldUpOthersAndIsCounted(t *testing.T) {
	bad := map[string]bool{text(3): true, text(77): true}
	c := newCollector(t, func(docs []string) int {
		for _, d := range docs {
			if bad[d] {
				return http.StatusBadRequest
			}
		}
		return http.StatusOK
	})
	s := openStore(t, t.TempDir())
	arrive(t, s, "id-a", 0, 100)
	f := newForwarder(t, s, target(t, "to: "+c.URL))
	run(t, f)
	eventually(t, "the others arrive", func() bool { return f.Stats().Behind == 0 })
	if st := f.Stats(); c.kinds() != 98 || st.Sent != 98 || st.Refused != 2 {
		t.Errorf("%d arrived, figures %+v", c.kinds(), st)
	}
}

func TestAReceiverThatRefusesEverythingIsNotAskedWithoutEnd(t *testing.T) {
	c := newCollector(t, func([]string) int { return http.StatusBadRequest })
	s := openStore(t, t.TempDir())
	arrive(t, s, "id-a", 0, 100)
	f := newForwarder(t, s, target(t, "to: "+c.URL))
	run(t, f)
	eventually(t, "it goes on", func() bool { return f.Stats().Behind == 0 })
	if st := f.Stats(); st.Refused != 100 || st.Sent != 0 || c.posts > roundsOfAll*(mostSuspects*8) {
		t.Errorf("%d posts, figures %+v", c.posts, st)
	}
}

func TestTheFilterLeavesOutAndWhatItLeavesOutIsCounted(t *testing.T) {
	c := newCollector(t, nil)
	s := openStore(t, t.TempDir())
	arrive(t, s, "id-wanted", 0, 5)
	arrive(t, s, "id-other", 100, 7)
	_, err := s.Append(context.Background(), event.Line{Source: "id-wanted", Received: time.Now(), Raw: []byte("<38>Mar  2 09:00:00 bastion cron[1]: nothing much")})
	must(t, err)
	f := newForwarder(t, s, target(t, "to: "+c.URL, "sources: [wanted]", "min_severity: low"))
	var e event.Event
	event.NewParser(event.Options{}).Parse(event.Line{Raw: []byte(text(1))}, &e)
	if e.Severity < 2 {
		t.Fatalf("a failed password has severity %d; the test needs a graver line", e.Severity)
	}
	run(t, f)
	eventually(t, "all are dealt with", func() bool { return f.Stats().Behind == 0 })
	if st := f.Stats(); c.kinds() != 5 || st.Left != 8 || st.Sent != 5 {
		t.Errorf("%d arrived, figures %+v", c.kinds(), st)
	}
}

func TestATargetFromNowOnSendsNothingOfThePast(t *testing.T) {
	c := newCollector(t, nil)
	s := openStore(t, t.TempDir())
	arrive(t, s, "id-a", 0, 10)
	to := target(t, "to: "+c.URL, "from: now")
	f := newForwarder(t, s, to)
	arrive(t, s, "id-a", 10, 3)
	stop := run(t, f)
	eventually(t, "the new ones arrive", func() bool { return c.kinds() == 3 })
	stop()
	arrive(t, s, "id-a", 13, 2) // while nobody forwards: they are not the past
	run(t, newForwarder(t, s, to))
	eventually(t, "those in between arrive", func() bool { return c.kinds() == 5 })
}

func TestEventsOfAnotherStoreAreNeverSent(t *testing.T) {
	dir, c := t.TempDir(), newCollector(t, nil)
	ours, theirs := openStore(t, filepath.Join(dir, "ours")), openStore(t, filepath.Join(dir, "theirs"))
	arrive(t, ours, "id-a", 0, 3)
	arrive(t, theirs, "id-a", 500, 3)
	f := newForwarder(t, ours, target(t, "to: "+c.URL))
	run(t, f)
	eventually(t, "ours arrive", func() bool { return c.kinds() == 3 && f.Stats().Behind == 0 })
	arrive(t, theirs, "id-a", 600, 3)
	arrive(t, ours, "id-a", 3, 1)
	eventually(t, "the next of ours arrives", func() bool { return c.kinds() == 4 })
	for i := 500; i < 700; i++ {
		if c.seen[text(i)] > 0 {
			t.Fatalf("an event of another workspace arrived: %s", text(i))
		}
	}
}

func TestALineThatMakesTheReaderStumbleIsCountedAndLeftBehind(t *testing.T) {
	c := newCollector(t, nil)
	s := openStore(t, t.TempDir())
	arrive(t, s, "id-a", 0, 3)
	f := newForwarder(t, s, target(t, "to: "+c.URL))
	parse := f.cfg.Parse
	f.cfg.Parse = func(l event.Line, e *event.Event) {
		if string(l.Raw) == text(1) {
			panic("stumbled")
		}
		parse(l, e)
	}
	run(t, f)
	eventually(t, "the others arrive", func() bool { return f.Stats().Behind == 0 })
	if st := f.Stats(); c.kinds() != 2 || st.Poison != 1 {
		t.Errorf("%d arrived, figures %+v", c.kinds(), st)
	}
}

func TestWhatASlowReceiverHasTakenIsRememberedOnTheWay(t *testing.T) {
	c := newCollector(t, func([]string) int { time.Sleep(sure / 2); return http.StatusOK })
	s := openStore(t, t.TempDir())
	arrive(t, s, "id-a", 0, 1000)
	to := target(t, "to: "+c.URL, "batch: 100")
	stop := run(t, newForwarder(t, s, to))
	eventually(t, "half of them are taken", func() bool { return c.kinds() >= 500 })
	stop()
	again := newForwarder(t, s, to)
	if p := again.Stats().Position; p < 200 || p >= 1000 {
		t.Errorf("it goes on behind %d, though 500 were taken", p)
	}
	run(t, again)
	eventually(t, "all arrive", func() bool { return c.kinds() == 1000 && again.Stats().Behind == 0 })
	if c.seen[text(0)] != 1 {
		t.Error("the first was sent again")
	}
}
