package flow

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"holdfast/isms"
	"holdfast/kind"
)

// A Roadmap is the way to a working ISMS in two tracks: the ten measures for those
// who are not ready, and the ten steps. Everything in it is computed from records.
type Roadmap struct {
	Today  kind.Date   `json:"today"`
	Tracks []Track     `json:"tracks"`
	Next   *Step       `json:"next,omitempty"` // where to go on; nil when everything is done
	Extra  []Milestone `json:"extra"`          // milestones that belong to no step, or are not the first of theirs
	Pace   *Pace       `json:"pace,omitempty"` // nil while nothing is planned
}

// A Track is ten steps towards one aim.
type Track struct {
	ID       string  `json:"id"` // "first" or "isms"
	Title    string  `json:"title"`
	Doc      string  `json:"doc"`
	Steps    []Step  `json:"steps"`
	Done     int     `json:"done"`     // steps that are done
	Progress float64 `json:"progress"` // the mean of the steps, 0 to 1
}

// A Step has a definition of done made of parts; it is done only when each part is.
type Step struct {
	ID        string     `json:"id"` // "isms-3"; what isms.Milestone.Measure names
	Number    int        `json:"number"`
	Title     string     `json:"title"`
	Why       string     `json:"why"`
	Hours     float64    `json:"hours"` // usual work for a small organisation
	Parts     []Part     `json:"parts"`
	Progress  float64    `json:"progress"` // the mean of the shares of its parts, 0 to 1
	Done      bool       `json:"done"`
	Next      *Next      `json:"next,omitempty"` // nil when it is done
	Milestone *Milestone `json:"milestone,omitempty"`
}

// A Part is one fact of a definition of done: how many of how many are as they
// should be, and which are not.
type Part struct {
	Name   string  `json:"name"`
	Counts string  `json:"counts"` // what counts, in words
	Have   int     `json:"have"`
	Want   int     `json:"want"`  // 0: there is nothing to count yet, and nothing lacks
	Lacks  []Named `json:"lacks"` // the first of those that are not as they should be; Note says why
	More   int     `json:"more"`  // how many more lack
	Next   Next    `json:"next"`  // what to do about it
}

// Next is what to do: a sentence and where to do it.
type Next struct {
	Text string `json:"text"`
	Kind string `json:"kind,omitempty"`
	ID   string `json:"id,omitempty"`   // the record to open; empty: the list, or a new record
	New  bool   `json:"new,omitempty"`  // make the first
	Page string `json:"page,omitempty"` // a workbench instead: "scope", "roadmap"
}

// A Milestone of the roadmap with the name of its owner.
type Milestone struct {
	*isms.Milestone
	Owner    string    `json:"owner"`
	Expected kind.Date `json:"expected,omitempty"` // at the pace of today; empty when it is reached or dropped
}

// Slips tells whether it is expected so much later than planned that somebody has
// to look.
func (m Milestone) Slips() bool {
	return m.Status == "at_risk" || m.Due != "" && m.Expected > kind.DateOf(m.Due.Time().AddDate(0, 0, grace))
}

// Share is how much of the part is there, 0 to 1.
func (p Part) Share() float64 {
	if p.Want == 0 {
		return 1
	}
	return min(1, float64(p.Have)/float64(p.Want))
}

// Done tells whether nothing lacks.
func (p Part) Done() bool { return p.Have >= p.Want }

// The two tracks.
const (
	TrackFirst = "first"
	TrackISMS  = "isms"
)

// mostLacks is how many of the records that lack are named.
const mostLacks = 6

// Roadmap computes both tracks from the registers as they are now.
func (f *Flow) Roadmap(ctx context.Context) (*Roadmap, error) {
	s := f.Survey(ctx)
	r := s.roadmap()
	return r, s.Err
}

func (s *Survey) roadmap() *Roadmap {
	r := &Roadmap{Today: s.Today}
	first := Track{ID: TrackFirst, Title: "Security before there is an ISMS", Doc: "Ten measures that help on the first day, for those who are not ready for more.", Steps: s.measures()}
	full := Track{ID: TrackISMS, Title: "Ten steps to a working ISMS", Doc: "What a certification auditor walks through, in the order in which it is built.", Steps: s.steps()}
	r.Tracks = []Track{first, full}
	s.attach(r)
	for i := range r.Tracks {
		r.Tracks[i].sum()
	}
	if r.Next = r.Tracks[1].next(); r.Next == nil {
		r.Next = r.Tracks[0].next()
	}
	if r.Pace = s.pace(r); r.Pace != nil {
		r.expect(s.forecasts(r, r.Pace))
	}
	return r
}

// expect writes the forecasts beside the milestones.
func (r *Roadmap) expect(at map[string]kind.Date) {
	for t := range r.Tracks {
		for i := range r.Tracks[t].Steps {
			if m := r.Tracks[t].Steps[i].Milestone; m != nil {
				m.Expected = at[m.ID]
			}
		}
	}
	for i := range r.Extra {
		r.Extra[i].Expected = at[r.Extra[i].ID]
	}
}

func (t *Track) sum() {
	for i := range t.Steps {
		t.Steps[i].Judge()
		t.Progress += t.Steps[i].Progress / float64(len(t.Steps))
		if t.Steps[i].Done {
			t.Done++
		}
	}
}

// Judge sums the parts up and finds the next action: what the first part that is
// not done asks for.
func (st *Step) Judge() {
	sum, n := 0.0, 0
	st.Done = true
	for i := range st.Parts {
		p := &st.Parts[i]
		if p.Want == 0 {
			continue
		}
		n++
		sum += p.Share()
		if p.Done() {
			continue
		}
		st.Done = false
		if st.Next == nil {
			next := p.Next
			if next.ID == "" && next.Page == "" && !next.New && len(p.Lacks) > 0 {
				next.Kind, next.ID = p.Lacks[0].Kind, p.Lacks[0].ID
				next.Text = p.Lacks[0].Title + ": " + next.Text
			}
			st.Next = &next
		}
	}
	if n == 0 {
		st.Done = false
		return
	}
	st.Progress = Round4(sum / float64(n))
}

// next is the first step that is not done.
func (t *Track) next() *Step {
	for i := range t.Steps {
		if !t.Steps[i].Done {
			return &t.Steps[i]
		}
	}
	return nil
}

// Step finds a step by its id.
func (r *Roadmap) Step(id string) *Step {
	for t := range r.Tracks {
		for i := range r.Tracks[t].Steps {
			if r.Tracks[t].Steps[i].ID == id {
				return &r.Tracks[t].Steps[i]
			}
		}
	}
	return nil
}

// attach gives each step its milestone: the one whose measure names it, or, of
// those without a measure, the one with the number of a step of the ISMS.
func (s *Survey) attach(r *Roadmap) {
	people := ByID(Every[isms.Person](s, isms.People))
	list := slices.Clone(Every[isms.Milestone](s, isms.Milestones))
	slices.SortStableFunc(list, func(a, b *isms.Milestone) int {
		return boolOrder(a.Status == "dropped", b.Status == "dropped")
	})
	for _, m := range list {
		ms := Milestone{Milestone: m}
		if p := people[m.OwnerID]; p != nil {
			ms.Owner = p.Title
		}
		id := m.Measure
		if id == "" && m.Step > 0 {
			id = TrackISMS + "-" + strconv.Itoa(m.Step)
		}
		if st := r.Step(id); st != nil && st.Milestone == nil {
			st.Milestone = &ms
			continue
		}
		r.Extra = append(r.Extra, ms)
	}
	slices.SortStableFunc(r.Extra, func(a, b Milestone) int { return cmpDates(a.Due, b.Due) })
}

// cmpDates orders days; those that are not set come last.
func cmpDates(a, b kind.Date) int {
	switch {
	case a == b:
		return 0
	case a == "":
		return 1
	case b == "" || a < b:
		return -1
	}
	return 1
}

// All counts the records that are as they should be. wrong says what a record
// lacks; empty: nothing. Where there is no record at all, the first one lacks.
func All[T any](p Part, k *kind.Kind, list []*T, wrong func(*T) string) Part {
	for _, r := range list {
		p.Want++
		why := wrong(r)
		if why == "" {
			p.Have++
			continue
		}
		if p.Next.Kind == "" {
			p.Next.Kind = k.Name
		}
		p.Lack(NamedOf(k.Name, baseOf(r), why))
	}
	if p.Want == 0 {
		p.Want = 1
		p.Next.Kind, p.Next.New = k.Name, true
	}
	return p
}

// IfAny counts like All, but where there is no record nothing lacks.
func IfAny[T any](p Part, k *kind.Kind, list []*T, wrong func(*T) string) Part {
	if len(list) == 0 {
		return p
	}
	return All(p, k, list, wrong)
}

// One asks for a single fact.
func One(p Part, there bool) Part {
	p.Want = 1
	if there {
		p.Have = 1
	}
	return p
}

// Lack counts a record that does not do, and names the first ones.
func (p *Part) Lack(n Named) {
	if len(p.Lacks) < mostLacks {
		p.Lacks = append(p.Lacks, n)
		return
	}
	p.More++
}

// Those keeps the records for which keep holds.
func Those[T any](list []*T, keep func(*T) bool) []*T {
	var out []*T
	for _, r := range list {
		if keep(r) {
			out = append(out, r)
		}
	}
	return out
}

// Lacking joins what is missing: "has no owner and no due date".
func Lacking(what ...string) string {
	text := ""
	for i := 0; i+1 < len(what); i += 2 {
		if what[i] != "" {
			continue
		}
		if text == "" {
			text = "has no " + what[i+1]
		} else {
			text += ", no " + what[i+1]
		}
	}
	return text
}

// Filled is a text for Lacking: empty where nothing is there.
func Filled(there bool) string {
	if there {
		return "yes"
	}
	return ""
}

// String is "3 of 5".
func (p Part) String() string { return fmt.Sprintf("%d of %d", p.Have, p.Want) }
