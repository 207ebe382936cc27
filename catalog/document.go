package catalog

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"go.yaml.in/yaml/v3"
)

// A Document is the template of something people sign: front matter, and a text in
// Markdown that is filled from what the organisation is.
type Document struct {
	ID           string    `yaml:"id"` // the name of its file too
	Title        string    `yaml:"title"`
	Kind         string    `yaml:"kind"`  // policy, standard, procedure or plan
	About        string    `yaml:"about"` // what it is for, in a sentence
	Audience     string    `yaml:"audience"`
	ReviewMonths int       `yaml:"review_months"`
	Meets        []string  `yaml:"meets"`      // framework:requirement, "iso27001-2022:A.5.1"
	Safeguards   []string  `yaml:"safeguards"` // safeguards of the catalogue that it describes
	Settings     []Setting `yaml:"settings"`   // the figures of its rules
	Body         string    `yaml:"-"`          // Markdown with actions of text/template
}

func (d *Document) id() string { return d.ID }

// A Setting is a figure that a rule demands and an organisation may change. It
// belongs to one document; the others refer to that one.
type Setting struct {
	Name    string `yaml:"name"`
	Value   int    `yaml:"value"`
	Unit    string `yaml:"unit"`
	Meaning string `yaml:"meaning"`
}

// String is the figure as it stands in a sentence: "14 characters", "1 day".
func (s Setting) String() string {
	unit := s.Unit
	if s.Value == 1 {
		unit = strings.TrimSuffix(unit, "s")
	}
	return strconv.Itoa(s.Value) + " " + unit
}

// DocumentData is what templates are filled with. All may be empty. All is plain
// text on one line but Scope, which is Markdown.
type DocumentData struct {
	Organisation DocumentOrganisation
	Scope        string
	Lead         string // name and title of who runs the security management
	Board        string // name of the committee that decides
	Reporter     string // how somebody reaches those who handle incidents
	Crown        []CrownJewel
	Vendors      []DocumentVendor
	Objectives   []string
	Obligations  []DocumentObligation
	Frameworks   []string
	Settings     map[string]int // figures by name that replace the defaults, for all documents
}

// A DocumentOrganisation is whose document it is.
type DocumentOrganisation struct {
	Name     string
	Trade    string // what it does, as words in a sentence: "software for clinics"
	Size     int    // people; 0: unknown
	Currency string // ISO 4217
	Country  string // its name, not its code
}

// A CrownJewel is one of the most valuable assets. RTO and RPO are with their unit.
type CrownJewel struct{ Name, Owner, RTO, RPO string }

// A DocumentVendor is somebody the organisation depends on, and for what.
type DocumentVendor struct{ Name, Service string }

// A DocumentObligation is a law or a contract, and who watches over it.
type DocumentObligation struct{ Title, Authority string }

// view is the data as templates see it.
type view struct {
	DocumentData
	Settings map[string]Setting
	Every    Setting // time between two reviews
}

// Document finds the template of a document by its id.
func (c *Catalog) Document(id string) (*Document, bool) { return find(c.Documents, id) }

// Fill writes the document for an organisation: Markdown with its rules numbered.
// An error names the document and the place in it; a figure below 1 is one.
func (d *Document) Fill(data DocumentData) (string, error) {
	return d.fill(d.ID, 0, data)
}

// fill names the file and the lines before the body in messages.
func (d *Document) fill(file string, before int, data DocumentData) (string, error) {
	t, err := template.New(file).Option("missingkey=error").Parse(strings.Repeat("\n", before) + d.Body)
	if err != nil {
		return "", err
	}
	v, err := d.view(data)
	if err != nil {
		return "", fmt.Errorf("document %s: %w", d.ID, err)
	}
	var out strings.Builder
	if err := t.Execute(&out, v); err != nil {
		return "", err
	}
	return tidy(out.String()), nil
}

func (d *Document) view(data DocumentData) (view, error) {
	v := view{DocumentData: data.Escaped(), Settings: map[string]Setting{}, Every: Setting{Value: d.ReviewMonths, Unit: "months"}}
	for _, s := range d.Settings {
		if own, ok := data.Settings[s.Name]; ok {
			s.Value = own
		}
		if s.Value < 1 {
			return view{}, fmt.Errorf("setting %s: %d is not above zero", s.Name, s.Value)
		}
		v.Settings[s.Name] = s
	}
	return v, nil
}

// special are the characters that Markdown would take for its own.
var special = strings.NewReplacer(`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`,
	`<`, `\<`, `>`, `\>`, `|`, `\|`, `#`, `\#`, `~`, `\~`, `{`, `\{`, `}`, `\}`)

// plain makes a value one line of Markdown that shows it as it is.
func plain(s string) string { return special.Replace(strings.Join(strings.Fields(s), " ")) }

// Escaped is the data such that no value can change the form of a document.
func (d DocumentData) Escaped() DocumentData {
	d.Organisation.Name = plain(d.Organisation.Name)
	if d.Organisation.Name == "" {
		d.Organisation.Name = "the organisation"
	}
	for _, s := range []*string{&d.Organisation.Trade, &d.Organisation.Currency, &d.Organisation.Country, &d.Lead, &d.Board, &d.Reporter} {
		*s = plain(*s)
	}
	d.Board = strings.TrimPrefix(strings.TrimPrefix(d.Board, "The "), "the ") // templates say "the" themselves
	d.Scope = strings.TrimSpace(d.Scope)
	d.Objectives, d.Frameworks = each(d.Objectives, plain), each(d.Frameworks, plain)
	d.Crown = each(d.Crown, func(c CrownJewel) CrownJewel {
		return CrownJewel{plain(c.Name), plain(c.Owner), plain(c.RTO), plain(c.RPO)}
	})
	d.Vendors = each(d.Vendors, func(v DocumentVendor) DocumentVendor {
		return DocumentVendor{plain(v.Name), plain(v.Service)}
	})
	d.Obligations = each(d.Obligations, func(o DocumentObligation) DocumentObligation {
		return DocumentObligation{plain(o.Title), plain(o.Authority)}
	})
	return d
}

func each[T any](list []T, change func(T) T) []T {
	out := make([]T, len(list))
	for i, v := range list {
		out[i] = change(v)
	}
	return out
}

// tidy takes away the blank lines that actions leave and numbers the rules of each
// section, so that the text reads well as it stands.
func tidy(text string) string {
	var out []string
	rule := 0
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		if strings.HasPrefix(line, "#") {
			rule = 0
		}
		if rest, ok := strings.CutPrefix(line, "1. "); ok {
			rule++
			line = strconv.Itoa(rule) + ". " + rest
		}
		if line != "" || len(out) > 0 && out[len(out)-1] != "" {
			out = append(out, line)
		}
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n") + "\n"
}

// readDocuments reads the templates, one per file.
func readDocuments(r *reader) {
	if r.err != nil {
		return
	}
	names, err := fs.Glob(r.fsys, "documents/*.md")
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("documents: the folder holds no .md file")
	}
	r.err = err
	for _, name := range names {
		readDocument(r, name)
	}
}

func readDocument(r *reader, name string) {
	if r.err != nil {
		return
	}
	b, err := readBounded(r.fsys, name)
	if r.err = err; err != nil {
		return
	}
	d, line, err := parseDocument(name, b)
	if r.err = err; err != nil {
		return
	}
	if want := strings.TrimSuffix(path.Base(name), ".md"); d.ID != want {
		r.err = fmt.Errorf("%s:1: the id %q is not the name of the file, %q", name, d.ID, want)
		return
	}
	r.catalog.place["document/"+d.ID] = where{name, 1}
	r.catalog.place["text/"+d.ID] = where{name, line}
	r.catalog.Documents = append(r.catalog.Documents, d)
}

// parseDocument takes a file apart and tells on which line the text begins.
func parseDocument(name string, b []byte) (d Document, line int, err error) {
	head, body, ok := bytes.Cut(b, []byte("\n---\n"))
	if !ok || !bytes.HasPrefix(head, []byte("---\n")) {
		return d, 0, fmt.Errorf("%s:1: front matter between two lines of --- is expected", name)
	}
	dec := yaml.NewDecoder(bytes.NewReader(head)) // with its first ---, so that lines count as in the file
	dec.KnownFields(true)
	if err := dec.Decode(&d); err != nil {
		return d, 0, inFile(name, err)
	}
	d.Body = string(body)
	return d, bytes.Count(head, []byte("\n")) + 3, nil
}

// The closed lists of words of documents.
var (
	documentKinds = words("policy procedure standard plan")
	audiences     = words("everybody engineers managers administrators")
	units         = []string{"characters", "attempts", "minutes", "hours", "days", "working days", "months", "people", "bits", "%"}
	settingName   = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
)

func (c *Catalog) checkDocument(d *Document, bad complain) {
	bad.id(d.ID)
	bad.text("title", d.Title)
	bad.text("about", d.About)
	bad.text("the body", d.Body)
	bad.among("kind", documentKinds, 1, d.Kind)
	bad.among("audience", audiences, 1, d.Audience)
	if d.ReviewMonths < 1 || d.ReviewMonths > 36 {
		bad("review_months: between 1 and 36, not %d", d.ReviewMonths)
	}
	bad.resolve("meets", c.hasRequirement, 1, d.Meets)
	bad.resolve("safeguards", c.has("safeguard"), 0, d.Safeguards)
	c.checkSettings(d, bad)
	text := c.place["text/"+d.ID]
	if _, err := d.fill(text.file, text.line-1, DocumentData{}); err != nil {
		bad("%v", err)
	}
}

// hasRequirement tells whether "framework:requirement" is there and can be met.
func (c *Catalog) hasRequirement(ref string) bool {
	framework, id, _ := strings.Cut(ref, ":")
	f, ok := c.Framework(framework)
	if !ok {
		return false
	}
	r, ok := f.Requirement(id)
	return ok && !r.Chapter
}

// checkSettings demands that a figure is stated in one document only, and used there.
func (c *Catalog) checkSettings(d *Document, bad complain) {
	for _, s := range d.Settings {
		bad.form("settings", settingName, []string{s.Name})
		bad.text("the meaning of setting "+s.Name, s.Meaning)
		bad.among("the unit of setting "+s.Name, units, 1, s.Unit)
		if !regexp.MustCompile(`\.Settings\.` + regexp.QuoteMeta(s.Name) + `\b`).MatchString(d.Body) {
			bad("setting %s: the text does not use it", s.Name)
		}
		for i := range c.Documents {
			other := &c.Documents[i]
			if other.ID > d.ID && slices.ContainsFunc(other.Settings, func(o Setting) bool { return o.Name == s.Name }) {
				bad("setting %s: stands in document %s too", s.Name, other.ID)
			}
		}
	}
}
