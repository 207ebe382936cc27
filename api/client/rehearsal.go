package client

import (
	"context"
	"net/http"
	"time"
)

// RehearsalRequest says on which stored events a rule is tried, and how much work that
// may be.
type RehearsalRequest struct {
	Since      string `json:"since,omitempty"` // how long ago (24h, 7d), a date, an instant, or all; empty: 7d
	Until      string `json:"until,omitempty"` // the same; empty: now
	Events     int    `json:"events,omitempty"`
	Seconds    int    `json:"seconds,omitempty"` // 1 to 120; 0: 20
	Hits       int    `json:"hits,omitempty"`    // told one by one; 0: 20, at most 200
	Body       string `json:"body,omitempty"`    // text to try instead of that of the rule
	Background bool   `json:"background,omitempty"`
}

// A Rehearsal is what a rule would have done with stored events.
type Rehearsal struct {
	Rule    string    `json:"rule"`
	Text    string    `json:"text_sha256"`
	At      time.Time `json:"at"`
	From    time.Time `json:"from"` // what was asked for
	To      time.Time `json:"to"`
	First   time.Time `json:"first"` // arrival of the first and last event that were looked at
	Last    time.Time `json:"last"`
	Stored  uint64    `json:"stored"`
	Read    int       `json:"read"`
	Unread  int       `json:"unread"`
	Matches int       `json:"matches"`
	Rings   int       `json:"rings"`
	Alerts  int       `json:"alerts"`
	Days    float64   `json:"days"`
	PerDay  float64   `json:"per_day"`
	Stopped string    `json:"stopped,omitempty"` // time or events: it had not looked at everything
	Seconds float64   `json:"seconds"`

	Buckets []EventBucket  `json:"buckets"`
	Hits    []RehearsalHit `json:"hits"`
	Assets  []Tally        `json:"assets"`
	Sources []Tally        `json:"sources"`
	Actors  []Tally        `json:"actors"`
}

// A RehearsalHit is one time that the rule would have rung.
type RehearsalHit struct {
	Position uint64    `json:"position"`
	At       time.Time `json:"at"`
	Title    string    `json:"title"`
	Line     string    `json:"line"`
	Reasons  []string  `json:"reasons"`
	Events   int       `json:"events"`
}

// A Tally is how often something was met.
type Tally struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// Rehearse tries a rule on stored events.
func (c *Client) Rehearse(ctx context.Context, rule string, in RehearsalRequest) (Rehearsal, error) {
	var out Rehearsal
	in.Background = false
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"detection-rules", rule, "try"}}, in, &out)
	return out, err
}

// RehearseLater has a rule tried in the background; job is the work, empty when the rule
// is being tried already. LastRehearsal tells what came of it.
func (c *Client) RehearseLater(ctx context.Context, rule string, in RehearsalRequest) (job string, err error) {
	var out struct {
		Job string `json:"job"`
	}
	in.Background = true
	err = c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"detection-rules", rule, "try"}}, in, &out)
	return out.Job, err
}

// LastRehearsal is what trying a rule came to the last time, within a day.
func (c *Client) LastRehearsal(ctx context.Context, rule string) (Rehearsal, error) {
	var out Rehearsal
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"detection-rules", rule, "try"}}, &out)
	return out, err
}
