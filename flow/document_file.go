package flow

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"holdfast/access"
	"holdfast/app"
	"holdfast/blob"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// Files belong to records: whoever may change a record may put a file to it, whoever
// may read the record may read its files. The bytes lie in package blob.

// maxDocx bounds the Word files whose text is read.
const maxDocx = 32 << 20

// KeepFilesIn gives the flow its store of files. Call it before use; without it files
// are refused as Unavailable.
func (f *Flow) KeepFilesIn(s *blob.Store) { f.files = s }

// Files is where attached files are kept; nil: nowhere.
func (f *Flow) Files() *blob.Store { return f.files }

// Attachments is the register of attached files.
func (f *Flow) Attachments() app.Repo[isms.Attachment] {
	return app.Of[isms.Attachment](f.app, isms.Attachments)
}

// subject reads the record that a file belongs to, as the actor may.
func (f *Flow) subject(ctx context.Context, kindName, idOrKey string) (*kind.Kind, kind.Record, error) {
	k, err := f.app.Registry().Find(kindName)
	if err != nil {
		return nil, nil, err
	}
	rec, err := f.app.Get(ctx, k, idOrKey)
	return k, rec, err
}

// mayPut asks whether the actor may put a file to the record.
func mayPut(actor access.Actor, k *kind.Kind, rec kind.Record) error {
	switch {
	case actor.May(kind.Write, isms.Attachments) == access.Nothing:
		return actor.Refuse(kind.Write, isms.Attachments)
	case actor.May(kind.Write, k) == access.All:
		return nil
	case actor.May(kind.Write, k) == access.Own && k.OwnerField != "" && actor.ID != "" && k.Field(k.OwnerField).Text(rec) == actor.ID:
		return nil
	}
	return actor.Refuse(kind.Write, k)
}

// AttachFile puts a file to a record. Its kind is recognised by what it holds; kinds
// that are not on the list are refused. What is read is bounded by blob.MaxFile.
func (f *Flow) AttachFile(ctx context.Context, kindName, idOrKey, name string, in io.Reader) (*isms.Attachment, error) {
	k, rec, err := f.subject(ctx, kindName, idOrKey)
	if err != nil {
		return nil, err
	}
	actor, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if err := mayPut(actor, k, rec); err != nil {
		return nil, err
	}
	if !rec.GetBase().DeletedAt.IsZero() {
		return nil, kind.Errorf(kind.Conflict, "this %s lies in the bin; restore it first", strings.ToLower(k.Label))
	}
	return f.keep(AsMachine(ctx, actor), k, rec, name, in)
}

func (f *Flow) keep(machine context.Context, k *kind.Kind, rec kind.Record, name string, in io.Reader) (*isms.Attachment, error) {
	if f.files == nil {
		return nil, kind.Errorf(kind.Unavailable, "this installation keeps no files")
	}
	if name = fileName(name); name == "" {
		return nil, kind.Fieldf("file", "has no name")
	}
	buffered := bufio.NewReaderSize(in, blob.SniffLength)
	head, err := buffered.Peek(blob.SniffLength)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(head) == 0 {
		return nil, kind.Fieldf("file", "is empty")
	}
	media, err := blob.Sniff(name, head)
	if err != nil {
		return nil, err
	}
	info, err := f.files.Put(buffered, 0)
	if err != nil {
		return nil, err
	}
	a := &isms.Attachment{Base: isms.Base{Title: name, Origin: "person"}, SubjectKind: k.Name, SubjectID: rec.GetBase().ID, FileName: name,
		MediaType: media, Size: info.Size, SHA256: info.Address, Blob: info.Address}
	return a, f.Attachments().Save(machine, a)
}

// maxFileName bounds the name of a file.
const maxFileName = 180

// fileName is the last part of a name, without signs that would mislead or break.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(prose.Clean(name), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune("\n\t\"<>|:*?", r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0x200E || r == 0x200F {
			return -1
		}
		return r
	}, name)
	name = strings.TrimSpace(name)
	if strings.Trim(name, "./") == "" {
		return ""
	}
	if len(name) > maxFileName {
		ending := path.Ext(name)
		if len(ending) > 16 {
			ending = ""
		}
		name = strings.ToValidUTF8(name[:maxFileName-len(ending)], "") + ending
	}
	return name
}

// AttachDocument makes a file the text of a draft: an own Word or PDF document, with
// the same life as one written here. The text of a Word file is read, so that it is
// found by search and compared with other versions.
func (f *Flow) AttachDocument(ctx context.Context, versionIDOrKey, name string, in io.Reader) (*isms.DocumentVersion, *isms.Attachment, error) {
	v, err := f.versions().Get(ctx, versionIDOrKey)
	if err != nil {
		return nil, nil, err
	}
	if v.Status != isms.VersionDraft {
		return nil, nil, kind.Errorf(kind.Conflict, "version %s is no draft any more; begin a new version for the file", v.Number)
	}
	a, err := f.AttachFile(ctx, isms.DocumentVersions.Name, v.ID, name, in)
	if err != nil {
		return nil, nil, err
	}
	v.Blob, v.Generated = a.Blob, ""
	v.Body = isms.Markdown("The text of this version is the file “" + a.FileName + "”.\n")
	if a.MediaType == blob.MediaDOCX {
		text, err := f.docxOf(a)
		if err != nil {
			return nil, nil, err
		}
		if strings.TrimSpace(text) != "" {
			v.Body = isms.Markdown(prose.Cut(text, kind.MaxLongText))
		}
	}
	return v, a, f.versions().Save(ctx, v)
}

// docxOf reads the text of a Word file in the store.
func (f *Flow) docxOf(a *isms.Attachment) (string, error) {
	if a.Size > maxDocx {
		return "", nil
	}
	in, err := f.files.Get(a.Blob)
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(io.LimitReader(in, maxDocx+1))
	if err = errors.Join(err, in.Close()); err != nil {
		return "", err
	}
	return docxText(bytes.NewReader(data), int64(len(data)))
}

// FilesOf lists the files of a record, newest first, to whoever may read the record.
func (f *Flow) FilesOf(ctx context.Context, kindName, idOrKey string) ([]*isms.Attachment, error) {
	k, rec, err := f.subject(ctx, kindName, idOrKey)
	if err != nil {
		return nil, err
	}
	if err := f.mayReadFiles(ctx, k, rec); err != nil {
		return nil, err
	}
	actor, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	return f.Attachments().All(AsMachine(ctx, actor), kind.Query{Sort: "-created_at"}.Where("subject_kind", k.Name).Where("subject_id", rec.GetBase().ID))
}

// mayReadFiles keeps from staff the files of versions that do not hold yet.
func (f *Flow) mayReadFiles(ctx context.Context, k *kind.Kind, rec kind.Record) error {
	actor, err := access.From(ctx)
	if err != nil {
		return err
	}
	v, ok := rec.(*isms.DocumentVersion)
	if ok && !actor.Machine && actor.May(kind.Read, isms.Attachments) == access.Nothing && v.Status != isms.VersionPublished && v.Status != isms.VersionSuperseded {
		return kind.Errorf(kind.NotFound, "there is no %s %q", k.Name, rec.GetBase().ID)
	}
	return nil
}

// OpenFile reads a file to whoever may read the record it belongs to. Close the reader.
func (f *Flow) OpenFile(ctx context.Context, attachmentID string) (*isms.Attachment, io.ReadCloser, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return nil, nil, err
	}
	gone := kind.Errorf(kind.NotFound, "there is no file %q", attachmentID)
	a, err := f.Attachments().Get(AsMachine(ctx, actor), attachmentID)
	if err != nil {
		return nil, nil, err
	}
	k, rec, err := f.subject(ctx, a.SubjectKind, a.SubjectID)
	if err == nil {
		err = f.mayReadFiles(ctx, k, rec)
	}
	if code := kind.CodeOf(err); code == kind.NotFound || code == kind.Forbidden {
		return nil, nil, gone // what may not be read does not exist
	}
	if err != nil {
		return nil, nil, err
	}
	if f.files == nil || a.Blob == "" || !a.DeletedAt.IsZero() {
		return nil, nil, gone
	}
	in, err := f.files.Get(a.Blob)
	return a, in, err
}

// OwnFile finds the file that is the text of a version; nil: it was written here.
func (f *Flow) OwnFile(ctx context.Context, v *isms.DocumentVersion) (*isms.Attachment, error) {
	if v.Blob == "" {
		return nil, nil
	}
	list, err := f.FilesOf(ctx, isms.DocumentVersions.Name, v.ID)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		if a.Blob == v.Blob { // only what was uploaded to this very version, whatever somebody typed
			return a, nil
		}
	}
	return nil, nil
}

// A FileCheck is how the store of files compares with the records.
type FileCheck struct {
	Kept    int      // files in the store
	Garbage []string // addresses that no record of any workspace names
	Missing []string // file names of attachments whose file is not there
}

// CheckFiles compares the store of files with the records of every workspace, those in
// the bin included. With sweep it removes what no record names.
func (f *Flow) CheckFiles(ctx context.Context, sweep bool) (FileCheck, error) {
	var out FileCheck
	if f.files == nil {
		return out, nil
	}
	there := map[string]bool{}
	err := f.files.Each(func(k blob.Kept) error {
		// What was written within the last hour may not have its record yet.
		there[k.Address] = f.app.Now().Sub(k.At).Hours() < 1
		out.Kept++
		return nil
	})
	if err != nil && !errors.Is(err, fs.SkipAll) {
		return out, err
	}
	named := map[string]bool{}
	spaces, err := f.app.Workspaces(ctx)
	if err != nil {
		return out, err
	}
	for _, ws := range spaces {
		machine := access.With(ctx, access.Actor{Name: "holdfast", Workspace: ws.ID, Machine: true, Via: "flow"})
		for _, deleted := range []bool{false, true} {
			err := f.app.All(machine, isms.Attachments, kind.Query{Deleted: deleted}, func(r kind.Record) error {
				a := r.(*isms.Attachment)
				named[a.Blob] = true
				if _, ok := there[a.Blob]; !ok && a.Blob != "" {
					out.Missing = append(out.Missing, a.FileName)
				}
				return nil
			})
			if err != nil {
				return out, err
			}
		}
	}
	for address, fresh := range there {
		if named[address] || fresh {
			continue
		}
		out.Garbage = append(out.Garbage, address)
		if sweep {
			if err := f.files.Remove(address); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// OpenBlob reads a file by its address, for what gathers the files of a workspace. Only
// what was uploaded in the workspace of the actor is found.
func (f *Flow) OpenBlob(ctx context.Context, address string) (io.ReadCloser, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	list, err := f.Attachments().List(AsMachine(ctx, actor), kind.Query{Sort: "created_at", Limit: maxOwners}.Where("sha256", address))
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		if _, in, err := f.OpenFile(ctx, a.ID); err == nil {
			return in, nil
		}
	}
	return nil, kind.Errorf(kind.NotFound, "there is no file %.12q in this workspace", address)
}

// maxOwners bounds the records among which one is sought that the actor may read.
const maxOwners = 100
