package app

import (
	"slices"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
)

// keepAnAdministrator refuses the change that would leave a workspace without
// anybody who can sign in and administer it: nobody could undo that.
func (a *App) keepAnAdministrator(tx *store.Tx, before, after kind.Record) error {
	was, ok := before.(*isms.Person)
	if !ok || !administers(was) || administers(after.(*isms.Person)) {
		return nil
	}
	if can, err := a.canSignIn(tx, was); err != nil || !can {
		return err
	}
	others, err := tx.List(isms.People, kind.Query{Limit: kind.MaxLimit}.Where("roles", isms.RoleAdministrator).Where("status", string(isms.PersonActive)), "")
	if err != nil {
		return err
	}
	for _, r := range others.Records {
		if r.GetBase().ID == was.ID {
			continue
		}
		if can, err := a.canSignIn(tx, r.(*isms.Person)); err != nil || can {
			return err
		}
	}
	return kind.Fieldf("roles", "%s is the last administrator who can sign in; make somebody else one first", was.Title)
}

// administers tells whether the person has the role and is there.
func administers(p *isms.Person) bool {
	return p.Status == isms.PersonActive && p.DeletedAt.IsZero() && slices.Contains(p.Roles, isms.RoleAdministrator)
}

// canSignIn tells whether the person has any means to.
func (a *App) canSignIn(tx *store.Tx, p *isms.Person) (bool, error) {
	if p.PasswordHash != "" || p.LinkHash != "" && a.Now().Before(p.LinkExpires) {
		return true, nil
	}
	keys, err := tx.Count(isms.Passkeys, kind.Query{}.Where("person_id", p.ID), "")
	return keys > 0, err
}
