package oscal

// A Catalog is a body of controls.
type Catalog struct {
	UUID       string      `json:"uuid"`
	Metadata   Metadata    `json:"metadata"`
	Params     []Parameter `json:"params,omitempty"`
	Controls   []Control   `json:"controls,omitempty"`
	Groups     []Group     `json:"groups,omitempty"`
	BackMatter *BackMatter `json:"back-matter,omitempty"`
}

// A Group is a chapter or family of controls.
type Group struct {
	ID       string      `json:"id,omitempty"`
	Class    string      `json:"class,omitempty"`
	Title    string      `json:"title"`
	Params   []Parameter `json:"params,omitempty"`
	Props    []Property  `json:"props,omitempty"`
	Links    []Link      `json:"links,omitempty"`
	Parts    []Part      `json:"parts,omitempty"`
	Groups   []Group     `json:"groups,omitempty"`
	Controls []Control   `json:"controls,omitempty"`
}

// A Control is one requirement, with the enhancements that belong to it.
type Control struct {
	ID       string      `json:"id"`
	Class    string      `json:"class,omitempty"`
	Title    string      `json:"title"`
	Params   []Parameter `json:"params,omitempty"`
	Props    []Property  `json:"props,omitempty"`
	Links    []Link      `json:"links,omitempty"`
	Parts    []Part      `json:"parts,omitempty"`
	Controls []Control   `json:"controls,omitempty"`
}

// A Part is a piece of the text of a control: statement, item, guidance, …
type Part struct {
	ID    string     `json:"id,omitempty"`
	Name  string     `json:"name"`
	NS    string     `json:"ns,omitempty"`
	Class string     `json:"class,omitempty"`
	Title string     `json:"title,omitempty"`
	Props []Property `json:"props,omitempty"`
	Prose string     `json:"prose,omitempty"` // Markdown; parameters as {{ insert: param, id }}
	Parts []Part     `json:"parts,omitempty"`
	Links []Link     `json:"links,omitempty"`
}

// A Parameter is a place in the text of a control that an organisation fills in.
type Parameter struct {
	ID          string       `json:"id"`
	Class       string       `json:"class,omitempty"`
	DependsOn   string       `json:"depends-on,omitempty"`
	Props       []Property   `json:"props,omitempty"`
	Links       []Link       `json:"links,omitempty"`
	Label       string       `json:"label,omitempty"`
	Usage       string       `json:"usage,omitempty"`
	Constraints []Constraint `json:"constraints,omitempty"`
	Guidelines  []Guideline  `json:"guidelines,omitempty"`
	Values      []string     `json:"values,omitempty"`
	Select      *Selection   `json:"select,omitempty"`
	Remarks     string       `json:"remarks,omitempty"`
}

// A Constraint limits what a parameter may be set to.
type Constraint struct {
	Description string `json:"description,omitempty"`
}

// A Guideline says how a parameter is best set.
type Guideline struct {
	Prose string `json:"prose"`
}

// A Selection is the values from which a parameter is chosen.
type Selection struct {
	HowMany string   `json:"how-many,omitempty"` // one, one-or-more
	Choice  []string `json:"choice,omitempty"`
}

// A Profile selects controls of catalogues and of other profiles, arranges and
// changes them. Resolve makes the catalogue that it describes.
type Profile struct {
	UUID       string          `json:"uuid"`
	Metadata   Metadata        `json:"metadata"`
	Imports    []ProfileImport `json:"imports"`
	Merge      *Merge          `json:"merge,omitempty"`
	Modify     *Modify         `json:"modify,omitempty"`
	BackMatter *BackMatter     `json:"back-matter,omitempty"`
}

// A ProfileImport selects controls of one catalogue or profile. Without includes it
// selects all.
type ProfileImport struct {
	Href            string           `json:"href"`
	IncludeAll      *struct{}        `json:"include-all,omitempty"`
	IncludeControls []ControlsChoice `json:"include-controls,omitempty"`
	ExcludeControls []ControlsChoice `json:"exclude-controls,omitempty"`
}

// A ControlsChoice names controls by id or by pattern.
type ControlsChoice struct {
	WithChildControls string     `json:"with-child-controls,omitempty"` // yes, no
	WithIDs           []string   `json:"with-ids,omitempty"`
	Matching          []Matching `json:"matching,omitempty"`
}

// Matching is a pattern of ids; * stands for any characters, ? for one.
type Matching struct {
	Pattern string `json:"pattern,omitempty"`
}

// Merge says how selected controls are arranged: as their catalogues do, flat, or in
// groups of the profile's own.
type Merge struct {
	Combine *Combine  `json:"combine,omitempty"`
	Flat    *struct{} `json:"flat,omitempty"`
	AsIs    bool      `json:"as-is,omitempty"`
	Custom  *Custom   `json:"custom,omitempty"`
}

// Combine says what happens when a control is selected twice.
type Combine struct {
	Method string `json:"method,omitempty"` // keep, use-first, merge
}

// Custom is an arrangement of the profile's own.
type Custom struct {
	Groups         []CustomGroup    `json:"groups,omitempty"`
	InsertControls []InsertControls `json:"insert-controls,omitempty"`
}

// A CustomGroup is a group of a custom arrangement.
type CustomGroup struct {
	ID             string           `json:"id,omitempty"`
	Title          string           `json:"title"`
	Groups         []CustomGroup    `json:"groups,omitempty"`
	InsertControls []InsertControls `json:"insert-controls,omitempty"`
}

// InsertControls puts selected controls into a place of a custom arrangement.
type InsertControls struct {
	Order           string           `json:"order,omitempty"` // keep, ascending, descending
	IncludeAll      *struct{}        `json:"include-all,omitempty"`
	IncludeControls []ControlsChoice `json:"include-controls,omitempty"`
	ExcludeControls []ControlsChoice `json:"exclude-controls,omitempty"`
}

// Modify changes what was selected.
type Modify struct {
	SetParameters []SetParameter `json:"set-parameters,omitempty"`
	Alters        []Alter        `json:"alters,omitempty"`
}

// A SetParameter gives a parameter a value, or says more about it.
type SetParameter struct {
	ParamID     string       `json:"param-id"`
	Label       string       `json:"label,omitempty"`
	Constraints []Constraint `json:"constraints,omitempty"`
	Values      []string     `json:"values,omitempty"`
	Select      *Selection   `json:"select,omitempty"`
}

// An Alter takes from a control and adds to it, in this order.
type Alter struct {
	ControlID string   `json:"control-id"`
	Removes   []Remove `json:"removes,omitempty"`
	Adds      []Add    `json:"adds,omitempty"`
}

// A Remove takes away what fits everything that it names.
type Remove struct {
	ByName     string `json:"by-name,omitempty"`
	ByClass    string `json:"by-class,omitempty"`
	ByID       string `json:"by-id,omitempty"`
	ByItemName string `json:"by-item-name,omitempty"` // param, prop, link, part
	ByNS       string `json:"by-ns,omitempty"`
}

// An Add puts contents into a control, or before, after or into what has an id in it.
type Add struct {
	Position string      `json:"position,omitempty"` // starting, ending, before, after
	ByID     string      `json:"by-id,omitempty"`
	Title    string      `json:"title,omitempty"`
	Params   []Parameter `json:"params,omitempty"`
	Props    []Property  `json:"props,omitempty"`
	Links    []Link      `json:"links,omitempty"`
	Parts    []Part      `json:"parts,omitempty"`
}

// A MappingCollection says how the controls of catalogues relate.
type MappingCollection struct {
	UUID       string      `json:"uuid"`
	Metadata   Metadata    `json:"metadata"`
	Provenance *Provenance `json:"provenance,omitempty"`
	Mappings   []Mapping   `json:"mappings"`
	BackMatter *BackMatter `json:"back-matter,omitempty"`
}

// Provenance is how mappings were made.
type Provenance struct {
	Method      string `json:"method,omitempty"` // human, automation, hybrid
	Status      string `json:"status,omitempty"`
	Description string `json:"mapping-description,omitempty"`
}

// A Mapping relates the controls of two catalogues.
type Mapping struct {
	UUID   string     `json:"uuid"`
	Source MappedFile `json:"source-resource"`
	Target MappedFile `json:"target-resource"`
	Maps   []Map      `json:"maps"`
}

// A MappedFile is one side of a mapping.
type MappedFile struct {
	Type string `json:"type"` // catalog, profile
	Href string `json:"href"`
}

// A Map relates controls: equivalent-to, equal-to, subset-of, superset-of,
// intersects-with, no-relationship.
type Map struct {
	UUID         string       `json:"uuid"`
	Relationship string       `json:"relationship"`
	Sources      []MappedItem `json:"sources"`
	Targets      []MappedItem `json:"targets"`
	Remarks      string       `json:"remarks,omitempty"`
}

// A MappedItem is a control or a statement of one.
type MappedItem struct {
	Type  string `json:"type"`
	IDRef string `json:"id-ref"`
}
