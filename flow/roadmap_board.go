package flow

import (
	"context"
	"fmt"
	"slices"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
)

// A Board is what the steering committee needs on one page, besides the figures of
// the portfolio.
type Board struct {
	Today    kind.Date     `json:"today"`
	Since    kind.Date     `json:"since"`               // the day of the last meeting; a month ago when there was none
	Last     *isms.Meeting `json:"last,omitempty"`      // the last meeting that was held
	Next     *isms.Meeting `json:"next,omitempty"`      // the next one that is planned
	Asks     []Question    `json:"asks"`                // what waits for an answer, the nearest date first
	Changes  []News        `json:"changes"`             // since the last meeting
	LossThen *Reading      `json:"loss_then,omitempty"` // the reading of the expected loss nearest before that day
	Trends   []Trend       `json:"trends"`              // the indicators of the board page
	Roadmap  []Step        `json:"roadmap"`             // the ten steps
}

// A Question waits for the answer of those who decide: a formal approval, or a
// decision.
type Question struct {
	Kind    string    `json:"kind"` // approval or decision
	ID      string    `json:"id"`
	Version int64     `json:"version"`
	Title   string    `json:"title"`
	Text    string    `json:"text"`
	About   Named     `json:"about"` // the record in question; empty for a decision of its own
	Wants   string    `json:"wants"` // what whoever asks would do
	Due     kind.Date `json:"due,omitempty"`
	Cost    float64   `json:"cost"`    // a year
	Avoided float64   `json:"avoided"` // expected loss a year
	Agreed  int       `json:"agreed"`
	Quorum  int       `json:"quorum"`
	Yes     string    `json:"yes"`  // the action that agrees
	No      string    `json:"no"`   // the action that does not
	Mine    bool      `json:"mine"` // the reader may answer
}

// News is one line of what changed.
type News struct {
	Text  string `json:"text"`
	Count int    `json:"count"`
	Good  bool   `json:"good"`
	Kind  string `json:"kind"`
}

// Board reads what the steering committee needs.
func (f *Flow) Board(ctx context.Context) (*Board, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	s := f.Survey(ctx)
	b := &Board{Today: s.Today, Since: s.day(-30)}
	s.meetings(b)
	b.Asks = s.questions(actor)
	b.Changes = s.news(b.Since)
	b.Roadmap = s.roadmap().Tracks[1].Steps
	if s.Err != nil {
		return nil, s.Err
	}
	all, err := f.Trends(ctx, 365)
	for _, t := range all {
		if t.Indicator.Board {
			b.Trends = append(b.Trends, t)
		}
		if t.Indicator.Formula == "expected-loss" {
			b.LossThen = lastBefore(t.Points, b.Since)
		}
	}
	return b, err
}

func lastBefore(points []Reading, day kind.Date) *Reading {
	for i := len(points) - 1; i >= 0; i-- {
		if kind.DateOf(points[i].At) <= day {
			return &points[i]
		}
	}
	return nil
}

func (s *Survey) meetings(b *Board) {
	for _, m := range Every[isms.Meeting](s, isms.Meetings) {
		day := kind.DateOf(m.At)
		switch {
		case (m.Status == isms.MeetingHeld || m.Status == isms.MeetingApproved) && day <= s.Today && (b.Last == nil || m.At.After(b.Last.At)):
			b.Last = m
		case m.Status == isms.MeetingPlanned && day >= s.Today && (b.Next == nil || m.At.Before(b.Next.At)):
			b.Next = m
		}
	}
	if b.Last != nil {
		b.Since = kind.DateOf(b.Last.At)
	}
}

// questions lists what waits for an answer.
func (s *Survey) questions(actor access.Actor) []Question {
	var list []Question
	members := s.From(isms.Committees, "has member")
	may := actor.May(kind.Approve, isms.Approvals) == access.All
	for _, a := range Every[isms.Approval](s, isms.Approvals) {
		if a.Status != isms.ApprovalPending {
			continue
		}
		list = append(list, s.approvalQuestion(a, may && mayAnswer(a, actor, members[a.CommitteeID])))
	}
	decides := actor.May(kind.Approve, isms.Decisions) == access.All
	for _, d := range Every[isms.Decision](s, isms.Decisions) {
		if d.Status != isms.DecisionAsked && d.Status != isms.DecisionDeferred {
			continue
		}
		q := Question{Kind: "decision", ID: d.ID, Version: d.Version, Title: d.Title, Text: string(d.Question), Wants: string(d.Recommendation), Due: d.Due,
			Cost: d.Cost.Float(), Avoided: d.LossAvoided.Float(), Quorum: 1, Yes: "decide", Mine: decides}
		if d.Status == isms.DecisionAsked {
			q.No = "defer"
		}
		list = append(list, q)
	}
	slices.SortStableFunc(list, func(a, b Question) int { return cmpDates(a.Due, b.Due) })
	return list
}

// mayAnswer tells whether somebody is asked: by name, as deputy, or as a member of
// the committee.
func mayAnswer(a *isms.Approval, actor access.Actor, members []string) bool {
	switch {
	case actor.ID == "" || slices.Contains(a.ApprovedBy, actor.ID) || a.FourEyes && actor.ID == a.AskedBy:
		return false
	case actor.ID == a.ApproverID || actor.ID == a.DelegatedTo:
		return true
	case a.ApproverID != "" && a.Quorum == 1:
		return false
	}
	return a.CommitteeID == "" || len(members) == 0 || slices.Contains(members, actor.ID)
}

func (s *Survey) approvalQuestion(a *isms.Approval, mine bool) Question {
	q := Question{Kind: "approval", ID: a.ID, Version: a.Version, Title: a.Title, Text: string(a.Justification), Due: a.Expires,
		Agreed: len(a.ApprovedBy), Quorum: a.Quorum, Yes: "approve", No: "decline", Mine: mine}
	k := s.f.app.Registry().Named(a.SubjectKind)
	if k == nil {
		return q
	}
	rec, err := s.f.app.Get(s.Ctx, k, a.SubjectKey)
	if err != nil {
		return q // it was thrown away since, or the reader may not see it
	}
	q.About = NamedOf(k.Name, rec.GetBase(), "")
	switch r := rec.(type) {
	case *isms.BusinessCase:
		q.Cost, q.Avoided = r.AnnualCost.Float(), max(0, (r.LossBefore-r.LossAfter).Float())
	case *isms.Treatment:
		q.Cost, q.Avoided = r.Cost.Float(), max(0, (r.LossBefore-r.LossAfter).Float())
	case *isms.Safeguard:
		q.Cost = Mean(r.AnnualCost)
	}
	return q
}

// news counts what changed since a day.
func (s *Survey) news(since kind.Date) []News {
	from := kind.FormatTime(since.Time())
	var list []News
	add := func(n int, good bool, k *kind.Kind, one, many string) {
		if n == 0 {
			return
		}
		text := many
		if n == 1 {
			text = one
		}
		list = append(list, News{Text: fmt.Sprintf(text, n), Count: n, Good: good, Kind: k.Name})
	}
	after := func(d kind.Date) bool { return d >= since && d <= s.Today && d != "" }
	add(s.count(isms.Findings, kind.Query{}.Where("status", string(isms.FindingResolved)).With("resolved_at", kind.AtLeast, from)), true, isms.Findings, "%d finding was repaired", "%d findings were repaired")
	add(s.count(isms.Findings, openFindings.Where("severity", string(isms.SeverityCritical), string(isms.SeverityHigh)).With("first_seen", kind.AtLeast, from)), false, isms.Findings, "%d grave finding is new", "%d grave findings are new")
	risks := Every[isms.Risk](s, isms.Risks)
	add(len(Those(risks, func(r *isms.Risk) bool { return after(kind.DateOf(r.AcceptedAt)) && r.Status == isms.RiskAccepted })), true, isms.Risks, "%d risk was accepted", "%d risks were accepted")
	add(len(Those(risks, func(r *isms.Risk) bool { return r.Status == isms.RiskDraft && after(kind.DateOf(r.CreatedAt)) })), false, isms.Risks, "%d risk was drafted and not looked at", "%d risks were drafted and not looked at")
	add(len(Those(Every[isms.Safeguard](s, isms.Safeguards), func(g *isms.Safeguard) bool { return g.Status == isms.SafeguardOperating && after(g.OperatingSince) })), true, isms.Safeguards, "%d safeguard went into operation", "%d safeguards went into operation")
	add(len(Those(Every[isms.Decision](s, isms.Decisions), func(d *isms.Decision) bool { return after(kind.DateOf(d.DecidedAt)) })), true, isms.Decisions, "%d decision was taken", "%d decisions were taken")
	add(len(Those(Every[isms.Incident](s, isms.Incidents), func(i *isms.Incident) bool { return after(kind.DateOf(i.DeclaredAt)) })), false, isms.Incidents, "%d incident was declared", "%d incidents were declared")
	milestones := Every[isms.Milestone](s, isms.Milestones)
	add(len(Those(milestones, func(m *isms.Milestone) bool { return after(m.ReachedOn) })), true, isms.Milestones, "%d milestone was reached", "%d milestones were reached")
	add(len(Those(milestones, func(m *isms.Milestone) bool { return m.Status == "at_risk" })), false, isms.Milestones, "%d milestone slips", "%d milestones slip")
	add(len(Those(Every[isms.Document](s, isms.Documents), func(d *isms.Document) bool { return after(d.PublishedOn) })), true, isms.Documents, "%d document came into force", "%d documents came into force")
	add(len(Those(Every[isms.Motivator](s, isms.Motivators), func(m *isms.Motivator) bool { return after(m.NoticedOn) })), false, isms.Motivators, "%d reason to change was noticed", "%d reasons to change were noticed")
	return list
}
