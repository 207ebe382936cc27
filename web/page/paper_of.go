package page

import (
	"bytes"
	"io"

	"holdfast/kind"
	"holdfast/report"
	"holdfast/web"
)

// paperOf answers with the report on one record as a document.
func (c Config) paperOf(k *kind.Kind) func(*web.Request) error {
	return func(r *web.Request) error {
		ending := "." + r.PathValue("format")
		format, known := report.FormatOf(ending)
		if c.PaperOf == nil || !known {
			return kind.Errorf(kind.NotFound, "there is no such report")
		}
		rec, err := r.App().Get(r.Ctx(), k, r.PathValue("id"))
		if err != nil {
			return err
		}
		doc, err := c.PaperOf(r.Ctx(), k, rec.GetBase().ID)
		if err != nil {
			return err
		}
		return sendPaper(r, doc, format, k.Name+"-"+kind.Slug(rec.GetBase().Key))
	}
}

// sendPaper answers with a document as a file; with ?show the browser shows it instead.
// It brings its style with it and is shut off from everything else.
func sendPaper(r *web.Request, doc report.Document, format report.Format, name string) error {
	var out bytes.Buffer
	if err := format.Write(&out, doc); err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", format.Media)
	h.Set("Content-Disposition", disposition(r)+`; filename="`+name+"-"+doc.Date.Format("2006-01-02")+format.Ending+`"`)
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox")
	_, _ = io.Copy(r.W, &out) // the reader has gone: nobody is left to tell
	return nil
}
