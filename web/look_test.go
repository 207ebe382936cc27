package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"holdfast/isms"
	"holdfast/testkit"
	"holdfast/testkit/browser"
	"holdfast/web/static"

	"github.com/chromedp/chromedp/kb"
)

// window opens a browser on the site. Without the built style sheet nothing it
// shows would mean anything.
func window(t *testing.T) *browser.Session {
	t.Helper()
	if !static.Built() {
		t.Fatal("the style sheet and the script are not built: run `npm ci && npm run build` in the root of the module")
	}
	return browser.New(t)
}

// Photographs are written where HOLDFAST_SCREENSHOTS says, for people to look at.
func photograph(s *browser.Session, name string) {
	if dir := os.Getenv("HOLDFAST_SCREENSHOTS"); dir != "" {
		s.Eval(`document.activeElement.blur(); scrollTo(0, 0)`)
		s.FullScreenshot(filepath.Join(dir, name+".png"))
	}
}

func signIn(b *browser.Session, url string) {
	b.Visit(url + "/signin")
	b.Type("#f-email", "ada@example.org")
	b.Type("#f-password", password+kb.Enter)
	b.WaitFor(`location.pathname === "/"`)
}

func TestThePagesAreAccessibleInBothThemesOnDeskAndPhone(t *testing.T) {
	s := start(t, testkit.SQLite(t))
	m := s.samples()
	b := window(t)
	pages := []struct{ name, path string }{
		{"list", "/risks"}, {"findings", "/findings?filter[severity]=critical,high"}, {"empty", "/plans"}, {"detail", path(isms.Risks, m.rdp)}, {"asset", "/assets/booking"},
		{"form", path(isms.Risks, m.rdp) + "/edit"}, {"new", "/findings/new"}, {"action", path(isms.Risks, m.rdp) + "/do/accept"}, {"account", "/account"}, {"search", "/search?q=remote"}, {"home", "/"},
	}
	shoot := func(name, path string) {
		b.Accessible(name, s.url+path, func(theme string, width int) {
			photograph(b, fmt.Sprintf("%s-%s-%d", name, theme, width))
		})
	}
	shoot("signin", "/signin")
	shoot("missing", "/welcome?link=x")
	b.Emulate(browser.Light, 1440)
	signIn(b, s.url)
	for _, p := range pages {
		shoot(p.name, p.path)
	}
	for _, p := range b.Problems() {
		t.Errorf("a page complained: %s", p)
	}
}
