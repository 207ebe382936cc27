package api

import (
	"archive/zip"
	"bytes"
	"cmp"
	"net/http"
	"time"

	"holdfast/kind"
	"holdfast/port"
)

// export answers with the whole workspace, as far as the caller may read it, as a
// ZIP archive of YAML files.
func (a *api) export(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "computed")
	if err != nil {
		return err
	}
	late := &lateWriter{w: w, before: func() {
		w.Header().Set("Content-Type", "application/zip")
		w.Header().Set("Content-Disposition", `attachment; filename="holdfast.zip"`)
	}}
	archive := zip.NewWriter(late)
	_, err = port.Tree(r.Context(), a.App, func(name string, data []byte) error {
		f, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Time{}})
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		return err
	}, port.TreeOptions{Computed: v.Get("computed") == "true"})
	if err == nil {
		err = archive.Close()
	}
	return late.end(r, a, err)
}

const (
	mediaJSON = "application/json"
	mediaYAML = "application/yaml"
	mediaCSV  = "text/csv"
	mediaXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	mediaZIP  = "application/zip"
)

// imports takes in documents, all or none.
func (a *api) imports(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "kind", "dry_run", "reason", "name")
	if err != nil {
		return err
	}
	data, media, err := body(w, r, port.MaxFile, mediaJSON, mediaYAML, "application/x-yaml", mediaCSV, mediaXLSX, mediaZIP)
	if err != nil {
		return err
	}
	docs, err := a.documents(cmp.Or(v.Get("name"), "body"), media, v.Get("kind"), data)
	if err != nil {
		return err
	}
	res, err := port.Import(r.Context(), a.App, docs, port.Options{Now: a.App.Now(), Reason: v.Get("reason"), DryRun: v.Get("dry_run") == "true"})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, res)
}

// documents reads a body. Tables need a kind; other forms may name it themselves.
func (a *api) documents(name, media, kindName string, data []byte) ([]port.Doc, error) {
	var k *kind.Kind
	if kindName != "" {
		var err error
		if k, err = a.reg.Find(kindName); err != nil {
			return nil, kind.Fieldf("kind", "%v", err)
		}
	}
	in := bytes.NewReader(data)
	switch media {
	case mediaCSV, mediaXLSX:
		if k == nil {
			return nil, kind.Fieldf("kind", "say of which kind the records are: ?kind=asset")
		}
		if media == mediaCSV {
			return port.ReadCSV(name, in, k)
		}
		return port.ReadXLSX(name, in, k)
	}
	docs, err := readDocuments(name, media, in)
	if k != nil {
		docs = port.Default(docs, k.Name)
	}
	return docs, err
}

func readDocuments(name, media string, in *bytes.Reader) ([]port.Doc, error) {
	switch media {
	case mediaJSON:
		return port.ReadJSON(name, in)
	case mediaZIP:
		f, err := readFolder(name, media, in)
		if err != nil {
			return nil, err
		}
		return f.Docs, nil
	}
	return port.ReadYAML(name, in)
}
