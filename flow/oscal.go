package flow

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"holdfast/access"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port/oscal"
)

// The documents of OSCAL that are made of records.
const (
	OSCALPlan      = "ssp"       // system security plan
	OSCALComponent = "component" // component definition
	OSCALResults   = "results"   // assessment results
	OSCALActions   = "poam"      // plan of action and milestones
	OSCALCatalog   = "catalog"   // the requirements themselves, for the others to point to
)

// OSCALDocuments lists the documents with what they are called.
var OSCALDocuments = []struct{ Name, Title string }{
	{OSCALPlan, "System security plan"}, {OSCALComponent, "Component definition"}, {OSCALResults, "Assessment results"},
	{OSCALActions, "Plan of action and milestones"}, {OSCALCatalog, "Catalogue of requirements"},
}

// OSCAL makes a document of OSCAL of the records of one scope (by id or key; empty:
// the whole organisation). Identifiers follow from those of the records, and the date
// from the newest of them: the same records give the same bytes.
func (f *Flow) OSCAL(ctx context.Context, what, scope string) (*oscal.Document, error) {
	make, ok := map[string]func(*oscalMaker) (*oscal.Document, error){
		OSCALPlan: (*oscalMaker).plan, OSCALComponent: (*oscalMaker).componentDefinition, OSCALResults: (*oscalMaker).results,
		OSCALActions: (*oscalMaker).actions, OSCALCatalog: (*oscalMaker).catalogue,
	}[what]
	if !ok {
		var names []string
		for _, d := range OSCALDocuments {
			names = append(names, d.Name)
		}
		return nil, kind.Errorf(kind.NotFound, "there is no OSCAL document %q; there are %s", what, strings.Join(names, ", "))
	}
	m, err := f.oscalMaker(ctx, scope)
	if err != nil {
		return nil, err
	}
	d, err := make(m)
	if err != nil {
		return nil, err
	}
	return d, m.Err
}

// An oscalMaker is one document in the making. Its survey keeps the first error.
type oscalMaker struct {
	*Survey
	st        *Statement
	scope     *isms.Scope
	workspace string
	name      string // of the organisation or scope
	newest    time.Time
	controls  map[string]string // id of the control by id of the requirement
	parties   map[string]bool   // ids of people who are named
}

func (f *Flow) oscalMaker(ctx context.Context, scope string) (*oscalMaker, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	m := &oscalMaker{Survey: f.Survey(ctx), workspace: actor.Workspace, controls: map[string]string{}, parties: map[string]bool{}}
	if scope != "" {
		rec, err := f.app.Get(ctx, isms.Scopes, scope)
		if err != nil {
			return nil, err
		}
		m.scope = rec.(*isms.Scope)
		m.saw(m.scope.UpdatedAt)
	}
	m.name = "the organisation"
	if org := m.Organisation(); org != nil {
		m.name = cmp.Or(org.LegalName, org.Title)
		m.saw(org.UpdatedAt)
	}
	id := ""
	if m.scope != nil {
		id = m.scope.ID
	}
	if m.st, err = f.Statement(ctx, id); err != nil {
		return nil, err
	}
	m.number()
	return m, m.Err
}

// saw keeps the newest time of what was read.
func (m *oscalMaker) saw(t time.Time) {
	if t.After(m.newest) {
		m.newest = t
	}
}

// number gives every requirement the id that it has as a control: its number, as far
// as OSCAL allows, with the framework before it where two frameworks share one.
func (m *oscalMaker) number() {
	taken := map[string]bool{}
	give := func(r *isms.Requirement, fw *isms.Framework) {
		id := token(r.Code)
		if taken[id] {
			id = token(fw.Key + "_" + r.Code)
		}
		for taken[id] {
			id += "-2"
		}
		taken[id], m.controls[r.ID] = true, id
	}
	for _, s := range m.st.Lines {
		give(s.Requirement, s.Framework)
		m.saw(s.Requirement.UpdatedAt)
		if s.Line != nil {
			m.saw(s.Line.UpdatedAt)
		}
	}
	for _, c := range m.chapters() {
		give(c, m.frameworkOf(c))
	}
}

func (m *oscalMaker) frameworkOf(r *isms.Requirement) *isms.Framework {
	i := slices.IndexFunc(m.st.Frameworks, func(f *isms.Framework) bool { return f.ID == r.FrameworkID })
	if i < 0 {
		return &isms.Framework{}
	}
	return m.st.Frameworks[i]
}

// chapters are those of the statement, in the order of their frameworks.
func (m *oscalMaker) chapters() []*isms.Requirement {
	list := make([]*isms.Requirement, 0, len(m.st.Chapters))
	for _, c := range m.st.Chapters {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *isms.Requirement) int {
		return cmp.Or(cmp.Compare(a.FrameworkID, b.FrameworkID), cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// token makes of a text what OSCAL takes for an identifier: letters, digits, dot,
// hyphen and underscore, with a letter or underscore first.
func token(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' || r == '-' || r == '_':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "."):
			b.WriteByte('.')
		}
	}
	id := strings.TrimRight(b.String(), ".")
	if first, _ := firstRune(id); first != '_' && !unicode.IsLetter(first) {
		id = "_" + id
	}
	return id
}

func firstRune(s string) (rune, bool) {
	for _, r := range s {
		return r, true
	}
	return 0, false
}

// oscalNS is the namespace of the properties that only we write.
const oscalNS = "urn:holdfast:oscal"

// prop is a property of our own; without a value it is none.
func prop(list []oscal.Property, name, value string) []oscal.Property {
	if value = single(value); value == "" {
		return list
	}
	return append(list, oscal.Property{Name: name, NS: oscalNS, Value: value})
}

// single brings a text onto one line, without spaces at its ends.
func single(s string) string { return strings.Join(strings.Fields(prose.Clean(s)), " ") }

// say is the first of the texts that says something.
func say(texts ...string) string {
	for _, t := range texts {
		if t = strings.TrimSpace(prose.Clean(t)); t != "" {
			return t
		}
	}
	return ""
}

// moment writes a time as OSCAL does.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// endOf writes the end of a day; empty for no day.
func endOf(d kind.Date) string {
	if d == "" {
		return ""
	}
	return moment(d.Time())
}

// id makes the UUID of a thing of this workspace.
func (m *oscalMaker) id(names ...string) string {
	return oscal.UUID(append([]string{m.workspace}, names...)...)
}

func (m *oscalMaker) scopeID() string {
	if m.scope == nil {
		return ""
	}
	return m.scope.ID
}

// documentID is that of the document in its present state.
func (m *oscalMaker) documentID(what string) string {
	return m.id(what, m.scopeID(), moment(m.newest))
}

// systemID is that of what the documents are about; it stays.
func (m *oscalMaker) systemID() string { return m.id("system", m.scopeID()) }

// roles that people have in the documents.
var oscalRoles = []oscal.Role{
	{ID: "owner", Title: "Owner", Description: "Answers for a safeguard, an asset or a risk."},
	{ID: "security-lead", Title: "Security lead", Description: "Runs the security management."},
	{ID: "executive", Title: "Accountable executive"},
	{ID: "staff", Title: "Staff"},
}

// metadata says what a document is; people who are named are parties. It is made
// last, when all of them are known.
func (m *oscalMaker) metadata(title string) oscal.Metadata {
	md := oscal.Metadata{
		Title: title + " of " + single(m.name), LastModified: moment(m.newest), Version: string(kind.DateOf(m.newest)), OSCALVersion: oscal.Version,
		Roles: oscalRoles, Parties: []oscal.Party{{UUID: m.id("organisation"), Type: "organization", Name: single(m.name)}},
	}
	if m.scope != nil {
		md.Props = prop(md.Props, "scope", m.scope.Title)
	}
	if org := m.Organisation(); org != nil {
		md.ResponsibleParties = append(md.ResponsibleParties, m.responsible("security-lead", org.SecurityLeadID)...)
		md.ResponsibleParties = append(md.ResponsibleParties, m.responsible("executive", org.ExecutiveID)...)
	}
	for _, p := range sortedByKey(Every[isms.Person](m.Survey, isms.People)) {
		if m.parties[p.ID] {
			m.saw(p.UpdatedAt)
			party := oscal.Party{UUID: m.id("person", p.ID), Type: "person", Name: single(p.Title)}
			if strings.Contains(p.Email, "@") {
				party.EmailAddresses = []string{single(p.Email)}
			}
			md.Parties = append(md.Parties, party)
		}
	}
	return md
}

// responsible names a person in a role of the whole document.
func (m *oscalMaker) responsible(role, person string) []oscal.ResponsibleParty {
	if !m.named(person) {
		return nil
	}
	return []oscal.ResponsibleParty{{RoleID: role, PartyUUIDs: []string{m.id("person", person)}}}
}

// owner names a person as the owner of one thing.
func (m *oscalMaker) owner(person string) []oscal.ResponsibleRole {
	if !m.named(person) {
		return nil
	}
	return []oscal.ResponsibleRole{{RoleID: "owner", PartyUUIDs: []string{m.id("person", person)}}}
}

// named marks a person as a party; false when there is no such person.
func (m *oscalMaker) named(person string) bool {
	ok := slices.ContainsFunc(Every[isms.Person](m.Survey, isms.People), func(p *isms.Person) bool { return p.ID == person })
	if ok {
		m.parties[person] = true
	}
	return ok
}

// frameworkResources are the frameworks as things to point to.
func (m *oscalMaker) frameworkResources() []oscal.Resource {
	var list []oscal.Resource
	for _, fw := range m.st.Frameworks {
		r := oscal.Resource{
			UUID: m.resource(fw.ID), Title: single(fw.Title), Description: say(string(fw.Description), "A framework of requirements."),
			Props: prop(prop(nil, "edition", fw.Edition), "publisher", fw.Publisher),
		}
		if fw.URL != "" {
			r.RLinks = []oscal.RLink{{Href: fw.URL}}
		}
		m.saw(fw.UpdatedAt)
		list = append(list, r)
	}
	return list
}

func (m *oscalMaker) resource(id string) string { return m.id("framework", id) }

// catalogueResource is the catalogue of all requirements in use, which the document
// of that name holds.
func (m *oscalMaker) catalogueResource() oscal.Resource {
	return oscal.Resource{
		UUID: m.id("catalogue"), Title: "The requirements in use", Description: "The catalogue that is written beside this document: the requirements of all frameworks in use, with the ids that stand here.",
		RLinks: []oscal.RLink{{Href: "catalog.json", MediaType: "application/oscal.catalog+json"}},
	}
}

// sortedByKey orders records as people see them, and the same every time.
func sortedByKey[T any](list []*T) []*T {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *T) int {
		x, y := baseOf(a), baseOf(b)
		return cmp.Or(cmp.Compare(x.Key, y.Key), cmp.Compare(x.ID, y.ID))
	})
	return list
}
