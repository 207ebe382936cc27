package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// A Story is a group of alerts that belong together, the worst first.
type Story struct {
	Severity string      `json:"severity"`
	Score    float64     `json:"score"`
	Count    int         `json:"count"` // events of all
	First    time.Time   `json:"first_seen"`
	Last     time.Time   `json:"last_seen"`
	Alerts   []AlertLine `json:"alerts"`
}

// An AlertLine is an alert in short.
type AlertLine struct {
	ID       string    `json:"id"`
	Key      string    `json:"key"`
	Title    string    `json:"title"`
	Severity string    `json:"severity"`
	Status   string    `json:"status"`
	Score    float64   `json:"score"`
	Count    int       `json:"count"`
	AssetID  string    `json:"asset_id,omitempty"`
	Actor    string    `json:"actor,omitempty"`
	Last     time.Time `json:"last_seen"`
}

// AlertAbout is everything there is to say of one alert.
type AlertAbout struct {
	Alert      AlertLine   `json:"alert"`
	Why        string      `json:"why"`
	FirstStep  string      `json:"first_step"`
	Formula    string      `json:"formula"` // how the score came to be
	Dependents []string    `json:"dependents"`
	Next       []string    `json:"next_doors"`
	Findings   []string    `json:"findings"`
	Risks      []string    `json:"risks"`
	Story      []AlertLine `json:"story"`
	Events     []string    `json:"events"`
	SHA256     string      `json:"sha256,omitempty"`
}

// RuleImport tells what an import of rules did.
type RuleImport struct {
	Added   int      `json:"added"`
	Changed int      `json:"changed"`
	Same    int      `json:"same"`
	Refused []string `json:"refused"`

	Rules  []RuleNews `json:"rules"` // each that is new or changed
	DryRun bool       `json:"dry_run"`
}

// RuleNews is a rule that an import brings.
type RuleNews struct {
	File   string `json:"file"`
	Title  string `json:"title"`
	Level  string `json:"level"`
	Source string `json:"source"`
	Key    string `json:"key,omitempty"` // of the record that it changes; empty: it is new
}

// RuleTry is a rule with the events to try it on.
type RuleTry struct {
	Body   string `json:"body"`
	Events string `json:"events"`
	Format string `json:"format,omitempty"`
}

// RuleTrial is what a rule says about events.
type RuleTrial struct {
	Lines    int       `json:"lines"`
	Matches  int       `json:"matches"`
	Hits     []RuleHit `json:"hits"`
	Together []string  `json:"together"`
}

// A RuleHit is one line that a rule matches.
type RuleHit struct {
	Line    int      `json:"line"`
	Rule    string   `json:"rule"`
	Reasons []string `json:"reasons"`
}

// Stories reads the alerts that wait, by story.
func (c *Client) Stories(ctx context.Context) ([]Story, error) {
	var out struct {
		Data []Story `json:"data"`
	}
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"alert-stories"}}, &out)
	return out.Data, err
}

// AboutAlert reads everything about one alert.
func (c *Client) AboutAlert(ctx context.Context, idOrKey string) (AlertAbout, error) {
	var out AlertAbout
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"alerts", idOrKey, "about"}}, &out)
	return out, err
}

// TryRoute sends a test over an alert route; job is the work that sends it.
func (c *Client) TryRoute(ctx context.Context, idOrKey string) (job string, err error) {
	var out struct {
		Job string `json:"job"`
	}
	err = c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"alert-routes", idOrKey, "test"}}, struct{}{}, &out)
	return out.Job, err
}

// ImportRules sends a file or archive of rules.
func (c *Client) ImportRules(ctx context.Context, name, state string, dryRun bool, body io.Reader) (RuleImport, error) {
	var out RuleImport
	err := c.Do(ctx, Request{Method: http.MethodPost, Path: []string{"detection-rules", "import"}, Query: url.Values{"name": {name}, "state": {state}, "dry_run": {strconv.FormatBool(dryRun)}}, Type: "application/octet-stream", Body: body}, &out)
	return out, err
}

// AdoptRules takes in the rules that ship with the product.
func (c *Client) AdoptRules(ctx context.Context, state string, dryRun bool) (RuleImport, error) {
	var out RuleImport
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"detection-rules", "adopt"}}, map[string]any{"state": state, "dry_run": dryRun}, &out)
	return out, err
}

// ExportRules writes all rules as a ZIP archive.
func (c *Client) ExportRules(ctx context.Context, w io.Writer) error {
	return c.Copy(ctx, Request{Method: http.MethodGet, Path: []string{"detection-rules", "export"}}, w)
}

// TryRule tries a rule on events.
func (c *Client) TryRule(ctx context.Context, in RuleTry) (RuleTrial, error) {
	var out RuleTrial
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"detection-rules", "try"}}, in, &out)
	return out, err
}
