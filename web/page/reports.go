package page

import (
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/paper"
	"holdfast/web"
	"holdfast/web/ui"
)

// A reportView is the inside of a document as it would be made now.
type reportView struct {
	figures
	paper.Paper
	doc      report.Document
	sections []string
}

// papers are the documents that can be made.
func (c Config) papers() []paper.Paper {
	if c.Reports == nil {
		return nil
	}
	return c.Reports()
}

// reports lists the documents that can be made. What is in each is shown on a page
// of its own, because making a document takes longer than naming one.
func (c Config) reports(r *web.Request) error {
	var ours, own []paper.Paper
	for _, p := range c.papers() {
		if p.Own {
			own = append(own, p)
		} else {
			ours = append(ours, p)
		}
	}
	var machine []oscalFile
	if seesStatement(r.Actor) {
		machine = oscalFiles()
	}
	return r.Render("Reports", reportsBody(ours, own, machine, c.Pack != nil))
}

// preview shows what is in a document now.
func (c Config) preview(r *web.Request) error {
	p, err := paper.Find(c.papers(), r.PathValue("name"))
	if err != nil {
		return err
	}
	doc, err := p.Make(r.Ctx())
	if err != nil {
		return err
	}
	v := reportView{figures: figures{r.Format}, Paper: p, doc: doc, sections: sectionsOf(doc)}
	r.Crumbs(ui.Crumb{Label: "Reports", Href: "/reports"})
	return r.Render(p.Title, reportPage(v))
}

// sectionsOf are the main headings of a document.
func sectionsOf(doc report.Document) []string {
	var list []string
	for _, b := range doc.Blocks {
		if h, ok := b.(report.Heading); ok && h.Level == 1 {
			list = append(list, h.Text)
		}
	}
	return list
}

// download answers a document as a file; with ?show the browser shows it instead.
func (c Config) download(r *web.Request) error {
	file := r.PathValue("file")
	if file == packFile && c.Pack != nil {
		return c.pack(r)
	}
	ending := path.Ext(file)
	format, known := report.FormatOf(ending)
	p, err := paper.Find(c.papers(), strings.TrimSuffix(file, ending))
	if err != nil || !known {
		return kind.Errorf(kind.NotFound, "there is no report %q", file)
	}
	doc, err := p.Make(r.Ctx())
	if err != nil {
		return err
	}
	err = sendPaper(r, doc, format, p.Name)
	if errors.Is(err, report.ErrNoTables) {
		return kind.Errorf(kind.NotFound, "this report is all text and makes no workbook; take another format")
	}
	return err
}

// packFile is the audit pack among the reports.
const packFile = "audit-pack.zip"

// pack answers with everything an auditor asks for, in one archive.
func (c Config) pack(r *web.Request) error {
	var out bytes.Buffer
	if err := c.Pack(r.Ctx(), &out); err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="`+packFile+`"`)
	_, _ = io.Copy(r.W, &out) // the reader has gone: nobody is left to tell
	return nil
}

func disposition(r *web.Request) string {
	if r.URL.Query().Has("show") {
		return "inline"
	}
	return "attachment"
}
