package api

import (
	"net/http"
	"strings"

	"holdfast/access"
	"holdfast/api/client"
	"holdfast/isms"
	"holdfast/journal"
	"holdfast/kind"
	"holdfast/store"
)

// kinds describes every kind of record and what the caller may do with it.
func (a *api) kinds(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	actor, err := access.From(r.Context())
	if err != nil {
		return err
	}
	var list []client.KindView
	for _, k := range a.reg.All() {
		list = append(list, a.describe(k, actor))
	}
	return answer(w, http.StatusOK, client.ListOf(list, "", -1))
}

// kind describes one kind, by its name or plural.
func (a *api) kind(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	actor, err := access.From(r.Context())
	if err != nil {
		return err
	}
	k, err := a.reg.Find(r.PathValue("kind"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, a.describe(k, actor))
}

func (a *api) describe(k *kind.Kind, actor access.Actor) client.KindView {
	v := client.KindView{
		Name: k.Name, Plural: k.Plural, Label: k.Label, Group: k.Group, Doc: k.Doc, State: k.StateField, Sort: k.DefaultSort,
		Fields: []client.FieldView{}, Actions: []client.ActionView{}, Relations: a.relations(k), May: []kind.Verb{},
	}
	for _, f := range k.Fields {
		if !f.Hidden {
			v.Fields = append(v.Fields, client.FieldView{Name: f.Name, Label: f.Label, Type: f.Type, Doc: f.Doc, Ref: f.Ref, Unit: f.Unit,
				Choices: f.Choices, Required: f.Required, Computed: f.Computed, Immutable: f.Immutable})
		}
	}
	for _, act := range k.Actions {
		v.Actions = append(v.Actions, client.ActionView{Name: act.Name, Label: act.Label, Doc: act.Doc,
			From: append([]string{}, act.From...), To: act.To, Needs: act.Needs, Reason: act.Reason})
	}
	for _, verb := range kind.Verbs {
		if actor.May(verb, k) != access.Nothing {
			v.May = append(v.May, verb)
		}
	}
	return v
}

func (a *api) relations(k *kind.Kind) []client.Relation {
	list := []client.Relation{}
	for _, rel := range a.reg.Relations(k) {
		list = append(list, client.Relation{Relation: rel.Name, Kind: rel.Other.Name, Doc: rel.Doc, Forward: rel.Forward})
	}
	return list
}

// me tells the caller who it is.
func (a *api) me(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	actor, err := access.From(r.Context())
	if err != nil {
		return err
	}
	me := client.Me{ID: actor.ID, Name: actor.Name, Workspace: actor.Workspace, Roles: []string{}, Scopes: actor.Scopes}
	for _, role := range actor.Roles {
		me.Roles = append(me.Roles, string(role))
	}
	return answer(w, http.StatusOK, me)
}

// search finds records by words, best first.
func (a *api) search(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "q", "kind", "limit")
	if err != nil {
		return err
	}
	words := strings.TrimSpace(v.Get("q"))
	if words == "" {
		return kind.Fieldf("q", "say what to search for")
	}
	limit, err := number(v, "limit", 20, 100)
	if err != nil {
		return err
	}
	var among []*kind.Kind
	for _, name := range v["kind"] {
		k, err := a.reg.Find(name)
		if err != nil {
			return kind.Fieldf("kind", "%v", err)
		}
		among = append(among, k)
	}
	hits, err := a.App.Search(r.Context(), words, limit, among...)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, client.ListOf(hits, "", -1))
}

// journal tells what happened in the workspace, newest first. Entries about kinds
// that the caller may not read in full are left out.
func (a *api) journal(w http.ResponseWriter, r *http.Request) error {
	p, err := readPage(r)
	if err != nil {
		return err
	}
	var list []journal.Entry
	for len(list) < p.limit {
		more, err := a.App.Recent(r.Context(), p.before, p.limit)
		if err != nil {
			return err
		}
		if len(more) == 0 {
			break
		}
		list = append(list, more...)
		p.before = more[len(more)-1].Seq
	}
	list = list[:min(len(list), p.limit)]
	return answerEntries(w, list, nextEntry(list, p.limit))
}

// jobs lists the newest jobs.
func (a *api) jobs(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "limit")
	if err != nil {
		return err
	}
	if err := a.mayRun(r, kind.Read); err != nil {
		return err
	}
	limit, err := number(v, "limit", 50, kind.MaxLimit)
	if err != nil {
		return err
	}
	var list []store.Job
	err = a.App.View(r.Context(), func(tx *store.Tx) (err error) {
		list, err = tx.Jobs(limit)
		return err
	})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, client.ListOf(list, "", -1))
}

// mayRun asks whether the caller may see or change what runs in the background: it
// concerns all assets.
func (a *api) mayRun(r *http.Request, v kind.Verb) error {
	actor, err := access.From(r.Context())
	if err != nil {
		return err
	}
	if actor.May(v, isms.Assets) != access.All {
		return actor.Refuse(v, isms.Assets)
	}
	return nil
}

func (a *api) job(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	if err := a.mayRun(r, kind.Read); err != nil {
		return err
	}
	return a.answerJob(w, r)
}

func (a *api) answerJob(w http.ResponseWriter, r *http.Request) error {
	var j store.Job
	err := a.App.View(r.Context(), func(tx *store.Tx) (err error) {
		j, err = tx.JobByID(r.PathValue("id"))
		return err
	})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, j)
}

// cancelJob ends a job that waits and asks one that runs to stop.
func (a *api) cancelJob(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	if err := a.mayRun(r, kind.Write); err != nil {
		return err
	}
	err := a.App.Write(r.Context(), func(tx *store.Tx) error {
		if _, err := tx.JobByID(r.PathValue("id")); err != nil {
			return err
		}
		return tx.CancelJob(r.PathValue("id"), a.App.Now())
	})
	if err != nil {
		return err
	}
	return a.answerJob(w, r)
}
