package oscal

// Metadata is what every document says of itself.
type Metadata struct {
	Title              string             `json:"title"`
	Published          string             `json:"published,omitempty"`
	LastModified       string             `json:"last-modified"`
	Version            string             `json:"version"`
	OSCALVersion       string             `json:"oscal-version"`
	DocumentIDs        []DocumentID       `json:"document-ids,omitempty"`
	Props              []Property         `json:"props,omitempty"`
	Links              []Link             `json:"links,omitempty"`
	Roles              []Role             `json:"roles,omitempty"`
	Parties            []Party            `json:"parties,omitempty"`
	ResponsibleParties []ResponsibleParty `json:"responsible-parties,omitempty"`
	Remarks            string             `json:"remarks,omitempty"`
}

// A DocumentID is an identifier that stays the same from edition to edition.
type DocumentID struct {
	Scheme     string `json:"scheme,omitempty"`
	Identifier string `json:"identifier"`
}

// A Property is a name with a value, in a namespace when NIST did not define it.
type Property struct {
	Name    string `json:"name"`
	UUID    string `json:"uuid,omitempty"`
	NS      string `json:"ns,omitempty"`
	Value   string `json:"value"`
	Class   string `json:"class,omitempty"`
	Group   string `json:"group,omitempty"`
	Remarks string `json:"remarks,omitempty"`
}

// A Link points to something: another place ("https://…"), or a control, part or
// resource of this document ("#id").
type Link struct {
	Href             string `json:"href"`
	Rel              string `json:"rel,omitempty"`
	MediaType        string `json:"media-type,omitempty"`
	ResourceFragment string `json:"resource-fragment,omitempty"`
	Text             string `json:"text,omitempty"`
}

// A Role is a function that somebody has.
type Role struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	ShortName   string `json:"short-name,omitempty"`
	Description string `json:"description,omitempty"`
}

// A Party is a person or an organisation.
type Party struct {
	UUID           string     `json:"uuid"`
	Type           string     `json:"type"` // person, organization
	Name           string     `json:"name,omitempty"`
	ShortName      string     `json:"short-name,omitempty"`
	Props          []Property `json:"props,omitempty"`
	EmailAddresses []string   `json:"email-addresses,omitempty"`
}

// A ResponsibleParty says who has a role in the whole document.
type ResponsibleParty struct {
	RoleID     string   `json:"role-id"`
	PartyUUIDs []string `json:"party-uuids"`
}

// A ResponsibleRole says who has a role in one thing of the document.
type ResponsibleRole struct {
	RoleID     string   `json:"role-id"`
	PartyUUIDs []string `json:"party-uuids,omitempty"`
}

// BackMatter is what a document refers to.
type BackMatter struct {
	Resources []Resource `json:"resources,omitempty"`
}

// A Resource is one thing that links of the document point to.
type Resource struct {
	UUID        string       `json:"uuid"`
	Title       string       `json:"title,omitempty"`
	Description string       `json:"description,omitempty"`
	Props       []Property   `json:"props,omitempty"`
	DocumentIDs []DocumentID `json:"document-ids,omitempty"`
	Citation    *Citation    `json:"citation,omitempty"`
	RLinks      []RLink      `json:"rlinks,omitempty"`
	Remarks     string       `json:"remarks,omitempty"`
}

// A Citation is how a resource is quoted.
type Citation struct {
	Text string `json:"text"`
}

// An RLink is a place from which a resource can be had.
type RLink struct {
	Href      string `json:"href"`
	MediaType string `json:"media-type,omitempty"`
	Hashes    []Hash `json:"hashes,omitempty"`
}

// A Hash is a digest of the bytes of a resource, in hexadecimal.
type Hash struct {
	Algorithm string `json:"algorithm"` // SHA-256, …
	Value     string `json:"value"`
}

// An Import names the document that another builds on.
type Import struct {
	Href    string `json:"href"`
	Remarks string `json:"remarks,omitempty"`
}
