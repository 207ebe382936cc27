package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// Search finds records by words, best first, into a list of hits.
func (c *Client) Search(ctx context.Context, words string, limit int, into any) error {
	return c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"search"}, Query: url.Values{"q": {words}, "limit": {strconv.Itoa(limit)}}}, into)
}

// Me tells who the server takes us for.
func (c *Client) Me(ctx context.Context) (Me, error) {
	var me Me
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"me"}}, &me)
	return me, err
}

// Import sends documents in a media type; into hears what became of them.
func (c *Client) Import(ctx context.Context, media string, body io.Reader, options url.Values, into any) error {
	return c.Do(ctx, Request{Method: http.MethodPost, Path: []string{"imports"}, Query: options, Type: media, Body: body}, into)
}

// Export writes the whole workspace to w as a ZIP archive of YAML files.
func (c *Client) Export(ctx context.Context, computed bool, w io.Writer) error {
	return c.Copy(ctx, Request{Method: http.MethodGet, Path: []string{"export"}, Query: url.Values{"computed": {strconv.FormatBool(computed)}}}, w)
}

// Plan asks what it takes to make the records as a folder says; into hears it.
func (c *Client) Plan(ctx context.Context, media string, body io.Reader, options url.Values, into any) error {
	return c.Do(ctx, Request{Method: http.MethodPost, Path: []string{"plan"}, Query: options, Type: media, Body: body}, into)
}

// Apply makes the records as a folder says; into hears what was done.
func (c *Client) Apply(ctx context.Context, media string, body io.Reader, options url.Values, into any) error {
	return c.Do(ctx, Request{Method: http.MethodPost, Path: []string{"apply"}, Query: options, Type: media, Body: body}, into)
}

// ImportFramework sends frameworks of others, whatever their form; into hears what
// came of it.
func (c *Client) ImportFramework(ctx context.Context, body io.Reader, options url.Values, into any) error {
	return c.Do(ctx, Request{Method: http.MethodPost, Path: []string{"frameworks", "import"}, Query: options, Type: "application/octet-stream", Body: body}, into)
}

// OSCAL writes a document of OSCAL to w: ssp, component, results, poam or catalog, of
// one scope or, when that is empty, of the whole organisation.
func (c *Client) OSCAL(ctx context.Context, document, scope string, w io.Writer) error {
	q := url.Values{}
	if scope != "" {
		q.Set("scope", scope)
	}
	return c.Copy(ctx, Request{Method: http.MethodGet, Path: []string{"oscal", document}, Query: q}, w)
}

// Scan sends the result of a scan; into hears what it changed.
func (c *Client) Scan(ctx context.Context, body io.Reader, into any) error {
	return c.Do(ctx, Request{Method: http.MethodPost, Path: []string{"scans"}, Type: "application/json", Body: body}, into)
}

// Why tells what the figures of a risk follow from.
func (c *Client) Why(ctx context.Context, risk string) (Why, error) {
	var w Why
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"risks", risk, "why"}}, &w)
	return w, err
}

// WhatIf tells what safeguards would be worth.
func (c *Client) WhatIf(ctx context.Context, risk string, safeguards []string) (WhatIf, error) {
	var w WhatIf
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"risks", risk, "what-if"}}, WhatIfInput{safeguards}, &w)
	return w, err
}

// Portfolio sums up all risks.
func (c *Client) Portfolio(ctx context.Context) (Portfolio, error) {
	var p Portfolio
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"portfolio"}}, &p)
	return p, err
}

// Report writes a document to w; file is its name with ending: "risk.pdf".
func (c *Client) Report(ctx context.Context, file string, w io.Writer) error {
	return c.Copy(ctx, Request{Method: http.MethodGet, Path: []string{"reports", file}}, w)
}

// ReportOn writes the report on one record, such as incidents and files-are-encrypted, in
// the format of the ending: ".pdf".
func (c *Client) ReportOn(ctx context.Context, plural, id, ending string, w io.Writer) error {
	return c.Copy(ctx, Request{Method: http.MethodGet, Path: []string{plural, id, "report" + ending}}, w)
}
