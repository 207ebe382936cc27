package client

import (
	"context"
	"net/http"
)

// A Roadmap is the way to a working ISMS in two tracks, computed from the records.
type Roadmap struct {
	Today  string         `json:"today"`
	Next   string         `json:"next"` // id of the step that comes next; empty: all are done
	Tracks []RoadmapTrack `json:"tracks"`
	Pace   *RoadmapPace   `json:"pace,omitempty"` // nothing while nothing is planned
}

// A RoadmapTrack is ten steps towards one aim.
type RoadmapTrack struct {
	ID       string        `json:"id"` // first or isms
	Title    string        `json:"title"`
	Done     int           `json:"done"`
	Progress float64       `json:"progress"` // 0 to 1
	Steps    []RoadmapStep `json:"steps"`
}

// A RoadmapStep is done when each of its parts is.
type RoadmapStep struct {
	ID       string        `json:"id"`
	Number   int           `json:"number"`
	Title    string        `json:"title"`
	Progress float64       `json:"progress"`
	Done     bool          `json:"done"`
	Next     string        `json:"next,omitempty"` // what to do, in a sentence
	Owner    string        `json:"owner,omitempty"`
	Due      string        `json:"due,omitempty"`
	Expected string        `json:"expected,omitempty"` // at the present pace
	Status   string        `json:"status,omitempty"`   // of its milestone
	Parts    []RoadmapPart `json:"parts"`
}

// A RoadmapPart is one fact of a definition of done.
type RoadmapPart struct {
	Name   string   `json:"name"`
	Counts string   `json:"counts"` // what counts, in words
	Have   int      `json:"have"`
	Want   int      `json:"want"`
	Lacks  []string `json:"lacks"` // the first records that lack, and why
	More   int      `json:"more"`  // how many more lack
}

// A RoadmapPace is how fast the plan is carried out.
type RoadmapPace struct {
	Planned float64 `json:"planned"` // hours a week
	Pace    float64 `json:"pace"`    // hours a week
	Left    float64 `json:"left"`    // hours
	Ends    string  `json:"ends"`
	Formula string  `json:"formula"`
}

// A PlanRequest asks for milestones.
type PlanRequest struct {
	Tracks []string `json:"tracks,omitempty"` // none: both
	Start  string   `json:"start,omitempty"`  // empty: today
	Hours  float64  `json:"hours,omitempty"`  // a week; 0: four
	Owner  string   `json:"owner,omitempty"`  // key or id; empty: the security lead
}

// A ReplanRequest holds the plan against reality.
type ReplanRequest struct {
	Adopt bool `json:"adopt,omitempty"` // take the forecasts as the new dates
}

// RoadmapChange is what planning changed.
type RoadmapChange struct {
	Made  int      `json:"made"`
	Moved []string `json:"moved"` // one line for each milestone that changed
}

// Roadmap reads both tracks.
func (c *Client) Roadmap(ctx context.Context) (Roadmap, error) {
	var r Roadmap
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"roadmap"}}, &r)
	return r, err
}

// PlanRoadmap makes the milestones that are missing.
func (c *Client) PlanRoadmap(ctx context.Context, in PlanRequest) (RoadmapChange, error) {
	var out RoadmapChange
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"roadmap", "plan"}}, in, &out)
	return out, err
}

// Replan holds the plan against reality.
func (c *Client) Replan(ctx context.Context, in ReplanRequest) (RoadmapChange, error) {
	var out RoadmapChange
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"roadmap", "replan"}}, in, &out)
	return out, err
}
