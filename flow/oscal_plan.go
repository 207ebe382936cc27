package flow

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port/oscal"
)

// plan makes the system security plan: the system is the scope, its components are
// the safeguards, and the statement of applicability says how controls are met.
func (m *oscalMaker) plan() (*oscal.Document, error) {
	implemented := m.implemented()
	if len(implemented) == 0 {
		return nil, kind.Errorf(kind.Invalid, "no framework is in use, so there is no control to speak of; adopt a framework first")
	}
	ssp := oscal.SystemSecurityPlan{
		ImportProfile: oscal.Import{Href: "#" + m.id("catalogue")},
		System:        m.characteristics(),
		Implementation: oscal.SystemImplementation{
			Users: m.users(), Components: append([]oscal.SystemComponent{m.thisSystem()}, m.components()...), Inventory: m.inventory(),
		},
		Controls: oscal.SystemControls{
			Description: "Taken from the statement of applicability. The state of each control follows from checks, tests, documents and evidence as they are today, not from what somebody ticked.",
			Implemented: implemented,
		},
		BackMatter: &oscal.BackMatter{Resources: append([]oscal.Resource{m.catalogueResource()}, m.frameworkResources()...)},
	}
	ssp.Metadata = m.metadata("System security plan")
	ssp.UUID = m.documentID(OSCALPlan)
	return m.document(oscal.SystemSecurityPlanModel, ssp)
}

func (m *oscalMaker) document(model oscal.Model, body any) (*oscal.Document, error) {
	if m.Err != nil {
		return nil, m.Err
	}
	return oscal.New(model, body)
}

func (m *oscalMaker) characteristics() oscal.SystemCharacteristics {
	c := oscal.SystemCharacteristics{
		SystemIDs: []oscal.SystemID{{IdentifierType: "http://ietf.org/rfc/rfc4122", ID: m.systemID()}},
		Name:      single(m.name), Status: oscal.Status{State: "operational"},
	}
	described := ""
	if org := m.Organisation(); org != nil {
		described = string(org.Mission)
	}
	boundary := "All assets of the organisation."
	if m.scope != nil {
		c.Name = single(m.scope.Title)
		described = say(string(m.scope.Statement), described)
		boundary = say(strings.Join([]string{string(m.scope.Included), string(m.scope.Excluded)}, "\n\n"), boundary)
	}
	c.Description = say(described, "What "+m.name+" protects with its information security management system.")
	c.Boundary.Description = boundary
	c.Information, c.ImpactLevel = m.information()
	if c.ImpactLevel != nil {
		c.SensitivityLevel = c.ImpactLevel.Worst()
	}
	return c
}

// information is the kinds of information: the data that is in the register, and how
// much its loss would harm.
func (m *oscalMaker) information() (oscal.SystemInformation, *oscal.ImpactLevel) {
	var info oscal.SystemInformation
	var conf, integ, avail kind.Level
	for _, a := range m.assets() {
		conf, integ, avail = max(conf, a.Confidentiality), max(integ, a.Integrity), max(avail, a.Availability)
		if a.Type == "data_set" {
			info.Types = append(info.Types, oscal.InformationType{
				UUID: m.id("information", a.ID), Title: single(a.Title), Description: say(string(a.Description), a.Title),
				Confidentiality: impact(a.Confidentiality), Integrity: impact(a.Integrity), Availability: impact(a.Availability),
			})
		}
	}
	if len(info.Types) == 0 {
		info.Types = []oscal.InformationType{{
			UUID: m.id("information"), Title: "Information of the organisation", Description: "No data sets stand in the register of assets yet.",
		}}
	}
	if conf+integ+avail == 0 {
		return info, nil
	}
	return info, &oscal.ImpactLevel{Confidentiality: fips(conf), Integrity: fips(integ), Availability: fips(avail)}
}

func impact(l kind.Level) *oscal.Impact {
	if l == 0 {
		return nil
	}
	return &oscal.Impact{Base: fips(l)}
}

// fips says a level of 1 to 5 in the three words of FIPS 199.
func fips(l kind.Level) string {
	switch {
	case l >= 4:
		return "fips-199-high"
	case l == 3:
		return "fips-199-moderate"
	}
	return "fips-199-low"
}

// assets are those inside the scope that are not disposed of.
func (m *oscalMaker) assets() []*isms.Asset {
	list := Every[isms.Asset](m.Survey, isms.Assets)
	if m.scope != nil && m.Err == nil {
		list = nil
		for _, p := range m.boundary(m.scope).In {
			list = append(list, p.Asset)
		}
	}
	var out []*isms.Asset
	for _, a := range sortedByKey(list) {
		if a.Lifecycle != "disposed" {
			m.saw(a.UpdatedAt)
			out = append(out, a)
		}
	}
	return out
}

// users are the groups of people by what they may do in the product.
func (m *oscalMaker) users() []oscal.SystemUser {
	count := map[string]int{}
	for _, p := range Every[isms.Person](m.Survey, isms.People) {
		if p.Status == "left" {
			continue
		}
		count["staff"]++
	}
	users := []oscal.SystemUser{{
		UUID: m.id("users", "staff"), Title: "Staff", RoleIDs: []string{"staff"},
		Description: fmt.Sprintf("Everybody who works with the systems: %s in the register.", prose.Plural(count["staff"], "person", "people")),
	}}
	if org := m.Organisation(); org != nil && m.named(org.SecurityLeadID) {
		users = append(users, oscal.SystemUser{UUID: m.id("users", "security-lead"), Title: "Security lead", RoleIDs: []string{"security-lead"}, Description: "Runs the security management."})
	}
	return users
}

func (m *oscalMaker) thisSystem() oscal.SystemComponent {
	return oscal.SystemComponent{
		UUID: m.id("this-system", m.scopeID()), Type: "this-system", Title: "This system",
		Description: "The scope as a whole, where no safeguard of its own is named.", Status: oscal.Status{State: "operational"},
	}
}

// safeguardsInUse are those that are not retired.
func (m *oscalMaker) safeguardsInUse() []*isms.Safeguard {
	var out []*isms.Safeguard
	for _, s := range sortedByKey(Every[isms.Safeguard](m.Survey, isms.Safeguards)) {
		if s.Status != isms.SafeguardRetired {
			m.saw(s.UpdatedAt)
			out = append(out, s)
		}
	}
	return out
}

func componentType(s *isms.Safeguard) string {
	switch s.Means {
	case "physical":
		return "physical"
	case "organisational":
		return "process-procedure"
	}
	return "service"
}

func safeguardProps(s *isms.Safeguard) []oscal.Property {
	return prop(prop(prop(nil, "key", s.Key), "function", string(s.Function)), "tested-on", string(s.TestedOn))
}

func (m *oscalMaker) components() []oscal.SystemComponent {
	var list []oscal.SystemComponent
	for _, s := range m.safeguardsInUse() {
		list = append(list, oscal.SystemComponent{
			UUID: m.id("safeguard", s.ID), Type: componentType(s), Title: single(s.Title), Description: say(string(s.Description), s.Title),
			Props: safeguardProps(s), Status: oscal.Status{State: componentState(s)}, ResponsibleRoles: m.owner(s.OwnerID),
		})
	}
	return list
}

func componentState(s *isms.Safeguard) string {
	switch s.Status {
	case isms.SafeguardOperating:
		return "operational"
	case isms.SafeguardImplementing:
		return "under-development"
	}
	return "other"
}

func (m *oscalMaker) inventory() []oscal.InventoryItem {
	var list []oscal.InventoryItem
	for _, a := range m.assets() {
		props := prop(prop(prop(prop(nil, "key", a.Key), "type", string(a.Type)), "address", a.Address), "platform", a.Platform)
		item := oscal.InventoryItem{UUID: m.id("asset", a.ID), Description: say(string(a.Description), a.Title), Props: prop(props, "name", a.Title)}
		for _, r := range m.owner(a.OwnerID) {
			item.ResponsibleParties = append(item.ResponsibleParties, oscal.ResponsibleParty(r))
		}
		list = append(list, item)
	}
	return list
}

// implemented says of every requirement how it is met.
func (m *oscalMaker) implemented() []oscal.ImplementedRequirement {
	var list []oscal.ImplementedRequirement
	for _, s := range m.st.Lines {
		r := oscal.ImplementedRequirement{
			UUID: m.id("implements", m.scopeID(), s.Requirement.ID), ControlID: m.controls[s.Requirement.ID],
			Props: m.standingProps(s), ByComponents: m.byComponents(s),
		}
		if s.Line != nil {
			r.ResponsibleRoles = m.owner(s.Line.OwnerID)
			r.Remarks = say(string(s.Line.Reason))
		}
		list = append(list, r)
	}
	return list
}

func (m *oscalMaker) standingProps(s *Standing) []oscal.Property {
	props := prop(nil, "framework", cmp.Or(s.Framework.Abbreviation, s.Framework.Title))
	props = prop(props, "number", s.Requirement.Code)
	props = prop(props, "applies", string(s.Applies()))
	props = prop(props, "stated", string(s.Said()))
	props = prop(props, "measured", string(s.Measured))
	if !s.At.IsZero() {
		props = prop(props, "measured-at", moment(s.At))
	}
	return prop(props, "maturity", fmt.Sprint(int(s.Maturity)))
}

// byComponents are the safeguards that meet a requirement; the system as a whole
// where there is none, or where it does not apply.
func (m *oscalMaker) byComponents(s *Standing) []oscal.ByComponent {
	var list []oscal.ByComponent
	if s.Applies() != isms.AppliesNo {
		for _, p := range s.Of("safeguard") {
			list = append(list, oscal.ByComponent{
				ComponentUUID: m.id("safeguard", p.ID), UUID: m.id("by", m.scopeID(), s.Requirement.ID, p.ID),
				Description: say(p.Title + ": " + p.Text), ImplementationStatus: &oscal.ImplementedState{State: proofState(p)},
			})
		}
	}
	if len(list) > 0 {
		return list
	}
	how := ""
	if s.Line != nil {
		how = say(string(s.Line.How), string(s.Line.Reason))
	}
	return []oscal.ByComponent{{
		ComponentUUID: m.id("this-system", m.scopeID()), UUID: m.id("by", m.scopeID(), s.Requirement.ID),
		Description: say(how, "Nothing is written down yet about how this is met."), ImplementationStatus: &oscal.ImplementedState{State: standingState(s), Remarks: say(s.Why())},
	}}
}

func proofState(p Proof) string {
	switch {
	case p.Verdict == Good || p.InForce:
		return "implemented"
	case p.Verdict == Old:
		return "partial"
	}
	return "planned"
}

// standingState is the state of a control: what is measured counts before what people
// say.
func standingState(s *Standing) string {
	switch {
	case s.Applies() == isms.AppliesNo:
		return "not-applicable"
	case s.Measured == isms.MeasuredMet:
		return "implemented"
	case s.Measured == isms.MeasuredPartly, s.Measured == isms.MeasuredStale, s.Measured == isms.MeasuredFails:
		return "partial"
	case s.Said() == isms.ApplicabilityMet:
		return "implemented"
	case s.Said() == isms.ApplicabilityPartly:
		return "partial"
	}
	return "planned"
}

// componentDefinition makes the safeguards known to others, with what they do for
// each framework.
func (m *oscalMaker) componentDefinition() (*oscal.Document, error) {
	met := map[string][]*Standing{}
	for _, s := range m.st.Lines {
		for _, p := range s.Of("safeguard") {
			met[p.ID] = append(met[p.ID], s)
		}
	}
	var cd oscal.ComponentDefinition
	for _, s := range m.safeguardsInUse() {
		cd.Components = append(cd.Components, oscal.DefinedComponent{
			UUID: m.id("safeguard", s.ID), Type: componentType(s), Title: single(s.Title), Description: say(string(s.Description), s.Title),
			Props: prop(safeguardProps(s), "status", string(s.Status)), ResponsibleRoles: m.owner(s.OwnerID),
			ControlImplementations: m.controlImplementations(s, met[s.ID]), Remarks: say(string(s.HowTested)),
		})
	}
	if len(cd.Components) == 0 {
		return nil, kind.Errorf(kind.Invalid, "there are no safeguards, so there is no component to define")
	}
	if resources := m.frameworkResources(); len(resources) > 0 {
		cd.BackMatter = &oscal.BackMatter{Resources: resources}
	}
	cd.Metadata = m.metadata("Component definition")
	cd.UUID = m.documentID(OSCALComponent)
	return m.document(oscal.ComponentDefinitionModel, cd)
}

func (m *oscalMaker) controlImplementations(s *isms.Safeguard, met []*Standing) []oscal.ControlImplementation {
	var list []oscal.ControlImplementation
	for _, fw := range m.st.Frameworks {
		c := oscal.ControlImplementation{
			UUID: m.id("implementation", s.ID, fw.ID), Source: "#" + m.resource(fw.ID),
			Description: "What “" + single(s.Title) + "” does for " + cmp.Or(fw.Abbreviation, fw.Title) + ".",
		}
		for _, l := range met {
			if l.Framework.ID != fw.ID {
				continue
			}
			i := slices.IndexFunc(l.Proofs, func(p Proof) bool { return p.Source == "safeguard" && p.ID == s.ID })
			c.Implemented = append(c.Implemented, oscal.ImplementedRequirement{
				UUID: m.id("implements", s.ID, l.Requirement.ID), ControlID: m.controls[l.Requirement.ID],
				Description: say(l.Proofs[i].Title + ": " + l.Proofs[i].Text),
				Props:       append(prop(nil, "number", l.Requirement.Code), oscal.Property{Name: "implementation-status", Value: proofState(l.Proofs[i])}),
			})
		}
		if len(c.Implemented) > 0 {
			list = append(list, c)
		}
	}
	return list
}
