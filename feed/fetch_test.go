package feed

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A publisher serves one source and counts what it was asked.
type publisher struct {
	*httptest.Server
	mu      sync.Mutex
	body    string
	etag    string
	status  int
	cut     bool
	asked   int
	sent    int
	headers http.Header
}

func publish(t *testing.T, body, etag string) *publisher {
	t.Helper()
	p := &publisher{body: body, etag: etag, status: http.StatusOK}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	p.headers = r.Header
	if p.etag != "" && r.Header.Get("If-None-Match") == p.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	p.sent++
	w.Header().Set("ETag", p.etag)
	w.Header().Set("Last-Modified", "Wed, 01 May 2024 00:00:00 GMT")
	w.Header().Set("Content-Length", fmt.Sprint(len(p.body)))
	w.WriteHeader(p.status)
	if p.cut {
		_, _ = w.Write([]byte(p.body[:len(p.body)/2]))
		return
	}
	_, _ = w.Write([]byte(p.body))
}

func (p *publisher) source(name string, kind SourceKind) Source {
	return Source{Name: name, Kind: kind, URL: p.URL + "/" + name}
}

func (p *publisher) client() *http.Client { return NewClient(strings.TrimPrefix(p.URL, "http://")) }

func TestAFetchedSourceIsIndexedAndAskedForOnlyWhenItChanges(t *testing.T) {
	dir := t.TempDir()
	p := publish(t, zipOf(t, "a.json", record1("X-1", "npm", "p", "1.0.0", "")), `"one"`)
	sources := []Source{p.source("osv-npm.zip", Advisories)}
	var steps []string
	tell := func(step string, _, _ int) { steps = append(steps, step) }

	got, err := Fetch(context.Background(), dir, sources, p.client(), tell)
	if err != nil || !got[0].Changed || got[0].Entries != 1 || got[0].Bytes != int64(len(p.body)) {
		t.Fatalf("%+v, %v", got, err)
	}
	x := open(t, dir)
	if len(ids(x, "npm", "p")) != 1 || len(x.Stats().Notes) != 0 {
		t.Errorf("the index was not made by the fetch: %v", x.Stats().Notes)
	}
	if all := strings.Join(steps, " "); !strings.Contains(all, "fetching osv-npm.zip") || !strings.Contains(all, "reading advisories") {
		t.Errorf("told %q", all)
	}

	got, err = Fetch(context.Background(), dir, sources, p.client(), nil)
	if err != nil || got[0].Changed || p.sent != 1 || p.asked != 2 {
		t.Errorf("asked %d, sent %d: %+v, %v", p.asked, p.sent, got, err)
	}

	p.body, p.etag = zipOf(t, "a.json", record1("X-1", "npm", "p", "1.0.1", "")), `"two"`
	if got, err = Fetch(context.Background(), dir, sources, p.client(), nil); err != nil || !got[0].Changed {
		t.Errorf("%+v, %v", got, err)
	}
	if now := ids(open(t, dir), "npm", "p"); now[0] != "X-1 introduced=0 fixed=1.0.1" {
		t.Errorf("%v", now)
	}
	if old := ids(x, "npm", "p"); old[0] != "X-1 introduced=0 fixed=1.0.0" {
		t.Errorf("the index that is in use changed under its reader: %v", old)
	}

	if err := os.Remove(filepath.Join(sourcesFolder(dir), "osv-npm.zip")); err != nil {
		t.Fatal(err)
	}
	if got, err = Fetch(context.Background(), dir, sources, p.client(), nil); err != nil || !got[0].Changed {
		t.Errorf("a source that was removed must be fetched in full: %+v, %v", got, err)
	}
}

func TestABrokenDownloadChangesNothing(t *testing.T) {
	good := zipOf(t, "a.json", record1("X-1", "npm", "p", "1.0.0", ""))
	for name, spoil := range map[string]func(*publisher){
		"cut on the way":     func(p *publisher) { p.cut = true },
		"cut at the source":  func(p *publisher) { p.body = p.body[:len(p.body)/2] },
		"not found":          func(p *publisher) { p.status = http.StatusNotFound },
		"a page of a portal": func(p *publisher) { p.body = "<html>sign in</html>" },
		"nothing in it":      func(p *publisher) { p.body = zipOf(t, "readme.txt", "hello") },
		"mostly unreadable": func(p *publisher) {
			p.body = zipOf(t, "a.json", record1("X-9", "npm", "p", "9", ""), "b.json", "{", "c.json", "{")
		},
		"another kind of data": func(p *publisher) {
			p.body = zipOf(t, "kev.json", `{"catalogVersion":"1","vulnerabilities":[{"cveID":"CVE-2024-1"}]}`)
		},
	} {
		dir := t.TempDir()
		p := publish(t, good, "")
		sources := []Source{p.source("osv-npm.zip", Advisories)}
		if _, err := Fetch(context.Background(), dir, sources, p.client(), nil); err != nil {
			t.Fatal(err)
		}
		spoil(p)
		got, err := Fetch(context.Background(), dir, sources, p.client(), nil)
		if err == nil || got[0].Err == nil || got[0].Changed || !strings.Contains(err.Error(), "osv-npm.zip") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if now := ids(open(t, dir), "npm", "p"); len(now) != 1 || now[0] != "X-1 introduced=0 fixed=1.0.0" {
			t.Errorf("%s: the old advisories are gone: %v", name, now)
		}
		if entries, _ := os.ReadDir(sourcesFolder(dir)); len(entries) != 1 {
			t.Errorf("%s: left behind %v", name, entries)
		}
	}
}

func TestOneFailingSourceDoesNotStopTheOthers(t *testing.T) {
	dir := t.TempDir()
	good := publish(t, gzipOf(t, "cve,epss,percentile\nCVE-2024-1,0.5,0.9\n"), "")
	bad := publish(t, "", "")
	bad.status = http.StatusInternalServerError
	client := NewClient(strings.TrimPrefix(good.URL, "http://"), strings.TrimPrefix(bad.URL, "http://"))
	got, err := Fetch(context.Background(), dir, []Source{bad.source("kev.json", KnownExploit), good.source("epss.csv.gz", Predictions)}, client, nil)
	if err == nil || got[0].Err == nil || got[1].Err != nil || !got[1].Changed {
		t.Errorf("%+v, %v", got, err)
	}
	if p := open(t, dir).Enrich("CVE-2024-1").EPSS; p != 0.5 {
		t.Errorf("EPSS %v", p)
	}
}

func TestPrivateAddressesAndPlainHTTPAreRefused(t *testing.T) {
	p := publish(t, record1("X-1", "npm", "p", "1.0.0", ""), "")
	secure := httptest.NewTLSServer(p)
	t.Cleanup(secure.Close)
	for _, url := range []string{p.URL + "/a.json", secure.URL + "/a.json", "http://example.org/a.json", "ftp://example.org/a.json"} {
		got, err := Fetch(context.Background(), t.TempDir(), []Source{{Name: "a.json", Kind: Advisories, URL: url}}, nil, nil)
		if !errors.Is(err, ErrForbiddenAddress) {
			t.Errorf("%s: %+v, %v", url, got, err)
		}
	}
	if p.asked != 0 {
		t.Errorf("the server was asked %d times", p.asked)
	}
}

func TestARedirectToAPrivateAddressIsRefused(t *testing.T) {
	inside := publish(t, record1("X-1", "npm", "p", "1.0.0", ""), "")
	outside := httptest.NewServer(http.RedirectHandler(inside.URL+"/a.json", http.StatusFound))
	t.Cleanup(outside.Close)
	client := NewClient(strings.TrimPrefix(outside.URL, "http://"))
	_, err := Fetch(context.Background(), t.TempDir(), []Source{{Name: "a.json", Kind: Advisories, URL: outside.URL}}, client, nil)
	if !errors.Is(err, ErrForbiddenAddress) || inside.asked != 0 {
		t.Errorf("asked %d times: %v", inside.asked, err)
	}
}

func TestOnlyPublicAddressesArePublic(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700:4700::1111": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "224.0.0.1": false, "255.255.255.255": false, "::1": false, "fe80::1": false, "fd00::1": false, "::": false,
		"::ffff:127.0.0.1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "198.18.0.1": false,
	} {
		if got := isPublic(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: public %v, want %v", address, got, want)
		}
	}
}

func TestANameThatLeadsOutOfTheFolderIsRefused(t *testing.T) {
	p := publish(t, record1("X-1", "npm", "p", "1.0.0", ""), "")
	for _, name := range []string{"", "..", "../a.json", "a/b.json", ".hidden", `a\b.json`, "/etc/a.json"} {
		_, err := Fetch(context.Background(), t.TempDir(), []Source{{Name: name, Kind: Advisories, URL: p.URL}}, p.client(), nil)
		if err == nil || p.asked != 0 {
			t.Errorf("%q was fetched: %v", name, err)
		}
	}
}

func TestACancelledFetchStops(t *testing.T) {
	p := publish(t, record1("X-1", "npm", "p", "1.0.0", ""), "")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Fetch(ctx, t.TempDir(), []Source{p.source("a.json", Advisories)}, p.client(), nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestADownloadThatStandsStillIsGivenUp(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("PK"))
		w.(http.Flusher).Flush()
		<-release
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	dir := folder(t)
	if err := os.MkdirAll(sourcesFolder(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	f := fetcher{dir: dir, client: NewClient(strings.TrimPrefix(server.URL, "http://")), stall: 50 * time.Millisecond}
	got := f.fetch(context.Background(), Source{Name: "a.zip", Kind: Advisories, URL: server.URL})
	if !errors.Is(got.Err, errStalled) {
		t.Errorf("got %v", got.Err)
	}
}

func TestTheKnownSourcesAreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Sources() {
		if err := checkSource(s); err != nil {
			t.Error(err)
		}
		if seen[s.Name] || s.Title == "" || !strings.HasPrefix(s.URL, "https://") || strings.ContainsAny(s.URL, " ") {
			t.Errorf("%+v", s)
		}
		seen[s.Name] = true
	}
	if n := len(DefaultSources()); n < 10 || n >= len(seen) {
		t.Errorf("%d of %d are defaults", n, len(seen))
	}
}
