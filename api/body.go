package api

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"holdfast/kind"
)

// Limits of bodies.
const (
	maxRecord = 1 << 20
	maxUpload = 256 << 20
)

// body reads the body of a request in one of the types.
func body(w http.ResponseWriter, r *http.Request, limit int64, types ...string) ([]byte, string, error) {
	media, err := mediaType(r, types...)
	if err != nil {
		return nil, "", err
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	return data, media, err
}

// mediaType checks what the request says its body is.
func mediaType(r *http.Request, types ...string) (string, error) {
	given := r.Header.Get("Content-Type")
	media, _, err := mime.ParseMediaType(given)
	if err == nil && slices.Contains(types, media) {
		return media, nil
	}
	if given == "" {
		given = "missing"
	}
	return "", refuse(http.StatusUnsupportedMediaType, "media_type", "This type of content is not read here",
		"the header Content-Type is "+given+"; send "+strings.Join(types, " or "))
}

// record reads a JSON object.
func record(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	data, _, err := body(w, r, maxRecord, "application/json", "application/merge-patch+json")
	return data, err
}

// decode reads a JSON object into a struct; unknown members are an error. An empty
// body leaves the struct as it is.
func decode(w http.ResponseWriter, r *http.Request, into any) error {
	if r.ContentLength == 0 && r.Header.Get("Content-Type") == "" {
		return nil
	}
	data, _, err := body(w, r, maxRecord, "application/json")
	if err != nil || len(data) == 0 {
		return err
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return refuse(http.StatusUnprocessableEntity, string(kind.Invalid), titles[kind.Invalid], "the JSON of the body cannot be read: "+strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := dec.Token(); err != io.EOF {
		return refuse(http.StatusUnprocessableEntity, string(kind.Invalid), titles[kind.Invalid], "there is text after the JSON object")
	}
	return nil
}

// etag is the strong validator of a version.
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// matches tells whether a list of validators (If-Match, If-None-Match) names the
// version. Weak ones never match.
func matches(header string, version int64) bool {
	for _, tag := range strings.Split(header, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || tag == etag(version) {
			return true
		}
	}
	return false
}

// checkMatch refuses a request that was made for another version of the record. It
// returns the version that a change must meet: 0, any, when the request names none.
func checkMatch(r *http.Request, k *kind.Kind, stored kind.Record) (int64, error) {
	header, version := r.Header.Get("If-Match"), stored.GetBase().Version
	switch {
	case header == "":
		return 0, nil
	case matches(header, version):
		return version, nil
	}
	return 0, &refusal{status: http.StatusPreconditionFailed, code: "stale", title: "The record has changed in the meantime", version: version,
		detail: "this " + strings.ToLower(k.Label) + " is now version " + kind.Itoa(version) + ", changed by " + stored.GetBase().UpdatedBy + "; read it again"}
}

// answer writes a value as JSON. A caller who has gone away is told nothing.
func answer(w http.ResponseWriter, status int, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n'))
	return nil
}
