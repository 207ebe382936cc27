package outside_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/eventstore/outside"
)

// numbered appends lines with numbers.
func numbered(t testing.TB, s *eventstore.Store, from, n int) {
	t.Helper()
	var lines []event.Line
	for i := from; i < from+n; i++ {
		lines = append(lines, line("gate", fmt.Sprintf("number %06d of many", i), noon.Add(time.Duration(i)*time.Millisecond)))
	}
	_, err := s.Append(ctx, lines...)
	must(t, err)
}

// found lists the positions that a search outside finds, over all pages.
func found(t testing.TB, s *outside.Store, upTo eventstore.Position) []eventstore.Position {
	t.Helper()
	var list []eventstore.Position
	q := eventstore.Query{Limit: 700}
	for {
		r, err := s.Search(ctx, q, upTo)
		must(t, err)
		for _, h := range r.Hits {
			list = append(list, h.Position)
		}
		if !r.More {
			if r.Total != len(list) {
				t.Errorf("%d are counted, %d found", r.Total, len(list))
			}
			return list
		}
		m := r.Hits[len(r.Hits)-1].Marker()
		q.After = &m
	}
}

func TestNothingIsMissingAndNothingTwiceHoweverOftenTheMirrorIsCutOff(t *testing.T) {
	sides(t, func(t *testing.T, s *side) {
		dir := t.TempDir()
		r := rand.New(rand.NewPCG(5, 6)) //nolint:gosec // the same every time, on purpose
		const rounds, each = 10, 500
		for round := range rounds {
			events, err := eventstore.Open(dir, eventstore.Config{Now: func() time.Time { return noon }})
			must(t, err)
			numbered(t, events, round*each, each)
			s.of(t, events, func(set *outside.Settings) { set.Batch = 20 + r.IntN(300) })
			m, stop := s.mirror(t, events)
			switch {
			case round == rounds-1:
				copied(t, m)
			default:
				time.Sleep(time.Duration(r.IntN(25)) * time.Millisecond)
			}
			stop()
			must(t, events.Close())
		}
		positions := found(t, s.store, rounds*each)
		if len(positions) != rounds*each || len(slices.Compact(slices.Sorted(slices.Values(positions)))) != rounds*each {
			t.Errorf("%d events found of %d", len(positions), rounds*each)
		}
	})
}

// TestWhatIsWrittenTwiceIsFoundOnce loses answers: the system has taken the events, and we
// do not know.
func TestWhatIsWrittenTwiceIsFoundOnce(t *testing.T) {
	sides(t, func(t *testing.T, s *side) {
		events := openEvents(t, t.TempDir())
		numbered(t, events, 0, 1_500)
		var posts atomic.Int64
		handler := s.server().Config.Handler
		s.server().Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if write := r.URL.Path == "/_bulk" || r.URL.Path == "/insert/jsonline"; write && posts.Add(1)%2 == 1 {
				handler.ServeHTTP(discard{}, r)
				panic(http.ErrAbortHandler)
			}
			handler.ServeHTTP(w, r)
		})
		s.of(t, events, func(set *outside.Settings) { set.Batch = 1_000 })
		m, _ := s.mirror(t, events)
		if st := copied(t, m); st.Refused > 0 {
			t.Errorf("%+v", st)
		}
		if n := len(found(t, s.store, 1_500)); n != 1_500 {
			t.Errorf("%d events found", n)
		}
		if s.logs != nil && len(s.logs.Rows()) <= 1_500 {
			t.Error("nothing was written twice; the test shows nothing")
		}
		if s.open != nil && (s.open.Written() <= 1_500 || len(s.open.Documents()) != 1_500) {
			t.Errorf("%d documents of %d written", len(s.open.Documents()), s.open.Written())
		}
		r, err := s.store.Search(ctx, eventstore.Query{Limit: 900, Buckets: 10, Facets: []string{"source"}}, 1_500)
		must(t, err)
		sum := 0
		for _, b := range r.Buckets {
			sum += b.Count
		}
		if sum != 1_500 || r.Total != 1_500 || len(r.Hits) != 900 || r.Facets["source"][0].Count != 1_500 {
			t.Errorf("%d in the histogram, %d in all, %d hits, %v", sum, r.Total, len(r.Hits), r.Facets)
		}
	})
}

// discard is an answer that nobody gets.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

func TestADocumentThatIsRefusedIsCountedAndTheOthersArriveOnce(t *testing.T) {
	sides(t, func(t *testing.T, s *side) {
		if s.open == nil {
			t.Skip("VictoriaLogs does not answer for each event")
		}
		tries := map[string]int{}
		s.open.Refuse = func(source map[string]any) int {
			raw, _ := source["raw"].(string)
			tries[raw]++
			switch {
			case strings.Contains(raw, "000013"), strings.Contains(raw, "000777"):
				return http.StatusBadRequest
			case strings.Contains(raw, "000500") && tries[raw] < 3:
				return http.StatusTooManyRequests
			}
			return 0
		}
		events := openEvents(t, t.TempDir())
		numbered(t, events, 0, 1_000)
		s.of(t, events, nil)
		m, _ := s.mirror(t, events)
		st := copied(t, m)
		if st.Refused != 2 || st.Sent != 998 || !strings.Contains(st.LastErr, "mapper_parsing_exception") {
			t.Errorf("%+v", st)
		}
		if n := len(found(t, s.store, 1_000)); n != 998 {
			t.Errorf("%d found", n)
		}
		if n := s.open.Written(); n != 998 {
			t.Errorf("%d documents were written: those that were taken were sent again", n)
		}
	})
}

func TestALineThatIsLargerThanADocumentMayBeIsKeptInPart(t *testing.T) {
	sides(t, func(t *testing.T, s *side) {
		events := openEvents(t, t.TempDir())
		long := "begin " + strings.Repeat("\x01ä", 200_000) + " end"
		_, err := events.Append(ctx, line("gate", long, noon), line("gate", `{"many":[`+strings.Repeat(`"word-",`, 2_000)+`1],"Key":"value"}`, noon.Add(time.Second)))
		must(t, err)
		s.of(t, events, func(set *outside.Settings) { set.Largest = 200 << 10 })
		m, _ := s.mirror(t, events)
		if st := copied(t, m); st.Cut != 1 {
			t.Errorf("%+v", st)
		}
		if s.logs != nil && s.logs.Dropped() > 0 {
			t.Errorf("%d were dropped", s.logs.Dropped())
		}
		h, err := s.store.At(ctx, 1)
		must(t, err)
		if !strings.HasPrefix(long, string(h.Event.Raw)) || len(h.Event.Raw) < 10_000 || !strings.Contains(h.Event.Complaint, "longer") {
			t.Errorf("%d bytes, %q", len(h.Event.Raw), h.Event.Complaint)
		}
	})
}

func TestTheIndexesOfADayHaveTheMappingAndAnAccountThatMayNotSetItIsTold(t *testing.T) {
	sides(t, func(t *testing.T, s *side) {
		if s.open == nil {
			t.Skip("VictoriaLogs has no mapping")
		}
		events := openEvents(t, t.TempDir())
		_, err := events.Append(ctx, line("gate", "one", noon), line("gate", "two", noon.Add(24*time.Hour)))
		must(t, err)
		s.open.Answer = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPut {
				http.Error(w, "no permissions", http.StatusForbidden)
			}
			return r.Method == http.MethodPut
		}
		s.of(t, events, nil)
		m, stop := s.mirror(t, events)
		eventually(t, "it says why", func() bool { return strings.Contains(m.Stats().Trouble, "template") })
		stop()
		if len(s.open.Documents()) != 0 {
			t.Error("documents were written without a mapping")
		}
		s.open.Answer = nil
		again, _ := s.mirror(t, events)
		copied(t, again)
		for key := range maps.Keys(s.open.Documents()) {
			if !strings.HasPrefix(key, "events-2026.03.04/") && !strings.HasPrefix(key, "events-2026.03.05/") {
				t.Errorf("a document lies in %s", key)
			}
		}
	})
}

func TestTheSystemOutsideIsToldWhoWeAre(t *testing.T) {
	sides(t, func(t *testing.T, s *side) {
		events := openEvents(t, t.TempDir())
		numbered(t, events, 0, 3)
		var seen atomic.Value
		handler := s.server().Config.Handler
		s.server().Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen.Store(r.Header.Get("Authorization"))
			handler.ServeHTTP(w, r)
		})
		s.of(t, events, func(set *outside.Settings) { set.User, set.PasswordEnv = "holdfast", "P" })
		_, err := s.store.Count(ctx, 0, 3)
		must(t, err)
		if got := seen.Load(); got != "Basic aG9sZGZhc3Q6czNjcmV0" {
			t.Errorf("user and password: %v", got)
		}
		s.of(t, events, func(set *outside.Settings) { set.TokenEnv = "T" })
		_, err = s.store.Count(ctx, 0, 3)
		must(t, err)
		if got := seen.Load(); got != "Bearer s3cret" {
			t.Errorf("token: %v", got)
		}
	})
}
