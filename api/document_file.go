package api

import (
	"io"
	"mime"
	"net/http"

	"holdfast/api/client"
	"holdfast/blob"
	"holdfast/isms"
)

const mediaBytes = "application/octet-stream"

// putFile puts a file to a record: the body is the file, ?name= is what it is called.
func (a *api) putFile(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "name")
	if err != nil {
		return err
	}
	if _, err := mediaType(r, mediaBytes); err != nil {
		return err
	}
	f, err := a.Flow.AttachFile(r.Context(), r.PathValue("plural"), r.PathValue("id"), v.Get("name"), http.MaxBytesReader(w, r.Body, blob.MaxFile+1))
	if err != nil {
		return err
	}
	return answerFile(w, f)
}

// putDocument makes a file the text of a draft.
func (a *api) putDocument(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "name")
	if err != nil {
		return err
	}
	if _, err := mediaType(r, mediaBytes); err != nil {
		return err
	}
	_, f, err := a.Flow.AttachDocument(r.Context(), r.PathValue("id"), v.Get("name"), http.MaxBytesReader(w, r.Body, blob.MaxFile+1))
	if err != nil {
		return err
	}
	return answerFile(w, f)
}

func answerFile(w http.ResponseWriter, f *isms.Attachment) error {
	return answer(w, http.StatusOK, fileView(f))
}

func fileView(f *isms.Attachment) client.File {
	return client.File{ID: f.ID, Name: f.FileName, Media: f.MediaType, Size: f.Size, SHA256: f.SHA256, By: f.CreatedBy}
}

// files lists the files of a record.
func (a *api) files(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	found, err := a.Flow.FilesOf(r.Context(), r.PathValue("plural"), r.PathValue("id"))
	if err != nil {
		return err
	}
	list := []client.File{}
	for _, f := range found {
		list = append(list, fileView(f))
	}
	return answer(w, http.StatusOK, client.ListOf(list, "", -1))
}

// file answers the content of a file. No browser shows it as a page.
func (a *api) file(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	f, in, err := a.Flow.OpenFile(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	h := w.Header()
	h.Set("Content-Type", f.MediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.FileName}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	if _, err := io.Copy(w, in); err != nil {
		panic(http.ErrAbortHandler) // a file that broke off must not pass for a whole one
	}
	return nil
}

// addFilePaths describes the operations of this file.
func addFilePaths(paths object) {
	str := object{"type": "string"}
	plural := object{"name": "plural", "in": "path", "required": true, "description": "Kind of the record, as in the addresses of its list.", "schema": str}
	body := object{"required": true, "content": object{mediaBytes: object{}}}
	name := query("name", "What the file is called.", str)
	paths["/{plural}/{id}/files"] = object{"parameters": []object{plural, param("id")},
		"get":  op("areas", "listFiles", "The files of a record", nil, nil, ok("200", "Files.", ref("Files"))),
		"post": op("areas", "putFile", "Put a file to a record; its kind is recognised by what it holds", []object{name}, body, ok("200", "The file.", ref("File")))}
	paths["/document-versions/{id}/file"] = object{"parameters": []object{param("id")},
		"post": op("areas", "putDocumentFile", "Make an own file the text of a draft", []object{name}, body, ok("200", "The file.", ref("File")))}
	paths["/attachments/{id}/file"] = object{"parameters": []object{param("id")}, "get": op("areas", "getFile", "The content of a file", nil, nil, fileResponse(mediaBytes))}
}

func addFileSchemas(schemas object) {
	str := object{"type": "string"}
	schemas["File"] = shape("A file of a record.", object{"id": str, "name": str, "media": str, "size": object{"type": "integer"}, "sha256": str, "by": str})
	schemas["Files"] = listSchema(ref("File"))
}
