package client

import (
	"context"
	"net/http"
	"time"
)

// Forwarding tells where events are handed on to, and how that goes.
type Forwarding struct {
	File    string          `json:"file,omitempty"`    // where targets are named
	Problem string          `json:"problem,omitempty"` // why the file cannot be used
	Targets []ForwardTarget `json:"targets"`
}

// A ForwardTarget is a receiver of events. It holds no secret.
type ForwardTarget struct {
	Name        string    `json:"name"`
	To          string    `json:"to"` // scheme and host
	How         string    `json:"how"`
	State       string    `json:"state"` // not begun, forwarding, behind, stands still
	Sources     []string  `json:"sources"`
	MinSeverity string    `json:"min_severity,omitempty"`
	LastDealt   time.Time `json:"last_dealt"` // when it last dealt with events
	Waiting     uint64    `json:"waiting"`
	Sent        uint64    `json:"sent"`
	Filtered    uint64    `json:"filtered"` // left out by the filter of the target
	Refused     uint64    `json:"refused"`  // by the receiver, and given up
	Unwritten   uint64    `json:"unwritten"`
	Cut         uint64    `json:"cut"`
	Skipped     uint64    `json:"skipped"`           // dropped by retention before they could be sent
	Trouble     string    `json:"trouble,omitempty"` // why it does not go on
	LastError   string    `json:"last_error,omitempty"`
	LastErrorAt time.Time `json:"last_error_at"`
}

// Forwarding reads where events are handed on to.
func (c *Client) Forwarding(ctx context.Context) (Forwarding, error) {
	var out Forwarding
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"forwarding"}}, &out)
	return out, err
}

// TestForward sends a test event to a target. An error says why it was not taken.
func (c *Client) TestForward(ctx context.Context, target string) error {
	return c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"forwarding", target, "test"}}, struct{}{}, nil)
}
