package port

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"strings"

	"holdfast/kind"
)

// A Folder is a tree as it was read.
type Folder struct {
	Docs []Doc
	Lock Lock // nil: the folder has none, so it was not exported
}

// ReadTree reads the documents of ReadFolder.
func ReadTree(fsys fs.FS) ([]Doc, error) {
	f, err := ReadFolder(fsys)
	if err != nil {
		return nil, err
	}
	return f.Docs, nil
}

// ReadFolder reads the lock and every .yaml, .yml, .json and .md file below the root
// of the file system, in the order of their names. Files and folders whose names
// begin with a dot are left out, and Markdown without front matter. Mistakes in
// several files are told together.
func ReadFolder(fsys fs.FS) (*Folder, error) {
	r := folderReader{fsys: fsys, left: maxFolder}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		ours, err := r.entry(name, d)
		if !ours || err != nil {
			return err
		}
		return r.take(name)
	})
	if err != nil {
		return nil, err
	}
	r.join()
	return &Folder{Docs: r.docs, Lock: r.lock}, r.bad.err()
}

type folderReader struct {
	fsys  fs.FS
	docs  []Doc
	texts []Doc // of Markdown files
	lock  Lock
	left  int64 // bytes that may still be read
	bad   problems
}

// IsOurs tells whether a file of the folder is read: by its name.
func IsOurs(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".json", ".md":
		return true
	}
	return path.Base(name) == LockFile
}

// entry tells whether a file of the folder is one to read.
func (r *folderReader) entry(name string, d fs.DirEntry) (bool, error) {
	switch {
	case name == ".":
		return false, nil
	case strings.HasPrefix(d.Name(), "."):
		if d.IsDir() {
			return false, fs.SkipDir
		}
		return false, nil
	case d.Type()&fs.ModeSymlink != 0:
		r.bad.add(Place{File: name}, "is a symbolic link, which could lead out of the folder; put the file itself here")
		return false, nil
	case d.IsDir(), !IsOurs(name):
		return false, nil
	case !d.Type().IsRegular():
		r.bad.add(Place{File: name}, "is not a plain file; remove it")
		return false, nil
	}
	return true, nil
}

func (r *folderReader) take(name string) error {
	if err := r.read(name); err != nil {
		return r.note(err)
	}
	if len(r.docs)+len(r.texts) > MaxDocs {
		return kind.Errorf(kind.TooLarge, "more than %d records; apply them in parts", MaxDocs)
	}
	return nil
}

// note keeps mistakes of which the file and line are known, and reads on.
func (r *folderReader) note(err error) error {
	fields := kind.FieldsOf(err)
	if fields == nil {
		return err
	}
	for _, f := range fields {
		r.bad.addAt(f.Field, f.Message)
	}
	return nil
}

func (r *folderReader) read(name string) (err error) {
	file, err := r.fsys.Open(name)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	f := ration{file, &r.left}
	var docs []Doc
	switch {
	case path.Base(name) == LockFile:
		return r.addLock(name, f)
	case strings.HasSuffix(strings.ToLower(name), ".json"):
		docs, err = ReadJSON(name, f)
	case strings.HasSuffix(strings.ToLower(name), ".md"):
		docs, err = readMarkdown(name, f)
		r.texts = append(r.texts, docs...)
		return err
	default:
		docs, err = ReadYAML(name, f)
	}
	r.docs = append(r.docs, docs...)
	return err
}

// addLock reads a lock; where several folders are applied together, each has its own.
func (r *folderReader) addLock(name string, in io.Reader) error {
	l, err := readLock(name, in)
	if r.lock == nil {
		r.lock = Lock{}
	}
	maps.Copy(r.lock, l)
	return err
}

// join puts long texts into the records to which they belong. A text whose record is
// in no file changes that one field.
func (r *folderReader) join() {
	at := map[string]int{}
	for i, d := range r.docs {
		if d.Key != "" {
			at[nameOf(d.Kind, d.Key)] = i
		}
	}
	for _, t := range r.texts {
		i, ok := at[nameOf(t.Kind, t.Key)]
		if !ok {
			at[nameOf(t.Kind, t.Key)] = len(r.docs)
			r.docs = append(r.docs, t)
			continue
		}
		for _, v := range t.Values {
			if twin := r.docs[i].value(v.Field); twin != nil {
				r.bad.add(v.At, "%s of %s %s is said twice, also at %s; remove one of them", v.Field, t.Kind, t.Key, twin.At)
				continue
			}
			r.docs[i].Values = append(r.docs[i].Values, v)
		}
	}
}

// value is what the document says of a field; nil: nothing.
func (d *Doc) value(field string) *Value {
	for i := range d.Values {
		if d.Values[i].Field == field {
			return &d.Values[i]
		}
	}
	return nil
}

// readMarkdown reads the file of a long text: front matter with kind, key and field,
// and the text. Markdown without front matter is no part of a tree.
func readMarkdown(name string, in io.Reader) ([]Doc, error) {
	data, err := io.ReadAll(&bounded{r: in, left: MaxFile, name: name})
	if err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\xef\xbb\xbf"))
	rest, ok := bytes.CutPrefix(data, []byte("---\n"))
	if !ok {
		return nil, nil
	}
	head, body, ok := bytes.Cut(rest, []byte("\n---\n"))
	if !ok {
		return nil, wrong(Place{name, 1}, "the front matter has no end; close it with a line of three dashes")
	}
	docs, err := ReadYAML(name, bytes.NewReader(append([]byte("\n"), head...))) // the empty line keeps the numbers of lines
	if err != nil {
		return nil, err
	}
	if len(docs) != 1 || docs[0].Kind == "" || docs[0].Key == "" {
		return nil, wrong(Place{name, 1}, "the front matter names no record; say kind, key and field")
	}
	field := docs[0].value("field")
	if field == nil || field.text == "" {
		return nil, wrong(Place{name, 1}, "the front matter does not say to which field the text belongs; add a line such as field: description")
	}
	at := Place{name, 4 + bytes.Count(head, []byte("\n"))}
	body = bytes.TrimRight(body, "\n")
	for len(body) > 0 && body[0] == '\n' {
		body = body[1:]
		at.Line++
	}
	*field = Value{Field: field.text, At: at, text: string(body)}
	return docs, nil
}

// addAt is add for a place that is text already.
func (p *problems) addAt(place, message string) { p.add(Place{File: place}, "%s", message) }

// inside makes sure that the name of a file in an archive stays inside of the folder
// into which it is unpacked.
func inside(name string) error {
	if !fs.ValidPath(strings.TrimSuffix(name, "/")) || strings.Contains(name, "\\") || strings.Contains(name, ":") {
		return wrong(Place{File: fmt.Sprintf("%q", name)}, "would lie outside of the folder; pack the folder itself, with relative names")
	}
	return nil
}
