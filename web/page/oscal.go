package page

import (
	"bytes"
	"io"
	"strings"

	"holdfast/flow"
	"holdfast/web"
)

// An oscalFile is a document of OSCAL that can be downloaded.
type oscalFile struct{ name, title string }

// oscalFiles are those of the records as they are now.
func oscalFiles() []oscalFile {
	var list []oscalFile
	for _, d := range flow.OSCALDocuments {
		list = append(list, oscalFile{d.Name, d.Title})
	}
	return list
}

// oscal answers with a document of OSCAL.
func (c Config) oscal(r *web.Request) error {
	name := strings.TrimSuffix(r.PathValue("document"), ".json")
	d, err := c.Flow.OSCAL(r.Ctx(), name, r.URL.Query().Get("scope"))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := d.Write(&out); err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="`+name+`.json"`)
	_, _ = io.Copy(r.W, &out) // the reader has gone: nobody is left to tell
	return nil
}
