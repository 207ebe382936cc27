package forward

import (
	"strings"
	"testing"
)

func TestATargetThatCannotBeUsedIsRefusedWithTheReason(t *testing.T) {
	const head = "targets:\n  - {name: siem, workspace: w, "
	for _, c := range []struct{ text, want string }{
		{"", "names 0 targets"},
		{"target: []", "not found"},
		{head + "to: 'https://x', colour: red}", "not found"},
		{"targets:\n  - {workspace: w, to: 'https://x'}", "without a name"},
		{"targets:\n  - {name: '../x', workspace: w, to: 'https://x'}", "small letter"},
		{"targets:\n  - {name: siem, to: 'https://x'}", "workspace"},
		{head + "to: 'ftp://x'}", "to: write"},
		{head + "to: 'https://user:pw@x'}", "without a password"},
		{head + "to: 'tls://'}", "to: write"},
		{head + "to: 'https://x', token: a, token_env: B}", "either"},
		{head + "to: 'https://x', token_env: EMPTY}", "EMPTY is empty"},
		{head + "to: 'https://x', token: \"a\\nb\"}", "line break"},
		{head + "to: 'http://siem.example', token: a}", "https://"},
		{head + "to: 'tcp://x', token: a}", "cert and key"},
		{head + "to: 'tcp://x', ca: f}", "not for tcp"},
		{head + "to: 'tls://x', cert: f}", "go together"},
		{head + "to: 'https://x', batch: 100000}", "batch"},
		{head + "to: 'https://x', form: xml}", "form"},
		{head + "to: 'https://x', from: yesterday}", "from"},
		{head + "to: 'https://x', min_severity: grave}", "min_severity"},
		{head + "to: 'https://x'}\n  - {name: siem, workspace: v, to: 'https://y'}", "two targets"},
		{strings.Repeat(" ", maxFile+1), "longer"},
	} {
		if list, err := ReadTargets([]byte(c.text), func(string) string { return "" }); err == nil || !strings.Contains(err.Error(), c.want) || list != nil {
			t.Errorf("%.80q: %v, want it refused with %q", c.text, err, c.want)
		}
	}
}

func FuzzReadTargets(f *testing.F) {
	f.Add([]byte("targets:\n  - {name: siem, workspace: w, to: 'tls://h:1', sources: [a], min_severity: high}"))
	f.Add([]byte("targets: [{name: a, workspace: b, to: 'http://127.0.0.1/', token_env: X}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := ReadTargets(data, func(string) string { return "x" })
		if err != nil {
			return
		}
		for _, target := range list {
			if target.where == nil || target.Batch < 1 || target.Name == "" || target.Workspace == "" {
				t.Errorf("a target that cannot be used: %+v", target)
			}
		}
	})
}
