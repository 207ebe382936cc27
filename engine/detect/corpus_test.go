package detect

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"
)

func TestEveryPublicRuleIsRead(t *testing.T) {
	z := openData(t)
	for name, least := range ruleArchives {
		c, problems := Load(inner(t, z, name), nil)
		for _, p := range problems {
			t.Errorf("%s: %v", name, p)
		}
		if len(c.Rules) < least {
			t.Errorf("%s: %d rules, want at least %d", name, len(c.Rules), least)
		}
		if e, problems := Compile(c, Options{}); len(problems) > 0 || e.Rules() != len(c.Rules) {
			t.Errorf("%s: %d of %d rules compiled: %v", name, e.Rules(), len(c.Rules), problems)
		}
	}
}

// A regressionSet is one entry of expected.json.
type regressionSet struct {
	Rules  []struct{ ID, Path string }
	Events []string
	Count  int `json:"event_count"`
	Expect string
}

func TestEveryRegressionSetMatchesItsRuleAndBenignOnesDoNot(t *testing.T) {
	z := inner(t, openData(t), "sigma/sigma-regression_part1.zip")
	var sets []regressionSet
	if err := json.Unmarshal(readAll(t, z, "expected.json"), &sets); err != nil {
		t.Fatal(err)
	}
	e, problems := Compile(publicRules(t), Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	m := e.NewMatcher()
	for _, set := range sets {
		got := map[string]int{}
		events := 0
		for _, name := range set.Events {
			s, err := NewStream(name, bytes.NewReader(readAll(t, z, name)))
			if err != nil {
				t.Fatal(err)
			}
			for {
				event, err := s.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				events++
				matches, err := m.Match(event.JSON)
				if err != nil {
					t.Fatal(err)
				}
				for _, match := range matches {
					got[match.Rule.ID]++
					if len(m.Reasons(match)) == 0 {
						t.Errorf("%s matches without a reason", match.Rule.Title)
					}
				}
			}
		}
		if events != set.Count {
			t.Errorf("%v: %d events read, want %d", set.Events, events, set.Count)
		}
		for _, r := range set.Rules {
			if want := set.Expect == "match"; (got[r.ID] > 0) != want {
				t.Errorf("%s: matched %d of %d events, want a match: %v", r.Path, got[r.ID], events, want)
			}
		}
	}
	t.Logf("%d sets", len(sets))
}
