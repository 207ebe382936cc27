package event_test

import (
	"slices"
	"testing"

	"holdfast/testkit/source"
)

// Whoever adds a format adds its fuzz target.
func TestEveryFormatIsFuzzed(t *testing.T) {
	formats, fuzzed := source.Constants(t, "event.go", "Format"), source.Calls(t, "fuzz_test.go", "fuzz")
	if len(formats) < 13 {
		t.Fatalf("only %d formats were found", len(formats))
	}
	for _, f := range formats {
		if !slices.Contains(fuzzed, f) {
			t.Errorf("no fuzz target reads lines as %s", f)
		}
	}
}
