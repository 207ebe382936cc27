package detect

import (
	"strings"
	"testing"
	"unicode"
)

func TestFoldingMakesExactlyThoseTextsTheSameThatDifferInCase(t *testing.T) {
	for r := rune(0); r < 0x3000; r++ {
		for pad := range 9 {
			text := strings.Repeat("Z", pad) + string(r) + "aA"
			want := strings.Repeat("z", pad) + string(foldRune(r)) + "aa"
			if got := string(foldAppend(nil, []byte(text))); got != want {
				t.Fatalf("%q folds to %q, want %q", text, got, want)
			}
		}
		if f := unicode.SimpleFold(r); foldRune(f) != foldRune(r) {
			t.Fatalf("%q and %q fold apart", r, f)
		}
	}
	if got := foldAppend(nil, []byte("A\xffB\x80")); string(got) != "a\xffb\x80" {
		t.Errorf("broken bytes are not kept: %q", got)
	}
}
