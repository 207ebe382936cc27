package page

import (
	"bytes"
	"io"
	"path"
	"slices"
	"strings"

	"holdfast/kind"
	"holdfast/report"
	"holdfast/web"
	"holdfast/web/ui"
)

// A reportCard says what a document is for. The texts are here; which documents
// there are is said by Config.Reports.
type reportCard struct {
	name, title, text string
	icon              string
}

// reportCards in the order of the page. A document without an entry is shown under
// its name.
var reportCards = []reportCard{
	{"risk", "Risk assessment", "What could go wrong, what it would cost, and what to do about it: the loss curve against the appetite, the register, the story of each great risk, the treatments that pay, and the method.", "target"},
}

// A reportView is the inside of a document as it would be made now.
type reportView struct {
	figures
	reportCard
	doc      report.Document
	sections []string
}

// reports lists the documents that can be made. What is in each now is fetched
// after the page, because making a document takes longer than showing one.
func (c Config) reports(r *web.Request) error {
	var list []reportCard
	for _, name := range c.reportNames() {
		list = append(list, cardOf(name))
	}
	return r.Render("Reports", reportsBody(list))
}

// preview shows what is in a document now: a fragment for the script, a page
// without.
func (c Config) preview(r *web.Request) error {
	build := c.Reports[r.PathValue("name")]
	if build == nil {
		return kind.Errorf(kind.NotFound, "there is no report %q", r.PathValue("name"))
	}
	doc, err := build(r.Ctx())
	if err != nil {
		return err
	}
	v := reportView{figures: figures{r.Format}, reportCard: cardOf(r.PathValue("name")), doc: doc, sections: sectionsOf(doc)}
	if r.Fragment() {
		return r.RenderPart(reportPreview(v))
	}
	r.Crumbs(ui.Crumb{Label: "Reports", Href: "/reports"})
	return r.Render(v.title, reportPage(v))
}

// reportNames are the names of the documents in the order of the page.
func (c Config) reportNames() []string {
	var names []string
	for name := range c.Reports {
		names = append(names, name)
	}
	place := func(name string) int {
		if i := slices.IndexFunc(reportCards, func(x reportCard) bool { return x.name == name }); i >= 0 {
			return i
		}
		return len(reportCards)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := place(a) - place(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return names
}

func cardOf(name string) reportCard {
	if i := slices.IndexFunc(reportCards, func(x reportCard) bool { return x.name == name }); i >= 0 {
		return reportCards[i]
	}
	return reportCard{name: name, title: kind.Humanise(name), icon: "file"}
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
	ending := path.Ext(file)
	name := strings.TrimSuffix(file, ending)
	build := c.Reports[name]
	write, media := report.PDF, "application/pdf"
	if ending == ".html" {
		write, media = report.HTML, "text/html; charset=utf-8"
	}
	if build == nil || ending != ".pdf" && ending != ".html" {
		return kind.Errorf(kind.NotFound, "there is no report %q", file)
	}
	doc, err := build(r.Ctx())
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := write(&out, doc); err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", disposition(r)+`; filename="`+name+"-"+doc.Date.In(r.Format.Zone).Format("2006-01-02")+ending+`"`)
	// The document brings its style with it and is shut off from everything else.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox")
	_, _ = io.Copy(r.W, &out) // the reader has gone: nobody is left to tell
	return nil
}

func disposition(r *web.Request) string {
	if r.URL.Query().Has("show") {
		return "inline"
	}
	return "attachment"
}
