package ui_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"holdfast/testkit/browser"
	"holdfast/web/static"
	"holdfast/web/ui"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
)

// A desk is a server with one page that holds the given component, and a memory
// of what was posted.
type desk struct {
	URL string

	mu     sync.Mutex
	posted []url.Values
}

func newDesk(t *testing.T, body templ.Component) *desk {
	t.Helper()
	if !static.Built() {
		t.Fatal("the style sheet and the script are not built: run `npm ci && npm run build` in the root of the module")
	}
	d := &desk{}
	shell := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return ui.Shell(ui.ShellProps{Title: "Test"}).Render(templ.WithChildren(ctx, body), w)
	})
	show := func(w http.ResponseWriter, r *http.Request, c templ.Component) {
		w.Header().Set("Content-Security-Policy", policy)
		if err := c.Render(r.Context(), w); err != nil {
			t.Error(err)
		}
	}
	mux := http.NewServeMux()
	mux.Handle(static.Prefix, static.Handler())
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { show(w, r, shell) })
	mux.HandleFunc("GET /done", func(w http.ResponseWriter, r *http.Request) {
		show(w, r, ui.Shell(ui.ShellProps{Title: "Done"}))
	})
	mux.HandleFunc("GET /part", func(w http.ResponseWriter, r *http.Request) { show(w, r, part("second", "/part")) })
	mux.HandleFunc("GET /job", func(w http.ResponseWriter, r *http.Request) {
		show(w, r, ui.Progress(ui.ProgressProps{Label: "Finished", Done: 3, Total: 3}))
	})
	mux.HandleFunc("POST /broken", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		show(w, r, ui.Text("stack trace"))
	})
	mux.HandleFunc("GET /options", func(w http.ResponseWriter, r *http.Request) {
		all := []ui.Option{{Value: "ast_1", Label: "booking-01"}, {Value: "ast_2", Label: "nas-02"}}
		var found []ui.Option
		for _, o := range all {
			if strings.Contains(o.Label, r.URL.Query().Get("q")) {
				found = append(found, o)
			}
		}
		show(w, r, ui.ReferenceOptions(found))
	})
	mux.HandleFunc("POST /save", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		d.mu.Lock()
		d.posted = append(d.posted, r.PostForm)
		d.mu.Unlock()
		if r.PostForm.Get("title") == "crash" {
			panic(http.ErrAbortHandler) // the connection breaks off
		}
		http.Redirect(w, r, "/done", http.StatusSeeOther)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	d.URL = server.URL
	return d
}

// last returns what the last POST carried.
func (d *desk) last(t *testing.T) url.Values {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.posted) == 0 {
		t.Fatal("nothing was posted")
	}
	return d.posted[len(d.posted)-1]
}

// part is a record with two tabs, of which the current one leads to path.
func part(text, path string) templ.Component {
	tabs := []ui.TabItem{{Label: "First", Href: "/", Current: path == "/"}, {Label: "Second", Href: "/part", Current: path == "/part"}}
	return ui.Join(ui.Tabs("Parts", "part", tabs), templ.Raw(`<div id="part">`+text+`</div>`))
}

func inForm(fields ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		form := ui.Form(ui.FormProps{ID: "risk", Action: "/save", Keep: true, Hidden: []ui.Hidden{{Name: "version", Value: "7"}}})
		return form.Render(templ.WithChildren(ctx, ui.Join(fields...)), w)
	})
}

func everyField() templ.Component {
	levels := []ui.Option{{Value: "1", Label: "1"}, {Value: "2", Label: "2"}}
	return inForm(
		ui.Field(ui.FieldProps{Type: ui.TextField, Name: "title", Label: "Title", Value: "Ransomware", Required: true}),
		ui.Field(ui.FieldProps{Type: ui.MarkdownField, Name: "story", Label: "Story", Value: "*how*"}),
		ui.Field(ui.FieldProps{Type: ui.RangeField, Name: "events", Label: "Events", Range: ui.RangeValue{Low: "1", Likely: "2", High: "3"}}),
		ui.Field(ui.FieldProps{Type: ui.MoneyField, Name: "value", Label: "Value", Value: "900", Currency: "GBP", Currencies: []string{"GBP", "EUR"}}),
		ui.Field(ui.FieldProps{Type: ui.LevelField, Name: "impact", Label: "Impact", Value: "2", Options: levels}),
		ui.Field(ui.FieldProps{Type: ui.ChoiceField, Name: "treatment", Label: "Treatment", Value: "2", Options: levels}),
		ui.Field(ui.FieldProps{Type: ui.DateField, Name: "review", Label: "Review", Value: "2026-12-01"}),
		ui.Field(ui.FieldProps{Type: ui.InstantField, Name: "seen", Label: "Seen", Value: "2026-11-20T14:30"}),
		ui.Field(ui.FieldProps{Type: ui.FlagField, Name: "legal", Label: "Legal", Value: "true"}),
		ui.Field(ui.FieldProps{Type: ui.FlagField, Name: "quiet", Label: "Quiet"}),
		ui.Field(ui.FieldProps{Type: ui.ReferenceField, Name: "asset", Label: "Asset", Value: "ast_1", Display: "booking-01", OptionsURL: "/options"}),
		ui.Field(ui.FieldProps{Type: ui.TagsField, Name: "tags", Label: "Tags", Tags: []string{"a", "b"}}),
		ui.Field(ui.FieldProps{Type: ui.ChecksField, Name: "serves", Label: "Serves", Tags: []string{"2"}, Options: levels}),
	)
}

func TestUntouchedFormPostsTheSameWithAndWithoutScript(t *testing.T) {
	d := newDesk(t, everyField())
	s := browser.New(t)
	want := url.Values{
		"version": {"7"}, "title": {"Ransomware"}, "story": {"*how*"},
		"events_low": {"1"}, "events_likely": {"2"}, "events_high": {"3"},
		"value": {"900"}, "value_currency": {"GBP"}, "impact": {"2"}, "treatment": {"2"},
		"review": {"2026-12-01"}, "seen": {"2026-11-20T14:30"},
		"legal": {"false", "true"}, "quiet": {"false"}, "asset": {"ast_1"}, "tags": {"a, b"}, "serves": {"", "2"},
	}
	for _, scripts := range []bool{true, false} {
		s.Scripts(scripts)
		s.Visit(d.URL)
		s.Click("main button[type=submit]")
		s.WaitFor(`location.pathname === "/done"`)
		if diff := cmp.Diff(want, d.last(t)); diff != "" {
			t.Errorf("scripts %v: posted (-want +got):\n%s", scripts, diff)
		}
	}
}

func TestTypedWorkIsNotLostByReloadOrBrokenConnection(t *testing.T) {
	d := newDesk(t, everyField())
	s := browser.New(t)
	s.Visit(d.URL)
	s.Eval(`document.querySelector("#f-title").value = ""`)
	s.Type("#f-title", "crash")
	s.Type("#f-tags, [data-tags] input[type=text]", "new,")
	s.WaitFor(`sessionStorage.getItem("kept:/:risk")?.includes("crash")`)

	s.Visit(d.URL) // as a reload: the page knows nothing of the work
	if got := browser.Value[string](s, `document.querySelector("#f-title").value`); got != "crash" {
		t.Errorf("after a reload the title is %q, want what was typed", got)
	}
	if got := browser.Value[string](s, `document.querySelector("[name=tags]").value`); got != "a, b, new" {
		t.Errorf("after a reload the tags are %q", got)
	}

	s.Eval(`document.querySelector("#risk").requestSubmit()`)
	s.WaitFor(`location.protocol === "chrome-error:"`) // the server broke the connection off
	s.Visit(d.URL)
	if got := browser.Value[string](s, `document.querySelector("#f-title").value`); got != "crash" {
		t.Errorf("after a broken connection the title is %q, want what was typed", got)
	}
}

func TestSavedWorkIsNotOfferedAgain(t *testing.T) {
	d := newDesk(t, everyField())
	s := browser.New(t)
	s.Visit(d.URL)
	s.Type("#f-title", " again")
	s.Click("main button[type=submit]")
	s.WaitFor(`location.pathname === "/done"`)
	s.WaitFor(`sessionStorage.getItem("kept:/:risk") === null`)
	s.Visit(d.URL)
	if got := browser.Value[string](s, `document.querySelector("#f-title").value`); got != "Ransomware" {
		t.Errorf("the title is %q, want what the server holds", got)
	}
}

func TestMissingFieldIsToldAtTheFieldAndNothingIsPosted(t *testing.T) {
	d := newDesk(t, everyField())
	s := browser.New(t)
	s.Visit(d.URL)
	s.Eval(`document.querySelector("#f-title").value = ""`)
	s.Click("main button[type=submit]")
	if got := s.Text("[data-field=title] .field__error"); got != "Fill this in." {
		t.Errorf("the field says %q", got)
	}
	if got := browser.Value[string](s, `document.activeElement.id`); got != "f-title" {
		t.Errorf("the focus is on %q, want the wrong field", got)
	}
	if !browser.Value[bool](s, `document.querySelector("#f-title").getAttribute("aria-describedby").includes("f-title-error")`) {
		t.Error("the error is not tied to its field")
	}
	if len(d.posted) > 0 {
		t.Errorf("posted %v", d.posted)
	}
}

func TestReferenceIsChosenByTitleAndPostedById(t *testing.T) {
	d := newDesk(t, everyField())
	s := browser.New(t)
	s.Visit(d.URL)
	s.Eval(`document.querySelector("#f-asset").select()`)
	s.Type("#f-asset", "nas")
	s.WaitFor(`document.querySelectorAll("#f-asset-options [role=option]").length === 1`)
	s.Press(kb.ArrowDown)
	s.Press(kb.Enter)
	s.Click("main button[type=submit]")
	s.WaitFor(`location.pathname === "/done"`)
	if got := d.last(t).Get("asset"); got != "ast_2" {
		t.Errorf("posted asset %q, want ast_2", got)
	}
}

func TestHalfTypedReferenceNeverChangesTheRecord(t *testing.T) {
	d := newDesk(t, everyField())
	s := browser.New(t)
	s.Visit(d.URL)
	s.Type("#f-asset", "nonsense")
	s.Click("main button[type=submit]")
	s.WaitFor(`location.pathname === "/done"`)
	if got := d.last(t).Get("asset"); got != "ast_1" {
		t.Errorf("posted asset %q, want the one chosen before", got)
	}
}

func rows() templ.Component {
	p := ui.TableProps{
		ID: "t", Caption: "Rows", BulkURL: "/save", Choose: true,
		Columns: []ui.Column{{Key: "a", Label: "A"}, {Key: "b", Label: "B"}},
		Bulk:    []ui.BulkAction{{Label: "Accept", Value: "accept"}},
	}
	for _, id := range []string{"r1", "r2", "r3", "r4"} {
		p.Rows = append(p.Rows, ui.Row{ID: id, Href: "/done?" + id, Label: id, Cells: []templ.Component{ui.Text(id), ui.Text("b")}})
	}
	return ui.Table(p)
}

func TestSelectedRowsArePostedWithTheAction(t *testing.T) {
	d := newDesk(t, rows())
	s := browser.New(t)
	for _, scripts := range []bool{true, false} {
		s.Scripts(scripts)
		s.Visit(d.URL)
		if browser.Value[bool](s, `document.querySelector(".bulk").checkVisibility()`) {
			t.Error("the bulk bar shows although nothing is selected")
		}
		s.Click("[value=r2]")
		s.Click("[value=r4]")
		s.Click(".bulk button[name=action]")
		s.WaitFor(`location.pathname === "/done"`)
		want := url.Values{"id": {"r2", "r4"}, "action": {"accept"}}
		if diff := cmp.Diff(want, d.last(t)); diff != "" {
			t.Errorf("scripts %v: posted (-want +got):\n%s", scripts, diff)
		}
	}
}

func TestTableObeysTheKeyboard(t *testing.T) {
	d := newDesk(t, rows())
	s := browser.New(t)
	s.Visit(d.URL)
	chosen := func() string {
		return browser.Value[string](s, `[...document.querySelectorAll("tbody :checked")].map(b => b.value).join()`)
	}
	s.Press("jj")
	s.Press("x")
	if got := chosen(); got != "r2" {
		t.Errorf("after j j x: %q is selected, want r2", got)
	}
	s.Press("jj")
	s.Press("X", chromedp.KeyModifiers(kb.ModifierShift))
	if got := chosen(); got != "r2,r3,r4" {
		t.Errorf("after shift x two rows below: %q is selected, want r2,r3,r4", got)
	}
	if got := s.Text("[data-bulk-count]"); got != "3 rows selected" {
		t.Errorf("the bar says %q", got)
	}
	s.Click("[data-select-all]")
	if got := chosen(); got != "r1,r2,r3,r4" {
		t.Errorf("after select all: %q", got)
	}
	s.Press("k")
	s.Eval(`document.activeElement.blur()`)
	s.Press(kb.Enter)
	s.WaitFor(`location.search === "?r3"`)
}

func TestColumnChoiceShowsAtOnceAndStaysInTheAddress(t *testing.T) {
	d := newDesk(t, rows())
	s := browser.New(t)
	s.Visit(d.URL)
	s.Click("[popovertarget=t-columns]")
	s.Click("#t-columns [value=b]")
	if browser.Value[bool](s, `document.querySelector("td[data-col=b]").checkVisibility()`) {
		t.Error("the column still shows")
	}
	s.WaitFor(`!location.search.includes("cols=b")`)
}

func TestTabFetchesItsPartAndTellsTheAddress(t *testing.T) {
	d := newDesk(t, part("first", "/"))
	s := browser.New(t)
	s.Visit(d.URL)
	s.Eval(`window.samePage = true`)
	s.Click(`.tabs a[href="/part"]`)
	s.WaitFor(`document.querySelector("#part").textContent === "second" && location.pathname === "/part"`)
	s.WaitFor(`document.querySelector(".tabs [aria-current]").textContent.trim() === "Second"`)
	if !browser.Value[bool](s, `window.samePage === true`) {
		t.Error("the whole page was loaded")
	}
}

func TestProgressRenewsItselfUntilTheJobIsDone(t *testing.T) {
	d := newDesk(t, ui.Progress(ui.ProgressProps{Label: "Running", Done: 1, Total: 3, Src: "/job"}))
	s := browser.New(t)
	s.Visit(d.URL)
	s.WaitFor(`document.querySelector(".progress__label").textContent === "Finished"`)
}

func TestFailureOfTheServerLeavesThePageAsItIs(t *testing.T) {
	d := newDesk(t, templ.Raw(`<div id="box" class="stack">mine <button id="go" data-hx-post="/broken" hx-target="#box">Go</button></div>`))
	s := browser.New(t)
	s.Visit(d.URL)
	s.Click("#go")
	s.WaitFor(`document.querySelector(".toast")?.textContent.includes("(500)")`)
	if got := s.Text("#box"); !strings.HasPrefix(got, "mine") {
		t.Errorf("the page was replaced by %q", got)
	}
}

func TestPaletteFindsAndGoes(t *testing.T) {
	url := serve(t)
	s := browser.New(t)
	s.Visit(url + "/ui")
	s.Press("k", chromedp.KeyModifiers(kb.ModifierCtrl))
	s.WaitFor(`document.querySelectorAll("#palette [role=option]").length === 2`)
	s.NoGraveViolations("palette", "main")
	s.Press(kb.ArrowDown)
	s.Press(kb.Enter)
	s.WaitFor(`location.hash === "#second"`)
}

func TestThemeIsKept(t *testing.T) {
	url := serve(t)
	s := browser.New(t)
	s.Emulate(browser.Light, 1440)
	s.Visit(url + "/ui")
	s.Click(".theme-button")
	s.Click("#theme-menu [value=dark]")
	s.Visit(url + "/ui")
	if got := browser.Value[string](s, `document.documentElement.dataset.theme`); got != "dark" {
		t.Errorf("after a reload the theme is %q, want dark", got)
	}
}

func TestWhyFetchesItsInputsOnOpening(t *testing.T) {
	url := serve(t)
	s := browser.New(t)
	s.Visit(url + "/ui")
	s.Click(`[aria-label="Why? Open findings"]`)
	s.WaitFor(`document.querySelector(".popup--why:popover-open")?.textContent.includes("fetched")`)
}

func TestOpenedPanelsAreAccessibleInBothThemes(t *testing.T) {
	url := serve(t)
	s := browser.New(t)
	for _, theme := range []string{browser.Light, browser.Dark} {
		s.Emulate(theme, 1440)
		s.Visit(url + "/ui")
		shorten(s)
		for _, open := range []struct{ name, selector string }{
			{"why", `[aria-label="Why? Expected yearly loss"]`},
			{"account", `.avatar-button`},
			{"facet", `[popovertarget=findings-severity]`},
			{"columns", `[popovertarget=findings-columns]`},
			{"confirm", `[commandfor=confirm-delete]`},
		} {
			s.Click(open.selector)
			s.NoGraveViolations(theme+" "+open.name, "main > section")
			photographView(t, s, "open-"+open.name+"-"+theme)
			s.Press(kb.Escape)
		}
	}
	for _, p := range s.Problems() {
		t.Errorf("the page complained: %s", p)
	}
}

func TestNavigationOpensOnAPhoneWithoutScript(t *testing.T) {
	url := serve(t)
	s := browser.New(t)
	s.Emulate(browser.Light, 390)
	s.Scripts(false)
	s.Visit(url + "/ui")
	if browser.Value[bool](s, `document.querySelector("#sidebar").checkVisibility()`) {
		t.Error("the navigation covers the page before it is asked for")
	}
	s.Click(".bottom-bar button")
	if !browser.Value[bool](s, `document.querySelector("#sidebar").checkVisibility()`) {
		t.Error("the navigation does not open")
	}
	photographView(t, s, "phone-navigation")
}
