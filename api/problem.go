package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"holdfast/api/client"
	"holdfast/app"
	"holdfast/kind"
)

// A refusal is an error of HTTP, not of a record.
type refusal struct {
	status  int
	code    string
	title   string
	detail  string
	version int64 // of the stored record, when another was expected
}

func (e *refusal) Error() string { return e.detail }

func refuse(status int, code, title, detail string) error {
	return &refusal{status: status, code: code, title: title, detail: detail}
}

var titles = map[kind.Code]string{
	kind.Invalid: "The input is not as it should be", kind.NotFound: "There is no such thing", kind.Forbidden: "Not allowed",
	kind.Unauthenticated: "Not signed in", kind.Conflict: "It is not possible as things stand", kind.TooLarge: "Too large",
	kind.Unavailable: "Something we depend on does not answer", kind.Internal: "Our mistake",
}

var statuses = map[kind.Code]int{
	kind.Invalid: http.StatusUnprocessableEntity, kind.NotFound: http.StatusNotFound, kind.Forbidden: http.StatusForbidden,
	kind.Unauthenticated: http.StatusUnauthorized, kind.Conflict: http.StatusConflict, kind.TooLarge: http.StatusRequestEntityTooLarge,
	kind.Unavailable: http.StatusServiceUnavailable, kind.Internal: http.StatusInternalServerError,
}

// problemOf describes an error. conditional tells that the request named the
// version it was made for (If-Match).
func problemOf(err error, conditional bool) client.Problem {
	var ref *refusal
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &ref):
		return client.Problem{Type: about(ref.code), Title: ref.title, Status: ref.status, Detail: ref.detail, Code: ref.code, Version: ref.version}
	case errors.As(err, &large):
		err = kind.Errorf(kind.TooLarge, "the body is larger than %d bytes", large.Limit)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		err = kind.Errorf(kind.Unavailable, "the request was given up before it was done")
	}
	code := kind.CodeOf(err)
	p := client.Problem{Type: about(string(code)), Title: titles[code], Status: statuses[code], Detail: err.Error(), Code: string(code), Errors: kind.FieldsOf(err)}
	var known *kind.Error
	if errors.As(err, &known) && known.Cause != nil && (code == kind.Conflict || code == kind.Unavailable) {
		p.Detail = strings.TrimSuffix(known.Message, ": "+known.Cause.Error()) // the words of the database are for the log
	}
	if code == kind.Internal {
		p.Detail = "Something went wrong here. It is in the log of the server."
	}
	if stored, ok := app.Stored(err); ok {
		p.Version = stored.GetBase().Version
		if conditional {
			p.Type, p.Code, p.Status, p.Title = about("stale"), "stale", http.StatusPreconditionFailed, "The record has changed in the meantime"
		}
	}
	return p
}

func about(code string) string { return Prefix + "/#" + code }

// fail answers with a problem and logs what is our fault.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err, r.Header.Get("If-Match") != "")
	if p.Status >= http.StatusInternalServerError {
		a.Log.Error("api", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="holdfast"`)
	}
	w.Header().Del("ETag")
	w.Header().Del("Content-Disposition")
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	if err := json.NewEncoder(w).Encode(p); err != nil {
		a.Log.Debug("api: the answer was not taken", "error", err)
	}
}
