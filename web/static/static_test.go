package static

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func TestHashedNameFollowsTheContent(t *testing.T) {
	one := read(fstest.MapFS{"app.css": {Data: []byte("a{}")}, ".gitkeep": {}})
	two := read(fstest.MapFS{"app.css": {Data: []byte("b{}")}})
	if one.byName["app.css"].hashed == two.byName["app.css"].hashed {
		t.Error("other content has the same name: browsers would keep the old file for ever")
	}
	if len(one.byName) != 1 {
		t.Errorf("%d files, want only app.css: a file that starts with a dot is not ours to serve", len(one.byName))
	}
}

func TestMissingFileIsNotFoundAndKeepsItsPlainPath(t *testing.T) {
	if got := Asset("no-such.css"); got != "/static/no-such.css" {
		t.Errorf("Asset = %q", got)
	}
	for _, path := range []string{"/static/no-such.css", "/static/", "/static/../static.go", "/static/.gitkeep"} {
		if got := get(t, path, nil).Code; got != http.StatusNotFound {
			t.Errorf("%s answers %d, want 404", path, got)
		}
	}
}

func TestOnlyReadingIsAllowed(t *testing.T) {
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/static/app.css", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST answers %d", w.Code)
	}
}

func TestBuiltFileIsServedForEverUnderItsHash(t *testing.T) {
	if !Built() {
		t.Skip("web/static/dist is empty: run `npm ci && npm run build` first")
	}
	hashed := get(t, Asset("app.css"), nil)
	if got := hashed.Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Errorf("Cache-Control = %q", got)
	}
	plain := get(t, "/static/app.css", nil)
	if got := plain.Header().Get("Cache-Control"); got != "no-cache" {
		t.Errorf("the plain name may be kept: Cache-Control = %q", got)
	}
	if got := plain.Header().Get("Content-Type"); got != "text/css; charset=utf-8" {
		t.Errorf("Content-Type = %q", got)
	}
	again := get(t, Asset("app.css"), map[string]string{"If-None-Match": hashed.Header().Get("ETag")})
	if again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("the same file again: %d with %d bytes", again.Code, again.Body.Len())
	}
}

func TestCompressedAndPlainAreTheSameFile(t *testing.T) {
	if !Built() {
		t.Skip("web/static/dist is empty: run `npm ci && npm run build` first")
	}
	for _, name := range []string{"app.css", "app.js", "icon.svg"} {
		plain := get(t, Asset(name), nil).Body.String()
		zipped := get(t, Asset(name), map[string]string{"Accept-Encoding": "br, gzip"})
		if zipped.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is not compressed", name)
			continue
		}
		z, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(z)
		if err != nil || string(got) != plain {
			t.Errorf("%s: the compressed file differs (%v)", name, err)
		}
		t.Logf("%s: %d bytes, %s compressed", name, len(plain), zipped.Header().Get("Content-Length"))
	}
}

// The budget of a page: what every visitor loads once. Raise it knowingly.
func TestStyleSheetAndScriptStayWithinTheirBudget(t *testing.T) {
	if !Built() {
		t.Skip("web/static/dist is empty: run `npm ci && npm run build` first")
	}
	for name, limit := range map[string]int{"app.css": 20 << 10, "app.js": 24 << 10} {
		if got := len(catalogue().byName[name].zipped); got > limit {
			t.Errorf("%s has %d bytes compressed, the budget is %d", name, got, limit)
		}
	}
}

func TestStyleSheetLoadsNothingElse(t *testing.T) {
	if !Built() {
		t.Skip("web/static/dist is empty: run `npm ci && npm run build` first")
	}
	css := string(catalogue().byName["app.css"].plain)
	for _, foreign := range []string{"url(http", "@import", "url(data:"} {
		if strings.Contains(css, foreign) {
			t.Errorf("the style sheet loads %q, which the content security policy refuses", foreign)
		}
	}
}

func get(t *testing.T, path string, header map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.URL.Path = path
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}
