package page

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"path"
	"slices"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/kind"
	"holdfast/port/library"
	"holdfast/web"
	"holdfast/web/ui"
)

// maxLibrary bounds an upload: the file, and the form around it.
const maxLibrary = library.MaxFile + 8<<20

// mayImport: whoever may take frameworks in.
func mayImport(a access.Actor) bool { return flow.MayTakeIn(a) }

// An importView is the page on which frameworks of others come in: first what would
// come, then the decision. The files travel in the page from one step to the other,
// so that nothing is kept of what nobody confirmed.
type importView struct {
	*web.Request
	intake *flow.Intake
	name   string
	packed string // the file, compressed, as text
	errors []ui.FieldError
}

func (c Config) importPage(r *web.Request) error {
	return (&importView{Request: r}).show(http.StatusOK)
}

func (v *importView) show(status int) error {
	v.Crumbs(ui.Crumb{Label: "Frameworks", Href: "/frameworks"})
	return v.RenderAs(status, "Import a framework", importBody(v))
}

// importFramework previews what was uploaded, and takes in what was previewed.
func (c Config) importFramework(r *web.Request) error {
	v := &importView{Request: r}
	if err := r.ParseMultipartForm(maxLibrary); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return kind.Errorf(kind.TooLarge, "the files are larger than %d MB, or did not arrive whole: %w", maxLibrary>>20, err)
	}
	data, err := v.upload()
	if err != nil {
		return v.refuse(err)
	}
	lib, err := library.ReadFiles(library.File{Name: v.name, Data: data})
	if err != nil {
		return v.refuse(err)
	}
	sure := r.PostFormValue("sure") == "yes"
	in, err := c.Flow.TakeIn(r.Ctx(), lib, !sure)
	if err != nil {
		return v.refuse(err)
	}
	if sure {
		return c.imported(r, in)
	}
	v.intake, v.packed = &in, base64.RawURLEncoding.EncodeToString(data)
	return v.show(http.StatusOK)
}

// refuse shows the form again with what is wrong with the file.
func (v *importView) refuse(err error) error {
	if code := kind.CodeOf(err); code != kind.Invalid && code != kind.TooLarge {
		return err
	}
	v.errors = []ui.FieldError{{Field: "file", Label: "File", Text: err.Error()}}
	return v.show(http.StatusUnprocessableEntity)
}

// mistake is what is wrong with the file; empty: nothing was chosen yet.
func (v *importView) mistake() string {
	if len(v.errors) == 0 {
		return ""
	}
	return v.errors[0].Text
}

// imported leads to what came.
func (c Config) imported(r *web.Request, in flow.Intake) error {
	text := "Taken in: " + plainCount(len(in.Frameworks), "framework", "frameworks")
	taken := 0
	for _, m := range in.Mappings {
		taken += m.Taken
	}
	if taken > 0 {
		text += ", " + plainCount(taken, "mapping", "mappings")
	}
	to := "/frameworks"
	if len(in.Frameworks) == 1 {
		to = "/frameworks/" + in.Frameworks[0].FrameworkID
	}
	return r.Redirect(to, ui.ToastProps{Text: text, Tone: ui.Positive})
}

// upload is the file of the request, compressed: that of the form, several as an
// archive, or the one that the preview carries.
func (v *importView) upload() ([]byte, error) {
	if packed := v.PostFormValue("packed"); packed != "" {
		v.name = path.Base(v.PostFormValue("name"))
		data, err := base64.RawURLEncoding.DecodeString(packed)
		if err != nil {
			return nil, kind.Errorf(kind.Invalid, "the preview did not come back whole; choose the file again")
		}
		return data, nil
	}
	var files []*multipart.FileHeader
	if v.MultipartForm != nil {
		files = v.MultipartForm.File["file"]
	}
	files = slices.DeleteFunc(slices.Clone(files), func(f *multipart.FileHeader) bool { return f.Filename == "" })
	switch len(files) {
	case 0:
		return nil, kind.Errorf(kind.Invalid, "choose a file first")
	case 1:
		v.name = path.Base(files[0].Filename)
		return squeeze(files[0])
	}
	v.name = "files.zip"
	return pack(files)
}

// squeeze compresses one file, which keeps its form.
func squeeze(f *multipart.FileHeader) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := copyFile(z, f); err != nil {
		return nil, err
	}
	err := z.Close()
	return b.Bytes(), err
}

func pack(files []*multipart.FileHeader) ([]byte, error) {
	if len(files) > library.MaxFiles {
		return nil, kind.Errorf(kind.TooLarge, "more than %d files; choose those that belong together", library.MaxFiles)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(path.Base(f.Filename))
		if err != nil {
			return nil, err
		}
		if err := copyFile(w, f); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return b.Bytes(), err
}

func copyFile(w io.Writer, f *multipart.FileHeader) error {
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = io.Copy(w, in)
	return err
}
