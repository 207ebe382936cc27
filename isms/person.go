package isms

import (
	"strings"

	"holdfast/kind"
)

// A Person works for or with the organisation. The title is the name. A person
// with roles can sign in; one without is only named in records.
type Person struct {
	Base
	Email      string       `json:"email"      isms:"list,filter,search,index" doc:"Where the product writes to, and the name for signing in."`
	RoleTitle  string       `json:"role_title" isms:"list,filter,search,label=job title"`
	Employment Employment   `json:"employment" isms:"list,filter"`
	Status     PersonStatus `json:"status"     isms:"list,filter,index"`
	Roles      Roles        `json:"roles"      isms:"list,filter,needs=admin" doc:"What the person may do in the product; none: cannot sign in."`
	ManagerID  string       `json:"manager_id" isms:"ref=person,filter,label=manager" doc:"Is asked when the person does not answer."`
	DeputyID   string       `json:"deputy_id"  isms:"ref=person,label=deputy" doc:"Stands in while the person is away."`
	Phone      string       `json:"phone"      doc:"For incidents, also at night."`
	Site       string       `json:"site"       isms:"filter"`
	Locale     string       `json:"locale"     doc:"Language of pages and mails (BCP 47); empty: that of the organisation."`
	TimeZone   string       `json:"time_zone"  doc:"IANA name; empty: that of the organisation."`
	Digest     Digest       `json:"digest"     doc:"How often reminders come by mail."`
	JoinedOn   Date         `json:"joined_on"`
	LeftOn     Date         `json:"left_on"`
	ScreenedOn Date         `json:"screened_on" doc:"When the background was verified."`
	NDAOn      Date         `json:"nda_on"      isms:"label=confidentiality agreed on"`

	PasswordHash    string   `json:"password_hash"    isms:"hidden,computed" doc:"Argon2id in PHC form."`
	PasswordChanged Instant  `json:"password_changed" isms:"hidden,computed" doc:"Sessions begun earlier are void."`
	TOTPSecret      string   `json:"totp_secret"      isms:"hidden,computed" doc:"Encrypted secret of the authenticator app."`
	RecoveryHashes  []string `json:"recovery_hashes"  isms:"hidden,computed" doc:"Hashes of the one-time recovery codes that are left."`
	LinkHash        string   `json:"link_hash"        isms:"hidden,computed" doc:"Hash of a one-time link for the first sign-in or a new password."`
	LinkExpires     Instant  `json:"link_expires"     isms:"hidden,computed"`
	LockedUntil     Instant  `json:"locked_until"     isms:"computed" doc:"After too many wrong passwords nobody gets in before."`
	LastSignIn      Instant  `json:"last_sign_in"     isms:"computed,filter"`
}

// Employment tells how a person belongs to the organisation.
type Employment string

// Choices lists the ways to belong.
func (Employment) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "employee"}, {Value: "contractor"}, {Value: "trainee"}, {Value: "volunteer"},
		{Value: "external", Doc: "Works for somebody else: an auditor, an adviser, a supplier."},
		{Value: "service", Label: "Service account", Doc: "A machine that uses the product with a token."},
	}
}

// PersonStatus is whether a person is there.
type PersonStatus string

// The states of a person.
const (
	PersonActive    PersonStatus = "active"
	PersonSuspended PersonStatus = "suspended"
	PersonLeft      PersonStatus = "left"
)

// Choices lists the states.
func (PersonStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "active", Tone: "good"},
		{Value: "suspended", Tone: "warn", Doc: "Still here, but may not sign in."},
		{Value: "left", Tone: "muted"},
	}
}

// The roles. Package access says what each may do.
const (
	RoleAdministrator = "administrator"
	RoleSecurityLead  = "security_lead"
	RoleContributor   = "contributor"
	RoleApprover      = "approver"
	RoleAuditor       = "auditor"
	RoleStaff         = "staff"
)

// Roles are what a person may do in the product.
type Roles []string

// Choices lists the roles.
func (Roles) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: RoleAdministrator, Doc: "Runs the product: people, tokens, connections."},
		{Value: RoleSecurityLead, Doc: "Runs the security management: changes every record."},
		{Value: RoleContributor, Doc: "Works on findings, safeguards and tasks."},
		{Value: RoleApprover, Doc: "Decides for the organisation."},
		{Value: RoleAuditor, Doc: "Reads everything, changes nothing but audits."},
		{Value: RoleStaff, Doc: "Reads policies, learns, reports, does own tasks."},
	}
}

// Digest is how often reminders are sent.
type Digest string

// Choices lists the rhythms.
func (Digest) Choices() []kind.Choice {
	return kind.Words("daily", "weekly", "immediately", "never")
}

// People describes the record type.
var People = kind.Of("person", kind.Spec[Person]{
	Group: kind.Govern, Plural: "people", Icon: "user", State: "status", Sort: "title",
	Doc: "Somebody who works for or with the organisation, and may be able to sign in.",
	Prepare: func(p *Person) {
		p.Email = strings.ToLower(p.Email)
		entitle(&p.Base, p.Email)
	},
	Validate: validatePerson,
	Links: []kind.Link{
		{Name: "member of", To: "team", Inverse: "has member"},
		{Name: "holds", To: "asset", Inverse: "held by", Doc: "Devices, keys and accounts handed out, to be returned."},
	},
	Actions: []kind.Act[Person]{
		{Action: kind.Action{Name: "suspend", From: []string{"active"}, To: "suspended", Needs: kind.Admin, Reason: true, Danger: true, Doc: "Ends every session; the roles are kept."},
			Do: func(p *Person, in kind.Input) error { p.PasswordChanged = in.At; return nil }},
		{Action: kind.Action{Name: "reinstate", From: []string{"suspended", "left"}, To: "active", Needs: kind.Admin},
			Do: func(p *Person, _ kind.Input) error { p.LeftOn, p.LockedUntil = "", Instant{}; return nil }},
		{Action: kind.Action{Name: "leave", Label: "Record departure", From: []string{"active", "suspended"}, To: "left", Needs: kind.Admin, Danger: true,
			Doc: "Takes away every role and means of signing in."}, Do: departPerson},
	},
})

// departPerson leaves nothing behind by which the person could sign in.
func departPerson(p *Person, in kind.Input) error {
	p.LeftOn = kind.DateOf(in.At)
	p.Roles, p.RecoveryHashes = nil, nil
	p.PasswordHash, p.TOTPSecret, p.LinkHash = "", "", ""
	p.PasswordChanged, p.LinkExpires = in.At, Instant{}
	return nil
}

func validatePerson(p *Person) error {
	signsIn := len(p.Roles) > 0
	return complaints(
		mailAddress("email", p.Email),
		refuse(signsIn && p.Email == "" && p.Employment != "service", "email", "is needed by a person who may sign in"),
		refuse(signsIn && p.Status == PersonLeft, "roles", "must be empty for a person who left"),
		notItself(&p.Base, "manager_id", p.ManagerID), notItself(&p.Base, "deputy_id", p.DeputyID),
		languageTag.check("locale", p.Locale), zoneName.check("time_zone", p.TimeZone),
		daysOrdered("left_on", p.JoinedOn, p.LeftOn, "lies before the first day"))
}
