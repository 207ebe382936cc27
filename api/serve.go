package api

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"holdfast/access"
	"holdfast/kind"
)

// guard is around every request: no answer is kept by others, shown in a frame or
// taken for another type, and a panic ends one request only.
func (a *api) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { //nolint:errorlint // returned as it is, never wrapped
					panic(p)
				}
				a.Log.Error("api: panic", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
				a.fail(w, r, kind.Errorf(kind.Internal, "panic"))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// open serves what everybody may see, counted by address.
func (a *api) open(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := a.limits.take(w, "from "+address(r)); err != nil {
			a.fail(w, r, err)
			return
		}
		if err := h(w, r); err != nil {
			a.fail(w, r, err)
		}
	})
}

// signedIn finds out who asks, counts the request, and calls the handler with the
// actor in the context.
func (a *api) signedIn(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		actor, caller, err := a.who(r)
		if err != nil {
			caller = "from " + address(r)
		}
		if limited := a.limits.take(w, caller); limited != nil {
			err = limited
		}
		if err == nil {
			actor.Via = cmp.Or(actor.Via, "api")
			err = h(w, r.WithContext(access.With(r.Context(), actor)))
		}
		if err != nil {
			a.fail(w, r, err)
		}
	})
}

// who returns the actor behind a token or a session, and a name by which its
// requests are counted. A browser sends its cookie along to us from other sites
// too, so a write with a cookie must come from our own pages.
func (a *api) who(r *http.Request) (access.Actor, string, error) {
	if auth := r.Header.Get("Authorization"); auth != "" {
		scheme, token, _ := strings.Cut(auth, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return access.Actor{}, "", kind.Errorf(kind.Unauthenticated, "the header Authorization must be: Bearer TOKEN")
		}
		actor, err := a.App.ByToken(r.Context(), strings.TrimSpace(token), addressOf(r))
		sum := sha256.Sum256([]byte(token))
		return actor, "token " + hex.EncodeToString(sum[:8]), err
	}
	if a.Session == nil {
		return access.Actor{}, "", kind.Errorf(kind.Unauthenticated, "send the header Authorization: Bearer TOKEN; people make tokens under their account")
	}
	actor, err := a.Session(r)
	if err != nil {
		return actor, "", err
	}
	if err := a.cross.Check(r); err != nil {
		return actor, "", refuse(http.StatusForbidden, "cross_origin", "From another site", "the request came from a page of another site: "+err.Error())
	}
	return actor, "person " + actor.Workspace + " " + actor.ID, nil
}

// address is the network address of the caller.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// params reads the query of a request that knows only these parameters. What
// nobody knows is an error: a misspelt filter must not return everything.
func params(r *http.Request, known ...string) (url.Values, error) {
	v, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, string(kind.Invalid), titles[kind.Invalid], "the query of the address cannot be read: "+err.Error())
	}
	var bad []kind.FieldError
	for name := range v {
		if !slices.Contains(known, name) {
			bad = append(bad, kind.FieldError{Field: name, Message: "is not a parameter of this address"})
		}
	}
	if bad != nil {
		return nil, kind.InvalidFields(bad)
	}
	return v, nil
}

// kindOf finds the kind of the path.
func (a *api) kindOf(r *http.Request) (*kind.Kind, error) {
	return a.plural(r.PathValue("plural"))
}

func (a *api) plural(name string) (*kind.Kind, error) {
	k, err := a.reg.Find(name)
	if err != nil {
		return nil, err
	}
	if k.Plural != name {
		return nil, kind.Errorf(kind.NotFound, "write %s in the plural: %s/%s", k.Name, Prefix, k.Plural)
	}
	return k, nil
}

func (a *api) nowhere(_ http.ResponseWriter, r *http.Request) error {
	return kind.Errorf(kind.NotFound, "%s %s is not served; see %s/openapi.json", r.Method, r.URL.Path, Prefix)
}

// number reads a whole number between limits from the query.
func number(v url.Values, name string, usual, most int) (int, error) {
	text := v.Get(name)
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, kind.Fieldf(name, "must be a number from 1 to %d", most)
	}
	return n, nil
}

// addressOf is the network address of the caller; the zero address when it has none.
func addressOf(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr()
}
