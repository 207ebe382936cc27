package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"holdfast/kind"
)

// Prefix is where the API lives on a server.
const Prefix = "/api/v1"

// A Client speaks to one server.
type Client struct {
	base  *url.URL
	token string
	http  *http.Client
}

// New returns a client of the server at an address such as
// "https://holdfast.example.org". A token is sent only over TLS or to this machine.
func New(server, token string) (*Client, error) {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, kind.Errorf(kind.Invalid, "%q is not the address of a server; write https://host[:port]", server)
	}
	if u.Scheme == "http" && token != "" && !isLocal(u.Hostname()) {
		return nil, kind.Errorf(kind.Invalid, "%s is not encrypted: the token would be readable on the way; use https", server)
	}
	u.Path = strings.TrimSuffix(strings.TrimSuffix(u.Path, "/"), Prefix)
	return &Client{base: u, token: token, http: http.DefaultClient}, nil
}

func isLocal(host string) bool {
	return host == "localhost" || host == "127.0.0.1" || host == "::1"
}

// A Request is one call. Body is sent as Type.
type Request struct {
	Method  string
	Path    []string // below the prefix; each part is escaped
	Query   url.Values
	Type    string
	Body    io.Reader
	Version int64 // of the record that it was made for; 0: any
}

// send makes the request. The answer is a success; its body must be closed.
func (c *Client) send(ctx context.Context, r Request) (*http.Response, error) {
	u := *c.base
	parts := make([]string, len(r.Path))
	for i, p := range r.Path {
		parts[i] = url.PathEscape(p)
	}
	u.RawPath = u.Path + Prefix + "/" + strings.Join(parts, "/")
	u.Path += Prefix + "/" + strings.Join(r.Path, "/")
	u.RawQuery = r.Query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.Method, u.String(), r.Body)
	if err != nil {
		return nil, err
	}
	if r.Type != "" {
		req.Header.Set("Content-Type", r.Type)
	}
	if r.Version != 0 {
		req.Header.Set("If-Match", `"`+strconv.FormatInt(r.Version, 10)+`"`)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, kind.Errorf(kind.Unavailable, "the server does not answer: %w", err)
	}
	if res.StatusCode >= 300 {
		defer res.Body.Close()
		return nil, explain(res)
	}
	return res, nil
}

// maxAnswer bounds what is read of an answer into memory.
const maxAnswer = 256 << 20

// Do makes the request and decodes the JSON of the answer; into may be nil.
func (c *Client) Do(ctx context.Context, r Request, into any) error {
	res, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if into == nil {
		_, err := io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer))
		return err
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(into); err != nil {
		return kind.Errorf(kind.Unavailable, "the answer of the server cannot be read: %w", err)
	}
	return nil
}

// Copy makes the request and writes the body of the answer to w as it comes.
func (c *Client) Copy(ctx context.Context, r Request, w io.Writer) error {
	res, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(w, res.Body); err != nil {
		return kind.Errorf(kind.Unavailable, "the answer broke off: %w", err)
	}
	return nil
}

// sendJSON is Do with a JSON body.
func (c *Client) sendJSON(ctx context.Context, r Request, body, into any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r.Type, r.Body = "application/json", bytes.NewReader(data)
	return c.Do(ctx, r, into)
}

// maxProblem bounds what is read of an error.
const maxProblem = 1 << 20

// codes turns the codes of problems that are not codes of records into such.
var codes = map[string]kind.Code{
	"stale": kind.Conflict, "rate_limit": kind.Unavailable, "media_type": kind.Invalid, "idempotency": kind.Invalid, "cross_origin": kind.Forbidden,
}

// explain makes an error of an answer, with the same code, sentence and fields as
// the waist gave it on the server.
func explain(res *http.Response) error {
	data, err := io.ReadAll(io.LimitReader(res.Body, maxProblem))
	if err != nil {
		return kind.Errorf(kind.Unavailable, "the answer broke off: %w", err)
	}
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")) // no type: not a problem document
	var p Problem
	if media != "application/problem+json" || json.Unmarshal(data, &p) != nil {
		return kind.Errorf(kind.Unavailable, "the server answers %s and is perhaps not a Holdfast", res.Status)
	}
	code, ok := codes[p.Code]
	if !ok {
		code = kind.Code(p.Code)
	}
	e := &kind.Error{Code: code, Message: p.Detail, Fields: p.Errors}
	if p.Code == "rate_limit" {
		e.Message = fmt.Sprintf("the server asks to wait %s seconds: too many requests", res.Header.Get("Retry-After"))
	}
	return e
}
