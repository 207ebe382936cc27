package page

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"holdfast/access"
	"holdfast/blob"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// maxUpload is what a form with a file may hold.
const maxUpload = blob.MaxFile + 64<<10

// A filesView is the files of one record.
type filesView struct {
	*web.Request
	figures
	kind  *kind.Kind
	rec   kind.Record
	files []*isms.Attachment
	may   bool                  // put another
	draft *isms.DocumentVersion // a file can become its text; nil: no
}

// filesURL is where the files of a record are listed.
func filesURL(k *kind.Kind, id string) string { return "/files/" + k.Name + "/" + id }

// fileURL is where a file is downloaded.
func fileURL(a *isms.Attachment) string { return "/file/" + a.ID }

// files lists the files of a record and takes new ones.
func (c Config) files(r *web.Request) error {
	k, err := r.App().Registry().Find(r.PathValue("kind"))
	if err != nil {
		return err
	}
	rec, err := r.App().Get(r.Ctx(), k, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := filesView{Request: r, figures: figures{r.Format}, kind: k, rec: rec}
	if v.files, err = c.Flow.FilesOf(r.Ctx(), k.Name, rec.GetBase().ID); err != nil {
		return err
	}
	v.may = rec.GetBase().DeletedAt.IsZero() && r.MayTouch(kind.Write, k, rec) && r.MaySome(kind.Write, isms.Attachments)
	if draft, ok := rec.(*isms.DocumentVersion); ok && draft.Status == isms.VersionDraft && v.may {
		v.draft = draft
	}
	r.Crumbs(ui.Crumb{Label: web.GroupName(k.Group)}, ui.Crumb{Label: rec.GetBase().Title, Href: web.RecordURL(k, rec.GetBase().ID)})
	return r.Render("Files", filesBody(v))
}

// putFile takes one file of a form, part by part: nothing of it is written anywhere
// before it is encrypted.
func (c Config) putFile(r *web.Request) error {
	k, err := r.App().Registry().Find(r.PathValue("kind"))
	if err != nil {
		return err
	}
	back := filesURL(k, r.PathValue("id"))
	parts, err := r.MultipartReader()
	if err != nil {
		return kind.Errorf(kind.Invalid, "send the file with the form of the page: %w", err)
	}
	own := false
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return r.Redirect(back, ui.ToastProps{Text: "Choose a file first.", Tone: ui.Attention})
		}
		if err != nil {
			return uploadError(err)
		}
		switch {
		case part.FormName() == "own":
			value, err := io.ReadAll(io.LimitReader(part, 16))
			if err != nil {
				return uploadError(err)
			}
			own = string(value) == "true"
		case part.FormName() == "file" && part.FileName() != "":
			return c.keepFile(r, k, part.FileName(), part, own, back)
		}
	}
}

func (c Config) keepFile(r *web.Request, k *kind.Kind, name string, in io.Reader, own bool, back string) error {
	var a *isms.Attachment
	var err error
	if own && k == isms.DocumentVersions {
		_, a, err = c.Flow.AttachDocument(r.Ctx(), r.PathValue("id"), name, in)
		back = web.RecordURL(k, r.PathValue("id"))
	} else {
		a, err = c.Flow.AttachFile(r.Ctx(), k.Name, r.PathValue("id"), name, in)
	}
	if kind.CodeOf(err) == kind.Invalid || kind.CodeOf(err) == kind.TooLarge {
		return r.Redirect(filesURL(k, r.PathValue("id")), ui.ToastProps{Text: "Not kept: " + err.Error() + ".", Tone: ui.Negative})
	}
	if err != nil {
		return uploadError(err)
	}
	return r.Redirect(back, ui.ToastProps{Text: "“" + a.FileName + "” is kept.", Tone: ui.Positive})
}

func uploadError(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return kind.Errorf(kind.TooLarge, "the file is larger than %d MB", blob.MaxFile>>20)
	}
	return err
}

// getFile answers a file to keep. It is never shown as a page of ours.
func (c Config) getFile(r *web.Request) error {
	a, in, err := c.Flow.OpenFile(r.Ctx(), r.PathValue("id"))
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	h := r.W.Header()
	h.Set("Content-Type", a.MediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.FileName}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox")
	if _, err := io.Copy(r.W, in); err != nil {
		panic(http.ErrAbortHandler) // a file that broke off must not pass for a whole one
	}
	return nil
}

// attachmentActions are the buttons of the page of an attachment.
func (c Config) attachmentActions(_ *web.Request, rec kind.Record) ([]templ.Component, error) {
	a := rec.(*isms.Attachment)
	return []templ.Component{ui.Button(ui.ButtonProps{Label: "Download", Icon: "download", Variant: ui.Primary, Href: fileURL(a)})}, nil
}

// seesFiles: whoever is signed in; each file asks its record.
func seesFiles(a access.Actor) bool { return a.Workspace != "" }

func (v filesView) table() ui.TableProps {
	t := ui.TableProps{ID: "files", Caption: "Files", Columns: []ui.Column{{Key: "name", Label: "File", Main: true}, {Key: "kind", Label: "Kind", Narrow: true}, {Key: "size", Label: "Size", Align: ui.End, Narrow: true}, {Key: "by", Label: "By"}, {Key: "at", Label: "When", Narrow: true}, {Key: "hash", Label: "SHA-256"}},
		Empty: ui.EmptyProps{Icon: "file", Title: "No files yet", Text: "Contracts, certificates, pictures and reports: everything that proves or explains this record."}}
	for _, a := range v.files {
		t.Rows = append(t.Rows, ui.Row{ID: a.ID, Label: a.FileName, Href: fileURL(a), Cells: []templ.Component{ui.Strong(shown(a.FileName)), ui.Text(mediaWord(a.MediaType)), ui.Number(v.format.Quantity(float64(a.Size), "bytes")),
			ui.Text(shown(a.CreatedBy)), ui.Time(v.format.Time(a.CreatedAt)), ui.Mono(a.SHA256[:min(16, len(a.SHA256))] + "…")}})
	}
	return t
}

// mediaWord is a media type as people call it.
func mediaWord(media string) string {
	for part, word := range map[string]string{"pdf": "PDF", "wordprocessing": "Word", "spreadsheet": "Spreadsheet", "presentation": "Presentation", "opendocument.text": "Text document", "image/": "Picture", "text/": "Text", "zip": "Archive"} {
		if strings.Contains(media, part) {
			return word
		}
	}
	return "File"
}

// filesAction is the button to the files of a record of the kind.
func filesAction(k *kind.Kind) func(*web.Request, kind.Record) ([]templ.Component, error) {
	return func(_ *web.Request, rec kind.Record) ([]templ.Component, error) {
		return []templ.Component{ui.Button(ui.ButtonProps{Label: "Files", Icon: "file", Href: filesURL(k, rec.GetBase().ID)})}, nil
	}
}
