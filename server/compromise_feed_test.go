package server

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"holdfast/app"
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
		list, err := l.indicatorFeeds(as)
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
