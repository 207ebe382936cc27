package client

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"holdfast/journal"
	"holdfast/kind"
)

// A Records is a page of records.
type Records struct {
	Records []kind.Record
	Next    string // cursor of the page that follows; empty on the last
	Total   int64  // -1 when not counted
}

// List reads a page. References are keys, as people know them.
func (c *Client) List(ctx context.Context, k *kind.Kind, q kind.Query) (Records, error) {
	return c.list(ctx, k, []string{k.Plural}, q)
}

// Linked reads a page of the records that a relation leads to; other is their kind.
func (c *Client) Linked(ctx context.Context, k *kind.Kind, idOrKey, relation string, other *kind.Kind, q kind.Query) (Records, error) {
	return c.list(ctx, other, []string{k.Plural, idOrKey, "links", relation}, q)
}

func (c *Client) list(ctx context.Context, k *kind.Kind, path []string, q kind.Query) (Records, error) {
	var l List[json.RawMessage]
	v := Values(q)
	v.Set("refs", "key")
	if err := c.Do(ctx, Request{Method: http.MethodGet, Path: path, Query: v}, &l); err != nil {
		return Records{}, err
	}
	page := Records{Next: l.Page.Next, Total: -1}
	if l.Page.Total != nil {
		page.Total = *l.Page.Total
	}
	for _, raw := range l.Data {
		r, err := Decode(k, raw)
		if err != nil {
			return Records{}, err
		}
		page.Records = append(page.Records, r)
	}
	return page, nil
}

// Values writes a query as parameters of an address.
func Values(q kind.Query) url.Values {
	v := url.Values{}
	for _, f := range q.Filters {
		name := "filter[" + f.Field + "]"
		if f.Op != kind.Is && f.Op != "" {
			name += "[" + string(f.Op) + "]"
		}
		v[name] = append(v[name], f.Values...)
	}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("sort", q.Sort)
	set("q", q.Search)
	set("page[cursor]", q.Cursor)
	if q.Limit > 0 {
		v.Set("page[limit]", strconv.Itoa(q.Limit))
	}
	if q.Deleted {
		v.Set("deleted", "true")
	}
	if q.Count {
		v.Set("count", "true")
	}
	return v
}

// Decode reads a record out of JSON, with the fields that only the product writes.
func Decode(k *kind.Kind, raw json.RawMessage) (kind.Record, error) {
	r := k.New()
	var fields map[string]json.RawMessage
	err := k.Decode(r, raw)
	if err == nil {
		err = json.Unmarshal(raw, &fields)
	}
	var computed []kind.Change
	for _, f := range k.Fields {
		if f.Computed && !f.Hidden && fields[f.Name] != nil {
			computed = append(computed, kind.Change{Field: f.Name, After: fields[f.Name]})
		}
	}
	if err == nil {
		err = k.Apply(r, computed)
	}
	if err != nil {
		return nil, kind.Errorf(kind.Unavailable, "the server knows %s otherwise than this program; use the same version: %w", k.Name, err)
	}
	return r, nil
}

// one makes a request whose answer is a record.
func (c *Client) one(ctx context.Context, k *kind.Kind, r Request, body any) (kind.Record, error) {
	var raw json.RawMessage
	var err error
	if body == nil {
		err = c.Do(ctx, r, &raw)
	} else {
		err = c.sendJSON(ctx, r, body, &raw)
	}
	if err != nil {
		return nil, err
	}
	return Decode(k, raw)
}

var refsAsKeys = url.Values{"refs": {"key"}}

// Get reads one record by id or key.
func (c *Client) Get(ctx context.Context, k *kind.Kind, idOrKey string) (kind.Record, error) {
	return c.one(ctx, k, Request{Method: http.MethodGet, Path: []string{k.Plural, idOrKey}, Query: refsAsKeys}, nil)
}

// Create makes a record of the fields.
func (c *Client) Create(ctx context.Context, k *kind.Kind, fields map[string]any) (kind.Record, error) {
	return c.one(ctx, k, Request{Method: http.MethodPost, Path: []string{k.Plural}, Query: refsAsKeys}, fields)
}

// Patch changes fields of a record; version 0 takes whatever is stored.
func (c *Client) Patch(ctx context.Context, k *kind.Kind, idOrKey string, version int64, fields map[string]any) (kind.Record, error) {
	return c.PatchBecause(ctx, k, idOrKey, version, "", fields)
}

// PatchBecause is Patch with a reason for the history.
func (c *Client) PatchBecause(ctx context.Context, k *kind.Kind, idOrKey string, version int64, reason string, fields map[string]any) (kind.Record, error) {
	q := url.Values{"refs": {"key"}}
	if reason != "" {
		q.Set("reason", reason)
	}
	return c.one(ctx, k, Request{Method: http.MethodPatch, Path: []string{k.Plural, idOrKey}, Query: q, Version: version}, fields)
}

// Delete puts a record into the bin.
func (c *Client) Delete(ctx context.Context, k *kind.Kind, idOrKey string, version int64) error {
	return c.Do(ctx, Request{Method: http.MethodDelete, Path: []string{k.Plural, idOrKey}, Version: version}, nil)
}

// Restore takes a record out of the bin.
func (c *Client) Restore(ctx context.Context, k *kind.Kind, idOrKey string) (kind.Record, error) {
	return c.one(ctx, k, Request{Method: http.MethodPost, Path: []string{k.Plural, idOrKey, "restore"}}, nil)
}

// Act performs an action on a record.
func (c *Client) Act(ctx context.Context, k *kind.Kind, idOrKey, action string, version int64, in ActionInput) (kind.Record, error) {
	return c.one(ctx, k, Request{Method: http.MethodPost, Path: []string{k.Plural, idOrKey, "actions", action}, Version: version}, in)
}

// History tells what happened to a record, newest first.
func (c *Client) History(ctx context.Context, k *kind.Kind, idOrKey string, limit int) ([]journal.Entry, error) {
	var l List[journal.Entry]
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{k.Plural, idOrKey, "history"}, Query: url.Values{"page[limit]": {strconv.Itoa(limit)}}}, &l)
	return l.Data, err
}

// Link joins two records by a relation of the first.
func (c *Client) Link(ctx context.Context, k *kind.Kind, idOrKey, relation, other string) error {
	return c.Do(ctx, Request{Method: http.MethodPut, Path: []string{k.Plural, idOrKey, "links", relation, other}}, nil)
}

// Unlink ends a link.
func (c *Client) Unlink(ctx context.Context, k *kind.Kind, idOrKey, relation, other string) error {
	return c.Do(ctx, Request{Method: http.MethodDelete, Path: []string{k.Plural, idOrKey, "links", relation, other}}, nil)
}

// Download writes all records that match to w: csv, json, yaml or xlsx.
func (c *Client) Download(ctx context.Context, k *kind.Kind, q kind.Query, format string, w io.Writer) error {
	return c.Copy(ctx, Request{Method: http.MethodGet, Path: []string{k.Plural + "." + format}, Query: Values(q)}, w)
}
