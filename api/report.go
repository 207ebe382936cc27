package api

import (
	"bytes"
	"errors"
	"net/http"
	"path"
	"strings"

	"holdfast/api/client"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/paper"
)

// papers are the documents that can be downloaded.
func (a *api) papers() []paper.Paper {
	if a.Reports == nil {
		return nil
	}
	return a.Reports()
}

// reports lists the documents with the files that each can become.
func (a *api) reports(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var list []client.ReportView
	for _, p := range a.papers() {
		v := client.ReportView{Name: p.Name, Title: p.Title, Text: p.Text, Own: p.Own}
		for _, f := range report.Formats() {
			v.Files = append(v.Files, p.Name+f.Ending)
		}
		list = append(list, v)
	}
	return answer(w, http.StatusOK, client.ListOf(list, "", -1))
}

// report answers with a document as a file; its ending says of which format.
func (a *api) report(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	file := r.PathValue("file")
	if file == packFile && a.Pack != nil {
		return a.pack(w, r)
	}
	ending := path.Ext(file)
	format, known := report.FormatOf(ending)
	p, err := paper.Find(a.papers(), strings.TrimSuffix(file, ending))
	if err != nil || !known {
		return kind.Errorf(kind.NotFound, "there is no report %q; the reports are %s, each as %s", file, strings.Join(a.reportNames(), ", "), endings())
	}
	doc, err := p.Make(r.Context())
	if err != nil {
		return err
	}
	return answerPaper(w, doc, format, file)
}

// answerPaper answers with a document as a file.
func answerPaper(w http.ResponseWriter, doc report.Document, format report.Format, file string) error {
	var out bytes.Buffer
	err := format.Write(&out, doc)
	if errors.Is(err, report.ErrNoTables) {
		return kind.Errorf(kind.NotFound, "this report is all text and makes no workbook; ask for another format")
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", format.Media)
	w.Header().Set("Content-Disposition", `attachment; filename="`+file+`"`)
	_, _ = w.Write(out.Bytes()) // the reader has gone: nobody is left to tell
	return nil
}

// paperOf answers with the report on one record.
func (a *api) paperOf(k *kind.Kind, format report.Format) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := params(r); err != nil {
			return err
		}
		rec, err := a.App.Get(r.Context(), k, r.PathValue("id"))
		if err != nil {
			return err
		}
		if a.PaperOf == nil {
			return kind.Errorf(kind.NotFound, "no reports are made here")
		}
		doc, err := a.PaperOf(r.Context(), k, rec.GetBase().ID)
		if err != nil {
			return err
		}
		return answerPaper(w, doc, format, k.Name+"-"+kind.Slug(rec.GetBase().Key)+format.Ending)
	}
}

// addPaperPaths describes the reports on one record.
func addPaperPaths(paths object) {
	for _, k := range reported {
		for _, f := range report.Formats() {
			media, _, _ := strings.Cut(f.Media, ";")
			paths["/"+k.Plural+"/{id}/report"+f.Ending] = object{"parameters": []object{param("id")},
				"get": op("areas", "reportOn"+camel(k.Name)+camel(f.Ending[1:]), "The report on one "+strings.ToLower(k.Label)+" as "+f.Name, nil, nil, fileResponse(media))}
		}
	}
}

// reported are the kinds with a report on one record.
var reported = []*kind.Kind{isms.Incidents, isms.Exercises}

// packFile is the audit pack among the reports.
const packFile = "audit-pack.zip"

// pack answers with everything an auditor asks for, in one archive.
func (a *api) pack(w http.ResponseWriter, r *http.Request) error {
	var out bytes.Buffer
	if err := a.Pack(r.Context(), &out); err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaZIP)
	w.Header().Set("Content-Disposition", `attachment; filename="`+packFile+`"`)
	_, _ = w.Write(out.Bytes()) // the reader has gone: nobody is left to tell
	return nil
}

// endings are the formats in words: ".pdf, .html, .docx or .xlsx".
func endings() string {
	var list []string
	for _, f := range report.Formats() {
		list = append(list, f.Ending)
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " or " + list[last]
}

func (a *api) reportNames() []string {
	var names []string
	for _, p := range a.papers() {
		names = append(names, p.Name)
	}
	return names
}
