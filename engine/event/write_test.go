package event

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEveryTextIsWrittenAsJSONThatSaysTheSame(t *testing.T) {
	for c := range 0x300 {
		for pad := range 10 {
			s := strings.Repeat("x", pad) + string(rune(c)) + strings.Repeat("y", 9-pad)
			same(t, s)
			if c < 256 {
				same(t, strings.Repeat("x", pad)+string([]byte{byte(c)})+strings.Repeat("é", 9-pad))
			}
		}
	}
}

func same(t *testing.T, s string) {
	t.Helper()
	var got string
	if err := json.Unmarshal(appendText(nil, s), &got); err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	if want := strings.ToValidUTF8(s, "\ufffd"); got != want && utf8.ValidString(s) {
		t.Fatalf("%q became %q", s, got)
	}
}
