// Package catalog is the knowledge that ships with Holdfast, as YAML in our own
// words: safeguards, risk scenarios, threats, terms, frameworks, templates of
// documents, playbooks, and the sample organisation of the demo.
//
// The YAML is decoded strictly. A field nobody knows, an id used twice, or a
// reference to nothing is an error that names the file and the line, so that a
// slip in the knowledge cannot reach a user.
package catalog

import (
	"embed"
	"io/fs"
	"sync"
)

//go:embed rules safeguards scenarios frameworks mappings documents playbooks exercises plans sample *.yaml
var files embed.FS

// A Catalog is the shipped knowledge. It is read-only and may be shared.
type Catalog struct {
	Safeguards []Safeguard
	Scenarios  []Scenario
	Actors     []Actor
	Vectors    []Vector
	Terms      []Term
	Frameworks []Framework
	Mappings   []Mapping
	Documents  []Document
	Playbooks  []Playbook
	Stories    []Story
	Plans      []Plan

	place map[string]where // where each entry stands, for messages: "safeguard/mfa"
}

// Load returns the shipped catalogue. It is read once.
var Load = sync.OnceValues(func() (*Catalog, error) { return LoadFS(files) })

// LoadFS reads a catalogue with the same layout from another place: safeguards,
// scenarios, frameworks and documents as folders, threats.yaml and glossary.yaml.
func LoadFS(fsys fs.FS) (*Catalog, error) {
	r := reader{fsys: fsys, catalog: &Catalog{place: map[string]where{}}}
	r.read()
	if r.err != nil {
		return nil, r.err
	}
	if err := r.catalog.check(); err != nil {
		return nil, err
	}
	return r.catalog, nil
}

// Safeguard finds a safeguard by its id.
func (c *Catalog) Safeguard(id string) (*Safeguard, bool) { return find(c.Safeguards, id) }

// Scenario finds a scenario by its id.
func (c *Catalog) Scenario(id string) (*Scenario, bool) { return find(c.Scenarios, id) }

// Actor finds a threat actor by its id.
func (c *Catalog) Actor(id string) (*Actor, bool) { return find(c.Actors, id) }

// Vector finds a threat vector by its id.
func (c *Catalog) Vector(id string) (*Vector, bool) { return find(c.Vectors, id) }

// Framework finds a framework by its id.
func (c *Catalog) Framework(id string) (*Framework, bool) { return find(c.Frameworks, id) }

// Term finds what a word means, by the term or one of its other names, whatever
// its case.
func (c *Catalog) Term(word string) (*Term, bool) {
	for i := range c.Terms {
		if c.Terms[i].is(word) {
			return &c.Terms[i], true
		}
	}
	return nil, false
}

type entry interface{ id() string }

func find[T any, P interface {
	*T
	entry
}](list []T, id string) (*T, bool) {
	for i := range list {
		if P(&list[i]).id() == id {
			return &list[i], true
		}
	}
	return nil, false
}
