package detect

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

const failedLogin = `
title: Failed login
name: failed
id: 11111111-1111-1111-1111-111111111111
logsource: {category: test}
detection:
    selection: {action: fail}
    condition: selection
---
title: Login
name: success
logsource: {category: test}
detection:
    selection: {action: ok}
    condition: selection
---
title: Download
name: download
logsource: {category: test}
detection:
    selection: {action: get}
    condition: selection
---
`

// play runs events such as "10 fail user=a host=x" (seconds, action, fields) through
// rules and correlations and returns what was found, in a short form.
func play(t *testing.T, yaml string, l Limits, events ...string) ([]string, Stats) {
	t.Helper()
	c, err := Parse("test.yml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	e, problems := Compile(c, Options{})
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	m, corr := e.NewMatcher(), e.NewCorrelator(l)
	var out []string
	note := func(found []Found) {
		for _, f := range found {
			if f.Silent {
				continue
			}
			var group []string
			for _, g := range f.Group {
				group = append(group, g.Value)
			}
			out = append(out, fmt.Sprintf("%s %d %v %s", strings.Join(group, ","), f.Count, f.Events, f.Last.Sub(f.First)))
		}
	}
	for i, text := range events {
		words := strings.Fields(text)
		var second float64
		if _, err := fmt.Sscan(words[0], &second); err != nil {
			t.Fatal(err)
		}
		at := time.Unix(1_700_000_000, 0).Add(time.Duration(second * float64(time.Second))).UTC()
		fields := fmt.Sprintf(`{"@timestamp": %q, "action": %q`, at.Format(time.RFC3339Nano), words[1])
		for _, w := range words[2:] {
			name, value, _ := strings.Cut(w, "=")
			fields += fmt.Sprintf(", %q: %q", name, value)
		}
		matches, err := m.Match([]byte(fields + "}"))
		if err != nil {
			t.Fatal(err)
		}
		note(corr.Add(m, matches, int64(i+1), time.Time{}))
	}
	note(corr.Close())
	return out, corr.Stats()
}

func TestCorrelations(t *testing.T) {
	count := func(condition string) string {
		return failedLogin + "title: c\ncorrelation: {type: event_count, rules: [failed], group-by: [user], timespan: 10s, condition: {" + condition + "}}"
	}
	distinct := failedLogin + "title: c\ncorrelation: {type: value_count, rules: [failed], group-by: [host], timespan: 10s, condition: {gte: 3, field: user}}"
	temporal := failedLogin + "title: c\ncorrelation: {type: temporal, rules: [failed, success, download], group-by: [user], timespan: 10s}"
	named := failedLogin + "title: c\ncorrelation: {type: temporal, rules: [failed, success, download], group-by: [user], timespan: 10s, condition: failed and (success or download)}"
	ordered := strings.Replace(temporal, "type: temporal", "type: temporal_ordered", 1)
	chain := failedLogin + `title: many
name: many
correlation: {type: event_count, rules: [failed], group-by: [user, host], timespan: 10s, condition: {gte: 3}}
---
title: c
correlation: {type: temporal_ordered, rules: [many, success], group-by: [user], timespan: 60s}`
	aliases := failedLogin + `title: c
correlation:
    type: temporal
    rules: [failed, success]
    group-by: [who]
    timespan: 10s
    aliases: {who: {failed: user, success: account}}`
	for _, test := range []struct {
		name, yaml string
		events     []string
		want       []string
	}{
		{"event_count counts each group apart", count("gte: 3"), []string{"0 fail user=a", "1 fail user=b", "2 fail user=a", "3 fail user=A"}, []string{"A 3 [1 3 4] 3s"}},
		{"event_count does not count over more than the timespan", count("gte: 3"), []string{"0 fail user=a", "5 fail user=a", "10 fail user=a"}, nil},
		{"event_count slides", count("gte: 3"), []string{"0 fail user=a", "6 fail user=a", "9 fail user=a", "11 fail user=a"}, []string{"a 3 [1 2 3] 9s"}},
		{"event_count tells a flood once for each timespan", count("gte: 2"), []string{"0 fail user=a", "1 fail user=a", "2 fail user=a", "3 fail user=a", "12 fail user=a", "13 fail user=a"}, []string{"a 2 [1 2] 1s", "a 2 [5 6] 1s"}},
		{"event_count counts late events where they belong", count("gte: 3"), []string{"100 fail user=a", "140 fail user=a", "101 fail user=a", "102 fail user=a"}, []string{"a 3 [1 3 4] 2s"}},
		{"event_count gt is one more", count("gt: 2"), []string{"0 fail user=a", "1 fail user=a", "2 fail user=a"}, []string{"a 3 [1 2 3] 2s"}},
		{"event_count lt is judged at the end of the window", count("lt: 2"), []string{"0 fail user=a", "1 fail user=b", "2 fail user=b", "2000 fail user=b"}, []string{"a 1 [1] 0s", "b 1 [4] 0s"}},
		{"event_count eq is not met by more", count("eq: 2"), []string{"0 fail user=a", "1 fail user=a", "2 fail user=a", "0 fail user=b", "3 fail user=b"}, []string{"b 2 [4 5] 3s"}},
		{"event_count range", count("gte: 2, lte: 3"), []string{"0 fail user=a", "1 fail user=a", "2 fail user=a", "3 fail user=a", "0 fail user=b", "3 fail user=b"}, []string{"b 2 [5 6] 3s"}},
		{"an event without the group-by field counts nowhere", count("gte: 1"), []string{"0 fail", "1 ok user=a"}, nil},
		{"value_count counts different values only", distinct, []string{"0 fail host=h user=a", "1 fail host=h user=a", "2 fail host=h user=b", "3 fail host=h user=B", "4 fail host=h user=c"}, []string{"h 3 [1 2 3 4 5] 4s"}},
		{"value_count forgets what is old", distinct, []string{"0 fail host=h user=a", "6 fail host=h user=b", "11 fail host=h user=c"}, nil},
		{"value_count counts a late event", distinct, []string{"20 fail host=h user=a", "24 fail host=h user=b", "60 fail host=h user=x", "22 fail host=h user=c"}, []string{"h 3 [1 4 2] 4s"}},
		{"value_count is not misled by repetition", distinct, []string{"0 fail host=h user=a", "9 fail host=h user=b", "10.5 fail host=h user=a", "11 fail host=h user=c"}, []string{"h 3 [2 3 4] 2s"}},
		{"temporal takes any order", temporal, []string{"5 get user=a", "6 fail user=a", "9 ok user=a"}, []string{"a 3 [1 2 3] 4s"}},
		{"temporal needs all rules in one group", temporal, []string{"5 get user=a", "6 fail user=b", "9 ok user=a"}, nil},
		{"temporal needs all rules within the timespan", temporal, []string{"0 get user=a", "6 fail user=a", "10 ok user=a"}, nil},
		{"temporal takes late events", temporal, []string{"9 get user=a", "30 ok user=b", "5 fail user=a", "6 ok user=a"}, []string{"a 3 [3 4 1] 4s"}},
		{"temporal with a condition over names", named, []string{"0 fail user=a", "2 get user=a", "0 ok user=b", "1 get user=b"}, []string{"a 2 [1 2] 2s"}},
		{"temporal_ordered wants the order", ordered, []string{"5 get user=a", "6 fail user=a", "9 ok user=a"}, nil},
		{"temporal_ordered finds it among others", ordered, []string{"0 ok user=a", "1 fail user=a", "2 get user=a", "3 ok user=a", "4 fail user=a", "5 get user=a"}, []string{"a 3 [2 4 6] 4s"}},
		{"temporal_ordered puts late events in order", ordered, []string{"5 get user=a", "3 ok user=a", "1 fail user=a"}, []string{"a 3 [3 2 1] 4s"}},
		{"temporal_ordered does not stretch", ordered, []string{"0 fail user=a", "5 ok user=a", "10 get user=a"}, nil},
		{"a correlation of a correlation", chain, []string{"0 fail user=a host=h", "1 fail user=a host=h", "2 fail user=a host=h", "30 ok user=a", "31 ok user=b"}, []string{"a 2 [3 4] 28s"}},
		{"a correlation of a correlation wants the order", chain, []string{"0 ok user=a", "1 fail user=a host=h", "2 fail user=a host=h", "3 fail user=a host=h"}, nil},
		{"aliases name different fields", aliases, []string{"0 fail user=a", "1 ok account=a", "2 ok user=a"}, []string{"a 2 [1 2] 1s"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, _ := play(t, test.yaml, Limits{}, test.events...)
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestEventsThatComeTooLateAreCountedAndDoNotMatch(t *testing.T) {
	yaml := failedLogin + "title: c\ncorrelation: {type: event_count, rules: [failed], group-by: [user], timespan: 10s, condition: {gte: 2}}"
	got, stats := play(t, yaml, Limits{Lateness: time.Minute}, "0 fail user=a", "100 fail user=b", "1 fail user=a")
	if len(got) > 0 || stats.TooLate != 1 {
		t.Errorf("%v, %+v", got, stats)
	}
}

func TestARuleThatServesACorrelationMatchesOnItsOwnOnlyWithGenerate(t *testing.T) {
	for _, generate := range []bool{false, true} {
		c, err := Parse("x.yml", fmt.Appendf(nil, "%stitle: c\ncorrelation: {type: event_count, rules: [failed], timespan: 1m, generate: %v, condition: {gte: 9}}", failedLogin, generate))
		if err != nil {
			t.Fatal(err)
		}
		e, _ := Compile(c, Options{})
		matches, err := e.NewMatcher().Match([]byte(`{"action":"fail"}`))
		if err != nil || len(matches) != 1 || matches[0].Silent == generate {
			t.Errorf("generate %v: %+v %v", generate, matches, err)
		}
	}
}

func TestAnyOrderOfArrivalFindsTheSameGroups(t *testing.T) {
	yaml := failedLogin + "title: c\ncorrelation: {type: event_count, rules: [failed], group-by: [user], timespan: 10s, condition: {gte: 4}}"
	var events []string
	for u := range 20 {
		for i := range 2 + u%4 { // groups of 2 to 5
			events = append(events, fmt.Sprintf("%d fail user=u%d", 100+u+i, u))
		}
	}
	for seed := range uint64(20) {
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		got, _ := play(t, yaml, Limits{}, events...)
		if len(got) != 10 {
			t.Fatalf("%d groups of 10 found: %q", len(got), got)
		}
	}
}

func TestAMillionGroupsStayWithinTheirMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN: a million groups of correlations, because of -short")
	}
	c, err := Parse("x.yml", []byte(failedLogin+"title: c\ncorrelation: {type: event_count, rules: [failed], group-by: [user], timespan: 1h, condition: {gte: 3}}"))
	if err != nil {
		t.Fatal(err)
	}
	e, _ := Compile(c, Options{})
	m := e.NewMatcher()
	corr := e.NewCorrelator(Limits{Groups: 1_000_000})
	before := heapInUse()
	var half uint64
	for i := range 1_500_000 {
		matches, err := m.Match(fmt.Appendf(nil, `{"action":"fail","time":1700000000,"user":"user-%d"}`, i))
		if err != nil {
			t.Fatal(err)
		}
		corr.Add(m, matches, int64(i), time.Time{})
		if i == 1_000_000 {
			half = heapInUse() - before
		}
	}
	used := heapInUse() - before
	stats := corr.Stats()
	t.Logf("%d MB at a million groups, %d MB after half a million more; %+v", half>>20, used>>20, stats)
	if stats.Groups > 1_000_000 || stats.Evicted < 499_000 {
		t.Errorf("groups are not bounded: %+v", stats)
	}
	if used > 350<<20 || used > half+half/4 {
		t.Errorf("%d MB, then %d MB", half>>20, used>>20)
	}
}
