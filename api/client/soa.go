package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"time"
)

// A ShippedFramework is a framework of the catalogue.
type ShippedFramework struct {
	ID           string `json:"id"`
	Title        string `json:"title"`
	Publisher    string `json:"publisher"`
	Edition      string `json:"edition"`
	Requirements int    `json:"requirements"` // that can be met
	Loaded       bool   `json:"loaded"`       // it is in the workspace
}

// A StandingCount is how the requirements of a framework stand in a scope.
type StandingCount struct {
	Total     int     `json:"total"`
	Excluded  int     `json:"excluded"`
	Undecided int     `json:"undecided"`
	Met       int     `json:"met"`
	Partly    int     `json:"partly"`
	Fails     int     `json:"fails"`
	Stale     int     `json:"stale"`
	Unknown   int     `json:"unknown"`
	Said      int     `json:"said"`
	Differs   int     `json:"differs"`
	Inferred  int     `json:"inferred"`
	Share     float64 `json:"share"` // met of those that apply, 0 to 1
}

// A StatementProof is one fact that speaks for or against a requirement.
type StatementProof struct {
	Source  string    `json:"source"`
	Verdict string    `json:"verdict"` // good, weak, old or bad
	Title   string    `json:"title"`
	Text    string    `json:"text"`
	At      time.Time `json:"at,omitzero"`
	Until   string    `json:"until,omitempty"`
	Kind    string    `json:"kind,omitempty"`
	ID      string    `json:"id,omitempty"`
}

// A StatementSource is a requirement of another framework from which something follows.
type StatementSource struct {
	Requirement string   `json:"requirement"`
	Answers     string   `json:"answers"` // whole, part or against
	Confidence  int      `json:"confidence"`
	Way         []string `json:"way"` // pair by pair
}

// A StatementLine is one line of the statement of applicability.
type StatementLine struct {
	Framework     string            `json:"framework"`
	Code          string            `json:"code"`
	Title         string            `json:"title"`
	Chapter       string            `json:"chapter"`
	Applies       string            `json:"applies"`
	Reason        string            `json:"reason"`
	IncludedFor   []string          `json:"included_for"`
	Said          string            `json:"said"`
	Measured      string            `json:"measured"`
	MeasuredAt    time.Time         `json:"measured_at,omitzero"`
	Differs       bool              `json:"differs"`
	Maturity      int               `json:"maturity"`
	Proposed      int               `json:"proposed_maturity"`
	How           string            `json:"how"`
	Safeguards    []string          `json:"safeguards"`
	Proofs        []StatementProof  `json:"proofs"`
	From          []StatementSource `json:"from"`
	Requirement   string            `json:"requirement_id"`
	Applicability string            `json:"applicability_id,omitempty"`
}

// A Statement is the statement of applicability of one framework in one scope.
type Statement struct {
	Framework string          `json:"framework"`
	Scope     string          `json:"scope"` // empty: the whole organisation
	Count     StandingCount   `json:"count"`
	Lines     []StatementLine `json:"lines"`
}

// A GapStep is what would turn requirements green.
type GapStep struct {
	Key     string   `json:"key"`
	Title   string   `json:"title"`
	How     string   `json:"how"`
	Avoided float64  `json:"avoided"` // expected loss of a year
	Cost    float64  `json:"cost"`    // of the first year
	Hours   float64  `json:"hours"`
	Answers []string `json:"answers"` // numbers of requirements
	Task    string   `json:"task,omitempty"`
}

// A Gap is what one framework lacks in one scope.
type Gap struct {
	Framework string        `json:"framework"`
	Scope     string        `json:"scope"`
	Count     StandingCount `json:"count"`
	Missing   []string      `json:"missing"` // numbers of requirements, the worst first
	Steps     []GapStep     `json:"steps"`
	Trend     []GapReading  `json:"trend"`
}

// A GapReading is how much of a framework was met on a day.
type GapReading struct {
	Day   string  `json:"day"`
	Share float64 `json:"share"`
	Note  string  `json:"note"`
}

// An Adoption tells what adopting a framework changed.
type Adoption struct {
	FrameworkID string `json:"framework_id"`
	Framework   string `json:"framework"`
	Status      string `json:"status"`
	Created     int    `json:"created"`
	Changed     int    `json:"changed"`
	Unchanged   int    `json:"unchanged"`
	Kept        int    `json:"kept"`
	Gone        int    `json:"gone"`
	Orphans     int    `json:"orphans"`
	Mappings    int    `json:"mappings"`
	Links       int    `json:"links"`
	Lines       int    `json:"lines"`
}

// A LineDecision is what somebody says about one requirement. What is empty stays.
type LineDecision struct {
	Requirement string   `json:"requirement"` // id or key
	Applies     string   `json:"applies,omitempty"`
	Reason      string   `json:"reason,omitempty"`
	IncludedFor []string `json:"included_for,omitempty"`
	Status      string   `json:"status,omitempty"`
	How         *string  `json:"how,omitempty"`
	Maturity    *int     `json:"maturity,omitempty"`
}

// LineDecisions are made together, all or none.
type LineDecisions struct {
	Framework string         `json:"framework,omitempty"` // with Proposed
	Scope     string         `json:"scope,omitempty"`
	Proposed  bool           `json:"proposed,omitempty"` // decide everything undecided of the framework as proposed
	Lines     []LineDecision `json:"lines,omitempty"`
}

// HowMany tells how many lines or tasks changed.
type HowMany struct {
	Changed int `json:"changed"`
}

// ShippedFrameworks lists the catalogue.
func (c *Client) ShippedFrameworks(ctx context.Context) ([]ShippedFramework, error) {
	var l List[ShippedFramework]
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"frameworks", "shipped"}}, &l)
	return l.Data, err
}

// Adopt takes a framework of the catalogue into the workspace.
func (c *Client) Adopt(ctx context.Context, id string) (Adoption, error) {
	var a Adoption
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"frameworks", "adopt"}}, map[string]string{"framework": id}, &a)
	return a, err
}

func whose(framework, scope string) url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"framework": framework, "scope": scope} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// Statement reads the statement of applicability; without a framework, that of the
// first one adopted, without a scope, of the whole organisation.
func (c *Client) Statement(ctx context.Context, framework, scope string) (Statement, error) {
	var s Statement
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"soa"}, Query: whose(framework, scope)}, &s)
	return s, err
}

// StatementCSV writes it to w as a table.
func (c *Client) StatementCSV(ctx context.Context, framework, scope string, w io.Writer) error {
	return c.Copy(ctx, Request{Method: http.MethodGet, Path: []string{"soa.csv"}, Query: whose(framework, scope)}, w)
}

// Decide writes lines of the statement.
func (c *Client) Decide(ctx context.Context, d LineDecisions) (HowMany, error) {
	var out HowMany
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"soa"}}, d, &out)
	return out, err
}

// Gap says what a framework lacks.
func (c *Client) Gap(ctx context.Context, framework, scope string) (Gap, error) {
	var g Gap
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"gap"}, Query: whose(framework, scope)}, &g)
	return g, err
}

// A Duty is an obligation with how far it is shown to be kept.
type Duty struct {
	Key          string   `json:"key"`
	Title        string   `json:"title"`
	Status       string   `json:"status"`
	Said         string   `json:"said"`
	Measured     string   `json:"measured"`
	Requirements []string `json:"requirements"`
	Unmet        []string `json:"unmet"`
	ReviewBy     string   `json:"review_by,omitempty"`
	Next         string   `json:"next,omitempty"` // when something of it must be looked at again
}
