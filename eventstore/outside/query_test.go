package outside

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/eventstore"
	"holdfast/testkit/standin"
)

const ident = "0123456789abcdef0123456789abcdef"

var start = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// asked reads a query as people type it.
func asked(t testing.TB, text string) question {
	t.Helper()
	q, err := eventstore.ParseQuery(text, start)
	if err != nil {
		t.Fatal(err)
	}
	return question{Query: q, upTo: 99}
}

// TestAQueryIsWrittenInTheLanguageOfEachSystem shows what each kind of term becomes. What
// stands around it, store and position, is the same everywhere.
func TestAQueryIsWrittenInTheLanguageOfEachSystem(t *testing.T) {
	for _, c := range []struct{ text, search, logs string }{
		{`user:Root`, `{"term":{"ocsf.actor.user.name":{"value":"root"}}}`, `"actor.user.name":="root"`},
		{`source:Web`, `{"term":{"source":{"value":"Web"}}}`, `"source":="Web"`},
		{`host:web-*`, `{"prefix":{"ocsf.device.hostname":{"value":"web-"}}}`, `"device.hostname":="web-"*`},
		{`peer:10.*`, `{"prefix":{"peer":{"case_insensitive":true,"value":"10."}}}`, `"peer":~"(?i)^10\\."`},
		{`process:*Power*`, `{"wildcard":{"ocsf.process.file.path":{"value":"*power*"}}}`, `"process.file.path":~"power"`},
		{`file:*"a*b?c\\d"*`, `{"wildcard":{"ocsf.file.path":{"value":"*a\\*b\\?c\\\\d*"}}}`, `"file.path":~"a\\*b\\?c\\\\d"`},
		{`user:*`, `{"bool":{"filter":[{"exists":{"field":"ocsf.actor.user.name"}}],"must_not":[{"term":{"ocsf.actor.user.name":{"value":"0"}}}]}}`, `("actor.user.name":* !"actor.user.name":="0")`},
		{`src:10.0.0.0/8`, `{"range":{"marks":{"gte":"o:src_endpoint.ip>40a000000","lte":"o:src_endpoint.ip>40affffff"}}}`, `"marks":~"\no:src_endpoint\\.ip>(?:40a(?:0[0-9a-f]{5}|[123456789abcde][0-9a-f]{5}|f[0-9a-f]{5}))\n"`},
		{`severity:>=4`, `{"range":{"marks":{"gte":"o:severity_id<8000000000000004","lte":"o:severity_id<ffffffffffffffff"}}}`, ""},
		{`EventID:4625`, `{"term":{"marks":{"value":"n:eventid=4625"}}}`, `"marks":~"\nn:eventid=4625\n"`},
		{`EventID:*`, `{"term":{"marks":{"value":"n:eventid|"}}}`, `"marks":~"\nn:eventid\\|\n"`},
		{`a.b:*"c*"*`, `{"wildcard":{"marks":{"value":"n:a.b=*c\\**"}}}`, `"marks":~"\nn:a\\.b=[^\n]*c\\*"`},
		{`cmd:whoami*`, `{"prefix":{"marks":{"value":"o:process.cmd_line=whoami"}}}`, `"marks":~"\no:process\\.cmd_line=whoami"`},
		{`"Failed *"`, `{"wildcard":{"line":{"value":"*failed \\**"}}}`, `"_msg":~"(?i)failed \\*"`},
		{`hash:AB`, `{"bool":{"minimum_should_match":1,"should":[{"term":{"ocsf.file.hashes.md5":{"value":"ab"}}},{"term":{"ocsf.file.hashes.sha1":{"value":"ab"}}},{"term":{"ocsf.file.hashes.sha256":{"value":"ab"}}}]}}`,
			`("file.hashes.md5":="ab" or "file.hashes.sha1":="ab" or "file.hashes.sha256":="ab")`},
	} {
		filter, err := searchFilter(asked(t, c.text), ident)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(filter)
		if err != nil {
			t.Fatal(err)
		}
		want := `{"bool":{"filter":[{"term":{"store":{"value":"` + ident + `"}}},{"range":{"position":{"lte":99}}},` + c.search + `]}}`
		if d := cmp.Diff(plain(t, want), plain(t, string(got))); d != "" {
			t.Errorf("%s in OpenSearch: %s\n%s", c.text, got, d)
		}
		text, err := logsFilter(asked(t, c.text), "events", ident)
		if err != nil {
			t.Fatal(err)
		}
		if want := `{stream="events",store="` + ident + `"} "position":<=99 ` + c.logs; c.logs != "" && text != want {
			t.Errorf("%s in LogsQL:\n%s, want\n%s", c.text, text, want)
		}
	}
}

func plain(t testing.TB, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestATermThatIsDeniedTimeAndPlaceAreWrittenAround(t *testing.T) {
	q := asked(t, `-user:root after:2026-03-04T10:00 before:2026-03-04T11:00`)
	q.Behind, q.After, q.Limit = 7, &eventstore.Marker{Time: start, Position: 42}, 5
	text, err := logsFilter(q, "events", ident)
	if err != nil {
		t.Fatal(err)
	}
	want := `{stream="events",store="` + ident + `"} ((_time:>=2026-03-04T10:00:00.000000000Z _time:<2026-03-04T11:00:00.000000000Z) or "late":="1") "time":>=1772618400000000 "time":<1772622000000000 "position":<=99 "position":>7 !("actor.user.name":="root")`
	if text != want {
		t.Errorf("%s\nwant\n%s", text, want)
	}
	if hits := logsHits("*", q.After, 6); !strings.HasPrefix(hits, `* ("time":<1772625600000000 or "time":="1772625600000000" "position":<42) | sort by ("time" desc, "position" desc) limit 6 | fields `) {
		t.Error(hits)
	}
	body, err := searchBody(q, ident)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"must_not":[{"term":{"ocsf.actor.user.name":{"value":"root"}}}]`, `"search_after":[1772625600000000,42]`, `"size":6`, `{"range":{"position":{"gt":7,"lte":99}}}`, `{"range":{"time":{"gte":1772618400000000,"lt":1772622000000000}}}`} {
		if !strings.Contains(string(data), part) {
			t.Errorf("%s lacks %s", data, part)
		}
	}
}

// shapes are a query in both languages without its values.
func shapes(t testing.TB, term eventstore.Term) (search, logs string) {
	t.Helper()
	q := question{Query: eventstore.Query{Terms: []eventstore.Term{term}}, upTo: 99}
	filter, err := searchFilter(q, ident)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(filter)
	if err != nil {
		t.Fatal(err)
	}
	text, err := logsFilter(q, "events", ident)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := standin.ParseLogsQL(logsHits(text, nil, 5))
	if err != nil {
		t.Fatalf("%q becomes a query that cannot be read: %s: %v", term, text, err)
	}
	return shapeOf(plain(t, string(data))), parsed.Shape()
}

// shapeOf is JSON without its texts.
func shapeOf(v any) string {
	switch v := v.(type) {
	case map[string]any:
		inner := "{"
		for _, key := range slices.Sorted(maps.Keys(v)) {
			inner += strconv.Quote(key) + ":" + shapeOf(v[key]) + ","
		}
		return inner + "}"
	case []any:
		inner := "["
		for _, one := range v {
			inner += shapeOf(one) + ","
		}
		return inner + "]"
	}
	return "_"
}

// FuzzAValueCannotChangeAQuery writes hostile values into every kind of term: the query is
// built as with a harmless value, and finds a text only where it stands.
func FuzzAValueCannotChangeAQuery(f *testing.F) {
	for _, v := range []string{`"`, `\`, `\"`, `" or *:*`, `*`, `?`, `a*b?c\d`, "\n| stats count()", "`", `'`, `") or ("`, "\x00\x1f", "\u2028", "(?i)", `\E.*`, "\xff\xfe", `{"match_all":{}}`, `"}}}]}}`, "#", "𝛀"} {
		f.Add(v, uint8(0))
	}
	ops := []eventstore.Op{eventstore.Is, eventstore.Prefix, eventstore.Contains}
	fields := []string{"", "user", "source", "ip", "cmd", "no.such"}
	f.Fuzz(func(t *testing.T, value string, which uint8) {
		if value == "" {
			return
		}
		op, field := ops[int(which)%len(ops)], fields[int(which)/len(ops)%len(fields)]
		if field == "" {
			op = eventstore.Contains
		}
		term := eventstore.Term{Field: field, Op: op, Value: value, Not: which > 127}
		harmless := term
		harmless.Value = "x"
		search, logs := shapes(t, term)
		wantSearch, wantLogs := shapes(t, harmless)
		if search != wantSearch || logs != wantLogs {
			t.Errorf("%+v changes the query:\n%s\n%s", term, search, logs)
		}
	})
}

func TestDigitsAreFoundExactlyBetweenTwo(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same every time, on purpose
	for range 3_000 {
		n := 1 + r.IntN(4)
		number := func() string { return fmt.Sprintf("%0*x", n, r.Uint64N(1<<(4*n))) }
		low, high := number(), number()
		if low > high {
			low, high = high, low
		}
		re := regexp.MustCompile("^(?:" + digitsBetween(low, high) + ")$")
		for _, x := range []string{low, high, number(), number(), strings.Repeat("0", n), strings.Repeat("f", n)} {
			if got, want := re.MatchString(x), x >= low && x <= high; got != want {
				t.Fatalf("%s between %s and %s: %v by %s", x, low, high, got, re)
			}
		}
	}
}

func TestMarksOfNumbersStandInTheOrderOfNumbers(t *testing.T) {
	list := []int64{-1 << 63, -4_000_000_000, -2, -1, 0, 1, 2, 4_625, 1 << 40, 1<<63 - 1}
	for i := 1; i < len(list); i++ {
		if numberText(list[i-1]) >= numberText(list[i]) {
			t.Errorf("%d stands behind %d", list[i-1], list[i])
		}
	}
}
