package detect

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/valyala/fastjson"
	"pgregory.net/rapid"
)

// words are few and alike, so that random rules and events often meet.
var words = []string{"cmd", "CMD.exe", "powershell", "-enc", "/enc", "whoami", `C:\Windows`, `\cmd.exe`, "ä", "Ärger", "K", "straße",
	"10.1.2.3", "192.168.0.9", "1", "42", "4688", "3.5", "", " ", "a*b", "a?b", `a\b`, "aab", "http://x", "日本", "true", "Y21k", "YwBtAGQA"}

var randomFields = []string{"Image", "CommandLine", "EventID", "a.b", "a.b.c", "User", "Data"}

func text() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, 3).Draw(t, "words"), "")
	})
}

func randomPattern() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		pieces := append([]string{"*", "?", `\*`, `\?`, `\\`, `\\*`}, words...)
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 4).Draw(t, "pieces"), "")
	})
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// randomItem is one line of a selection.
func randomItem(t *rapid.T) string {
	field := rapid.SampledFrom(randomFields).Draw(t, "field")
	var values []string
	switch kind := rapid.IntRange(0, 11).Draw(t, "kind"); kind {
	case 0:
		return field + "|exists: " + rapid.SampledFrom([]string{"true", "false"}).Draw(t, "there")
	case 1:
		return field + ": null"
	case 2:
		return field + "|" + rapid.SampledFrom([]string{"gt", "gte", "lt", "lte"}).Draw(t, "order") + ": " + rapid.SampledFrom([]string{"1", "3.5", "42"}).Draw(t, "limit")
	case 3:
		return field + "|cidr: " + rapid.SampledFrom([]string{"10.0.0.0/8", "192.168.0.0/30", "10.1.2.3/32"}).Draw(t, "net")
	case 4:
		field += "|re" + rapid.SampledFrom([]string{"", "|i", "|s", "|m|i"}).Draw(t, "flags")
		return field + ": " + quote(rapid.SampledFrom([]string{"cmd", "^cmd", "exe$", "(who|power)[a-z]+", "a.b", "[0-9]+", "ä+", "k", "(cmd){1,2}", "x?", "日"}).Draw(t, "re"))
	case 5:
		return field + "|fieldref" + rapid.SampledFrom([]string{"", "|contains", "|startswith", "|endswith", "|cased", "|neq"}).Draw(t, "how") + ": " + rapid.SampledFrom(randomFields).Draw(t, "other")
	case 6:
		return field + "|" + rapid.SampledFrom([]string{"base64offset|contains", "wide|base64offset|contains", "base64|contains"}).Draw(t, "encoding") + ": " +
			quote(rapid.SampledFrom([]string{"cmd", "whoami", "ä€"}).Draw(t, "plain"))
	case 7:
		return field + ": " + rapid.SampledFrom([]string{"1", "42", "4688", "true", "3.5"}).Draw(t, "number")
	default:
		values = rapid.SliceOfN(randomPattern(), 1, 4).Draw(t, "values")
	}
	for _, m := range []string{"cased", "all", "windash", "neq"} {
		if rapid.IntRange(0, 5).Draw(t, m) == 0 {
			field += "|" + m
		}
	}
	field += rapid.SampledFrom([]string{"", "|contains", "|startswith", "|endswith"}).Draw(t, "mode")
	var b strings.Builder
	b.WriteString(field + ":")
	for _, v := range values {
		b.WriteString("\n            - " + quote(v))
	}
	return b.String()
}

// randomRule is a rule as YAML.
func randomRule(t *rapid.T) string {
	var b strings.Builder
	b.WriteString("title: t\nlogsource:\n    category: test\ndetection:\n")
	n := rapid.IntRange(1, 4).Draw(t, "selections")
	for i := range n {
		fmt.Fprintf(&b, "    s%d:\n", i)
		if rapid.IntRange(0, 6).Draw(t, "keywords") == 0 {
			for _, w := range rapid.SliceOfN(randomPattern(), 1, 3).Draw(t, "keyword") {
				b.WriteString("        - " + quote(w) + "\n")
			}
			continue
		}
		seen := map[string]bool{}
		for range rapid.IntRange(1, 3).Draw(t, "items") {
			it := randomItem(t)
			key, _, _ := strings.Cut(it, ":")
			if !seen[key] {
				seen[key] = true
				b.WriteString("        " + it + "\n")
			}
		}
	}
	b.WriteString("    condition: " + randomCondition(t, n, 0) + "\n")
	return b.String()
}

func randomCondition(t *rapid.T, n, depth int) string {
	one := func() string {
		if depth > 3 {
			return fmt.Sprintf("s%d", rapid.IntRange(0, n-1).Draw(t, "s"))
		}
		return randomCondition(t, n, depth+1)
	}
	switch rapid.IntRange(0, 6).Draw(t, "condition") {
	case 0:
		return "not " + one()
	case 1:
		return "(" + one() + " or " + one() + ")"
	case 2:
		return "(" + one() + " and " + one() + ")"
	case 3:
		return "1 of s*"
	case 4:
		return "all of them"
	}
	return fmt.Sprintf("s%d", rapid.IntRange(0, n-1).Draw(t, "s"))
}

func randomEvent(t *rapid.T) []byte {
	var value func(depth int) any
	value = func(depth int) any {
		switch rapid.IntRange(0, 9).Draw(t, "value") {
		case 0:
			return rapid.SampledFrom([]any{1, 42, 4688, 3.5, true, nil}).Draw(t, "plain")
		case 1:
			if depth < 3 {
				return []any{value(depth + 1), value(depth + 1)}
			}
		case 2:
			if depth < 3 {
				return map[string]any{"b": value(depth + 1), "b.c": value(depth + 1)}
			}
		case 3:
			return []any{}
		}
		return text().Draw(t, "text")
	}
	event := map[string]any{}
	for _, f := range []string{"Image", "CommandLine", "EventID", "a", "a.b", "User", "Data", "other"} {
		if rapid.IntRange(0, 2).Draw(t, f) > 0 {
			event[f] = value(0)
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "envelope") == 0 {
		event = map[string]any{"Event": map[string]any{"EventData": event, "System": map[string]any{"EventID": map[string]any{"#text": "42"}}}}
	}
	data, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestTheEngineFindsWhatTheReferenceFindsInRandomRulesAndEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &Collection{}
		for i := range rapid.IntRange(1, 6).Draw(t, "rules") {
			got, err := Parse(fmt.Sprintf("r%d.yml", i), []byte(randomRule(t)))
			if err != nil {
				t.Skip(err) // such as base64 of a wildcard
			}
			c.Add(got)
		}
		compareWithReference(t, c, [][]byte{randomEvent(t), randomEvent(t), randomEvent(t)})
	})
}

func TestTheEngineFindsWhatTheReferenceFindsInThePublicData(t *testing.T) {
	rules := publicRules(t)
	events := publicEvents(t, 8)
	if testing.Short() {
		events = events[:40]
	}
	n := compareWithReference(t, rules, events)
	if n < 200 {
		t.Errorf("only %d matches of %d rules in %d events", n, len(rules.Rules), len(events))
	}
	t.Logf("%d rules, %d events, %d matches", len(rules.Rules), len(events), n)
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// compareWithReference returns how many matches both found.
func compareWithReference(t failer, c *Collection, events [][]byte) int {
	t.Helper()
	e, problems := Compile(c, Options{AnySource: true})
	if len(problems) > 0 {
		t.Fatalf("%v", problems[0])
	}
	m := e.NewMatcher()
	reference := newReference(c.Rules)
	var parser fastjson.Parser
	n := 0
	for _, event := range events {
		matches, err := m.Match(event)
		if err != nil {
			t.Fatalf("%s: %v", event, err)
		}
		got := map[*Rule]bool{}
		for _, match := range matches {
			got[match.Rule] = true
		}
		v, err := parser.ParseBytes(event)
		if err != nil {
			t.Fatalf("%v", err)
		}
		for i := range reference {
			want := reference[i].matches(v)
			if want != got[reference[i].rule] {
				t.Fatalf("%s (%s): the reference says %v, the engine %v\n%.2000s\n%+v", reference[i].rule.Title, reference[i].rule.File, want, !want, event, reference[i].rule.selections)
			}
			if want {
				n++
			}
		}
	}
	return n
}
