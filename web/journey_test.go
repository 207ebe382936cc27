package web_test

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"holdfast/isms"
	"holdfast/testkit"
	"holdfast/testkit/browser"
)

// tabTo presses Tab until the element has the focus, as somebody without a mouse does.
func tabTo(t *testing.T, b *browser.Session, selector string) {
	t.Helper()
	for range 150 {
		if browser.Value[bool](b, `document.activeElement?.matches(`+strconv.Quote(selector)+`) ?? false`) {
			return
		}
		b.Press(kb.Tab)
	}
	t.Fatalf("Tab never leads to %s", selector)
}

func TestARiskIsFoundAndAcceptedWithTheKeyboardAlone(t *testing.T) {
	s := start(t, testkit.SQLite(t))
	m := s.samples()
	b := window(t)
	for _, theme := range []string{browser.Light, browser.Dark} {
		b.Emulate(theme, 1440)
		b.Visit(s.url + "/risks")
		b.WaitFor(`location.pathname === "/signin"`)
		b.NoGraveViolations("sign-in " + theme)
	}
	tabTo(t, b, "#f-email")
	b.Press("ada@example.org")
	b.Press(kb.Tab)
	b.Press(password)
	b.Press(kb.Enter)
	b.WaitFor(`location.pathname === "/risks" && document.readyState === "complete"`)

	b.Press("k", chromedp.KeyModifiers(kb.ModifierCtrl))
	b.WaitFor(`document.querySelector("#palette").open`)
	b.Press("remote desktop takes")
	b.WaitFor(`document.querySelector("#palette [role=option][aria-selected=true]")?.textContent.includes("Intruder takes over")`)
	b.NoGraveViolations("palette")
	b.Press(kb.Enter)
	b.WaitFor(`location.pathname === "/risks/remote-desktop-takeover" && document.readyState === "complete"`)

	tabTo(t, b, `button[commandfor="do-accept"]`)
	b.Press(kb.Enter)
	b.WaitFor(`document.querySelector("#do-accept").open`)
	b.NoGraveViolations("dialog")
	photograph(b, "dialog")
	tabTo(t, b, `#do-accept textarea[name=reason]`)
	b.Press("The VPN comes next week; until then we bear it.")
	tabTo(t, b, `#do-accept button[type=submit]`)
	b.Press(kb.Enter)
	b.WaitFor(`document.querySelector(".state")?.textContent.includes("Accepted")`)
	if got := read[*isms.Risk](s, isms.Risks, m.rdp.ID); got.Status != "accepted" || got.Rationale != "The VPN comes next week; until then we bear it." {
		t.Errorf("stored: %+v", got)
	}
	for _, p := range b.Problems() {
		t.Errorf("a page complained: %s", p)
	}
}

func TestWithoutScriptARiskIsMadeAndAccepted(t *testing.T) {
	s := start(t, testkit.SQLite(t))
	b := window(t)
	b.Emulate(browser.Light, 1440)
	b.Scripts(false)
	b.Visit(s.url + "/signin")
	b.Type("#f-email", "ada@example.org")
	b.Type("#f-password", password+kb.Enter)
	b.WaitFor(`location.pathname === "/"`)
	b.Visit(s.url + "/risks/new")
	b.Type("#f-title", "Made without script")
	b.Click("form#record .form__actions button")
	b.WaitFor(`location.pathname === "/risks/made-without-script" && document.querySelector('a[href$="/do/accept"]')`)
	b.Visit(s.url + browser.Value[string](b, `document.querySelector('a[href$="/do/accept"]').getAttribute("href")`))
	b.Type("textarea[name=reason]", "Too small to matter")
	b.Click("form#action button[type=submit]")
	b.WaitFor(`document.querySelector(".state")?.textContent.includes("Accepted")`)
	if got := read[*isms.Risk](s, isms.Risks, "made-without-script"); got.Status != "accepted" {
		t.Errorf("stored: %+v", got)
	}
}
