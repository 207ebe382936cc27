package ui_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"holdfast/testkit/browser"
	"holdfast/web/static"
	"holdfast/web/ui"

	"github.com/a-h/templ"
)

// policy is what the server sends: nothing inline, nothing from elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// serve answers the gallery and the fragments that its components ask for.
func serve(t *testing.T) string {
	t.Helper()
	if !static.Built() {
		t.Fatal("the style sheet and the script are not built: run `npm ci && npm run build` in the root of the module")
	}
	mux := http.NewServeMux()
	mux.Handle(static.Prefix, static.Handler())
	page := func(c func(ui.Theme) templ.Component) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", policy)
			theme := ui.System
			if c, err := r.Cookie(ui.ThemeCookie); err == nil {
				theme = ui.ParseTheme(c.Value)
			}
			if err := c(theme).Render(r.Context(), w); err != nil {
				t.Error(err)
			}
		}
	}
	fragment := func(c templ.Component) http.HandlerFunc {
		return page(func(ui.Theme) templ.Component { return c })
	}
	mux.Handle("GET /ui", page(ui.Gallery))
	mux.Handle("GET /options", fragment(ui.ReferenceOptions([]ui.Option{{Value: "ast_1", Label: "booking-01", Help: "host"}, {Value: "ast_2", Label: "nas-02", Help: "host"}})))
	mux.Handle("GET /search", fragment(ui.PaletteResults("", []ui.PaletteGroup{{Label: "Records", Hits: []ui.PaletteHit{{Title: "First", Href: "/ui#first"}, {Title: "Second", Href: "/ui#second"}}}})))
	mux.Handle("GET /why", fragment(ui.WhyPanel(ui.WhyProps{About: "Open findings", Formula: "fetched"})))
	mux.Handle("POST /preview", fragment(ui.Strong("rendered")))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// Photographs are written where HOLDFAST_SCREENSHOTS says, for people to look at.
func photograph(t *testing.T, s *browser.Session, name string) {
	t.Helper()
	if dir := os.Getenv("HOLDFAST_SCREENSHOTS"); dir != "" {
		s.FullScreenshot(filepath.Join(dir, name+".png"))
	}
}

// shorten leaves a few of the thousand rows: the others are the same again, too
// long for a photograph and slow to examine.
func shorten(s *browser.Session) {
	s.Eval(`document.querySelectorAll("#large tbody tr:nth-child(n+6)").forEach(row => row.remove()); document.activeElement.blur(); scrollTo(0, 0)`)
}

func TestGalleryHasNoSeriousAccessibilityProblem(t *testing.T) {
	url := serve(t)
	s := browser.New(t)
	for _, theme := range []string{browser.Light, browser.Dark} {
		for _, width := range []int{1440, 390} {
			name := fmt.Sprintf("gallery-%s-%d", theme, width)
			s.Emulate(theme, width)
			s.Visit(url + "/ui")
			if over := browser.Value[int](s, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
				t.Errorf("%s: the page is %d pixels wider than the window", name, over)
			}
			shorten(s)
			s.NoGraveViolations(name)
			photograph(t, s, name)
		}
	}
	for _, p := range s.Problems() {
		t.Errorf("the page complained: %s", p)
	}
}

// photographView is the same for what is seen without scrolling.
func photographView(t *testing.T, s *browser.Session, name string) {
	t.Helper()
	if dir := os.Getenv("HOLDFAST_SCREENSHOTS"); dir != "" {
		s.Screenshot(filepath.Join(dir, name+".png"))
	}
}

func TestPrintedPageShowsNoControls(t *testing.T) {
	url := serve(t)
	s := browser.New(t)
	s.Visit(url + "/ui")
	s.Print()
	for _, selector := range []string{".sidebar", ".topbar", ".filter-bar", ".pager", ".page-header__actions", ".why"} {
		if browser.Value[bool](s, `document.querySelector("`+selector+`").checkVisibility()`) {
			t.Errorf("%s is printed", selector)
		}
	}
	shorten(s)
	photograph(t, s, "gallery-print")
}
