package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"holdfast/kind"
	"holdfast/web/ui"
)

// An actionView is an action on a record with the questions it asks.
type actionView struct {
	k       *kind.Kind
	rec     kind.Record
	act     kind.Action
	until   bool // takes a date
	form    url.Values
	problem error
	back    string
}

func (v actionView) url() string { return recordURL(v.k, v.rec) + "/do/" + v.act.Name }

func (v actionView) id() string { return "do-" + v.act.Name }

// asks tells whether the action needs more than a press of its button.
func (v actionView) asks() bool { return v.act.Reason || v.until || v.act.Danger }

// actions are those possible on the record now and permitted to the actor.
func (r *Request) actions(k *kind.Kind, rec kind.Record) []actionView {
	if !rec.GetBase().DeletedAt.IsZero() {
		return nil
	}
	var list []actionView
	for _, a := range k.ActionsFrom(rec) {
		if r.MayTouch(a.Needs, k, rec) {
			list = append(list, actionView{k: k, rec: rec, act: a, until: r.takesUntil(k, a, rec)})
		}
	}
	return list
}

// takesUntil finds out whether the action cares for a date, by performing it on
// copies of the record with and without one.
func (r *Request) takesUntil(k *kind.Kind, a kind.Action, rec kind.Record) bool {
	plain, dated := k.Clone(rec), k.Clone(rec)
	in := kind.Input{By: r.Actor.ID, At: r.Now(), Reason: "trial"}
	errPlain := k.Run(&a, plain, in)
	in.Until = "2999-12-31"
	errDated := k.Run(&a, dated, in)
	if (errPlain == nil) != (errDated == nil) {
		return true
	}
	if errPlain != nil {
		return errPlain.Error() != errDated.Error()
	}
	diff, err := k.Diff(plain, dated)
	return err == nil && len(diff) > 0
}

// inputOf reads what a person gave an action.
func inputOf(form url.Values) (kind.Input, error) {
	in := kind.Input{Reason: strings.TrimSpace(form.Get("reason"))}
	if len(in.Reason) > kind.MaxText {
		return in, kind.Fieldf("reason", "is longer than %d characters", kind.MaxText)
	}
	until, err := kind.ParseDate(form.Get("until"))
	if err != nil {
		return in, kind.Fieldf("until", "%v", err)
	}
	in.Until = until
	return in, nil
}

// actionOf finds the record and the action that the address names.
func (r *Request) actionOf(k *kind.Kind) (actionView, error) {
	rec, err := r.App().Get(r.Ctx(), k, r.PathValue("id"))
	if err != nil {
		return actionView{}, err
	}
	a := k.Action(r.PathValue("action"))
	if a == nil {
		return actionView{}, kind.Errorf(kind.NotFound, "there is no action %q for %s", r.PathValue("action"), lower(pluralLabel(k)))
	}
	if !r.MayTouch(a.Needs, k, rec) {
		return actionView{}, r.Actor.Refuse(a.Needs, k)
	}
	return actionView{k: k, rec: rec, act: *a, until: r.takesUntil(k, *a, rec), back: backOf(r)}, nil
}

// actionPage asks for what the action needs, on a page of its own: the dialog of
// the record page for browsers that cannot open dialogs.
func actionPage(k *kind.Kind) func(*Request) error {
	return func(r *Request) error {
		v, err := r.actionOf(k)
		if err != nil {
			return err
		}
		v.form = r.URL.Query()
		return r.askAction(v, http.StatusOK)
	}
}

func (r *Request) askAction(v actionView, status int) error {
	title := v.rec.GetBase().Title
	r.Crumbs(groupCrumb(v.k), ui.Crumb{Label: pluralLabel(v.k), Href: "/" + v.k.Plural}, ui.Crumb{Label: title, Href: recordURL(v.k, v.rec)})
	return r.RenderAs(status, v.act.Label, actionBody(v, title))
}

func doAction(k *kind.Kind) func(*Request) error {
	return func(r *Request) error {
		v, err := r.actionOf(k)
		if err != nil {
			return err
		}
		if v.form, err = r.Form(); err != nil {
			return err
		}
		in, err := inputOf(v.form)
		if err == nil {
			_, err = r.App().Do(r.Ctx(), k, v.rec.GetBase().ID, v.act.Name, atoi64(v.form.Get("version")), in)
		}
		if again(err) {
			v.problem = err
			return r.askAction(v, http.StatusUnprocessableEntity)
		}
		if err != nil {
			return err
		}
		return r.Back(recordURL(k, v.rec), ui.ToastProps{Text: v.act.Label + ": done.", Tone: ui.Positive})
	}
}

func deleteRecord(k *kind.Kind) func(*Request) error {
	return func(r *Request) error {
		form, err := r.Form()
		if err != nil {
			return err
		}
		rec, err := r.App().Get(r.Ctx(), k, r.PathValue("id"))
		if err != nil {
			return err
		}
		if err := r.App().Delete(r.Ctx(), k, rec.GetBase().ID, atoi64(form.Get("version"))); err != nil {
			return err
		}
		r.changed(k)
		return r.Back("/"+k.Plural, ui.ToastProps{Text: "“" + rec.GetBase().Title + "” is in the bin.", UndoURL: RecordURL(k, rec.GetBase().ID) + "/restore"})
	}
}

func restoreRecord(k *kind.Kind) func(*Request) error {
	return func(r *Request) error {
		if err := r.App().Restore(r.Ctx(), k, r.PathValue("id")); err != nil {
			return err
		}
		rec, err := r.App().Get(r.Ctx(), k, r.PathValue("id"))
		if err != nil {
			return err
		}
		r.changed(k)
		return r.Redirect(recordURL(k, rec), ui.ToastProps{Text: "Restored.", Tone: ui.Positive})
	}
}

// atoi64 reads a number that our own form carries; 0 when it is none.
func atoi64(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
