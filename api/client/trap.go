package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"holdfast/engine/decoy"
)

// A TrapMap shows what waits where.
type TrapMap struct {
	Waiting     int              `json:"waiting"`
	Sprung      int              `json:"sprung"`
	Mute        int              `json:"mute"`    // armed, and would not ring
	Untried     int              `json:"untried"` // wait, and did not ring in a test for a quarter of a year
	Base        string           `json:"base"`    // where tokens call home
	Zone        string           `json:"zone"`    // of names that are delegated to the server
	Complaint   string           `json:"complaint,omitempty"`
	Zones       []TrapZone       `json:"zones"`
	Suggestions []TrapSuggestion `json:"suggestions"`
}

// A TrapZone is a zone of the network.
type TrapZone struct {
	Name   string      `json:"name"`
	Assets int         `json:"assets"`
	Blind  bool        `json:"blind"` // something is there, and nothing waits
	Traps  []TrapPoint `json:"traps"`
}

// A TrapPoint is a trap with what is known of its place.
type TrapPoint struct {
	ID      string    `json:"id"`
	Key     string    `json:"key"`
	Title   string    `json:"title"`
	Type    string    `json:"type"`
	Status  string    `json:"status"`
	Asset   string    `json:"asset"`
	At      string    `json:"at,omitempty"`    // where a decoy listens
	Lacks   string    `json:"lacks,omitempty"` // why it would not ring; empty: it would
	Hits    int       `json:"hits"`
	Scans   int       `json:"scans"`
	LastHit time.Time `json:"last_hit,omitzero"`
	Proved  string    `json:"proved_on,omitempty"`
	Stale   bool      `json:"stale"`
	Old     bool      `json:"old"`
}

// A TrapSuggestion is a place where a trap would pay.
type TrapSuggestion struct {
	ID        string   `json:"id"`
	Type      string   `json:"type"`
	Title     string   `json:"title"`
	Zone      string   `json:"zone"`
	Asset     string   `json:"asset,omitempty"`
	Before    []string `json:"before"`
	Why       string   `json:"why"`
	Placement string   `json:"placement"`
	Score     float64  `json:"score"` // 0 to 100
}

// A PlannedTrap is what became of a suggestion.
type PlannedTrap struct {
	ID     string `json:"id"`
	Key    string `json:"key"`
	Title  string `json:"title"`
	Status string `json:"status"`
}

// A TokenRequest says which token to make.
type TokenRequest struct {
	Base    string `json:"base,omitempty"` // where it calls home; empty: where the server says
	Zone    string `json:"zone,omitempty"`
	Host    string `json:"host,omitempty"`
	Title   string `json:"title,omitempty"`
	Format  string `json:"format,omitempty"` // document: docx or pdf
	Replace bool   `json:"replace,omitempty"`
}

// A Token is a token that was made. It is shown this once.
type Token struct {
	TrapID    string `json:"trap_id"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Data      []byte `json:"data"`
	Value     string `json:"value"`
	Advice    string `json:"advice"`
}

// A TrapTest is a test that was announced.
type TrapTest struct {
	Until   time.Time `json:"until"`   // the next touch before then rings as a test
	Knocked bool      `json:"knocked"` // the server touched the decoy itself
	At      string    `json:"at,omitempty"`
}

// A Touch is somebody who touched a trap.
type Touch struct {
	ID        string       `json:"id"`
	TrapID    string       `json:"trap_id"`
	At        time.Time    `json:"at"`
	Remote    string       `json:"remote"`
	Test      bool         `json:"test,omitempty"`
	Where     string       `json:"where,omitempty"`
	Event     string       `json:"event,omitempty"`
	Statement string       `json:"statement"`
	Visit     *decoy.Visit `json:"visit,omitempty"`
	Hit       *decoy.Hit   `json:"hit,omitempty"`
}

// A Rang is what became of a visit that was reported.
type Rang struct {
	TrapID     string `json:"trap_id,omitempty"`
	AlertID    string `json:"alert_id,omitempty"`
	IncidentID string `json:"incident_id,omitempty"`
	EvidenceID string `json:"evidence_id,omitempty"`
	Scanner    bool   `json:"scanner,omitempty"`
	Test       bool   `json:"test,omitempty"`
}

// TrapMap reads the map.
func (c *Client) TrapMap(ctx context.Context) (TrapMap, error) {
	var m TrapMap
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"trap-map"}}, &m)
	return m, err
}

// PlanTrap makes a planned trap of a suggestion.
func (c *Client) PlanTrap(ctx context.Context, suggestion string) (PlannedTrap, error) {
	var out PlannedTrap
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"trap-map", "plan"}}, map[string]string{"suggestion": suggestion}, &out)
	return out, err
}

// Touches reads who touched traps, newest first; all traps when trap is empty.
func (c *Client) Touches(ctx context.Context, trap string, limit int) ([]Touch, error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	if trap != "" {
		q.Set("trap", trap)
	}
	var list struct{ Data []Touch }
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"trap-touches"}, Query: q}, &list)
	return list.Data, err
}

// MakeToken makes the token of a trap.
func (c *Client) MakeToken(ctx context.Context, trap string, in TokenRequest) (Token, error) {
	var out Token
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"traps", trap, "token"}}, in, &out)
	return out, err
}

// TestTrap announces a test of a trap.
func (c *Client) TestTrap(ctx context.Context, trap string) (TrapTest, error) {
	var out TrapTest
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"traps", trap, "test"}}, struct{}{}, &out)
	return out, err
}

// ReportVisit tells of a visit to a decoy that runs elsewhere.
func (c *Client) ReportVisit(ctx context.Context, trap string, v decoy.Visit) (Rang, error) {
	var out Rang
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"traps", trap, "visits"}}, v, &out)
	return out, err
}

// CoverageLayer writes the matrix of what would be noticed as a layer of ATT&CK Navigator.
func (c *Client) CoverageLayer(ctx context.Context, w io.Writer) error {
	res, err := c.send(ctx, Request{Method: http.MethodGet, Path: []string{"coverage", "layer"}})
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(w, io.LimitReader(res.Body, maxAnswer))
	return err
}
