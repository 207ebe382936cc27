package eventstore

import (
	"maps"
	"slices"
	"time"
)

// Segments lists the segments, in the order of positions.
func (s *Store) Segments() []SegmentInfo {
	s.segMu.RLock()
	defer s.segMu.RUnlock()
	return slices.Clone(s.manifest.Segments)
}

// Stats says how much a store holds.
type Stats struct {
	Sources  map[string]SourceInfo // by source
	Days     map[string]SourceInfo // by the day of receipt, as 2026-03-04
	Dropped  map[string]SourceInfo // by retention since the store was made, by source
	Count    int64
	Raw      int64 // bytes of the lines
	Size     int64 // bytes on disk: segments and log
	Oldest   time.Time
	Newest   time.Time // when the last line was received; zero for none
	Segments int
	Unsealed int64 // lines that are in the log only
	Damaged  []Damage
}

// Stats counts what the store holds. It reads no segment.
func (s *Store) Stats() (Stats, error) {
	st := Stats{Sources: map[string]SourceInfo{}, Days: map[string]SourceInfo{}, Damaged: s.lost}
	s.headMu.Lock()
	defer s.headMu.Unlock()
	if err := s.catchUp(); err != nil {
		return st, err
	}
	for _, b := range s.head.blocks {
		if b.len() > 0 {
			st.add(b.day, b.sources)
			st.Unsealed += int64(b.len())
		}
	}
	s.segMu.RLock()
	defer s.segMu.RUnlock()
	for _, i := range s.manifest.Segments {
		st.add(i.Day, i.Sources)
		st.Size += i.Size
		if st.Oldest.IsZero() || i.From.Before(st.Oldest) {
			st.Oldest = i.From
		}
	}
	st.Segments = len(s.manifest.Segments)
	st.Dropped = maps.Clone(s.manifest.Dropped)
	s.mu.Lock()
	defer s.mu.Unlock()
	st.Size += s.backlog()
	return st, nil
}

func (st *Stats) add(day string, sources map[string]SourceInfo) {
	for name, i := range sources {
		st.Sources[name] = st.Sources[name].plus(i)
		st.Days[day] = st.Days[day].plus(i)
		st.Count, st.Raw = st.Count+i.Count, st.Raw+i.Bytes
		if i.Last.After(st.Newest) {
			st.Newest = i.Last
		}
	}
}
