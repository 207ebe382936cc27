package isms

import "holdfast/kind"

// A Contract is an agreement with a vendor, a customer or an insurer that bears
// on security.
type Contract struct {
	Base
	Type          ContractType   `json:"type"         isms:"required,list,filter"`
	VendorID      string         `json:"vendor_id"    isms:"ref=vendor,list,filter,label=vendor"`
	PartyID       string         `json:"party_id"     isms:"ref=interested_party,filter,label=other side" doc:"Where it is no vendor."`
	Status        ContractStatus `json:"status"       isms:"list,filter"`
	OwnerID       string         `json:"owner_id"     isms:"ref=person,list,filter,label=owner"`
	Number        string         `json:"number"       isms:"search"`
	SignedOn      Date           `json:"signed_on"`
	Starts        Date           `json:"starts"`
	Ends          Date           `json:"ends"         isms:"list,filter" doc:"Empty: without end."`
	NoticeDays    int            `json:"notice_days"  isms:"unit=days,label=notice period"`
	NoticeBy      Date           `json:"notice_by"    isms:"computed,list,filter" doc:"The last day to give notice."`
	Renews        bool           `json:"renews"       isms:"filter,label=renews by itself"`
	AnnualValue   Money          `json:"annual_value" doc:"Paid or earned per year."`
	Security      Markdown       `json:"security"     isms:"search,label=security terms" doc:"What either side must do for security."`
	NotifyHours   int            `json:"notify_hours" isms:"unit=hours,label=notice of breach within" doc:"How soon the other side tells us of an incident; 0: not agreed."`
	AuditRight    bool           `json:"audit_right"  isms:"filter,label=right to audit"`
	PersonalData  bool           `json:"personal_data" isms:"filter,label=data processing agreed" doc:"Holds the terms of GDPR article 28."`
	Availability  float64        `json:"availability" isms:"unit=share" doc:"Promised share of time in service, 0 to 1."`
	RecoveryHours float64        `json:"recovery_hours" isms:"unit=hours" doc:"Promised time to be back after a failure."`
	Cover         Money          `json:"cover"        doc:"Insurance: the most that is paid."`
	Deductible    Money          `json:"deductible"   doc:"Insurance: what we bear ourselves of each loss."`
	Exclusions    Markdown       `json:"exclusions"   doc:"What it does not cover."`
}

// ContractType tells what a contract is about.
type ContractType string

// Choices lists the types.
func (ContractType) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "service"}, {Value: "licence"}, {Value: "data_processing"}, {Value: "confidentiality"}, {Value: "service_level"},
		{Value: "customer", Doc: "We are the ones who supply."},
		{Value: "insurance", Doc: "Carries the loss of risks that were transferred."},
		{Value: "employment"}, {Value: "lease"}, {Value: "mutual_aid"},
	}
}

// ContractStatus is where a contract stands.
type ContractStatus string

// The states of a contract.
const (
	ContractDraft      ContractStatus = "draft"
	ContractInForce    ContractStatus = "in_force"
	ContractTerminated ContractStatus = "terminated"
	ContractExpired    ContractStatus = "expired"
)

// Choices lists the states.
func (ContractStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "draft", Tone: "info"}, {Value: "in_force", Tone: "good"},
		{Value: "terminated", Tone: "warn", Doc: "Notice was given; it still runs until its end."}, {Value: "expired", Tone: "muted"},
	}
}

// Contracts describes the record type.
var Contracts = kind.Of("contract", kind.Spec[Contract]{
	Group: kind.Identify, Icon: "file", State: "status", Owner: "owner_id", Sort: "ends", Parent: "vendor_id",
	Doc: "An agreement with a vendor, a customer or an insurer that bears on security.",
	Prepare: func(c *Contract) {
		c.NoticeBy = ""
		if c.Ends != "" {
			c.NoticeBy = kind.DateOf(c.Ends.Time().AddDate(0, 0, -max(c.NoticeDays, 0)))
		}
	},
	Validate: func(c *Contract) error {
		return complaints(
			daysOrdered("ends", c.Starts, c.Ends, "lies before the first day"),
			within("availability", c.Availability, 0, 1), notNegative("recovery_hours", c.RecoveryHours),
			within("notice_days", c.NoticeDays, 0, 3660), notNegative("notify_hours", c.NotifyHours),
			notNegative("cover", c.Cover), notNegative("deductible", c.Deductible))
	},
	Links: []kind.Link{
		{Name: "covers", To: "asset", Inverse: "covered by contract"},
		{Name: "carries", To: "risk", Inverse: "carried by contract", Doc: "The risks that it shares or transfers."},
	},
	Actions: []kind.Act[Contract]{
		{Action: kind.Action{Name: "sign", Label: "Record signature", From: []string{"draft"}, To: "in_force", Needs: kind.Approve},
			Do: func(c *Contract, in kind.Input) error {
				if c.SignedOn == "" {
					c.SignedOn = kind.DateOf(in.At)
				}
				return nil
			}},
		{Action: kind.Action{Name: "terminate", Label: "Give notice", From: []string{"in_force"}, To: "terminated", Needs: kind.Approve, Reason: true}},
		{Action: kind.Action{Name: "expire", From: []string{"in_force", "terminated"}, To: "expired"}},
		{Action: kind.Action{Name: "renew", From: []string{"in_force", "terminated", "expired"}, To: "in_force", Needs: kind.Approve, Doc: "Runs until the day given, or without end."},
			Do: func(c *Contract, in kind.Input) error { c.Ends = in.Until; return nil }},
	},
})
