package api

import (
	"errors"
	"io"
	"net/http"
	"net/url"

	"holdfast/api/client"
	"holdfast/flow/detection"
	"holdfast/intake"
	"holdfast/isms"
	"holdfast/kind"
)

// sources lists where events come from, those that need somebody first.
func (a *api) sources(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	looks, err := a.Detection.Sources(r.Context())
	if err != nil {
		return err
	}
	list := []client.Source{}
	for _, l := range looks {
		list = append(list, sourceView(l))
	}
	return answer(w, http.StatusOK, client.ListOf(list, "", -1))
}

func sourceView(l detection.SourceLook) client.Source {
	s := l.Source
	at := l.At
	if at == "" {
		at = s.Address
	}
	return client.Source{ID: s.ID, Key: s.Key, Title: s.Title, Transport: string(s.Transport), Status: string(s.Status), At: at, LastSeen: l.LastSeen,
		Rates: l.Rates, LastDay: l.Today(), Dropped: l.Dropped(), Repeated: l.Live.Repeated, Refused: l.Live.Refused, Trouble: l.Live.Trouble, Running: l.Running, Kept: l.Live.Kept}
}

// connectSource makes a source and tells what to do on the other side, with the token.
func (a *api) connectSource(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in client.SourceRequest
	if err := decode(w, r, &in); err != nil {
		return err
	}
	src, token, err := a.Detection.ConnectSource(r.Context(), detection.SourceWish{Recipe: in.Recipe, Title: in.Title, AssetID: in.Asset, Senders: in.Senders, File: in.File})
	if err != nil {
		return err
	}
	return a.answerSource(w, r, http.StatusCreated, src, token)
}

func (a *api) answerSource(w http.ResponseWriter, r *http.Request, status int, src *isms.EventSource, token string) error {
	look, err := a.Detection.Source(r.Context(), src.ID)
	if err != nil {
		return err
	}
	g := a.Detection.GuideTo(look, baseOf(r), token)
	return answer(w, status, client.ConnectedSource{Source: sourceView(look), Token: token, URL: g.URL, Where: g.Recipe.Where, Text: g.Text, After: g.After})
}

// baseOf is the address under which the caller reached us.
func baseOf(r *http.Request) string {
	u := url.URL{Scheme: "http", Host: r.Host}
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		u.Scheme = "https"
	}
	return u.String()
}

// source answers with one source and what to do on the other side.
func (a *api) source(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	look, err := a.Detection.Source(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return a.answerSource(w, r, http.StatusOK, look.Source, "")
}

// sourceToken gives a source another token.
func (a *api) sourceToken(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	src, token, err := a.Detection.RenewSourceToken(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return a.answerSource(w, r, http.StatusOK, src, token)
}

// importEvents keeps what is handed over.
func (a *api) importEvents(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "key")
	if err != nil {
		return err
	}
	var body []byte
	in, err := intake.Unpack(http.MaxBytesReader(w, r.Body, intake.MaxPost), intake.MaxPost)
	if err == nil {
		body, err = io.ReadAll(in)
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large), errors.Is(err, intake.ErrTooLarge):
		return kind.Errorf(kind.TooLarge, "at most %d MB are taken at once; divide it", intake.MaxPost>>20)
	case err != nil:
		return kind.Errorf(kind.Invalid, "the body cannot be read: %w", err)
	}
	n, repeated, err := a.Detection.ImportEvents(r.Context(), r.PathValue("id"), v.Get("key"), body)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, client.TakenEvents{Kept: n, Repeated: repeated})
}

// sourceCertificate answers with how senders over TLS know us.
func (a *api) sourceCertificate(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	pem, print, err := a.Detection.SourceCertificate(r.Context())
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, client.SourceCertificate{PEM: pem, SHA256: print})
}

// renewCertificate makes another certificate.
func (a *api) renewCertificate(w http.ResponseWriter, r *http.Request) error {
	if _, err := a.Detection.RenewSourceCertificate(r.Context()); err != nil {
		return err
	}
	return a.sourceCertificate(w, r)
}

// addSourcePaths describes these operations.
func addSourcePaths(paths object) {
	str, integer, flag := object{"type": "string"}, object{"type": "integer"}, object{"type": "boolean"}
	source := shape("Where events come from, as it stands now.", object{"id": str, "key": str, "title": str, "transport": str, "status": str, "at": str, "last_seen": str,
		"rates": arrayOf(integer), "last_day": integer, "dropped": integer, "repeated": integer, "refused": integer, "trouble": str, "running": flag, "kept": flag})
	connected := shape("A source and what to do on the other side.", object{"source": source, "token": str, "url": str, "where": str, "text": str, "after": str})
	taken := shape("What became of events that were handed over.", object{"kept": integer, "repeated": flag})
	cert := shape("How senders over TLS know the server.", object{"pem": str, "sha256": str})
	id := object{"name": "id", "in": "path", "required": true, "schema": str}
	key := object{"name": "key", "in": "query", "description": "Recognises what is handed over again.", "schema": str}
	paths["/sources"] = object{
		"get": op("areas", "sources", "Where events come from, those that need somebody first", nil, nil, ok("200", "The sources.", listSchema(source))),
		"post": op("areas", "connectSource", "Connect a source; the token is told once", nil,
			jsonBody(shape("What to connect.", object{"recipe": str, "title": str, "asset": str, "senders": arrayOf(str), "file": str}), true), ok("201", "The source.", connected)),
	}
	paths["/sources/{id}"] = object{"get": op("areas", "source", "One source and what to do on the other side", []object{id}, nil, ok("200", "The source.", connected))}
	paths["/sources/{id}/token"] = object{"post": op("areas", "renewSourceToken", "Give a source another token", []object{id}, nil, ok("200", "The source.", connected))}
	paths["/sources/{id}/import"] = object{"post": op("areas", "importEvents", "Hand events over: lines or JSON, also packed with gzip or zstd", []object{id, key},
		object{"required": true, "content": object{"application/octet-stream": object{"schema": object{"type": "string", "format": "binary"}}}}, ok("200", "What was kept.", taken))}
	paths["/sources/certificate"] = object{
		"get":  op("areas", "sourceCertificate", "The certificate of syslog over TLS", nil, nil, ok("200", "The certificate.", cert)),
		"post": op("areas", "renewSourceCertificate", "Make another certificate of syslog over TLS", nil, nil, ok("200", "The certificate.", cert)),
	}
}
