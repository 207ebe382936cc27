package port

import (
	"path"
	"slices"
	"strings"

	"holdfast/kind"
)

// addMissing files the records that the folder does not have yet.
func (u *updater) addMissing() error {
	for _, name := range sortedKeys(u.want) {
		w := u.want[name]
		k := u.reg.Named(w.entry.doc.Kind)
		if w.placed || k == nil || u.opts.Only != nil && !u.opts.Only(k.Name, w.entry.doc.Key) {
			continue
		}
		if base := u.lock[name]; base != "" && base == u.fresh[name] && !u.opts.Overwrite { // it was taken out of the folder, and that is not applied
			u.kept[name] = true
			u.out.Kept = append(u.out.Kept, Named{Kind: k.Name, Key: w.entry.doc.Key, Why: "was removed here and is not applied"})
			continue
		}
		u.addTexts(k, w)
		if err := u.file(k, w); err != nil {
			return err
		}
	}
	return nil
}

// addTexts writes the long texts of a record that has no YAML file yet. A Markdown
// file of it keeps its place, if the text is still a long one.
func (u *updater) addTexts(k *kind.Kind, w *wanted) {
	for _, f := range k.Fields {
		t, long := w.apart[f.Name]
		old, there := u.texts[textName(k.Name, w.entry.doc.Key, f.Name)]
		switch {
		case there && long:
			u.keep(old.name, markdown(k.Name, w.entry.doc.Key, f.Name, t.text), u.old[old.name])
		case there:
			u.keep(old.name, nil, nil)
		case long:
			u.keep(t.name, t.data, u.old[t.name])
		}
	}
}

// file puts a record where the fresh tree has it, or beside its like.
func (u *updater) file(k *kind.Kind, w *wanted) error {
	at := w.file
	own := alone(k, sheet{text: w.text})
	if w.entry.list == nil || u.hasFolder(k) && w.file == folderOf(k)+".yaml" {
		at = path.Join(folderOf(k), fileStem(w.entry.doc.Key)+".yaml")
		if w.entry.list == nil {
			at = w.file
		}
	} else {
		own = together(k, []sheet{{text: w.text}})
	}
	p := u.pages[at]
	if p != nil && p.add(w.text) {
		return nil
	}
	if p != nil || u.old[at] != nil { // something else has this name
		at = strings.TrimSuffix(at, ".yaml") + "~" + brief(w.entry.doc.Key) + ".yaml"
	}
	if more := u.out.Write[at]; more != nil && w.entry.list != nil {
		own = append(append(slices.Clone(more), '\n'), indented(w.text)...)
	}
	u.out.Write[at] = own
	return nil
}

// hasFolder tells whether the folder keeps records of the kind in files of their own.
func (u *updater) hasFolder(k *kind.Kind) bool {
	for name := range u.pages {
		if path.Dir(name) == folderOf(k) {
			return true
		}
	}
	return false
}

// newLock is the lock of the folder afterwards.
func (u *updater) newLock() Lock {
	l := Lock{}
	names := map[string]bool{}
	for _, from := range []Lock{u.lock, u.fresh} {
		for name := range from {
			names[name] = true
		}
	}
	for name := range names {
		kindName, key, _ := strings.Cut(name, "\x00")
		hash := u.fresh[name]
		if u.kept[name] || u.opts.Only != nil && !u.opts.Only(kindName, key) {
			hash = u.lock[name]
		}
		if hash != "" {
			l[name] = hash
		}
	}
	return l
}
