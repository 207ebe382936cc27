package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Teller is a server that tells of indicators of compromise: one that speaks TAXII 2.1
// (OASIS Standard, 10 June 2021), or a file behind a plain address. Credentials go to the
// host of URL only.
type Teller struct {
	URL        string // of the discovery, an API root or a collection; of the file
	Collection string // id, alias or title; empty: the only one that can be read
	User       string // with Password: basic authentication
	Password   string
	Token      string       // bearer token
	Client     *http.Client // nil: NewClient()
}

// A Collection is one that a TAXII server offers.
type Collection struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Alias   string `json:"alias"`
	CanRead bool   `json:"can_read"`
	URL     string `json:"-"` // with a slash at the end
}

// Told is what a server told.
type Told struct {
	Bundle  []byte // a STIX bundle, or the file as it is; nil when there is nothing new
	Objects int    // STIX objects in it
	Pages   int
	After   string // where to go on the next time: when the last object was added, in the server's words
	More    bool   // there is more than fits in one bundle: ask again with After
}

// ErrTeller is the cause when a server does not answer as the standard says, or refuses.
var ErrTeller = errors.New("no indicators from there")

// Bounds of what one server may send.
const (
	maxTold       = 64 << 20 // bytes of one bundle or file
	maxTaxiiPage  = 32 << 20
	maxTaxiiPages = 2_000
	maxTaxiiRoots = 20
	askedPerPage  = 1_000
	tellPatience  = 3 * time.Minute // for one answer
	taxiiType     = "application/taxii+json"
	taxiiAccept   = taxiiType + ";version=2.1"
	addedLast     = "X-TAXII-Date-Added-Last"
)

// Collections lists what a TAXII server offers.
func (t Teller) Collections(ctx context.Context) ([]Collection, error) {
	p, err := t.probe(ctx, t.URL)
	if err != nil {
		return nil, err
	}
	switch {
	case p.ID != "":
		return []Collection{{ID: p.ID, Title: p.Title, Alias: p.Alias, CanRead: p.CanRead, URL: slashed(t.URL)}}, nil
	case p.Collections != nil:
		return located(p.Collections, slashed(t.URL)), nil
	case len(p.Versions) > 0:
		return t.ofRoot(ctx, slashed(t.URL))
	}
	return t.ofRoots(ctx, p)
}

// A taxiiAnswer has the members of every resource that is read.
type taxiiAnswer struct {
	Default     string            `json:"default"`
	Roots       []string          `json:"api_roots"`
	Versions    []string          `json:"versions"`
	Collections []Collection      `json:"collections"`
	More        bool              `json:"more"`
	Next        string            `json:"next"`
	Objects     []json.RawMessage `json:"objects"`
	Description string            `json:"description"`
	Collection
}

func (t Teller) probe(ctx context.Context, address string) (*taxiiAnswer, error) {
	p := &taxiiAnswer{}
	_, err := t.taxii(ctx, address, p)
	return p, err
}

// ofRoots looks through the API roots that a discovery names. One that is closed does not
// hide the others.
func (t Teller) ofRoots(ctx context.Context, p *taxiiAnswer) ([]Collection, error) {
	roots := p.Roots
	if p.Default != "" {
		roots = append([]string{p.Default}, roots...)
	}
	if len(roots) == 0 {
		return nil, fmt.Errorf("%w: %s names no API root; give the address of one", ErrTeller, t.URL)
	}
	if len(roots) > maxTaxiiRoots {
		return nil, fmt.Errorf("%w: %s names more than %d API roots; give the address of one", ErrTeller, t.URL, maxTaxiiRoots)
	}
	var list []Collection
	var failures []error
	var seen []string
	for _, r := range roots {
		at, err := t.resolve(r)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		if slices.Contains(seen, at) {
			continue
		}
		seen = append(seen, at)
		found, err := t.ofRoot(ctx, at)
		if err != nil {
			failures = append(failures, err)
		}
		list = append(list, found...)
	}
	if len(list) == 0 {
		return nil, errors.Join(failures...)
	}
	return list, nil
}

// resolve makes the address of an API root, which may be relative. Another host is asked
// only without credentials.
func (t Teller) resolve(root string) (string, error) {
	base, err := url.Parse(t.URL)
	if err != nil {
		return "", err
	}
	ref, err := base.Parse(root)
	if err != nil {
		return "", fmt.Errorf("%w: the API root %q is no address", ErrTeller, shorten(root))
	}
	if (ref.Host != base.Host || ref.Scheme != base.Scheme) && (t.User != "" || t.Token != "") {
		return "", fmt.Errorf("%w: the API root %s lies on another host than %s, which may not see the password; if it is right, give its address", ErrTeller, shorten(ref.Redacted()), base.Host)
	}
	return slashed(ref.String()), nil
}

func (t Teller) ofRoot(ctx context.Context, root string) ([]Collection, error) {
	at := root + "collections/"
	p, err := t.probe(ctx, at)
	if err != nil {
		return nil, err
	}
	return located(p.Collections, at), nil
}

func located(list []Collection, at string) []Collection {
	for i := range list {
		list[i].URL = at + url.PathEscape(list[i].ID) + "/"
	}
	return list
}

// slashed ends an address with the slash that the standard asks for; what is asked for
// within the address stays out.
func slashed(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return strings.TrimSuffix(address, "/") + "/"
}

// Choose finds the collection that is asked for among those that the server offers.
func (t Teller) Choose(list []Collection) (Collection, error) {
	var fit []Collection
	for _, c := range list {
		named := c.ID == t.Collection || c.Alias != "" && c.Alias == t.Collection || strings.EqualFold(c.Title, t.Collection)
		if t.Collection == "" && c.CanRead || t.Collection != "" && named {
			fit = append(fit, c)
		}
	}
	switch {
	case len(fit) == 1 && !fit[0].CanRead:
		return Collection{}, fmt.Errorf("%w: the collection %q may not be read with these credentials", ErrTeller, t.Collection)
	case len(fit) == 1:
		return fit[0], nil
	case len(fit) == 0 && t.Collection != "":
		return Collection{}, fmt.Errorf("%w: there is no collection %q; there are: %s", ErrTeller, t.Collection, naming(list))
	case len(fit) == 0:
		return Collection{}, fmt.Errorf("%w: no collection may be read with these credentials", ErrTeller)
	}
	return Collection{}, fmt.Errorf("%w: say which collection by its id: %s", ErrTeller, naming(fit))
}

func naming(list []Collection) string {
	var parts []string
	for i, c := range list {
		if i == 10 {
			parts = append(parts, fmt.Sprintf("and %d more", len(list)-10))
			break
		}
		parts = append(parts, fmt.Sprintf("%s (%s)", shorten(c.ID), shorten(c.Title)))
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// Objects brings what a collection holds, or what was added after an instant in the words
// of the server (Told.After of the last time; empty: all). All pages make one bundle, so
// that what refers to each other stays together.
func (t Teller) Objects(ctx context.Context, c Collection, after string) (Told, error) {
	told := Told{After: after}
	var b strings.Builder
	asked, next, seen := after, "", map[string]bool{}
	for told.Pages < maxTaxiiPages {
		p := &taxiiAnswer{}
		head, err := t.taxii(ctx, objectsURL(c, asked, next), p)
		if err != nil {
			return Told{}, fmt.Errorf("page %d: %w", told.Pages+1, err)
		}
		told.Pages++
		for _, o := range p.Objects {
			if told.Objects++; told.Objects > 1 {
				b.WriteByte(',')
			}
			b.Write(o)
		}
		told.After = later(told.After, head.Get(addedLast))
		told.More = p.More
		if !p.More || b.Len() > maxTold-maxTaxiiPage && told.After != after {
			break
		}
		if b.Len() > maxTold {
			return Told{}, fmt.Errorf("%w: more than %d MiB came, and the server does not say when they were added", ErrTeller, maxTold>>20)
		}
		if next = p.Next; next == "" {
			asked = told.After // paging by time, as the standard allows
		}
		if step := asked + " " + next; seen[step] || next == "" && asked == after {
			return Told{}, fmt.Errorf("%w: page %d says that there is more, but not where", ErrTeller, told.Pages)
		} else {
			seen[step] = true
		}
	}
	if told.More && told.After == after {
		return Told{}, fmt.Errorf("%w: more than %d pages, and the server does not say when their objects were added", ErrTeller, maxTaxiiPages)
	}
	if told.Objects > 0 {
		told.Bundle = []byte(`{"type":"bundle","id":"bundle--` + c.ID + `","objects":[` + b.String() + `]}`)
	}
	return told, nil
}

func objectsURL(c Collection, after, next string) string {
	q := url.Values{"limit": {fmt.Sprint(askedPerPage)}}
	if after != "" {
		q.Set("added_after", after)
	}
	if next != "" {
		q.Set("next", next)
	}
	return c.URL + "objects/?" + q.Encode()
}

// later is the later of two instants as servers write them. What is none changes nothing.
func later(have, got string) string {
	g, err := time.Parse(time.RFC3339Nano, got)
	if err != nil {
		return have
	}
	if h, err := time.Parse(time.RFC3339Nano, have); err == nil && !g.After(h) {
		return have
	}
	return got
}

// Pull finds the collection and brings what was added to it after an instant.
func (t Teller) Pull(ctx context.Context, after string) (Told, Collection, error) {
	list, err := t.Collections(ctx)
	if err != nil {
		return Told{}, Collection{}, err
	}
	c, err := t.Choose(list)
	if err != nil {
		return Told{}, Collection{}, err
	}
	told, err := t.Objects(ctx, c, after)
	return told, c, err
}

// File brings a file behind a plain address: STIX, MISP or a table.
func (t Teller) File(ctx context.Context) (Told, error) {
	data, _, err := t.get(ctx, t.URL, "*/*", maxTold, nil)
	return Told{Bundle: data, Pages: 1}, err
}

// taxii asks for a resource of TAXII and reads it.
func (t Teller) taxii(ctx context.Context, address string, into *taxiiAnswer) (http.Header, error) {
	data, head, err := t.get(ctx, address, taxiiAccept, maxTaxiiPage, speaksTaxii)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return nil, fmt.Errorf("%w: %s is not JSON as TAXII has it: %w", ErrTeller, place(address), err)
	}
	return head, nil
}

// speaksTaxii refuses what is not said in TAXII 2.1.
func speaksTaxii(h http.Header) error {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if v := params["version"]; err != nil || kind != taxiiType || v != "" && v != "2.1" {
		return fmt.Errorf("answers with %q, not with %s; is it the address of a TAXII 2.1 server?", shorten(h.Get("Content-Type")), taxiiAccept)
	}
	return nil
}

// place is an address as messages name it: without what is asked for and without secrets.
func place(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return shorten(address)
	}
	u.RawQuery = ""
	return u.Redacted()
}

// get asks for an address and reads a bounded answer.
func (t Teller) get(ctx context.Context, address, accept string, most int64, fits func(http.Header) error) ([]byte, http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, tellPatience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrTeller, err)
	}
	r.Header.Set("Accept", accept)
	r.Header.Set("User-Agent", "holdfast-feed")
	switch {
	case t.Token != "":
		r.Header.Set("Authorization", "Bearer "+t.Token)
	case t.User != "":
		r.SetBasicAuth(t.User, t.Password)
	}
	client := t.Client
	if client == nil {
		client = NewClient()
	}
	res, err := client.Do(r)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrTeller, err)
	}
	defer func() { _ = res.Body.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(res.Body, most+1))
	switch {
	case res.StatusCode != http.StatusOK && res.StatusCode != http.StatusPartialContent:
		return nil, nil, refusal(address, res, data)
	case err != nil:
		return nil, nil, fmt.Errorf("%w: %s broke off: %w", ErrTeller, place(address), err)
	case int64(len(data)) > most:
		return nil, nil, fmt.Errorf("%w: %s sends more than %d MiB at once", ErrTeller, place(address), most>>20)
	}
	if fits != nil {
		if err := fits(res.Header); err != nil {
			return nil, nil, fmt.Errorf("%w: %s %w", ErrTeller, place(address), err)
		}
	}
	return data, res.Header, nil
}

// refusal says in words what a status means, with what the server says itself.
func refusal(address string, res *http.Response, data []byte) error {
	why := map[int]string{
		http.StatusUnauthorized:    "wants a user with a password, or a token; those given are not right",
		http.StatusForbidden:       "does not let these credentials in",
		http.StatusNotFound:        "does not exist, or may not be seen with these credentials",
		http.StatusNotAcceptable:   "does not speak TAXII 2.1",
		http.StatusTooManyRequests: "asks to come back later",
	}[res.StatusCode]
	if why == "" {
		why = "answered " + res.Status
	}
	var said struct{ Title, Description string }
	if json.Unmarshal(data, &said) == nil && said.Title != "" {
		why += ": " + shorten(strings.TrimSpace(said.Title+" "+said.Description))
	}
	return fmt.Errorf("%w: %s %s", ErrTeller, place(address), why)
}
