// Package access says who may do what. The rules are Go code in one table
// (rules.go); the waist asks them before anything is read or written.
package access

import (
	"context"
	"slices"
	"strings"

	"holdfast/kind"
)

// A Role is a set of permissions that a person has in one workspace.
type Role string

// The roles.
const (
	Administrator Role = "administrator" // accounts, tokens, settings, and everything else
	SecurityLead  Role = "security_lead" // runs the ISMS; proposes, does not approve
	Contributor   Role = "contributor"   // engineers and owners: work on assets, findings, safeguards
	Approver      Role = "approver"      // decides: accepts risks, approves spending and policies
	Auditor       Role = "auditor"       // reads everything, changes nothing
	Staff         Role = "staff"         // reads what concerns them, acknowledges, learns, reports
)

// Roles lists the roles, most powerful first.
var Roles = []Role{Administrator, SecurityLead, Contributor, Approver, Auditor, Staff}

// An Actor is who does something: a signed-in person, an API token acting for
// one, or the product itself.
type Actor struct {
	ID        string // of the person; empty for the product and the local operator
	Name      string // for the journal
	Workspace string // the only one it can see
	Roles     []Role
	Scopes    []string // of an API token, see MayUse; nil: not restricted
	Via       string   // web, api, cli, flow: how the change came in
	Machine   bool     // the product itself: may write computed fields, may not approve
}

type actorKey struct{}

// With puts the actor into the context. Everything below the waist reads it there.
func With(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// From returns the actor of the context, or an error when nobody is signed in.
func From(ctx context.Context) (Actor, error) {
	a, ok := ctx.Value(actorKey{}).(Actor)
	if !ok || a.Workspace == "" {
		return Actor{}, kind.Errorf(kind.Unauthenticated, "sign in first")
	}
	return a, nil
}

// Has tells whether the actor has the role.
func (a Actor) Has(r Role) bool { return slices.Contains(a.Roles, r) }

// A Grant says how far a permission reaches.
type Grant int

// The grants.
const (
	Nothing   Grant = iota
	Own             // only records the actor is responsible for
	Published       // only records in a state that is for everybody: Kind.Public
	All
)

// May says how far the actor may go with a verb on a kind: the widest grant of
// its roles, cut down to the scopes of a token.
func (a Actor) May(v kind.Verb, k *kind.Kind) Grant {
	if !a.inScope(v, k) {
		return Nothing
	}
	if a.Machine {
		if v == kind.Approve {
			return Nothing
		}
		return All
	}
	widest := Nothing
	for _, r := range a.Roles {
		widest = max(widest, grantOf(r, v, k))
	}
	return widest
}

// inScope tells whether the token's scopes allow it. A scope is KIND:VERB, with *
// for any kind; write includes read and delete, admin includes everything.
func (a Actor) inScope(v kind.Verb, k *kind.Kind) bool {
	if a.Scopes == nil {
		return true
	}
	return slices.ContainsFunc(a.Scopes, func(scope string) bool {
		name, verb, _ := strings.Cut(scope, ":")
		return (name == "*" || name == k.Name) && includes(kind.Verb(verb), v)
	})
}

func includes(scope, v kind.Verb) bool {
	switch scope {
	case kind.Admin:
		return true
	case kind.Write:
		return v == kind.Write || v == kind.Read || v == kind.Delete
	}
	return scope == v
}

// Refuse is the error for something the actor may not do.
func (a Actor) Refuse(v kind.Verb, k *kind.Kind) error {
	return kind.Errorf(kind.Forbidden, "%s may not %s %s", nameOr(a.Name), v, k.Plural)
}

func nameOr(name string) string {
	if name == "" {
		return "this account"
	}
	return name
}
