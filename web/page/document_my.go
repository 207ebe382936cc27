package page

import (
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// A todoGroup is one card of the page of tasks.
type todoGroup struct {
	what        flow.TodoKind
	title, icon string
	empty       string
	items       []ui.ListItem
}

// myTasks lists everything that the visitor is asked to do.
func (c Config) myTasks(r *web.Request) error {
	list, err := c.Flow.Mine(r.Ctx())
	if err != nil {
		return err
	}
	groups := []todoGroup{
		{what: flow.TodoRead, title: "To read and accept", icon: "book", empty: "Nothing to read."},
		{what: flow.TodoApprove, title: "To decide", icon: "check"},
		{what: flow.TodoTask, title: "Tasks", icon: "list", empty: "No tasks."},
		{what: flow.TodoLearn, title: "To learn", icon: "play"},
		{what: flow.TodoReview, title: "To review", icon: "clock"},
	}
	today := r.Format.Today(r.Now())
	late := 0
	for _, t := range list {
		if t.Due != "" && t.Due < today {
			late++
		}
		for i := range groups {
			if groups[i].what == t.What {
				groups[i].items = append(groups[i].items, todoItem(t, today))
			}
		}
	}
	return r.Render("My tasks", myTasksBody(r, groups, len(list), late))
}

func todoItem(t flow.Todo, today kind.Date) ui.ListItem {
	it := ui.ListItem{Title: shown(t.Title), Detail: shown(t.Detail), Href: todoURL(t)}
	if t.Due != "" {
		it.Aside = ui.Badge(ui.BadgeProps{Text: dueWords(t.Due, today), Tone: dueTone(t.Due, today), Title: string(t.Due)})
	}
	return it
}

// todoURL leads to where the thing is done.
func todoURL(t flow.Todo) string {
	switch r := t.Record.(type) {
	case *isms.Acknowledgement:
		return readURL(r)
	case *isms.Approval:
		if r.SubjectKind == isms.DocumentVersions.Name {
			return web.RecordURL(isms.DocumentVersions, r.SubjectKey)
		}
	case *isms.Task:
		if r.SubjectKind == isms.Documents.Name && r.Source == "review" {
			return web.RecordURL(isms.Documents, r.SubjectID)
		}
	}
	return web.RecordURL(t.Kind, t.Record.GetBase().ID)
}

func readURL(a *isms.Acknowledgement) string { return "/my/read/" + a.ID }

// countMine is the number beside My tasks.
func (c Config) countMine(r *web.Request) string {
	n, err := c.Flow.CountMine(r.Ctx())
	if err != nil {
		r.Site.Log.WarnContext(r.Ctx(), "tasks not counted", "request", r.ID, "error", err)
		return ""
	}
	if n == 0 {
		return ""
	}
	return r.Format.Count(int64(n))
}

// A reading is a text put before the person who is asked to accept it.
type reading struct {
	ask      *isms.Acknowledgement
	document *isms.Document
	version  *isms.DocumentVersion
	text     prose
	file     *isms.Attachment // that is the text; nil: it was written here
	today    kind.Date
}

// readingOf reads what the address asks for. It is the visitor's own or does not exist.
func (c Config) readingOf(r *web.Request) (reading, error) {
	v := reading{today: r.Format.Today(r.Now())}
	rec, err := r.App().Get(r.Ctx(), isms.Acknowledgements, r.PathValue("id"))
	if err != nil {
		return v, err
	}
	v.ask = rec.(*isms.Acknowledgement)
	if v.ask.PersonID != r.Actor.ID {
		return v, kind.Errorf(kind.NotFound, "you are not asked to read this")
	}
	if rec, err = r.App().Get(r.Ctx(), isms.DocumentVersions, v.ask.DocumentVersionID); err != nil {
		return v, err
	}
	v.version = rec.(*isms.DocumentVersion)
	if rec, err = r.App().Get(r.Ctx(), isms.Documents, v.version.DocumentID); err != nil {
		return v, err
	}
	v.document = rec.(*isms.Document)
	if v.file, err = c.Flow.OwnFile(r.Ctx(), v.version); err != nil {
		return v, err
	}
	v.text, err = newProse(string(v.version.Body))
	return v, err
}

func (c Config) readPage(r *web.Request) error {
	v, err := c.readingOf(r)
	if err != nil {
		return err
	}
	r.Crumbs(ui.Crumb{Label: "My tasks", Href: "/my"})
	return r.Render(v.document.Title, readBody(v))
}

// accept takes the acceptance of exactly the text that was shown, and goes on to the
// next.
func (c Config) accept(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	v, err := c.readingOf(r)
	if err != nil {
		return err
	}
	if form.Get("sha256") != v.version.SHA256 {
		return kind.Errorf(kind.Conflict, "the text is not the one that was shown; open it again from your tasks")
	}
	if _, err := r.App().Do(r.Ctx(), isms.Acknowledgements, v.ask.ID, "accept", 0, kind.Input{}); err != nil {
		return err
	}
	notice := ui.ToastProps{Text: "Accepted: " + v.document.Title + ".", Tone: ui.Positive}
	list, err := c.Flow.Mine(r.Ctx())
	if err != nil {
		return err
	}
	for _, t := range list {
		if a, ok := t.Record.(*isms.Acknowledgement); ok {
			return r.Redirect(readURL(a), notice)
		}
	}
	return r.Redirect("/my", notice)
}
