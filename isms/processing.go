package isms

import "holdfast/kind"

// A Processing is one activity in which personal data is used: an entry of the
// record of processing activities (GDPR article 30).
type Processing struct {
	Base
	Role              ProcessingRole    `json:"role"               isms:"required,list,filter"`
	Status            ProcessingStatus  `json:"status"             isms:"list,filter"`
	Purpose           Markdown          `json:"purpose"            isms:"required,search" doc:"What the data is used for."`
	Basis             LawfulBasis       `json:"basis"              isms:"list,filter,label=lawful basis" doc:"GDPR article 6(1)."`
	BasisNote         Markdown          `json:"basis_note"         doc:"The law, the contract, or the interest that was weighed."`
	Subjects          []string          `json:"subjects"           isms:"list,filter,search,label=data subjects" doc:"Whose data: customers, staff, visitors."`
	Data              []string          `json:"data"               isms:"filter,search,label=categories of data"`
	Special           SpecialCategories `json:"special"            isms:"filter,label=special categories" doc:"GDPR articles 9 and 10."`
	SpecialBasis      string            `json:"special_basis"      doc:"Which exception of article 9(2) or 10 permits it."`
	Source            string            `json:"source"             doc:"Where the data comes from, if not from the people themselves."`
	Recipients        []string          `json:"recipients"         isms:"search" doc:"Who gets to see it, inside and outside."`
	TransferCountries []string          `json:"transfer_countries" isms:"filter,label=transferred to" doc:"Countries outside the EEA, as ISO 3166 codes."`
	TransferBasis     string            `json:"transfer_basis"     doc:"Adequacy decision, standard clauses, binding rules."`
	Retention         string            `json:"retention"          doc:"How long it is kept, and what happens then."`
	Security          Markdown          `json:"security"           doc:"Measures that protect it, in general words (article 32)."`
	Automated         bool              `json:"automated"          isms:"filter,label=automated decisions" doc:"Decides about people without a person (article 22)."`
	Impact            PrivacyImpact     `json:"impact"             isms:"list,filter,label=impact assessment" doc:"Data protection impact assessment (article 35)."`
	ImpactNote        Markdown          `json:"impact_note"        doc:"What it concluded, or why none is needed."`
	People            int               `json:"people"             isms:"unit=people,label=people concerned" doc:"About how many."`
	Controller        string            `json:"controller"         doc:"Where we act for somebody else, or together: who, with contact."`
	OwnerID           string            `json:"owner_id"           isms:"ref=person,list,filter,label=owner"`
	ReviewBy          Date              `json:"review_by"          isms:"filter"`
}

// ProcessingRole is what the organisation is in a processing.
type ProcessingRole string

// Choices lists the roles.
func (ProcessingRole) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "controller", Doc: "We decide why and how."}, {Value: "joint_controller", Doc: "We decide together with others."},
		{Value: "processor", Doc: "We act for somebody else."},
	}
}

// LawfulBasis is what makes a processing lawful (GDPR article 6(1)).
type LawfulBasis string

// Choices lists the six bases.
func (LawfulBasis) Choices() []kind.Choice {
	return kind.Words("consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interests")
}

// SpecialCategories are data that need more protection (GDPR articles 9 and 10).
type SpecialCategories []string

// Choices lists the categories.
func (SpecialCategories) Choices() []kind.Choice {
	return kind.Words("health", "genetic", "biometric", "origin", "political_opinion", "belief", "union_membership", "sex_life", "criminal_offences")
}

// PrivacyImpact is where the data protection impact assessment stands.
type PrivacyImpact string

// Choices lists the answers.
func (PrivacyImpact) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "unknown", Tone: "warn", Doc: "Nobody has checked whether one is needed."}, {Value: "not_needed", Tone: "muted"},
		{Value: "needed", Tone: "warn"}, {Value: "done", Tone: "good"},
	}
}

// ProcessingStatus is where a processing stands.
type ProcessingStatus string

// The states of a processing.
const (
	ProcessingPlanned ProcessingStatus = "planned"
	ProcessingActive  ProcessingStatus = "active"
	ProcessingEnded   ProcessingStatus = "ended"
)

// Choices lists the states.
func (ProcessingStatus) Choices() []kind.Choice {
	return []kind.Choice{{Value: "planned", Tone: "info"}, {Value: "active", Tone: "good"}, {Value: "ended", Tone: "muted"}}
}

// Processings describes the record type.
var Processings = kind.Of("processing", kind.Spec[Processing]{
	Group: kind.Identify, Label: "Processing activity", Plural: "processing-activities", Icon: "database",
	State: "status", Owner: "owner_id", Sort: "title",
	Doc: "One activity in which personal data is used, with all that GDPR article 30 asks for.",
	Prepare: func(p *Processing) {
		if p.Impact == "" {
			p.Impact = "unknown"
		}
	},
	Validate: func(p *Processing) error {
		for _, country := range p.TransferCountries {
			if err := countryCode.check("transfer_countries", country); err != nil {
				return err
			}
		}
		return complaints(
			refuse(len(p.Special) > 0 && p.SpecialBasis == "", "special_basis", "say what permits the use of special categories"),
			refuse(len(p.TransferCountries) > 0 && p.TransferBasis == "", "transfer_basis", "say on what the transfer rests"),
			notNegative("people", p.People))
	},
	Links: []kind.Link{
		{Name: "uses", To: "asset", Inverse: "used by processing"},
		{Name: "done by", To: "vendor", Inverse: "processes for us", Doc: "Processors."},
		{Name: "agreed in", To: "contract", Inverse: "governs"},
		{Name: "protected by", To: "safeguard", Inverse: "protects processing"},
		{Name: "endangered by", To: "risk", Inverse: "endangers people in"},
	},
	Actions: []kind.Act[Processing]{
		{Action: kind.Action{Name: "begin", From: []string{"planned", "ended"}, To: "active", Needs: kind.Approve}, Do: beginProcessing},
		{Action: kind.Action{Name: "end", From: []string{"planned", "active"}, To: "ended", Reason: true, Doc: "The data is erased or handed over; say how."}},
	},
})

// beginProcessing refuses to start what would be unlawful on its face.
func beginProcessing(p *Processing, _ kind.Input) error {
	return complaints(
		refuse(p.Role != "processor" && p.Basis == "", "basis", "is needed before personal data is used"),
		refuse(p.Impact == "needed", "impact", "must be done before personal data is used"))
}
