package outside_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/eventstore/outside"
	"holdfast/kind"
)

// A past is an event store that has dropped what is older than thirty days, after all of
// it was copied outside.
type past struct {
	events  *eventstore.Store
	settled eventstore.Position
	last    eventstore.Position // that was dropped
	reader  *outside.Reader
}

// days are how long ago there were events, sixty on each of them.
var days = []int{39, 36, 31, 20, 9, 1, 0}

const eachDay = 60

// pastOf copies events of the last forty days, of which the older are dropped, and ten of
// today that have not arrived outside yet.
func pastOf(t *testing.T, s *side, change func(*outside.Settings)) *past {
	t.Helper()
	p := &past{events: openEvents(t, t.TempDir())}
	for _, day := range days {
		var lines []event.Line
		for i := range eachDay {
			at := noon.AddDate(0, 0, -day).Add(time.Duration(i) * time.Second)
			lines = append(lines, line("gate", fmt.Sprintf(`{"day":%d,"User":"u%d","Computer":"c"}`, day, i%7), at))
		}
		last, err := p.events.Append(ctx, lines...)
		must(t, err)
		must(t, p.events.Seal(true))
		p.settled = last
	}
	s.of(t, p.events, change)
	m, stop := s.mirror(t, p.events)
	copied(t, m)
	stop()
	dropped, err := p.events.Retain(ctx, eventstore.Retention{Days: 30})
	must(t, err)
	if p.last = eventstore.Position(dropped.Sources["gate"].Count); p.last == 0 {
		t.Fatal("nothing was dropped")
	}
	var late []event.Line
	for i := range 10 {
		late = append(late, line("gate", `{"day":0,"User":"late"}`, noon.Add(time.Duration(i)*time.Hour)))
	}
	_, err = p.events.Append(ctx, late...)
	must(t, err)
	p.reader = &outside.Reader{Here: p.events, Outside: s.store, Settled: func() eventstore.Position { return p.settled }}
	return p
}

func TestOlderEventsAreFoundOutsideAndTheNewestHereWithoutGapOrDouble(t *testing.T) {
	sides(t, func(t *testing.T, s *side) {
		p := pastOf(t, s, nil)
		var positions []eventstore.Position
		q := eventstore.Query{Limit: 500, Buckets: 50, Facets: []string{"user"}}
		for {
			r, err := p.reader.Search(ctx, q)
			must(t, err)
			sum := 0
			for _, b := range r.Buckets {
				sum += b.Count
			}
			if r.Total != len(days)*eachDay+10 || sum != r.Total || r.Partial || !strings.Contains(r.Note, "Searched in "+s.store.Name()+" and, for what arrived last, here") {
				t.Fatalf("%d events, %d in %d buckets, %q", r.Total, sum, len(r.Buckets), r.Note)
			}
			if n := len(r.Facets["user"]); n != 8 || r.Facets["user"][7] != (eventstore.Count{Value: "late", Count: 10}) {
				t.Errorf("facets %v", r.Facets)
			}
			for i, h := range r.Hits {
				positions = append(positions, h.Position)
				if i > 0 && h.Event.Time.After(r.Hits[i-1].Event.Time) {
					t.Fatal("a hit is newer than the one before")
				}
			}
			if !r.More {
				break
			}
			m := r.Hits[len(r.Hits)-1].Marker()
			q.After = &m
		}
		slices.Sort(positions)
		if len(slices.Compact(positions)) != len(days)*eachDay+10 {
			t.Errorf("%d events on all pages", len(positions))
		}
		h, err := p.reader.At(ctx, 1)
		must(t, err)
		if h.Position != 1 || h.Event.User != "u0" {
			t.Errorf("the first event: %+v", h)
		}
		if _, err := p.reader.At(ctx, 1_000_000); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("an event that never was: %v", err)
		}
	})
}

func TestASearchThatReachesNoFurtherThanWhatIsKeptHereAsksNobodyElse(t *testing.T) {
	sides(t, func(t *testing.T, s *side) {
		p := pastOf(t, s, nil)
		s.server().Close()
		r, err := p.reader.Search(ctx, eventstore.Query{From: noon.AddDate(0, 0, -20), Limit: 1})
		must(t, err)
		if r.Note != "" || r.Partial || r.Total != 4*eachDay+10 {
			t.Errorf("%d events, %q", r.Total, r.Note)
		}
		r, err = p.reader.Search(ctx, eventstore.Query{Behind: p.settled})
		must(t, err)
		if r.Note != "" || r.Total != 10 {
			t.Errorf("what arrived last: %d events, %q", r.Total, r.Note)
		}
		quiet := pastOfSettings(t, s, p, func(set *outside.Settings) { set.Search = outside.SearchNo })
		r, err = quiet.Search(ctx, eventstore.Query{})
		must(t, err)
		if r.Note != "" || r.Partial {
			t.Errorf("nothing is searched outside, and it says %q", r.Note)
		}
	})
}

// pastOfSettings is the reader of a past with other settings.
func pastOfSettings(t *testing.T, s *side, p *past, change func(*outside.Settings)) *outside.Reader {
	t.Helper()
	return &outside.Reader{Here: p.events, Outside: s.of(t, p.events, change), Settled: p.reader.Settled}
}

// TestWhateverTheSystemOutsideDoesWhatIsKeptHereIsShownAndSaidToBeNotAll lets it be away,
// slow, wrong and endless.
func TestWhateverTheSystemOutsideDoesWhatIsKeptHereIsShownAndSaidToBeNotAll(t *testing.T) {
	sides(t, func(t *testing.T, s *side) {
		p := pastOf(t, s, func(set *outside.Settings) { set.Timeout = time.Second })
		handler := s.server().Config.Handler
		respond := func(text string) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
		}
		for name, c := range map[string]struct {
			answer http.HandlerFunc
			says   string
		}{
			"it fails":        {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no\nmemory", 500) }, "answered 500: no memory"},
			"it knows us not": {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "who?", http.StatusUnauthorized) }, "see user and token in events.yaml"},
			"it sends us away": {func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
			}, "final address"},
			"it is slow": {func(w http.ResponseWriter, r *http.Request) {
				select {
				case <-r.Context().Done():
				case <-time.After(5 * time.Second):
				}
			}, "did not answer within 1s"},
			"it talks without end": {func(w http.ResponseWriter, r *http.Request) {
				for r.Context().Err() == nil {
					if _, err := w.Write([]byte(`{"n":"1","hits":"` + strings.Repeat("x", 1<<20) + "\"}\n")); err != nil {
						return
					}
				}
			}, ""},
			"it talks nonsense": {respond("<html>hello</html>"), "cannot be read"},
			"it breaks off": {func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "99")
				_, _ = w.Write([]byte("{"))
			}, ""},
			"it has another's events": {func(w http.ResponseWriter, r *http.Request) {
				rec := &recorder{header: http.Header{}}
				handler.ServeHTTP(rec, r)
				id, err := p.events.Identity()
				must(t, err)
				_, _ = w.Write([]byte(strings.ReplaceAll(rec.body.String(), id, "00000000000000000000000000000000")))
			}, "cannot be right"},
			"it repeats itself": {func(w http.ResponseWriter, r *http.Request) {
				rec := &recorder{header: http.Header{}}
				handler.ServeHTTP(rec, r)
				_, _ = w.Write([]byte(twice(s, rec.body.String())))
			}, ""},
		} {
			s.server().Config.Handler = c.answer
			begun := time.Now()
			r, err := p.reader.Search(ctx, eventstore.Query{Limit: 5})
			must(t, err)
			if !r.Partial || !strings.Contains(r.Note, c.says) || !strings.Contains(r.Note, "only what is kept here: of what was received before 1 February 2026") || len(r.Hits) != 5 || r.Hits[0].Event.User != "late" {
				t.Errorf("%s: %d hits, %v, %q", name, len(r.Hits), r.Partial, r.Note)
			}
			if took := time.Since(begun); took > 4*time.Second {
				t.Errorf("%s: it took %s", name, took)
			}
			if name != "it fails" {
				continue
			}
			if _, err := p.reader.At(ctx, 1); kind.CodeOf(err) != kind.Unavailable {
				t.Errorf("%s: an event that is there only: %v", name, err)
			}
		}
		s.server().Config.Handler = handler
		r, err := p.reader.Search(ctx, eventstore.Query{Limit: 5})
		must(t, err)
		if r.Partial || r.Total != len(days)*eachDay+10 {
			t.Errorf("when it is back: %d events, %q", r.Total, r.Note)
		}
		stopped, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := p.reader.Search(stopped, eventstore.Query{}); err == nil {
			t.Error("whoever asked is gone, and gets an answer")
		}
	})
}

// A recorder is an answer that we look at before it is sent.
type recorder struct {
	header http.Header
	body   strings.Builder
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }
func (r *recorder) WriteHeader(int)             {}

// twice puts the first hit of an answer there again, at its end.
func twice(s *side, answer string) string {
	if s.logs != nil {
		lines := strings.SplitAfter(strings.TrimSpace(answer)+"\n", "\n")
		return answer + lines[0] + strings.Repeat(lines[0], 2_000)
	}
	var a map[string]any
	d := json.NewDecoder(strings.NewReader(answer))
	d.UseNumber()
	if d.Decode(&a) != nil {
		return answer
	}
	hits := a["hits"].(map[string]any)
	if list := hits["hits"].([]any); len(list) > 0 {
		hits["hits"] = append(list[:len(list)-1], list[0])
	}
	b, _ := json.Marshal(a)
	return string(b)
}

func TestWhereNothingWasDroppedAnAbsentSystemOutsideHidesNothing(t *testing.T) {
	sides(t, func(t *testing.T, s *side) {
		events := openEvents(t, t.TempDir())
		numbered(t, events, 0, 30)
		s.of(t, events, func(set *outside.Settings) { set.Search = outside.SearchEverything })
		r := &outside.Reader{Here: events, Outside: s.store, Settled: func() eventstore.Position { return 30 }}
		s.server().Close()
		res, err := r.Search(ctx, eventstore.Query{})
		must(t, err)
		if res.Partial || res.Total != 30 || !strings.Contains(res.Note, "where nothing is missing") {
			t.Errorf("%+v", res)
		}
		if _, err := r.Search(ctx, eventstore.Query{Facets: []string{"nosuch"}}); kind.CodeOf(err) != kind.Invalid {
			t.Errorf("a wrong question: %v", err)
		}
	})
}
