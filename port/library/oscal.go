package library

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"holdfast/catalog"
	"holdfast/port/oscal"
)

// readOSCAL reads documents that belong together: profiles are resolved over the
// catalogues beside them, which then are not frameworks of their own.
func readOSCAL(files []File) (Library, error) {
	var docs []*oscal.Document
	profiles := 0
	for _, f := range files {
		d, err := oscal.Parse(f.Name, f.Data)
		if err != nil {
			return Library{}, err
		}
		if d.Model == oscal.ProfileModel {
			profiles++
		}
		docs = append(docs, d)
	}
	out := Library{Format: "OSCAL"}
	imported := map[string]bool{}
	for _, d := range docs {
		switch d.Model {
		case oscal.ProfileModel:
			fetch := func(addresses []string) (*oscal.Document, error) {
				found, err := oscal.Among(docs...)(addresses)
				if found != nil {
					imported[found.UUID()] = true
				}
				return found, err
			}
			r, err := oscal.Resolve(d, fetch, time.Time{})
			if err != nil {
				return Library{}, err
			}
			out.Notes = append(out.Notes, r.Warnings...)
			if err := out.addCatalog(r.Catalog, d); err != nil {
				return Library{}, err
			}
		case oscal.MappingModel:
			if err := out.addMappings(d); err != nil {
				return Library{}, err
			}
		case oscal.CatalogModel:
		default:
			return Library{}, bad(d.Name, "", "is an OSCAL %s; frameworks come as catalogue, profile or mapping collection", d.Model)
		}
	}
	for _, d := range docs {
		if d.Model == oscal.CatalogModel && !imported[d.UUID()] {
			if err := out.addCatalog(d, d); err != nil {
				return Library{}, err
			}
		}
	}
	return out, nil
}

// addCatalog makes a framework of a catalogue; named is the document that gives it
// its name.
func (l *Library) addCatalog(d, named *oscal.Document) error {
	var c oscal.Catalog
	if err := d.Decode(&c); err != nil {
		return err
	}
	title := oneLine(named.Title())
	a := oscalReader{
		b: newBuilder(named.Name, catalog.Framework{
			ID: frameworkID(title, c.Metadata), Title: title, Version: c.Metadata.Version, Publisher: publisher(c.Metadata), About: c.Metadata.Remarks,
		}),
		csf: slices.ContainsFunc(c.Metadata.Props, func(p oscal.Property) bool {
			return p.Name == "framework-identifier" && p.Value == "CSF"
		}),
		params: map[string]*oscal.Parameter{},
	}
	a.learn(c.Params, c.Groups, c.Controls)
	if err := a.groups(c.Groups, ""); err != nil {
		return err
	}
	if err := a.controls(c.Controls, ""); err != nil {
		return err
	}
	fw, err := a.b.framework()
	if err != nil {
		return err
	}
	if a.withdrawn > 0 {
		l.Notes = append(l.Notes, fmt.Sprintf("%d withdrawn controls were left out.", a.withdrawn))
	}
	l.Title = title
	l.Frameworks = append(l.Frameworks, fw)
	return nil
}

// frameworkID is the identifier of a catalogue among ours. NIST's CSF is known.
func frameworkID(title string, m oscal.Metadata) string {
	for _, p := range m.Props {
		if p.Name == "framework-version-identifier" {
			return p.Value
		}
	}
	return title
}

func publisher(m oscal.Metadata) string {
	for _, role := range []string{"author", "creator", "publisher"} {
		for _, r := range m.ResponsibleParties {
			for _, p := range m.Parties {
				if r.RoleID == role && slices.Contains(r.PartyUUIDs, p.UUID) && p.Name != "" {
					return p.Name
				}
			}
		}
	}
	return ""
}

type oscalReader struct {
	b         *builder
	csf       bool
	params    map[string]*oscal.Parameter
	withdrawn int
}

// learn collects the parameters of all controls.
func (a *oscalReader) learn(params []oscal.Parameter, groups []oscal.Group, controls []oscal.Control) {
	for i := range params {
		a.params[params[i].ID] = &params[i]
	}
	for _, g := range groups {
		a.learn(g.Params, g.Groups, g.Controls)
	}
	for _, c := range controls {
		a.learn(c.Params, nil, c.Controls)
	}
}

func (a *oscalReader) groups(list []oscal.Group, in string) error {
	for _, g := range list {
		id, err := a.b.chapter("group "+g.ID, codeOf(g.ID, g.Props), g.Title, in)
		if err != nil {
			return err
		}
		if err := a.groups(g.Groups, id); err != nil {
			return err
		}
		if err := a.controls(g.Controls, id); err != nil {
			return err
		}
	}
	return nil
}

// chapterClasses are classes of controls that are chapters by what publishers mean.
var chapterClasses = []string{"function", "category", "family", "domain", "chapter", "section"}

func (a *oscalReader) controls(list []oscal.Control, in string) error {
	for _, c := range list {
		if a.isWithdrawn(c) {
			a.withdrawn += 1 + within(c)
			continue
		}
		r := catalog.Requirement{
			ID: codeOf(c.ID, c.Props), In: in, Title: c.Title,
			Chapter: len(c.Controls) > 0 && slices.Contains(chapterClasses, strings.ToLower(c.Class)),
			Asks:    a.prose(c.Parts, "statement"), Guidance: a.prose(c.Parts, "guidance", "example", "overview", "discussion"),
			Proof: a.evidence(c.Parts),
		}
		if fold(r.Title) == fold(r.ID) {
			r.Title = "" // a number is no title
		}
		if err := a.b.add("control "+c.ID, r); err != nil {
			return err
		}
		if err := a.controls(c.Controls, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// within counts the controls inside of one.
func within(c oscal.Control) int {
	n := len(c.Controls)
	for _, inner := range c.Controls {
		n += within(inner)
	}
	return n
}

// isWithdrawn says whether a publisher has taken a control back. NIST's catalogue of
// CSF 2.0 keeps those of CSF 1.1 without a mark: they are the ones without an example,
// and the categories that hold nothing else.
func (a *oscalReader) isWithdrawn(c oscal.Control) bool {
	if slices.ContainsFunc(c.Props, func(p oscal.Property) bool { return p.Name == "status" && strings.EqualFold(p.Value, "withdrawn") }) {
		return true
	}
	if !a.csf {
		return false
	}
	if c.Class == "category" {
		return !slices.ContainsFunc(c.Controls, func(s oscal.Control) bool { return !a.isWithdrawn(s) })
	}
	return !slices.ContainsFunc(c.Parts, func(p oscal.Part) bool { return p.Name == "example" })
}

// codeOf is how people write the number of a control: its label, when that says the
// same as the id, and else the id.
func codeOf(id string, props []oscal.Property) string {
	for _, p := range props {
		if p.Name == "label" && p.Class != "zero-padded" && p.Class != "sp800-53a" && fold(p.Value) == fold(id) {
			return p.Value
		}
	}
	return id
}

// prose writes the parts of the given names as Markdown, with the parameters filled.
func (a *oscalReader) prose(parts []oscal.Part, names ...string) string {
	var list []string
	for _, p := range parts {
		if slices.Contains(names, p.Name) {
			if s := a.part(p, 0); s != "" {
				list = append(list, s)
			}
		}
	}
	return strings.Join(list, "\n\n")
}

func (a *oscalReader) part(p oscal.Part, depth int) string {
	const deepest = 8
	var lines []string
	if s := strings.TrimSpace(a.fill(p.Prose, 0)); s != "" {
		lines = append(lines, s)
	}
	if depth == deepest {
		return strings.Join(lines, "\n")
	}
	for _, c := range p.Parts {
		s := a.part(c, depth+1)
		if s == "" {
			continue
		}
		mark := "- "
		for _, prop := range c.Props {
			if prop.Name == "label" && prop.Class == "" {
				mark += prop.Value + " "
			}
		}
		lines = append(lines, mark+strings.ReplaceAll(s, "\n", "\n  "))
	}
	return strings.Join(lines, "\n")
}

// evidence is what an assessor would examine.
func (a *oscalReader) evidence(parts []oscal.Part) string {
	var list []string
	for _, p := range parts {
		examine := slices.ContainsFunc(p.Props, func(x oscal.Property) bool { return x.Name == "method" && x.Value == "EXAMINE" })
		for _, o := range p.Parts {
			if examine && o.Name == "assessment-objects" {
				list = append(list, a.fill(o.Prose, 0))
			}
		}
	}
	return strings.Join(list, "\n\n")
}

// fill puts parameters into prose: their values, or what they stand for in brackets.
func (a *oscalReader) fill(s string, depth int) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "{{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		inner, after, closed := strings.Cut(rest, "}}")
		if !closed {
			b.WriteString("{{" + rest)
			return b.String()
		}
		_, id, isParam := strings.Cut(inner, "param,")
		switch {
		case isParam:
			b.WriteString(a.value(strings.TrimSpace(id), depth))
		default:
			b.WriteString(strings.TrimSpace(inner))
		}
		s = after
	}
}

func (a *oscalReader) value(id string, depth int) string {
	const deepest = 4
	p := a.params[id]
	if p == nil || depth == deepest {
		return "[" + id + "]"
	}
	if len(p.Values) > 0 {
		return strings.Join(p.Values, ", ")
	}
	if len(p.Constraints) > 0 && p.Constraints[0].Description != "" {
		return "[" + p.Constraints[0].Description + "]"
	}
	if p.Select != nil && len(p.Select.Choice) > 0 {
		choices := make([]string, len(p.Select.Choice))
		for i, c := range p.Select.Choice {
			choices[i] = a.fill(c, depth+1)
		}
		return "[" + strings.Join(choices, " | ") + "]"
	}
	if p.Label != "" {
		return "[" + a.fill(p.Label, depth+1) + "]"
	}
	return "[" + id + "]"
}

var relations = map[string]string{
	"equal-to": "equal", "equivalent-to": "equal", "equal": "equal", "equivalent": "equal", "subset-of": "subset", "subset": "subset",
	"superset-of": "superset", "superset": "superset", "intersects-with": "intersects", "intersect": "intersects", "intersects": "intersects",
}

// addMappings takes in a mapping collection.
func (l *Library) addMappings(d *oscal.Document) error {
	var c oscal.MappingCollection
	if err := d.Decode(&c); err != nil {
		return err
	}
	weakened, unrelated := 0, 0
	for i, m := range c.Mappings {
		out := catalog.Mapping{
			Source: resourceID(m.Source.Href), Target: resourceID(m.Target.Href),
			Authority: d.Title(), About: text(c.Metadata.Remarks),
		}
		if out.Source == out.Target {
			return bad(d.Name, fmt.Sprintf("/mapping-collection/mappings/%d", i), "relates %s to itself", m.Source.Href)
		}
		seen := map[catalog.Pair]bool{}
		for j, each := range m.Maps {
			relation, ok := relations[each.Relationship]
			if !ok {
				if each.Relationship == "no-relationship" {
					unrelated++
					continue
				}
				return bad(d.Name, fmt.Sprintf("/mapping-collection/mappings/%d/maps/%d/relationship", i, j), "%q is not a relation; OSCAL has equal-to, equivalent-to, subset-of, superset-of, intersects-with and no-relationship", each.Relationship)
			}
			single := between(relation, len(each.Sources), len(each.Targets))
			if single != relation {
				weakened++
			}
			for _, s := range each.Sources {
				for _, t := range each.Targets {
					ends := catalog.Pair{Source: oneLine(s.IDRef), Target: oneLine(t.IDRef)}
					if ends.Source == "" || ends.Target == "" || seen[ends] {
						continue
					}
					seen[ends] = true
					ends.Relation, ends.Confidence = single, 3
					out.Pairs = append(out.Pairs, ends)
				}
			}
			if len(out.Pairs) > MaxPairs {
				return tooMany(d.Name)
			}
		}
		l.Mappings = append(l.Mappings, out)
	}
	l.Title = d.Title()
	if weakened > 0 {
		l.Notes = append(l.Notes, fmt.Sprintf("%d relations with several controls at once were written as one for each pair of controls; where only all of them together are equal or contained, a pair says less.", weakened))
	}
	if unrelated > 0 {
		l.Notes = append(l.Notes, fmt.Sprintf("%d pairs said to have no relation were left out.", unrelated))
	}
	return nil
}

// between is what a relation between several sources together and several targets
// together says of each pair. That all targets together contain the source does not
// make one of them do so.
func between(relation string, sources, targets int) string {
	switch {
	case sources <= 1 && targets <= 1, relation == "intersects":
		return relation
	case relation == "equal" && sources <= 1:
		return "superset"
	case relation == "equal" && targets <= 1:
		return "subset"
	case relation == "subset" && targets <= 1, relation == "superset" && sources <= 1:
		return relation
	}
	return "intersects"
}

// resourceID is the identifier of a framework, from the address of its file.
func resourceID(href string) string {
	base := path.Base(strings.ReplaceAll(href, `\`, "/"))
	base = strings.TrimSuffix(base, path.Ext(base))
	base = strings.TrimSuffix(strings.TrimSuffix(base, "_catalog"), "-catalog")
	return slug(base)
}
