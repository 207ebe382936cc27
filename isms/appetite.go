package isms

import "holdfast/kind"

// An Appetite is the statement of the executive team how much risk of a category
// the organisation wants, bears and survives, in money per year.
type Appetite struct {
	Base
	Category   AppetiteCategory `json:"category"   isms:"required,list,filter"`
	Posture    Posture          `json:"posture"    isms:"required,list,filter" doc:"How the organisation meets risk of this category."`
	Status     AppetiteStatus   `json:"status"     isms:"list,filter"`
	Acceptance Money            `json:"acceptance" isms:"list" doc:"Yearly loss up to which nobody needs to be asked."`
	Tolerance  Money            `json:"tolerance"  doc:"Yearly loss that is borne while it is watched."`
	Wanted     Money            `json:"appetite"   isms:"list,label=appetite" doc:"Yearly loss that the organisation is willing to take for its aims."`
	Limit      Money            `json:"limit"      isms:"list" doc:"Yearly loss above which somebody must act."`
	Capacity   Money            `json:"capacity"   isms:"list" doc:"Yearly loss that the organisation may not survive."`
	Statement  Markdown         `json:"statement"  isms:"search" doc:"The same in words, as the executive team says it."`
	Escalation Markdown         `json:"escalation" doc:"Who is told, and who acts, when a limit is passed."`
	OwnerID    string           `json:"owner_id"   isms:"ref=person,filter,label=owner"`
	ReviewBy   Date             `json:"review_by"  isms:"filter"`
	ApprovedOn Date             `json:"approved_on" isms:"computed"`
	ApprovedBy string           `json:"approved_by" isms:"ref=person,computed"`
}

// AppetiteCategory is the kind of loss that a statement is about.
type AppetiteCategory string

// AppetiteOverall is the category that speaks of all loss together.
const AppetiteOverall AppetiteCategory = "overall"

// Choices lists all loss together and the six kinds of impact.
func (AppetiteCategory) Choices() []kind.Choice {
	overall := kind.Choice{Value: string(AppetiteOverall), Doc: "All loss together; the bands on every chart."}
	return append([]kind.Choice{overall}, ImpactKinds(nil).Choices()...)
}

// Posture is how an organisation meets risk.
type Posture string

// Choices lists the postures, most careful first.
func (Posture) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "averse", Doc: "Avoids risk, whatever it costs."},
		{Value: "minimal", Doc: "Takes only what cannot be avoided."},
		{Value: "cautious", Doc: "Prefers the safe way, even when it earns less."},
		{Value: "open", Doc: "Weighs every way and takes the one that pays best."},
		{Value: "eager", Doc: "Takes high risk for high gain."},
	}
}

// AppetiteStatus is where a statement stands.
type AppetiteStatus string

// The states of an appetite statement.
const (
	AppetiteDraft   AppetiteStatus = "draft"
	AppetiteInForce AppetiteStatus = "in_force"
	AppetiteRetired AppetiteStatus = "retired"
)

// Choices lists the states.
func (AppetiteStatus) Choices() []kind.Choice {
	return []kind.Choice{{Value: "draft", Tone: "info"}, {Value: "in_force", Tone: "good"}, {Value: "retired", Tone: "muted"}}
}

// Appetites describes the record type.
var Appetites = kind.Of("appetite", kind.Spec[Appetite]{
	Group: kind.Govern, Label: "Appetite statement", Icon: "curve", State: "status", Owner: "owner_id", Sort: "category",
	Doc: "How much risk of a category the organisation wants, bears and survives, in money per year.",
	Prepare: func(a *Appetite) {
		entitle(&a.Base, words(a.Category)+" loss: "+string(a.Posture))
	},
	Validate: validateAppetite,
	Actions: []kind.Act[Appetite]{
		{Action: kind.Action{Name: "approve", Label: "Put into force", From: []string{"draft"}, To: "in_force", Needs: kind.Approve},
			Do: func(a *Appetite, in kind.Input) error {
				a.ApprovedOn, a.ApprovedBy = kind.DateOf(in.At), in.By
				return nil
			}},
		{Action: kind.Action{Name: "revise", From: []string{"in_force", "retired"}, To: "draft"}},
		{Action: kind.Action{Name: "retire", From: []string{"draft", "in_force"}, To: "retired", Needs: kind.Approve, Reason: true}},
	},
})

// validateAppetite holds the five figures in their order; those that are not set
// are passed over.
func validateAppetite(a *Appetite) error {
	figures := []struct {
		name  string
		value Money
	}{{"acceptance", a.Acceptance}, {"tolerance", a.Tolerance}, {"appetite", a.Wanted}, {"limit", a.Limit}, {"capacity", a.Capacity}}
	var errs []error
	below, floor := "", Money(0)
	for _, f := range figures {
		errs = append(errs, notNegative(f.name, f.value))
		if f.value <= 0 {
			continue
		}
		if below != "" {
			errs = append(errs, refuse(f.value <= floor, f.name, "must be above the "+below+" of "+floor.String()))
		}
		below, floor = f.name, f.value
	}
	return complaints(errs...)
}
