package port

import (
	"context"
	"errors"
	"strings"

	"holdfast/access"
	"holdfast/kind"
)

// Import takes in documents, all of them or, on an error, none. A record with the
// key is changed, otherwise one is made; what the documents do not name stays.
// Importing the same documents again changes nothing.
//
// A person reaches a state through actions, as on every other surface. The product
// itself (a machine actor: a restore, the sample data) sets states and computed
// fields as the documents say.
//
// The error tells file and line of every mistake; it is Invalid unless something
// else went wrong.
func Import(ctx context.Context, a App, docs []Doc, opts Options) (Result, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return Result{}, err
	}
	var res Result
	err = a.Atomic(ctx, func(ctx context.Context) error {
		im := newImporter(ctx, a, actor, opts)
		if err := im.run(docs); err != nil {
			return err
		}
		res = im.result()
		if opts.DryRun {
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		return res, nil
	}
	if err != nil {
		return Result{}, err
	}
	return res, nil
}

var errDryRun = errors.New("only a trial")

func newImporter(ctx context.Context, a App, actor access.Actor, opts Options) importer {
	return importer{ctx: ctx, a: a, actor: actor, opts: opts, named: map[string]*item{}, ids: map[string]string{}}
}

// An importer is one attempt to take in documents, inside one transaction.
type importer struct {
	ctx   context.Context
	a     App
	actor access.Actor
	opts  Options
	items []*item
	named map[string]*item  // by kind and key
	ids   map[string]string // of records that are not among the documents, by kind and key
	bad   problems
	links int

	refuse func(it *item, why string) // hears of what the actor may not do; nil: that ends the import
}

// An item is one document on its way in.
type item struct {
	doc    *Doc
	k      *kind.Kind
	key    string
	id     string
	what   string
	phase  phase
	failed bool
	later  []Value // references that go in a circle; set when all records are there
	clears []Value // fields to empty, before actions fill some
	finals []Value // and those that are empty in the end, whatever actions filled in
}

type phase int

const (
	untouched phase = iota
	underway
	saved
)

func nameOf(kindName, key string) string { return kindName + "\x00" + key }

func (im *importer) run(docs []Doc) error {
	for i := range docs {
		im.prepare(&docs[i])
	}
	if err := im.bad.err(); err != nil {
		return err
	}
	return im.doItems()
}

// doItems saves all records, and then what needs all of them to be there.
func (im *importer) doItems() error {
	for _, step := range []func(*item) error{im.save, im.saveLater, im.link} {
		for _, it := range im.items {
			if err := step(it); err != nil {
				return err
			}
		}
		if err := im.bad.err(); err != nil {
			return err
		}
	}
	return nil
}

// prepare finds every mistake that can be seen without the database.
func (im *importer) prepare(d *Doc) {
	if d.Kind == "" {
		im.bad.add(d.At, "names no kind; add a line such as: kind: risk")
		return
	}
	k, err := im.a.Registry().Find(d.Kind)
	if err != nil {
		im.bad.add(d.At, "%v", err)
		return
	}
	scratch := k.New()
	for _, v := range d.Values {
		im.try(k, scratch, v)
	}
	for _, l := range d.Links {
		im.checkLink(k, l)
	}
	it := &item{doc: d, k: k, key: keyFor(k, scratch, d)}
	if it.key != "" {
		if twin := im.named[nameOf(k.Name, it.key)]; twin != nil {
			im.bad.add(d.At, "%s %q is described twice, also at %s; give each a key of its own", k.Name, it.key, twin.doc.At)
			return
		}
		im.named[nameOf(k.Name, it.key)] = it
	}
	im.items = append(im.items, it)
}

func (im *importer) try(k *kind.Kind, scratch kind.Record, v Value) {
	if bookkeeping[v.Field] {
		return
	}
	if msg := Unknown(k, v.Field); msg != "" {
		im.bad.add(v.At, "%s %s", v.Field, msg)
		return
	}
	f := k.Field(v.Field)
	if err := v.set(k, f, scratch, im.opts.Now); err != nil {
		im.bad.add(v.At, "%s: %s", v.Field, message(f, err))
	}
}

func (im *importer) checkLink(k *kind.Kind, l Link) {
	if _, err := im.a.Relation(k, l.Relation); err == nil {
		return
	}
	var names []string
	for _, rel := range im.a.Registry().Relations(k) {
		names = append(names, rel.Name)
	}
	if names == nil {
		im.bad.add(l.At, "a %s has no links", k.Name)
		return
	}
	im.bad.add(l.At, "%q is not a relation of %s; it has: %s", l.Relation, k.Name, strings.Join(names, ", "))
}

// keyFor is the key of the document, or the one that its title makes, so that a
// second import meets the record of the first.
func keyFor(k *kind.Kind, scratch kind.Record, d *Doc) string {
	if d.Key != "" {
		return d.Key
	}
	k.Prepare(scratch)
	return kind.Slug(scratch.GetBase().Title)
}

func (im *importer) result() Result {
	res := Result{Linked: im.links, Records: make([]Done, len(im.items))}
	for i, it := range im.items {
		switch it.what {
		case created:
			res.Created++
		case changed:
			res.Changed++
		default:
			res.Unchanged++
		}
		res.Records[i] = Done{it.k.Name, it.key, it.what}
	}
	return res
}

// What became of a document.
const (
	created   = "created"
	changed   = "changed"
	unchanged = "unchanged"
)

// fail notes the mistakes that a save found in the document, at their lines. Any
// other error ends the import.
func (im *importer) fail(it *item, err error) error {
	if im.refuse != nil && kind.CodeOf(err) == kind.Forbidden {
		it.failed = true
		im.refuse(it, err.Error())
		return nil
	}
	fields := kind.FieldsOf(err)
	if kind.CodeOf(err) != kind.Invalid || fields == nil {
		return &kind.Error{Code: kind.CodeOf(err), Message: it.doc.At.String() + ": " + it.k.Name + " " + it.key + ": " + err.Error(), Cause: err}
	}
	it.failed = true
	for _, f := range fields {
		im.bad.add(it.place(f.Field), "%s %s: %s", f.Field, it.name(), f.Message)
	}
	return nil
}

func (it *item) name() string { return "of " + it.k.Name + " " + it.key }

// place is the line on which the document names the field.
func (it *item) place(field string) Place {
	for _, v := range it.doc.Values {
		if v.Field == field {
			return v.At
		}
	}
	return it.doc.At
}
