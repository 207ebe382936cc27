package page

import (
	"fmt"

	"github.com/a-h/templ"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// motivatorAbove shows what a change re-opened, and how much of it was looked at.
func (c Config) motivatorAbove(r *web.Request, rec kind.Record) (templ.Component, error) {
	if !r.May(kind.Read, isms.Tasks) {
		return nil, nil
	}
	tasks, err := c.Flow.Reviews(r.Ctx(), rec.GetBase().ID)
	if err != nil || len(tasks) == 0 {
		return nil, err
	}
	done := 0
	var items []ui.ListItem
	today := r.Format.Today(r.Now())
	for _, t := range tasks {
		it := ui.ListItem{Title: t.Title, Href: web.RecordURL(isms.Tasks, t.ID), Detail: string(t.Outcome)}
		if t.Status == isms.TaskDone || t.Status == isms.TaskDropped {
			done++
			it.Aside = ui.Badge(ui.BadgeProps{Text: "Looked at", Tone: ui.Positive})
		} else {
			it.Aside = ui.Badge(ui.BadgeProps{Text: dueWords(t.Due, today), Tone: dueTone(t.Due, today)})
		}
		items = append(items, it)
	}
	title := fmt.Sprintf("Re-opened: %d of %d looked at", done, len(tasks))
	return reviewsCard(title, items), nil
}
