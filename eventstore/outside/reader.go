package outside

import (
	"context"
	"fmt"
	"slices"
	"time"

	"holdfast/eventstore"
	"holdfast/kind"
)

// wrongClocks is how far the clock of a sender may be ahead: an event that seems to have
// happened later than that after the last line that was dropped is still kept here.
const wrongClocks = 24 * time.Hour

// A Reader finds events here and outside as if they lay in one store. What has settled
// outside is searched there, what came after it here: no event is counted twice, and none
// falls between the two. When the store outside does not answer, what is kept here is
// found, and the result says so.
type Reader struct {
	Here    *eventstore.Store
	Outside *Store
	Settled func() eventstore.Position // up to which everything is found outside
}

// Search finds events, the newest first.
func (r *Reader) Search(ctx context.Context, q eventstore.Query) (eventstore.Result, error) {
	upTo := r.Settled()
	reach, err := r.reach(q, upTo)
	if err != nil || !reach.outside {
		if err == nil {
			return r.Here.Search(ctx, q)
		}
		return eventstore.Result{}, err
	}
	asking, cancel := context.WithTimeout(ctx, r.Outside.cfg.Settings.patience())
	defer cancel()
	wide, err := r.spread(asking, q, upTo)
	var far eventstore.Result
	if err == nil {
		far, err = r.Outside.Search(asking, wide, upTo)
	}
	if kind.CodeOf(err) == kind.Invalid && err != nil || ctx.Err() != nil {
		return eventstore.Result{}, err
	}
	if err != nil {
		return r.without(ctx, q, reach, err)
	}
	wide.Behind = max(q.Behind, upTo)
	near, err := r.Here.Search(ctx, wide)
	if err != nil {
		return eventstore.Result{}, err
	}
	return r.join(q, far, near), nil
}

// A reach says where a query must be looked for.
type reach struct {
	outside bool
	gone    bool      // some of what it may find is not kept here any longer
	from    time.Time // what was received later is all kept here
}

// reach tells how far a query reaches.
func (r *Reader) reach(q eventstore.Query, upTo eventstore.Position) (reach, error) {
	how := r.Outside.cfg.Settings.Search
	if how == SearchNo || upTo == 0 || q.Behind >= upTo {
		return reach{}, nil
	}
	st, err := r.Here.Stats()
	if err != nil {
		return reach{}, err
	}
	var last time.Time
	for _, d := range st.Dropped {
		if d.Last.After(last) {
			last = d.Last
		}
	}
	gone := !last.IsZero() && (q.From.IsZero() || q.From.Before(last.Add(wrongClocks)))
	return reach{outside: gone || how == SearchEverything, gone: gone, from: last}, nil
}

// spread makes the histograms of both stores one: where the query does not say its bounds,
// the events do that are there now.
func (r *Reader) spread(ctx context.Context, q eventstore.Query, upTo eventstore.Position) (eventstore.Query, error) {
	if q.Buckets <= 0 || !q.From.IsZero() && !q.To.IsZero() {
		return q, nil
	}
	far, err := r.Outside.Span(ctx, q.From, q.To, upTo)
	if err != nil {
		return q, err
	}
	near, err := r.Here.Span(q.From, q.To)
	if all := far.With(near); !all.IsZero() {
		q.From, q.To = all.First, all.Last.Add(time.Microsecond)
	}
	return q, err
}

// without searches here only and says what that means.
func (r *Reader) without(ctx context.Context, q eventstore.Query, how reach, why error) (eventstore.Result, error) {
	res, err := r.Here.Search(ctx, q)
	if err != nil {
		return res, err
	}
	res.Partial = how.gone
	res.Note = fmt.Sprintf("%v. Searched was only what is kept here, where nothing is missing.", why)
	if how.gone {
		res.Note = fmt.Sprintf("%v. Searched was only what is kept here: of what was received before %s, events are missing.", why, how.from.UTC().Format("2 January 2006 15:04 UTC"))
	}
	return res, nil
}

// join makes one result of what was found outside and of what has not settled there.
func (r *Reader) join(q eventstore.Query, far, near eventstore.Result) eventstore.Result {
	out := eventstore.Result{Total: far.Total + near.Total, AtLeast: near.AtLeast, Looked: near.Looked, Facets: map[string][]eventstore.Count{}}
	out.Hits = append(slices.Clone(far.Hits), near.Hits...)
	slices.SortFunc(out.Hits, func(a, b eventstore.Hit) int {
		if newer(a.Marker(), b.Marker()) {
			return -1
		}
		return 1
	})
	out.More = far.More || near.More || len(out.Hits) > q.Most()
	out.Hits = out.Hits[:min(len(out.Hits), q.Most())]
	out.Buckets = joinBuckets(far.Buckets, near.Buckets)
	for _, name := range q.Facets {
		counts := map[string]int{}
		for _, c := range append(slices.Clone(far.Facets[name]), near.Facets[name]...) {
			counts[c.Value] += c.Count
		}
		out.Facets[name] = eventstore.TopCounts(counts)
	}
	out.Note = "Searched in " + r.Outside.Name()
	if near.Total > 0 {
		out.Note += " and, for what arrived last, here"
	}
	out.Note += "."
	return out
}

// joinBuckets adds up what both count. They are laid out alike, or one of them is empty.
func joinBuckets(a, b []eventstore.Bucket) []eventstore.Bucket {
	if len(a) == 0 {
		return b
	}
	out := slices.Clone(a)
	for i := range b[:min(len(a), len(b))] {
		out[i].Count += b[i].Count
	}
	return out
}

// At is the event at a position.
func (r *Reader) At(ctx context.Context, p eventstore.Position) (eventstore.Hit, error) {
	h, err := r.Here.At(ctx, p)
	if kind.CodeOf(err) != kind.NotFound || r.Outside.cfg.Settings.Search == SearchNo {
		return h, err
	}
	h, err = r.Outside.At(ctx, p)
	if err != nil && kind.CodeOf(err) != kind.NotFound {
		return h, kind.Errorf(kind.Unavailable, "event %d is not kept here any longer: %w", p, err)
	}
	return h, err
}
