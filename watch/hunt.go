package watch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"holdfast/app"
	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/flow/detection"
	"holdfast/isms"
)

// Hunted is what looking back came to.
type Hunted struct {
	Looked int `json:"looked"` // events compared
	Seen   int `json:"seen"`   // that show an indicator
	Alerts int `json:"alerts"` // indicator, machine and actor: raised or counted up
}

// Limits of looking back.
const (
	searchedOneByOne = 200 // above so many values all events are read instead
	huntPage         = 1000
	keptPerAlert     = 5 // events of each that go along as evidence
)

// A hunt gathers what the stored events show before anything is raised, so that a mark
// that was seen a million times is one alert.
type hunt struct {
	known   *Known
	place   *places
	arrived map[string]time.Time // when an indicator did, by id
	tell    func(step string, done, total int)
	out     Hunted
	found   map[detectionKey]*detection.Detection
	order   []detectionKey
}

// Hunt looks for indicators in the events of a workspace that arrived before they did,
// from a time on (zero: all), and raises one alert for each indicator, machine and actor.
// What arrived later the watch has seen itself. ctx carries who looks.
func Hunt(ctx context.Context, a *app.App, f *detection.Flow, events *eventstore.Store, marks []*isms.ThreatIndicator, since time.Time, tell func(step string, done, total int)) (Hunted, error) {
	place, err := readPlaces(ctx, a)
	if err != nil {
		return Hunted{}, err
	}
	h := &hunt{known: &Known{}, place: place, tell: tell, found: map[detectionKey]*detection.Detection{}, arrived: map[string]time.Time{}}
	for _, t := range marks {
		h.arrived[t.ID] = t.CreatedAt
	}
	h.known.use(marks)
	if err := h.search(ctx, events, marks, since); err != nil {
		return h.out, err
	}
	for _, key := range h.order {
		if _, _, err := f.RaiseAlert(ctx, *h.found[key]); err != nil {
			return h.out, fmt.Errorf("what was found: %w", err)
		}
		h.out.Alerts++
	}
	return h.out, nil
}

func (h *hunt) search(ctx context.Context, events *eventstore.Store, marks []*isms.ThreatIndicator, since time.Time) error {
	if len(marks) > searchedOneByOne {
		return h.pages(ctx, events, eventstore.Query{From: since})
	}
	for i, t := range marks {
		h.tell("Looking for "+t.Value, i, len(marks))
		if err := h.pages(ctx, events, eventstore.Query{From: since, Terms: []eventstore.Term{termFor(t)}}); err != nil {
			return err
		}
	}
	return nil
}

// termFor is the quickest question that finds every event that may show the indicator.
func termFor(t *isms.ThreatIndicator) eventstore.Term {
	switch t.Type {
	case "address", "network":
		return eventstore.Term{Field: "ip", Value: t.Value}
	case "md5", "sha1", "sha256":
		return eventstore.Term{Field: "hash", Value: t.Value}
	case "url":
		if _, rest, ok := strings.Cut(t.Value, "://"); ok {
			return eventstore.Term{Value: strings.TrimSuffix(rest, "/")}
		}
	}
	return eventstore.Term{Value: t.Value}
}

// pages compares all that a question finds, the newest first.
func (h *hunt) pages(ctx context.Context, events *eventstore.Store, q eventstore.Query) error {
	q.Limit = huntPage
	for {
		res, err := events.Search(ctx, q)
		if err != nil {
			return err
		}
		for i := range res.Hits {
			h.compare(&res.Hits[i].Event)
		}
		if len(q.Terms) == 0 {
			h.tell("Comparing stored events", h.out.Looked, res.Total)
		}
		if !res.More || len(res.Hits) == 0 {
			return nil
		}
		at := res.Hits[len(res.Hits)-1].Marker()
		q.After = &at
	}
}

// compare notes what one event shows.
func (h *hunt) compare(e *event.Event) {
	h.out.Looked++
	counted := false
	for _, s := range h.known.Seen(e) {
		if known := h.arrived[s.Indicator]; e.Received.After(known) {
			continue
		}
		if !counted {
			h.out.Seen++
			counted = true
		}
		d := s.Detection
		d.Source, d.IndicatorID, d.EventSourceID, d.At = "indicator", s.Indicator, e.Source, e.Time
		d.AssetID, d.Actor = h.place.where(e, ""), firstOf(d.Actor, actorOf(e))
		key := detectionKey{"", d.IndicatorID, d.AssetID, d.Actor}
		have := h.found[key]
		if have == nil {
			have = &d
			h.found[key], h.order = have, append(h.order, key)
		}
		have.Count++
		if len(have.Events) < keptPerAlert {
			have.Events = append(have.Events, append([]byte(nil), e.Raw...))
		}
	}
}
