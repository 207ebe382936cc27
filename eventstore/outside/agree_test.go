package outside_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine/event"
	"holdfast/eventstore"
)

// all reads every event of a store.
func all(t testing.TB, s *eventstore.Store) []eventstore.Hit {
	t.Helper()
	var list []eventstore.Hit
	q := eventstore.Query{Limit: 1_000}
	for {
		r, err := s.Search(ctx, q)
		must(t, err)
		list = append(list, r.Hits...)
		if !r.More {
			return list
		}
		m := r.Hits[len(r.Hits)-1].Marker()
		q.After = &m
	}
}

// An asker makes queries of what there is.
type asker struct {
	*rand.Rand
	hits []eventstore.Hit
}

// part is a part of a text, often in other letters.
func (a asker) part(text string) string {
	letters := []rune(text)
	if len(letters) == 0 {
		return "x"
	}
	from := a.IntN(len(letters))
	part := string(letters[from:min(len(letters), from+1+a.IntN(12))])
	return part
}

// term asks for something that an event has, or nearly has.
func (a asker) term() eventstore.Term {
	h := a.hits[a.IntN(len(a.hits))]
	t := eventstore.Term{Not: a.IntN(5) == 0}
	if a.IntN(4) == 0 {
		t.Op, t.Value = eventstore.Contains, a.part(string(h.Event.Raw))
		return t
	}
	var names []string
	values := map[string]string{}
	for name, value := range h.Event.Fields() {
		if name != "time" {
			names, values[name] = append(names, name), value
		}
	}
	for _, f := range eventstore.FieldNames() {
		names, values[f.Short] = append(names, f.Short), h.Event.Field(f.Path)
	}
	for name, value := range map[string]string{"source": h.Event.Source, "peer": h.Event.Peer, "ip": h.Event.Src.String(), "eventid": "4625", "nested.deep.key": "treasure", "nested.list": "ünïcode",
		"nested": `"deep.key"`, "nested.n": "-12", "nested.addr": "10.20.1.77", "six": "2001:db8::77", "mapped": "10.20.1.9", "list": "5", "zero": "0", "@timestamp": "2026", "a": "b=c", "user": "root", "nosuch": "x"} {
		names, values[name] = append(names, name), value
	}
	slices.Sort(names) // the same every time
	t.Field = names[a.IntN(len(names))]
	t.Op, t.Value = a.compare(values[t.Field])
	return t
}

func (a asker) compare(value string) (eventstore.Op, string) {
	if value == "" {
		value = "0"
	}
	switch a.IntN(7) {
	case 0:
		return eventstore.Prefix, string([]rune(value)[:1+a.IntN(len([]rune(value)))])
	case 1:
		return eventstore.Contains, a.part(value)
	case 2:
		return eventstore.Present, ""
	case 3:
		return eventstore.Network, []string{"10.0.0.0/8", "10.20.1.0/25", "203.0.113.9/32", "2001:db8::/32", "::/0", "0.0.0.0/0", "::ffff:10.0.0.0/104", "2001:db8::77/123"}[a.IntN(8)]
	case 4:
		return eventstore.AtLeast, fmt.Sprint([]int64{-12, -1, 0, 1, 3, 22, 443, 1024, 4625, 60_000, 1 << 40, -1 << 63}[a.IntN(12)])
	case 5:
		return eventstore.AtMost, fmt.Sprint([]int64{-13, 0, 2, 3, 22, 443, 1024, 4625, 60_000, 1<<63 - 1}[a.IntN(10)])
	}
	return eventstore.Is, value
}

// query asks for one to three things in some time.
func (a asker) query(most eventstore.Position) eventstore.Query {
	q := eventstore.Query{Limit: 1 + a.IntN(60)}
	for range a.IntN(3) {
		q.Terms = append(q.Terms, a.term())
	}
	if a.IntN(3) == 0 {
		q.From = noon.Add(-time.Duration(a.IntN(40*3600)) * time.Second)
	}
	if a.IntN(3) == 0 {
		q.To = noon.Add(-time.Duration(a.IntN(25*3600)) * time.Second)
		if !q.From.IsZero() && !q.From.Before(q.To) {
			q.To = q.From.Add(3 * time.Hour)
		}
	}
	if a.IntN(2) == 0 {
		q.Buckets = 1 + a.IntN(80)
	}
	if a.IntN(4) == 0 {
		q.Behind = eventstore.Position(a.Uint64N(uint64(most)))
	}
	if a.IntN(3) == 0 {
		m := a.hits[a.IntN(len(a.hits))].Marker()
		q.After = &m
	}
	if a.IntN(2) == 0 {
		q.Facets = []string{"status", "service", "severity", "source"}
	}
	return q
}

// seen is what of a result must be the same, wherever it was found.
func seen(r eventstore.Result) map[string]any {
	var positions []eventstore.Position
	var events []event.Event
	for _, h := range r.Hits {
		positions = append(positions, h.Position)
		e := h.Event
		e.Native = slices.Clone(e.Native)
		events = append(events, e)
	}
	buckets := map[string]int{}
	for _, b := range r.Buckets {
		if b.Count > 0 {
			buckets[b.From.Format(time.RFC3339Nano)+" "+b.Width.String()] = b.Count
		}
	}
	facets := map[string][]eventstore.Count{}
	for name, counts := range r.Facets {
		if len(counts) > 0 {
			facets[name] = counts
		}
	}
	var lines []string
	for _, e := range events {
		lines = append(lines, fmt.Sprintf("%s %s %s %s %q", e.Time.Format(time.RFC3339Nano), e.Received.Format(time.RFC3339Nano), e.Source, e.Peer, e.Raw))
	}
	return map[string]any{"total": r.Total, "more": r.More, "positions": positions, "lines": lines, "buckets": buckets, "facets": facets}
}

// TestTheSameQuestionHasTheSameAnswerHereAndOutside compares hundreds of questions made of
// what the events hold: fields, networks, numbers, text, time, pages, counts.
func TestTheSameQuestionHasTheSameAnswerHereAndOutside(t *testing.T) {
	sides(t, func(t *testing.T, s *side) {
		events := openEvents(t, t.TempDir())
		fill(t, events, 400)
		s.of(t, events, nil)
		m, _ := s.mirror(t, events)
		if st := copied(t, m); st.Refused+st.Poison+st.Cut > 0 {
			t.Fatalf("%+v", st)
		}
		must(t, events.Seal(true)) // receipt is kept to the millisecond, here and there
		a := asker{rand.New(rand.NewPCG(7, 42)), all(t, events)}
		found := 0
		for i := range 300 {
			q := a.query(events.Last())
			here, err := events.Search(ctx, q)
			must(t, err)
			there, err := s.store.Search(ctx, q, events.Last())
			if err != nil {
				t.Fatalf("question %d: %+v: %v", i, q, err)
			}
			if d := cmp.Diff(seen(here), seen(there)); d != "" {
				t.Errorf("question %d: %s (%+v):\nhere -, outside +\n%s", i, q, q, d)
				return
			}
			found += min(here.Total, 1)
		}
		if found < 150 {
			t.Errorf("only %d questions found anything", found)
		}
	})
}

func TestAnEventIsFoundByItsPosition(t *testing.T) {
	sides(t, func(t *testing.T, s *side) {
		events := openEvents(t, t.TempDir())
		fill(t, events, 20)
		s.of(t, events, nil)
		m, _ := s.mirror(t, events)
		copied(t, m)
		for p := eventstore.Position(1); p <= events.Last(); p++ {
			here, err := events.At(ctx, p)
			must(t, err)
			there, err := s.store.At(ctx, p)
			must(t, err)
			if string(here.Event.Raw) != string(there.Event.Raw) || here.Event.Source != there.Event.Source || there.Position != p {
				t.Errorf("event %d: %q outside, %q here", p, there.Event.Raw, here.Event.Raw)
			}
		}
		if _, err := s.store.At(ctx, events.Last()+1); err == nil {
			t.Error("an event was found that never arrived")
		}
	})
}
