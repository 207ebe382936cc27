package page

import (
	"bytes"
	"io"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/web"
)

// incidentPaper answers with the report on one incident as a document.
func (c Config) incidentPaper(r *web.Request) error {
	ending := "." + r.PathValue("format")
	format, known := report.FormatOf(ending)
	if c.Incident == nil || !known {
		return kind.Errorf(kind.NotFound, "there is no such report of an incident")
	}
	rec, err := r.App().Get(r.Ctx(), isms.Incidents, r.PathValue("id"))
	if err != nil {
		return err
	}
	doc, err := c.Incident(r.Ctx(), rec.GetBase().ID)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := format.Write(&out, doc); err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", format.Media)
	h.Set("Content-Disposition", disposition(r)+`; filename="incident-`+kind.Slug(rec.GetBase().Key)+"-"+doc.Date.Format("2006-01-02")+ending+`"`)
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox")
	_, _ = io.Copy(r.W, &out) // the reader has gone: nobody is left to tell
	return nil
}
