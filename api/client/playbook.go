package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// A PlaybookIntake tells what became of one playbook of the catalogue or of a file.
type PlaybookIntake struct {
	PlaybookID string   `json:"playbook_id"`
	Title      string   `json:"title"`
	Status     string   `json:"status"`
	New        bool     `json:"new"`
	Created    int      `json:"created"`
	Changed    int      `json:"changed"`
	Unchanged  int      `json:"unchanged"`
	Kept       int      `json:"kept"`
	Gone       int      `json:"gone"`
	Notes      []string `json:"notes"`
}

// A PlaybookSheet is a playbook as it is followed.
type PlaybookSheet struct {
	ID       string        `json:"id"`
	Title    string        `json:"title"`
	Scenario string        `json:"scenario"`
	Severity string        `json:"severity"`
	Status   string        `json:"status"`
	Owner    string        `json:"owner"`
	Aim      string        `json:"aim"`
	Triggers string        `json:"triggers"`
	Steps    []PlaybookRow `json:"steps"`
}

// A PlaybookRow is one step of the list. Next and Otherwise are numbers of the list;
// 0 for Otherwise means that there is only one way, and one more than the last number
// is the end.
type PlaybookRow struct {
	Number       int      `json:"number"`
	ID           string   `json:"id"`
	Phase        string   `json:"phase"`
	Type         string   `json:"type"`
	Role         string   `json:"role"`
	Title        string   `json:"title"`
	Instruction  string   `json:"instruction"`
	Condition    string   `json:"condition"`
	Check        string   `json:"check"`
	Command      string   `json:"command"`
	Minutes      int      `json:"minutes"`
	Irreversible bool     `json:"irreversible"`
	Next         int      `json:"next"`
	Otherwise    int      `json:"otherwise"`
	Uses         []string `json:"uses"`
	Follows      string   `json:"follows"`
}

// AdoptPlaybooks takes playbooks of the catalogue in; without names, all of them.
func (c *Client) AdoptPlaybooks(ctx context.Context, ids []string) ([]PlaybookIntake, error) {
	var out struct {
		Data []PlaybookIntake `json:"data"`
	}
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"playbooks", "adopt"}}, map[string]any{"playbooks": ids}, &out)
	return out.Data, err
}

// ImportPlaybook sends a CACAO document.
func (c *Client) ImportPlaybook(ctx context.Context, body io.Reader, dryRun bool) (PlaybookIntake, error) {
	var out PlaybookIntake
	err := c.Do(ctx, Request{Method: http.MethodPost, Path: []string{"playbooks", "import"}, Query: url.Values{"dry_run": {strconv.FormatBool(dryRun)}}, Type: "application/json", Body: body}, &out)
	return out, err
}

// ExportPlaybook writes a playbook as a CACAO document to w.
func (c *Client) ExportPlaybook(ctx context.Context, id string, w io.Writer) error {
	return c.Copy(ctx, Request{Method: http.MethodGet, Path: []string{"playbooks", id, "cacao"}}, w)
}

// PlaybookSheet reads a playbook as it is followed.
func (c *Client) PlaybookSheet(ctx context.Context, id string) (PlaybookSheet, error) {
	var out PlaybookSheet
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"playbooks", id, "sheet"}}, &out)
	return out, err
}

// MoveStep moves a step within its phase.
func (c *Client) MoveStep(ctx context.Context, id string, up bool) error {
	return c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"playbook-steps", id, "move"}}, map[string]bool{"up": up}, &struct{}{})
}

// An ExerciseOrder asks for an exercise; everything may be left out.
type ExerciseOrder struct {
	Risk      string `json:"risk,omitempty"`
	Asset     string `json:"asset,omitempty"`
	Scenario  string `json:"scenario,omitempty"`
	Restore   bool   `json:"restore,omitempty"`
	Seed      int    `json:"seed,omitempty"`
	Minutes   int    `json:"minutes,omitempty"`
	At        string `json:"at,omitempty"`
	Lead      string `json:"lead,omitempty"`
	Announced bool   `json:"announced,omitempty"`
}

// An ExerciseRoom is an exercise as the moderator sees it.
type ExerciseRoom struct {
	ID          string           `json:"id"`
	Title       string           `json:"title"`
	Type        string           `json:"type"`
	Status      string           `json:"status"`
	Scenario    string           `json:"scenario"`
	At          string           `json:"at"`
	Seed        int              `json:"seed"`
	Lead        string           `json:"lead"`
	Playbook    string           `json:"playbook"`
	Plays       []string         `json:"plays"`
	Tries       []string         `json:"tries"`
	Minutes     int              `json:"minutes"` // on the clock
	Score       int              `json:"score"`   // -1: nothing was answered yet
	Recovery    float64          `json:"recovery"`
	TargetHours float64          `json:"target_hours"`
	NextOn      string           `json:"next_on"`
	Result      string           `json:"result"`
	Injects     []ExerciseInject `json:"injects"`
	Follows     []string         `json:"follows"` // corrective actions
}

// An ExerciseInject is one piece of news.
type ExerciseInject struct {
	ID       string   `json:"id"`
	Minute   int      `json:"minute"`
	Status   string   `json:"status"`
	Phase    string   `json:"phase"`
	To       string   `json:"to"`
	News     string   `json:"news"`
	Criteria []string `json:"criteria"`
	Met      []string `json:"met"`
	Within   int      `json:"within"`
	Answer   string   `json:"answer"`
	Score    int      `json:"score"`
	Due      bool     `json:"due"`
}

// An InjectScore judges what the players did.
type InjectScore struct {
	Answer string   `json:"answer,omitempty"`
	Met    []string `json:"met,omitempty"`
	Missed bool     `json:"missed,omitempty"`
}

// An ExerciseEnd is what is known when an exercise is over.
type ExerciseEnd struct {
	Recovery float64 `json:"recovery,omitempty"`
	Result   string  `json:"result,omitempty"`
	NextOn   string  `json:"next_on,omitempty"`
	Restored bool    `json:"restored,omitempty"`
	Compared string  `json:"compared,omitempty"`
}

// PlanExercise makes an exercise of the organisation's own records.
func (c *Client) PlanExercise(ctx context.Context, in ExerciseOrder) (ExerciseRoom, error) {
	var out ExerciseRoom
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"exercises", "generate"}}, in, &out)
	return out, err
}

// ExerciseRoom reads an exercise with its clock.
func (c *Client) ExerciseRoom(ctx context.Context, id string) (ExerciseRoom, error) {
	var out ExerciseRoom
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"exercises", id, "room"}}, &out)
	return out, err
}

// StartExercise starts the clock.
func (c *Client) StartExercise(ctx context.Context, id string) (ExerciseRoom, error) {
	var out ExerciseRoom
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"exercises", id, "start"}}, struct{}{}, &out)
	return out, err
}

// GiveInject tells the players the news.
func (c *Client) GiveInject(ctx context.Context, id string) error {
	return c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"exercise-injects", id, "give"}}, struct{}{}, &struct{}{})
}

// ScoreInject judges an answer and returns its score in percent.
func (c *Client) ScoreInject(ctx context.Context, id string, in InjectScore) (int, error) {
	var out struct {
		Score int `json:"score"`
	}
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"exercise-injects", id, "score"}}, in, &out)
	return out.Score, err
}

// FinishExercise ends an exercise and writes down what follows.
func (c *Client) FinishExercise(ctx context.Context, id string, in ExerciseEnd) (ExerciseRoom, error) {
	var out ExerciseRoom
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"exercises", id, "finish"}}, in, &out)
	return out, err
}
