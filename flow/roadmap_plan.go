package flow

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
)

// A Planning says how the milestones of the roadmap are to be laid out.
type Planning struct {
	Tracks     []string  // which tracks; none: both, the ten measures first
	Start      kind.Date // when the work begins; empty: today
	HoursAWeek float64   // how much of somebody's week there is; 0: HalfADay
	OwnerID    string    // who owns the milestones; empty: the security lead of the organisation, else whoever plans
}

// HalfADay is the capacity of a plan where nobody said otherwise, in hours a week.
const HalfADay = 4.0

// sizeFactor scales the usual effort of a step, which is that of a small
// organisation, to the size of this one.
var sizeFactor = map[isms.OrganisationSize]float64{"project": 0.4, "micro": 0.6, "small": 1, "medium": 1.8, "large": 3}

// Plan makes the milestones that the roadmap lacks: one for each step, with the
// work that is left, an owner and a date. The steps follow each other at the given
// hours a week:
//
//	due = end of the step before + hours × (1 − progress) ÷ hours a week
//
// Milestones that exist, or lie in the bin, stay as they are, so that planning
// twice changes nothing. It returns how many it made.
func (f *Flow) Plan(ctx context.Context, p Planning) (int, error) {
	machine, actor, err := f.planner(ctx)
	if err != nil {
		return 0, err
	}
	if p.HoursAWeek < 0 || p.HoursAWeek > 1000 || math.IsNaN(p.HoursAWeek) {
		return 0, kind.Fieldf("hours", "is a number of hours a week between 1 and 1000")
	}
	made := 0
	err = f.app.Atomic(machine, func(ctx context.Context) error {
		made = 0
		s := f.Survey(ctx)
		r := s.roadmap()
		if s.Err != nil {
			return s.Err
		}
		l, err := s.layout(p, actor)
		if err != nil {
			return err
		}
		for _, t := range r.Tracks {
			if len(p.Tracks) > 0 && !slices.Contains(p.Tracks, t.ID) {
				continue
			}
			l.before = ""
			for i := range t.Steps {
				n, err := l.place(ctx, &t.Steps[i])
				if err != nil {
					return err
				}
				made += n
			}
		}
		_, err = f.replan(ctx, false, "")
		return err
	})
	return made, err
}

// planner asks whether the actor may change milestones at all, and returns a
// context in which the product writes what it computed.
func (f *Flow) planner(ctx context.Context) (context.Context, access.Actor, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return nil, actor, err
	}
	if actor.May(kind.Write, isms.Milestones) != access.All {
		return nil, actor, actor.Refuse(kind.Write, isms.Milestones)
	}
	return AsProduct(ctx, actor), actor, nil
}

// A layout puts one milestone after the other.
type planLayout struct {
	*Survey
	owner  string
	factor float64
	pace   float64   // hours a week
	cursor kind.Date // where the last one ends
	before string    // id of the milestone before it in its track
	by     string
}

func (s *Survey) layout(p Planning, actor access.Actor) (*planLayout, error) {
	l := &planLayout{Survey: s, owner: p.OwnerID, factor: 1, pace: cmp.Or(p.HoursAWeek, HalfADay), cursor: cmp.Or(p.Start, s.Today), by: actor.Name}
	if o := s.Organisation(); o != nil {
		l.owner = cmp.Or(l.owner, o.SecurityLeadID)
		l.factor = cmp.Or(sizeFactor[o.Size], 1)
	}
	if !actor.Machine {
		l.owner = cmp.Or(l.owner, actor.ID)
	}
	if _, err := kind.ParseDate(string(l.cursor)); err != nil {
		return nil, kind.Fieldf("start", "is not a day: write it as 2026-03-31")
	}
	if l.owner == "" {
		return l, nil
	}
	_, err := s.f.app.Get(s.Ctx, isms.People, l.owner)
	if kind.CodeOf(err) == kind.NotFound {
		if p.OwnerID != "" {
			return nil, kind.Fieldf("owner", "there is no person %q", p.OwnerID)
		}
		l.owner, err = "", nil
	}
	return l, err
}

// place makes the milestone of a step unless there is one.
func (l *planLayout) place(ctx context.Context, st *Step) (int, error) {
	if st.Milestone != nil {
		l.before = st.Milestone.ID
		l.cursor = max(l.cursor, st.Milestone.Due)
		return 0, nil
	}
	if _, err := l.f.app.Get(ctx, isms.Milestones, st.ID); kind.CodeOf(err) != kind.NotFound {
		return 0, err // it lies in the bin: somebody threw it away on purpose
	}
	hours := st.Hours * l.factor
	m := &isms.Milestone{
		Base: isms.Base{Key: st.ID, Title: st.Title, Origin: "engine"}, Step: st.Number, Measure: st.ID, OwnerID: l.owner,
		StartOn: l.cursor, Description: isms.Markdown(st.Why), DoneWhen: doneWhen(st), Progress: st.Progress, Baseline: st.Progress,
		Effort: isms.Range{Low: hours * 0.7, Likely: hours, High: hours * 1.6},
	}
	m.Due = after(l.cursor, hours*(1-st.Progress), l.pace)
	if err := l.f.app.SaveBecause(ctx, m, "planned by "+l.by); err != nil {
		return 0, fmt.Errorf("milestone %s: %w", st.ID, err)
	}
	l.cursor = m.Due
	if l.before != "" {
		if err := l.f.app.Link(ctx, isms.Milestones, m.ID, "needs", l.before); err != nil {
			return 0, err
		}
	}
	l.before = m.ID
	return 1, nil
}

// doneWhen is the definition of done in words.
func doneWhen(st *Step) isms.Markdown {
	var b strings.Builder
	for _, p := range st.Parts {
		fmt.Fprintf(&b, "- **%s**: %s.\n", p.Name, p.Counts)
	}
	return isms.Markdown(b.String())
}

// after is the day on which so many hours of work are done at a pace.
func after(from kind.Date, hours, pace float64) kind.Date {
	const longest = 20 * 365 // days; beyond it a date says nothing
	days := math.Min(longest, math.Ceil(math.Max(0, hours)/math.Max(pace, 0.01)*7))
	return kind.DateOf(from.Time().AddDate(0, 0, int(days)))
}

// A Pace is how fast the plan is carried out.
type Pace struct {
	Start   kind.Date `json:"start"`   // when the plan began
	Weeks   float64   `json:"weeks"`   // since then
	Planned float64   `json:"planned"` // hours a week that the plan asks for
	Done    float64   `json:"done"`    // hours of its work that are done
	Left    float64   `json:"left"`    // hours of work that are left
	Hours   float64   `json:"pace"`    // hours a week at which it goes on
	Ends    kind.Date `json:"ends"`    // forecast of the last milestone
	Formula string    `json:"formula"`
}

// doubt is for how many weeks the plan is believed as much as what was seen.
const doubt = 4.0

// paceFormula is how a pace is computed, in words.
const paceFormula = "pace = (hours done since the start + 4 weeks × planned hours a week) ÷ (weeks since the start + 4); forecast = today + work left, one milestone after the other in the order of their dates, ÷ pace"

// pace measures how fast the open milestones are coming, from
// the work done since the plan began, with the plan itself counted as four weeks of
// experience, so that the first days neither promise nor threaten too much. Nil
// while no milestone has an effort.
func (s *Survey) pace(r *Roadmap) *Pace {
	list := r.milestones()
	p := &Pace{Formula: paceFormula}
	total, ends := 0.0, kind.Date("")
	for _, m := range list {
		hours := Mean(m.Effort)
		if hours == 0 || m.Status == "dropped" {
			continue
		}
		begin := cmp.Or(m.StartOn, kind.DateOf(m.CreatedAt))
		if p.Start == "" || begin < p.Start {
			p.Start = begin
		}
		ends = max(ends, m.Due)
		total += hours * (1 - m.Baseline)
		p.Done += hours * max(0, m.live-m.Baseline)
		if m.Status != "reached" {
			p.Left += hours * (1 - m.live)
		}
	}
	if p.Start == "" {
		return nil
	}
	p.Weeks = max(0, weeksBetween(p.Start, s.Today))
	p.Planned = total / max(1, weeksBetween(p.Start, ends))
	p.Hours = (p.Done + doubt*p.Planned) / (p.Weeks + doubt)
	for _, day := range s.forecasts(r, p) {
		p.Ends = max(p.Ends, day)
	}
	return p
}

func weeksBetween(a, b kind.Date) float64 { return b.Time().Sub(a.Time()).Hours() / (24 * 7) }

// A planned milestone is one with the progress that was computed just now.
type planned struct {
	*isms.Milestone
	live float64
	step *Step // nil: a person says how far it is
}

// milestones lists those of the steps and the others.
func (r *Roadmap) milestones() []planned {
	var list []planned
	for t := range r.Tracks {
		for i := range r.Tracks[t].Steps {
			st := &r.Tracks[t].Steps[i]
			if st.Milestone == nil {
				continue
			}
			p := planned{st.Milestone.Milestone, st.Milestone.Progress, nil}
			if p.Measure == st.ID {
				p.live, p.step = st.Progress, st
			}
			list = append(list, p)
		}
	}
	for _, m := range r.Extra {
		list = append(list, planned{m.Milestone, m.Progress, nil})
	}
	return list
}

// inOrder lists the open milestones in the order in which the work is done: by
// their dates, but none before those that it needs.
func (s *Survey) inOrder(list []planned) []planned {
	open := those2(list, func(m planned) bool { return m.Status != "reached" && m.Status != "dropped" })
	slices.SortStableFunc(open, func(a, b planned) int { return cmp.Or(cmpDates(a.Due, b.Due), cmp.Compare(a.Step, b.Step)) })
	needs := s.From(isms.Milestones, "needs")
	at := map[string]planned{}
	for _, m := range open {
		at[m.ID] = m
	}
	var out []planned
	seen := map[string]bool{}
	var visit func(m planned)
	visit = func(m planned) {
		if seen[m.ID] {
			return
		}
		seen[m.ID] = true
		for _, id := range needs[m.ID] {
			if n, ok := at[id]; ok {
				visit(n)
			}
		}
		out = append(out, m)
	}
	for _, m := range open {
		visit(m)
	}
	return out
}

func those2[T any](list []T, keep func(T) bool) []T {
	var out []T
	for _, x := range list {
		if keep(x) {
			out = append(out, x)
		}
	}
	return out
}

// forecasts is when each open milestone will be reached at a pace. One without an
// effort is expected on its day, or today when that has passed.
func (s *Survey) forecasts(r *Roadmap, p *Pace) map[string]kind.Date {
	out := map[string]kind.Date{}
	if p == nil {
		return out
	}
	at := s.Today
	if p.Start > at {
		at = p.Start
	}
	hours := 0.0
	for _, m := range s.inOrder(r.milestones()) {
		effort := Mean(m.Effort)
		if effort == 0 {
			out[m.ID] = max(m.Due, s.Today)
			continue
		}
		hours += effort * (1 - m.live)
		out[m.ID] = after(at, hours, p.Hours)
	}
	return out
}
