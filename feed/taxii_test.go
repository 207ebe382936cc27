package feed

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A taxiiServer answers as section 4 and 5 of TAXII 2.1 say, from collections in memory.
type taxiiServer struct {
	*httptest.Server
	roots   []string
	shelf   map[string][]shelved // by collection
	list    []Collection
	page    int
	byTime  bool // gives no "next": the client has to page by time
	user    string
	token   string
	asked   []string
	mistake func(http.ResponseWriter) bool // answers instead
}

// A shelved is an object with when it was added.
type shelved struct {
	added  time.Time
	object json.RawMessage
}

func serveTaxii(t *testing.T) *taxiiServer {
	t.Helper()
	s := &taxiiServer{page: 2, user: "ada:lovelace", roots: []string{"/empty/", "/api/"}, shelf: map[string][]shelved{},
		list: []Collection{{ID: "closed", Title: "Closed"}, {ID: "marks", Title: "Marks", Alias: "m", CanRead: true}}}
	for i := range 5 {
		s.put("marks", time.Date(2026, 1, 1+i, 0, 0, 0, 1000, time.UTC), fmt.Sprintf(`{"type":"indicator","id":"indicator--%d"}`, i))
	}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *taxiiServer) put(collection string, added time.Time, object string) {
	s.shelf[collection] = append(s.shelf[collection], shelved{added, json.RawMessage(object)})
}

func (s *taxiiServer) teller() Teller {
	user, password, _ := strings.Cut(s.user, ":")
	return Teller{URL: s.URL + "/taxii2/", User: user, Password: password, Token: s.token, Client: NewClient("127.0.0.1")}
}

func (s *taxiiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked = append(s.asked, r.URL.RequestURI())
	user, password, _ := r.BasicAuth()
	switch {
	case s.mistake != nil && s.mistake(w):
		return
	case s.token != "" && r.Header.Get("Authorization") != "Bearer "+s.token, s.token == "" && user+":"+password != s.user:
		s.say(w, http.StatusUnauthorized, map[string]any{"title": "Who are you?"})
		return
	case r.Header.Get("Accept") != "application/taxii+json;version=2.1":
		s.say(w, http.StatusNotAcceptable, map[string]any{"title": "Not acceptable"})
		return
	}
	root, rest := "", ""
	for _, at := range s.roots {
		if after, ok := strings.CutPrefix(r.URL.Path, at); ok {
			root, rest = at, after
		}
	}
	switch {
	case r.URL.Path == "/taxii2/":
		s.say(w, http.StatusOK, map[string]any{"title": "Test", "default": s.roots[0], "api_roots": s.roots})
	case root == "":
		s.say(w, http.StatusNotFound, map[string]any{"title": "Not found"})
	case rest == "":
		s.say(w, http.StatusOK, map[string]any{"title": "Root", "versions": []string{"application/taxii+json;version=2.1"}, "max_content_length": 1 << 20})
	case root != s.roots[len(s.roots)-1]:
		s.say(w, http.StatusOK, map[string]any{})
	case rest == "collections/":
		s.say(w, http.StatusOK, map[string]any{"collections": s.list})
	default:
		s.collection(w, r, strings.TrimPrefix(rest, "collections/"))
	}
}

func (s *taxiiServer) collection(w http.ResponseWriter, r *http.Request, rest string) {
	for _, c := range s.list {
		switch {
		case rest == c.ID+"/":
			s.say(w, http.StatusOK, c)
			return
		case rest == c.ID+"/objects/" && !c.CanRead:
			s.say(w, http.StatusForbidden, map[string]any{"title": "Not for you"})
			return
		case rest == c.ID+"/objects/":
			s.objects(w, r, s.shelf[c.ID])
			return
		}
	}
	s.say(w, http.StatusNotFound, map[string]any{"title": "Not found"})
}

// objects answers with one page of what was added after an instant, the oldest first.
func (s *taxiiServer) objects(w http.ResponseWriter, r *http.Request, all []shelved) {
	after, _ := time.Parse(time.RFC3339Nano, r.FormValue("added_after"))
	var fit []shelved
	for _, o := range all {
		if o.added.After(after) {
			fit = append(fit, o)
		}
	}
	from, _ := strconv.Atoi(r.FormValue("next"))
	to := min(from+s.page, len(fit))
	answer := map[string]any{}
	if to > from {
		var objects []json.RawMessage
		for _, o := range fit[from:to] {
			objects = append(objects, o.object)
		}
		answer["objects"] = objects
		w.Header().Set("X-TAXII-Date-Added-First", fit[from].added.Format(time.RFC3339Nano))
		w.Header().Set("X-TAXII-Date-Added-Last", fit[to-1].added.Format(time.RFC3339Nano))
	}
	if to < len(fit) {
		answer["more"] = true
		if !s.byTime {
			answer["next"] = strconv.Itoa(to)
		}
	}
	s.say(w, http.StatusOK, answer)
}

func (s *taxiiServer) say(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/taxii+json;version=2.1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// objectIDs are those of the objects of a bundle, in order.
func objectIDs(t *testing.T, told Told) string {
	t.Helper()
	if told.Bundle == nil {
		return ""
	}
	var b struct {
		Type    string
		Objects []struct{ ID string }
	}
	if err := json.Unmarshal(told.Bundle, &b); err != nil || b.Type != "bundle" || len(b.Objects) != told.Objects {
		t.Fatalf("no bundle of %d: %v\n%s", told.Objects, err, told.Bundle)
	}
	var parts []string
	for _, o := range b.Objects {
		parts = append(parts, strings.TrimPrefix(o.ID, "indicator--"))
	}
	return strings.Join(parts, " ")
}

func TestAllPagesOfACollectionAreOneBundleAndTheNextTimeBringsOnlyWhatIsNew(t *testing.T) {
	for name, byTime := range map[string]bool{"by next": false, "by time": true} {
		t.Run(name, func(t *testing.T) {
			s := serveTaxii(t)
			s.byTime = byTime
			told, c, err := s.teller().Pull(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			if got := objectIDs(t, told); got != "0 1 2 3 4" || told.Pages != 3 || told.More || c.ID != "marks" {
				t.Errorf("%q in %d pages of %s", got, told.Pages, c.ID)
			}
			if told.After != "2026-01-05T00:00:00.000001Z" {
				t.Errorf("goes on after %s", told.After)
			}
			again, _, err := s.teller().Pull(t.Context(), told.After)
			if err != nil || again.Bundle != nil || again.After != told.After {
				t.Errorf("what was told came again: %s, after %s: %v", again.Bundle, again.After, err)
			}
			s.put("marks", time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), `{"type":"indicator","id":"indicator--new"}`)
			fresh, _, err := s.teller().Pull(t.Context(), told.After)
			if err != nil || objectIDs(t, fresh) != "new" || fresh.After != "2026-02-01T00:00:00Z" {
				t.Errorf("%s after %s: %v", fresh.Bundle, fresh.After, err)
			}
		})
	}
}

func TestEveryAddressOfAServerLeadsToItsCollection(t *testing.T) {
	s := serveTaxii(t)
	for _, at := range []string{"/taxii2/", "/api/", "/api/collections/", "/api/collections/marks/", "/api/collections/marks"} {
		teller := s.teller()
		teller.URL = s.URL + at
		if strings.HasSuffix(at, "marks") {
			teller.URL += "/"
		}
		told, _, err := teller.Pull(t.Context(), "")
		if err != nil || told.Objects != 5 {
			t.Errorf("%s: %d objects, %v", at, told.Objects, err)
		}
	}
	for _, name := range []string{"marks", "m", "MARKS"} {
		teller := s.teller()
		teller.Collection = name
		if _, c, err := teller.Pull(t.Context(), ""); err != nil || c.ID != "marks" {
			t.Errorf("named %q: %v, %v", name, c, err)
		}
	}
}

func TestATokenIsEnough(t *testing.T) {
	s := serveTaxii(t)
	s.token = "secret-of-the-test"
	if told, _, err := s.teller().Pull(t.Context(), ""); err != nil || told.Objects != 5 {
		t.Errorf("%d objects, %v", told.Objects, err)
	}
}

func TestWhatCannotBeFetchedIsSaidClearlyAndTellsNoSecret(t *testing.T) {
	answer := func(kind, body string) func(http.ResponseWriter) bool {
		return func(w http.ResponseWriter) bool {
			w.Header().Set("Content-Type", kind)
			_, _ = io.WriteString(w, body)
			return true
		}
	}
	cases := map[string]struct {
		change func(*taxiiServer, *Teller)
		want   string
	}{
		"a wrong password":       {func(_ *taxiiServer, e *Teller) { e.Password = "hush-hush" }, "Who are you?"},
		"an unknown collection":  {func(_ *taxiiServer, e *Teller) { e.Collection = "other" }, `no collection "other"; there are: closed (Closed), marks (Marks)`},
		"a closed collection":    {func(_ *taxiiServer, e *Teller) { e.Collection = "closed" }, "may not be read"},
		"two collections":        {func(s *taxiiServer, _ *Teller) { s.list[0].CanRead = true }, "say which collection"},
		"a page for people":      {func(s *taxiiServer, _ *Teller) { s.mistake = answer("text/html", "<p>Hello</p>") }, "is it the address of a TAXII 2.1 server?"},
		"an older TAXII":         {func(s *taxiiServer, _ *Teller) { s.mistake = answer("application/taxii+json; version=2.0", "{}") }, "version=2.0"},
		"broken JSON":            {func(s *taxiiServer, _ *Teller) { s.mistake = answer(taxiiAccept, `{"api_roots": [`) }, "is not JSON"},
		"no API root":            {func(s *taxiiServer, _ *Teller) { s.mistake = answer(taxiiAccept, `{"title": "Empty"}`) }, "names no API root"},
		"a root on another host": {func(s *taxiiServer, _ *Teller) { s.roots = []string{"https://elsewhere.example/"} }, "may not see the password"},
		"an unguarded address":   {func(_ *taxiiServer, e *Teller) { e.Client = nil }, "not https"},
		"a page without end": {func(s *taxiiServer, _ *Teller) {
			s.mistake = func(w http.ResponseWriter) bool {
				if last := s.asked[len(s.asked)-1]; !strings.Contains(last, "/objects/") {
					return false
				}
				s.say(w, http.StatusOK, map[string]any{"more": true, "next": "7"})
				return true
			}
		}, "not where"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := serveTaxii(t)
			e := s.teller()
			c.change(s, &e)
			told, _, err := e.Pull(t.Context(), "")
			if !errors.Is(err, ErrTeller) || !strings.Contains(err.Error(), c.want) || told.Bundle != nil {
				t.Fatalf("got %v, want %q; bundle %s", err, c.want, told.Bundle)
			}
			if strings.Contains(err.Error(), e.Password) {
				t.Errorf("the message tells the password: %v", err)
			}
		})
	}
}

// TestTheSampleDataOfTheReferenceServerIsRead serves the default data of Medallion, the
// reference server of OASIS, with its dates of arrival from the manifest.
func TestTheSampleDataOfTheReferenceServerIsRead(t *testing.T) {
	const data = "../../shared/data/03-threat-intel.zip"
	z, err := zip.OpenReader(data)
	if os.IsNotExist(err) {
		t.Skip("the public test data (../shared/data beside the module) is absent")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	f, err := z.Open("stix/taxii_medallion_default_data.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var sample struct {
		Group struct {
			Collections []struct {
				Collection
				Objects  []json.RawMessage
				Manifest []struct {
					ID, Version string
					Added       time.Time `json:"date_added"`
				}
			}
		} `json:"trustgroup1"`
	}
	if err := json.NewDecoder(f).Decode(&sample); err != nil {
		t.Fatal(err)
	}
	s := serveTaxii(t)
	s.list, s.shelf = nil, map[string][]shelved{}
	for _, c := range sample.Group.Collections {
		s.list = append(s.list, c.Collection)
		for _, m := range c.Manifest {
			for _, o := range c.Objects {
				var has struct{ ID, Modified, Created string }
				if err := json.Unmarshal(o, &has); err != nil {
					t.Fatal(err)
				}
				if has.ID == m.ID && (has.Modified == m.Version || has.Modified == "" && has.Created == m.Version) {
					s.put(c.ID, m.Added, string(o))
				}
			}
		}
	}
	e := s.teller()
	e.Collection = "High Value Indicator Collection"
	told, c, err := e.Pull(t.Context(), "")
	if err != nil || told.Objects != 8 || told.Pages != 4 || c.ID != "91a7b528-80eb-42ed-a74d-c6fbd5a26116" {
		t.Fatalf("%d objects in %d pages of %s: %v", told.Objects, told.Pages, c.ID, err)
	}
	if told, _, err = e.Pull(t.Context(), "2017-01-20T00:00:00.000000Z"); err != nil || told.Objects != 3 {
		t.Errorf("%d objects were added later: %v", told.Objects, err)
	}
	e.Collection = "Secret Indicators"
	if _, _, err := e.Pull(t.Context(), ""); !errors.Is(err, ErrTeller) {
		t.Errorf("what may not be read came: %v", err)
	}
}

func FuzzTaxiiAnswer(f *testing.F) {
	f.Add(`{"collections":[{"id":"a","title":"A","can_read":true}]}`)
	f.Add(`{"more":true,"next":"1","objects":[{"type":"indicator"}]}`)
	f.Add(`{"api_roots":["https://x.example/","/y/"]}`)
	var body string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", taxiiAccept)
		_, _ = io.WriteString(w, body)
	}))
	defer s.Close()
	f.Fuzz(func(t *testing.T, text string) {
		body = text
		told, _, err := Teller{URL: s.URL, Client: NewClient("127.0.0.1")}.Pull(t.Context(), "")
		if err == nil && told.Bundle != nil && !json.Valid(told.Bundle) {
			t.Errorf("made no JSON of it: %s", told.Bundle)
		}
	})
}
