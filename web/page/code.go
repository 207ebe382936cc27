package page

import (
	"archive/zip"
	"encoding/base64"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port"
	"holdfast/web"
	"holdfast/web/ui"
)

// maxCode bounds an uploaded folder, and maxCodeBody the form that carries it as text.
const (
	maxCode     = 8 << 20
	maxCodeBody = 2*maxCode + 1<<20
)

// mostShown is how many changes of a plan the page shows; the figures count all.
const mostShown = 300

// A codeView is the page of the ISMS as code: take the folder, bring a changed one,
// review what it would do, do it. The folder travels in the page from one step to the
// other, so nothing is kept of what nobody confirmed.
type codeView struct {
	*web.Request
	plan   *port.Plan
	name   string
	packed string // the folder as an archive, as text
	reason string
	errors []ui.FieldError
	stale  string // why the plan that was reviewed was not done
}

func (c Config) code(r *web.Request) error { return (&codeView{Request: r}).show(http.StatusOK) }

func (v *codeView) show(status int) error { return v.RenderAs(status, "ISMS as code", codeBody(v)) }

// exportCode answers the folder as an archive.
func (c Config) exportCode(r *web.Request) error {
	h := r.W.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="isms.zip"`)
	archive := zip.NewWriter(r.W)
	_, err := port.Tree(r.Ctx(), r.App(), func(name string, data []byte) error {
		f, err := archive.CreateHeader(&zip.FileHeader{Name: "isms/" + name, Method: zip.Deflate, Modified: time.Time{}})
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		return err
	}, port.TreeOptions{})
	return errors.Join(err, archive.Close())
}

// reviewCode shows what an uploaded folder would do, and does what was reviewed.
func (c Config) reviewCode(r *web.Request) error {
	v := &codeView{Request: r}
	if err := r.ParseMultipartForm(maxCodeBody); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return kind.Errorf(kind.TooLarge, "the folder is larger than %d MB, or did not arrive whole; use the command line for larger ones: %w", maxCode>>20, err)
	}
	data, err := v.upload()
	if err != nil {
		return v.refuse(err)
	}
	archive, err := port.Unzip(v.name, data)
	if err != nil {
		return v.refuse(err)
	}
	folder, err := port.ReadFolder(archive)
	if err != nil {
		return v.refuse(err)
	}
	if len(folder.Docs) == 0 && folder.Lock == nil {
		return v.refuse(kind.Errorf(kind.Invalid, "%s holds no records; choose the archive that was downloaded here, with your changes", v.name))
	}
	v.reason = strings.TrimSpace(r.PostFormValue("reason"))
	opts := port.PlanOptions{Options: port.Options{Now: r.Now(), Reason: v.reason}, Prune: slices.Contains(r.PostForm["prune"], "true"),
		Force: slices.DeleteFunc(slices.Clone(r.PostForm["force"]), func(s string) bool { return s == "" })}
	if sure := r.PostFormValue("sure"); sure != "" {
		opts.Only = sure
		if done, err := port.Apply(r.Ctx(), r.App(), folder, opts); err == nil {
			return r.Redirect("/code", ui.ToastProps{Text: "Applied: " + done.Sentence() + ". Export again to bring your folder in step.", Tone: ui.Positive})
		} else if code := kind.CodeOf(err); code != kind.Conflict && code != kind.Forbidden {
			return v.refuse(err)
		} else {
			v.stale = err.Error()
		}
	}
	opts.Only = ""
	if v.plan, err = port.MakePlan(r.Ctx(), r.App(), folder, opts); err != nil {
		return v.refuse(err)
	}
	v.packed = base64.RawURLEncoding.EncodeToString(data)
	if v.stale != "" {
		return v.show(http.StatusConflict)
	}
	return v.show(http.StatusOK)
}

// refuse shows the form again with what is wrong with the folder.
func (v *codeView) refuse(err error) error {
	if code := kind.CodeOf(err); code != kind.Invalid && code != kind.TooLarge {
		return err
	}
	v.errors = []ui.FieldError{{Field: "file", Label: "Folder", Text: err.Error()}}
	return v.show(http.StatusUnprocessableEntity)
}

func (v *codeView) mistake() string {
	if len(v.errors) == 0 {
		return ""
	}
	return v.errors[0].Text
}

// upload is the folder of the request as an archive: the one that was chosen, several
// files packed, or the one that the review carries.
func (v *codeView) upload() ([]byte, error) {
	if packed := v.PostFormValue("packed"); packed != "" {
		v.name = path.Base(v.PostFormValue("name"))
		data, err := base64.RawURLEncoding.DecodeString(packed)
		if err != nil {
			return nil, kind.Errorf(kind.Invalid, "the review did not come back whole; choose the folder again")
		}
		return data, nil
	}
	var files []*multipart.FileHeader
	if v.MultipartForm != nil {
		files = slices.DeleteFunc(slices.Clone(v.MultipartForm.File["file"]), func(f *multipart.FileHeader) bool { return f.Filename == "" })
	}
	var size int64
	for _, f := range files {
		size += f.Size
	}
	switch {
	case len(files) == 0:
		return nil, kind.Errorf(kind.Invalid, "choose a file first")
	case size > maxCode:
		return nil, kind.Errorf(kind.TooLarge, "the folder is larger than %d MB; use the command line: holdfast plan -f DIR", maxCode>>20)
	}
	v.name = path.Base(files[0].Filename)
	if len(files) > 1 || strings.ToLower(path.Ext(v.name)) != ".zip" {
		return pack(files)
	}
	in, err := files[0].Open()
	if err != nil {
		return nil, err
	}
	defer in.Close() //nolint:errcheck // it was only read
	return io.ReadAll(in)
}

// A codeGroup is a kind of record with what happens to it.
type codeGroup struct {
	title   string
	changes []port.Change
}

// groups are the changes by kind, in the order of the plan, as many as are shown.
func (v *codeView) groups() []codeGroup {
	var list []codeGroup
	for i, c := range v.plan.Changes {
		if i == mostShown {
			break
		}
		title := v.kindTitle(c.Kind)
		if n := len(list); n == 0 || list[n-1].title != title {
			list = append(list, codeGroup{title: title})
		}
		g := &list[len(list)-1]
		g.changes = append(g.changes, c)
	}
	return list
}

func (v *codeView) kindTitle(name string) string {
	if k := v.Kind(name); k != nil {
		return k.Label
	}
	return name
}

// hidden is how many changes are not shown.
func (v *codeView) hidden() int { return max(0, len(v.plan.Changes)-mostShown) }

// ready tells whether the plan can be done as it is.
func (v *codeView) ready() bool {
	s := v.plan.Summary
	return len(v.plan.Changes) > 0 && s.Conflicts == 0 && s.Refused == 0
}

// disputed are the kinds with conflicts, to choose those for which the folder is right.
func (v *codeView) disputed() []ui.Option {
	var list []ui.Option
	for _, c := range v.plan.Changes {
		if c.Conflict != "" && !slices.ContainsFunc(list, func(o ui.Option) bool { return o.Value == c.Kind }) {
			list = append(list, ui.Option{Value: c.Kind, Label: v.kindTitle(c.Kind)})
		}
	}
	return list
}

func (v *codeView) recordURL(kindName, key string) string {
	k := v.Kind(kindName)
	if k == nil {
		return ""
	}
	return "/" + k.Plural + "/" + url.PathEscape(key)
}

// changeWords and changeTones tell what happens to a record.
var (
	changeWords = map[string]string{port.Create: "New", port.Alter: "Changed", port.Restore: "Out of the bin", port.Remove: "Removed"}
	changeTones = map[string]ui.Tone{port.Create: ui.Positive, port.Alter: ui.Accent, port.Restore: ui.Positive, port.Remove: ui.Negative}
)

// fieldRows are fields, links and actions of a change as values before and after.
func (v *codeView) fieldRows(c port.Change) []ui.Change {
	var rows []ui.Change
	k := v.Kind(c.Kind)
	for _, f := range c.Fields {
		if f.Diff == "" {
			rows = append(rows, ui.Change{Field: fieldLabel(k, f.Field), Before: brief(f.Before), After: brief(f.After)})
		}
	}
	for _, l := range c.Linked {
		rows = append(rows, ui.Change{Field: kind.Humanise(l.Relation), After: v.kindTitle(l.Kind) + " " + l.Key})
	}
	for _, l := range c.Unlinked {
		rows = append(rows, ui.Change{Field: kind.Humanise(l.Relation), Before: v.kindTitle(l.Kind) + " " + l.Key})
	}
	for _, s := range c.Actions {
		rows = append(rows, ui.Change{Field: "Action", After: actionWords(k, s)})
	}
	return rows
}

func fieldLabel(k *kind.Kind, name string) string {
	if k != nil && k.Field(name) != nil {
		return k.Field(name).Label
	}
	return name
}

func actionWords(k *kind.Kind, s port.Step) string {
	text := s.Action
	if k != nil && k.Action(s.Action) != nil {
		text = k.Action(s.Action).Label
	}
	if s.To != "" {
		text += " (" + kind.Humanise(s.To) + ")"
	}
	if s.Needs != kind.Write {
		text += ", a decision"
	}
	return text
}

// brief keeps long values short on the page.
func brief(s string) string {
	const most = 400
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// diffLines are the lines of a unified difference.
func diffLines(diff string) []string { return strings.Split(strings.TrimSuffix(diff, "\n"), "\n") }

func diffClass(line string) string {
	switch {
	case strings.HasPrefix(line, "@@"):
		return "code-diff__at"
	case strings.HasPrefix(line, "+"):
		return "code-diff__new"
	case strings.HasPrefix(line, "-"):
		return "code-diff__old"
	}
	return ""
}

// seesCode: whoever may read the register of risks and what belongs to it.
var seesCode = web.MayRead(isms.Risks, isms.Assets, isms.Safeguards, isms.Documents, isms.Requirements)
