package flow

import (
	"context"
	"fmt"
	"strings"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
)

// Agenda proposes what a meeting has to speak about: what the last one left to do,
// every question that waits for an answer, what changed since, and the roadmap.
func (f *Flow) Agenda(ctx context.Context) (string, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return "", err
	}
	s := f.Survey(ctx)
	b := &Board{Today: s.Today, Since: s.day(-30)}
	s.meetings(b)
	asks, news := s.questions(actor), s.news(b.Since)
	next := s.roadmap().Next
	if s.Err != nil {
		return "", s.Err
	}
	var text strings.Builder
	n := 0
	point := func(title string) { n++; fmt.Fprintf(&text, "%d. %s\n", n, title) }
	if b.Last != nil {
		point("Minutes of " + b.Last.Title + " on " + string(b.Since))
	}
	point("What changed since then")
	for _, x := range news {
		fmt.Fprintf(&text, "   - %s\n", x.Text)
	}
	for _, q := range asks {
		point("Decision: " + q.Title)
		if q.Wants != "" {
			fmt.Fprintf(&text, "   - recommended: %s\n", q.Wants)
		}
		if q.Cost > 0 || q.Avoided > 0 {
			fmt.Fprintf(&text, "   - costs %s a year, avoids %s a year\n", amount(q.Cost), amount(q.Avoided))
		}
	}
	if next != nil {
		point(fmt.Sprintf("Roadmap: step %d, %s", next.Number, strings.ToLower(next.Title)))
	}
	return text.String(), nil
}

// WriteAgenda writes the proposed agenda into a meeting that is still to come.
func (f *Flow) WriteAgenda(ctx context.Context, meeting string) error {
	rec, err := f.app.Get(ctx, isms.Meetings, meeting)
	if err != nil {
		return err
	}
	m := rec.(*isms.Meeting)
	if m.Status != isms.MeetingPlanned {
		return kind.Errorf(kind.Conflict, "the meeting was %s; its agenda stands", m.Status)
	}
	text, err := f.Agenda(ctx)
	if err != nil {
		return err
	}
	m.Agenda = isms.Markdown(text)
	return f.app.SaveBecause(ctx, m, "agenda made of what waits for an answer")
}
