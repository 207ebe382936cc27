package page

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// How many findings one decision takes, and how many of them are one transaction.
const (
	mostDecided = 2000
	decidedAt   = 200
)

// A decision is what can be done with many findings at once.
type decision struct {
	name, label, icon string
	past              string // "accepted": 12 findings accepted
	asks              string // the question on the page that asks why
	needs             kind.Verb
	reason            bool
	until             bool
	owner             bool
}

var decisions = []decision{
	{name: "accept", label: "Accept until…", icon: "clock", past: "accepted", asks: "Accept these findings", needs: kind.Approve, reason: true, until: true},
	{name: "mitigate", label: "Mitigated", icon: "shield", past: "marked as mitigated", asks: "Mark these findings as mitigated", needs: kind.Write, reason: true},
	{name: "dismiss", label: "False positive", icon: "cross", past: "marked as false positive", asks: "Mark these findings as false positives", needs: kind.Write, reason: true},
	{name: "assign", label: "Assign", icon: "user", past: "assigned", asks: "Assign these findings", needs: kind.Write, owner: true},
	{name: "reopen", label: "Re-open", icon: "undo", past: "re-opened", asks: "Re-open these findings", needs: kind.Write},
}

// A deciding is one decision on its way: what is asked, what was answered.
type deciding struct {
	*web.Request
	figures
	decision
	form     url.Values
	findings []*isms.Finding
	back     string
	today    kind.Date
	problems []ui.FieldError
	input    kind.Input
}

// A refusal is a finding on which the decision failed, and why.
type refusal struct {
	finding *isms.Finding
	err     error
}

// decide takes a decision on the findings and groups that were selected: first it
// shows what will be decided and asks why, then it decides on each by itself.
func decide(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	d := &deciding{Request: r, figures: figures{r.Format}, form: form, today: r.Format.Today(r.Now()), back: "/triage"}
	i := slices.IndexFunc(decisions, func(x decision) bool { return x.name == form.Get("decision") })
	if i < 0 {
		return kind.Errorf(kind.NotFound, "there is no decision %q", form.Get("decision"))
	}
	d.decision = decisions[i]
	if !r.MaySome(d.needs, isms.Findings) {
		return r.Actor.Refuse(d.needs, isms.Findings)
	}
	if err := d.collect(); err != nil {
		return err
	}
	if len(d.findings) == 0 {
		return r.Back(d.back, ui.ToastProps{Text: "Select some groups or findings first.", Tone: ui.Attention})
	}
	if (d.reason || d.owner) && !form.Has("confirmed") {
		return d.ask(http.StatusOK)
	}
	if d.check(); len(d.problems) > 0 {
		return d.ask(http.StatusUnprocessableEntity)
	}
	return d.finish(d.run())
}

// collect reads the findings that are meant: those named, and those of the groups
// as far as the filters of the page let them through.
func (d *deciding) collect() error {
	a, err := readTriage(d.form, d.today)
	if err != nil {
		return err
	}
	ids := distinct(d.form["id"])
	if groups := d.form["groups"]; len(groups) > 0 {
		q := a.query.Where(a.by.field, groups...)
		q.Sort, q.Limit = "due", kind.MaxLimit
		err := d.App().All(d.Ctx(), isms.Findings, q, func(rec kind.Record) error {
			if len(d.findings) > mostDecided {
				return tooMany()
			}
			d.findings = append(d.findings, rec.(*isms.Finding))
			return nil
		})
		if err != nil {
			return err
		}
	}
	ids = slices.DeleteFunc(ids, func(id string) bool {
		return slices.ContainsFunc(d.findings, func(f *isms.Finding) bool { return f.ID == id })
	})
	if len(ids)+len(d.findings) > mostDecided {
		return tooMany()
	}
	found, err := d.App().Many(d.Ctx(), isms.Findings, ids)
	for _, id := range ids {
		if f, ok := found[id].(*isms.Finding); ok {
			d.findings = append(d.findings, f)
		}
	}
	return err
}

func tooMany() error {
	return kind.Errorf(kind.TooLarge, "at most %d findings can be decided at once; select fewer groups, or narrow them with a filter", mostDecided)
}

// check reads the answers and says what is wrong with them.
func (d *deciding) check() {
	d.input.Reason = strings.TrimSpace(d.form.Get("reason"))
	if d.reason && d.input.Reason == "" {
		d.problems = append(d.problems, ui.FieldError{Field: "reason", Label: "Reason", Text: "say why; it is kept in the history"})
	}
	if len(d.input.Reason) > kind.MaxText {
		d.problems = append(d.problems, ui.FieldError{Field: "reason", Label: "Reason", Text: "is too long; put the details into a document"})
	}
	if d.until {
		until, err := kind.ParseDate(d.form.Get("until"))
		if err != nil || until <= d.today {
			d.problems = append(d.problems, ui.FieldError{Field: "until", Label: "Until", Text: "is a day after today"})
		}
		d.input.Until = until
	}
	if d.owner && d.form.Get("owner_id") == "" {
		d.problems = append(d.problems, ui.FieldError{Field: "owner_id", Label: "Owner", Text: "name a person"})
	}
}

func (d *deciding) problem(field string) string {
	for _, p := range d.problems {
		if p.Field == field {
			return p.Text
		}
	}
	return ""
}

// ask shows what will be decided and asks for what is missing.
func (d *deciding) ask(status int) error {
	d.Crumbs(ui.Crumb{Label: "Findings triage", Href: "/triage"})
	return d.RenderAs(status, d.asks, askBody(d))
}

// run decides on each finding by itself, so that one that may not be decided does
// not keep the others. Some at a time are one transaction, so that the risks that
// they feed are computed anew once and not for each.
func (d *deciding) run() (refused []refusal) {
	for chunk := range slices.Chunk(d.findings, decidedAt) {
		var inChunk []refusal
		err := d.App().Atomic(d.Ctx(), func(ctx context.Context) error {
			inChunk = nil
			for _, f := range chunk {
				if err := d.one(ctx, f); err != nil {
					inChunk = append(inChunk, refusal{f, err})
				}
			}
			return nil
		})
		if err != nil { // nothing of the chunk was kept
			inChunk = nil
			for _, f := range chunk {
				inChunk = append(inChunk, refusal{f, err})
			}
		}
		refused = append(refused, inChunk...)
	}
	return refused
}

func (d *deciding) one(ctx context.Context, f *isms.Finding) error {
	if !d.owner {
		_, err := d.App().Do(ctx, isms.Findings, f.ID, d.name, 0, d.input)
		return err
	}
	rec, err := d.App().Get(ctx, isms.Findings, f.ID)
	if err != nil {
		return err
	}
	rec.(*isms.Finding).OwnerID = d.form.Get("owner_id")
	return d.App().Save(ctx, rec)
}

// finish tells what came of it.
func (d *deciding) finish(refused []refusal) error {
	done := len(d.findings) - len(refused)
	if len(refused) == 0 {
		return d.Back(d.back, ui.ToastProps{Text: upperFirst(d.plural(int64(done), "finding", "findings")) + " " + d.past + ".", Tone: ui.Positive})
	}
	if done == 0 && kind.CodeOf(refused[0].err) == kind.Forbidden {
		return refused[0].err
	}
	d.Crumbs(ui.Crumb{Label: "Findings triage", Href: "/triage"})
	return d.Render("Not all could be decided", refusedBody(d, done, refused))
}

// suggestedUntil is half a year from now, what the product would choose.
func (d *deciding) suggestedUntil() string {
	if v := d.form.Get("until"); v != "" {
		return v
	}
	return string(kind.DateOf(d.Now().In(d.Format.Zone).AddDate(0, 6, 0)))
}

func (d *deciding) hidden() []ui.Hidden {
	hidden := []ui.Hidden{{Name: "decision", Value: d.name}, {Name: "confirmed", Value: "true"}, {Name: "back", Value: d.form.Get("back")}}
	for _, f := range d.findings {
		hidden = append(hidden, ui.Hidden{Name: "id", Value: f.ID})
	}
	return hidden
}
