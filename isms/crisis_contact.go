package isms

import (
	"cmp"

	"holdfast/kind"
)

// A CrisisContact is somebody who is called when things go wrong. The list is
// printed and kept where it can be read without our systems.
type CrisisContact struct {
	Base
	Role         string      `json:"role"          isms:"required,list,filter,search" doc:"What for: decides about money, restores the database, forensics."`
	Type         ContactType `json:"type"          isms:"list,filter"`
	Telephone    string      `json:"telephone"     isms:"list" doc:"A number that works at night."`
	Alternative  string      `json:"alternative"   isms:"list" doc:"Another way that does not need our own systems."`
	Mail         string      `json:"mail"`
	PersonID     string      `json:"person_id"     isms:"ref=person,filter,label=person" doc:"When it is one of us."`
	VendorID     string      `json:"vendor_id"     isms:"ref=vendor,filter,label=vendor" doc:"When it is a supplier."`
	Organisation string      `json:"organisation"  isms:"list,search"`
	Hours        string      `json:"hours"         doc:"When they can be reached, and in which time zone."`
	Languages    []string    `json:"languages"`
	Contract     string      `json:"contract"      doc:"Number or password by which they know us."`
	Position     int         `json:"position"      isms:"label=order" doc:"Who is called first."`
	CheckedOn    Date        `json:"checked_on"    isms:"list,filter" doc:"When somebody last tried whether the numbers work."`
	Note         Markdown    `json:"note"          isms:"search" doc:"What to have ready, what they may decide."`
}

// ContactType tells who a contact is to us.
type ContactType string

// Choices lists the types.
func (ContactType) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "internal", Label: "One of us"}, {Value: "supplier"}, {Value: "forensics", Label: "Incident response and forensics"},
		{Value: "legal"}, {Value: "insurer"}, {Value: "authority"}, {Value: "police"}, {Value: "emergency", Label: "Emergency services"},
		{Value: "press"}, {Value: "customer"},
	}
}

// CrisisContacts describes the record type.
var CrisisContacts = kind.Of("crisis_contact", kind.Spec[CrisisContact]{
	Group: kind.Respond, Icon: "users", Sort: "position",
	Doc: "Somebody who is called when things go wrong, with ways that work when our systems do not.",
	Prepare: func(c *CrisisContact) {
		c.Type = cmp.Or(c.Type, "internal")
		entitle(&c.Base, c.Role, c.Organisation)
	},
	Validate: func(c *CrisisContact) error {
		return complaints(mailAddress("mail", c.Mail),
			refuse(c.Telephone == "" && c.Alternative == "" && c.Mail == "", "telephone", "give at least one way to reach them"))
	},
	Links: []kind.Link{
		{Name: "called in", To: "plan", Inverse: "calls"},
	},
	Actions: []kind.Act[CrisisContact]{
		{Action: kind.Action{Name: "check", Label: "Tried, it works"},
			Do: func(c *CrisisContact, in kind.Input) error { c.CheckedOn = kind.DateOf(in.At); return nil }},
	},
})
