// Package oscal reads, resolves and writes the models of the Open Security Controls
// Assessment Language, NIST's formats for catalogues of controls and for what an
// organisation does about them.
//
// A Document keeps everything that stood in a file, in its order, also what this
// package has no name for: what is read is written again without loss. The structs
// (Catalog, Profile, SystemSecurityPlan, …) are how Go code looks at a document and
// makes one; they name what the product uses.
//
// Nothing is fetched. Resolving a profile asks its caller for the documents that it
// imports.
package oscal

import (
	"encoding/json"
	"slices"

	"holdfast/kind"
)

// Version is the edition of OSCAL in which documents are written.
const Version = "1.1.3"

// Limits on what is read: they protect the process, not the format.
const (
	MaxBytes = 64 << 20  // of one file
	MaxDepth = 64        // of nesting
	MaxNodes = 4_000_000 // objects, lists and values of one file
)

// A Model is one kind of OSCAL document, by the name of its only top-level member.
type Model string

// The models.
const (
	CatalogModel             Model = "catalog"
	ProfileModel             Model = "profile"
	ComponentDefinitionModel Model = "component-definition"
	SystemSecurityPlanModel  Model = "system-security-plan"
	AssessmentPlanModel      Model = "assessment-plan"
	AssessmentResultsModel   Model = "assessment-results"
	ActionPlanModel          Model = "plan-of-action-and-milestones"
	MappingModel             Model = "mapping-collection"
)

// Models lists every model that is read and written.
var Models = []Model{
	CatalogModel, ProfileModel, ComponentDefinitionModel, SystemSecurityPlanModel,
	AssessmentPlanModel, AssessmentResultsModel, ActionPlanModel, MappingModel,
}

// top is a file seen through the structs of this package.
type top struct {
	Catalog             *Catalog             `json:"catalog"`
	Profile             *Profile             `json:"profile"`
	ComponentDefinition *ComponentDefinition `json:"component-definition"`
	SystemSecurityPlan  *SystemSecurityPlan  `json:"system-security-plan"`
	AssessmentPlan      *AssessmentPlan      `json:"assessment-plan"`
	AssessmentResults   *AssessmentResults   `json:"assessment-results"`
	ActionPlan          *ActionPlan          `json:"plan-of-action-and-milestones"`
	Mappings            *MappingCollection   `json:"mapping-collection"`
}

// A Document is one OSCAL document as it stood in its file.
type Document struct {
	Name  string // of the file, for messages
	Model Model
	Body  *Object // what the top-level member holds
	rest  *Object // members beside it: $schema
}

// New makes a document of a struct of this package, such as *SystemSecurityPlan.
func New(m Model, body any) (*Document, error) {
	if !slices.Contains(Models, m) {
		return nil, kind.Errorf(kind.Internal, "%q is not a model of OSCAL", m)
	}
	data, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	v, err := parse(string(m), data)
	if err != nil {
		return nil, err
	}
	o, ok := v.(*Object)
	if !ok {
		return nil, kind.Errorf(kind.Internal, "a %s is an object", m)
	}
	return &Document{Name: string(m), Model: m, Body: o}, nil
}

// Decode fills a struct of this package with what the document says; the document
// keeps what the struct has no place for.
func (d *Document) Decode(into any) error {
	data := appendValue(nil, d.Body, "", "")
	if err := json.Unmarshal(data, into); err != nil {
		return explain(d.Name, "/"+string(d.Model), data, err)
	}
	return nil
}

// UUID is the identifier of this state of the document.
func (d *Document) UUID() string { return d.Body.Text("uuid") }

// Title is what the document calls itself.
func (d *Document) Title() string { return d.Body.Object("metadata").Text("title") }

// Clone makes a deep copy.
func (d *Document) Clone() *Document {
	c := *d
	c.Body = d.Body.Clone()
	return &c
}
