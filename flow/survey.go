package flow

import (
	"context"
	"time"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
)

// A survey reads the registers from which the roadmap, the scope and the indicators
// are computed, each of them once. The first error stays and ends all reading, so
// that rules can be written down one after the other.
type survey struct {
	ctx   context.Context
	f     *Flow
	now   time.Time
	today kind.Date
	held  map[string]any
	pairs map[string][]store.Pair
	err   error
}

func (f *Flow) survey(ctx context.Context) *survey {
	now := f.app.Now()
	return &survey{ctx: ctx, f: f, now: now, today: kind.DateOf(now), held: map[string]any{}, pairs: map[string][]store.Pair{}}
}

// every lists all records of a kind that are not in the bin.
func every[T any](s *survey, k *kind.Kind) []*T {
	if list, ok := s.held[k.Name].([]*T); ok || s.err != nil {
		return list
	}
	list, err := app.Of[T](s.f.app, k).All(s.ctx, kind.Query{})
	if s.err = err; err != nil {
		return nil
	}
	s.held[k.Name] = list
	return list
}

// count counts records without reading them: for registers that grow large.
func (s *survey) count(k *kind.Kind, q kind.Query) int {
	if s.err != nil {
		return 0
	}
	n, err := s.f.count(s.ctx, k, q)
	s.err = err
	return n
}

// links lists the pairs of a declared relation. Ask only for kinds that the caller
// has listed, so that nobody learns of links of records that they may not read.
func (s *survey) links(from *kind.Kind, name string) []store.Pair {
	at := from.Name + "/" + name
	if list, ok := s.pairs[at]; ok || s.err != nil {
		return list
	}
	s.err = s.f.app.View(s.ctx, func(tx *store.Tx) (err error) {
		s.pairs[at], err = tx.Pairs(from, name)
		return err
	})
	return s.pairs[at]
}

// from gathers the far ends of a relation by the near one.
func (s *survey) from(k *kind.Kind, name string) map[string][]string {
	out := map[string][]string{}
	for _, p := range s.links(k, name) {
		out[p.From] = append(out[p.From], p.To)
	}
	return out
}

// to gathers the near ends of a relation by the far one.
func (s *survey) to(k *kind.Kind, name string) map[string][]string {
	out := map[string][]string{}
	for _, p := range s.links(k, name) {
		out[p.To] = append(out[p.To], p.From)
	}
	return out
}

// day is the date n days from today.
func (s *survey) day(n int) kind.Date { return kind.DateOf(s.now.AddDate(0, 0, n)) }

// within tells whether a day lies in the last n days, today included.
func (s *survey) within(d kind.Date, n int) bool { return d != "" && d <= s.today && d >= s.day(-n) }

// past tells whether a day that was set is over.
func (s *survey) past(d kind.Date) bool { return d != "" && d < s.today }

// baseOf is what every record has.
func baseOf(rec any) *kind.Base { return rec.(kind.Record).GetBase() }

// byID indexes records.
func byID[T any](list []*T) map[string]*T {
	out := make(map[string]*T, len(list))
	for _, r := range list {
		out[baseOf(r).ID] = r
	}
	return out
}

// organisation is the profile of the workspace; nil when there is none yet.
func (s *survey) organisation() *isms.Organisation {
	var oldest *isms.Organisation
	for _, o := range every[isms.Organisation](s, isms.Organisations) {
		if oldest == nil || o.CreatedAt.Before(oldest.CreatedAt) {
			oldest = o
		}
	}
	return oldest
}

// overallAppetite is the statement in force for all loss together; nil: none.
func (s *survey) overallAppetite() *isms.Appetite {
	for _, a := range every[isms.Appetite](s, isms.Appetites) {
		if overall(a) {
			return a
		}
	}
	return nil
}
