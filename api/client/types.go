// Package client speaks to the API of a server. It knows records through their
// Kind, so one method serves them all. The views that are not records are defined
// here and written by package api, so that both sides agree.
package client

import (
	"encoding/json"

	"holdfast/engine/quantify"
	"holdfast/kind"
)

// A List is one page of things.
type List[T any] struct {
	Data []T  `json:"data"`
	Page Page `json:"page"`
}

// A Page says where a list goes on, and how long it is when count=true asked.
type Page struct {
	Next  string `json:"next,omitempty"`
	Total *int64 `json:"total,omitempty"`
}

// ListOf makes a page; total below 0 means not counted.
func ListOf[T any](data []T, next string, total int64) List[T] {
	if data == nil {
		data = []T{}
	}
	l := List[T]{Data: data, Page: Page{Next: next}}
	if total >= 0 {
		l.Page.Total = &total
	}
	return l
}

// A Problem tells a program what went wrong (RFC 9457). Type is a place in the
// documentation; Errors say which fields or parameters are meant.
type Problem struct {
	Type    string            `json:"type"`
	Title   string            `json:"title"`
	Status  int               `json:"status"`
	Detail  string            `json:"detail"`
	Code    string            `json:"code"`
	Errors  []kind.FieldError `json:"errors,omitempty"`
	Version int64             `json:"version,omitempty"` // of the stored record, when another was expected
}

// An ActionInput is what an action is given besides the record.
type ActionInput struct {
	Reason string    `json:"reason,omitempty"`
	Until  kind.Date `json:"until,omitempty"`
}

// A Relation is a link that records of a kind can have.
type Relation struct {
	Relation string `json:"relation"`
	Kind     string `json:"kind"` // at the far end
	Doc      string `json:"doc,omitempty"`
	Forward  bool   `json:"forward"`
}

// A KindView describes a kind of record.
type KindView struct {
	Name      string       `json:"name"`
	Plural    string       `json:"plural"`
	Label     string       `json:"label"`
	Group     kind.Group   `json:"group"`
	Doc       string       `json:"doc"`
	State     string       `json:"state,omitempty"` // field that holds the state
	Sort      string       `json:"sort"`
	Fields    []FieldView  `json:"fields"`
	Actions   []ActionView `json:"actions"`
	Relations []Relation   `json:"relations"`
	May       []kind.Verb  `json:"may"` // what the caller may do with all or with its own records
}

// A FieldView describes a field.
type FieldView struct {
	Name      string        `json:"name"`
	Label     string        `json:"label"`
	Type      kind.Type     `json:"type"`
	Doc       string        `json:"doc,omitempty"`
	Ref       string        `json:"ref,omitempty"`
	Unit      string        `json:"unit,omitempty"`
	Choices   []kind.Choice `json:"choices,omitempty"`
	Required  bool          `json:"required,omitempty"`
	Computed  bool          `json:"computed,omitempty"`
	Immutable bool          `json:"immutable,omitempty"`
}

// An ActionView describes an action.
type ActionView struct {
	Name   string    `json:"name"`
	Label  string    `json:"label"`
	Doc    string    `json:"doc,omitempty"`
	From   []string  `json:"from"`
	To     string    `json:"to,omitempty"`
	Needs  kind.Verb `json:"needs"`
	Reason bool      `json:"reason,omitempty"` // somebody must say why
}

// Me is who the caller is to the server.
type Me struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Workspace string   `json:"workspace"`
	Roles     []string `json:"roles"`
	Scopes    []string `json:"scopes,omitempty"`
}

// Why is a risk with what its figures follow from.
type Why struct {
	Risk        json.RawMessage       `json:"risk"`
	Now         float64               `json:"now"`      // expected loss of a year, as things stand
	Inherent    float64               `json:"inherent"` // with every door open and no safeguard
	Target      float64               `json:"target"`   // when the planned treatments work
	P95         float64               `json:"p95"`      // one year in twenty costs more
	Weakness    float64               `json:"weakness"` // how far open findings hold the door open, 0 to 1
	Findings    []Named               `json:"findings"`
	Operating   []Named               `json:"operating"` // safeguards that work today
	Planned     []Named               `json:"planned"`   // safeguards that are on the way
	Rating      *quantify.Rating      `json:"rating,omitempty"`
	Simulation  *quantify.Summary     `json:"simulation,omitempty"`
	Explanation *quantify.Explanation `json:"explanation,omitempty"` // absent while the risk has no figures
}

// Named points to a record.
type Named struct {
	Key   string `json:"key"`
	Title string `json:"title"`
}

// A WhatIfInput names safeguards, by key or id, that are added in thought.
type WhatIfInput struct {
	Safeguards []string `json:"safeguards"`
}

// A WhatIf is what they would be worth.
type WhatIf struct {
	Before       quantify.Summary `json:"before"`
	After        quantify.Summary `json:"after"`
	Reduction    float64          `json:"reduction"`     // expected loss avoided a year
	ReductionErr float64          `json:"reduction_err"` // its standard error
	AnnualCost   float64          `json:"annual_cost"`
	RoSI         float64          `json:"rosi"`
	PaysInYear   float64          `json:"pays_in_year"` // share of the years in which it saves more than it costs
	Pays         bool             `json:"pays"`         // beyond doubt of the simulation
}

// A Portfolio is all open risks together.
type Portfolio struct {
	Risks    int                   `json:"risks"`
	Priced   int                   `json:"priced"` // how many of them have figures
	Now      quantify.Summary      `json:"now"`
	Target   quantify.Summary      `json:"target"`
	Inherent quantify.Summary      `json:"inherent"`
	Curve    []quantify.CurvePoint `json:"curve"`              // loss exceedance, as things stand
	Appetite *Appetite             `json:"appetite,omitempty"` // absent when nobody has stated one
	Position string                `json:"position,omitempty"` // of the expected yearly loss in the appetite
	Words    string                `json:"words,omitempty"`    // what that means
}

// An Appetite is what the executive team says about risk, in money a year.
type Appetite struct {
	Acceptance float64 `json:"acceptance"`
	Tolerance  float64 `json:"tolerance"`
	Appetite   float64 `json:"appetite"`
	Limit      float64 `json:"limit"`
	Capacity   float64 `json:"capacity"`
}
