package page

import (
	"bytes"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"holdfast/app"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/web"
	"holdfast/web/ui"
)

// An editorView is the editor of a draft.
type editorView struct {
	document *isms.Document
	version  *isms.DocumentVersion
	body     string // as typed
	note     string
	lock     int64 // version of the record that was read
	text     prose
	problem  error
	conflict *flow.Difference // what differs from what somebody else saved meanwhile
	who      string           // that somebody
}

// draftOf finds the draft of the document of the address.
func (c Config) draftOf(r *web.Request) (*isms.Document, *isms.DocumentVersion, error) {
	if !writesDocuments(r.Actor) {
		return nil, nil, r.Actor.Refuse(kind.Write, isms.DocumentVersions)
	}
	d, list, err := c.documentOf(r)
	if err != nil {
		return nil, nil, err
	}
	if len(list) > 0 && list[0].Status == isms.VersionDraft {
		return d, list[0], nil
	}
	return d, nil, nil
}

// editDocument shows the editor of the draft; where there is none, the document, which
// offers to begin one.
func (c Config) editDocument(r *web.Request) error {
	d, v, err := c.draftOf(r)
	if err != nil {
		return err
	}
	if v == nil {
		return r.Redirect(documentURL(d), ui.ToastProps{Text: "Nothing is open for editing. Begin a new version first.", Tone: ui.Attention})
	}
	return c.showEditor(r, http.StatusOK, editorView{document: d, version: v, body: string(v.Body), note: v.ChangeNote, lock: v.Version})
}

func (c Config) showEditor(r *web.Request, status int, e editorView) error {
	var err error
	if e.text, err = newProse(e.body); err != nil && e.problem == nil {
		return err
	}
	r.Crumbs(documentCrumbs(e.document)...)
	r.Wide()
	return r.RenderAs(status, "Edit", editorBody(e))
}

// saveDocument keeps the text, or shows its preview to browsers without script. Who
// saves second keeps the text and sees the difference.
func (c Config) saveDocument(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	d, v, err := c.draftOf(r)
	if err != nil {
		return err
	}
	if v == nil || v.ID != form.Get("id") {
		return kind.Errorf(kind.Conflict, "the version that you edited is no draft any more; your text is kept in this browser tab")
	}
	e := editorView{document: d, version: v, body: strings.ReplaceAll(form.Get("body"), "\r\n", "\n"), note: strings.TrimSpace(form.Get("note"))}
	if e.lock, err = strconv.ParseInt(form.Get("lock"), 10, 64); err != nil {
		return kind.Fieldf("lock", "is no version of a record")
	}
	if form.Get("do") == "preview" {
		return c.showEditor(r, http.StatusOK, e)
	}
	next := *v
	next.Version, next.Body, next.ChangeNote = e.lock, isms.Markdown(e.body), e.note
	err = r.App().Save(r.Ctx(), &next)
	if stored, ok := app.Stored(err); ok {
		return c.showConflict(r, e, stored.(*isms.DocumentVersion))
	}
	if kind.CodeOf(err) == kind.Invalid {
		e.problem = err
		return c.showEditor(r, http.StatusUnprocessableEntity, e)
	}
	if err != nil {
		return err
	}
	return r.Redirect(link(documentURL(d), "v", v.Number), ui.ToastProps{Text: "Saved.", Tone: ui.Positive})
}

func (c Config) showConflict(r *web.Request, e editorView, stored *isms.DocumentVersion) error {
	d := flow.Compare(string(stored.Body), e.body)
	e.conflict, e.who, e.lock, e.version = &d, stored.UpdatedBy, stored.Version, stored
	return c.showEditor(r, http.StatusConflict, e)
}

// reviseDocument begins a new draft and opens it.
func (c Config) reviseDocument(r *web.Request) error {
	d, _, err := c.documentOf(r)
	if err != nil {
		return err
	}
	if _, err := c.Flow.Revise(r.Ctx(), d.ID); err != nil {
		return err
	}
	return r.Redirect(documentURL(d) + "/write")
}

// A submitView is the form by which a draft goes to review.
type submitView struct {
	document *isms.Document
	version  *isms.DocumentVersion
	approver ui.Option
	problem  error
	consent  flow.Consent
	quorum   string
}

func (c Config) submitPage(r *web.Request) error {
	d, v, err := c.draftOf(r)
	if err != nil {
		return err
	}
	if v == nil {
		return r.Redirect(documentURL(d))
	}
	return c.showSubmit(r, http.StatusOK, submitView{document: d, version: v, quorum: "1", consent: flow.Consent{ApproverID: d.ApproverID, FourEyes: true}})
}

func (c Config) showSubmit(r *web.Request, status int, v submitView) error {
	if v.consent.ApproverID != "" {
		if p, err := r.App().Get(r.Ctx(), isms.People, v.consent.ApproverID); err == nil {
			v.approver = ui.Option{Value: v.consent.ApproverID, Label: p.GetBase().Title}
		}
	}
	r.Crumbs(documentCrumbs(v.document)...)
	return r.RenderAs(status, "Send to review", submitBody(v))
}

func (c Config) submitDocument(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	d, v, err := c.draftOf(r)
	if err != nil {
		return err
	}
	if v == nil {
		return r.Redirect(documentURL(d))
	}
	four := form["four_eyes"]
	s := submitView{document: d, version: v, quorum: form.Get("quorum"), consent: flow.Consent{ApproverID: form.Get("approver_id"), Why: strings.TrimSpace(form.Get("why")),
		FourEyes: len(four) > 0 && four[len(four)-1] == "true"}}
	if s.consent.Quorum, err = strconv.Atoi(s.quorum); err != nil || s.consent.Quorum < 1 || s.consent.Quorum > 50 {
		err = kind.Fieldf("quorum", "is a number from 1 to 50")
	}
	if err == nil {
		s.consent.Expires, err = kind.ParseDate(form.Get("expires"))
	}
	if err == nil {
		_, err = c.Flow.SubmitVersion(r.Ctx(), v.ID, 0, s.consent)
	}
	if kind.CodeOf(err) == kind.Invalid {
		s.problem = err
		return c.showSubmit(r, http.StatusUnprocessableEntity, s)
	}
	if err != nil {
		return err
	}
	return r.Redirect(link(documentURL(d), "v", v.Number), ui.ToastProps{Text: "Sent to review.", Tone: ui.Positive})
}

// talk adds a comment, or the answer to one, to a version.
func (c Config) talk(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	d, list, err := c.documentOf(r)
	if err != nil {
		return err
	}
	v := versionAmong(list, form.Get("version"))
	if v == nil {
		return kind.Errorf(kind.NotFound, "“%s” has no such version", d.Title)
	}
	to := link(documentURL(d), "v", v.Number) + "#comments"
	text := strings.TrimSpace(form.Get("text"))
	if text == "" {
		return r.Redirect(to, ui.ToastProps{Text: "An empty comment says nothing.", Tone: ui.Attention})
	}
	if err := r.App().Save(r.Ctx(), &isms.Comment{SubjectKind: isms.DocumentVersions.Name, SubjectID: v.ID, ParentID: form.Get("parent"), Text: kind.Markdown(text)}); err != nil {
		return err
	}
	return r.Redirect(to)
}

// paper makes the version a document for printing.
func (c Config) paper(r *web.Request, d *isms.Document, v *isms.DocumentVersion) (report.Document, error) {
	blocks, err := report.Markdown(string(v.Body), 1)
	if err != nil {
		return report.Document{}, err
	}
	doc := report.Document{Title: d.Title, Subtitle: string(d.Summary), Organisation: r.Format.Workspace, Version: v.Number, Date: r.Format.Time(dateOf(v)),
		Classification: kind.Humanise(string(d.Classification)), Status: sentence(versionWord(v)), Lang: d.Language, Blocks: append([]report.Block{report.Toc{}}, blocks...)}
	for _, p := range []report.Property{{Name: "Holds from", Value: string(v.HoldsFrom)}, {Name: "Next review", Value: string(d.ReviewBy)}, {Name: "SHA-256", Value: v.SHA256}} {
		if p.Value != "" {
			doc.Properties = append(doc.Properties, p)
		}
	}
	return doc, nil
}

// dateOf is the day that a version stands for: of its publication, or of the last edit.
func dateOf(v *isms.DocumentVersion) time.Time {
	if !v.PublishedAt.IsZero() {
		return v.PublishedAt
	}
	return v.UpdatedAt
}

// sendFile answers a file that the browser keeps and never runs: it is not shown as a
// page, its type is not guessed, and were it shown, it could do nothing.
func sendFile(r *web.Request, name, media string, data []byte) error {
	h := r.W.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox")
	_, _ = r.W.Write(data) // the reader has gone: nobody is left to tell
	return nil
}

// downloadDocument answers a version as a file.
func (c Config) downloadDocument(r *web.Request) error {
	d, list, err := c.documentOf(r)
	if err != nil {
		return err
	}
	v := versionAmong(list, r.FormValue("v"))
	if v == nil {
		if v = flow.InForce(list); v == nil {
			return kind.Errorf(kind.NotFound, "“%s” has no such version", d.Title)
		}
	}
	var out bytes.Buffer
	media := "text/markdown; charset=utf-8"
	as := r.FormValue("as")
	switch as {
	case "md":
		out.WriteString(string(v.Body))
	case "pdf", "html":
		doc, err := c.paper(r, d, v)
		if err != nil {
			return err
		}
		write := report.HTML
		media = "text/html; charset=utf-8"
		if as == "pdf" {
			write, media = report.PDF, "application/pdf"
		}
		if err := write(&out, doc); err != nil {
			return err
		}
	default:
		return kind.Errorf(kind.NotFound, "a document is had as pdf, html or md, not as %q", as)
	}
	return sendFile(r, kind.Slug(d.Title)+"-"+kind.Slug(v.Number)+"."+as, media, out.Bytes())
}
