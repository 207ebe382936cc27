// Package api is JSON over HTTP for every kind of record, generated from its
// description, and for what the pipeline knows: scans, risks and reports.
//
// How to read it: routes.go lists every route; serve.go is what happens to each
// request before and after its handler; records.go serves records, links.go their
// links, lists.go lists and downloads, areas.go and risk.go the rest; openapi.go
// writes the description of it all from the same kinds.
package api

import (
	"context"
	"io"
	"log/slog"
	"math"
	"net/http"
	"sync"
	"time"

	"holdfast/access"
	"holdfast/api/client"
	"holdfast/app"
	"holdfast/engine"
	"holdfast/eventstore"
	"holdfast/feed"
	"holdfast/flow"
	"holdfast/flow/detection"
	"holdfast/flow/response"
	"holdfast/forward"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/paper"
)

// A Config says what the API serves.
type Config struct {
	App       *app.App
	Flow      *flow.Flow // scans, why, what-if and the portfolio
	Response  *response.Flow
	Detection *detection.Flow
	Log       *slog.Logger
	Now       func() time.Time
	Version   string // of the program, for the OpenAPI document

	// Session returns who the cookie of a request belongs to; an error means nobody.
	// Nil: only tokens open the door.
	Session func(*http.Request) (access.Actor, error)

	// Look runs the engines over an uploaded bill of materials; nil: none are taken.
	Look func(ctx context.Context, t *engine.Target) ([]engine.Run, error)

	// Reports lists the documents that can be downloaded.
	Reports func() []paper.Paper
	// PaperOf makes the report on one incident or exercise; nil: none can be made.
	PaperOf func(ctx context.Context, k *kind.Kind, id string) (report.Document, error)
	// Events are the lines that sources send, by workspace; nil: none are kept.
	Events func(workspace string) (*eventstore.Store, error)
	// EventReader is what is searched, where that is more than Events; nil: Events.
	EventReader func(workspace string) (eventstore.Reader, error)

	// Forward tells how the systems go that events are handed on to, and TestForward sends
	// one of them a test event; nil: none are.
	Forward     func(context.Context) (forward.Overview, error)
	TestForward func(ctx context.Context, target string) error

	// Feeds tells how the servers go that indicators of compromise are fetched from, and
	// FetchFeed asks one of them now; nil: none are.
	Feeds     func(context.Context) ([]feed.TellerState, error)
	FetchFeed func(ctx context.Context, name string) (job string, err error)

	// Pack writes the audit pack; nil: none can be made.
	Pack func(context.Context, io.Writer) error

	// Areas are routes of other packages under /api/v1, by pattern, such as
	// "GET /traps/{id}/hits". They are served like our own: signed in, counted, and
	// their errors are problems.
	Areas map[string]func(w http.ResponseWriter, r *http.Request) error

	PerMinute int // requests a minute and caller; 0: 600
}

// Prefix is where the API lives.
const Prefix = client.Prefix

const usualPerMinute = 600

type api struct {
	Config
	reg    *kind.Registry
	limits *limiter
	cross  *http.CrossOriginProtection
	spec   func() []byte // the OpenAPI document, written when it is first asked for
}

// New returns the handler. It serves the paths that begin with Prefix.
func New(c Config) http.Handler {
	if c.PerMinute <= 0 {
		c.PerMinute = usualPerMinute
	}
	a := &api{Config: c, reg: c.App.Registry(), limits: newLimiter(c.PerMinute, c.Now), cross: http.NewCrossOriginProtection()}
	a.spec = sync.OnceValue(a.openAPI)
	mux := http.NewServeMux()
	a.routes(mux)
	return a.guard(mux)
}

// Operator returns the API as one actor sees it who needs no sign-in and meets no
// limit: for the command line on a data folder, never for a network.
func Operator(c Config, actor access.Actor) http.Handler {
	c.PerMinute = math.MaxInt32
	c.Session = func(*http.Request) (access.Actor, error) { return actor, nil }
	return New(c)
}
