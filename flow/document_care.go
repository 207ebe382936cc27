package flow

import (
	"context"
	"slices"
	"time"

	"holdfast/app"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// reviewAhead is how long before its review a document asks its owner.
const reviewAhead = 30 * 24 * time.Hour

// A Reminder is what one person still has to read. The product counts it and shows it
// in the person's tasks; whoever delivers by other means is told too.
type Reminder struct {
	Person *isms.Person
	Open   []*isms.Acknowledgement
}

// Care is what the daily round did.
type Care struct{ Asked, Reminded, Reviews int }

// CareForDocuments is the daily round: newcomers are asked to read what everybody in
// their place has to know, those who forgot are reminded, and owners are asked to
// review. deliver hears of each reminder; nil: it is shown in the product only. An
// error of deliver leaves that person's reminder to the next round.
func (f *Flow) CareForDocuments(ctx context.Context, deliver func(context.Context, Reminder) error) (Care, error) {
	var c Care
	var err error
	if c.Asked, err = f.askNewcomers(ctx); err != nil {
		return c, err
	}
	if c.Reminded, err = f.remindReaders(ctx, deliver); err != nil {
		return c, err
	}
	c.Reviews, err = f.askForReviews(ctx)
	return c, err
}

func (f *Flow) askNewcomers(ctx context.Context) (int, error) {
	list, err := f.documents().All(ctx, kind.Query{Sort: "key"}.Where("must_read", "true").Where("status", string(isms.DocumentPublished)))
	if err != nil {
		return 0, err
	}
	n := 0
	for _, d := range list {
		versions, err := f.VersionsOf(ctx, d.ID)
		if err != nil {
			return n, err
		}
		v := InForce(versions)
		if v == nil {
			continue
		}
		asked, err := f.askReaders(ctx, d, v, reading{})
		n += asked.Asked
		if kind.CodeOf(err) == kind.Invalid {
			continue // its audience names a team that is gone; its page says so
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// remindReaders reminds each person at most once a week, from shortly before the day.
func (f *Flow) remindReaders(ctx context.Context, deliver func(context.Context, Reminder) error) (int, error) {
	now := f.app.Now()
	soon := string(kind.DateOf(now.AddDate(0, 0, remindBefore)))
	open, err := f.acknowledgements().All(ctx, kind.Query{Sort: "due"}.Where("status", string(isms.AcknowledgementAsked)).
		With("due", kind.AtMost, soon).With("due", kind.Empty, "false"))
	if err != nil {
		return 0, err
	}
	by := map[string][]*isms.Acknowledgement{}
	for _, a := range open {
		if a.Reminders < maxReminders && (a.RemindedAt.IsZero() || now.Sub(a.RemindedAt) >= remindEvery*24*time.Hour) {
			by[a.PersonID] = append(by[a.PersonID], a)
		}
	}
	var ids []string
	for id := range by {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	people, err := f.app.Many(ctx, isms.People, ids)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, id := range ids {
		p, ok := people[id].(*isms.Person)
		if !ok || p.Status != isms.PersonActive {
			continue
		}
		if deliver != nil {
			if err := deliver(ctx, Reminder{p, by[id]}); err != nil {
				continue
			}
		}
		n++
		for _, a := range by[id] {
			a.Reminders, a.RemindedAt = a.Reminders+1, now
			if err := f.acknowledgements().Save(ctx, a); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// askForReviews gives the owner of each document whose review is near a task, once.
func (f *Flow) askForReviews(ctx context.Context) (int, error) {
	until := string(kind.DateOf(f.app.Now().Add(reviewAhead)))
	list, err := f.documents().All(ctx, kind.Query{Sort: "key"}.Where("status", string(isms.DocumentPublished)).
		With("review_by", kind.AtMost, until).With("review_by", kind.Empty, "false"))
	if err != nil {
		return 0, err
	}
	tasks := app.Of[isms.Task](f.app, isms.Tasks)
	n := 0
	for _, d := range list {
		t := &isms.Task{
			Base:       isms.Base{Key: StableKey("review", d.Key, string(d.ReviewBy)), Title: prose.Cut("Review “"+d.Title+"”", 300), Origin: "engine"},
			AssigneeID: d.OwnerID, Due: d.ReviewBy, Source: "review", SubjectKind: isms.Documents.Name, SubjectID: d.ID, Minutes: 30,
			Description: "Read it again. If it is still right, press “Reviewed, still right” on its page; otherwise begin a new version.",
			Why:         "A document that nobody looks at stops being true.",
		}
		if _, err := tasks.Get(ctx, t.Key); kind.CodeOf(err) != kind.NotFound {
			if err != nil {
				return n, err
			}
			continue
		}
		if err := tasks.Save(ctx, t); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
