package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// A SecurityPlan is the system security management plan with what is missing.
type SecurityPlan struct {
	Today    string        `json:"today"`
	Progress float64       `json:"progress"` // 0 to 1
	Next     string        `json:"next,omitempty"`
	Parts    []RoadmapStep `json:"parts"` // id is the type of plan, status that of the plan or missing
}

// Written are the plans that were made.
type Written struct {
	Made []Named `json:"made"`
}

// A CopyReport is what a backup tool says after it ran.
type CopyReport struct {
	Taken      string `json:"taken,omitempty"` // empty: now
	Identifier string `json:"identifier,omitempty"`
	Size       int64  `json:"size,omitempty"` // bytes
	SHA256     string `json:"sha256,omitempty"`
	Place      string `json:"place,omitempty"`
	KeepUntil  string `json:"keep_until,omitempty"`
	Failure    string `json:"failure,omitempty"` // what went wrong; then there is no copy
}

// A RestoreReport is the result of a restore that was tried.
type RestoreReport struct {
	Point   string `json:"point,omitempty"` // id, key or identifier; empty: the newest copy
	Failed  bool   `json:"failed,omitempty"`
	Minutes int    `json:"minutes,omitempty"`
	Result  string `json:"result"`
}

// A RestorePoint is one copy.
type RestorePoint struct {
	ID         string `json:"id"`
	Key        string `json:"key"`
	Title      string `json:"title"`
	Status     string `json:"status"`
	Identifier string `json:"identifier"`
	Taken      string `json:"taken"`
}

// A TaintRequest names what is not trusted any more.
type TaintRequest struct {
	Asset    string `json:"asset"`
	Incident string `json:"incident,omitempty"`
	Before   string `json:"before,omitempty"`
}

// Tainted tells what was marked.
type Tainted struct {
	Marked int    `json:"marked"`
	Chosen string `json:"chosen,omitempty"` // key of the copy that is held
}

// A WhyRequest is an answer to the question why.
type WhyRequest struct {
	Parent   string `json:"parent,omitempty"`
	Why      string `json:"why"`
	Evidence string `json:"evidence,omitempty"`
	Category string `json:"category,omitempty"`
	Role     string `json:"role,omitempty"`
}

// A Cause is an answer that was written down.
type Cause struct {
	ID     string `json:"id"`
	Key    string `json:"key"`
	Title  string `json:"title"`
	Status string `json:"status"`
}

// BackupBoard is how well every asset can be restored.
type BackupBoard struct {
	Good   int `json:"good"`
	Watch  int `json:"watch"`
	Bad    int `json:"bad"`
	Assets []struct {
		Asset        Named   `json:"asset"`
		Health       string  `json:"health"`
		Verdict      string  `json:"verdict"`
		Next         string  `json:"next"`
		AgeHours     float64 `json:"age_hours"`
		LastVerified string  `json:"last_verified"`
	} `json:"assets"`
}

// Impact is the business impact analysis.
type Impact struct {
	Conflicts int `json:"conflicts"`
	Lines     []struct {
		Record Named `json:"record"`
		Losses []struct {
			Label string  `json:"label"`
			Mean  float64 `json:"mean"`
		} `json:"losses"`
	} `json:"lines"`
	Assets []struct {
		Asset Named `json:"asset"`
		Step  int   `json:"step"`
		Need  struct {
			Hours float64 `json:"hours"`
		} `json:"need"`
		Able float64 `json:"able"`
		Gaps []struct {
			Text string `json:"text"`
		} `json:"gaps"`
	} `json:"assets"`
}

// A RestoreChoice is to which copy an asset is brought back.
type RestoreChoice struct {
	Asset   Named           `json:"asset"`
	Advice  string          `json:"advice"`
	Chosen  *RestoreOption  `json:"chosen"`
	Options []RestoreOption `json:"options"`
}

// A RestoreOption is one copy with what is to be said of it.
type RestoreOption struct {
	Point   Named  `json:"point"`
	Taken   string `json:"taken"`
	Verdict string `json:"verdict"`
	Why     string `json:"why"`
}

// SecurityPlan reads how complete the management plan is.
func (c *Client) SecurityPlan(ctx context.Context) (SecurityPlan, error) {
	var out SecurityPlan
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"continuity", "plan"}}, &out)
	return out, err
}

// WritePlans writes the plans that are missing.
func (c *Client) WritePlans(ctx context.Context) (Written, error) {
	var out Written
	err := c.Do(ctx, Request{Method: http.MethodPost, Path: []string{"continuity", "plan"}}, &out)
	return out, err
}

// Impact reads the business impact analysis.
func (c *Client) Impact(ctx context.Context) (Impact, error) {
	var out Impact
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"continuity", "impact"}}, &out)
	return out, err
}

// BackupBoard reads how well every asset can be restored.
func (c *Client) BackupBoard(ctx context.Context) (BackupBoard, error) {
	var out BackupBoard
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"continuity", "backups"}}, &out)
	return out, err
}

// ReportCopy reports a copy of a backup, by id or key.
func (c *Client) ReportCopy(ctx context.Context, backup string, in CopyReport) (RestorePoint, error) {
	var out RestorePoint
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"backups", backup, "copies"}}, in, &out)
	return out, err
}

// ReportRestore reports a restore of a backup, by id or key.
func (c *Client) ReportRestore(ctx context.Context, backup string, in RestoreReport) (RestorePoint, error) {
	var out RestorePoint
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"backups", backup, "restores"}}, in, &out)
	return out, err
}

// RestoreChoice reads to which copy one goes back.
func (c *Client) RestoreChoice(ctx context.Context, in TaintRequest) ([]RestoreChoice, error) {
	q := url.Values{}
	for name, value := range map[string]string{"asset": in.Asset, "incident": in.Incident, "before": in.Before} {
		if value != "" {
			q.Set(name, value)
		}
	}
	var out List[RestoreChoice]
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"continuity", "restore-choice"}, Query: q}, &out)
	return out.Data, err
}

// Taint marks the copies from after an intrusion and holds the chosen one.
func (c *Client) Taint(ctx context.Context, in TaintRequest) (Tainted, error) {
	var out Tainted
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"continuity", "restore-choice"}}, in, &out)
	return out, err
}

// ResponseTimes are how fast alerts and incidents were answered. All times are in hours.
type ResponseTimes struct {
	Measures []ResponseMeasure     `json:"measures"`
	Months   []ResponseMonth       `json:"months"` // oldest first
	Year     map[string]TimeSpread `json:"year"`   // of the last 365 days, by measure
}

// A ResponseMeasure is one of the times, with how fast is good and how slow asks for action.
type ResponseMeasure struct {
	ID     string  `json:"id"`
	Title  string  `json:"title"`
	Doc    string  `json:"doc"`
	Target float64 `json:"target"`
	Warn   float64 `json:"warn"`
}

// A ResponseMonth is the incidents and times of one month.
type ResponseMonth struct {
	Month     string                `json:"month"` // 2026-03
	Incidents int                   `json:"incidents"`
	Times     map[string]TimeSpread `json:"times"` // by measure
}

// A TimeSpread sums up some times.
type TimeSpread struct {
	Count  int     `json:"count"`
	Mean   float64 `json:"mean"`
	Median float64 `json:"median"`
	Worst  float64 `json:"worst"`
}

// ResponseTimes reads how fast alerts and incidents were answered in so many months.
func (c *Client) ResponseTimes(ctx context.Context, months int) (ResponseTimes, error) {
	var out ResponseTimes
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"continuity", "response-times"}, Query: url.Values{"months": {strconv.Itoa(months)}}}, &out)
	return out, err
}
