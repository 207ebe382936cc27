package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"holdfast/kind"
	"holdfast/web/ui"
)

// maxBulk bounds how many records one bulk change takes.
const maxBulk = kind.MaxLimit

// bulkActions are what the actor may do with the rows that are selected.
func (r *Request) bulkActions(l *listing) []ui.BulkAction {
	if l.query.Deleted {
		if !r.MaySome(kind.Delete, l.k) {
			return nil
		}
		return []ui.BulkAction{{Label: "Restore", Icon: "undo", Value: "restore"}}
	}
	var actions []ui.BulkAction
	if len(r.settable(l.k)) > 0 && r.MaySome(kind.Write, l.k) {
		actions = append(actions, ui.BulkAction{Label: "Set a field", Icon: "edit", Value: "set"})
	}
	for _, a := range l.k.Actions {
		if r.MaySome(a.Needs, l.k) && !a.Danger {
			actions = append(actions, ui.BulkAction{Label: a.Label, Value: "do:" + a.Name})
		}
	}
	if r.MaySome(kind.Delete, l.k) {
		actions = append(actions, ui.BulkAction{Label: "Delete", Icon: "trash", Value: "delete", Danger: true})
	}
	return actions
}

// settable are the fields that may be set on many records at once.
func (r *Request) settable(k *kind.Kind) []*kind.Field {
	var list []*kind.Field
	for _, f := range r.formFields(k, nil) {
		switch f.Name {
		case "title", "key", "labels", k.StateField:
			continue
		}
		switch f.Type {
		case kind.Option, kind.Ref, kind.Day, kind.Flag, kind.Grade:
			if !f.Immutable {
				list = append(list, f)
			}
		}
	}
	return list
}

// A bulk is a change of many records of one kind.
type bulk struct {
	k       *kind.Kind
	ids     []string
	action  string
	act     *kind.Action // of "do:NAME"
	field   *kind.Field  // of "set"
	form    url.Values
	back    string
	titles  []string
	problem error
}

func bulkPage(k *kind.Kind) func(*Request) error {
	return func(r *Request) error {
		form, err := r.Form()
		if err != nil {
			return err
		}
		b := bulk{k: k, ids: form["id"], action: form.Get("action"), form: form, back: "/" + k.Plural}
		if b.action == "" {
			b.action = r.FormValue("action")
		}
		if len(b.ids) == 0 {
			b.ids = r.URL.Query()["id"] // the way back from a deletion
		}
		if back := r.FormValue("back"); safePath(back) {
			b.back = back
		}
		slices.Sort(b.ids)
		b.ids = slices.Compact(b.ids)
		if len(b.ids) == 0 {
			return r.Redirect(b.back, ui.ToastProps{Text: "Select some rows first.", Tone: ui.Attention})
		}
		if len(b.ids) > maxBulk {
			return kind.Errorf(kind.TooLarge, "at most %d records can be changed at once", maxBulk)
		}
		return r.runBulk(b)
	}
}

func (r *Request) runBulk(b bulk) error {
	name, isAction := strings.CutPrefix(b.action, "do:")
	switch {
	case b.action == "delete":
		return r.bulkDelete(b)
	case b.action == "restore":
		return r.each(b, "restored", func(id string) error { return r.App().Restore(r.Ctx(), b.k, id) })
	case b.action == "set":
		return r.bulkSet(b)
	case isAction && b.k.Action(name) != nil:
		b.act = b.k.Action(name)
		return r.bulkDo(b)
	}
	return kind.Errorf(kind.NotFound, "there is no action %q for %s", b.action, lower(pluralLabel(b.k)))
}

func (r *Request) bulkDelete(b bulk) error {
	undo := url.Values{"action": {"restore"}, "id": b.ids, "back": {b.back}}
	return r.each(b, "deleted", func(id string) error { return r.App().Delete(r.Ctx(), b.k, id, 0) },
		"/"+b.k.Plural+"/bulk?"+undo.Encode())
}

// bulkDo performs an action on each record. One that asks for a reason or a date
// is asked for it first, on a page of its own.
func (r *Request) bulkDo(b bulk) error {
	needs := b.act.Reason || b.act.Danger
	in, err := inputOf(b.form)
	if needs && (!b.form.Has("confirmed") || err != nil || b.act.Reason && in.Reason == "") {
		if b.form.Has("confirmed") {
			b.problem = err
			if err == nil {
				b.problem = kind.Fieldf("reason", "say why; it is kept in the history")
			}
		}
		return r.askBulk(b)
	}
	if err != nil {
		return err
	}
	return r.each(b, "changed", func(id string) error {
		_, err := r.App().Do(r.Ctx(), b.k, id, b.act.Name, 0, in)
		return err
	})
}

// bulkSet sets one field of each record: which field, then which value.
func (r *Request) bulkSet(b bulk) error {
	for _, f := range r.settable(b.k) {
		if f.Name == b.form.Get("field") {
			b.field = f
		}
	}
	if b.field == nil || !b.form.Has("confirmed") {
		return r.askBulk(b)
	}
	if b.problem = setField(b.k.New(), b.field, b.form, r.Format); b.problem != nil {
		return r.askBulk(b)
	}
	return r.each(b, "changed", func(id string) error {
		rec, err := r.App().Get(r.Ctx(), b.k, id)
		if err != nil {
			return err
		}
		if err := setField(rec, b.field, b.form, r.Format); err != nil {
			return err
		}
		return r.App().Save(r.Ctx(), rec)
	})
}

// askBulk shows what will be changed and asks for what is missing.
func (r *Request) askBulk(b bulk) error {
	found, err := r.App().Many(r.Ctx(), b.k, b.ids)
	if err != nil {
		return err
	}
	for _, id := range b.ids {
		if rec := found[id]; rec != nil {
			b.titles = append(b.titles, rec.GetBase().Title)
		}
	}
	status := http.StatusOK
	if b.problem != nil {
		status = http.StatusUnprocessableEntity
	}
	r.Crumbs(groupCrumb(b.k), ui.Crumb{Label: pluralLabel(b.k), Href: b.back})
	return r.RenderAs(status, b.title(), bulkBody(r, b))
}

func (b bulk) title() string {
	what := countOf(len(b.ids), b.k)
	if b.act != nil {
		return b.act.Label + ": " + what
	}
	return "Set a field of " + what
}

// countWord is a number of things in words: "1 field", "3 fields".
func countWord(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprint(n, " ", thing, "s")
}

// countOf is a number of records in words: "1 risk", "3 risks".
func countOf(n int, k *kind.Kind) string {
	if n == 1 {
		return "1 " + lower(k.Label)
	}
	return fmt.Sprint(n, " ", lower(pluralLabel(k)))
}

// each does something to every record by itself: those that can be changed are,
// and the answer names the first that could not.
func (r *Request) each(b bulk, done string, do func(id string) error, undo ...string) error {
	changed, refused := 0, 0
	var first error
	for _, id := range b.ids {
		err := do(id)
		switch {
		case err == nil:
			changed++
		case kind.CodeOf(err) == kind.Internal || kind.CodeOf(err) == kind.Unavailable:
			return err
		default:
			refused++
			if first == nil {
				first = err
			}
		}
	}
	notice := ui.ToastProps{Text: countOf(changed, b.k) + " " + done + ".", Tone: ui.Positive}
	if len(undo) > 0 && changed > 0 {
		notice.UndoURL = undo[0]
	}
	if refused > 0 {
		notice.Tone = ui.Attention
		notice.Text += fmt.Sprintf(" %d could not be: %s.", refused, first)
	}
	return r.Redirect(b.back, notice)
}
