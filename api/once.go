package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/kind"
	"holdfast/store"
)

// keptAnswers is how long a repeated request gets the answer of the first.
const keptAnswers = 24 * time.Hour

// once makes a request with the header Idempotency-Key happen once: the answer is
// kept in the transaction of the change, and a repetition gets it again. A request
// that failed left nothing, so it can be repeated with the same key.
func (a *api) once(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		key := r.Header.Get("Idempotency-Key")
		if key == "" {
			return h(w, r)
		}
		if len(key) > 255 || strings.TrimSpace(key) != key {
			return refuse(http.StatusBadRequest, string(kind.Invalid), titles[kind.Invalid], "Idempotency-Key must be at most 255 characters without spaces around it")
		}
		data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRecord))
		if err != nil {
			return err
		}
		c := claim{a: a, h: h, r: r, data: data, key: key}
		kept, err := c.do()
		if err != nil {
			return err
		}
		return kept.send(w)
	}
}

// A claim is one attempt to do a request under its key.
type claim struct {
	a    *api
	h    handler
	r    *http.Request
	data []byte
	key  string
}

// A kept answer is what the first request was told.
type kept struct {
	Status   int    `json:"-"`
	ETag     string `json:"etag,omitempty"`
	Location string `json:"location,omitempty"`
	Type     string `json:"type,omitempty"`
	Body     []byte `json:"body,omitempty"`
	replayed bool
}

func (c *claim) do() (kept, error) {
	actor, err := access.From(c.r.Context())
	if err != nil {
		return kept{}, err
	}
	token, request := hash(actor.ID, actor.Name, c.key), hash(c.r.Method, c.r.URL.RequestURI(), c.r.Header.Get("If-Match"), string(c.data))
	var k kept
	err = c.a.App.Atomic(c.r.Context(), func(ctx context.Context) error {
		var before store.Answer
		var first bool
		err := c.a.App.Write(ctx, func(tx *store.Tx) (err error) {
			now := c.a.App.Now()
			before, first, err = tx.Claim(token, request, now, now.Add(-keptAnswers))
			return err
		})
		if err != nil {
			return err
		}
		if !first {
			k, err = remembered(before, request)
			return err
		}
		if k, err = c.record(ctx); err != nil {
			return err
		}
		text, err := json.Marshal(k)
		if err != nil {
			return err
		}
		return c.a.App.Write(ctx, func(tx *store.Tx) error {
			return tx.Answered(token, store.Answer{Status: k.Status, Body: string(text)})
		})
	})
	return k, err
}

func hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

var errNotKept = errors.New("the kept answer cannot be read")

func remembered(before store.Answer, request string) (kept, error) {
	if before.Request != request {
		return kept{}, refuse(http.StatusUnprocessableEntity, "idempotency", "This key was used for another request",
			"take a new Idempotency-Key for each new request")
	}
	var k kept
	if err := json.Unmarshal([]byte(before.Body), &k); err != nil {
		return k, errors.Join(errNotKept, err)
	}
	k.Status, k.replayed = before.Status, true
	return k, nil
}

// record runs the handler inside the transaction and keeps what it answers.
func (c *claim) record(ctx context.Context) (kept, error) {
	rec := &recorder{header: http.Header{}, status: http.StatusOK}
	r := c.r.Clone(ctx)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(c.data)), int64(len(c.data))
	if err := c.h(rec, r); err != nil {
		return kept{}, err
	}
	return kept{Status: rec.status, ETag: rec.header.Get("ETag"), Location: rec.header.Get("Location"), Type: rec.header.Get("Content-Type"), Body: rec.body.Bytes()}, nil
}

// A recorder is a ResponseWriter that keeps the answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }

func (k kept) send(w http.ResponseWriter) error {
	for name, value := range map[string]string{"ETag": k.ETag, "Location": k.Location, "Content-Type": k.Type} {
		if value != "" {
			w.Header().Set(name, value)
		}
	}
	if k.replayed {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	w.WriteHeader(k.Status)
	_, _ = w.Write(k.Body)
	return nil
}
