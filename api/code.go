package api

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"

	"holdfast/port"
)

// plan tells what it takes to make the records as a folder says; nothing is kept.
func (a *api) plan(w http.ResponseWriter, r *http.Request) error {
	return a.code(w, r, port.MakePlan)
}

// apply makes the records as a folder says, in one transaction.
func (a *api) apply(w http.ResponseWriter, r *http.Request) error {
	return a.code(w, r, port.Apply)
}

// code reads a folder, as an archive or as one body of YAML or JSON, and does with it
// what is asked.
func (a *api) code(w http.ResponseWriter, r *http.Request, do func(context.Context, port.App, *port.Folder, port.PlanOptions) (*port.Plan, error)) error {
	v, err := params(r, "prune", "force", "reason", "only", "name")
	if err != nil {
		return err
	}
	data, media, err := body(w, r, port.MaxFile, mediaZIP, mediaYAML, "application/x-yaml", mediaJSON)
	if err != nil {
		return err
	}
	f, err := readFolder(cmp.Or(v.Get("name"), "body"), media, bytes.NewReader(data))
	if err != nil {
		return err
	}
	plan, err := do(r.Context(), a.App, f, port.PlanOptions{
		Options: port.Options{Now: a.App.Now(), Reason: v.Get("reason")}, Prune: v.Get("prune") == "true", Force: v["force"], Only: v.Get("only"),
	})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, plan)
}

func readFolder(name, media string, in io.Reader) (*port.Folder, error) {
	if media == mediaZIP {
		data, err := io.ReadAll(in)
		if err != nil {
			return nil, err
		}
		files, err := port.Unzip(name, data)
		if err != nil {
			return nil, err
		}
		return port.ReadFolder(files)
	}
	read := port.ReadYAML
	if media == mediaJSON {
		read = port.ReadJSON
	}
	docs, err := read(name, in)
	return &port.Folder{Docs: docs}, err
}
