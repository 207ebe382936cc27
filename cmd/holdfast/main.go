// Command holdfast is the whole product: the server, its demo, and the command line.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"os/user"
	"runtime/debug"
	"syscall"
	"time"

	"holdfast/access"
	"holdfast/api"
	"holdfast/api/client"
	"holdfast/cli"
	"holdfast/engine"
	"holdfast/flow"
	"holdfast/keep"
	"holdfast/server"

	"github.com/mattn/go-isatty"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return cli.Run(ctx, cli.Deps{
		Args: os.Args[1:], Env: os.Getenv, In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Terminal: isatty.IsTerminal(os.Stderr.Fd()),
		Now: time.Now, User: userName(), Version: version(),
		Serve: keepServing,
		Demo:  func(ctx context.Context, o cli.ServeOptions) error { return server.Demo(ctx, options(o)) },
		Open:  open,
	})
}

// keepServing runs the server, or the keeper that runs it.
func keepServing(ctx context.Context, o cli.ServeOptions) error {
	sockets := keep.FromEnvironment(time.Now)
	if !o.Keep || sockets.Able() {
		so := options(o)
		so.Keep = sockets
		return server.Serve(ctx, so)
	}
	if sockets != nil {
		return errors.New("the service manager waits for word of this process and keeps no sockets: set FileDescriptorStoreMax=4096 and Environment=FDSTORE=4096 in the unit, and leave out --keep")
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	return keep.Keeper{Program: program, Args: os.Args, Env: os.Environ(), Now: time.Now, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))}.Run(ctx)
}

func options(o cli.ServeOptions) server.Options {
	return server.Options{
		Place: server.Place{Data: o.Data, Database: o.Database, Templates: o.Templates, Follow: o.Follow}, Listen: o.Listen, Advisories: o.Advisories, NoBrowser: o.NoBrowser,
		Traps: server.TrapPlace(o.Traps),
		Dev:   os.Getenv("HOLDFAST_DEV") != "", Secure: os.Getenv("HOLDFAST_BEHIND_TLS") != "",
		Version: version(), Out: os.Stdout, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}
}

func open(ctx context.Context, w cli.Where) (*cli.Local, error) {
	place := server.Place{Data: w.Data, Database: w.Database, Templates: w.Templates}
	anchors, err := server.ReadAnchors(place)
	if err != nil {
		return nil, err
	}
	l, err := server.Open(ctx, place)
	if err != nil {
		return nil, err
	}
	return &cli.Local{App: l.App, Anchors: anchors, API: operate(l), Doctor: l.Doctor, RotateFiles: l.RotateFiles, SweepFiles: l.SweepFiles, Close: l.Close}, nil
}

// operate gives the command line the API of an installation on this machine.
func operate(l *server.Local) func(access.Actor) client.Handler {
	config := api.Config{
		App: l.App, Flow: l.Flow, Response: l.Response, Detection: l.Detection, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Now: time.Now, Version: version(), Reports: l.Reports, Events: l.Events, Pack: l.Pack(version()), PaperOf: l.PaperOf,
		Forward: l.ForwardOverview, TestForward: l.TestForward, Feeds: l.IndicatorFeeds, FetchFeed: l.FetchIndicators,
		Look: func(ctx context.Context, t *engine.Target) ([]engine.Run, error) {
			index, err := l.Advisories()
			if err != nil {
				return nil, err
			}
			return flow.Look(ctx, t, index, time.Now, nil), nil
		},
	}
	return func(actor access.Actor) client.Handler { return api.Operator(config, actor) }
}

func userName() string {
	u, err := user.Current()
	if err != nil {
		return "somebody"
	}
	return u.Username
}

// released is set by the linker for a release.
var released string

func version() string {
	if released != "" {
		return released
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
