package client

import (
	"context"
	"net/http"
	"time"
)

// An IndicatorFeed tells how a server goes that indicators are fetched from.
type IndicatorFeed struct {
	Name    string    `json:"name"`
	Kind    string    `json:"kind"` // taxii or url; empty: the file of sources cannot be used
	Host    string    `json:"host"`
	Every   int       `json:"every_hours"`
	At      time.Time `json:"last_worked"`
	Tried   time.Time `json:"last_tried"`
	Due     time.Time `json:"due"`
	Trouble string    `json:"trouble,omitempty"`
	Read    int       `json:"read"`    // the last time
	Created int       `json:"created"` // of these, new
}

// IndicatorFeeds reads how the servers go that indicators are fetched from.
func (c *Client) IndicatorFeeds(ctx context.Context) ([]IndicatorFeed, error) {
	var out struct {
		Data []IndicatorFeed `json:"data"`
	}
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"indicator-feeds"}}, &out)
	return out.Data, err
}

// FetchFeed asks for the indicators of a server now; job is the work that fetches them,
// empty when it is at it already.
func (c *Client) FetchFeed(ctx context.Context, name string) (job string, err error) {
	var out struct {
		Job string `json:"job"`
	}
	err = c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"indicator-feeds", "fetch"}}, map[string]string{"name": name}, &out)
	return out.Job, err
}
