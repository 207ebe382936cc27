package api

import (
	"net/http"

	"holdfast/api/client"
	"holdfast/kind"
)

// links lists the relations that a record of the kind can have.
func (a *api) links(w http.ResponseWriter, r *http.Request) error {
	k, _, _, err := a.target(r)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, client.ListOf(a.relations(k), "", -1))
}

// linked lists the records that a relation leads to, as a list of their kind.
func (a *api) linked(w http.ResponseWriter, r *http.Request) error {
	k, err := a.kindOf(r)
	if err != nil {
		return err
	}
	rel, err := a.App.Relation(k, r.PathValue("relation"))
	if err != nil {
		return err
	}
	rec, err := a.App.Get(r.Context(), k, r.PathValue("id"))
	if err != nil {
		return err
	}
	q, err := a.query(r, rel.Other)
	if err != nil {
		return err
	}
	q.Linked = &kind.LinkedTo{Relation: rel, ID: rec.GetBase().ID}
	return a.answerList(w, r, rel.Other, q)
}

// link joins two records; doing it again changes nothing.
func (a *api) link(w http.ResponseWriter, r *http.Request) error {
	k, rec, _, err := a.target(r)
	if err != nil {
		return err
	}
	if err := a.App.Link(r.Context(), k, rec.GetBase().ID, r.PathValue("relation"), r.PathValue("other")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// unlink ends a link; where there is none, nothing changes.
func (a *api) unlink(w http.ResponseWriter, r *http.Request) error {
	k, rec, _, err := a.target(r)
	if err != nil {
		return err
	}
	if err := a.App.Unlink(r.Context(), k, rec.GetBase().ID, r.PathValue("relation"), r.PathValue("other")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
