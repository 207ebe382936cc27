package flow

import (
	"cmp"
	"slices"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port/oscal"
)

// catalogue makes the catalogue of the requirements in use, one group for each
// framework, with the ids to which the other documents point.
func (m *oscalMaker) catalogue() (*oscal.Document, error) {
	var c oscal.Catalog
	for _, fw := range m.st.Frameworks {
		g := oscal.Group{ID: token("framework-" + fw.Key), Class: "framework", Title: single(fw.Title), Props: prop(nil, "edition", fw.Edition)}
		m.fill(&g, fw.ID, "")
		if len(g.Groups)+len(g.Controls) > 0 {
			c.Groups = append(c.Groups, g)
		}
	}
	if len(c.Groups) == 0 {
		return nil, kind.Errorf(kind.Invalid, "no framework is in use; adopt one first")
	}
	c.BackMatter = &oscal.BackMatter{Resources: m.frameworkResources()}
	c.Metadata = m.metadata("Catalogue of requirements")
	c.UUID = m.documentID(OSCALCatalog)
	return m.document(oscal.CatalogModel, c)
}

// fill puts what a chapter, or the framework itself, holds into a group.
func (m *oscalMaker) fill(g *oscal.Group, framework, parent string) {
	for _, ch := range m.chapters() {
		if ch.FrameworkID != framework || m.holder(ch) != parent {
			continue
		}
		inner := oscal.Group{ID: m.controls[ch.ID], Class: "chapter", Title: single(ch.Title), Props: label(ch)}
		m.fill(&inner, framework, ch.ID)
		if len(inner.Groups)+len(inner.Controls) > 0 {
			g.Groups = append(g.Groups, inner)
		}
	}
	g.Controls = m.controlsIn(framework, parent)
}

// controlsIn are the requirements that a chapter or requirement holds.
func (m *oscalMaker) controlsIn(framework, parent string) []oscal.Control {
	var list []oscal.Control
	for _, s := range m.st.Lines {
		r := s.Requirement
		if r.FrameworkID != framework || m.holder(r) != parent {
			continue
		}
		c := oscal.Control{ID: m.controls[r.ID], Title: single(r.Title), Props: label(r)}
		for _, part := range []struct{ name, text string }{{"statement", string(r.Text)}, {"guidance", string(r.Guidance)}, {"evidence", string(r.Proof)}} {
			if prose := say(part.text); prose != "" {
				p := oscal.Part{ID: m.controls[r.ID] + "_" + part.name, Name: part.name, Prose: prose}
				if part.name == "evidence" {
					p.NS = oscalNS
				}
				c.Parts = append(c.Parts, p)
			}
		}
		c.Controls = m.controlsIn(framework, r.ID)
		list = append(list, c)
	}
	return list
}

// holder is the requirement that holds another; "" when it is none of the statement.
func (m *oscalMaker) holder(r *isms.Requirement) string {
	if m.st.Line(r.ParentID) != nil || m.st.Chapters[r.ParentID] != nil {
		return r.ParentID
	}
	return ""
}

func label(r *isms.Requirement) []oscal.Property {
	list := []oscal.Property{}
	if code := single(r.Code); code != "" {
		list = append(list, oscal.Property{Name: "label", Value: code})
	}
	return slices.Clip(prop(list, "tier", cmp.Or(r.Tier)))
}
