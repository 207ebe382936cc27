package isms

import "holdfast/kind"

// A Budget is the money and the working time set aside for security in a period.
// The investment planner spends it.
type Budget struct {
	Base
	Starts     Date         `json:"starts"      isms:"required,list,filter"`
	Ends       Date         `json:"ends"        isms:"required,list,filter"`
	Status     BudgetStatus `json:"status"      isms:"list,filter"`
	Amount     Money        `json:"amount"      isms:"list"`
	Spent      Money        `json:"spent"       isms:"list" doc:"What is gone so far."`
	Hours      int          `json:"hours"       isms:"list,unit=hours" doc:"Working time of our own people."`
	HourlyCost Money        `json:"hourly_cost" doc:"What one hour of our own people costs."`
	OwnerID    string       `json:"owner_id"    isms:"ref=person,list,filter,label=owner"`
	Source     string       `json:"source"      doc:"Cost centre, or who pays."`
	Note       Markdown     `json:"note"        isms:"search"`
}

// BudgetStatus is where a budget stands.
type BudgetStatus string

// The states of a budget.
const (
	BudgetProposed BudgetStatus = "proposed"
	BudgetApproved BudgetStatus = "approved"
	BudgetClosed   BudgetStatus = "closed"
)

// Choices lists the states.
func (BudgetStatus) Choices() []kind.Choice {
	return []kind.Choice{{Value: "proposed", Tone: "info"}, {Value: "approved", Tone: "good"}, {Value: "closed", Tone: "muted"}}
}

// Budgets describes the record type.
var Budgets = kind.Of("budget", kind.Spec[Budget]{
	Group: kind.Govern, Icon: "money", State: "status", Owner: "owner_id", Sort: "-starts",
	Doc: "The money and the working time set aside for security in a period.",
	Prepare: func(b *Budget) {
		if b.Starts != "" && b.Ends != "" {
			entitle(&b.Base, "Security budget "+string(b.Starts)+" to "+string(b.Ends))
		}
	},
	Validate: func(b *Budget) error {
		return complaints(daysOrdered("ends", b.Starts, b.Ends, "lies before the first day"), notNegative("amount", b.Amount),
			notNegative("spent", b.Spent), notNegative("hours", b.Hours), notNegative("hourly_cost", b.HourlyCost))
	},
	Links: []kind.Link{
		{Name: "pays for", To: "safeguard", Inverse: "paid from"},
	},
	Actions: []kind.Act[Budget]{
		{Action: kind.Action{Name: "approve", From: []string{"proposed"}, To: "approved", Needs: kind.Approve}},
		{Action: kind.Action{Name: "revise", From: []string{"approved"}, To: "proposed", Reason: true}},
		{Action: kind.Action{Name: "close", From: []string{"approved"}, To: "closed"}},
	},
})
