// Package cli is the command line: commands for every kind of record, generated
// from its description, for scans, and for the care of an installation.
//
// Records are reached through the API alone: of a server over the network, or of a
// data folder on this machine without one (client.Local). So every command works
// in both places.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"holdfast/access"
	"holdfast/api/client"
	"holdfast/app"
	"holdfast/journal"
	"holdfast/kind"
	"holdfast/store"
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
	Listen     string
	Data       string // empty for a demo: a temporary folder
	Database   string // postgres:// URL; empty: SQLite in the data folder
	Advisories string // directory or archive to use instead of fetching; demo only
	Templates  string // folder of own templates of reports; empty: in the data folder
	NoBrowser  bool
	Keep       bool     // start the server again when it dies, and hold its sockets meanwhile
	Follow     []string // folders whose files may be followed, beside /var/log and the inbox
	Traps      TrapPlace
}

// Where says which local installation to open.
type Where struct {
	Data      string
	Database  string // postgres:// URL; empty: SQLite in the data folder
	Templates string // folder of own templates of reports; empty: in the data folder
}

// A Local is an installation opened in place, beside a server that may run.
type Local struct {
	App     *app.App
	Anchors []journal.Head                          // ends of chains that were written down outside the database
	API     func(actor access.Actor) client.Handler // package api with the actor as the session, and no limit of requests
	Doctor  func(ctx context.Context) ([]store.Problem, error)

	RotateFiles func(progress func(done int)) (int, error)
	SweepFiles  func(ctx context.Context) (int, error)

	Close func() error
}

// Exit statuses.
const (
	OK       = 0
	Findings = 1 // a scan found something at or above --fail-on
	Usage    = 2 // the command was written wrongly, or its input is not as it should be
	Failure  = 3 // something else went wrong, or verify or doctor found damage
)

// Run does what the arguments ask and returns the exit status. Results go to Out,
// progress and messages to Err.
func Run(ctx context.Context, d Deps) int {
	c := &cmdline{Deps: d}
	root := c.root()
	root.SetArgs(d.Args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return OK
	}
	var quit *exit
	if errors.As(err, &quit) {
		if quit.message != "" {
			fmt.Fprintln(d.Err, quit.message)
		}
		return quit.status
	}
	fmt.Fprintf(d.Err, "holdfast: %s\n", printable(err.Error()))
	status := statusOf(err)
	if status == Usage && cmd != nil && isSlip(err) {
		fmt.Fprintf(d.Err, "See: %s --help\n", cmd.CommandPath())
	}
	return status
}

// A cmdline is one call of the program.
type cmdline struct {
	Deps
	at connection
}

// An exit ends the program with a status that is no failure of a command.
type exit struct {
	status  int
	message string
}

func (e *exit) Error() string { return e.message }

// A slip is a command that was written wrongly.
type slip struct{ error }

func slipf(format string, args ...any) error { return slip{fmt.Errorf(format, args...)} }

func isSlip(err error) bool {
	var s slip
	return errors.As(err, &s)
}

// statusOf tells wrong input, which the caller can mend, from failure.
func statusOf(err error) int {
	var missing *fs.PathError
	var bad badInput
	switch {
	case isSlip(err), errors.As(err, &bad), errors.As(err, &missing) && errors.Is(err, fs.ErrNotExist):
		return Usage
	}
	if code := kind.CodeOf(err); code == kind.Invalid || code == kind.TooLarge {
		return Usage
	}
	return Failure
}

// slips makes every mistake that cobra finds in the arguments a slip.
func slips(args cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		if err := args(cmd, given); err != nil {
			return slip{err}
		}
		return nil
	}
}
