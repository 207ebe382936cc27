package eventstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"
)

// A Retention says how long events are kept, by the day on which they were received.
type Retention struct {
	Days     int            // of all sources; 0: for ever
	Sources  map[string]int // days of single sources, instead
	MaxBytes int64          // of segments; the oldest go first; 0: no bound
}

// days are how long a source is kept; 0: for ever.
func (r Retention) days(source string) int {
	if d, own := r.Sources[source]; own && d > 0 {
		return d
	}
	return r.Days
}

// Dropped says what retention removed.
type Dropped struct {
	Sources  map[string]SourceInfo
	Segments int // that went as a whole
	Written  int // that were written anew, without some sources
}

// Retain removes what is older than it may be. What is not sealed is never touched.
func (s *Store) Retain(ctx context.Context, r Retention) (Dropped, error) {
	s.sealing.Lock()
	defer s.sealing.Unlock()
	d := Dropped{Sources: map[string]SourceInfo{}}
	today := s.cfg.Now().UTC()
	for _, i := range s.Segments() {
		if err := ctx.Err(); err != nil {
			return d, err
		}
		gone := map[string]SourceInfo{}
		for source, info := range i.Sources {
			if n := r.days(source); n > 0 && i.Day < today.AddDate(0, 0, -n).Format(time.DateOnly) {
				gone[source] = info
			}
		}
		if err := s.dropFrom(i, gone, &d); err != nil {
			return d, err
		}
	}
	return d, s.shrink(r.MaxBytes, &d)
}

// shrink removes the oldest segments until the rest is no larger than it may be.
func (s *Store) shrink(most int64, d *Dropped) error {
	if most <= 0 {
		return nil
	}
	list := s.Segments()
	size := int64(0)
	for _, i := range list {
		size += i.Size
	}
	for _, i := range list {
		if size <= most {
			return nil
		}
		if err := s.dropFrom(i, i.Sources, d); err != nil {
			return err
		}
		size -= i.Size
	}
	return nil
}

// dropFrom removes sources from a segment: the whole segment when nothing is left.
func (s *Store) dropFrom(i SegmentInfo, gone map[string]SourceInfo, d *Dropped) error {
	if len(gone) == 0 {
		return nil
	}
	m := s.manifest.clone()
	at := slices.IndexFunc(m.Segments, func(have SegmentInfo) bool { return have.Name == i.Name })
	if at < 0 {
		return nil
	}
	if len(gone) == len(i.Sources) {
		m.Segments = slices.Delete(m.Segments, at, at+1)
		d.Segments++
	} else {
		m.Made++
		fresh, err := s.makeSegment(named(i.Day, i.First, i.Last, m.Made), s.merged([]SegmentInfo{i}, func(source string) bool { _, is := gone[source]; return !is }))
		if err != nil {
			return err
		}
		m.Segments[at] = fresh
		d.Written++
	}
	for source, info := range gone {
		m.Dropped[source] = m.Dropped[source].plus(info)
		d.Sources[source] = d.Sources[source].plus(info)
	}
	return s.replace(m, i)
}

// replace makes a list valid and removes the segments that it no longer names.
func (s *Store) replace(m manifest, old ...SegmentInfo) error {
	if err := s.writeManifest(m); err != nil {
		return full(err)
	}
	s.headMu.Lock()
	s.swap(m)
	s.headMu.Unlock()
	var err error
	for _, i := range old {
		err = errors.Join(err, s.shelf.Remove(i.Name))
	}
	return err
}

// The sizes between which segments are merged.
const (
	smallRows  = blockRows * segmentGroups / 2
	mergeCount = 4 // so many small neighbours of a day are merged; of a day that is over, two
)

// Merge joins small segments that lie side by side and were received on one day, and
// tells how many it replaced.
func (s *Store) Merge(ctx context.Context) (int, error) {
	s.sealing.Lock()
	defer s.sealing.Unlock()
	replaced := 0
	today := s.cfg.Now().UTC().Format(time.DateOnly)
	for {
		some := mergeable(s.Segments(), today)
		if some == nil || ctx.Err() != nil {
			return replaced, ctx.Err()
		}
		if err := s.mergeSome(some); err != nil {
			return replaced, err
		}
		replaced += len(some)
	}
}

// mergeable finds small neighbours that are worth it.
func mergeable(list []SegmentInfo, today string) []SegmentInfo {
	for start := 0; start < len(list); {
		end, rows := start, int64(0)
		for end < len(list) && list[end].Day == list[start].Day && list[end].Rows < smallRows && rows+list[end].Rows <= blockRows*segmentGroups {
			rows += list[end].Rows
			end++
		}
		if n := end - start; n >= mergeCount || n >= 2 && list[start].Day < today {
			return list[start:end]
		}
		start = max(end, start+1)
	}
	return nil
}

func (s *Store) mergeSome(some []SegmentInfo) error {
	m := s.manifest.clone()
	m.Made++
	first, last := some[0], some[len(some)-1]
	fresh, err := s.makeSegment(named(first.Day, first.First, last.Last, m.Made), s.merged(some, nil))
	if err != nil {
		return err
	}
	at := slices.IndexFunc(m.Segments, func(i SegmentInfo) bool { return i.Name == first.Name })
	m.Segments = slices.Replace(m.Segments, at, at+len(some), fresh)
	return s.replace(m, some...)
}

// merged reads segments back, in the order of positions, as full blocks, without the
// sources that are not kept.
func (s *Store) merged(some []SegmentInfo, keep func(source string) bool) iter.Seq2[*block, error] {
	return func(yield func(*block, error) bool) {
		out := newBlock()
		for _, i := range some {
			for b, err := range s.blocksOf(i.Name) {
				if err != nil {
					yield(nil, err)
					return
				}
				for row := range b.len() {
					l := b.line(row)
					if keep != nil && !keep(l.Source) {
						continue
					}
					out.addRow(l, b.time[row], func(c int) string { return b.columns[c].at(row) })
					if out.full() {
						if !yield(out, nil) {
							return
						}
						out = newBlock()
					}
				}
			}
		}
		if out.len() > 0 {
			yield(out, nil)
		}
	}
}

// blocksOf reads the row groups of a segment one after another.
func (s *Store) blocksOf(name string) iter.Seq2[*block, error] {
	return func(yield func(*block, error) bool) {
		s.segMu.RLock()
		defer s.segMu.RUnlock()
		at := slices.IndexFunc(s.segments, func(g *segment) bool { return g.Name == name })
		if at < 0 {
			yield(nil, fmt.Errorf("segment %s is gone", name))
			return
		}
		groups, err := s.segments[at].open()
		if err != nil {
			yield(nil, err)
			return
		}
		for _, g := range groups {
			b, err := g.whole()
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}
