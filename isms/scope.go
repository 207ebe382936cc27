package isms

import "holdfast/kind"

// A Scope says what the security management covers and what it does not
// (ISO/IEC 27001, clause 4.3).
type Scope struct {
	Base
	Statement    Markdown    `json:"statement"    isms:"search" doc:"One or two sentences, as they would stand on a certificate."`
	Status       ScopeStatus `json:"status"       isms:"list,filter"`
	OwnerID      string      `json:"owner_id"     isms:"ref=person,list,filter,label=owner"`
	Sites        []string    `json:"sites"        isms:"list,filter" doc:"Places that belong to it."`
	Included     Markdown    `json:"included"     doc:"Products, processes, units and technology inside."`
	Excluded     Markdown    `json:"excluded"     doc:"What stays outside, and why that is safe."`
	Interfaces   Markdown    `json:"interfaces"   doc:"Where the inside touches the outside, and who answers for it."`
	Dependencies Markdown    `json:"dependencies" doc:"What others do for us on which it rests."`
	Edition      string      `json:"edition"      isms:"list" doc:"Number of the version that was approved."`
	ReviewBy     Date        `json:"review_by"    isms:"list,filter"`
	ApprovedOn   Date        `json:"approved_on"  isms:"computed,list"`
	ApprovedBy   string      `json:"approved_by"  isms:"ref=person,computed"`
}

// ScopeStatus is where a scope stands.
type ScopeStatus string

// The states of a scope.
const (
	ScopeDraft    ScopeStatus = "draft"
	ScopeApproved ScopeStatus = "approved"
	ScopeRetired  ScopeStatus = "retired"
)

// Choices lists the states.
func (ScopeStatus) Choices() []kind.Choice {
	return []kind.Choice{{Value: "draft", Tone: "info"}, {Value: "approved", Tone: "good"}, {Value: "retired", Tone: "muted"}}
}

// Scopes describes the record type.
var Scopes = kind.Of("scope", kind.Spec[Scope]{
	Group: kind.Govern, Icon: "grid", State: "status", Owner: "owner_id", Sort: "title",
	Doc: "What the security management covers, what it leaves out, and why.",
	Links: []kind.Link{
		{Name: "includes", To: "asset", Inverse: "in scope of"},
		{Name: "includes team", To: "team", Inverse: "in scope of"},
		{Name: "takes in", To: "framework", Inverse: "applied in", Doc: "The frameworks against which it is measured."},
		{Name: "bound by", To: "obligation", Inverse: "binds scope"},
	},
	Actions: []kind.Act[Scope]{
		{Action: kind.Action{Name: "approve", From: []string{"draft"}, To: "approved", Needs: kind.Approve},
			Do: func(s *Scope, in kind.Input) error {
				s.ApprovedOn, s.ApprovedBy = kind.DateOf(in.At), in.By
				return refuse(s.Statement == "", "statement", "is needed before a scope is approved")
			}},
		{Action: kind.Action{Name: "revise", From: []string{"approved", "retired"}, To: "draft"}},
		{Action: kind.Action{Name: "retire", From: []string{"approved"}, To: "retired", Needs: kind.Approve, Reason: true}},
	},
})
