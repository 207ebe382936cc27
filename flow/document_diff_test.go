package flow

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestADifferenceShowsWordsInsideLines(t *testing.T) {
	d := Compare("one\ntwo words here\nthree\n", "one\ntwo other words here\nthree\nfour\n")
	var got []string
	for _, r := range d.Rows {
		line := string(r.Op)
		for _, p := range r.New {
			if p.Changed {
				line += " +" + p.Text
			}
		}
		got = append(got, line)
	}
	if s := strings.Join(got, "|"); s != "same|changed +other |same|added +four" && s != "same|changed + other|same|added +four" {
		t.Error(s)
	}
	if d.Added != 2 || d.Removed != 1 {
		t.Errorf("%d added, %d removed", d.Added, d.Removed)
	}
	if !Compare("a\r\nb\r\n", "a\nb").Empty() {
		t.Error("line ends of a form count as a change")
	}
}

// text makes texts that share lines with each other.
func text() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", "b", "a b", "## c", "| x | y |", "ü “q”"}), 0, 12).Draw(t, "lines")
		return strings.Join(lines, "\n")
	})
}

func TestADifferenceHoldsBothTextsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, new := text().Draw(t, "old"), text().Draw(t, "new")
		d := Compare(old, new)
		if d.Empty() != (strings.Join(textLines(old), "\n") == strings.Join(textLines(new), "\n")) {
			t.Fatalf("%q and %q: empty is %v", old, new, d.Empty())
		}
		folded := 0
		var a, b []string
		for _, r := range d.Rows {
			folded += r.Folded
			if r.OldAt > 0 {
				a = append(a, joined(r.Old))
			}
			if r.NewAt > 0 {
				b = append(b, joined(r.New))
			}
		}
		if folded > 0 {
			return
		}
		if strings.Join(a, "\n") != strings.Join(textLines(old), "\n") || strings.Join(b, "\n") != strings.Join(textLines(new), "\n") {
			t.Fatalf("%q → %q: rows hold %q and %q", old, new, a, b)
		}
	})
}

func joined(parts []DifferencePart) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.Text)
	}
	return b.String()
}

func TestMergingNeverLosesWhatWeWrote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, ours := text().Draw(t, "base"), text().Draw(t, "ours")
		same := func(a, b string) bool { return strings.Join(textLines(a), "\n") == strings.Join(textLines(b), "\n") }
		if got, kept := mergeTexts(base, ours, base); !same(got, ours) || kept != 0 {
			t.Fatalf("nothing new from them gave %q, kept %d", got, kept)
		}
		if got, _ := mergeTexts(base, base, ours); !same(got, ours) {
			t.Fatalf("nothing of ours gave %q, not %q", got, ours)
		}
		if got, kept := mergeTexts(base, ours, ours); !same(got, ours) || kept != 0 {
			t.Fatalf("the same change on both sides gave %q, kept %d", got, kept)
		}
	})
	got, kept := mergeTexts("a\nb\nc\nd\ne\n", "a\nB!\nc\nd\ne\n", "a\nbb\nc\nd\nE\n")
	if got != "a\nB!\nc\nd\nE\n" || kept != 1 {
		t.Errorf("%q, kept %d", got, kept)
	}
}
