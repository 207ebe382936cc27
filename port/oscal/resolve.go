package oscal

import (
	"fmt"
	"path"
	"strings"
	"time"

	"holdfast/kind"
)

// Limits on the resolution of one profile.
const (
	maxImportDepth = 16     // profiles that import profiles
	maxControls    = 20_000 // of all imports together; a control imported again and again grows it
)

// A Fetch finds an imported document. The addresses are all that the profile offers
// for it, in its order of preference; they are never opened by this package. A nil
// document means that it is not to be had.
type Fetch func(addresses []string) (*Document, error)

// Among is a Fetch that chooses from documents at hand: by UUID, by the name of the
// file, with or without its ending, and, when there is only one catalogue, that one.
func Among(docs ...*Document) Fetch {
	return func(addresses []string) (*Document, error) {
		for _, a := range addresses {
			for _, d := range docs {
				if strings.EqualFold(strings.TrimPrefix(a, "urn:uuid:"), d.UUID()) || stem(a) == stem(d.Name) {
					return d, nil
				}
			}
		}
		var only *Document
		for _, d := range docs {
			switch {
			case d.Model != CatalogModel:
			case only != nil:
				return nil, nil
			default:
				only = d
			}
		}
		return only, nil
	}
}

// stem is the name of a file without folders, ending and the "-min" of compact files.
func stem(address string) string {
	base := path.Base(strings.ReplaceAll(address, `\`, "/"))
	base = strings.TrimSuffix(base, ".gz")
	base = strings.TrimSuffix(base, path.Ext(base))
	return strings.ToLower(strings.TrimSuffix(base, "-min"))
}

// A Resolution is the catalogue that a profile describes, and what was without
// effect on the way: alterations of controls that were not selected, and the like.
type Resolution struct {
	Catalog  *Document
	Warnings []string
}

// Resolve makes the catalogue that a profile describes, by NIST's specification of
// profile resolution: select, merge, modify, and keep of the back matter only what is
// pointed to. Now is when; the same input at the same time gives the same bytes.
//
// Where the specification leaves a choice: an import that is not to be had is an
// error, one that leads back to itself is passed over with a warning, and a parent
// that was not selected is kept "as is" as a shell of its title when a child was.
func Resolve(profile *Document, fetch Fetch, now time.Time) (*Resolution, error) {
	if profile.Model != ProfileModel {
		return nil, kind.Errorf(kind.Invalid, "%s is a %s; only a profile can be resolved", profile.Name, profile.Model)
	}
	r := &resolver{fetch: fetch, now: now.UTC().Format(time.RFC3339)}
	c, err := r.resolve(profile, nil)
	if err != nil {
		return nil, err
	}
	return &Resolution{Catalog: c, Warnings: r.warnings}, nil
}

type resolver struct {
	fetch    Fetch
	now      string
	warnings []string
	controls int
}

func (r *resolver) warn(format string, args ...any) {
	r.warnings = append(r.warnings, fmt.Sprintf(format, args...))
}

func (r *resolver) resolve(p *Document, above []*Document) (*Document, error) {
	above = append(above, p)
	if len(above) > maxImportDepth {
		return nil, kind.Errorf(kind.Invalid, "%s: profiles import each other more than %d deep", p.Name, maxImportDepth)
	}
	var picked []*selection
	var resources []*Object
	var sources []string
	for i, imp := range p.Body.List("imports") {
		where := fmt.Sprintf("%s: /profile/imports/%d", p.Name, i)
		source, err := r.source(p, imp, above, where)
		if err != nil {
			return nil, err
		}
		if source == nil {
			continue
		}
		s := r.pick(source, imp, where)
		if r.controls += len(s.chosen); r.controls > maxControls {
			return nil, kind.Errorf(kind.TooLarge, "%s: more than %d controls are selected", p.Name, maxControls)
		}
		picked = append(picked, s)
		resources = append(resources, source.Body.Object("back-matter").List("resources")...)
		sources = append(sources, source.UUID())
	}
	body := object("uuid", UUID(append([]string{"resolved", p.UUID()}, sources...)...), "metadata", r.metadata(p))
	r.merge(p, picked, body)
	bringParams(body, p.Body.Object("modify"), picked)
	r.modify(p, body)
	dropParams(body)
	resources = append(resources, p.Body.Object("back-matter").List("resources")...)
	if kept := keepResources(resources, body); len(kept) > 0 {
		matter := &Object{}
		matter.SetList("resources", kept)
		body.Set("back-matter", matter)
	}
	return &Document{Name: p.Name, Model: CatalogModel, Body: body}, nil
}

// source finds the catalogue behind an import, resolving it when it is a profile.
// Nil means that the import leads back to a profile which is being resolved.
func (r *resolver) source(p *Document, imp *Object, above []*Document, where string) (*Document, error) {
	addresses, err := addressesOf(p, imp.Text("href"), where)
	if err != nil {
		return nil, err
	}
	d, err := r.fetch(addresses)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, kind.Errorf(kind.Invalid, "%s: it builds on %s, which is not among the files; give that file too", where, addresses[0])
	}
	switch d.Model {
	case CatalogModel:
		return d, nil
	case ProfileModel:
		for _, a := range above {
			if a == d || a.UUID() == d.UUID() {
				r.warn("%s: %s imports itself, which has no effect", where, d.Name)
				return nil, nil
			}
		}
		return r.resolve(d, above)
	}
	return nil, kind.Errorf(kind.Invalid, "%s: %s is a %s; a profile builds on catalogues and profiles", where, d.Name, d.Model)
}

// addressesOf lists where an import may be had: the address itself, or those of the
// resource that it points to.
func addressesOf(p *Document, href, where string) ([]string, error) {
	id, internal := strings.CutPrefix(href, "#")
	if !internal {
		if href == "" {
			return nil, kind.Errorf(kind.Invalid, "%s/href: is empty; it says what the profile builds on", where)
		}
		return []string{href}, nil
	}
	for _, res := range p.Body.Object("back-matter").List("resources") {
		if !strings.EqualFold(res.Text("uuid"), id) {
			continue
		}
		var list []string
		for _, l := range res.List("rlinks") {
			if h := l.Text("href"); h != "" {
				list = append(list, h)
			}
		}
		return append(list, id), nil
	}
	return nil, kind.Errorf(kind.Invalid, "%s/href: no resource in the back matter has the UUID %s", where, id)
}

// metadata is that of the profile, with how the catalogue came about.
func (r *resolver) metadata(p *Document) *Object {
	m := p.Body.Object("metadata").Clone()
	out := &Object{}
	for _, name := range []string{"title", "published", "last-modified", "version", "oscal-version", "revisions", "document-ids"} {
		if v := m.Get(name); v != nil {
			out.Set(name, v)
			m.Delete(name)
		}
	}
	out.Set("last-modified", r.now)
	out.SetList("props", append([]*Object{object("name", "resolution-tool", "value", "Holdfast")}, m.List("props")...))
	out.SetList("links", append([]*Object{object("href", "urn:uuid:"+p.UUID(), "rel", "source-profile")}, m.List("links")...))
	for _, rest := range m.members {
		if rest.name != "props" && rest.name != "links" {
			out.Set(rest.name, rest.value)
		}
	}
	return out
}
