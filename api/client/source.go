package client

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"holdfast/kind"
)

// A Source is where events come from, as it stands now.
type Source struct {
	ID        string    `json:"id"`
	Key       string    `json:"key"`
	Title     string    `json:"title"`
	Transport string    `json:"transport"`
	Status    string    `json:"status"`
	At        string    `json:"at,omitempty"` // the address on which it is served, or the file that is followed
	LastSeen  time.Time `json:"last_seen,omitzero"`
	Rates     []int     `json:"rates,omitempty"` // events in equal parts of the last day, oldest first
	LastDay   int       `json:"last_day"`
	Dropped   int64     `json:"dropped"`  // left out since it was set up
	Repeated  int64     `json:"repeated"` // offered twice and kept once, since the server started
	Refused   int64     `json:"refused"`  // connections and posts that were not let in, since the server started
	Trouble   string    `json:"trouble,omitempty"`
	Running   bool      `json:"running"` // a server takes its events in
	Kept      bool      `json:"kept"`    // its connections of plain syslog outlive the server
}

// A SourceRequest asks for a source.
type SourceRequest struct {
	Recipe  string   `json:"recipe"`
	Title   string   `json:"title,omitempty"`
	Asset   string   `json:"asset,omitempty"` // id or key
	Senders []string `json:"senders,omitempty"`
	File    string   `json:"file,omitempty"`
}

// A ConnectedSource is a source and what to do on the other side.
type ConnectedSource struct {
	Source Source `json:"source"`
	Token  string `json:"token,omitempty"` // told once
	URL    string `json:"url,omitempty"`   // where to post
	Where  string `json:"where"`           // what the text is: a file on the other machine
	Text   string `json:"text"`
	After  string `json:"after"` // what to run afterwards
}

// TakenEvents says what became of events that were handed over.
type TakenEvents struct {
	Kept     int  `json:"kept"`
	Repeated bool `json:"repeated"` // they were there already
}

// A SourceCertificate is how senders over TLS know the server.
type SourceCertificate struct {
	PEM    string `json:"pem"`
	SHA256 string `json:"sha256"`
}

// Sources lists the sources, those that need somebody first.
func (c *Client) Sources(ctx context.Context) ([]Source, error) {
	var list List[Source]
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"sources"}}, &list)
	return list.Data, err
}

// ConnectSource makes a source.
func (c *Client) ConnectSource(ctx context.Context, in SourceRequest) (ConnectedSource, error) {
	var out ConnectedSource
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"sources"}}, in, &out)
	return out, err
}

// Source is one source and what to do on the other side, without the token.
func (c *Client) Source(ctx context.Context, idOrKey string) (ConnectedSource, error) {
	var out ConnectedSource
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"sources", idOrKey}}, &out)
	return out, err
}

// RenewSourceToken gives a source another token.
func (c *Client) RenewSourceToken(ctx context.Context, idOrKey string) (ConnectedSource, error) {
	var out ConnectedSource
	err := c.Do(ctx, Request{Method: http.MethodPost, Path: []string{"sources", idOrKey, "token"}}, &out)
	return out, err
}

// ImportEvents hands events over. The key recognises what is handed over again.
func (c *Client) ImportEvents(ctx context.Context, idOrKey, key string, body []byte) (TakenEvents, error) {
	var out TakenEvents
	err := c.Do(ctx, Request{Method: http.MethodPost, Path: []string{"sources", idOrKey, "import"}, Query: url.Values{"key": {key}}, Type: "application/octet-stream", Body: bytes.NewReader(body)}, &out)
	return out, err
}

// SourceCertificate is how senders over TLS know the server; renew makes another.
func (c *Client) SourceCertificate(ctx context.Context, renew bool) (SourceCertificate, error) {
	method := http.MethodGet
	if renew {
		method = http.MethodPost
	}
	var out SourceCertificate
	err := c.Do(ctx, Request{Method: method, Path: []string{"sources", "certificate"}}, &out)
	return out, err
}

// PostEvents posts events to the address of a source, as any sender does. After an
// error that may pass, wait is how long to wait before the same post is sent again; 0:
// it will never be taken.
func PostEvents(ctx context.Context, to, token, key string, body []byte) (taken TakenEvents, wait time.Duration, err error) {
	u, err := url.Parse(to)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return taken, 0, kind.Errorf(kind.Invalid, "%q is not the address of a source; copy it from its page", to)
	}
	if u.Scheme == "http" && !isLocal(u.Hostname()) {
		return taken, 0, kind.Errorf(kind.Invalid, "%s is not encrypted: the token would be readable on the way; use https", to)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return taken, 0, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Idempotency-Key", key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return taken, time.Second, kind.Errorf(kind.Unavailable, "the server does not answer: %w", err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(io.LimitReader(res.Body, maxProblem))
	if err != nil {
		return taken, time.Second, kind.Errorf(kind.Unavailable, "the answer broke off: %w", err)
	}
	if res.StatusCode == http.StatusOK {
		if err := json.Unmarshal(data, &taken); err != nil {
			return taken, 0, kind.Errorf(kind.Unavailable, "%s does not answer as a source does", to)
		}
		return taken, 0, nil
	}
	var said struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(data, &said) // what is no such answer says nothing
	return taken, waitFor(res), kind.Errorf(kind.Unavailable, "the server answers %s: %s", res.Status, said.Error)
}

// waitFor is how long the server asks to wait; 0 where sending again would not help.
func waitFor(res *http.Response) time.Duration {
	if res.StatusCode != http.StatusTooManyRequests && res.StatusCode < 500 {
		return 0
	}
	n, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err != nil || n < 1 || n > 300 {
		n = 1
	}
	return time.Duration(n) * time.Second
}
