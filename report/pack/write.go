package pack

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/journal"
	"holdfast/kind"
	"holdfast/port"
	"holdfast/report"
	"holdfast/report/paper"
	"holdfast/store"
)

// A Maker makes audit packs.
type Maker struct {
	Desk    paper.Desk
	Product string // name and version of the program
	// Open reads a file by the key under which it is kept; nil: no file can be read,
	// and the pack says which are missing.
	Open func(ctx context.Context, blob string) (io.ReadCloser, error)
}

// tries is how often a pack is begun anew because records changed meanwhile.
const tries = 3

// Write makes a pack of one state of the records, as far as the actor may read them,
// and returns its manifest and its fingerprint. What it wrote is not to be used when
// it fails.
func (m Maker) Write(ctx context.Context, w io.Writer) (Manifest, string, error) {
	for range tries {
		before, err := m.head(ctx)
		if err != nil {
			return Manifest{}, "", err
		}
		var out bytes.Buffer
		b := &builder{Maker: m, ctx: ctx, zip: zip.NewWriter(&out), at: stamp(before)}
		b.manifest = Manifest{Form: form, Product: m.Product, Head: before}
		fingerprint, err := b.build()
		if err != nil {
			return b.manifest, "", err
		}
		after, err := m.head(ctx)
		if err != nil {
			return b.manifest, "", err
		}
		if after.Hash == before.Hash {
			_, err := w.Write(out.Bytes())
			return b.manifest, fingerprint, err
		}
	}
	return Manifest{}, "", kind.Errorf(kind.Conflict, "the records change faster than a pack of them can be made; try again when fewer people work")
}

func (m Maker) head(ctx context.Context) (head journal.Head, err error) {
	err = m.Desk.App.View(ctx, func(tx *store.Tx) (err error) {
		head, err = tx.Head()
		return err
	})
	return head, err
}

// stamp is the time of every file inside: that of the last change. The format knows
// none before 1980.
func stamp(h journal.Head) time.Time {
	if t := h.At.UTC().Truncate(2 * time.Second); t.Year() >= 1980 && t.Year() < 2107 {
		return t
	}
	return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
}

// builder is a pack in the making.
type builder struct {
	Maker
	ctx      context.Context
	zip      *zip.Writer
	at       time.Time
	manifest Manifest
	papers   []entry
	records  []entry
	files    []entry
}

// An entry of the index.
type entry struct{ Title, Path, Note string }

func (b *builder) build() (string, error) {
	for _, step := range []func() error{b.writePapers, b.writeRecords, b.writeFiles, b.writeJournal, b.writeIndex, b.writeReadme, b.writeSums} {
		if err := step(); err != nil {
			return "", err
		}
	}
	raw, err := json.MarshalIndent(b.manifest, "", "  ")
	if err != nil {
		return "", err
	}
	if err := b.plainFile(manifestFile, append(raw, '\n')); err != nil {
		return "", err
	}
	sum := sha256.Sum256(append(raw, '\n'))
	return hex.EncodeToString(sum[:]), b.zip.Close()
}

// plainFile puts in a file that the manifest does not list.
func (b *builder) plainFile(name string, data []byte) error {
	f, err := b.create(name)
	if err == nil {
		_, err = f.Write(data)
	}
	return err
}

func (b *builder) create(name string) (io.Writer, error) {
	method := zip.Deflate
	if strings.HasSuffix(name, ".pdf") {
		method = zip.Store // compressed inside
	}
	return b.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: b.at})
}

// add puts a file into the pack and accounts for it.
func (b *builder) add(name, what string, write func(io.Writer) error) (File, error) {
	f, err := b.create(name)
	if err != nil {
		return File{}, err
	}
	h, n := sha256.New(), &counter{}
	if err := write(io.MultiWriter(f, h, n)); err != nil {
		return File{}, fmt.Errorf("%s: %w", name, err)
	}
	file := File{Path: name, Size: n.n, SHA256: hex.EncodeToString(h.Sum(nil)), What: what}
	b.manifest.Files = append(b.manifest.Files, file)
	return file, nil
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

func (b *builder) absent(what, why string) {
	b.manifest.Absent = append(b.manifest.Absent, Absent{what, why})
}

// writePapers puts in every paper that the actor may read.
func (b *builder) writePapers() error {
	for _, p := range b.Desk.Papers() {
		doc, err := p.Make(b.ctx)
		if kind.CodeOf(err) == kind.Forbidden {
			b.absent("paper: "+p.Title, "whoever made the pack may not read its records")
			continue
		}
		if err != nil {
			return fmt.Errorf("paper %s: %w", p.Name, err)
		}
		b.manifest.Organisation, b.manifest.Day = doc.Organisation, doc.Date.Format(time.DateOnly)
		name := "papers/" + p.Name + ".pdf"
		if _, err := b.add(name, "paper: "+p.Title, func(w io.Writer) error { return report.PDF(w, doc) }); err != nil {
			return err
		}
		b.papers = append(b.papers, entry{doc.Title, name, doc.Status})
	}
	return nil
}

// inPack are the kinds of group system that belong into a pack; the others hold how
// the product is set up, or secrets.
var inPack = []*kind.Kind{isms.Attachments, isms.Comments}

// writeRecords puts in the records by kind, for machines and for spreadsheets.
func (b *builder) writeRecords() error {
	a := b.Desk.App
	for _, k := range a.Registry().All() {
		if k.Group == kind.System && !slices.Contains(inPack, k) {
			continue
		}
		page, err := a.List(b.ctx, k, kind.Query{Limit: 1})
		if kind.CodeOf(err) == kind.Forbidden {
			b.absent("records: "+k.Plural, "whoever made the pack may not read them")
			continue
		}
		if err != nil {
			return err
		}
		if len(page.Records) == 0 {
			continue
		}
		for _, format := range []port.Format{port.JSON, port.CSV} {
			name, count := "records/"+k.Name+"."+string(format), 0
			_, err := b.add(name, "records: "+k.Plural, func(w io.Writer) (err error) {
				count, err = port.Write(b.ctx, a, w, format, k, kind.Query{Sort: "key"})
				return err
			})
			if err != nil {
				return err
			}
			if format == port.JSON {
				b.records = append(b.records, entry{kind.Humanise(k.Plural), name, fmt.Sprint(count)})
			}
		}
	}
	return nil
}

// A reference is a file that a record names.
type reference struct{ what, name, blob, sum string }

// writeFiles puts in what records name: evidence, attachments, documents.
func (b *builder) writeFiles() error {
	refs, err := b.references()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, r := range refs {
		if seen[r.blob] {
			continue
		}
		seen[r.blob] = true
		if err := b.writeFile(r); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) writeFile(r reference) error {
	if b.Open == nil {
		b.absent(r.what, "this installation keeps no files")
		return nil
	}
	in, err := b.Open(b.ctx, r.blob)
	if err != nil {
		b.absent(r.what, "the file cannot be read: "+err.Error())
		return nil
	}
	defer in.Close() //nolint:errcheck // it was only read
	key := sha256.Sum256([]byte(r.blob))
	file, err := b.add("files/"+hex.EncodeToString(key[:6])+"-"+safeName(r.name), r.what, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
	if err != nil {
		return err
	}
	note := ""
	if r.sum != "" && r.sum != file.SHA256 {
		note = "differs from the hash in its record"
		b.absent(r.what, "the file that is kept "+note)
	}
	b.files = append(b.files, entry{r.what, file.Path, note})
	return nil
}

// safeName is a name of a file that cannot leave its folder, on any system.
func safeName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '-'
	}, path.Base(name))
	if name = strings.Trim(name, ".-"); name == "" {
		name = "file"
	}
	return name[max(0, len(name)-80):]
}

// references are the files that records name, in a fixed order.
func (b *builder) references() ([]reference, error) {
	var out []reference
	add := func(r kind.Record) {
		switch v := r.(type) {
		case *isms.Attachment:
			out = append(out, reference{"attachment: " + v.FileName, v.FileName, v.Blob, v.SHA256})
		case *isms.Evidence:
			out = append(out, reference{"evidence: " + v.Title, v.Title, v.Blob, v.SHA256})
		case *isms.DocumentVersion:
			out = append(out, reference{"document: " + v.Title, v.Title, v.Blob, ""})
		}
	}
	for _, k := range []*kind.Kind{isms.Attachments, isms.Evidences, isms.DocumentVersions} {
		err := b.Desk.App.All(b.ctx, k, kind.Query{Sort: "key"}, func(r kind.Record) error {
			add(r)
			return nil
		})
		if err != nil && kind.CodeOf(err) != kind.Forbidden {
			return nil, err
		}
	}
	return slices.DeleteFunc(out, func(r reference) bool { return r.blob == "" }), nil
}

// page of the journal that is read at once.
const pageOfJournal = 1000

// writeJournal puts in every entry, newest first. Of those about records that the
// actor may not read, only the place in the chain is told.
func (b *builder) writeJournal() error {
	actor, err := access.From(b.ctx)
	if err != nil {
		return err
	}
	_, err = b.add(journalFile, "the journal, newest first", func(w io.Writer) error {
		enc := json.NewEncoder(w)
		for before := b.manifest.Head.Seq + 1; before > 1; {
			var list []journal.Entry
			err := b.Desk.App.View(b.ctx, func(tx *store.Tx) (err error) {
				list, err = tx.History("", before, pageOfJournal)
				return err
			})
			if err != nil {
				return err
			}
			if len(list) == 0 {
				return fmt.Errorf("the journal has no entry before %d; run holdfast verify", before)
			}
			for _, e := range list {
				before = e.Seq
				b.manifest.Entries++
				if err := enc.Encode(b.readable(actor, e)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return err
}

// readable is an entry as the actor may see it.
func (b *builder) readable(actor access.Actor, e journal.Entry) any {
	if k := b.Desk.App.Registry().Named(e.Kind); k != nil && actor.May(kind.Read, k) == access.All {
		return e
	}
	b.manifest.Withheld++
	return sealed{e.Seq, e.At, e.Prev, e.Hash, true}
}

// writeSums is the list that sha256sum --check understands.
func (b *builder) writeSums() error {
	var out strings.Builder
	for _, f := range b.manifest.Files {
		fmt.Fprintf(&out, "%s  %s\n", f.SHA256, f.Path)
	}
	_, err := b.add(sumsFile, "hashes for sha256sum --check", func(w io.Writer) error {
		_, err := io.WriteString(w, out.String())
		return err
	})
	return err
}
