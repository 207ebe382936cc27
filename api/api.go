// Package api is JSON over HTTP for every kind of record, generated from its
// description, and for what the pipeline knows: scans, risks and reports.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine"
	"holdfast/flow"
	"holdfast/report"
)

// A Config says what the API serves.
type Config struct {
	App     *app.App
	Flow    *flow.Flow   // scans, why, what-if and the portfolio
	Log     *slog.Logger // errors that are our fault
	Now     func() time.Time
	Version string // of the program, for the OpenAPI document

	// Session returns who the cookie of a request belongs to; nil: only tokens.
	Session func(*http.Request) (access.Actor, error)

	// Engines look at an uploaded bill of materials; nil: none do.
	Engines func() []engine.Engine

	// Reports are the documents that can be downloaded, by name: "risk".
	Reports map[string]func(context.Context) (report.Document, error)

	PerMinute int // requests a minute and caller; 0: 600
}

// New returns the handler. It serves paths that begin with /api/v1.
func New(c Config) http.Handler { return http.NotFoundHandler() }
