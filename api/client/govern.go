package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// A Party is an interested party with how its needs are met.
type Party struct {
	ID        string           `json:"id"`
	Key       string           `json:"key"`
	Title     string           `json:"title"`
	Category  string           `json:"category"`
	Hostile   bool             `json:"hostile"` // to be held off, not served
	Needs     string           `json:"needs"`
	Measured  string           `json:"measured"` // met, partly, fails, stale or unknown
	Proofs    []StatementProof `json:"proofs"`
	Lacks     []string         `json:"lacks"`
	ReviewDue bool             `json:"review_due"`
}

// A Boundary is what lies inside a scope, outside, and what crosses.
type Boundary struct {
	Scope     string     `json:"scope"` // key
	In        []Placed   `json:"in"`
	Out       []Placed   `json:"out"`
	Sites     []string   `json:"sites"`
	Teams     []string   `json:"teams"`
	People    []string   `json:"people"`
	Vendors   []string   `json:"vendors"`
	Crossings []Crossing `json:"crossings"`
}

// A Placed asset lies inside or outside, for a reason.
type Placed struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Why   string `json:"why"`
}

// A Crossing is where something passes the boundary.
type Crossing struct {
	Kind     string   `json:"kind"`
	ID       string   `json:"id"`
	Inside   string   `json:"inside"`
	Outside  string   `json:"outside"`
	How      string   `json:"how"`
	Outward  bool     `json:"outward"`
	Worth    float64  `json:"worth"`
	Loss     float64  `json:"loss"`
	Guards   []string `json:"guards"`
	Reviewed string   `json:"reviewed"`
	Verdict  string   `json:"verdict"`
	AtRisk   bool     `json:"at_risk"`
}

// A Case is the business case from the live records, in the money of the organisation.
type Case struct {
	Now      CaseSpan  `json:"now"`  // loss of a year as things stand
	With     CaseSpan  `json:"with"` // loss of a year with the plan
	Once     float64   `json:"once"`
	Hours    float64   `json:"hours"`
	Yearly   float64   `json:"yearly"`
	Avoided  float64   `json:"avoided"`
	Return   float64   `json:"return"`  // RoSI = ALE₁ − ALE₂ − ACS
	Payback  float64   `json:"payback"` // months; 0: never
	Fines    float64   `json:"fines"`
	Measures []Measure `json:"measures"`
}

// A CaseSpan is a figure with its bad years.
type CaseSpan struct {
	Mean float64 `json:"mean"`
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P95  float64 `json:"p95"`
}

// A Measure is a planned safeguard with what it is worth.
type Measure struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Avoided float64  `json:"avoided"`
	Cost    float64  `json:"cost"`
	Hours   float64  `json:"hours"`
	Return  float64  `json:"return"`
	Risks   []string `json:"risks"`
}

// A Trend is an indicator with its readings, the oldest first.
type Trend struct {
	Key        string    `json:"key"`
	Title      string    `json:"title"`
	Unit       string    `json:"unit"`
	Health     string    `json:"health"`
	Value      float64   `json:"value"`
	Target     float64   `json:"target"`
	Change     *float64  `json:"change,omitempty"` // positive is better; nothing without two readings
	Points     []Reading `json:"points"`
	Objectives []string  `json:"objectives"`
}

// A Reading is the value of one moment.
type Reading struct {
	At    time.Time `json:"at"`
	Value float64   `json:"value"`
}

// Parties reads how the needs of interested parties are met, the worst first.
func (c *Client) Parties(ctx context.Context) ([]Party, error) {
	var l List[Party]
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"parties"}}, &l)
	return l.Data, err
}

// Boundary reads the computed boundary of a scope by id or key.
func (c *Client) Boundary(ctx context.Context, scope string) (Boundary, error) {
	var b Boundary
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"scopes", scope, "boundary"}}, &b)
	return b, err
}

// Case reads the business case.
func (c *Client) Case(ctx context.Context) (Case, error) {
	var out Case
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"business-case"}}, &out)
	return out, err
}

// Trends reads the indicators with their readings of the last days.
func (c *Client) Trends(ctx context.Context, days int) ([]Trend, error) {
	var l List[Trend]
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"trends"}, Query: url.Values{"days": {strconv.Itoa(days)}}}, &l)
	return l.Data, err
}
