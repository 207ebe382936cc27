package isms

import (
	"cmp"

	"holdfast/kind"
)

// A Task is one thing for one person to do. Everything that asks somebody to act
// makes one, so that each person has a single list over everything.
type Task struct {
	Base
	AssigneeID  string       `json:"assignee_id"  isms:"ref=person,list,filter,label=assignee" doc:"Who does it."`
	Status      TaskStatus   `json:"status"       isms:"list,filter,index"`
	Due         Date         `json:"due"          isms:"list,filter,index"`
	Priority    TaskPriority `json:"priority"     isms:"list,filter"`
	Minutes     int          `json:"minutes"      isms:"list,unit=minutes,label=estimate" doc:"How long it is expected to take."`
	SubjectKind string       `json:"subject_kind" isms:"filter,index,label=about (kind)" doc:"Kind of the record that it is about."`
	SubjectID   string       `json:"subject_id"   isms:"filter,index,label=about (record)" doc:"Id of the record that it is about."`
	Description Markdown     `json:"description"  isms:"search" doc:"What to do, and how one knows that it is done."`
	Why         string       `json:"why"          doc:"What it is good for: the loss it avoids, the requirement it meets."`
	Source      TaskSource   `json:"source"       isms:"filter" doc:"What asked for it."`
	Plan        string       `json:"plan"         isms:"filter" doc:"Step of the roadmap that it belongs to."`
	StartOn     Date         `json:"start_on"     doc:"Not before this day."`
	RepeatDays  int          `json:"repeat_days"  isms:"unit=days,label=repeat every" doc:"When it is done, the next one is due so many days later; 0: once."`
	WaitingFor  string       `json:"waiting_for"  doc:"Who or what holds it up."`
	Outcome     Markdown     `json:"outcome"      doc:"What came of it, or why it was dropped."`
	DoneAt      Instant      `json:"done_at"      isms:"computed,filter"`
	DoneBy      string       `json:"done_by"      isms:"ref=person,computed"`
	Reminders   int          `json:"reminders"    isms:"computed" doc:"How often the assignee was reminded."`
}

// TaskStatus is where a task stands.
type TaskStatus string

// The states of a task.
const (
	TaskOpen    TaskStatus = "open"
	TaskDoing   TaskStatus = "doing"
	TaskWaiting TaskStatus = "waiting"
	TaskDone    TaskStatus = "done"
	TaskDropped TaskStatus = "dropped"
)

// Choices lists the states.
func (TaskStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "open", Tone: "warn"}, {Value: "doing", Tone: "info"},
		{Value: "waiting", Tone: "info", Doc: "Somebody or something else must come first."},
		{Value: "done", Tone: "good"}, {Value: "dropped", Tone: "muted", Doc: "Not needed any more."},
	}
}

// TaskPriority tells which task comes first.
type TaskPriority string

// Choices lists the priorities, most pressing first.
func (TaskPriority) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "urgent", Tone: "critical", Doc: "Drop what you are doing."},
		{Value: "high", Tone: "high"}, {Value: "normal", Tone: "medium"}, {Value: "low", Tone: "low"},
	}
}

// TaskSource is what asked for a task.
type TaskSource string

// Choices lists the sources.
func (TaskSource) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "person", Doc: "Somebody wrote it."},
		{Value: "roadmap", Doc: "The next step to a working ISMS."},
		{Value: "finding"}, {Value: "treatment"}, {Value: "incident"}, {Value: "audit"}, {Value: "review"},
		{Value: "change", Doc: "A motivator of change re-opened it."},
		{Value: "acknowledgement"}, {Value: "training"}, {Value: "gap", Doc: "It would make a requirement green."},
	}
}

// Tasks describes the record type.
var Tasks = kind.Of("task", kind.Spec[Task]{
	Group: kind.Protect, Icon: "check", State: "status", Owner: "assignee_id", Personal: true, Sort: "due",
	Doc: "One thing for one person to do, whatever asked for it.",
	Prepare: func(t *Task) {
		t.Priority = cmp.Or(t.Priority, "normal")
		t.Source = cmp.Or(t.Source, "person")
	},
	Validate: func(t *Task) error {
		var half error
		if (t.SubjectKind == "") != (t.SubjectID == "") {
			half = kind.Fieldf("subject_id", "needs both the kind and the id of the record")
		}
		return complaints(half, notNegative("minutes", t.Minutes), notNegative("repeat_days", t.RepeatDays),
			daysOrdered("due", t.StartOn, t.Due, "lies before the first day on which it may start"))
	},
	Links: []kind.Link{
		{Name: "waits for", To: "task", Inverse: "holds up"},
		{Name: "proved by", To: "evidence", Inverse: "proves task", Doc: "What shows that it was done."},
	},
	Actions: []kind.Act[Task]{
		{Action: kind.Action{Name: "start", From: []string{"open", "waiting"}, To: "doing"},
			Do: func(t *Task, _ kind.Input) error { t.WaitingFor = ""; return nil }},
		{Action: kind.Action{Name: "wait", From: []string{"open", "doing"}, To: "waiting", Reason: true, Doc: "Say for whom or what."},
			Do: func(t *Task, in kind.Input) error { t.WaitingFor = in.Reason; return nil }},
		{Action: kind.Action{Name: "finish", Label: "Done", From: []string{"open", "doing", "waiting"}, To: "done"}, Do: finishTask},
		{Action: kind.Action{Name: "drop", From: []string{"open", "doing", "waiting"}, To: "dropped", Reason: true},
			Do: func(t *Task, in kind.Input) error { t.Outcome = Markdown(in.Reason); return nil }},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"done", "dropped"}, To: "open"},
			Do: func(t *Task, _ kind.Input) error { t.DoneAt, t.DoneBy = Instant{}, ""; return nil }},
	},
})

func finishTask(t *Task, in kind.Input) error {
	t.DoneAt, t.DoneBy, t.WaitingFor = in.At, in.By, ""
	if in.Reason != "" {
		t.Outcome = Markdown(in.Reason)
	}
	return nil
}
