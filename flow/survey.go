package flow

import (
	"context"
	"time"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
)

// A Survey reads the registers from which the roadmap, the scope and the indicators
// are computed, each of them once. The first error stays and ends all reading, so
// that rules can be written down one after the other.
type Survey struct {
	Ctx   context.Context
	f     *Flow
	Now   time.Time
	Today kind.Date
	held  map[string]any
	pairs map[string][]store.Pair
	Err   error
}

// Survey begins to read for whoever acts in the context.
func (f *Flow) Survey(ctx context.Context) *Survey {
	now := f.app.Now()
	return &Survey{Ctx: ctx, f: f, Now: now, Today: kind.DateOf(now), held: map[string]any{}, pairs: map[string][]store.Pair{}}
}

// Every lists all records of a kind that are not in the bin.
func Every[T any](s *Survey, k *kind.Kind) []*T {
	if list, ok := s.held[k.Name].([]*T); ok || s.Err != nil {
		return list
	}
	list, err := app.Of[T](s.f.app, k).All(s.Ctx, kind.Query{})
	if s.Err = err; err != nil {
		return nil
	}
	s.held[k.Name] = list
	return list
}

// count counts records without reading them: for registers that grow large.
func (s *Survey) count(k *kind.Kind, q kind.Query) int {
	if s.Err != nil {
		return 0
	}
	n, err := s.f.Count(s.Ctx, k, q)
	s.Err = err
	return n
}

// links lists the pairs of a declared relation. Ask only for kinds that the caller
// has listed, so that nobody learns of links of records that they may not read.
func (s *Survey) links(from *kind.Kind, name string) []store.Pair {
	at := from.Name + "/" + name
	if list, ok := s.pairs[at]; ok || s.Err != nil {
		return list
	}
	s.Err = s.f.app.View(s.Ctx, func(tx *store.Tx) (err error) {
		s.pairs[at], err = tx.Pairs(from, name)
		return err
	})
	return s.pairs[at]
}

// From gathers the far ends of a relation by the near one.
func (s *Survey) From(k *kind.Kind, name string) map[string][]string {
	out := map[string][]string{}
	for _, p := range s.links(k, name) {
		out[p.From] = append(out[p.From], p.To)
	}
	return out
}

// to gathers the near ends of a relation by the far one.
func (s *Survey) to(k *kind.Kind, name string) map[string][]string {
	out := map[string][]string{}
	for _, p := range s.links(k, name) {
		out[p.To] = append(out[p.To], p.From)
	}
	return out
}

// day is the date n days from today.
func (s *Survey) day(n int) kind.Date { return kind.DateOf(s.Now.AddDate(0, 0, n)) }

// Within tells whether a day lies in the last n days, today included.
func (s *Survey) Within(d kind.Date, n int) bool { return d != "" && d <= s.Today && d >= s.day(-n) }

// Past tells whether a day that was set is over.
func (s *Survey) Past(d kind.Date) bool { return d != "" && d < s.Today }

// baseOf is what every record has.
func baseOf(rec any) *kind.Base { return rec.(kind.Record).GetBase() }

// ByID indexes records.
func ByID[T any](list []*T) map[string]*T {
	out := make(map[string]*T, len(list))
	for _, r := range list {
		out[baseOf(r).ID] = r
	}
	return out
}

// Organisation is the profile of the workspace; nil when there is none yet.
func (s *Survey) Organisation() *isms.Organisation {
	var oldest *isms.Organisation
	for _, o := range Every[isms.Organisation](s, isms.Organisations) {
		if oldest == nil || o.CreatedAt.Before(oldest.CreatedAt) {
			oldest = o
		}
	}
	return oldest
}

// overallAppetite is the statement in force for all loss together; nil: none.
func (s *Survey) overallAppetite() *isms.Appetite {
	for _, a := range Every[isms.Appetite](s, isms.Appetites) {
		if overall(a) {
			return a
		}
	}
	return nil
}
