package detect

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// oneRule compiles a rule whose detection is given, and says whether an event matches.
func oneRule(t testing.TB, detection, event string, o Options) (bool, []Reason) {
	t.Helper()
	c, err := Parse("r.yml", []byte("title: t\nlogsource: {category: test, product: p}\ndetection:\n  "+strings.ReplaceAll(detection, "\n", "\n  ")))
	if err != nil {
		t.Fatal(err)
	}
	e, problems := Compile(c, o)
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	m := e.NewMatcher()
	matches, err := m.Match([]byte(event))
	if err != nil {
		t.Fatal(err)
	}
	if len(matches) == 0 {
		return false, nil
	}
	return true, m.Reasons(matches[0])
}

// modifierCases are all modifiers, each with what must match and what must not.
var modifierCases = []struct {
	modifier, selection string
	yes, no             []string
}{
	{"", `f: 'a*c?e'`, []string{`{"f":"abcde"}`, `{"f":"ACxE"}`}, []string{`{"f":"abce"}`, `{"f":"xabcde"}`, `{"g":"abcde"}`}},
	{"", `f: 'a\*c'`, []string{`{"f":"a*c"}`}, []string{`{"f":"abc"}`}},
	{"", `f: 'a\\*'`, []string{`{"f":"a\\"}`, `{"f":"a\\b"}`}, []string{`{"f":"a*"}`, `{"f":"ab"}`}},
	{"", `f: 'C:\Win'`, []string{`{"f":"c:\\win"}`}, []string{`{"f":"c:win"}`}},
	{"", `f: 4688`, []string{`{"f":4688}`, `{"f":"4688"}`, `{"f":4688.0}`}, []string{`{"f":46880}`, `{"f":"04688"}`}},
	{"", `f: true`, []string{`{"f":true}`, `{"f":"True"}`}, []string{`{"f":false}`, `{"f":1}`}},
	{"", `f: null`, []string{`{}`, `{"f":null}`, `{"f":[]}`}, []string{`{"f":""}`, `{"f":0}`}},
	{"", `f: ''`, []string{`{"f":""}`}, []string{`{}`, `{"f":null}`, `{"f":" "}`}},
	{"", `f: [a, b]`, []string{`{"f":"b"}`, `{"f":["x","a"]}`}, []string{`{"f":"ab"}`}},
	{"", `a.b: x`, []string{`{"a":{"b":"x"}}`, `{"a.b":"x"}`, `{"a":[{"b":"y"},{"b":"x"}]}`}, []string{`{"b":"x"}`, `{"a":{"c":{"b":"x"}}}`}},
	{"", `f: straße`, []string{`{"f":"STRAßE"}`, `{"f":"stra\u00dfe"}`}, []string{`{"f":"strasse"}`}},
	{"contains", `f|contains: b`, []string{`{"f":"aBc"}`}, []string{`{"f":"ac"}`}},
	{"startswith", `f|startswith: ab`, []string{`{"f":"ABc"}`}, []string{`{"f":"cab"}`}},
	{"endswith", `f|endswith: '\cmd.exe'`, []string{`{"f":"C:\\CMD.EXE"}`}, []string{`{"f":"C:\\cmd.exe.txt"}`, `{"f":"xcmd.exe"}`}},
	{"all", `f|contains|all: [a, b]`, []string{`{"f":"ba"}`, `{"f":["a","b"]}`}, []string{`{"f":"a"}`}},
	{"any", `f|contains|any: [a, b]`, []string{`{"f":"xa"}`}, []string{`{"f":"x"}`}},
	{"cased", `f|contains|cased: Ab`, []string{`{"f":"xAbx"}`}, []string{`{"f":"ab"}`}},
	{"neq", `f|neq: a`, []string{`{"f":"b"}`, `{}`}, []string{`{"f":"A"}`}},
	{"exists", `f|exists: true`, []string{`{"f":""}`, `{"f":null}`}, []string{`{}`}},
	{"exists", `f|exists: false`, []string{`{}`}, []string{`{"f":null}`, `{"f":1}`}},
	{"re", `f|re: '^a.c$'`, []string{`{"f":"abc"}`}, []string{`{"f":"ABC"}`, `{"f":"a\nc"}`}},
	{"i", `f|re|i: '^a.c$'`, []string{`{"f":"ABC"}`}, []string{`{"f":"ABCD"}`}},
	{"m", `f|re|m: '^b$'`, []string{`{"f":"a\nb\nc"}`}, []string{`{"f":"ab"}`}},
	{"s", `f|re|s: 'a.c'`, []string{`{"f":"a\nc"}`}, []string{`{"f":"ac"}`}},
	{"cidr", `f|cidr: 10.0.0.0/8`, []string{`{"f":"10.255.0.1"}`, `{"f":"::ffff:10.0.0.1"}`}, []string{`{"f":"11.0.0.1"}`, `{"f":"10.0.0"}`}},
	{"cidr", `f|cidr: ['2001:db8::/32', 'fe80::/10']`, []string{`{"f":"2001:DB8::1"}`, `{"f":"fe80::1%eth0"}`}, []string{`{"f":"2001:db9::1"}`}},
	{"gt", `f|gt: 5`, []string{`{"f":5.1}`, `{"f":"6"}`}, []string{`{"f":5}`, `{"f":"x"}`}},
	{"gte", `f|gte: 5`, []string{`{"f":5}`}, []string{`{"f":4.9}`}},
	{"lt", `f|lt: 5`, []string{`{"f":-1}`}, []string{`{"f":5}`, `{}`}},
	{"lte", `f|lte: 5`, []string{`{"f":5}`}, []string{`{"f":6}`}},
	{"minute", `f|minute: 7`, []string{`{"f":"2026-03-01T02:07:00Z"}`}, []string{`{"f":"2026-03-01T07:02:00Z"}`}},
	{"hour", `f|hour|lt: 6`, []string{`{"f":"2026-03-01 02:07:00"}`}, []string{`{"f":"2026-03-01 12:07:00"}`}},
	{"day", `f|day: 1`, []string{`{"f":"2026-03-01T02:07:00Z"}`}, []string{`{"f":"2026-03-02T02:07:00Z"}`}},
	{"week", `f|week: 9`, []string{`{"f":"2026-03-01T02:07:00Z"}`}, []string{`{"f":"2026-03-02T02:07:00Z"}`}},
	{"month", `f|month|gte: 3`, []string{`{"f":"2026-03-01T02:07:00Z"}`}, []string{`{"f":"2026-02-01T02:07:00Z"}`}},
	{"year", `f|year: 2026`, []string{`{"f":"2026-03-01T02:07:00Z"}`}, []string{`{"f":"2025-03-01T02:07:00Z"}`}},
	{"fieldref", `f|fieldref: g`, []string{`{"f":"a","g":"A"}`}, []string{`{"f":"a","g":"b"}`, `{"f":"a"}`, `{"f":""}`}},
	{"fieldref", `f|fieldref|endswith: g`, []string{`{"f":"ab","g":"B"}`}, []string{`{"f":"ba","g":"b"}`}},
	{"fieldref", `f|fieldref|neq: g`, []string{`{"f":"a","g":"b"}`}, []string{`{"f":"a","g":"a"}`}},
	{"windash", `f|windash|contains: ' -a'`, []string{`{"f":"x /A"}`, `{"f":"x –a"}`, `{"f":"x ―a"}`, `{"f":"x -a"}`}, []string{`{"f":"x +a"}`, `{"f":"x-a"}`}},
	{"windash", `f|windash|contains: 'a-b'`, []string{`{"f":"a-b"}`}, []string{`{"f":"a/b"}`}},
	{"base64", `f|base64|contains: cmd`, []string{`{"f":"x Y21k y"}`}, []string{`{"f":"cmd"}`}},
	{"wide", `f|wide|base64|contains: cmd`, []string{`{"f":"YwBtAGQA"}`}, []string{`{"f":"Y21k"}`}},
	{"utf16le", `f|utf16le|base64|contains: cmd`, []string{`{"f":"YwBtAGQA"}`}, []string{`{"f":"AGMAbQBk"}`}},
	{"utf16be", `f|utf16be|base64|contains: cmd`, []string{`{"f":"AGMAbQBk"}`}, []string{`{"f":"YwBtAGQA"}`}},
	{"utf16", `f|utf16|base64|contains: cmd`, []string{`{"f":"//5jAG0AZAA="}`}, []string{`{"f":"YwBtAGQA"}`}},
	{"base64offset", `f|base64offset|contains: whoami`, []string{`{"f":"` + base64.StdEncoding.EncodeToString([]byte("x whoami y")) + `"}`}, []string{`{"f":"whoami"}`}},
}

func TestModifiers(t *testing.T) {
	covered := map[string]bool{"expand": true} // has a test of its own
	for _, test := range modifierCases {
		covered[test.modifier] = true
		detection := "s:\n  " + test.selection + "\ncondition: s"
		for _, event := range test.yes {
			ok, reasons := oneRule(t, detection, event, Options{})
			if !ok {
				t.Errorf("%s does not match %s", test.selection, event)
			} else if len(reasons) == 0 || reasons[0].Selection != "s" {
				t.Errorf("%s: the reason is %+v", test.selection, reasons)
			}
		}
		for _, event := range test.no {
			if ok, _ := oneRule(t, detection, event, Options{}); ok {
				t.Errorf("%s matches %s", test.selection, event)
			}
		}
	}
	for _, m := range Modifiers() {
		if !covered[m] {
			t.Errorf("modifier %s has no case", m)
		}
	}
}

func TestBase64OffsetFindsTheValueAtEveryPlaceAndLength(t *testing.T) {
	for before := range 7 {
		for size := 3; size < 9; size++ {
			value := "zQ8k#Wv!m"[:size]
			text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("a", before) + value + "tail"))
			detection := fmt.Sprintf("s: {'f|base64offset|contains': '%s'}\ncondition: s", value)
			if ok, _ := oneRule(t, detection, fmt.Sprintf(`{"f":%q}`, text), Options{}); !ok {
				t.Errorf("%q is not found in %s", value, text)
			}
		}
	}
}

func TestConditionsAndKeywords(t *testing.T) {
	three := "s1: {a: 1}\ns2: {b: 1}\n_s3: {c: 1}\ncondition: "
	for _, test := range []struct {
		detection, event string
		want             bool
	}{
		{three + "s1 or s2 and _s3", `{"a":1}`, true},
		{three + "(s1 or s2) and _s3", `{"a":1}`, false},
		{three + "not s1 and s2", `{"b":1}`, true},
		{three + "not (s1 and s2)", `{"a":1,"b":1}`, false},
		{three + "1 of them", `{"c":1}`, false},
		{three + "any of *s*", `{"c":1}`, true},
		{three + "all of them", `{"a":1,"b":1}`, true},
		{three + "ALL OF s* AND NOT 1 OF _s*", `{"a":1,"b":1,"c":1}`, false},
		{three + "[s1, s2]", `{"b":1}`, true},
		{"k: [abc, 'x*z']\ncondition: k", `{"f":{"g":["0ABC1"]}}`, true},
		{"k: [abc, 'x*z']\ncondition: k", `{"f":"xyyz"}`, true},
		{"k: [abc, 'x*z']\ncondition: k", `{"abc":"no"}`, false},
		{"k: [abc]\ncondition: k", `{"f":"\u0061bc"}`, true},
		{"k: ['a\"b']\ncondition: k", `{"f":"xa\"bx"}`, true},
		{"k: {'|all': [abc, def]}\ncondition: k", `{"f":"abc","g":"def"}`, true},
		{"k: {'|all': [abc, def]}\ncondition: k", `{"f":"abc"}`, false},
		{"k: {'|re': 'a[0-9]c'}\ncondition: k", `{"f":"xa5c"}`, true},
		{"k: [4625]\ncondition: k", `{"f":14625}`, true},
		{"s:\n  - a: 1\n    b: 1\n  - c: 1\ncondition: s", `{"c":1}`, true},
		{"s:\n  - a: 1\n    b: 1\n  - c: 1\ncondition: s", `{"a":1}`, false},
	} {
		if got, _ := oneRule(t, test.detection, test.event, Options{}); got != test.want {
			t.Errorf("%s\n%s: %v", test.detection, test.event, got)
		}
	}
}

func TestARuleThatIsWrongIsRefusedWithItsLine(t *testing.T) {
	head := "title: t\nlogsource:\n  category: x\ndetection:\n"
	for _, test := range []struct{ yaml, want string }{
		{head + "  s:\n    f|contain: a\n  condition: s", `x.yml:6: f|contain: there is no modifier "contain"; did you mean contains?`},
		{head + "  s:\n    f: a\n  condition: s and t", `x.yml:7: condition: there is no selection "t"`},
		{head + "  s:\n    f: a\n  condition: s | count() > 5", "x.yml:7: condition: counting behind |"},
		{head + "  s:\n    f: a\n  condition: (s", "a parenthesis is not closed"},
		{head + "  s:\n    f: a\n  condition: 1 of filter_*", `no selection is called "filter_*"`},
		{head + "  s:\n    f: a\n  condition: 2 of s*", "choose 1, any or all"},
		{head + "  s:\n    f: a\n    f: b\n  condition: s", `x.yml:7: "f" stands twice`},
		{head + "  s:\n    f|re: '(a'\n  condition: s", "x.yml:6: f|re: error parsing regexp"},
		{head + "  s:\n    f|re: 'a(?!b)'\n  condition: s", "looking ahead or back is not possible"},
		{head + "  s:\n    f|cidr: 10.0.0.0/99\n  condition: s", "is not a network"},
		{head + "  s:\n    f|gt: x\n  condition: s", "is not a number"},
		{head + "  s:\n    f|exists: 1\n  condition: s", "true or false"},
		{head + "  s:\n    f|base64: 'a*'\n  condition: s", "cannot encode a value with wildcards"},
		{head + "  s:\n    f|contains|re: a\n  condition: s", "do not go together"},
		{head + "  s: []\n  condition: s", "would match nothing"},
		{head + "  s: {}\n  condition: s", "would match everything"},
		{head + "  s:\n    f: a\n", "no condition"},
		{head + "  s:\n    f: a\n  timeframe: 5m\n  condition: s", "timeframe is of an old form"},
		{"title: t\ndetection:\n  s: {f: a}\n  condition: s", "no logsource"},
		{"logsource: {}\ndetection:\n  s: {f: a}\n  condition: s", "no title"},
		{head + "  s: {f: a}\n  condition: s\nlevel: bad", "x.yml:7: level"},
		{"action: global\ntitle: t", "old form"},
		{"title: [", "x.yml:"},
		{"title: c\ncorrelation: {type: event_count, rules: [a], timespan: 5x, condition: {gte: 1}}", "timespan"},
		{"title: c\ncorrelation: {type: event_count, rules: [a], timespan: 5m}", "no condition"},
		{"title: c\ncorrelation: {type: counting, rules: [a], timespan: 5m}", "x.yml:2"},
		{"title: c\ncorrelation: {type: value_count, rules: [a], timespan: 5m, condition: {gte: 1}}", "needs the field"},
		{"title: c\ncorrelation: {type: event_count, rules: [a], timespan: 5m, condition: {gt: 5, lt: 5}}", "no number of events"},
		{"title: c\ncorrelation: {type: temporal, rules: [a, b], timespan: 5m, condition: a and not b}", "never comes"},
	} {
		_, err := Parse("x.yml", []byte(test.yaml))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s\n got %v\nwant %s", test.yaml, err, test.want)
		}
	}
}

func TestCorrelationsThatReferToNothingOrThemselvesAreRefused(t *testing.T) {
	for _, yaml := range []string{
		"title: c\ncorrelation: {type: event_count, rules: [nobody], timespan: 5m, condition: {gte: 1}}",
		"title: c\nname: c\ncorrelation: {type: event_count, rules: [c], timespan: 5m, condition: {gte: 1}}",
	} {
		c, err := Parse("x.yml", []byte(yaml))
		if err != nil {
			t.Fatal(err)
		}
		if e, problems := Compile(c, Options{}); len(problems) != 1 || e.Correlations() != 0 || !strings.HasPrefix(problems[0].Error(), "x.yml:1: ") {
			t.Errorf("%s: %v", yaml, problems)
		}
	}
}
