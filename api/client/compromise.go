package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// IndicatorIntake says how indicators of compromise are taken in.
type IndicatorIntake struct {
	Name      string // of the file, for messages
	Source    string // who tells, where the file does not say
	Severity  string // of a sighting
	ValidDays int    // 0: what the author says, else by the type
	Context   bool   // also what MISP marks as context only
	DryRun    bool
}

// IndicatorsTaken is what became of a file of indicators.
type IndicatorsTaken struct {
	Format    string          `json:"format"`
	Read      int             `json:"read"`
	Created   int             `json:"created"`
	Changed   int             `json:"changed"`
	Unchanged int             `json:"unchanged"`
	Revoked   int             `json:"revoked"`
	Old       int             `json:"old"`
	Left      int             `json:"left"`
	Skipped   []IndicatorSkip `json:"skipped"`
	DryRun    bool            `json:"dry_run"`
}

// An IndicatorSkip is something that cannot be looked for, with the reason.
type IndicatorSkip struct {
	Where string `json:"where"`
	What  string `json:"what"`
	Why   string `json:"why"`
}

// ImportIndicators sends a file of indicators: STIX, MISP or a table.
func (c *Client) ImportIndicators(ctx context.Context, in IndicatorIntake, body io.Reader) (IndicatorsTaken, error) {
	var out IndicatorsTaken
	q := url.Values{"name": {in.Name}}
	for name, value := range map[string]string{"source": in.Source, "severity": in.Severity} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if in.ValidDays > 0 {
		q.Set("valid_days", strconv.Itoa(in.ValidDays))
	}
	for name, on := range map[string]bool{"context": in.Context, "dry_run": in.DryRun} {
		if on {
			q.Set(name, "true")
		}
	}
	err := c.Do(ctx, Request{Method: http.MethodPost, Path: []string{"threat-indicators", "import"}, Query: q, Type: "application/octet-stream", Body: body}, &out)
	return out, err
}
