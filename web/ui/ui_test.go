package ui

import (
	"context"
	"encoding/xml"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
)

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextOfAPersonNeverBecomesMarkup(t *testing.T) {
	const attack = `<script>alert(1)</script>" onfocus="x`
	for name, c := range map[string]templ.Component{
		"Text": Text(attack), "Muted": Muted(attack), "Mono": Mono(attack), "Number": Number(attack), "Strong": Strong(attack),
		"Textf":    Textf("%s", attack),
		"Badge":    Badge(BadgeProps{Text: attack, Title: attack}),
		"Severity": Severity(attack),
		"State":    State(attack, Doing),
		"Term":     Term(attack, attack),
		"Field":    Field(FieldProps{Type: TextField, Name: attack, Label: attack, Value: attack, Error: attack}),
		"Table":    Table(TableProps{ID: "t", Columns: []Column{{Key: attack, Label: attack}}, Rows: []Row{{ID: attack, Label: attack, Cells: []templ.Component{Text(attack)}}}}),
		"Code":     CodeBlock(attack, attack),
		"Timeline": Timeline([]TimelineEntry{{Who: attack, What: attack, Changes: []Change{{Field: attack, Before: attack}}}}),
	} {
		html := render(t, c)
		if strings.Contains(html, "<script") || strings.Contains(html, `" onfocus="`) {
			t.Errorf("%s lets markup through: %s", name, html)
		}
	}
}

func TestRenderedPageHasNothingInline(t *testing.T) {
	html := render(t, Gallery(System))
	for _, forbidden := range []string{` style="`, "<style", "javascript:", ` onclick=`, ` hx-on`, "<script>"} {
		if strings.Contains(html, forbidden) {
			t.Errorf("the gallery contains %q, which the content security policy refuses", forbidden)
		}
	}
}

func TestIdsOfThePageAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(render(t, Gallery(Light)), -1) {
		if seen[m[1]] {
			t.Errorf("id %q stands twice", m[1])
		}
		seen[m[1]] = true
	}
	if len(seen) < 50 {
		t.Errorf("only %d ids were seen", len(seen))
	}
}

func TestRenderingIsTheSameEveryTime(t *testing.T) {
	if render(t, Gallery(Dark)) != render(t, Gallery(Dark)) {
		t.Error("two renderings differ")
	}
}

func TestEveryIconIsDrawn(t *testing.T) {
	names := IconNames()
	if len(names) < 50 {
		t.Errorf("%d icons, want at least 50", len(names))
	}
	for _, n := range names {
		var root struct{ XMLName xml.Name }
		if err := xml.Unmarshal([]byte(render(t, Icon(n))), &root); err != nil {
			t.Errorf("icon %q: %v", n, err)
		}
	}
	if got := render(t, Icon("no such icon")); got != "" {
		t.Errorf("an unknown icon renders %q", got)
	}
}

func TestEveryIconThatAComponentNamesExists(t *testing.T) {
	files, err := filepath.Glob("*.templ")
	if err != nil || len(files) == 0 {
		t.Fatal("no templates found", err)
	}
	uses := regexp.MustCompile(`(?:@Icon\(|Icon: )"([^"]+)"`)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range uses.FindAllStringSubmatch(string(text), -1) {
			if _, ok := icons[m[1]]; !ok {
				t.Errorf("%s uses icon %q, which is not drawn", f, m[1])
			}
		}
	}
}

func TestNavigationMarksTheClosestEntryAndNoOther(t *testing.T) {
	nav := []NavGroup{
		{Label: "Home", Href: "/"},
		{Label: "Identify", Items: []NavItem{{Href: "/risks"}, {Href: "/risks/map"}, {Href: "/risk"}}},
	}
	tests := []struct{ path, want string }{
		{"/", "/"},
		{"/risks", "/risks"},
		{"/risks/42", "/risks"},
		{"/risks/map", "/risks/map"},
		{"/riskless", ""},
		{"/elsewhere", ""},
	}
	for _, tt := range tests {
		got := ""
		for _, g := range MarkCurrent(nav, tt.path) {
			if len(g.Items) == 0 && g.Open {
				got += g.Href
			}
			for _, it := range g.Items {
				if it.Current {
					got += it.Href
				}
			}
		}
		if got != tt.want {
			t.Errorf("at %s marked %q, want %q", tt.path, got, tt.want)
		}
	}
	if nav[1].Items[0].Current {
		t.Error("the navigation handed in was changed")
	}
}

func TestUnknownThemeFollowsTheDevice(t *testing.T) {
	for in, want := range map[string]Theme{"": System, "dark": Dark, "light": Light, `"><script>`: System, "DARK": System} {
		if got := ParseTheme(in); got != want {
			t.Errorf("ParseTheme(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFigures(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1234: "-1,234", -123: "-123"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %q, want %q", n, got, want)
		}
	}
	for _, tt := range []struct {
		done, total int
		want        string
	}{{0, 10, "0 %"}, {999, 1000, "99 %"}, {10, 10, "100 %"}, {12, 10, "100 %"}, {-1, 10, "0 %"}, {1, 0, ""}} {
		if got := share(tt.done, tt.total); got != tt.want {
			t.Errorf("share(%d, %d) = %q, want %q", tt.done, tt.total, got, tt.want)
		}
	}
	for _, tt := range []struct {
		value, limit float64
		want         string
	}{{50, 200, "25.00"}, {300, 200, "100.00"}, {-1, 200, "0.00"}, {1, 0, "0"}, {math.NaN(), 1, "0"}, {math.Inf(1), 1, "100.00"}} {
		if got := percent(tt.value, tt.limit); got != tt.want {
			t.Errorf("percent(%v, %v) = %q, want %q", tt.value, tt.limit, got, tt.want)
		}
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"": "?", "  ": "?", "mira": "M", "Mira Okafor": "MO", "Åsa Maria Lindqvist-Öberg": "ÅÖ", "李 小龍": "李小"} {
		if got := initials(name); got != want {
			t.Errorf("initials(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestErrorIsTiedToItsInput(t *testing.T) {
	p := FieldProps{Type: TextField, Name: "title", Label: "Title", Help: "Short.", Error: "Too long."}
	want := templ.Attributes{"aria-describedby": "f-title-help f-title-error"}
	if diff := cmp.Diff(want, describedBy(p)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if html := render(t, Field(p)); !strings.Contains(html, `aria-invalid="true"`) {
		t.Errorf("the input is not marked as wrong: %s", html)
	}
}

func TestPasswordIsNeverSentBack(t *testing.T) {
	if html := render(t, Field(FieldProps{Type: PasswordField, Name: "p", Label: "Password", Value: "hunter2"})); strings.Contains(html, "hunter2") {
		t.Error("the page carries the password")
	}
}

func TestReadOnlyFieldsCannotBeChanged(t *testing.T) {
	options := []Option{{Value: "1", Label: "1"}}
	for _, ft := range []FieldType{TextField, MarkdownField, NumberField, DecimalField, MoneyField, RangeField, LevelField, ChoiceField, DateField, InstantField, FlagField, ReferenceField, TagsField, ChecksField} {
		html := render(t, Field(FieldProps{Type: ft, Name: "x", Label: "X", ReadOnly: true, Options: options, Currency: "GBP", Currencies: []string{"GBP", "EUR"}}))
		for _, m := range regexp.MustCompile(`<(?:input|select|textarea)[^>]*>`).FindAllString(html, -1) {
			if !strings.Contains(m, `type="hidden"`) && !strings.Contains(m, " readonly") && !strings.Contains(m, " disabled") {
				t.Errorf("%s can be changed: %s", ft, m)
			}
		}
	}
}

func TestTimeIsShownInTheZoneItIsIn(t *testing.T) {
	zone := time.FixedZone("CET", 3600)
	html := render(t, Time(time.Date(2026, 3, 4, 5, 6, 0, 0, zone)))
	for _, want := range []string{`datetime="2026-03-04T05:06:00+01:00"`, "4 Mar 2026, 05:06 CET"} {
		if !strings.Contains(html, want) {
			t.Errorf("%s lacks %s", html, want)
		}
	}
}

func BenchmarkTableOfAThousandRows(b *testing.B) {
	p := galleryFindings("bench", 1000)
	b.ReportAllocs()
	for b.Loop() {
		var out strings.Builder
		if err := Table(p).Render(context.Background(), &out); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(out.Len()))
	}
}
