package server

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/app"
	"holdfast/feed"
	"holdfast/isms"
	"holdfast/kind"
)

func TestASourceOfIndicatorsIsFetchedGoesOnWhereItEndedAndShowsWhatIsWrong(t *testing.T) {
	l, as, _, _ := alarmed(t)
	broken, asked := false, []string{}
	taxii := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		w.Header().Set("Content-Type", "application/taxii+json;version=2.1")
		switch {
		case broken || password != "a word of the test":
			w.WriteHeader(http.StatusUnauthorized)
		case strings.HasSuffix(r.URL.Path, "/objects/"):
			asked = append(asked, r.FormValue("added_after"))
			if r.FormValue("added_after") != "" {
				_, _ = io.WriteString(w, `{}`)
				return
			}
			w.Header().Set("X-TAXII-Date-Added-Last", "2026-01-05T00:00:00.000001Z")
			_, _ = fmt.Fprintf(w, `{"objects": [{"type": "indicator", "id": "indicator--1", "pattern_type": "stix", "valid_from": %q, "pattern": "[domain-name:value = 'bad.bad-place.com']"}]}`, kind.FormatTime(l.App.Now()))
		default:
			_, _ = io.WriteString(w, `{"id": "marks", "title": "Marks", "can_read": true}`)
		}
	}))
	t.Cleanup(taxii.Close)
	t.Setenv("HOLDFAST_TEST_CERT", "a word of the test")
	file := "sources:\n  - {name: CERT, kind: taxii, url: " + taxii.URL + "/api/collections/marks/, user: ada, password_env: HOLDFAST_TEST_CERT, every: 1, severity: high, private: true}\n"
	if err := os.WriteFile(l.Place.TellersFile(), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	due := func(want int) {
		t.Helper()
		spaces, err := l.App.Workspaces(as)
		if err != nil {
			t.Fatal(err)
		}
		list, err := l.tellersDue(as, spaces[0].ID, spaces[0].Slug)
		if err != nil || len(list) != want {
			t.Fatalf("%d are due, want %d: %v", len(list), want, err)
		}
		for _, r := range list {
			if _, err := l.App.Enqueue(as, r); err != nil {
				t.Fatal(err)
			}
		}
	}
	feeds := func() string {
		t.Helper()
		list, err := l.IndicatorFeeds(as)
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v: %v", list, err)
		}
		return fmt.Sprintf("%s: %d read, %d new, %s", list[0].Name, list[0].Read, list[0].Created, list[0].Trouble)
	}
	broken = true
	due(1)
	work(t, l)
	if got := feeds(); !strings.Contains(got, "wants a user with a password") || strings.Contains(got, "a word of the test") {
		t.Errorf("a failure is not shown, or tells the password: %s", got)
	}
	broken = false
	due(0 + 1) // still due: what failed is asked for again
	if _, err := l.App.Enqueue(as, app.Request{Name: JobIndicators, Title: "again", Payload: "CERT"}); err != nil {
		t.Fatal(err)
	}
	work(t, l)
	if got := feeds(); got != "CERT: 1 read, 1 new, " {
		t.Errorf("%s", got)
	}
	list, err := app.Of[isms.ThreatIndicator](l.App, isms.ThreatIndicators).All(as, kind.Query{})
	if err != nil || len(list) != 1 || list[0].Source != "CERT" || list[0].Severity != isms.SeverityHigh || list[0].Value != "bad.bad-place.com" {
		t.Fatalf("%+v: %v", list, err)
	}
	due(0)
	if _, err := l.App.Enqueue(as, app.Request{Name: JobIndicators, Title: "once more", Payload: "CERT"}); err != nil {
		t.Fatal(err)
	}
	work(t, l)
	if last := asked[len(asked)-1]; last != "2026-01-05T00:00:00.000001Z" {
		t.Errorf("asked for everything again: %q", asked)
	}
}

func TestASourceIsFetchedWhenSomebodyAsksAndTheDoctorLooksAtAll(t *testing.T) {
	l, as, _, _ := alarmed(t)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer a word of the test" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, "type,value\ndomain,bad.bad-place.com\n")
	}))
	t.Cleanup(web.Close)
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(l.Place.TellersFile(), []byte("sources:\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	says := func() string {
		t.Helper()
		list, err := l.examineTellers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(list)
	}
	if got := says(); got != "[]" {
		t.Errorf("without a file the doctor says %s", got)
	}
	write("  - {name: A list, kind: url, url: " + web.URL + "/list.csv, token_env: HOLDFAST_TEST_LIST, every: 1, private: true}\n  - {name: Lost, kind: url, url: \"https://x.example/\", workspace: nowhere}\n")
	if got := says(); !strings.Contains(got, "HOLDFAST_TEST_LIST is empty") || !strings.Contains(got, "not asked yet") || !strings.Contains(got, `no workspace "nowhere"`) {
		t.Errorf("the doctor says %s", got)
	}
	t.Setenv("HOLDFAST_TEST_LIST", "a word of the test")
	for name, c := range map[string]struct {
		ctx  context.Context
		feed string
		want kind.Code
	}{
		"an auditor":          {with(t, as, access.Auditor), "A list", kind.Forbidden},
		"a source of another": {as, "Lost", kind.NotFound},
		"none":                {as, "None", kind.NotFound},
	} {
		if job, err := l.FetchIndicators(c.ctx, c.feed); kind.CodeOf(err) != c.want || job != "" {
			t.Errorf("%s: job %q, %v", name, job, err)
		}
	}
	job, err := l.FetchIndicators(as, "A list")
	if err != nil || job == "" {
		t.Fatalf("job %q, %v", job, err)
	}
	if again, err := l.FetchIndicators(as, "A list"); err != nil || again != "" {
		t.Errorf("the same is fetched twice at once: job %q, %v", again, err)
	}
	work(t, l)
	list, err := l.IndicatorFeeds(with(t, as, access.Auditor))
	if err != nil || len(list) != 1 || list[0].Created != 1 || list[0].Trouble != "" || !list[0].Due.After(list[0].At) || strings.Contains(fmt.Sprint(list), "a word") {
		t.Errorf("%+v, %v", list, err)
	}
	write("  - {name: A list, kind: url, url: " + web.URL + "/list.csv, token_env: HOLDFAST_TEST_LIST, every: 1, private: true}\n")
	if got := says(); got != "[]" {
		t.Errorf("when all is well the doctor says %s", got)
	}
	t.Setenv("HOLDFAST_TEST_LIST", "another word")
	if _, err := l.FetchIndicators(as, "A list"); err != nil {
		t.Fatal(err)
	}
	work(t, l)
	if got := says(); !strings.Contains(got, "the last fetch failed") || strings.Contains(got, "another word") {
		t.Errorf("after a failure the doctor says %s", got)
	}
	write("  - {name: A list, kind: nothing}\n")
	if got := says(); !strings.Contains(got, "indicators.yaml") || !strings.Contains(got, "write taxii, or url") {
		t.Errorf("of a wrong file the doctor says %s", got)
	}
}

func TestAWrongFileOfSourcesIsRefusedWithThePlace(t *testing.T) {
	for entry, want := range map[string]string{
		"{kind: taxii, url: \"https://x.example/\"}":                                                               "name: say who tells",
		"{name: A, kind: stix, url: \"https://x.example/\"}":                                                       "write taxii, or url",
		"{name: A, kind: taxii, url: x.example}":                                                                   "write an address",
		"{name: A, kind: taxii, url: \"http://x.example/\"}":                                                       "is not https",
		"{name: A, kind: taxii, url: \"https://a:b@x.example/\"}":                                                  "keep the password out",
		"{name: A, kind: taxii, url: \"https://x.example/\", user: ada}":                                           "belong together",
		"{name: A, kind: taxii, url: \"https://x.example/\", token_env: \"my secret\"}":                            "does not stand here",
		"{name: A, kind: taxii, url: \"https://x.example/\", user: a, password_env: P, token_env: T}":              "not both",
		"{name: A, kind: url, url: \"https://x.example/\", collection: c}":                                         "has collections",
		"{name: A, kind: url, url: \"https://x.example/\", every: 1000}":                                           "hours from 1 to 744",
		"{name: A, kind: url, url: \"https://x.example/\", severity: awful}":                                       "write low, medium",
		"{name: A, kind: url, url: \"https://x.example/\", password: p}":                                           "password",
		"{name: A, kind: url, url: \"https://x.example/\"}\n  - {name: A, kind: url, url: \"https://x.example/\"}": "is there already",
	} {
		if list, err := readTellers([]byte("sources:\n  - " + entry + "\n")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v; want %q", entry, list, err, want)
		}
	}
	list, err := readTellers([]byte("sources:\n  - {name: A, kind: url, url: \"https://x.example/list.csv\"}\n"))
	if err != nil || len(list) != 1 || list[0].Every != 24 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestTheExampleOfSourcesCanBeUsedAsItIs(t *testing.T) {
	if list, err := readTellers([]byte(feed.TellersExample)); err != nil || len(list) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
}

func FuzzReadTellers(f *testing.F) {
	f.Add([]byte("sources:\n  - {name: A, kind: url, url: \"https://x.example/\"}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := readTellers(data)
		for _, s := range list {
			if err == nil && s.check() != nil {
				t.Errorf("took in %+v", s)
			}
		}
	})
}
