package page_test

import (
	"testing"

	"holdfast/isms"
	"holdfast/testkit/browser"

	"github.com/chromedp/chromedp/kb"
)

// focus moves with Tab until the element that has the focus meets a condition.
func focus(t *testing.T, s *browser.Session, what, condition string) {
	t.Helper()
	for range 200 {
		if browser.Value[bool](s, "(e => "+condition+")(document.activeElement)") {
			return
		}
		s.Press(kb.Tab)
	}
	t.Fatalf("%s cannot be reached by keyboard", what)
}

func TestEveryWorkbenchIsAccessibleInBothThemes(t *testing.T) {
	w := sampleWorld(t)
	s := browser.New(t)
	signIn(s, w)
	for name, path := range looks(w) {
		s.Accessible(name, w.url+path, nil)
	}
	for _, p := range s.Problems() {
		t.Errorf("the browser complains: %s", p)
	}
}

func TestARiskIsAcceptedFromItsWorkbenchByKeyboard(t *testing.T) {
	w := sampleWorld(t)
	r := w.costliest()
	s := browser.New(t)
	s.Emulate(browser.Light, 1440)
	signIn(s, w)
	s.Visit(w.url + "/risks/" + r.ID)
	focus(t, s, "the button Accept risk", `e.getAttribute("command") === "show-modal" && e.getAttribute("commandfor") === "do-accept"`)
	s.Press(kb.Enter)
	s.WaitFor(`document.querySelector("dialog[open] textarea[name=reason]")`)
	focus(t, s, "the reason", `e.name === "reason"`)
	s.Press("Cheaper to bear than to change before the summer.")
	focus(t, s, "the button that accepts", `e.type === "submit" && e.textContent.trim() === "Accept risk"`)
	s.Press(kb.Enter)
	s.WaitFor(`document.querySelector(".callout--positive")?.textContent.includes("Accepted until")`)
	rec, err := w.App.Get(w.machine(), isms.Risks, r.ID)
	w.must(err)
	got := rec.(*isms.Risk)
	if got.Status != isms.RiskAccepted || got.AcceptedBy != w.first.ID || string(got.Rationale) == "" {
		t.Errorf("the risk is %s, by %q, because %q", got.Status, got.AcceptedBy, got.Rationale)
	}
}

func TestTryingASafeguardAnswersAtOnceWithTheScript(t *testing.T) {
	w := sampleWorld(t)
	r := w.drafted()
	s := browser.New(t)
	s.Emulate(browser.Light, 1440)
	signIn(s, w)
	s.Visit(w.url + "/risks/" + r.ID)
	focus(t, s, "the first safeguard to try", `e.name === "safeguard"`)
	s.Press(" ")
	s.WaitFor(`document.querySelector("#what-if-answer svg")`)
	if path := browser.Value[string](s, "location.pathname"); path != "/risks/"+r.ID {
		t.Errorf("the page was left for %s", path)
	}
	for _, p := range s.Problems() {
		t.Errorf("the browser complains: %s", p)
	}
}

func TestAGroupOpensInPlaceAndItsFindingsCanBeDecidedByKeyboard(t *testing.T) {
	w := sampleWorld(t)
	s := browser.New(t)
	s.Emulate(browser.Light, 1440)
	signIn(s, w)
	s.Visit(w.url + "/triage?q=curl")
	focus(t, s, "the group", `e.tagName === "SUMMARY" && e.textContent.includes("Upgrade curl")`)
	s.Press(kb.Enter)
	s.WaitFor(`document.querySelector(".tgroup__inside tbody tr")`)
	focus(t, s, "the first finding", `e.name === "id"`)
	s.Press(" ")
	focus(t, s, "False positive", `e.name === "decision" && e.value === "dismiss"`)
	s.Press(kb.Enter)
	s.WaitFor(`location.pathname === "/triage" && document.querySelector("textarea[name=reason]")`)
	s.Type("textarea[name=reason]", "Built without the feature.")
	focus(t, s, "the button that decides", `e.type === "submit" && e.textContent.includes("false positives")`)
	s.Press(kb.Enter)
	s.WaitFor(`document.body.textContent.includes("1 finding marked as false positive")`)
	for _, p := range s.Problems() {
		t.Errorf("the browser complains: %s", p)
	}
}

func TestTheWorkbenchesWorkWithoutScript(t *testing.T) {
	w := sampleWorld(t)
	r := w.drafted()
	s := browser.New(t)
	s.Emulate(browser.Light, 1440)
	signIn(s, w)
	s.Scripts(false)
	s.Visit(w.url + "/triage?q=curl")
	if !browser.Value[bool](s, `document.querySelector("button[name=decision]").offsetParent !== null`) {
		t.Error("without script the decisions cannot be seen")
	}
	s.Click("summary.tgroup__line")
	s.Click(".tgroup__inside a")
	s.WaitFor(`document.querySelector(".tgroup__inside tbody tr")`)
	s.Visit(w.url + "/risks/" + r.ID)
	s.Click("input[name=safeguard]")
	s.Click(".whatif__form button[type=submit]")
	s.WaitFor(`location.pathname.endsWith("/what-if") && document.querySelector("#what-if-answer svg")`)
}
