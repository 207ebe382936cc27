package eventstore

import "time"

// A Span is a time between two instants, both of which belong to it. The zero Span is
// none.
type Span struct{ First, Last time.Time }

// IsZero tells whether it is no span.
func (s Span) IsZero() bool { return s.First.IsZero() && s.Last.IsZero() }

// With is the span that covers both.
func (s Span) With(o Span) Span {
	switch {
	case s.IsZero():
		return o
	case o.IsZero():
		return s
	}
	if o.First.Before(s.First) {
		s.First = o.First
	}
	if o.Last.After(s.Last) {
		s.Last = o.Last
	}
	return s
}

// Span is when the first and the last of the events of a time happened, by what is known
// without reading them: it may be a little wider. Zero bounds are none.
func (s *Store) Span(from, to time.Time) (Span, error) {
	parts, release, err := s.snapshot()
	if err != nil {
		return Span{}, err
	}
	defer release()
	r := newRun(s, Query{From: from, To: to})
	var all Span
	for _, p := range parts {
		first, last := p.span()
		if last < r.from || first >= r.to {
			continue
		}
		all = all.With(Span{time.UnixMicro(max(first, r.from)).UTC(), time.UnixMicro(min(last, r.to-1)).UTC()})
	}
	return all, nil
}

// A Layout is how a histogram is divided: into buckets of one width, which begin at
// multiples of it.
type Layout struct {
	Start int64 // of the first bucket, in microseconds since 1970
	Width int64 // of a bucket, in microseconds
	Count int   // of buckets
}

// widths are those that a bucket may have: those that a clock has.
var widths = []time.Duration{time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 28 * 24 * time.Hour}

// maxBuckets bounds a histogram.
const maxBuckets = 500

// Layout divides the time of the query, or where that has no bound the span of the
// events, so that there are not more buckets than were asked for.
func (q Query) Layout(events Span) Layout {
	low, high := events.First.UnixMicro(), events.Last.UnixMicro()
	if !q.From.IsZero() {
		low = q.From.UnixMicro()
	}
	if !q.To.IsZero() {
		high = q.To.UnixMicro() - 1
	}
	most := int64(min(q.Buckets, maxBuckets))
	var l Layout
	for _, w := range widths {
		if l.Width = w.Microseconds(); (high-low)/l.Width < most {
			break
		}
	}
	for (high-low)/l.Width >= most {
		l.Width *= 2
	}
	l.Start = low - mod(low, l.Width)
	l.Count = int((high-l.Start)/l.Width) + 1
	return l
}

// Bucket is the bucket of that number, with what it counts.
func (l Layout) Bucket(i, count int) Bucket {
	return Bucket{time.UnixMicro(l.Start + int64(i)*l.Width).UTC(), time.Duration(l.Width) * time.Microsecond, count}
}

func mod(a, b int64) int64 { return (a%b + b) % b }
