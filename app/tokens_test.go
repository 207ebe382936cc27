package app_test

import (
	"context"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

func TestATokenDoesWhatItsScopesSayUntilItEnds(t *testing.T) {
	t.Parallel()
	houses(t, func(t *testing.T, h *house) {
		bob, asBob := h.person(t, "Bob", isms.RoleContributor)
		asset := &isms.Asset{Base: kind.Base{Title: "Server"}, Type: "host"}
		must(t, h.App.Save(h.ctx, asset))
		token := &isms.APIToken{Base: kind.Base{Title: "Scanner"}, Scopes: []string{"asset:read", "person:write"}, ExpiresAt: h.Clock.Now().Add(time.Hour), PersonID: h.admin.ID}
		secret, err := h.App.IssueToken(asBob, token)
		must(t, err)
		if token.PersonID != bob.ID {
			t.Error("the token acts for somebody else")
		}
		who, err := h.App.ByToken(context.Background(), secret, netip.MustParseAddr("192.0.2.7"))
		must(t, err)
		ctx := access.With(context.Background(), who)
		if _, err := h.App.Get(ctx, isms.Assets, asset.ID); err != nil {
			t.Error(err)
		}
		asset.Title = "Theirs"
		for what, err := range map[string]error{
			"wrote an asset": h.App.Save(ctx, asset), "made a person": h.App.Save(ctx, &isms.Person{Base: kind.Base{Title: "X"}}), "read a risk": second(h.App.List(ctx, isms.Risks, kind.Query{})),
			"made a token": second(h.App.IssueToken(ctx, &isms.APIToken{Base: kind.Base{Title: "More"}, Scopes: []string{"*:admin"}})), "made a link": second(h.App.LinkFor(ctx, bob.ID, time.Hour)),
		} {
			if kind.CodeOf(err) != kind.Forbidden {
				t.Errorf("the token %s: %v", what, err)
			}
		}
		dead := func(what string) {
			t.Helper()
			if _, err := h.App.ByToken(context.Background(), secret, netip.MustParseAddr("192.0.2.7")); kind.CodeOf(err) != kind.Unauthenticated {
				t.Errorf("%s: the token lives: %v", what, err)
			}
		}
		for _, wrong := range []string{"", "hf_", secret + "x", strings.TrimPrefix(secret, "hf_"), access.HashSecret(secret), "hf_' OR '1'='1"} {
			if _, err := h.App.ByToken(context.Background(), wrong, netip.MustParseAddr("192.0.2.7")); kind.CodeOf(err) != kind.Unauthenticated {
				t.Errorf("%q opened the door: %v", wrong, err)
			}
		}
		if strings.Contains(encoded(t, isms.APITokens, token), secret[10:]) || strings.Contains(encoded(t, isms.APITokens, token), access.HashSecret(secret)) {
			t.Error("the record tells the token or its hash")
		}

		p := h.stored(t, bob.ID)
		p.Roles = nil
		must(t, h.App.Save(h.ctx, p))
		dead("its person has no role")
		p.Roles = isms.Roles{isms.RoleAuditor}
		must(t, h.App.Save(h.ctx, p))
		if _, err := h.App.ByToken(context.Background(), secret, netip.MustParseAddr("192.0.2.7")); err != nil {
			t.Error(err)
		}
		h.Clock.Advance(time.Hour + time.Second)
		dead("it has expired")

		token = &isms.APIToken{Base: kind.Base{Title: "Other"}, Scopes: []string{"*:read"}}
		secret, err = h.App.IssueToken(h.ctx, token)
		must(t, err)
		if _, err := h.App.ByToken(context.Background(), secret, netip.MustParseAddr("192.0.2.7")); err != nil {
			t.Error(err)
		}
		_, err = h.App.Do(h.ctx, isms.APITokens, token.ID, "revoke", 0, kind.Input{})
		must(t, err)
		dead("it was revoked")
	})
}

func second[T any](_ T, err error) error { return err }

func encoded(t *testing.T, k *kind.Kind, r kind.Record) string {
	t.Helper()
	b, err := k.Encode(r)
	must(t, err)
	return string(b)
}

func TestThereIsAlwaysAnAdministrator(t *testing.T) {
	t.Parallel()
	houses(t, func(t *testing.T, h *house) {
		demote := func() error {
			p := h.stored(t, h.admin.ID)
			p.Roles = isms.Roles{isms.RoleSecurityLead}
			return h.App.Save(h.ctx, p)
		}
		leave := func(action string) error {
			return second(h.App.Do(h.ctx, isms.People, h.admin.ID, action, 0, kind.Input{Reason: "gone"}))
		}
		refuse := func(why string) {
			t.Helper()
			for what, err := range map[string]error{"demoted": demote(), "suspended": leave("suspend"), "left": leave("leave"), "deleted": h.App.Delete(h.ctx, isms.People, h.admin.ID, 0)} {
				if kind.CodeOf(err) != kind.Invalid || !strings.Contains(err.Error(), "last administrator") {
					t.Errorf("%s: the last administrator was %s: %v", why, what, err)
				}
			}
		}
		refuse("alone")
		h.person(t, "Carl", isms.RoleSecurityLead)
		bob, _ := h.person(t, "Bob", isms.RoleAdministrator)
		refuse("the other cannot sign in")
		must(t, h.App.SetPassword(h.ctx, bob.ID, "", "another long phrase"))
		_, err := h.App.Do(h.ctx, isms.People, bob.ID, "suspend", 0, kind.Input{Reason: "away"})
		must(t, err)
		refuse("the other is suspended")
		_, err = h.App.Do(h.ctx, isms.People, bob.ID, "reinstate", 0, kind.Input{})
		must(t, err)
		must(t, demote())
		p := h.stored(t, bob.ID)
		p.Roles = nil
		asBob, err := h.App.Actor(context.Background(), h.admin.Workspace, bob.ID, h.Clock.Now())
		must(t, err)
		if err := h.App.Save(access.With(context.Background(), asBob), p); kind.CodeOf(err) != kind.Invalid {
			t.Errorf("now the other one is the last, and went: %v", err)
		}
		if _, err := h.App.TakeLink(context.Background(), ""); kind.CodeOf(err) != kind.Unauthenticated {
			t.Error(err)
		}
	})
}

// Two administrators who demote each other at the same moment must not both succeed.
func TestTwoAdministratorsCannotRemoveEachOtherAtOnce(t *testing.T) {
	t.Parallel()
	houses(t, func(t *testing.T, h *house) {
		bob, asBob := h.person(t, "Bob", isms.RoleAdministrator)
		must(t, h.App.SetPassword(h.ctx, bob.ID, "", "another long phrase"))
		victims := []*isms.Person{h.stored(t, bob.ID), h.stored(t, h.admin.ID)}
		actors := []context.Context{h.ctx, asBob}
		var done atomic.Int32
		atOnce(2, func(i int) {
			victims[i].Roles = nil
			if h.App.Save(actors[i], victims[i]) == nil {
				done.Add(1)
			}
		})
		if done.Load() != 1 {
			t.Errorf("%d of 2 were removed", done.Load())
		}
	})
}

// The first administrator comes in through a link and has no password yet.
func TestTheFirstAdministratorMayUseTheLink(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		first, err := w.App.Found(context.Background(), "House", app.First{Name: "Ada", Email: "ada@example.org"})
		must(t, err)
		ctx := access.With(context.Background(), first)
		secret, err := w.App.LinkFor(ctx, first.ID, time.Hour)
		must(t, err)
		who, err := w.App.TakeLink(context.Background(), secret)
		must(t, err)
		must(t, w.App.SetPassword(access.With(context.Background(), who), first.ID, "", passphrase))
		if _, err := w.App.SignIn(context.Background(), "ada@example.org", passphrase); err != nil {
			t.Error(err)
		}
	})
}

func TestOnlyAnAdministratorGivesRoles(t *testing.T) {
	t.Parallel()
	houses(t, func(t *testing.T, h *house) {
		bob, _ := h.person(t, "Bob", isms.RoleContributor)
		for _, roles := range [][]string{{isms.RoleSecurityLead}, {isms.RoleContributor}, {isms.RoleApprover, isms.RoleSecurityLead, isms.RoleContributor, isms.RoleAuditor}} {
			_, ctx := h.person(t, "Mallory", roles...)
			p := h.stored(t, bob.ID)
			must(t, isms.People.Decode(p, []byte(`{"roles":["administrator"]}`))) // as a patch does
			if err := h.App.Save(ctx, p); kind.CodeOf(err) != kind.Forbidden {
				t.Errorf("%v gave a role: %v", roles, err)
			}
			if err := h.App.Save(ctx, &isms.Person{Base: kind.Base{Title: "New"}, Email: "n@example.org", Roles: isms.Roles{isms.RoleAdministrator}}); kind.CodeOf(err) != kind.Forbidden {
				t.Errorf("%v made an administrator: %v", roles, err)
			}
			if _, err := h.App.Do(ctx, isms.People, bob.ID, "suspend", 0, kind.Input{Reason: "x"}); kind.CodeOf(err) != kind.Forbidden {
				t.Errorf("%v suspended somebody: %v", roles, err)
			}
		}
		narrow := asBobWith(t, h.ctx, []string{"person:write"})
		p := h.stored(t, bob.ID)
		p.Phone = "+49 30 1234567"
		must(t, h.App.Save(narrow, p))
		p.Roles = isms.Roles{isms.RoleAdministrator}
		if err := h.App.Save(narrow, p); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("a token that may only write people gave a role: %v", err)
		}
		if got := h.stored(t, bob.ID); len(got.Roles) != 1 || got.Roles[0] != isms.RoleContributor {
			t.Errorf("roles are %v", got.Roles)
		}
	})
}

func TestATokenBoundToANetworkOpensNothingElsewhere(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		who, err := w.App.Found(context.Background(), "Acme", app.First{Name: "Ana", Email: "ana@example.org"})
		if err != nil {
			t.Fatal(err)
		}
		token := &isms.APIToken{Base: isms.Base{Title: "build"}, Scopes: []string{"*:read"}, Networks: []string{"192.0.2.0/24", "2001:db8::/32"}}
		secret, err := w.App.IssueToken(access.With(context.Background(), who), token)
		if err != nil {
			t.Fatal(err)
		}
		for from, opens := range map[string]bool{"192.0.2.7": true, "::ffff:192.0.2.7": true, "2001:db8::1": true, "198.51.100.1": false, "::1": false} {
			if _, err := w.App.ByToken(context.Background(), secret, netip.MustParseAddr(from)); (err == nil) != opens {
				t.Errorf("from %s: %v", from, err)
			}
		}
		if _, err := w.App.ByToken(context.Background(), secret, netip.Addr{}); kind.CodeOf(err) != kind.Unauthenticated {
			t.Errorf("from nowhere: %v", err)
		}
	})
}
