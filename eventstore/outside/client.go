package outside

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"holdfast/forward"
)

// The bounds of what is read of an answer.
const (
	maxAnswer = 32 << 20 // of a search: a page of lines
	maxBulk   = 16 << 20 // of a request that wrote
	maxError  = 4 << 10
)

// A client speaks HTTP with one system outside.
type client struct {
	set  *Settings
	http *http.Client
}

func newClient(set *Settings) (*client, error) {
	secure := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: set.where.Hostname()}
	if set.CA != "" {
		pem, err := os.ReadFile(set.CA)
		if err != nil {
			return nil, fmt.Errorf("ca: %w", err)
		}
		secure.RootCAs = x509.NewCertPool()
		if !secure.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("ca: %s holds no certificate in PEM", set.CA)
		}
	}
	return &client{set: set, http: &http.Client{
		Transport: &http.Transport{
			DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, TLSClientConfig: secure, TLSHandshakeTimeout: 5 * time.Second,
			IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 8, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
			DisableCompression: true, // a small answer must not unpack into a large one
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// A request is one call.
type request struct {
	method, path string
	query        url.Values
	media        string
	body         []byte
	most         int // bytes of the answer that are read
}

// A refusal is an answer other than 2xx.
type refusal struct {
	code int
	text string // the beginning of the answer, in one line
}

func (r *refusal) Error() string { return fmt.Sprintf("it answered %d: %s", r.code, r.text) }

// do sends a request and reads the answer. One that is not 2xx is a refusal; one that is
// longer than may be read is an error.
func (c *client) do(ctx context.Context, r request) ([]byte, error) {
	req, err := c.prepare(ctx, r)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		var wrapped *url.Error // repeats the whole address
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, maxError))
		return nil, c.refusal(resp.StatusCode, text)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, int64(r.most)+1))
	if err != nil {
		return nil, fmt.Errorf("the answer breaks off: %w", err)
	}
	if len(data) > r.most {
		return nil, fmt.Errorf("the answer is longer than %d MB", r.most>>20)
	}
	return data, nil
}

func (c *client) prepare(ctx context.Context, r request) (*http.Request, error) {
	u := c.set.where.JoinPath(r.path)
	u.RawQuery = r.query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "Holdfast")
	if r.media != "" {
		req.Header.Set("Content-Type", r.media)
	}
	req.Header["Idempotency-Key"] = []string{} // is not sent, and lets a connection that has ended be made anew
	switch {
	case c.set.token != "":
		req.Header.Set("Authorization", "Bearer "+c.set.token)
	case c.set.password != "":
		req.SetBasicAuth(c.set.User, c.set.password)
	}
	return req, nil
}

// refusal says what was answered, without secrets should the answer repeat them.
func (c *client) refusal(code int, answer []byte) *refusal {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(answer), "")), " ")
	for _, secret := range []string{c.set.token, c.set.password} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "…"
	}
	if code >= 300 && code < 400 {
		text = "it wants to send us elsewhere; name the final address in events.yaml"
	}
	if code == http.StatusUnauthorized || code == http.StatusForbidden {
		text += " (see user and token in events.yaml)"
	}
	return &refusal{code, text}
}

// refused says who will not take what was sent, and marks refusals that are about that.
func (c *client) refused(err error) error {
	var r *refusal
	if err == nil || !errors.As(err, &r) || !aboutDocument(r.code) {
		return c.named(err)
	}
	return fmt.Errorf("%w: %w", c.named(err), forward.ErrRefused)
}

func (c *client) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", c.set.where.Host, err)
}

func aboutDocument(code int) bool {
	return code == http.StatusBadRequest || code == http.StatusRequestEntityTooLarge || code == http.StatusUnprocessableEntity
}

func (c *client) close() { c.http.CloseIdleConnections() }
