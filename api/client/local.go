package client

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// A Handler is an API in this program.
type Handler = http.Handler

// Local returns a client of an API in this program, without a network between.
func Local(h Handler) *Client {
	return &Client{base: &url.URL{Scheme: "http", Host: "localhost"}, http: &http.Client{Transport: inProcess{h}}}
}

// inProcess carries requests to a handler in this program, without a network. The
// body of the answer comes as it is written, so that an export of any size needs
// little memory.
type inProcess struct{ h http.Handler }

// RoundTrip implements http.RoundTripper.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	out, in := io.Pipe()
	w := &pipeWriter{header: http.Header{}, to: in, begun: make(chan struct{})}
	req := r.Clone(r.Context())
	req.RequestURI, req.RemoteAddr = r.URL.RequestURI(), "local"
	if req.Body == nil {
		req.Body = http.NoBody
	}
	go w.serve(t.h, req)
	select {
	case <-w.begun:
	case <-r.Context().Done():
		_ = out.CloseWithError(r.Context().Err())
		return nil, r.Context().Err()
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: out, ContentLength: -1, Request: r,
	}, nil
}

// A pipeWriter is the ResponseWriter at the other end.
type pipeWriter struct {
	header http.Header
	status int
	to     *io.PipeWriter
	begun  chan struct{}
}

func (w *pipeWriter) serve(h http.Handler, r *http.Request) {
	var end error
	defer func() {
		if p := recover(); p != nil {
			end = fmt.Errorf("the answer broke off: %v", p)
		}
		w.WriteHeader(http.StatusOK)
		_ = w.to.CloseWithError(end) // never fails
	}()
	h.ServeHTTP(w, r)
}

func (w *pipeWriter) Header() http.Header { return w.header }

// WriteHeader sends the head; only the first one counts.
func (w *pipeWriter) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status, w.header = status, w.header.Clone()
	close(w.begun)
}

func (w *pipeWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.to.Write(p)
}
