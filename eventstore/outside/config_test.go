package outside_test

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"holdfast/eventstore/outside"
)

// ready reads settings as events.yaml has them. SECRET is the only variable that is set.
func ready(t testing.TB, text string) (outside.Settings, error) {
	t.Helper()
	var s outside.Settings
	if err := yaml.Unmarshal([]byte(text), &s); err != nil {
		return s, err
	}
	return s.Ready(func(name string) string { return map[string]string{"SECRET": "s3cret", "TORN": "a\nb"}[name] })
}

func TestSettingsThatCannotBeUsedAreRefusedWithTheReason(t *testing.T) {
	const good = "kind: opensearch\nurl: https://search.example:9200\n"
	for _, c := range []struct{ text, want string }{
		{"", "kind: write"},
		{"kind: splunk", "kind: write"},
		{"kind: opensearch", "url: write"},
		{"kind: opensearch\nurl: ftp://x", "url: write"},
		{"kind: opensearch\nurl: https://u:p@x", "without a password"},
		{"kind: opensearch\nurl: https://x/?token=1", "without a password or a query"},
		{"kind: victorialogs\nurl: http://x\nca: f", "ca is for https"},
		{good + "index: Events", "index: begin"},
		{good + "index: 'a/../b'", "index: begin"},
		{good + "index: '*'", "index: begin"},
		{good + "from: yesterday", "from: write"},
		{good + "search: all", "search: write"},
		{good + "timeout: 1h", "timeout: write"},
		{good + "timeout: 1ms", "timeout: write"},
		{good + "batch: 100000", "batch: write"},
		{good + "batch: -1", "batch: write"},
		{good + "largest: 10", "largest: write"},
		{good + "user: a", "go together"},
		{good + "password_env: SECRET", "go together"},
		{good + "user: a\npassword_env: EMPTY", "EMPTY is empty"},
		{good + "user: 'a:b'\npassword_env: SECRET", "no colon"},
		{good + "token_env: TORN", "no line break"},
		{good + "user: a\npassword_env: SECRET\ntoken_env: SECRET", "either"},
		{"kind: opensearch\nurl: http://search.example:9200\nuser: a\npassword_env: SECRET", "not sent over http"},
		{"kind: victorialogs\nurl: http://localhost.example\ntoken_env: SECRET", "not sent over http"},
	} {
		if _, err := ready(t, c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want it refused with %q", c.text, err, c.want)
		}
	}
	for _, text := range []string{good, good + "user: a\npassword_env: SECRET\ntimeout: 20s", "kind: victorialogs\nurl: http://127.0.0.1:9428\ntoken_env: SECRET", "kind: victorialogs\nurl: http://logs.internal:9428", "kind: opensearch\nurl: http://[::1]:9200\nuser: a\npassword_env: SECRET"} {
		if _, err := ready(t, text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAStoreWithoutSettingsThatWereReadOrAnIdentityIsNotOpened(t *testing.T) {
	set, err := ready(t, "kind: opensearch\nurl: https://search.example:9200\nca: /nonexistent/ca.pem")
	must(t, err)
	for _, cfg := range []outside.Config{{}, {Identity: strings.Repeat("0", 32)}, {Settings: set}} {
		if _, err := outside.Open(cfg); err == nil {
			t.Errorf("%+v was opened", cfg)
		}
	}
}

func FuzzReady(f *testing.F) {
	f.Add("kind: victorialogs\nurl: http://127.0.0.1:9428\ntoken_env: SECRET")
	f.Add("kind: opensearch\nurl: https://x\nuser: a\npassword_env: SECRET")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ready(t, text)
		if err != nil {
			return
		}
		if s.Batch < 1 || s.Timeout <= 0 || s.Largest <= 0 || s.Index == "" {
			t.Errorf("settings that cannot be used: %+v", s)
		}
	})
}
