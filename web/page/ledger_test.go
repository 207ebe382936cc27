package page_test

import (
	"strings"
	"testing"

	"holdfast/isms"
	"holdfast/kind"
)

func TestWhatIsKeptOfAWorkspaceFollowsEveryChangeThatMatters(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	figure := func() string {
		_, after, _ := strings.Cut(v.sees("/"), `class="loss__figure">`)
		text, _, _ := strings.Cut(after, "<")
		return text
	}
	before := figure()
	w.must(w.App.Save(w.admin(), &isms.Task{Base: isms.Base{Title: "Something else"}}))
	if again := figure(); again != before || before == "" {
		t.Fatalf("the figure went from %q to %q without a reason", before, again)
	}
	r := w.costliest()
	_, err := w.App.Do(w.admin(), isms.Risks, r.ID, "close", 0, kind.Input{Reason: "The service is gone."})
	w.must(err)
	if after := figure(); after == before {
		t.Errorf("the costliest risk is closed and a year still costs %s", after)
	}
	if body := v.sees("/heatmap"); strings.Contains(body, r.Title) {
		t.Error("a closed risk is on the heat map")
	}
}
