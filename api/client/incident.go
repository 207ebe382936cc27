package client

import (
	"context"
	"net/http"
	"time"
)

// A DeclareRequest calls something an incident. A title or an alert is enough.
type DeclareRequest struct {
	Title      string    `json:"title,omitempty"`
	AssetID    string    `json:"asset_id,omitempty"` // id or key
	Category   string    `json:"category,omitempty"`
	Severity   string    `json:"severity,omitempty"`
	AlertIDs   []string  `json:"alert_ids,omitempty"`
	TrapID     string    `json:"trap_id,omitempty"`
	ConcernID  string    `json:"concern_id,omitempty"`
	PlaybookID string    `json:"playbook_id,omitempty"`
	LeadID     string    `json:"lead_id,omitempty"`
	DetectedAt time.Time `json:"detected_at,omitzero"`
	StartedAt  time.Time `json:"started_at,omitzero"`
	Summary    string    `json:"summary,omitempty"`
	Exercise   bool      `json:"exercise,omitempty"`
}

// A Room is an incident with what those who answer it need.
type Room struct {
	ID       string      `json:"id"`
	Key      string      `json:"key"`
	Title    string      `json:"title"`
	Phase    string      `json:"phase"`
	Severity string      `json:"severity"`
	Category string      `json:"category"`
	Asset    string      `json:"asset,omitempty"`
	Lead     string      `json:"lead,omitempty"`
	Playbook string      `json:"playbook,omitempty"`
	Version  int64       `json:"version"`
	PhaseDue time.Time   `json:"phase_due,omitzero"`
	Cost     float64     `json:"cost"`  // so far, in major units
	Value    float64     `json:"value"` // in reach, in major units
	People   int         `json:"people"`
	Steps    []RoomStep  `json:"steps"`
	Clocks   []RoomClock `json:"clocks"`
	Reach    []RoomReach `json:"reach"`
	Timeline []RoomEntry `json:"timeline"`
	Evidence []RoomProof `json:"evidence"`
}

// A RoomStep is a step of the playbook.
type RoomStep struct {
	ID    string `json:"id"`
	Key   string `json:"key"`
	Title string `json:"title"`
	Phase string `json:"phase"`
	State string `json:"state"` // open, underway, done, failed, skipped
	Next  bool   `json:"next"`
	Lead  bool   `json:"lead_only"` // cannot be undone
}

// A RoomClock is a message that is due.
type RoomClock struct {
	ID     string    `json:"id"`
	Clock  string    `json:"clock,omitempty"` // id of the rule; empty: written by a person
	Title  string    `json:"title"`
	Rule   string    `json:"rule"`
	Status string    `json:"status"`
	Due    time.Time `json:"due,omitzero"`
	Sent   time.Time `json:"sent,omitzero"`
	Late   bool      `json:"late"`
	Left   string    `json:"left"` // in words
	SHA256 string    `json:"sha256,omitempty"`
	Text   string    `json:"text"`
}

// A RoomReach is an asset in the blast radius.
type RoomReach struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Affected bool   `json:"affected"`
	Falls    bool   `json:"falls"`
	Open     bool   `json:"open"`
	Steps    int    `json:"steps"`
}

// A RoomEntry is an entry of the timeline.
type RoomEntry struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"`
	Type      string    `json:"type"`
	Phase     string    `json:"phase"`
	By        string    `json:"by"`
	What      string    `json:"what"`
	Result    string    `json:"result,omitempty"`
	Automatic bool      `json:"automatic"`
	Corrects  string    `json:"corrects,omitempty"`
	Corrected string    `json:"corrected,omitempty"` // by this entry
}

// A RoomProof is a piece of evidence.
type RoomProof struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Holder string `json:"holder"`
	SHA256 string `json:"sha256"`
}

// A PhaseRequest takes an incident to another phase, or out of it.
type PhaseRequest struct {
	Action  string `json:"action"` // contain, eradicate, recover, learn, close, dismiss, reopen
	Reason  string `json:"reason,omitempty"`
	Lessons string `json:"lessons,omitempty"`
	Version int64  `json:"version,omitempty"` // 0: whatever is stored
}

// A NoteRequest is an entry for the timeline.
type NoteRequest struct {
	Type    string    `json:"type,omitempty"` // action, observation, decision, communication
	What    string    `json:"what"`
	Result  string    `json:"result,omitempty"`
	At      time.Time `json:"at,omitzero"`
	Minutes int       `json:"minutes,omitempty"`
	Cost    float64   `json:"cost,omitempty"`     // in major units
	Correct string    `json:"corrects,omitempty"` // id of the entry that it puts right
}

// A TickRequest says what came of a step.
type TickRequest struct {
	Outcome string `json:"outcome"` // done, underway, failed, skipped, yes, no
	Note    string `json:"note,omitempty"`
	Minutes int    `json:"minutes,omitempty"`
}

// A HandOverRequest gives a role to somebody else.
type HandOverRequest struct {
	Role    string `json:"role"` // lead, scribe, communication
	Person  string `json:"person"`
	Note    string `json:"note,omitempty"`
	Version int64  `json:"version,omitempty"`
}

// A NoticeRequest does something with a message.
type NoticeRequest struct {
	Do        string    `json:"do"` // approve, send, waive, refill
	At        time.Time `json:"at,omitzero"`
	Channel   string    `json:"channel,omitempty"`
	Reference string    `json:"reference,omitempty"`
	Remark    string    `json:"remark,omitempty"`
}

// An OddRequest reports something odd.
type OddRequest struct {
	What      string `json:"what"`
	Category  string `json:"category,omitempty"`
	Place     string `json:"place,omitempty"`
	Anonymous bool   `json:"anonymous,omitempty"`
}

// An OddReceipt is the number with which the reporter looks at the answer.
type OddReceipt struct {
	Receipt string `json:"receipt"`
}

func (c *Client) incident(ctx context.Context, in any, path ...string) (Room, error) {
	var r Room
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: append([]string{"incidents"}, path...)}, in, &r)
	return r, err
}

// Declare opens an incident, or adds to the open one of the same story.
func (c *Client) Declare(ctx context.Context, in DeclareRequest) (Room, error) {
	return c.incident(ctx, in, "declare")
}

// Room reads an incident with all around it.
func (c *Client) Room(ctx context.Context, id string) (Room, error) {
	var r Room
	err := c.Do(ctx, Request{Method: http.MethodGet, Path: []string{"incidents", id, "room"}}, &r)
	return r, err
}

// MovePhase takes an incident to another phase.
func (c *Client) MovePhase(ctx context.Context, id string, in PhaseRequest) (Room, error) {
	return c.incident(ctx, in, id, "phase")
}

// WriteNote adds to the timeline.
func (c *Client) WriteNote(ctx context.Context, id string, in NoteRequest) (Room, error) {
	return c.incident(ctx, in, id, "notes")
}

// TickStep says what came of a step of the playbook.
func (c *Client) TickStep(ctx context.Context, id, step string, in TickRequest) (Room, error) {
	return c.incident(ctx, in, id, "steps", step)
}

// HandOver gives a role to somebody else.
func (c *Client) HandOver(ctx context.Context, id string, in HandOverRequest) (Room, error) {
	return c.incident(ctx, in, id, "roles")
}

// Notice does something with a message; clock is the id of the message or its rule.
func (c *Client) Notice(ctx context.Context, id, clock string, in NoticeRequest) (Room, error) {
	return c.incident(ctx, in, id, "clocks", clock)
}

// ReportOdd reports something odd.
func (c *Client) ReportOdd(ctx context.Context, in OddRequest) (OddReceipt, error) {
	var r OddReceipt
	err := c.sendJSON(ctx, Request{Method: http.MethodPost, Path: []string{"concerns", "report"}}, in, &r)
	return r, err
}
