package client

import (
	"context"
	"net/http"
)

// A Coverage is what would be noticed of what attackers do.
type Coverage struct {
	Today      string              `json:"today"`
	Share      float64             `json:"share"`  // of the weight that would be noticed, 0 to 1
	Proved     float64             `json:"proved"` // of the weight that proved itself in a test
	Weighed    int                 `json:"weighed"`
	Count      map[string]int      `json:"count"` // techniques by sight
	Strange    []string            `json:"strange"`
	Techniques []CoverageTechnique `json:"techniques"`
}

// A CoverageTechnique is one technique of the matrix.
type CoverageTechnique struct {
	ID      string            `json:"id"`
	Name    string            `json:"name"`
	Tactics []string          `json:"tactics"`
	Sight   string            `json:"sight"` // proved, covered, deaf or blind
	Weight  float64           `json:"weight"`
	Matters bool              `json:"matters"`
	Last    string            `json:"last,omitempty"`
	Missed  string            `json:"missed,omitempty"`
	By      []CoverageWatcher `json:"by"`
	Because []string          `json:"because"`
	Logs    []string          `json:"logs"`
	Remedy  string            `json:"remedy,omitempty"`
}

// A CoverageWatcher is a rule or a trap that notices a technique.
type CoverageWatcher struct {
	Kind   string `json:"kind"`
	ID     string `json:"id"`
	Title  string `json:"title"`
	Live   bool   `json:"live"`
	Lacks  string `json:"lacks,omitempty"`
	Proved string `json:"proved,omitempty"`
}

// A CoverageChange is what writing blind spots into the register changed.
type CoverageChange struct {
	Opened   int `json:"opened"`
	Reopened int `json:"reopened"`
	Resolved int `json:"resolved"`
	Open     int `json:"open"`
}

// Coverage reads the matrix.
func (c *Client) Coverage(ctx context.Context) (Coverage, error) {
	var out Coverage
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"coverage"}}, &out)
	return out, err
}

// FindBlindSpots writes the blind spots that matter into the register.
func (c *Client) FindBlindSpots(ctx context.Context) (CoverageChange, error) {
	var out CoverageChange
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"coverage", "findings"}}, struct{}{}, &out)
	return out, err
}
