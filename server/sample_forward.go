package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"

	"holdfast/kind"
)

// sampleForwardMark begins the file that the demo writes, so that it never writes over
// one of somebody else.
const sampleForwardMark = "# Written by the demo, anew with each start.\n"

// sampleForward runs a receiver of events on this machine until the context ends, which
// keeps nothing, and names it in forward.yaml: there is something to see.
func sampleForward(ctx context.Context, p Place) error {
	file := p.ForwardFile()
	if data, err := os.ReadFile(file); err == nil && !bytes.HasPrefix(data, []byte(sampleForwardMark)) {
		return nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, 16<<20)); err == nil {
			w.WriteHeader(http.StatusNoContent)
		}
	})}
	go srv.Serve(listener) //nolint:errcheck // it ends with the demo
	context.AfterFunc(ctx, func() { srv.Close() })
	text := fmt.Sprintf("%stargets:\n  - {name: siem, workspace: %s, to: \"http://%s/ocsf\", form: lines}\n  - {name: on-call-archive, workspace: %[2]s, to: \"http://%[3]s/archive\", sources: [bastion-log, cloud-trail], min_severity: low}\n",
		sampleForwardMark, kind.Slug(sampleTitle), listener.Addr())
	return os.WriteFile(file, []byte(text), 0o600)
}
