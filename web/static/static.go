// Package static holds the style sheet and the script of the web interface,
// built by esbuild from src into dist and embedded into the binary.
//
// Every file has a second, content-addressed name (app.1f2e3d4c5b6a.css). Pages
// link to that one, so a browser may keep it for ever and still gets the new
// file with the next release.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed all:dist
var embedded embed.FS

// Prefix is the path under which Handler serves.
const Prefix = "/static/"

// FS returns the built files, without the dist folder in their names. A fresh
// clone holds none until `make assets` has run; see Built.
func FS() fs.FS {
	sub, err := fs.Sub(embedded, "dist")
	if err != nil {
		panic("static: dist is embedded, yet cannot be opened: " + err.Error())
	}
	return sub
}

// Built says whether the style sheet and the script are in the binary. The
// server warns loudly when they are not; pages then work, unstyled.
func Built() bool {
	_, css := catalogue().byName["app.css"]
	_, js := catalogue().byName["app.js"]
	return css && js
}

// Asset returns the content-addressed URL path of a built file, for example
// Asset("app.css") = "/static/app.1f2e3d4c5b6a.css". A name that was not built
// returns its plain path, which answers 404.
func Asset(name string) string {
	if f, ok := catalogue().byName[name]; ok {
		return Prefix + f.hashed
	}
	return Prefix + name
}

// Handler serves the built files below Prefix. A content-addressed name may be
// cached for ever; a plain name must be revalidated. Text is sent gzipped to
// whoever accepts it.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "static files are read only", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(r.URL.Path, Prefix)
		c := catalogue()
		f, immutable := c.byHash[name]
		if !immutable {
			var ok bool
			if f, ok = c.byName[name]; !ok {
				http.NotFound(w, r)
				return
			}
		}
		f.serve(w, r, immutable)
	})
}

// An asset is one built file, hashed and compressed once.
type asset struct {
	hashed string // name with the hash before its extension
	mime   string
	etag   string
	plain  []byte
	zipped []byte // nil when compression does not pay
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request, immutable bool) {
	h := w.Header()
	h.Set("Content-Type", a.mime)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("ETag", a.etag)
	h.Set("Vary", "Accept-Encoding")
	if immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	if r.Header.Get("If-None-Match") == a.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := a.plain
	if a.zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = a.zipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the reader has gone: nobody is left to tell
}

type index struct {
	byName map[string]*asset
	byHash map[string]*asset
}

var catalogue = sync.OnceValue(func() *index { return read(FS()) })

func read(files fs.FS) *index {
	c := &index{byName: map[string]*asset{}, byHash: map[string]*asset{}}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		a := newAsset(name, body)
		c.byName[name], c.byHash[a.hashed] = a, a
		return nil
	})
	if err != nil {
		panic("static: the embedded files cannot be read: " + err.Error())
	}
	return c
}

func newAsset(name string, body []byte) *asset {
	sum := sha256.Sum256(body)
	hash, ext := hex.EncodeToString(sum[:6]), path.Ext(name)
	return &asset{
		hashed: strings.TrimSuffix(name, ext) + "." + hash + ext,
		mime:   contentType(ext),
		etag:   `"` + hash + `"`,
		plain:  body,
		zipped: compress(body),
	}
}

// contentType does not ask the operating system for the types we serve, so that
// they are the same everywhere.
func contentType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	if t := mime.TypeByExtension(ext); t != "" {
		return t
	}
	return "application/octet-stream"
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err = z.Write(body); err == nil {
		err = z.Close()
	}
	if err != nil || b.Len() >= len(body) {
		return nil
	}
	return b.Bytes()
}
