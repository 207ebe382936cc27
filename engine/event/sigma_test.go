package event

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine/detect"
)

// matches are the rules that match an event.
func matches(t *testing.T, m *detect.Matcher, event []byte) []string {
	t.Helper()
	found, err := m.Match(event)
	if err != nil {
		t.Fatalf("%s: %v", event, err)
	}
	var ids []string
	for _, f := range found {
		ids = append(ids, f.Rule.ID)
	}
	slices.Sort(ids)
	return ids
}

func compile(t *testing.T, rules fs.FS) *detect.Matcher {
	t.Helper()
	c, problems := detect.Load(rules, nil)
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	e, problems := detect.Compile(c, detect.Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	return e.NewMatcher()
}

func TestSigmaRulesMatchTheSameEventsAfterTheyWereParsed(t *testing.T) {
	rules := fstest.MapFS{}
	var events []dataFile
	for _, f := range dataFiles(t, "sigma/sigma-regression") {
		switch {
		case strings.HasSuffix(f.name, ".yml") && !strings.HasSuffix(f.name, "info.yml"):
			rules[f.name[strings.LastIndexByte(f.name, '/')+1:]] = &fstest.MapFile{Data: f.data}
		case strings.HasSuffix(f.name, ".json") && !strings.HasSuffix(f.name, "expected.json"):
			events = append(events, f)
		}
	}
	m := compile(t, rules)
	hits := 0
	for _, f := range events {
		s := must(detect.NewStream(f.name, bytes.NewReader(f.data)))(t)
		var want [][]string
		for {
			ev, err := s.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, matches(t, m, ev.JSON))
		}
		var got [][]string
		parseAll(t, Options{}, f.data, func(e *Event) {
			got = append(got, matches(t, m, e.Native))
			hits += len(got[len(got)-1])
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s", f.name, diff)
		}
	}
	if hits < 91 {
		t.Errorf("only %d matches", hits)
	}
}

func TestSigmaRulesFindWhatTheyAskForInLinesOfText(t *testing.T) {
	rule := func(id, source, detection string) string {
		return "title: x\nid: " + id + "\nstatus: test\nlevel: high\nlogsource:\n" + source + "\ndetection:\n" + detection + "\n    condition: s\n"
	}
	m := compile(t, fstest.MapFS{
		"a.yml": {Data: []byte(rule("00000000-0000-4000-8000-00000000000a", "    product: linux\n    service: sshd", "    s:\n        - 'fatal: buffer_get_string'\n        - 'Corrupted MAC on input'"))},
		"b.yml": {Data: []byte(rule("00000000-0000-4000-8000-00000000000b", "    product: linux\n    service: auditd", "    s:\n        type: EXECVE\n        a0: cat\n        a1|contains: shadow"))},
		"c.yml": {Data: []byte(rule("00000000-0000-4000-8000-00000000000c", "    category: webserver", "    s:\n        cs-method: GET\n        cs-uri-query|contains: '../'"))},
		"d.yml": {Data: []byte(rule("00000000-0000-4000-8000-00000000000d", "    product: zeek\n    service: dns", "    s:\n        id.resp_p: 53\n        query|endswith: .evil.example"))},
	})
	for line, want := range map[string]string{
		"Feb 14 14:34:15 h sshd[1234]: Corrupted MAC on input. [preauth]":                                               "a",
		"Feb 14 14:34:15 h sshd[1234]: All is well.":                                                                    "",
		`type=EXECVE msg=audit(1604994496.155:1): argc=2 a0="cat" a1=2F6574632F736861646F77`:                            "b",
		`1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "GET /x?f=../../etc/passwd HTTP/1.0" 200 1`:                           "c",
		`1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "POST /x?f=../../etc/passwd HTTP/1.0" 200 1`:                          "",
		`{"_path":"dns","ts":1604994496.155,"uid":"C1","id.orig_h":"10.0.0.1","id.resp_p":53,"query":"a.evil.example"}`: "d",
	} {
		var e Event
		NewParser(Options{}).Parse(Line{Raw: []byte(line)}, &e)
		got := strings.Join(matches(t, m, e.Native), " ")
		if want != "" {
			want = "00000000-0000-4000-8000-00000000000" + want
		}
		if got != want {
			t.Errorf("%s: %s, not %s", line, got, want)
		}
	}
}
