package flow

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"holdfast/isms"
	"holdfast/kind"
)

// A Move is a milestone that a replanning changed.
type Move struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	Due      kind.Date `json:"due"`
	Was      kind.Date `json:"was,omitempty"` // the forecast before
	Forecast kind.Date `json:"forecast,omitempty"`
	Status   string    `json:"status"`
	Why      string    `json:"why,omitempty"`
}

// grace is by how many days a forecast may pass the plan before anybody is alarmed,
// and by how many it has to move to be worth a line in the history.
const grace = 3

// Replan holds the plan against reality: it takes progress from the definitions of
// done, computes the forecasts (see Pace), marks milestones that will be late as at
// risk with the reason, those that are done as reached and those that are done no
// more as under way. With adopt the forecasts become the new dates; the first plan
// stays on record. Over unchanged facts it writes nothing.
func (f *Flow) Replan(ctx context.Context, adopt bool) ([]Move, error) {
	machine, actor, err := f.planner(ctx)
	if err != nil {
		return nil, err
	}
	var moves []Move
	err = f.app.Atomic(machine, func(ctx context.Context) (err error) {
		moves, err = f.replan(ctx, adopt, actor.Name)
		return err
	})
	return moves, err
}

func (f *Flow) replan(ctx context.Context, adopt bool, by string) ([]Move, error) {
	s := f.Survey(ctx)
	r := s.roadmap()
	if s.Err != nil {
		return nil, s.Err
	}
	at := s.forecasts(r, r.Pace)
	late := s.lateNeeds(r, at)
	var moves []Move
	for _, m := range r.milestones() {
		if m.Status == "dropped" {
			continue
		}
		u := &update{Survey: s, planned: m, forecast: at[m.ID], pace: r.Pace, waits: late[m.ID]}
		if err := u.write(ctx, adopt, by); err != nil {
			return nil, fmt.Errorf("milestone %s: %w", m.Key, err)
		}
		if u.changed {
			moves = append(moves, Move{ID: m.ID, Title: m.Title, Due: u.Due, Was: u.was, Forecast: u.Forecast, Status: string(u.Status), Why: u.why})
		}
	}
	return moves, nil
}

// lateNeeds names, for each open milestone, one that it needs and that slips.
func (s *Survey) lateNeeds(r *Roadmap, at map[string]kind.Date) map[string]string {
	titles := map[string]planned{}
	for _, m := range r.milestones() {
		titles[m.ID] = m
	}
	out := map[string]string{}
	for id, list := range s.From(isms.Milestones, "needs") {
		for _, need := range list {
			if m, ok := titles[need]; ok && at[need] > m.Due && m.Due != "" {
				out[id] = m.Title
			}
		}
	}
	return out
}

// An update brings one milestone up to date.
type update struct {
	*Survey
	planned
	forecast kind.Date
	pace     *Pace
	waits    string // a milestone that it needs and that slips
	was      kind.Date
	why      string
	changed  bool
}

func (u *update) write(ctx context.Context, adopt bool, by string) error {
	rec, err := u.f.app.Get(ctx, isms.Milestones, u.ID)
	if err != nil {
		return err
	}
	m := rec.(*isms.Milestone)
	u.Milestone, u.was = m, m.Forecast
	version, reason := m.Version, ""
	if u.step != nil {
		if diff := u.live - m.Progress; diff > 0.004 || diff < -0.004 {
			m.Progress = u.live
		}
	}
	if m.Status != "reached" && u.forecast != "" && u.moved(m.Forecast) {
		m.Forecast = u.forecast
	}
	if adopt && m.Status != "reached" && m.Forecast > m.Due {
		reason = fmt.Sprintf("planned anew by %s: %s instead of %s", by, m.Forecast, m.Due)
		m.Due = m.Forecast
	}
	if err := u.f.app.SaveBecause(ctx, m, reason); err != nil {
		return err
	}
	u.changed = m.Version != version
	return u.settle(ctx)
}

// moved tells whether the forecast is worth writing down again.
func (u *update) moved(was kind.Date) bool {
	if was == "" {
		return true
	}
	days := u.forecast.Time().Sub(was.Time()).Hours() / 24
	return days >= grace || days <= -grace
}

// settle takes the milestone to the state that follows from the facts.
func (u *update) settle(ctx context.Context) error {
	m := u.Milestone
	latest := kind.DateOf(m.Due.Time().AddDate(0, 0, grace))
	slips := m.Due != "" && (m.Forecast > latest || m.Due < u.Today && m.Status != "reached")
	switch {
	case u.step != nil && u.step.Done && m.Status != "reached":
		return u.do(ctx, "reach", "every part of its definition of done is there")
	case u.step != nil && !u.step.Done && m.Status == "reached":
		return u.do(ctx, "reopen", "its definition of done no longer holds: "+firstLack(u.step))
	case m.Status == "reached":
		return nil
	case slips && m.Status != "at_risk":
		return u.do(ctx, "warn", u.reason())
	case !slips && m.Status == "at_risk" && u.step != nil && m.Forecast <= m.Due:
		return u.do(ctx, "recover", "the forecast is within the plan again")
	case m.Status == "planned" && u.step != nil && u.live > m.Baseline+0.004:
		return u.do(ctx, "start", "the first of it is there")
	}
	return nil
}

func (u *update) do(ctx context.Context, action, why string) error {
	rec, err := u.f.app.Do(ctx, isms.Milestones, u.ID, action, 0, kind.Input{Reason: why})
	if err != nil {
		return err
	}
	u.Milestone, u.why, u.changed = rec.(*isms.Milestone), why, true
	return nil
}

// reason says why a milestone will be late.
func (u *update) reason() string {
	text := fmt.Sprintf("Expected on %s, %d days after the plan", u.Forecast, daysLate(u.Due, u.Forecast))
	if u.Forecast <= u.Due || u.Forecast == "" {
		text = fmt.Sprintf("Its day, %s, has passed", u.Due)
	}
	if u.pace != nil {
		text += fmt.Sprintf(". The work goes on at %.1f hours a week; the plan asks for %.1f", u.pace.Hours, u.pace.Planned)
	}
	if u.waits != "" {
		text += fmt.Sprintf(". It needs “%s”, which slips", u.waits)
	}
	if u.step != nil && !u.step.Done {
		text += ". Missing: " + firstLack(u.step)
	}
	return text + "."
}

func daysLate(due, forecast kind.Date) int {
	return int(forecast.Time().Sub(due.Time()) / (24 * time.Hour))
}

// firstLack names the first part of a step that is not done.
func firstLack(st *Step) string {
	for _, p := range st.Parts {
		if !p.Done() {
			return fmt.Sprintf("%s (%d of %d)", p.Name, p.Have, p.Want)
		}
	}
	return "nothing"
}

// QuickWins picks from actions what is done within a day of work, most loss avoided
// for each unit of money and of working time first:
//
//	worth = loss avoided a year ÷ (cost of the first year + hours × HourlyCost)
func QuickWins(actions []Action, most int) []Action {
	const aDay = 8
	list := those2(actions, func(a Action) bool { return a.QuickWin || a.Hours <= aDay })
	sortByWorth(list)
	return list[:min(most, len(list))]
}

// Worth is the loss that an action avoids in a year for each unit of what it costs,
// working time included.
func (a Action) Worth() float64 {
	cost := a.Cost
	if a.Kind == "safeguard" { // the cost of a repair is its working time already
		cost += a.Hours * HourlyCost
	}
	return a.Avoided / max(cost, 1)
}

func sortByWorth(list []Action) {
	slices.SortStableFunc(list, func(a, b Action) int { return cmp.Compare(b.Worth(), a.Worth()) })
}
