package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A Violation is a rule of accessibility that the page breaks.
type Violation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"` // minor, moderate, serious or critical
	Help   string `json:"help"`
	Nodes  []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// Grave says that a person is kept from using the page.
func (v Violation) Grave() bool { return v.Impact == "serious" || v.Impact == "critical" }

// String names the rule and the first places.
func (v Violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s, %d places", v.ID, v.Impact, v.Help, len(v.Nodes))
	for i, n := range v.Nodes {
		if i == 4 {
			b.WriteString("\n  …")
			break
		}
		fmt.Fprintf(&b, "\n  %s\n    %s", clip(n.HTML, 200), clip(strings.ReplaceAll(n.Summary, "\n", " "), 300))
	}
	return b.String()
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "…"
}

// Axe checks the present page with axe-core and returns everything it found
// under WCAG 2.2 A and AA and its own best practices. Elements that match one of
// the selectors to skip are left out, for example a very long table of which
// another one on the page is an example.
func (s *Session) Axe(skip ...string) []Violation { s.t.Helper(); return s.axe(everything, skip) }

// What axe looks for.
const (
	everything = `runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]`
	colours    = `runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}`
	noColours  = everything + `, rules: {"color-contrast": {enabled: false}}`
)

func (s *Session) axe(rules string, skip []string) []Violation {
	s.t.Helper()
	if !Value[bool](s, `typeof axe === "object"`) {
		source, err := os.ReadFile(axePath(s.t))
		if err != nil {
			s.t.Fatalf("axe-core is missing: run `npm ci` in the root of the module first: %v", err)
		}
		s.Eval(string(source) + ";true")
	}
	return Value[[]Violation](s, `axe.run({exclude: `+selectors(skip)+`}, {resultTypes: ["violations"], `+rules+`}).then(r => r.violations)`)
}

// NoGraveViolations fails the test for every serious or critical violation.
func (s *Session) NoGraveViolations(where string, skip ...string) {
	s.t.Helper()
	s.blame(where, s.axe(everything, skip))
}

func (s *Session) blame(where string, found []Violation) {
	s.t.Helper()
	for _, v := range found {
		if v.Grave() {
			s.t.Errorf("%s: %s", where, v)
		} else {
			s.t.Logf("%s: %s", where, v)
		}
	}
}

// Accessible visits a page and fails the test for whatever keeps a person from using it:
// on a desk in the light theme everything is looked at, in the dark one its colours, on
// a phone all but the colours. On neither is the page wider than the window. look is
// called in each of the three, for example to take a picture; it may be nil.
func (s *Session) Accessible(where, url string, look func(theme string, width int)) {
	s.t.Helper()
	for i, at := range []struct {
		theme, rules string
		width        int
	}{{Light, everything, 1440}, {Dark, colours, 1440}, {Light, noColours, 390}} {
		s.Emulate(at.theme, at.width)
		if i < 2 { // a theme that changes on a page that stands changes slowly
			s.Visit(url)
		}
		name := fmt.Sprintf("%s, %s at %d", where, at.theme, at.width)
		s.blame(name, s.axe(at.rules, nil))
		if wide := Value[float64](s, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
			s.t.Errorf("%s is %.0f pixels wider than the window", name, wide)
		}
		if look != nil {
			look(at.theme, at.width)
		}
	}
}

func selectors(list []string) string {
	parts := make([]string, 0, len(list))
	for _, l := range list {
		parts = append(parts, strconv.Quote(l))
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// axePath finds node_modules beside go.mod, above the folder of the test.
func axePath(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "node_modules", "axe-core", "axe.min.js")
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the folder of the test")
		}
		dir = parent
	}
}
