package decoy_test

import (
	"slices"
	"testing"

	"holdfast/engine/decoy"
	"holdfast/testkit/source"
)

// Whoever adds a service adds its fuzz target.
func TestEveryDecoyIsFuzzed(t *testing.T) {
	fuzzed := source.Calls(t, "fuzz_test.go", "fuzzService")
	for _, s := range decoy.Services() {
		if !slices.Contains(fuzzed, s.Name) {
			t.Errorf("no fuzz target visits %s", s.Name)
		}
	}
}
