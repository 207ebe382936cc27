package app

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
)

// Wrong passwords lock an account for a while, so that guessing takes for ever.
const (
	lockAfter = 10
	lockFor   = 15 * time.Minute
)

// A First is the person who administers a new workspace.
type First struct {
	Name, Email, Password string // without a password: signs in through a link, or not at all
}

// Found makes a workspace with its first administrator, and returns the actor that
// this person is there.
func (a *App) Found(ctx context.Context, title string, first First) (access.Actor, error) {
	id := a.newID()
	machine := access.With(ctx, access.Actor{Name: "holdfast", Workspace: id, Machine: true, Via: "setup"})
	p := &isms.Person{Base: isms.Base{Title: first.Name}, Email: first.Email, Roles: isms.Roles{
		isms.RoleAdministrator, isms.RoleSecurityLead, isms.RoleApprover}, Employment: "employee", Status: isms.PersonActive}
	if first.Password != "" {
		if err := a.setPassword(p, first.Password); err != nil {
			return access.Actor{}, err
		}
	}
	err := a.Atomic(machine, func(ctx context.Context) error {
		w := &isms.Workspace{Base: isms.Base{Title: title}, Slug: or(kind.Slug(title), "workspace")}
		if err := a.createAs(ctx, w, id); err != nil {
			return err
		}
		return a.Save(ctx, p)
	})
	if err != nil {
		return access.Actor{}, err
	}
	return actorFor(id, p), nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// createAs saves a new record under a given id: a workspace has the id by which
// everything in it is found.
func (a *App) createAs(ctx context.Context, r kind.Record, id string) error {
	named := *a
	named.newID = func() string { return id }
	return named.Save(ctx, r)
}

func (a *App) setPassword(p *isms.Person, password string) error {
	if err := access.CheckNewPassword(password, p.Email); err != nil {
		return err
	}
	hash, err := access.HashPassword(password)
	p.PasswordHash, p.PasswordChanged = hash, a.Now()
	return err
}

// SetPassword changes the password of the person. The actor must be that person,
// and know the present password, or an administrator.
func (a *App) SetPassword(ctx context.Context, personID, present, wanted string) error {
	actor, err := access.From(ctx)
	if err != nil {
		return err
	}
	if actor.Scopes != nil {
		return kind.Errorf(kind.Forbidden, "a token cannot change a password")
	}
	machine := access.With(ctx, access.Actor{Name: actor.Name, ID: actor.ID, Workspace: actor.Workspace, Machine: true, Via: actor.Via})
	p, err := Of[isms.Person](a, isms.People).Get(machine, personID)
	if err != nil {
		return err
	}
	if actor.ID == p.ID {
		if p.PasswordHash != "" && !access.PasswordMatches(present, p.PasswordHash) {
			return kind.Fieldf("present", "is not your present password")
		}
	} else if actor.May(kind.Admin, isms.People) != access.All {
		return actor.Refuse(kind.Write, isms.People)
	}
	if err := a.setPassword(p, wanted); err != nil {
		return err
	}
	p.LockedUntil = time.Time{}
	return a.SaveBecause(machine, p, "password changed")
}

// SignIn returns who the address and password open the door for: one actor for
// each workspace in which they fit. Whether the address is unknown, the password
// wrong or the account locked, the answer is the same and takes as long.
func (a *App) SignIn(ctx context.Context, email, password string) ([]access.Actor, error) {
	refused := kind.Errorf(kind.Unauthenticated, "the mail address and the password do not fit together, or the account is locked for a while")
	email = strings.ToLower(strings.TrimSpace(email))
	if email == "" || len(password) > access.MaxPassword {
		return nil, refused
	}
	known, err := a.store.Across(ctx, isms.People, "email", email)
	if err != nil {
		return nil, err
	}
	if len(known) == 0 {
		access.PasswordMatches(password, "")
		return nil, refused
	}
	var open []access.Actor
	for _, o := range known {
		p := o.Record.(*isms.Person)
		fits := access.PasswordMatches(password, p.PasswordHash)
		if fits = fits && !a.Now().Before(p.LockedUntil) && p.Status == isms.PersonActive && len(p.Roles) > 0; fits {
			open = append(open, actorFor(o.Workspace, p))
		}
		if err := a.noteSignIn(ctx, o.Workspace, p, fits); err != nil {
			return nil, err
		}
	}
	if len(open) == 0 {
		return nil, refused
	}
	return open, nil
}

// noteSignIn counts failures and keeps the time of the last success.
func (a *App) noteSignIn(ctx context.Context, workspace string, p *isms.Person, fits bool) error {
	machine := access.With(ctx, access.Actor{Name: p.Title, ID: p.ID, Workspace: workspace, Machine: true, Via: "sign-in"})
	key := "sign-in failures " + workspace + " " + p.ID
	if fits {
		if err := a.store.SetSetting(ctx, key, ""); err != nil {
			return err
		}
		return a.note(machine, p.ID, "signed in", func(p *isms.Person) { p.LastSignIn, p.LockedUntil = a.Now(), time.Time{} })
	}
	failures, err := a.store.Tally(ctx, key)
	if err != nil || failures < lockAfter {
		return err
	}
	if err := a.store.SetSetting(ctx, key, ""); err != nil {
		return err
	}
	return a.note(machine, p.ID, "locked after too many wrong passwords", func(p *isms.Person) { p.LockedUntil = a.Now().Add(lockFor) })
}

// note changes what the product keeps of a person, whatever version is stored.
func (a *App) note(machine context.Context, personID, reason string, change func(*isms.Person)) error {
	return a.Atomic(machine, func(ctx context.Context) error {
		p, err := Of[isms.Person](a, isms.People).Get(ctx, personID)
		if err != nil {
			return err
		}
		change(p)
		return a.SaveBecause(ctx, p, reason)
	})
}

func actorFor(workspace string, p *isms.Person) access.Actor {
	actor := access.Actor{ID: p.ID, Name: p.Title, Workspace: workspace}
	for _, r := range p.Roles {
		actor.Roles = append(actor.Roles, access.Role(r))
	}
	return actor
}

// Actor returns who a person is today: roles are read anew on every request, so
// that taking one away works at once. since is when the session began; a session
// older than the password is over.
func (a *App) Actor(ctx context.Context, workspace, personID string, since time.Time) (access.Actor, error) {
	over := kind.Errorf(kind.Unauthenticated, "the session is over; sign in again")
	machine := access.With(ctx, access.Actor{Name: "holdfast", Workspace: workspace, Machine: true})
	p, err := Of[isms.Person](a, isms.People).Get(machine, personID)
	if kind.CodeOf(err) == kind.NotFound {
		return access.Actor{}, over
	}
	if err != nil {
		return access.Actor{}, err
	}
	if p.Status != isms.PersonActive || len(p.Roles) == 0 || !p.DeletedAt.IsZero() || since.Before(p.PasswordChanged) {
		return access.Actor{}, over
	}
	return actorFor(workspace, p), nil
}

// LinkFor makes a one-time link secret with which a person signs in once and
// chooses a password. Only an administrator, or the product at set-up, may.
func (a *App) LinkFor(ctx context.Context, personID string, valid time.Duration) (secret string, err error) {
	actor, err := access.From(ctx)
	if err != nil {
		return "", err
	}
	if !actor.Machine && (actor.Scopes != nil || actor.May(kind.Admin, isms.People) != access.All) {
		return "", actor.Refuse(kind.Admin, isms.People)
	}
	if secret, err = access.NewSecret(); err != nil {
		return "", err
	}
	machine := access.With(ctx, access.Actor{Name: actor.Name, ID: actor.ID, Workspace: actor.Workspace, Machine: true, Via: actor.Via})
	p, err := Of[isms.Person](a, isms.People).Get(machine, personID)
	if err != nil {
		return "", err
	}
	p.LinkHash, p.LinkExpires = access.HashSecret(secret), a.Now().Add(valid)
	return secret, a.SaveBecause(machine, p, "one-time link made")
}

// TakeLink uses up a one-time link and returns who it was for.
func (a *App) TakeLink(ctx context.Context, secret string) (access.Actor, error) {
	dead := kind.Errorf(kind.Unauthenticated, "the link has been used already or is too old; ask for a new one")
	if secret == "" {
		return access.Actor{}, dead
	}
	found, err := a.store.Across(ctx, isms.People, "link_hash", access.HashSecret(secret))
	if err != nil {
		return access.Actor{}, err
	}
	if len(found) != 1 {
		return access.Actor{}, dead
	}
	o, p := found[0], found[0].Record.(*isms.Person)
	if a.Now().After(p.LinkExpires) || p.Status != isms.PersonActive {
		return access.Actor{}, dead
	}
	p.LinkHash, p.LinkExpires, p.LastSignIn = "", time.Time{}, a.Now()
	machine := access.With(ctx, access.Actor{Name: p.Title, ID: p.ID, Workspace: o.Workspace, Machine: true, Via: "sign-in"})
	if err := a.SaveBecause(machine, p, "signed in with a one-time link"); err != nil {
		if kind.CodeOf(err) == kind.Conflict {
			return access.Actor{}, dead // somebody used it at the same moment
		}
		return access.Actor{}, err
	}
	return actorFor(o.Workspace, p), nil
}

// tokenPrefix marks our tokens, so that scanners for leaked secrets know them.
const tokenPrefix = "hf_"

// IssueToken makes an API token for the actor. The secret is returned once and is
// nowhere stored.
func (a *App) IssueToken(ctx context.Context, t *isms.APIToken) (secret string, err error) {
	actor, err := access.From(ctx)
	if err != nil {
		return "", err
	}
	if actor.Scopes != nil || actor.ID == "" {
		return "", kind.Errorf(kind.Forbidden, "only a person who is signed in can make a token")
	}
	if _, _, err := permit(ctx, kind.Write, isms.APITokens); err != nil {
		return "", err
	}
	if secret, err = access.NewSecret(); err != nil {
		return "", err
	}
	secret = tokenPrefix + secret
	t.PersonID, t.TokenHash, t.Prefix, t.Status = actor.ID, access.HashSecret(secret), secret[:len(tokenPrefix)+6], isms.APITokenActive
	machine := access.With(ctx, access.Actor{Name: actor.Name, ID: actor.ID, Workspace: actor.Workspace, Machine: true, Via: actor.Via})
	return secret, a.Save(machine, t)
}

// ByToken returns who a token acts for: its person, with the roles of today, cut
// down to the scopes of the token. from is the address of the caller: a token may be
// bound to networks.
func (a *App) ByToken(ctx context.Context, secret string, from netip.Addr) (access.Actor, error) {
	bad := kind.Errorf(kind.Unauthenticated, "the token is unknown, revoked or expired")
	if !strings.HasPrefix(secret, tokenPrefix) {
		return access.Actor{}, bad
	}
	found, err := a.store.Across(ctx, isms.APITokens, "token_hash", access.HashSecret(secret))
	if err != nil {
		return access.Actor{}, err
	}
	if len(found) != 1 {
		return access.Actor{}, bad
	}
	o, t := found[0], found[0].Record.(*isms.APIToken)
	if !within(t.Networks, from) {
		return access.Actor{}, bad
	}
	if t.Status != isms.APITokenActive || !t.ExpiresAt.IsZero() && a.Now().After(t.ExpiresAt) {
		return access.Actor{}, bad
	}
	actor, err := a.Actor(ctx, o.Workspace, t.PersonID, a.Now())
	if err != nil {
		return access.Actor{}, bad
	}
	actor.Name += " (token " + t.Title + ")"
	actor.Scopes = append([]string{}, t.Scopes...)
	return actor, a.noteToken(ctx, o.Workspace, t)
}

// within tells whether an address lies in one of the networks; without networks
// every address does.
func within(networks []string, from netip.Addr) bool {
	return len(networks) == 0 || slices.ContainsFunc(networks, func(n string) bool {
		p, err := netip.ParsePrefix(n)
		return err == nil && p.Contains(from.Unmap())
	})
}

// tokenNoted is how exactly the last use of a token is kept.
const tokenNoted = time.Hour

func (a *App) noteToken(ctx context.Context, workspace string, t *isms.APIToken) error {
	if a.Now().Sub(t.LastUsed) < tokenNoted {
		return nil
	}
	t.LastUsed = a.Now()
	machine := access.With(ctx, access.Actor{Name: "holdfast", Workspace: workspace, Machine: true, Via: "api"})
	err := a.Save(machine, t)
	if kind.CodeOf(err) == kind.Conflict {
		return nil // another request noted it at the same moment
	}
	return err
}

// Workspaces lists the workspaces of the installation, for the start of the server
// and the command line. It asks for no permission: do not show it to a visitor.
func (a *App) Workspaces(ctx context.Context) ([]*isms.Workspace, error) {
	list, err := a.store.Workspaces(ctx)
	var out []*isms.Workspace
	for _, o := range list {
		out = append(out, o.Record.(*isms.Workspace))
	}
	return out, err
}
