package isms

import "holdfast/kind"

// A CorrectiveAction removes the cause of something that went wrong, so that it
// does not happen again. Later somebody looks whether that was so.
type CorrectiveAction struct {
	Base
	NonconformityID string                 `json:"nonconformity_id" isms:"ref=nonconformity,filter,label=nonconformity"`
	RootCauseID     string                 `json:"root_cause_id"    isms:"ref=root_cause,filter,label=root cause"`
	ExerciseID      string                 `json:"exercise_id"      isms:"ref=exercise,filter,label=exercise"`
	Status          CorrectiveActionStatus `json:"status"           isms:"list,filter"`
	Due             Date                   `json:"due"              isms:"list,filter,index"`
	OwnerID         string                 `json:"owner_id"         isms:"ref=person,list,filter,label=owner"`
	Cause           Markdown               `json:"cause"            isms:"search" doc:"Why it went wrong: the cause, not the slip."`
	Action          Markdown               `json:"action"           isms:"required,search" doc:"What removes the cause."`
	Cost            Range                  `json:"cost"             isms:"list,unit=money"`
	Effort          Range                  `json:"effort"           isms:"unit=hours"`
	DoneOn          Date                   `json:"done_on"          isms:"computed,list"`
	CheckOn         Date                   `json:"check_on"         isms:"list,filter,label=effectiveness check on" doc:"Late enough to see whether it lasts."`
	CheckHow        Markdown               `json:"check_how"        isms:"label=how to check" doc:"By what one will see that it worked; decided beforehand."`
	CheckedBy       string                 `json:"checked_by"       isms:"ref=person,computed"`
	CheckedOn       Date                   `json:"checked_on"       isms:"computed"`
	CheckResult     Markdown               `json:"check_result"     isms:"computed" doc:"What was seen when it was checked."`
	Rounds          int                    `json:"rounds"           isms:"computed" doc:"How often it turned out not to work."`
}

// CorrectiveActionStatus is where a corrective action stands.
type CorrectiveActionStatus string

// Choices lists the states.
func (CorrectiveActionStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "proposed", Tone: "info"}, {Value: "agreed", Tone: "info"}, {Value: "underway", Tone: "warn"},
		{Value: "done", Tone: "info", Doc: "Done, not yet known whether it works."},
		{Value: "effective", Tone: "good", Doc: "Checked: it has not happened again."},
		{Value: "ineffective", Tone: "high", Doc: "Checked: it did not help."}, {Value: "dropped", Tone: "muted"},
	}
}

// DaysToCheck is how long after it was done a corrective action is checked when
// nobody named a day.
const DaysToCheck = 90

// CorrectiveActions describes the record type.
var CorrectiveActions = kind.Of("corrective_action", kind.Spec[CorrectiveAction]{
	Group: kind.Improve, Icon: "refresh", State: "status", Owner: "owner_id", Sort: "due",
	Doc:     "What removes the cause of something that went wrong, and whether it did.",
	Prepare: func(c *CorrectiveAction) { entitle(&c.Base, firstLine(string(c.Action))) },
	Links: []kind.Link{
		{Name: "improves", To: "safeguard", Inverse: "improved by"},
		{Name: "lowers", To: "risk", Inverse: "lowered by"},
		{Name: "changes", To: "document", Inverse: "changed by"},
		{Name: "evidenced by", To: "evidence", Inverse: "proves correction"},
	},
	Actions: []kind.Act[CorrectiveAction]{
		{Action: kind.Action{Name: "agree", From: []string{"proposed"}, To: "agreed", Needs: kind.Approve}},
		{Action: kind.Action{Name: "start", From: []string{"proposed", "agreed", "ineffective"}, To: "underway"}},
		{Action: kind.Action{Name: "finish", Label: "Done", From: []string{"agreed", "underway"}, To: "done"}, Do: finishCorrection},
		{Action: kind.Action{Name: "confirm", Label: "It works", From: []string{"done"}, To: "effective", Reason: true, Doc: "Say what shows that it works."}, Do: checkCorrection},
		{Action: kind.Action{Name: "doubt", Label: "It does not work", From: []string{"done", "effective"}, To: "ineffective", Reason: true}, Do: doubtCorrection},
		{Action: kind.Action{Name: "drop", From: []string{"proposed", "agreed", "underway", "ineffective"}, To: "dropped", Needs: kind.Approve, Reason: true}},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"dropped"}, To: "proposed"}},
	},
})

// finishCorrection plans the check that it really worked.
func finishCorrection(c *CorrectiveAction, in kind.Input) error {
	c.DoneOn = kind.DateOf(in.At)
	if c.CheckOn <= c.DoneOn {
		c.CheckOn = kind.DateOf(in.At.AddDate(0, 0, DaysToCheck))
	}
	return nil
}

func checkCorrection(c *CorrectiveAction, in kind.Input) error {
	c.CheckedBy, c.CheckedOn, c.CheckResult = in.By, kind.DateOf(in.At), Markdown(in.Reason)
	return nil
}

func doubtCorrection(c *CorrectiveAction, in kind.Input) error {
	c.Rounds++
	c.DoneOn = ""
	return checkCorrection(c, in)
}
