package isms

import "holdfast/kind"

// An Exception is a deviation from a safeguard, a requirement or a policy that
// the organisation permits for a time, with something else in its place.
type Exception struct {
	Base
	AssetID       string          `json:"asset_id"       isms:"ref=asset,list,filter,label=asset" doc:"Where the rule is not kept; empty: everywhere."`
	SafeguardID   string          `json:"safeguard_id"   isms:"ref=safeguard,filter,label=safeguard" doc:"The safeguard that is missing or weakened."`
	RequirementID string          `json:"requirement_id" isms:"ref=requirement,filter,label=requirement" doc:"The requirement that is not met."`
	DocumentID    string          `json:"document_id"    isms:"ref=document,filter,label=policy" doc:"The policy that is not followed."`
	Status        ExceptionStatus `json:"status"         isms:"list,filter"`
	Expires       Date            `json:"expires"        isms:"list,filter,index" doc:"After this day the rule holds again."`
	OwnerID       string          `json:"owner_id"       isms:"ref=person,list,filter,label=owner" doc:"Who asked for it and answers for it."`
	Reason        Markdown        `json:"reason"         isms:"required,search" doc:"Why the rule cannot be kept now."`
	Compensation  Markdown        `json:"compensation"   isms:"search,label=compensating measure" doc:"What protects in the meantime."`
	WayBack       Markdown        `json:"way_back"       doc:"What must happen so that the rule can be kept."`
	Residual      Level           `json:"residual"       isms:"list,label=remaining risk" doc:"How much danger remains with the compensating measure."`
	Decision      Markdown        `json:"decision"       isms:"computed" doc:"What was said when it was decided."`
	DecidedBy     string          `json:"decided_by"     isms:"ref=person,computed"`
	DecidedAt     Instant         `json:"decided_at"     isms:"computed"`
	Renewals      int             `json:"renewals"       isms:"computed,list" doc:"How often it was prolonged; many renewals mean that the rule is wrong."`
}

// ExceptionStatus is where an exception stands.
type ExceptionStatus string

// The states of an exception.
const (
	ExceptionRequested ExceptionStatus = "requested"
	ExceptionApproved  ExceptionStatus = "approved"
	ExceptionDeclined  ExceptionStatus = "declined"
	ExceptionExpired   ExceptionStatus = "expired"
	ExceptionEnded     ExceptionStatus = "ended"
)

// Choices lists the states.
func (ExceptionStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "requested", Tone: "warn"}, {Value: "approved", Tone: "info", Doc: "Permitted until it expires."},
		{Value: "declined", Tone: "muted"},
		{Value: "expired", Tone: "warn", Doc: "Its time is over; keep the rule or ask again."},
		{Value: "ended", Tone: "good", Doc: "The rule is kept again."},
	}
}

// ExceptionMonths is how long an exception holds when nobody named a day.
const ExceptionMonths = 6

// Exceptions describes the record type.
var Exceptions = kind.Of("exception", kind.Spec[Exception]{
	Group: kind.Protect, Icon: "warning", State: "status", Owner: "owner_id", Sort: "expires",
	Doc: "A permitted deviation from a safeguard, a requirement or a policy, until a date.",
	Validate: func(e *Exception) error {
		if e.SafeguardID == "" && e.RequirementID == "" && e.DocumentID == "" {
			return kind.Fieldf("safeguard_id", "name the safeguard, the requirement or the policy from which it deviates")
		}
		return nil
	},
	Links: []kind.Link{
		{Name: "raises", To: "risk", Inverse: "raised by exception", Doc: "The risks that are higher because of it."},
		{Name: "excuses", To: "finding", Inverse: "excused by", Doc: "The findings that stay open because of it."},
		{Name: "compensated by", To: "safeguard", Inverse: "compensates for"},
	},
	Actions: []kind.Act[Exception]{
		{Action: kind.Action{Name: "approve", From: []string{"requested", "declined"}, To: "approved", Needs: kind.Approve, Reason: true,
			Doc: "The organisation permits it until a date."}, Do: decideException},
		{Action: kind.Action{Name: "decline", From: []string{"requested"}, To: "declined", Needs: kind.Approve, Reason: true}, Do: declineException},
		{Action: kind.Action{Name: "renew", From: []string{"approved", "expired"}, To: "approved", Needs: kind.Approve, Reason: true}, Do: renewException},
		{Action: kind.Action{Name: "expire", From: []string{"approved"}, To: "expired"}},
		{Action: kind.Action{Name: "end", Label: "Rule is kept again", From: []string{"requested", "approved", "expired"}, To: "ended"}},
		{Action: kind.Action{Name: "request", Label: "Request again", From: []string{"declined", "expired", "ended"}, To: "requested"}},
	},
})

// decideException records the decision. The day handed in wins over the day asked
// for; without either, or with one that has passed, it holds for ExceptionMonths.
func decideException(e *Exception, in kind.Input) error {
	if in.Until != "" {
		e.Expires = in.Until
	}
	if e.Expires <= kind.DateOf(in.At) {
		e.Expires = kind.DateOf(in.At.AddDate(0, ExceptionMonths, 0))
	}
	return declineException(e, in)
}

func declineException(e *Exception, in kind.Input) error {
	e.Decision, e.DecidedBy, e.DecidedAt = Markdown(in.Reason), in.By, in.At
	return nil
}

// renewException starts a new term from the day of the decision.
func renewException(e *Exception, in kind.Input) error {
	e.Renewals++
	e.Expires = ""
	return decideException(e, in)
}
