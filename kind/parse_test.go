package kind_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"holdfast/isms"
	"holdfast/kind"
)

func TestAmountsAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]kind.Money{
		"0": 0, "1250": 125000, "1250.5": 125050, "1250.50": 125050, "1,250.50": 125050, "1 250": 125000, "1\u202f250": 125000, "1'250.50": 125050,
		"-3.1": -310, " 7 ": 700, "0.005": 1, "1,234,567.89": 123456789, "-0.01": -1, "10000000000000": 1e15,
	} {
		if got, err := kind.ParseMoney(text); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "abc", "12,50", "1,2", "1,2345", "1.2.3", "NaN", "Inf", "-Inf", "1e999", "10000000000001", "€5", "5 EUR", "--1", "1,250,50"} {
		if got, err := kind.ParseMoney(text); err == nil {
			t.Errorf("%q was read as %s", text, got)
		}
	}
}

func TestAnAmountSurvivesItsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := kind.Money(rapid.Int64Range(-1e15, 1e15).Draw(t, "cents"))
		if got, err := kind.ParseMoney(m.String()); err != nil || got != m {
			t.Errorf("%s is read as %s, %v", m, got, err)
		}
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var got kind.Money
		if err := json.Unmarshal(b, &got); err != nil || got != m {
			t.Errorf("%s is read from JSON as %s, %v", b, got, err)
		}
	})
}

func TestDatesAreDaysThatExist(t *testing.T) {
	for text, want := range map[string]kind.Date{"": "", " 2026-11-21 ": "2026-11-21", "2024-02-29": "2024-02-29"} {
		if got, err := kind.ParseDate(text); err != nil || got != want {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"2026-02-29", "2026-13-01", "21.11.2026", "2026-1-1", "2026-11-21T00:00:00Z", "tomorrow", "20261121", "2026-11-21 x"} {
		if got, err := kind.ParseDate(text); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q was read as %q, %v", text, got, err)
		}
	}
	if !kind.Date("").Time().IsZero() || !kind.Date("2026-11-21").Time().Equal(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)) {
		t.Error("the time of a day is wrong")
	}
}

func TestLevelsAreNumbersOrWords(t *testing.T) {
	for text, want := range map[string]kind.Level{"": 0, "0": 0, "1": 1, "5": 5, "very low": 1, " High ": 4, "VERY HIGH": 5, "medium": 3} {
		if got, err := kind.ParseLevel(text); err != nil || got != want {
			t.Errorf("%q is %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"6", "-1", "1.5", "highest", "01", "very"} {
		if got, err := kind.ParseLevel(text); err == nil {
			t.Errorf("%q was read as %d", text, got)
		}
	}
	for l := kind.Level(1); l <= 5; l++ {
		if got, err := kind.ParseLevel(l.String()); err != nil || got != l {
			t.Errorf("%d is called %q and read as %d, %v", l, l, got, err)
		}
	}
}

func TestRangesAreOrdered(t *testing.T) {
	for text, want := range map[string]kind.Range{
		"": {}, "5": {Low: 5, Likely: 5, High: 5}, "2..10": {Low: 2, High: 10}, "2..5..10": {Low: 2, Likely: 5, High: 10}, "-3..-1": {Low: -3, High: -1},
		" 0.1 .. 1,000 ": {Low: 0.1, High: 1000}, "0..0..3": {Low: 0, High: 3},
	} {
		if got, err := kind.ParseRange(text); err != nil || got != want {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"10..2", "2..20..10", "..", "1..", "a..b", "1..2..3..4", "NaN", "1..Inf", "1-2"} {
		if got, err := kind.ParseRange(text); err == nil {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
	for _, text := range []string{`{"low":3,"high":1}`, `{"low":"x"}`, `{"min":1}`, `[1,2]`, `true`, `{"low":1`, `"2..1"`} {
		var r kind.Range
		if err := json.Unmarshal([]byte(text), &r); err == nil {
			t.Errorf("%s was read as %+v", text, r)
		}
	}
	for _, r := range []kind.Range{{Low: math.NaN()}, {High: math.Inf(1)}, {Low: 1, Likely: 5, High: 2}} {
		if r.Check() == nil {
			t.Errorf("%+v passes", r)
		}
	}
}

func TestDecodeNamesEveryFieldThatIsWrong(t *testing.T) {
	err := isms.Risks.Decode(&isms.Risk{}, []byte(`{"title":5,"titel":"x","status":"unheard","events":{"low":3,"high":1},"labels":"one","version":"ignored","appetite_of_dragons":1}`))
	var got []string
	for _, f := range kind.FieldsOf(err) {
		if f.Message == "" || strings.HasPrefix(f.Message, f.Field+":") {
			t.Errorf("%s: %q", f.Field, f.Message)
		}
		got = append(got, f.Field)
	}
	if want := []string{"appetite_of_dragons", "events", "labels", "status", "titel", "title"}; !slices.Equal(got, want) {
		t.Errorf("complains about %v, want %v", got, want)
	}
	if !strings.Contains(err.Error(), "did you mean title?") {
		t.Errorf("suggests nothing: %v", err)
	}
	p := &isms.Person{Base: kind.Base{Title: "Ada", ID: "p1", Labels: []string{"kept"}}}
	if err := isms.People.Decode(p, []byte(`{"password_hash":"x"}`)); kind.CodeOf(err) != kind.Invalid || strings.Contains(err.Error(), "did you mean") {
		t.Errorf("a hidden field: %v", err)
	}
	if err := isms.People.Decode(p, []byte(`{"id":"other","created_by":"other","email":null,"title":"Ada L."}`)); err != nil || p.ID != "p1" || p.CreatedBy != "" || p.Title != "Ada L." || p.Labels[0] != "kept" {
		t.Errorf("%+v, %v", p, err)
	}
	for _, text := range []string{"", "null", "[]", "5", "{", `{"title":"x"} {}`, `{"title":"x"}x`, strings.Repeat("[", 100_000), strings.Repeat(`{"a":`, 100_000)} {
		if err := isms.Risks.Decode(&isms.Risk{}, []byte(text)); kind.CodeOf(err) != kind.Invalid {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func TestAQueryIsReadFromAnAddress(t *testing.T) {
	for text, want := range map[string]kind.Query{
		"":                                {},
		"sort=-title&q=ransom&count=true": {Sort: "-title", Search: "ransom", Count: true},
		"page[cursor]=abc&page[limit]=7":  {Cursor: "abc", Limit: 7},
		"deleted=true":                    {Deleted: true},
		"filter[status]=open, closed":     {Filters: []kind.Filter{{Field: "status", Op: kind.Is, Values: []string{"open", "closed"}}}},
		"filter[status]=open&filter[status]=closed": {Filters: []kind.Filter{{Field: "status", Op: kind.Is, Values: []string{"open", "closed"}}}},
		"filter[title][contains]=a,b":               {Filters: []kind.Filter{{Field: "title", Op: kind.Contains, Values: []string{"a,b"}}}},
		"filter[status]=":                           {},
		"filter[owner_id][empty]=true":              {Filters: []kind.Filter{{Field: "owner_id", Op: kind.Empty, Values: []string{"true"}}}},
		"view=board":                                {},
	} {
		v, err := url.ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := kind.ParseQuery(isms.Risks, v, "view")
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	for text, fields := range map[string]string{
		"sort=-":                                   "sort",
		"sort=nothing":                             "sort",
		"sort=labels":                              "sort",
		"page[limit]=0x10":                         "page[limit]",
		"page[limit]=1001":                         "page[limit]",
		"page[limit]=-1":                           "page[limit]",
		"nonsense=1":                               "nonsense",
		"filter[nothing]=1":                        "filter[nothing]",
		"filter[status]=unheard":                   "filter[status]",
		"filter[status][like]=open":                "filter[status]",
		"filter[version][contains]=1":              "filter[version]",
		"filter[labels][lt]=a":                     "filter[labels]",
		"filter[version]=many":                     "filter[version]",
		"filter[created_at][lt]=soon":              "filter[created_at]",
		"filter[title]=a%00b":                      "filter[title]",
		"filter[title]=%FF":                        "filter[title]",
		"filter[key]=" + strings.Repeat("a,", 501): "filter[key]",
		"sort=nothing&filter[nothing]=1":           "filter[nothing] sort",
		"nonsense=1&page[limit]=x":                 "nonsense page[limit]",
	} {
		v, err := url.ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = kind.ParseQuery(isms.Risks, v)
		var got []string
		for _, f := range kind.FieldsOf(err) {
			got = append(got, f.Field)
		}
		if strings.Join(got, " ") != fields {
			t.Errorf("%.60q: complains about %v: %v", text, got, err)
		}
	}
}

func TestASlugIsAKey(t *testing.T) {
	for title, want := range map[string]string{
		"Ransomware": "ransomware", "  Größe & Übermut ": "groesse-uebermut", "ISO/IEC 27001:2022": "iso-iec-27001-2022", "漢字": "", "---": "", "a--b": "a-b", "Çé ñ": "ce-n",
	} {
		if got := kind.Slug(title); got != want {
			t.Errorf("%q becomes %q", title, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := kind.Slug(rapid.String().Draw(t, "title"))
		if len(s) > 60 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || strings.HasPrefix(s, "-") || strings.HasSuffix(s, "-") || strings.Contains(s, "--") || kind.Slug(s) != s {
			t.Errorf("%q", s)
		}
	})
}

func TestDistanceIsADistance(t *testing.T) {
	for pair, want := range map[[2]string]int{{"", ""}: 0, {"", "abc"}: 3, {"title", "titel"}: 1, {"title", "tile"}: 1, {"kitten", "sitting"}: 3} {
		if got := kind.Distance(pair[0], pair[1]); got != want {
			t.Errorf("%v: %d", pair, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringN(0, 12, 20)
		a, b := s.Draw(t, "a"), s.Draw(t, "b")
		d := kind.Distance(a, b)
		if d != kind.Distance(b, a) || (d == 0) != (a == b) || d > max(len(a), len(b)) || d < max(len(a), len(b))-min(len(a), len(b)) {
			t.Errorf("%q, %q: %d", a, b, d)
		}
	})
}

func TestAKindThatDoesNotExistIsSuggested(t *testing.T) {
	for name, want := range map[string]string{"rsik": "risk", "asests": "assets", "unicorn-herd": ""} {
		_, err := isms.Registry.Find(name)
		if kind.CodeOf(err) != kind.NotFound || want != "" && !strings.Contains(err.Error(), "did you mean "+want) || want == "" && strings.Contains(err.Error(), "did you mean") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"title":"x","labels":["a"],"events":{"low":1,"likely":2,"high":3}}`, `{"events":"1..2","loss_now":5}`, `{"status":"open","due":"2026-01-01"}`, `{"title":null}`, `{"a":{"b":[]}}`, `{"asset_value":1e308}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, k := range []*kind.Kind{isms.Risks, isms.People, isms.Findings} {
			r := k.New()
			if err := k.Decode(r, []byte(text)); err != nil {
				if kind.CodeOf(err) != kind.Invalid {
					t.Errorf("%v", err)
				}
				continue
			}
			k.Prepare(r)
			if k.Validate(r) != nil {
				continue
			}
			data, err := k.Encode(r)
			if err != nil {
				t.Fatal(err)
			}
			again := k.New()
			if err := k.Decode(again, data); err != nil {
				t.Fatalf("%v in %s", err, data)
			}
			for _, f := range k.Fields {
				if !f.Computed && !f.Hidden && !f.Equal(r, again) {
					t.Errorf("%s: %v became %v", f.Name, f.Of(r), f.Of(again))
				}
			}
		}
	})
}

func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{"sort=-title&q=x&page[limit]=3", "filter[status][not]=open,closed", "filter[due][lt]=2026-01-01&filter[a", "filter[=1", "filter[][]=", "sort=-", "page[limit]=99999999999999999999", "filter[events][gt]=1e3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		for _, k := range []*kind.Kind{isms.Risks, isms.Findings} {
			q, err := kind.ParseQuery(k, v)
			if err != nil {
				if kind.CodeOf(err) != kind.Invalid || len(kind.FieldsOf(err)) == 0 {
					t.Errorf("%s: %v", kind.CodeOf(err), err)
				}
				continue
			}
			if q.Limit < 0 || q.Limit > kind.MaxLimit {
				t.Errorf("limit %d", q.Limit)
			}
			for _, filter := range q.Filters {
				if field := k.Field(filter.Field); field == nil || field.Hidden || len(filter.Values) == 0 {
					t.Errorf("the filter %+v was let through", filter)
				}
			}
			if err := q.Check(k); err != nil {
				t.Errorf("read, but does not hold: %v", err)
			}
		}
	})
}

// A value that passes Validate can be stored and journalled: no float that is none.
func TestNumbersThatAreNoneAreRefused(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		fd := &isms.Finding{Base: kind.Base{Title: "x"}, AssetID: "a", VulnerabilityID: "v", Severity: "high", EPSS: bad}
		if err := isms.Findings.Validate(fd); !strings.Contains(fmt.Sprint(err), "epss") {
			t.Errorf("%v: %v", bad, err)
		}
	}
	fd := &isms.Finding{Base: kind.Base{Title: "x"}, AssetID: "a", VulnerabilityID: "v", Severity: "high", FirstSeen: time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)}
	if err := isms.Findings.Validate(fd); !strings.Contains(fmt.Sprint(err), "first_seen") {
		t.Errorf("a time that cannot be stored: %v", err)
	}
}

// What is kept of a time is what a database keeps, so that saving tells the truth.
func TestTimesAreAsExactAsTheyAreStored(t *testing.T) {
	at := time.Date(2026, 3, 2, 10, 0, 0, 123456789, time.FixedZone("CET", 3600))
	fd := &isms.Finding{FirstSeen: at}
	isms.Findings.Prepare(fd)
	if want := time.Date(2026, 3, 2, 9, 0, 0, 123456000, time.UTC); !fd.FirstSeen.Equal(want) || fd.FirstSeen.Location() != time.UTC {
		t.Errorf("%s", fd.FirstSeen)
	}
}
