package forward

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
)

// maxAnswer bounds how much of an answer is read: enough for an error message.
const maxAnswer = 4 << 10

// web posts OCSF documents in batches.
type web struct {
	target *Target
	client *http.Client
}

func newWeb(t *Target, secure *tls.Config) *web {
	return &web{target: t, client: &http.Client{
		Transport: &http.Transport{
			DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext, TLSClientConfig: secure, TLSHandshakeTimeout: 10 * time.Second,
			IdleConnTimeout: time.Minute, MaxIdleConns: 2, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (w *web) Close() { w.client.CloseIdleConnections() }

// Render is the event in OCSF, in one line.
func (w *web) Render(e *event.Event, _ string, _ eventstore.Position) ([]byte, bool) {
	doc := e.OCSF()
	if bytes.IndexByte(doc, '\n') < 0 {
		return doc, false
	}
	var line bytes.Buffer
	if err := json.Compact(&line, doc); err != nil {
		panic(fmt.Sprintf("no JSON: %v", err)) // counted as poison by the caller
	}
	return line.Bytes(), false
}

// Send posts a batch. 2xx: it was taken. 400, 413 and 422: these documents are refused.
// Anything else is about the receiver or the way to it, and is tried again. The
// Idempotency-Key is the same when the same batch comes again.
func (w *web) Send(ctx context.Context, items []Item) error {
	body, err := w.body(items)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.target.where.String(), body)
	if err != nil {
		return fmt.Errorf("%s: the address is none", w.target.where.Host)
	}
	req.Header.Set("Content-Type", map[string]string{formArray: "application/json", formLines: "application/x-ndjson"}[w.target.Form])
	req.Header.Set("User-Agent", "Holdfast")
	req.Header.Set("Idempotency-Key", fmt.Sprintf("%s-%d-%d-%d", w.target.Name, items[0].Position, items[len(items)-1].Position, len(items)))
	if w.target.Gzip {
		req.Header.Set("Content-Encoding", "gzip")
	}
	if w.target.Token != "" {
		req.Header.Set("Authorization", "Bearer "+w.target.Token)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		var wrapped *url.Error // names the address, which may hold a secret
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return fmt.Errorf("%s: %w", w.target.where.Host, err)
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return w.judge(resp.StatusCode, answer)
}

func (w *web) judge(code int, answer []byte) error {
	said := fmt.Errorf("%s answered %d: %s", w.target.where.Host, code, w.short(answer))
	switch {
	case code >= 200 && code < 300:
		return nil
	case code < 400:
		return fmt.Errorf("%s answered %d and wants to send us elsewhere; name the final address in forward.yaml", w.target.where.Host, code)
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return fmt.Errorf("%w (see token in forward.yaml)", said)
	case code == http.StatusBadRequest, code == http.StatusRequestEntityTooLarge, code == http.StatusUnprocessableEntity:
		return fmt.Errorf("%w: %w", said, ErrRefused)
	}
	return said
}

// body is the batch as an array, or one document on each line.
func (w *web) body(items []Item) (*bytes.Buffer, error) {
	var b bytes.Buffer
	var to io.Writer = &b
	var packed *gzip.Writer
	if w.target.Gzip {
		packed = gzip.NewWriter(&b)
		to = packed
	}
	open, between, end := "[", ",\n", "]"
	if w.target.Form == formLines {
		open, between, end = "", "\n", "\n"
	}
	sign := open
	for _, it := range items {
		if _, err := io.WriteString(to, sign); err != nil {
			return nil, err
		}
		if _, err := to.Write(it.Data); err != nil {
			return nil, err
		}
		sign = between
	}
	if _, err := io.WriteString(to, end); err != nil {
		return nil, err
	}
	if packed != nil {
		return &b, packed.Close()
	}
	return &b, nil
}

// short is the beginning of an answer in one line, without the token should it repeat it.
func (w *web) short(answer []byte) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(answer), "")), " ")
	if w.target.Token != "" {
		text = strings.ReplaceAll(text, w.target.Token, "…")
	}
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	return text
}
