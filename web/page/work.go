package page

import (
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// myWork is the home page of those who do not run the ISMS: what they are asked to
// do, read and learn.
func (c Config) myWork(r *web.Request) error {
	tasks, err := mine(r, isms.Tasks, string(isms.TaskOpen), string(isms.TaskDoing), string(isms.TaskWaiting))
	if err != nil {
		return err
	}
	courses, err := mine(r, isms.Assignments, string(isms.AssignmentAssigned), string(isms.AssignmentStarted), string(isms.AssignmentFailed))
	if err != nil {
		return err
	}
	return r.Render("Home", workBody(r, tasks, courses))
}

// mine lists the records of a kind that are assigned to the reader and not over.
func mine(r *web.Request, k *kind.Kind, states ...string) ([]ui.ListItem, error) {
	if r.Actor.ID == "" || !r.MaySome(kind.Read, k) {
		return nil, nil
	}
	q := kind.Query{Sort: "due", Limit: 100}.Where(k.OwnerField, r.Actor.ID).Where(k.StateField, states...)
	page, err := r.App().List(r.Ctx(), k, q)
	if err != nil {
		return nil, err
	}
	today := r.Format.Today(r.Now())
	var items []ui.ListItem
	for _, rec := range page.Records {
		it := ui.ListItem{Title: rec.GetBase().Title, Href: web.RecordURL(k, rec.GetBase().ID)}
		if due := kind.Date(k.Field("due").Text(rec)); due != "" {
			it.Aside = ui.Badge(ui.BadgeProps{Text: dueWords(due, today), Tone: dueTone(due, today)})
		}
		items = append(items, it)
	}
	return items, nil
}
