package web_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
	"holdfast/web"
	"holdfast/web/ui"
)

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func TestAFormFromAnotherSiteChangesNothing(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		v := s.as("ada@example.org")
		for name, headers := range map[string]map[string]string{
			"Sec-Fetch-Site cross-site": {"Sec-Fetch-Site": "cross-site"},
			"Sec-Fetch-Site same-site":  {"Sec-Fetch-Site": "same-site"},
			"a foreign Origin":          {"Origin": "https://evil.example", "Sec-Fetch-Site": ""},
			"a null Origin":             {"Origin": "null", "Sec-Fetch-Site": ""},
		} {
			req := v.form("/risks", "title", "Planted")
			for k, val := range headers {
				req.Header.Del(k)
				if val != "" {
					req.Header.Set(k, val)
				}
			}
			if got := v.send(req); got.StatusCode != http.StatusForbidden {
				t.Errorf("%s: %d", name, got.StatusCode)
			}
		}
		s.nothingCalled(isms.Risks, "Planted")
	})
}

func TestEveryAnswerCarriesTheHeadersThatGuardIt(t *testing.T) {
	s := start(t, testkit.SQLite(t), func(c *web.Config) { c.Secure = true })
	v := s.visitor()
	for _, path := range []string{"/signin", "/risks", "/no/such/page"} {
		h := v.get(path).Header
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store", "X-Frame-Options": "DENY",
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		csp := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "base-uri 'none'") {
			t.Errorf("%s: the policy is %q", path, csp)
		}
	}
	in := v.post("/signin", "email", "ada@example.org", "password", password)
	if c := in.Cookies()[0]; !c.Secure || c.Name != "__Host-holdfast" {
		t.Errorf("the cookie may travel in the clear: %v", c)
	}
}

func TestNoPageHoldsInlineScriptOrStyle(t *testing.T) {
	s := start(t, testkit.SQLite(t))
	m := s.samples()
	v := s.as("ada@example.org")
	for _, p := range []string{"/", "/risks", path(isms.Risks, m.rdp), path(isms.Risks, m.rdp) + "/edit", "/account", "/search", "/jobs"} {
		v.get(p).is(http.StatusOK).hides("<style", " style=", "<script>", " onclick=", "javascript:")
	}
}

func TestAnUnknownPageSaysSoAndOffersAWay(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		v := s.as("ada@example.org")
		r := v.get("/no/such/page").is(http.StatusNotFound).shows("Not found", "Number of this request", `href="/search"`)
		if id := r.Header.Get("X-Request-Id"); id == "" || !strings.Contains(r.body, id) || !strings.Contains(s.log.String(), id) {
			t.Error("the number on the page does not lead to the log")
		}
		v.fragment("/risks/nothing").is(http.StatusNotFound).hides("<html")
	})
}

// broken are pages of a workbench that fail in every way.
func broken(c *web.Config) {
	c.Pages = []web.Page{
		{Pattern: "GET /panic", Serve: func(*web.Request) error { panic("secret of the program") }},
		{Pattern: "GET /half", Serve: func(r *web.Request) error {
			return r.Render("Half", templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
				if _, err := io.WriteString(w, "half a page"); err != nil {
					return err
				}
				return io.ErrUnexpectedEOF
			}))
		}},
		{Pattern: "POST /small", MaxBody: 100, Serve: func(r *web.Request) error {
			_, err := r.Form()
			return err
		}},
		{Pattern: "GET /down", Serve: func(*web.Request) error { return kind.Errorf(kind.Unavailable, "the feed does not answer") }},
	}
}

func TestAFailureIsToldInWordsAndNothingInsideShows(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, db *store.Store) {
		s := start(t, db, broken)
		v := s.as("ada@example.org")
		v.get("/panic").is(http.StatusInternalServerError).shows("our fault").hides("secret of the program", "goroutine")
		v.get("/half").is(http.StatusInternalServerError).shows("our fault").hides("half a page", "unexpected EOF")
		v.get("/down").is(http.StatusServiceUnavailable).shows("The feed does not answer.")
		v.post("/small", "text", strings.Repeat("x", 200)).is(http.StatusRequestEntityTooLarge)
		if !strings.Contains(s.log.String(), "secret of the program") {
			t.Error("the log does not say what happened")
		}
		v.get("/risks").is(http.StatusOK)
	})
}

func TestTheLogHoldsNoSecrets(t *testing.T) {
	s := start(t, testkit.SQLite(t))
	v := s.visitor()
	v.get("/welcome?link=hush-hush")
	v.post("/signin", "email", "ada@example.org", "password", "wrong-secret")
	v.post("/signin", "email", "ada@example.org", "password", password)
	v.get("/search?q=private-words")
	for _, secret := range []string{"hush-hush", "wrong-secret", password, "private-words", v.session().Value} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if !strings.Contains(s.log.String(), "path=/search") {
		t.Error("the log does not hold the requests at all")
	}
}

func TestAWorkbenchIsFoundByThoseWhoMayAndUnknownToOthers(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, db *store.Store) {
		s := start(t, db, func(c *web.Config) {
			c.Pages = []web.Page{
				{Pattern: "GET /heatmap", Title: "Heat map", Icon: "grid", Group: kind.Identify, Words: "matrix", On: "risk", Needs: web.MayRead(isms.Risks),
					Badge: func(*web.Request) string { return "7 hot" },
					Serve: func(r *web.Request) error { return r.Render("Heat map", ui.Text("very hot")) }},
				{Pattern: "GET /plans", Serve: func(r *web.Request) error { return r.Render("Plans", ui.Text("the plans workbench")) }},
			}
			c.Details = []web.Detail{{Kind: "risk", Skip: []string{"description"},
				Above: func(_ *web.Request, rec kind.Record) (templ.Component, error) {
					return ui.Text("curve of " + rec.GetBase().Title), nil
				},
				Actions: func(*web.Request, kind.Record) ([]templ.Component, error) {
					return []templ.Component{ui.Text("Simulate")}, nil
				}}}
		})
		m := s.samples()
		s.person("sam@example.org", "staff")
		v := s.as("ada@example.org")
		v.get("/risks").shows(`href="/heatmap"`, "Heat map", "7 hot")
		v.get("/heatmap").is(http.StatusOK).shows("very hot")
		v.fragment("/search?q=matr").shows("Heat map")
		v.get("/plans").is(http.StatusOK).shows("the plans workbench")
		v.get(path(isms.Risks, m.rdp)).is(http.StatusOK).shows("curve of Intruder", "Simulate").hides("Somebody guesses or buys a password, signs in through <strong>")
		staff := s.as("sam@example.org")
		staff.get("/").hides("Heat map")
		staff.get("/heatmap").is(http.StatusNotFound).hides("very hot")
		staff.fragment("/search?q=heat").hides("Heat map")
	})
}

func TestAnotherWorkspaceDoesNotExistForAnybody(t *testing.T) {
	both(t, func(t *testing.T, s *site) {
		s.person("bob@example.org", "administrator")
		foreign := &isms.Risk{Base: isms.Base{Title: "Secret of the others", Key: "foreign"}}
		theirs := &isms.Asset{Base: isms.Base{Title: "Asset of the others"}, Type: "host"}
		for _, r := range []kind.Record{foreign, theirs} {
			if err := s.world.App.Save(testkit.In("ws-other", access.Administrator), r); err != nil {
				t.Fatal(err)
			}
		}
		mine := &isms.Risk{Base: isms.Base{Title: "Ours"}}
		s.save(mine)
		v := s.as("bob@example.org")
		for _, id := range []string{foreign.ID, "foreign"} {
			for _, p := range []string{"", "/edit", "/history", "/do/accept"} {
				v.get("/risks/" + id + p).is(http.StatusNotFound).hides("Secret of the others")
			}
			for _, p := range []string{"", "/delete", "/restore", "/link", "/unlink", "/comments", "/do/accept"} {
				v.post("/risks/"+id+p, "title", "taken", "reason", "x", "relation", "uses", "other", "x", "text", "x", "version", "1").is(http.StatusNotFound)
			}
		}
		v.post("/risks/bulk", "id", foreign.ID, "action", "delete").is(http.StatusSeeOther)
		v.post("/risks", "title", "Points abroad", "asset_id", theirs.ID).is(http.StatusUnprocessableEntity).hides("Asset of the others")
		v.get("/risks?filter[asset_id]=" + theirs.ID).is(http.StatusOK).hides("Asset of the others")
		v.fragment("/assets/options?q=asset").hides("Asset of the others")
		v.fragment("/search?q=secret").hides("Secret of the others")
		s.nothingCalled(isms.Risks, "Points abroad")
		stored, err := s.world.App.Get(testkit.In("ws-other", access.Administrator), isms.Risks, foreign.ID)
		if err != nil || stored.GetBase().Version != 1 {
			t.Errorf("the record of the others was touched: %+v, %v", stored, err)
		}
	})
}
