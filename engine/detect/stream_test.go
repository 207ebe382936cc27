package detect

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// read gives each event of a file as "line:offset json", and errors as they are.
func read(t *testing.T, data string) []string {
	t.Helper()
	s, err := NewStream("f", strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for {
		e, err := s.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			out = append(out, err.Error())
			continue
		}
		out = append(out, fmt.Sprintf("%d:%d %s", e.Line, e.Offset, e.JSON))
	}
}

func TestEventsAreReadFromEveryFormOfFile(t *testing.T) {
	for _, test := range []struct {
		data string
		want []string
	}{
		{"{\"a\":1}\n{\"b\":2}\n", []string{`1:0 {"a":1}`, `2:8 {"b":2}`}},
		{"\xef\xbb\xbf{\"a\":\"}{\\\"\"}{\"b\":\n2}", []string{`1:3 {"a":"}{\""}`, "1:15 {\"b\":\n2}"}},
		{"[ {\"a\":1},\n {\"b\":[{}]} ]\n{\"c\":3}", []string{`1:2 {"a":1}`, `2:12 {"b":[{}]}`, `3:25 {"c":3}`}},
		{"[]", nil},
		{"", nil},
		{"{\"Records\":[{\"a\":1},{\"b\":2}]}", []string{`1:0 {"a":1}`, `1:0 {"b":2}`}},
		{"text here\n{\"a\":1}", []string{"f:1: an event begins with {, not with 't'; plain text cannot be read here", `2:10 {"a":1}`}},
		{"{\"a\":1}\n{\"b\":", []string{`1:0 {"a":1}`, "f:2: the file ends within this event"}},
		{"[{\"a\":1},", []string{`1:1 {"a":1}`, "f:1: the file ends within an array"}},
	} {
		if got := read(t, test.data); fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%q:\n got %q\nwant %q", test.data, got, test.want)
		}
	}
}

func TestAPackedFileIsUnpacked(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(`{"a":1}`)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := read(t, b.String()); len(got) != 1 || got[0] != `1:0 {"a":1}` {
		t.Errorf("%q", got)
	}
}

func TestWindowsEventsOfEveryExporterHaveTheFieldsOfTheRules(t *testing.T) {
	detection := "s: {Provider_Name: P, EventID: 4688, Channel: Security, Image: x}\ncondition: s"
	for _, event := range []string{
		`{"Event":{"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":4688,"Channel":"Security"},"EventData":{"Image":"x"}}}`,
		`{"Event":{"System":{"Provider":{"@Name":"P"},"EventID":{"#text":"4688","#attributes":{"Qualifiers":0}},"Channel":"Security"},"EventData":{"Data":[{"@Name":"User","#text":"u"},{"@Name":"Image","#text":"x"}]}}}`,
		`{"Event":{"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":4688,"Channel":"Security"},"UserData":{"Any":{"Image":"x"}}}}`,
		`{"winlog":{"provider_name":"P","event_id":4688,"channel":"Security","event_data":{"Image":"x"}}}`,
		`{"SourceName":"P","EventID":"4688","Channel":"Security","Image":"x"}`,
	} {
		if ok, _ := oneRule(t, detection, event, Options{AnySource: true}); !ok {
			t.Errorf("no match: %s", event)
		}
	}
}

func TestAnEventIsTriedOnlyWithRulesForItsLog(t *testing.T) {
	rule := func(source string) string {
		return "title: t\nlogsource: {" + source + "}\ndetection: {s: {x: 1}, condition: s}"
	}
	sysmon := `{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"x":1}`
	for _, test := range []struct {
		source, event string
		want          bool
	}{
		{"category: process_creation, product: windows", sysmon, true},
		{"category: process_creation", sysmon, true},
		{"product: windows", sysmon, true},
		{"service: sysmon, product: windows", sysmon, true},
		{"category: file_event, product: windows", sysmon, false},
		{"service: security, product: windows", sysmon, false},
		{"category: process_creation, product: linux", sysmon, false},
		{"category: webserver", sysmon, false},
		{"category: process_creation, product: windows", `{"Channel":"Security","EventID":4688,"x":1}`, true},
		{"category: process_creation, product: windows", `{"Channel":"Security","EventID":4624,"x":1}`, false},
		{"category: process_creation, product: windows", `{"x":1}`, true},
		{"product: aws, service: cloudtrail", `{"eventSource":"iam.amazonaws.com","eventName":"y","x":1}`, true},
		{"product: azure", `{"eventSource":"iam.amazonaws.com","eventName":"y","x":1}`, false},
	} {
		c, err := Parse("r.yml", []byte(rule(test.source)))
		if err != nil {
			t.Fatal(err)
		}
		for _, any := range []bool{false, true} {
			e, _ := Compile(c, Options{AnySource: any})
			got, err := e.NewMatcher().Match([]byte(test.event))
			if err != nil || (len(got) > 0) != (test.want || any) {
				t.Errorf("%s with %s, any source %v: %d matches, %v", test.source, test.event, any, len(got), err)
			}
		}
	}
}

func TestAReasonNamesSelectionFieldAndValue(t *testing.T) {
	detection := "sel: {Image|endswith: ['\\ps.exe', '\\cmd.exe'], Who|contains: a}\nflt: {User: b}\ncondition: sel and not flt"
	_, got := oneRule(t, detection, `{"Image":"C:\\CMD.exe","Who":"xax"}`, Options{})
	want := []Reason{
		{Selection: "sel", Field: "Who", Asked: "Who|contains: a", Value: "xax"},
		{Selection: "sel", Field: "Image", Asked: `Image|endswith: \cmd.exe`, Value: `C:\CMD.exe`},
		{Selection: "flt", Asked: "does not hold", Not: true},
	}
	for _, w := range want {
		found := false
		for _, g := range got {
			found = found || g == w
		}
		if !found {
			t.Errorf("%+v is missing in %+v", w, got)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%+v", got)
	}
}

func TestMatchingAnEventThatMatchesNothingAllocatesNothing(t *testing.T) {
	c, err := Parse("r.yml", []byte("title: t\nlogsource: {product: p}\ndetection:\n  s: {Image|endswith: '\\cmd.exe', N|gt: 5}\n  k: [evil, worse]\n  condition: s or k"))
	if err != nil {
		t.Fatal(err)
	}
	e, _ := Compile(c, Options{})
	m := e.NewMatcher()
	event := []byte(`{"Image":"C:\\Windows\\notepad.exe","N":7,"Ä":"Ünïcode text","list":[1,2,{"a":null}]}`)
	if n := testing.AllocsPerRun(100, func() {
		if got, err := m.Match(event); err != nil || len(got) > 0 {
			t.Fatal(got, err)
		}
	}); n > 0 {
		t.Errorf("%v allocations for each event", n)
	}
}

func TestHiddenLettersAreSeenAndPlainBackslashesAreNot(t *testing.T) {
	m := (&Engine{}).NewMatcher()
	a := &admission{}
	wide := newWordIndex(newGramIndex([]string{"sekurlsa::"}, [][]int32{nil}, nil), nil)
	narrow := newWordIndex(newGramIndex([]string{"xyzzy"}, [][]int32{nil}, nil), newGramIndex([]string{"rcp"}, [][]int32{nil}, nil))
	scans := map[string]func([]byte) plainness{
		"wide":   func(text []byte) plainness { return m.scanWide(wide, text, a) },
		"narrow": func(text []byte) plainness { return m.scanNarrow(narrow, text, a) },
	}
	for _, test := range []struct {
		text string
		want bool
	}{
		{`\u0041`, true}, {`\/`, true}, {`\\u`, false}, {`\\\u0041`, true}, {`\\/`, false}, {`\n\t\"`, false}, {`]\]\\]`, false}, {``, false}, {`\`, false}, {`u/`, false},
	} {
		for pad := range 20 {
			text := []byte(strings.Repeat("x", pad) + test.text + strings.Repeat("]", 20-pad))
			for name, scan := range scans {
				if got := scan(text) == isHidden; got != test.want {
					t.Errorf("%s %s: %v", name, text, got)
				}
				if got := scan(append(text, "é"...)); got == isPlain || (got == isHidden) != test.want {
					t.Errorf("%s %sé: %v", name, text, got)
				}
			}
		}
		for name, scan := range scans {
			if got := scan([]byte(test.text)) == isHidden; got != test.want {
				t.Errorf("%s %s: %v", name, test.text, got)
			}
		}
	}
}
