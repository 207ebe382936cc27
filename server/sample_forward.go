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

// sampleMark begins the files that the demo writes, so that it never writes over one of
// somebody else.
const sampleMark = "# Written by the demo, anew with each start.\n"

// sampleFeed is the source of indicators of the demo.
const sampleFeed = "Health sector list"

// sampleMarks is what the neighbour of the demo tells of attackers.
const sampleMarks = `type,value,title
domain,invoice-portal.example.net,Asks for passwords of mail accounts
domain,update-check.example.net,Called by a stealer of passwords
url,https://cdn-fonts.example.net/load.js,Skims payment pages
sha256,6f1ed002ab5595859014ebf0951522d9a3b1c6f0d3e5a7b9c1d3e5f7092b4d6f,Loader that arrives in invoices
`

// sampleNeighbour runs, until the context ends, a receiver of events on this machine that
// keeps nothing and a list of indicators, and names them in forward.yaml and
// indicators.yaml: there is something to see.
func sampleNeighbour(ctx context.Context, p Place) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Type", "text/csv")
			_, _ = io.WriteString(w, sampleMarks) // whoever asks may have left
			return
		}
		if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, 16<<20)); err == nil {
			w.WriteHeader(http.StatusNoContent)
		}
	})}
	go srv.Serve(listener) //nolint:errcheck // it ends with the demo
	context.AfterFunc(ctx, func() { srv.Close() })
	at, ours := "http://"+listener.Addr().String(), kind.Slug(sampleTitle)
	return errors.Join(
		writeSample(p.ForwardFile(), fmt.Sprintf("targets:\n  - {name: siem, workspace: %s, to: \"%s/ocsf\", form: lines}\n  - {name: on-call-archive, workspace: %[1]s, to: \"%[2]s/archive\", sources: [bastion-log, cloud-trail], min_severity: low}\n", ours, at)),
		writeSample(p.TellersFile(), fmt.Sprintf("sources:\n  - {name: %[3]s, kind: url, url: \"%[1]s/indicators.csv\", every: 6, severity: high, workspace: %[2]s, private: true}\n", at, ours, sampleFeed)),
	)
}

// writeSample writes a file of the demo, unless somebody else has written one.
func writeSample(file, text string) error {
	if data, err := os.ReadFile(file); err == nil && !bytes.HasPrefix(data, []byte(sampleMark)) {
		return nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(file, []byte(sampleMark+text), 0o600)
}
