package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
)

func (v *visitor) session() *http.Cookie {
	u, err := url.Parse(v.base)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range v.c.Jar.Cookies(u) {
		if c.Name == "holdfast" {
			return c
		}
	}
	return nil
}

func TestSigningInOpensASessionAndAWrongPasswordDoesNot(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		v := s.visitor()
		v.get("/risks").leadsTo("/signin?next=%2Frisks")
		wrong := v.post("/signin", "email", "ada@example.org", "password", "not the password").is(http.StatusUnauthorized).shows("do not fit together", "ada@example.org").hides("not the password")
		unknown := v.post("/signin", "email", "nobody@example.org", "password", "not the password").is(http.StatusUnauthorized)
		if a, b := strings.ReplaceAll(text(wrong.body), "ada@", ""), strings.ReplaceAll(text(unknown.body), "nobody@", ""); a != b {
			t.Errorf("a known and an unknown address are answered differently:\n%s\n%s", a, b)
		}
		v.get("/risks").is(http.StatusSeeOther)
		in := v.post("/signin", "email", "Ada@example.org ", "password", password, "next", "/risks?sort=title").leadsTo("/risks?sort=title")
		cookie := in.Cookies()[0]
		if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" {
			t.Errorf("the cookie is not guarded: %v", cookie)
		}
		v.get("/risks").is(http.StatusOK)
		v.get("/signin?next=//evil.example").leadsTo("/")
	})
}

func TestSigningInMakesANewTokenSoThatAPlantedOneIsWorthNothing(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		v := s.as("ada@example.org")
		old := v.session().Value
		v.post("/signin", "email", "ada@example.org", "password", password).leadsTo("/")
		if v.session().Value == old {
			t.Error("the token of the session is the same before and after signing in")
		}
		thief := s.visitor()
		req := thief.form("/signout")
		req.Method, req.URL.Path = "GET", "/risks"
		req.AddCookie(&http.Cookie{Name: "holdfast", Value: old})
		if got := thief.send(req); got.StatusCode == http.StatusOK {
			t.Error("the old token still opens the door")
		}
	})
}

func TestARedirectAfterSigningInNeverLeavesTheSite(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		for _, next := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "/%5c%5cevil.example", "javascript:alert(1)", "evil", "/\t/evil.example", "/signout", ""} {
			v := s.visitor()
			got := v.post("/signin", "email", "ada@example.org", "password", password, "next", next).is(http.StatusSeeOther).Header.Get("Location")
			if to, err := url.Parse(got); err != nil || to.Host != "" || !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\t") || got == "/signout" {
				t.Errorf("next %q leads to %q", next, got)
			}
		}
	})
}

func TestAnAddressThatTriesTooOftenIsStoppedEvenWithTheRightPassword(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		s.person("bob@example.org", "contributor")
		v := s.visitor()
		for range 20 {
			v.post("/signin", "email", "nobody@example.org", "password", "wrong")
		}
		v.post("/signin", "email", "bob@example.org", "password", password).is(http.StatusTooManyRequests).shows("Too many attempts")
		s.world.Clock.Advance(time.Minute)
		v.post("/signin", "email", "bob@example.org", "password", password).leadsTo("/")
	})
}

func TestASessionEnds(t *testing.T) {
	ways := map[string]func(s *site, v *visitor, p *isms.Person){
		"by signing out":                      func(_ *site, v *visitor, _ *isms.Person) { v.post("/signout").leadsTo("/signin") },
		"after a while without a request":     func(s *site, _ *visitor, _ *isms.Person) { s.world.Clock.Advance(8*time.Hour + time.Minute) },
		"when the password changes elsewhere": func(s *site, _ *visitor, p *isms.Person) { s.world.Clock.Advance(time.Second); s.setPassword(p) },
		"when the person is suspended": func(s *site, _ *visitor, p *isms.Person) {
			s.do(isms.People, p.ID, "suspend", kind.Input{Reason: "left the keys in the door"})
		},
		"when the last role is taken away": func(s *site, _ *visitor, p *isms.Person) {
			r, err := s.world.App.Get(s.ctx, isms.People, p.ID)
			if err != nil {
				s.t.Fatal(err)
			}
			r.(*isms.Person).Roles = nil
			s.save(r)
		},
	}
	both(t, func(t *testing.T, s *site) {
		for name, end := range ways {
			t.Run(name, func(t *testing.T) {
				email := kind.Slug(name) + "@example.org"
				p := s.person(email, "contributor")
				v := s.as(email)
				v.get("/risks").is(http.StatusOK)
				end(s, v, p)
				v.get("/risks").leadsTo("/signin?next=%2Frisks")
			})
		}
	})
}

func TestASessionEndsAtTheLatestAfterTwoDaysHoweverBusy(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		v := s.as("ada@example.org")
		for range 7 {
			s.world.Clock.Advance(6 * time.Hour)
			v.get("/risks").is(http.StatusOK)
		}
		s.world.Clock.Advance(7 * time.Hour)
		v.get("/risks").is(http.StatusSeeOther)
	})
}

func TestARoleTakenAwayWorksAtOnce(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		p := s.person("bob@example.org", "security_lead")
		v := s.as("bob@example.org")
		v.get("/risks/new").is(http.StatusOK)
		r, err := s.world.App.Get(s.ctx, isms.People, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		r.(*isms.Person).Roles = isms.Roles{"auditor"}
		s.save(r)
		v.get("/risks").is(http.StatusOK).hides("New risk")
		v.get("/risks/new").is(http.StatusForbidden)
		v.post("/risks", "title", "Slipped in").is(http.StatusForbidden)
		s.nothingCalled(isms.Risks, "Slipped in")
	})
}

func (s *site) setPassword(p *isms.Person) {
	s.t.Helper()
	if err := s.world.App.SetPassword(s.ctx, p.ID, "", password+" again"); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) do(k *kind.Kind, id, action string, in kind.Input) {
	s.t.Helper()
	if _, err := s.world.App.Do(s.ctx, k, id, action, 0, in); err != nil {
		s.t.Fatal(err)
	}
}

// nothingCalled checks that no record has the title.
func (s *site) nothingCalled(k *kind.Kind, title string) {
	s.t.Helper()
	page, err := s.world.App.List(s.ctx, k, kind.Query{}.Where("title", title))
	if err != nil {
		s.t.Fatal(err)
	}
	if len(page.Records) > 0 {
		s.t.Errorf("there is a %s called %q", k.Name, title)
	}
}

func TestAOneTimeLinkIsUsedUpOnceAndOnlyByChoosingAPassword(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		p := s.person("clara@example.org", "contributor")
		secret, err := s.world.App.LinkFor(s.ctx, p.ID, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		const fresh = "eleven grey lighthouses"
		v := s.visitor()
		v.get("/welcome?link=" + secret).is(http.StatusOK).shows("Choose the password")
		v.get("/welcome?link=" + secret).is(http.StatusOK)
		v.post("/welcome", "link", secret, "password", "short", "again", "short").is(http.StatusUnprocessableEntity).shows("at least 12")
		v.post("/welcome", "link", secret, "password", fresh, "again", fresh+"!").is(http.StatusUnprocessableEntity).shows("differ")
		v.get("/risks").is(http.StatusSeeOther)

		// The password holds the name: the link is used up by now, and nothing but the choice is open.
		v.post("/welcome", "link", secret, "password", "my name is clara, hello", "again", "my name is clara, hello").is(http.StatusUnprocessableEntity).shows("contains your name")
		v.get("/risks").leadsTo("/welcome")
		v.post("/risks", "title", "Slipped in").leadsTo("/welcome")
		s.nothingCalled(isms.Risks, "Slipped in")

		v.post("/welcome", "password", fresh, "again", fresh).leadsTo("/")
		v.get("/risks").is(http.StatusOK)
		other := s.visitor()
		other.post("/welcome", "link", secret, "password", fresh, "again", fresh).is(http.StatusUnauthorized).shows("used already")
		other.get("/risks").is(http.StatusSeeOther)
		other.post("/signin", "email", "clara@example.org", "password", fresh).leadsTo("/")
	})
}

func TestALinkThatIsTooOldOpensNothing(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		p := s.person("clara@example.org", "contributor")
		secret, err := s.world.App.LinkFor(s.ctx, p.ID, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		s.world.Clock.Advance(2 * time.Hour)
		v := s.visitor()
		v.post("/welcome", "link", secret, "password", password, "again", password).is(http.StatusUnauthorized)
		v.post("/welcome", "password", password, "again", password).is(http.StatusUnauthorized)
		v.get("/risks").is(http.StatusSeeOther)
	})
}

func TestAWorkspaceIsChangedOnlyToOneOfOnesOwn(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		found := func(title, email string) context.Context {
			actor, err := s.world.App.Found(context.Background(), title, app.First{Name: "Ada Admin", Email: email, Password: password})
			if err != nil {
				t.Fatal(err)
			}
			return access.With(context.Background(), actor)
		}
		mine, theirs := found("Harbour project", "ada@example.org"), found("Stranger", "eve@example.org")
		hidden := &isms.Risk{Base: isms.Base{Title: "Hidden from Northwind"}}
		for _, ctx := range []context.Context{mine, theirs} {
			r := *hidden
			if err := s.world.App.Save(ctx, &r); err != nil {
				t.Fatal(err)
			}
		}
		actorOf := func(ctx context.Context) access.Actor { a, _ := access.From(ctx); return a }
		v := s.as("ada@example.org")
		v.get("/risks").is(http.StatusOK).shows("Harbour project").hides("Hidden from", "Stranger")
		v.post("/workspace/" + actorOf(theirs).Workspace).is(http.StatusNotFound)
		v.get("/risks").hides("Hidden from")
		before := v.session().Value
		v.post("/workspace/" + actorOf(mine).Workspace).leadsTo("/")
		if v.session().Value == before {
			t.Error("the token of the session stays the same across workspaces")
		}
		v.get("/risks").is(http.StatusOK).shows("Hidden from Northwind")
	})
}

func TestTheAPILearnsWhoIsSignedInFromTheSession(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		cfg := web.Config{App: s.world.App, Log: quiet(), Now: s.world.Clock.Now}
		other := web.New(cfg)
		v := s.as("ada@example.org")
		req, err := http.NewRequest("GET", s.url+"/api/v1/risks", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := other.Actor(req); kind.CodeOf(err) != kind.Unauthenticated {
			t.Errorf("without a session: %v", err)
		}
		req.AddCookie(v.session())
		actor, err := other.Actor(req)
		if err != nil || actor.ID != s.admin.ID || actor.Workspace != s.workspace {
			t.Errorf("the session belongs to %+v, %v", actor, err)
		}
		v.post("/signout")
		if _, err := other.Actor(req); kind.CodeOf(err) != kind.Unauthenticated {
			t.Errorf("after signing out: %v", err)
		}
	})
}
