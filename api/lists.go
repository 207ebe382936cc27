package api

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"holdfast/api/client"
	"holdfast/journal"
	"holdfast/kind"
	"holdfast/port"
)

// list answers with a page of records, or with all that match, or the first
// page[limit] of them, as a file when the path ends in .csv, .xlsx, .json or .yaml.
func (a *api) list(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("plural")
	format := port.Format(strings.TrimPrefix(path.Ext(name), "."))
	k, err := a.plural(strings.TrimSuffix(name, path.Ext(name)))
	if err != nil {
		return err
	}
	q, err := a.query(r, k)
	if err != nil {
		return err
	}
	if format != "" {
		return a.download(w, r, k, q, format)
	}
	return a.answerList(w, r, k, q)
}

func (a *api) query(r *http.Request, k *kind.Kind) (kind.Query, error) {
	v, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return kind.Query{}, refuse(http.StatusBadRequest, string(kind.Invalid), titles[kind.Invalid], "the query of the address cannot be read: "+err.Error())
	}
	return kind.ParseQuery(k, v, "refs")
}

func (a *api) answerList(w http.ResponseWriter, r *http.Request, k *kind.Kind, q kind.Query) error {
	page, err := a.App.List(r.Context(), k, q)
	if err != nil {
		return err
	}
	data, err := a.encode(r.Context(), k, page.Records, r.URL.Query().Get("refs"))
	if err != nil {
		return err
	}
	if page.Next != "" {
		next := r.URL.Query()
		next.Set("page[cursor]", page.Next)
		w.Header().Set("Link", "<"+r.URL.EscapedPath()+"?"+next.Encode()+`>; rel="next"`)
	}
	return answer(w, http.StatusOK, client.ListOf(data, page.Next, page.Total))
}

// download writes all records that match as a file, page by page. What goes wrong
// after the first byte cuts the connection, so that no half file is taken for a
// whole one.
func (a *api) download(w http.ResponseWriter, r *http.Request, k *kind.Kind, q kind.Query, format port.Format) error {
	media := port.MediaTypes[format]
	if media == "" {
		return kind.Errorf(kind.NotFound, "%q is not a format; choose csv, xlsx, json or yaml", format)
	}
	if q.Cursor != "" || q.Count {
		return kind.Fieldf("page[cursor]", "a file holds all that match, or the first page[limit] of them; leave out page[cursor] and count")
	}
	late := &lateWriter{w: w, before: func() {
		w.Header().Set("Content-Type", media)
		w.Header().Set("Content-Disposition", `attachment; filename="`+k.Plural+"."+string(format)+`"`)
	}}
	_, err := port.Write(r.Context(), a.App, late, format, k, q)
	return late.end(r, a, err)
}

// A lateWriter sends the head of the answer with the first byte, so that an error
// before it can still become a problem.
type lateWriter struct {
	w      http.ResponseWriter
	before func()
	begun  bool
}

func (l *lateWriter) Write(p []byte) (int, error) {
	if !l.begun {
		l.begun = true
		l.before()
	}
	return l.w.Write(p)
}

func (l *lateWriter) end(r *http.Request, a *api, err error) error {
	if err == nil && !l.begun {
		l.before()
	}
	if err == nil || !l.begun {
		return err
	}
	a.Log.Error("api: a download broke off", "path", r.URL.Path, "error", err)
	panic(http.ErrAbortHandler)
}

// A window is a part of a list that is ordered by number.
type window struct {
	before int64
	limit  int
}

// readPage reads page[limit] and page[cursor] of a list of journal entries.
func readPage(r *http.Request) (window, error) {
	v, err := params(r, "page[limit]", "page[cursor]")
	if err != nil {
		return window{}, err
	}
	p := window{}
	if p.limit, err = number(v, "page[limit]", kind.DefaultLimit, kind.MaxLimit); err != nil {
		return p, err
	}
	before, err := number(v, "page[cursor]", 0, 1<<53)
	p.before = int64(before)
	return p, err
}

// answerEntries writes entries of the journal; the cursor is the number of the last.
func answerEntries(w http.ResponseWriter, list []journal.Entry, next int64) error {
	cursor := ""
	if next > 0 {
		cursor = kind.Itoa(next)
	}
	return answer(w, http.StatusOK, client.ListOf(list, cursor, -1))
}

// nextEntry is the cursor behind a full page of entries; 0 behind the last.
func nextEntry(list []journal.Entry, limit int) int64 {
	if len(list) < limit || list[len(list)-1].Seq <= 1 {
		return 0
	}
	return list[len(list)-1].Seq
}
