package port

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"holdfast/kind"
)

// An Updated says how a folder comes in step with a fresh tree.
type Updated struct {
	Write   map[string][]byte // files that are new or different
	Remove  []string          // files of which nothing is left
	Kept    []Named           // records that were edited in the folder and are not applied: their files stay
	Records int               // in the fresh tree
}

// UpdateOptions say how a folder is brought in step.
type UpdateOptions struct {
	Overwrite bool                        // take the database's word also where the folder was edited
	Only      func(kind, key string) bool // these records only; nil: all
}

// Update compares a folder with a fresh tree (see Tree). Records stay in the files in
// which they are, with comments, order, empty lines and quoting; only values that
// differ are written anew. What was edited in the folder since it was in step is not
// overwritten.
func Update(reg *kind.Registry, have, fresh fs.FS, opts UpdateOptions) (*Updated, error) {
	u := &updater{reg: reg, opts: opts, out: &Updated{Write: map[string][]byte{}}, pages: map[string]*page{}, texts: map[string]textFile{}, kept: map[string]bool{}}
	if err := u.load(have, fresh); err != nil {
		return nil, err
	}
	for _, name := range sortedKeys(u.pages) {
		for _, e := range u.pages[name].entries {
			u.one(e)
		}
	}
	if err := u.addMissing(); err != nil {
		return nil, err
	}
	for _, name := range sortedKeys(u.pages) {
		data, err := u.pages[name].checked()
		if err != nil {
			return nil, err
		}
		u.keep(name, data, u.old[name])
	}
	u.keep(LockFile, u.newLock().write(), u.old[LockFile])
	slices.Sort(u.out.Remove)
	return u.out, nil
}

type updater struct {
	reg   *kind.Registry
	opts  UpdateOptions
	out   *Updated
	old   map[string][]byte   // files of the folder that are not as in the fresh tree
	pages map[string]*page    // its YAML files
	texts map[string]textFile // its long texts, by record and field
	lock  Lock                // of the folder
	want  map[string]*wanted  // records of the fresh tree, out of files that the folder does not have like that
	fresh Lock
	kept  map[string]bool // names of records that stay as they are in the folder
}

// A wanted is a record of the fresh tree.
type wanted struct {
	entry  *entry
	text   []byte // its lines, as a sheet
	file   string
	apart  map[string]textFile
	placed bool
}

// A textFile is a Markdown file of a long text.
type textFile struct {
	name string
	data []byte
	text string
}

func textName(kindName, key, field string) string { return nameOf(kindName, key) + "\x00" + field }

// load reads both sides and leaves out files that are the same.
func (u *updater) load(have, fresh fs.FS) error {
	var err error
	if u.old, err = ourFiles(have); err != nil {
		return err
	}
	news, err := ourFiles(fresh)
	if err != nil {
		return err
	}
	if u.fresh, err = readLock(LockFile, bytes.NewReader(news[LockFile])); err != nil {
		return err
	}
	if u.lock, err = readLock(LockFile, bytes.NewReader(u.old[LockFile])); err != nil {
		return err
	}
	u.out.Records = len(u.fresh)
	delete(news, LockFile)
	u.leaveOut(news)
	if err := u.loadOld(); err != nil {
		return err
	}
	if err := u.loadNew(news); err != nil {
		return err
	}
	return u.leaveJSON()
}

// leaveJSON leaves records where they are that somebody keeps in JSON: they can be
// applied, and an export does not edit them.
func (u *updater) leaveJSON() error {
	for _, name := range sortedKeys(u.old) {
		if strings.ToLower(path.Ext(name)) != ".json" {
			continue
		}
		docs, err := ReadJSON(name, bytes.NewReader(u.old[name]))
		if err != nil {
			return err
		}
		for i := range docs {
			k := u.reg.Named(docs[i].Kind)
			if k == nil || u.want[nameOf(k.Name, docs[i].Key)] == nil {
				continue
			}
			record := nameOf(k.Name, docs[i].Key)
			u.want[record].placed = true
			if docHash(&item{doc: &docs[i], k: k}, time.Time{}) != u.fresh[record] {
				u.kept[record] = true
				u.out.Kept = append(u.out.Kept, Named{Kind: k.Name, Key: docs[i].Key, Why: "stands in " + name + ", which an export does not edit; make it YAML"})
			}
		}
	}
	return nil
}

// leaveOut forgets files that are the same on both sides, unless a long text of one of
// their records is not.
func (u *updater) leaveOut(news map[string][]byte) {
	var differ [][]byte // keys
	for _, side := range []map[string][]byte{u.old, news} {
		for name, data := range side {
			if !strings.HasSuffix(name, ".md") || bytes.Equal(u.old[name], news[name]) {
				continue
			}
			if docs, err := readMarkdown(name, bytes.NewReader(data)); err == nil && len(docs) == 1 { // mistakes are told later
				differ = append(differ, []byte(docs[0].Key))
			}
		}
	}
	for name, data := range news {
		concerned := func(key []byte) bool { return bytes.Contains(data, key) }
		if bytes.Equal(u.old[name], data) && !slices.ContainsFunc(differ, concerned) {
			delete(news, name)
			delete(u.old, name)
		}
	}
}

func (u *updater) loadOld() error {
	var bad problems
	for _, name := range sortedKeys(u.old) {
		var err error
		switch strings.ToLower(path.Ext(name)) {
		case ".md":
			err = u.addText(u.texts, name, u.old[name])
		case ".yaml", ".yml":
			u.pages[name], err = readPage(name, u.old[name])
		}
		for _, f := range kind.FieldsOf(err) {
			bad.addAt(f.Field, f.Message+"; mend the file or remove it, then export again")
		}
		if err != nil && kind.FieldsOf(err) == nil {
			return err
		}
	}
	return bad.err()
}

func (u *updater) addText(into map[string]textFile, name string, data []byte) error {
	docs, err := readMarkdown(name, bytes.NewReader(data))
	for _, d := range docs {
		v := d.Values[len(d.Values)-1]
		for _, w := range d.Values {
			if w.At.Line > v.At.Line {
				v = w
			}
		}
		into[textName(u.nameOfKind(d.Kind), d.Key, v.Field)] = textFile{name, data, v.text}
	}
	return err
}

func (u *updater) nameOfKind(name string) string {
	if k := u.reg.Named(name); k != nil {
		return k.Name
	}
	return name
}

func (u *updater) loadNew(news map[string][]byte) error {
	u.want = map[string]*wanted{}
	texts := map[string]textFile{}
	for _, name := range sortedKeys(news) {
		if strings.HasSuffix(name, ".md") {
			if err := u.addText(texts, name, news[name]); err != nil {
				return err
			}
			continue
		}
		p, err := readPage(name, news[name])
		if err != nil {
			return err
		}
		for _, e := range p.entries {
			u.want[nameOf(e.doc.Kind, e.doc.Key)] = &wanted{entry: e, text: p.sheet(e), file: name, apart: map[string]textFile{}}
		}
	}
	for id, t := range texts {
		i := strings.LastIndexByte(id, 0)
		w := u.want[id[:i]]
		if w == nil {
			return kind.Errorf(kind.Internal, "%s: its record is in no file of the export", t.name)
		}
		w.apart[id[i+1:]] = t
	}
	return nil
}

// ourFiles reads the files of a tree.
func ourFiles(fsys fs.FS) (map[string][]byte, error) {
	files := map[string][]byte{}
	r := folderReader{fsys: fsys}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == "." {
			return fs.SkipAll
		}
		if err != nil {
			return err
		}
		ours, err := r.entry(name, d)
		if !ours || err != nil {
			return err
		}
		files[name], err = fs.ReadFile(fsys, name)
		return err
	})
	if err == nil {
		err = r.bad.err()
	}
	return files, err
}

func (u *updater) keep(name string, data, old []byte) {
	switch {
	case data == nil:
		u.out.Remove = append(u.out.Remove, name)
	case !bytes.Equal(data, old):
		u.out.Write[name] = data
	}
}

// one brings one record of the folder in step.
func (u *updater) one(e *entry) {
	k := u.reg.Named(e.doc.Kind)
	if k == nil || u.opts.Only != nil && !u.opts.Only(k.Name, e.doc.Key) {
		return
	}
	name := nameOf(k.Name, e.doc.Key)
	w, base := u.want[name], u.lock[name]
	if w != nil {
		w.placed = true
	}
	doc := u.whole(k, e.doc)
	hash := docHash(&item{doc: doc, k: k}, time.Time{})
	edited := base != "" && hash != base && !u.opts.Overwrite
	switch {
	case hash == "" && !u.opts.Overwrite:
		u.stay(k, e, "cannot be read; plan tells why")
	case w == nil && u.fresh[name] != "": // the same record stands in another file already
	case w == nil && base == "": // new in the folder, and not applied yet
		u.stay(k, e, "is new here and not applied")
	case w == nil && edited:
		u.stay(k, e, "was edited here and is gone from the database")
	case w == nil:
		u.page(e).remove(e)
		u.dropTexts(k, e.doc.Key, nil)
	case hash == u.fresh[name]:
	case edited:
		u.stay(k, e, "was edited here and is not applied")
	default:
		u.change(k, e, doc, w)
	}
}

func (u *updater) stay(k *kind.Kind, e *entry, why string) {
	u.kept[nameOf(k.Name, e.doc.Key)] = true
	u.out.Kept = append(u.out.Kept, Named{Kind: k.Name, Key: e.doc.Key, Why: why})
}

func (u *updater) page(e *entry) *page { return u.pages[e.doc.At.File] }

// whole is the document with its long texts.
func (u *updater) whole(k *kind.Kind, d *Doc) *Doc {
	all := *d
	all.Values = slices.Clone(d.Values)
	for _, f := range k.Fields {
		if t, ok := u.texts[textName(k.Name, d.Key, f.Name)]; ok {
			all.Values = append(all.Values, Value{Field: f.Name, At: Place{File: t.name}, text: t.text})
		}
	}
	return &all
}

// change writes the values that differ.
func (u *updater) change(k *kind.Kind, e *entry, doc *Doc, w *wanted) {
	want := *w.entry.doc
	want.Values = slices.Clone(want.Values)
	node := *w.entry.node
	node.Content = slices.Clone(node.Content)
	for _, field := range sortedKeys(w.apart) {
		t := w.apart[field]
		old, beside := u.texts[textName(k.Name, doc.Key, field)]
		want.Values = append(want.Values, Value{Field: field, text: t.text})
		switch {
		case beside:
			u.keep(old.name, withBody(old, t.text), u.old[old.name])
		case doc.value(field) != nil: // it stands inline, and stays there
			node.Content = append(node.Content, text(field), text(t.text))
		default:
			u.keep(t.name, t.data, nil)
		}
	}
	for _, f := range k.Fields { // a text that is short now stays in its file
		if old, beside := u.texts[textName(k.Name, doc.Key, f.Name)]; beside && w.apart[f.Name].name == "" {
			i := indexOf(&node, f.Name)
			if v := want.value(f.Name); v != nil && v.text != "" && i >= 0 {
				u.keep(old.name, withBody(old, v.text), u.old[old.name])
				node.Content = slices.Delete(node.Content, i, i+2)
			}
		}
	}
	u.dropTexts(k, doc.Key, &want)
	p := u.page(e)
	p.set(e, &node, func(field string) bool { return sameField(k, field, doc, &want) })
}

// withBody is the file with another text below the same front matter.
func withBody(t textFile, body string) []byte {
	head, _, _ := bytes.Cut(bytes.ReplaceAll(t.data[4:], []byte("\r\n"), []byte("\n")), []byte("\n---\n"))
	return []byte("---\n" + string(head) + "\n---\n\n" + body + "\n")
}

// dropTexts removes the files of texts that the record has no more.
func (u *updater) dropTexts(k *kind.Kind, key string, want *Doc) {
	for _, f := range k.Fields {
		if t, ok := u.texts[textName(k.Name, key, f.Name)]; ok && (want == nil || want.value(f.Name) == nil) {
			u.keep(t.name, nil, nil)
		}
	}
}

// sameField tells whether two documents say the same of a member of the map.
func sameField(k *kind.Kind, field string, a, b *Doc) bool {
	switch field {
	case "kind", "key":
		return true
	case "links":
		return slices.Equal(linkNames(a), linkNames(b))
	}
	x, y := a.value(field), b.value(field)
	f := k.Field(field)
	if x == nil || y == nil || f == nil {
		return x == y
	}
	r, s := k.New(), k.New()
	if x.set(k, f, r, time.Time{}) != nil || y.set(k, f, s, time.Time{}) != nil {
		return false
	}
	return f.Equal(r, s)
}

func linkNames(d *Doc) []string {
	var list []string
	for _, l := range d.Links {
		list = append(list, nameOf(l.Relation, l.Key))
	}
	slices.Sort(list)
	return slices.Compact(list)
}
