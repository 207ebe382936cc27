package font

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"codeberg.org/go-pdf/fpdf"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTheTextFacesHoldEuropeanScriptsAndTheSignsOfMoney(t *testing.T) {
	const signs = "AZaz09 €£¥ ≤≥ –—“”‘’… ×÷± §©® ÅØßŁğşő ΑΩάώ АЯЩёї"
	for _, f := range []Face{Regular, Light, Medium, Bold, Italic, BoldItalic} {
		for _, r := range signs {
			if !Covers(f, r) {
				t.Errorf("%s does not hold %q", faces[f].name, r)
			}
		}
	}
}

func TestASignOutsideTheTextFaceComesFromTheFallbackAndNeverVanishes(t *testing.T) {
	for _, r := range "→←↑↓✓✗●▲שלום" {
		if face, as, _, ok := resolve(Regular, r); face != symbols || as != r || !ok {
			t.Errorf("%q resolves to face %d as %q (%v), want the fallback", r, face, as, ok)
		}
	}
	for _, r := range "中😀" {
		if _, as, _, ok := resolve(Bold, r); as != box || !ok {
			t.Errorf("%q resolves to %q, want the open box", r, as)
		}
	}
}

func TestDigitsShareOneWidthSoThatColumnsOfFiguresAlign(t *testing.T) {
	for _, f := range []Face{Regular, Light, Medium, Bold} {
		for _, d := range "123456789" {
			if faces[f].advance(d) != faces[f].advance('0') {
				t.Errorf("%s: %q is not as wide as '0'", faces[f].name, d)
			}
		}
	}
}

func TestCleanDropsWhatSteersOrForges(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain text stays":          {"Risk 7: ≤ £1.2m", "Risk 7: ≤ £1.2m"},
		"forced direction goes":     {"user\u202Egpj.exe", "usergpj.exe"},
		"control signs go":          {"a\x00b\x1b[31mc\x7f", "ab[31mc"},
		"broken bytes are shown":    {"a\xffb", "a\uFFFDb"},
		"line ends are one":         {"a\r\nb\rc\u2028d", "a\nb\nc\nd"},
		"stacked accents are cut":   {"e" + strings.Repeat("\u0301", 50) + "x", "e\u0301\u0301\u0301x"},
		"an emoji keeps its joiner": {"👩\u200d💻", "👩\u200d💻"},
		"hebrew stays":              {"שלום", "שלום"},
	} {
		if got := Clean(c.in); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", name, c.in, got, c.want)
		}
	}
}

func TestBreakKeepsLinesWithinTheWidthAndLosesNoSign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := Clean(rapid.String().Draw(t, "text"))
		width := rapid.Float64Range(5, 300).Draw(t, "width")
		lines := Break([]Span{{Text: text, Size: 10}, {Text: text, Face: Bold, Size: 10}}, width)
		var all strings.Builder
		for _, l := range lines {
			if l.Width > width+slack && utf8.RuneCountInString(strings.TrimSpace(l.Text())) > 1 && widest(l) < width {
				t.Errorf("line %q is %.1f wide, limit %.1f", l.Text(), l.Width, width)
			}
			all.WriteString(l.Text())
		}
		squeeze := strings.NewReplacer(" ", "", "\n", "")
		if diff := cmp.Diff(squeeze.Replace(text+text), squeeze.Replace(all.String())); diff != "" {
			t.Errorf("text changed (-in +out):\n%s", diff)
		}
	})
}

func widest(l Line) float64 {
	w := 0.0
	for _, s := range l.Spans {
		for _, r := range s.Text {
			w = max(w, Width(s.Face, s.Size, string(r)))
		}
	}
	return w
}

func TestBreakPrefersSpacesHyphensAndSlashesOverCutting(t *testing.T) {
	width := Width(Regular, 10, "information-")
	var got []string
	for _, l := range Break([]Span{{Text: "an information-security either/or antidisestablishmentarianism", Size: 10}}, width) {
		got = append(got, l.Text())
	}
	want := []string{"an", "information-", "security", "either/or", "antidisesta", "blishmentar", "ianism"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestWrapEndsInAnEllipsisOnlyWhenTextIsLeftOut(t *testing.T) {
	full := Wrap(Regular, 10, "one two", 200, 1)
	if diff := cmp.Diff([]string{"one two"}, full); diff != "" {
		t.Errorf("short text changed:\n%s", diff)
	}
	cut := Wrap(Regular, 10, "one two three four five six seven", Width(Regular, 10, "one two three"), 2)
	if len(cut) != 2 || !strings.HasSuffix(cut[1], "…") {
		t.Errorf("Wrap = %q, want two lines and an ellipsis", cut)
	}
	if w := Width(Regular, 10, cut[1]); w > Width(Regular, 10, "one two three")+slack {
		t.Errorf("the shortened line is %.1f wide", w)
	}
}

func TestALineIsPutIntoTheOrderInWhichItIsSeen(t *testing.T) {
	for in, want := range map[string]string{
		"plain text":     "plain text",
		"שלום":           "םולש",
		"say שלום עולם!": "say םלוע םולש!",
		"שלום 123 עולם":  "םלוע 123 םולש",
		"(שלום) abc":     "abc (םולש)",
	} {
		if got := visual(in); got != want {
			t.Errorf("visual(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzAnyTextPrintsWithoutPanic(f *testing.F) {
	f.Add("Grüße → 😀 שלום 123 (עולם)")
	f.Add("\xff\xfe\u202e\U000e0001\U0001F3FB")
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 2000 {
			return
		}
		pdf := fpdf.New("P", "pt", "A4", "")
		pdf.AddPage()
		pen := NewPen(pdf)
		for _, line := range Wrap(Regular, 10, Clean(s), 200, 50) {
			pen.Text(20, 20, BoldItalic, 10, RGB{}, line)
		}
		pdf.SetTitle(Printable(s), true)
		if err := pdf.Output(&bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
	})
}
