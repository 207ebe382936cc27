// Package cli is the command line: commands for every kind of record, generated
// from its description, for scans, and for the care of an installation. It works on
// a local data folder or on a server.
package cli

import (
	"context"
	"io"
	"net/http"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/journal"
)

// Deps are what the command line is given by main.
type Deps struct {
	Args     []string            // without the name of the program
	Env      func(string) string // os.Getenv
	In       io.Reader
	Out, Err io.Writer
	Terminal bool // Err is a terminal: progress may be drawn
	Now      func() time.Time
	User     string // name of the user of the system, for the journal
	Version  string

	Serve func(ctx context.Context, o ServeOptions) error
	Demo  func(ctx context.Context, o ServeOptions) error
	Open  func(ctx context.Context, w Where) (*Local, error)
}

// ServeOptions are the flags of serve and demo.
type ServeOptions struct {
	Listen    string
	Data      string
	Database  string // postgres:// URL; empty: SQLite in the data folder
	NoBrowser bool
}

// Where says which local installation to open.
type Where struct {
	Data     string
	Database string // postgres:// URL; empty: SQLite in the data folder
}

// A Local is an installation opened in place, beside a server that may run. Records
// are reached through the same API as on a server, without a network between.
type Local struct {
	App     *app.App
	Anchors []journal.Head                        // ends of chains that were written down outside the database
	API     func(actor access.Actor) http.Handler // package api, with the actor as the session, and no limit of requests
	Close   func() error
}

// Exit statuses.
const (
	OK       = 0
	Findings = 1 // a scan found something at or above --fail-on
	Usage    = 2 // the command was written wrongly, or the input is not as it should be
	Failure  = 3
)

// Run does what the arguments ask and returns the exit status. Results go to Out,
// progress and messages to Err.
func Run(ctx context.Context, d Deps) int { return OK }
