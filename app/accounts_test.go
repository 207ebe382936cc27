package app_test

import (
	"context"
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

const passphrase = "correct horse battery"

// A house is a workspace with its first administrator.
type house struct {
	*testkit.World
	admin access.Actor
	ctx   context.Context // in which the administrator acts
}

// houses runs the test in a fresh workspace on both databases.
func houses(t *testing.T, test func(t *testing.T, h *house)) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) { test(t, found(t, s)) })
}

func found(t *testing.T, s *store.Store) *house {
	t.Helper()
	w := testkit.New(s)
	first, err := w.App.Found(context.Background(), "House", app.First{Name: "Ada", Email: "ada@example.org", Password: passphrase})
	must(t, err)
	w.Clock.Advance(time.Minute)
	return &house{w, first, access.With(context.Background(), first)}
}

// person adds somebody with roles and returns who they are.
func (h *house) person(t *testing.T, name string, roles ...string) (*isms.Person, context.Context) {
	t.Helper()
	p := &isms.Person{Base: kind.Base{Title: name}, Email: strings.ToLower(name) + "@example.org", Roles: roles}
	must(t, h.App.Save(h.ctx, p))
	if len(roles) == 0 {
		return p, nil
	}
	actor, err := h.App.Actor(h.ctx, h.admin.Workspace, p.ID, h.Clock.Now())
	must(t, err)
	return p, access.With(context.Background(), actor)
}

func (h *house) stored(t *testing.T, id string) *isms.Person {
	t.Helper()
	p, err := app.Of[isms.Person](h.App, isms.People).Get(h.ctx, id)
	must(t, err)
	return p
}

func (h *house) signIn(email, password string) error {
	_, err := h.App.SignIn(context.Background(), email, password)
	return err
}

func TestOnlyTheRightPasswordOfAnActivePersonOpensTheDoor(t *testing.T) {
	t.Parallel()
	houses(t, func(t *testing.T, h *house) {
		who, err := h.App.SignIn(context.Background(), "  ADA@example.org ", passphrase)
		if err != nil || len(who) != 1 || who[0].ID != h.admin.ID || who[0].Workspace != h.admin.Workspace || !who[0].Has(access.Administrator) {
			t.Fatalf("%v, %v", who, err)
		}
		h.person(t, "Bob", isms.RoleStaff) // has no password
		carl, _ := h.person(t, "Carl", isms.RoleStaff)
		must(t, h.App.SetPassword(h.ctx, carl.ID, "", "another long phrase"))
		_, err = h.App.Do(h.ctx, isms.People, carl.ID, "suspend", 0, kind.Input{Reason: "away"})
		must(t, err)
		var texts []string
		for _, try := range [][2]string{{"ada@example.org", "wrong horse battery"}, {"ada@example.org", ""}, {"", passphrase}, {"nobody@example.org", passphrase},
			{"bob@example.org", ""}, {"bob@example.org", passphrase}, {"carl@example.org", "another long phrase"}, {"ada@example.org", strings.Repeat("x", 10_000)},
			{"ada@example.org' OR '1'='1", passphrase}, {"%", passphrase}, {"ada@example.org\x00", passphrase}} {
			err := h.signIn(try[0], try[1])
			if kind.CodeOf(err) != kind.Unauthenticated {
				t.Fatalf("%.40q: %v", try, err)
			}
			texts = append(texts, err.Error())
		}
		for _, text := range texts {
			if text != texts[0] {
				t.Errorf("the answers tell more than they should: %q and %q", text, texts[0])
			}
		}
	})
}

func TestGuessingLocksTheAccountForAWhile(t *testing.T) {
	t.Parallel()
	h := found(t, testkit.SQLite(t)) // every guess costs a slow hash; the count itself is tried on both below
	for range 10 {
		if h.signIn("ada@example.org", "wrong horse battery") == nil {
			t.Fatal("signed in with a wrong password")
		}
	}
	if kind.CodeOf(h.signIn("ada@example.org", passphrase)) != kind.Unauthenticated {
		t.Error("the account is not locked")
	}
	h.Clock.Advance(15*time.Minute + time.Second)
	must(t, h.signIn("ada@example.org", passphrase))
	for range 9 {
		_ = h.signIn("ada@example.org", "wrong horse battery") // one less than locks
	}
	must(t, h.signIn("ada@example.org", passphrase))
	_ = h.signIn("ada@example.org", "wrong horse battery") // counting began anew
	must(t, h.signIn("ada@example.org", passphrase))
}

// Guesses made at the same moment count like others, and people who sign in at the
// same moment do not refuse each other.
func TestSigningInAtTheSameMoment(t *testing.T) {
	t.Parallel()
	houses(t, func(t *testing.T, h *house) {
		atOnce(4, func(int) {
			if err := h.signIn("ada@example.org", passphrase); err != nil {
				t.Error(err)
			}
		})
		atOnce(10, func(int) { _ = h.signIn("ada@example.org", "wrong horse battery") })
		if kind.CodeOf(h.signIn("ada@example.org", passphrase)) != kind.Unauthenticated {
			t.Error("ten guesses at once did not lock the account")
		}
	})
}

func TestAOneTimeLinkWorksOnce(t *testing.T) {
	t.Parallel()
	houses(t, func(t *testing.T, h *house) {
		bob, asBob := h.person(t, "Bob", isms.RoleContributor)
		if _, err := h.App.LinkFor(asBob, h.admin.ID, time.Hour); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("somebody made a link for the administrator: %v", err)
		}
		take := func(secret string) error {
			who, err := h.App.TakeLink(context.Background(), secret)
			if err == nil && (who.ID != bob.ID || who.Has(access.Administrator) || !who.Has(access.Contributor)) {
				t.Errorf("the link opened the door for %+v", who)
			}
			return err
		}
		link := func() string {
			t.Helper()
			secret, err := h.App.LinkFor(h.ctx, bob.ID, time.Hour)
			must(t, err)
			return secret
		}
		first, second := link(), link()
		if kind.CodeOf(take(first)) != kind.Unauthenticated {
			t.Error("an older link works beside a newer one")
		}
		must(t, take(second))
		if kind.CodeOf(take(second)) != kind.Unauthenticated {
			t.Error("a link was used twice")
		}
		third := link()
		h.Clock.Advance(time.Hour + time.Second)
		for _, secret := range []string{third, "", "x", "' OR ''='", third + "x"} {
			if kind.CodeOf(take(secret)) != kind.Unauthenticated {
				t.Errorf("%q opened the door", secret)
			}
		}
		fourth := link()
		var won atomic.Int32
		atOnce(6, func(int) {
			if take(fourth) == nil {
				won.Add(1)
			}
		})
		if won.Load() != 1 {
			t.Errorf("%d of 6 who used a link at once came in", won.Load())
		}
		fifth := link()
		_, err := h.App.Do(h.ctx, isms.People, bob.ID, "suspend", 0, kind.Input{Reason: "gone"})
		must(t, err)
		if kind.CodeOf(take(fifth)) != kind.Unauthenticated {
			t.Error("a suspended person came in")
		}
	})
}

func TestASessionEndsWithThePasswordTheRolesOrThePerson(t *testing.T) {
	t.Parallel()
	houses(t, func(t *testing.T, h *house) {
		bob, asBob := h.person(t, "Bob", isms.RoleContributor)
		alive := func(since time.Time) bool {
			_, err := h.App.Actor(context.Background(), h.admin.Workspace, bob.ID, since)
			if err != nil && kind.CodeOf(err) != kind.Unauthenticated {
				t.Error(err)
			}
			return err == nil
		}
		began := h.Clock.Now()
		h.Clock.Advance(time.Minute)
		if !alive(began) {
			t.Fatal("over before it began")
		}
		must(t, h.App.SetPassword(asBob, bob.ID, "", "first long phrase"))
		if alive(began) {
			t.Error("the session outlived a new password")
		}
		h.Clock.Advance(time.Minute)
		began = h.Clock.Now()
		if !alive(began) {
			t.Error("a session begun afterwards is over")
		}
		if kind.CodeOf(h.App.SetPassword(asBob, bob.ID, "guess", "second long phrase")) != kind.Invalid {
			t.Error("the password was changed without knowing it")
		}
		if kind.CodeOf(h.App.SetPassword(asBob, h.admin.ID, "", "second long phrase")) != kind.Forbidden {
			t.Error("somebody changed the password of the administrator")
		}
		if kind.CodeOf(h.App.SetPassword(asBob, bob.ID, "first long phrase", "short")) != kind.Invalid {
			t.Error("a short password was taken")
		}
		token := asBobWith(t, asBob, []string{"*:admin"})
		if kind.CodeOf(h.App.SetPassword(token, bob.ID, "first long phrase", "second long phrase")) != kind.Forbidden {
			t.Error("a token changed the password")
		}
		p := h.stored(t, bob.ID)
		p.Roles = nil
		must(t, h.App.Save(h.ctx, p))
		if alive(began) {
			t.Error("the session outlived the roles")
		}
		p.Roles = isms.Roles{isms.RoleAuditor}
		must(t, h.App.Save(h.ctx, p))
		if who, err := h.App.Actor(context.Background(), h.admin.Workspace, bob.ID, began); err != nil || who.Has(access.Contributor) || !who.Has(access.Auditor) {
			t.Errorf("roles of today: %v, %v", who.Roles, err)
		}
		must(t, h.App.Delete(h.ctx, isms.People, bob.ID, 0))
		if alive(began) {
			t.Error("the session outlived the person")
		}
		if _, err := h.App.Actor(context.Background(), "elsewhere", bob.ID, began); kind.CodeOf(err) != kind.Unauthenticated {
			t.Error("the session opened another workspace")
		}
	})
}

func asBobWith(t *testing.T, ctx context.Context, scopes []string) context.Context {
	t.Helper()
	actor, err := access.From(ctx)
	must(t, err)
	actor.Scopes = scopes
	return access.With(context.Background(), actor)
}
