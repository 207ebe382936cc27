package oscal

// A ComponentDefinition says what components (products, services, policies) do for
// controls, wherever they are used.
type ComponentDefinition struct {
	UUID       string             `json:"uuid"`
	Metadata   Metadata           `json:"metadata"`
	Components []DefinedComponent `json:"components,omitempty"`
	BackMatter *BackMatter        `json:"back-matter,omitempty"`
}

// A DefinedComponent is one component of a component definition.
type DefinedComponent struct {
	UUID                   string                  `json:"uuid"`
	Type                   string                  `json:"type"`
	Title                  string                  `json:"title"`
	Description            string                  `json:"description"`
	Purpose                string                  `json:"purpose,omitempty"`
	Props                  []Property              `json:"props,omitempty"`
	Links                  []Link                  `json:"links,omitempty"`
	ResponsibleRoles       []ResponsibleRole       `json:"responsible-roles,omitempty"`
	ControlImplementations []ControlImplementation `json:"control-implementations,omitempty"`
	Remarks                string                  `json:"remarks,omitempty"`
}

// A ControlImplementation is what a component does for the controls of one source.
type ControlImplementation struct {
	UUID        string                   `json:"uuid"`
	Source      string                   `json:"source"`
	Description string                   `json:"description"`
	Props       []Property               `json:"props,omitempty"`
	Implemented []ImplementedRequirement `json:"implemented-requirements"`
}

// An ImplementedRequirement is how one control is met.
type ImplementedRequirement struct {
	UUID             string            `json:"uuid"`
	ControlID        string            `json:"control-id"`
	Description      string            `json:"description,omitempty"` // of components only
	Props            []Property        `json:"props,omitempty"`
	Links            []Link            `json:"links,omitempty"`
	ResponsibleRoles []ResponsibleRole `json:"responsible-roles,omitempty"`
	ByComponents     []ByComponent     `json:"by-components,omitempty"` // of systems only
	Remarks          string            `json:"remarks,omitempty"`
}

// A ByComponent is how one component of a system helps to meet a control.
type ByComponent struct {
	ComponentUUID        string            `json:"component-uuid"`
	UUID                 string            `json:"uuid"`
	Description          string            `json:"description"`
	Props                []Property        `json:"props,omitempty"`
	Links                []Link            `json:"links,omitempty"`
	ImplementationStatus *ImplementedState `json:"implementation-status,omitempty"`
	Remarks              string            `json:"remarks,omitempty"`
}

// An ImplementedState is implemented, partial, planned, alternative or
// not-applicable.
type ImplementedState struct {
	State   string `json:"state"`
	Remarks string `json:"remarks,omitempty"`
}

// A SystemSecurityPlan says what a system is and how it meets its controls.
type SystemSecurityPlan struct {
	UUID           string                `json:"uuid"`
	Metadata       Metadata              `json:"metadata"`
	ImportProfile  Import                `json:"import-profile"`
	System         SystemCharacteristics `json:"system-characteristics"`
	Implementation SystemImplementation  `json:"system-implementation"`
	Controls       SystemControls        `json:"control-implementation"`
	BackMatter     *BackMatter           `json:"back-matter,omitempty"`
}

// SystemCharacteristics is what a system is and what is at stake.
type SystemCharacteristics struct {
	SystemIDs        []SystemID        `json:"system-ids"`
	Name             string            `json:"system-name"`
	ShortName        string            `json:"system-name-short,omitempty"`
	Description      string            `json:"description"`
	Props            []Property        `json:"props,omitempty"`
	SensitivityLevel string            `json:"security-sensitivity-level,omitempty"`
	Information      SystemInformation `json:"system-information"`
	ImpactLevel      *ImpactLevel      `json:"security-impact-level,omitempty"`
	Status           Status            `json:"status"`
	Boundary         Described         `json:"authorization-boundary"`
	Remarks          string            `json:"remarks,omitempty"`
}

// A SystemID names a system; the type is a URI that tells by which rules.
type SystemID struct {
	IdentifierType string `json:"identifier-type,omitempty"`
	ID             string `json:"id"`
}

// SystemInformation is the kinds of information in a system.
type SystemInformation struct {
	Types []InformationType `json:"information-types"`
}

// An InformationType is one kind of information and what its loss would mean.
type InformationType struct {
	UUID            string  `json:"uuid,omitempty"`
	Title           string  `json:"title"`
	Description     string  `json:"description"`
	Confidentiality *Impact `json:"confidentiality-impact,omitempty"`
	Integrity       *Impact `json:"integrity-impact,omitempty"`
	Availability    *Impact `json:"availability-impact,omitempty"`
}

// An Impact is how bad a loss is, in the words of FIPS 199.
type Impact struct {
	Base string `json:"base"`
}

// An ImpactLevel is what the system as a whole has to keep.
type ImpactLevel struct {
	Confidentiality string `json:"security-objective-confidentiality"`
	Integrity       string `json:"security-objective-integrity"`
	Availability    string `json:"security-objective-availability"`
}

// A Status is the state of a system or component.
type Status struct {
	State   string `json:"state"`
	Remarks string `json:"remarks,omitempty"`
}

// A Described thing is nothing but its description.
type Described struct {
	Description string `json:"description"`
}

// SystemImplementation is what a system consists of and who uses it.
type SystemImplementation struct {
	Users      []SystemUser      `json:"users"`
	Components []SystemComponent `json:"components"`
	Inventory  []InventoryItem   `json:"inventory-items,omitempty"`
	Remarks    string            `json:"remarks,omitempty"`
}

// A SystemUser is a group of people with the same access.
type SystemUser struct {
	UUID        string     `json:"uuid"`
	Title       string     `json:"title,omitempty"`
	Description string     `json:"description,omitempty"`
	Props       []Property `json:"props,omitempty"`
	RoleIDs     []string   `json:"role-ids,omitempty"`
}

// A SystemComponent is a part of a system, or a safeguard in it.
type SystemComponent struct {
	UUID             string            `json:"uuid"`
	Type             string            `json:"type"`
	Title            string            `json:"title"`
	Description      string            `json:"description"`
	Purpose          string            `json:"purpose,omitempty"`
	Props            []Property        `json:"props,omitempty"`
	Links            []Link            `json:"links,omitempty"`
	Status           Status            `json:"status"`
	ResponsibleRoles []ResponsibleRole `json:"responsible-roles,omitempty"`
}

// An InventoryItem is one asset of a system.
type InventoryItem struct {
	UUID                  string             `json:"uuid"`
	Description           string             `json:"description"`
	Props                 []Property         `json:"props,omitempty"`
	Links                 []Link             `json:"links,omitempty"`
	ResponsibleParties    []ResponsibleParty `json:"responsible-parties,omitempty"`
	ImplementedComponents []ComponentRef     `json:"implemented-components,omitempty"`
	Remarks               string             `json:"remarks,omitempty"`
}

// A ComponentRef names a component by its UUID.
type ComponentRef struct {
	ComponentUUID string `json:"component-uuid"`
}

// SystemControls is how a system meets its controls.
type SystemControls struct {
	Description string                   `json:"description"`
	Implemented []ImplementedRequirement `json:"implemented-requirements"`
}

// Worst is the highest of the three levels.
func (l ImpactLevel) Worst() string {
	for _, level := range []string{"fips-199-high", "fips-199-moderate"} {
		if level == l.Confidentiality || level == l.Integrity || level == l.Availability {
			return level
		}
	}
	return "fips-199-low"
}
