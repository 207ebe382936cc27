package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"holdfast/eventstore/stream"
	"holdfast/watch"
)

// sharing is what a process does with events that several machines share.
type sharing struct {
	part *streamPart // nil: nothing
	err  error       // what is wrong with events.yaml: the server does not start, other commands do

	opening sync.Mutex // held while a stream is opened, which may take its time

	mu      sync.Mutex
	streams map[string]*stream.Stream // by workspace
	sent    map[string]published

	patience time.Duration // of detectors with each other; 0: the usual
}

// closeStreams ends the connections.
func (l *Local) closeStreams() error {
	l.sharing.mu.Lock()
	defer l.sharing.mu.Unlock()
	var all []error
	for _, s := range l.sharing.streams {
		all = append(all, s.Close())
	}
	l.sharing.streams = nil
	return errors.Join(all...)
}

// stream is that of a workspace, opened on first use. It connects again by itself.
func (l *Local) stream(ctx context.Context, workspace string) (*stream.Stream, error) {
	sh := &l.sharing
	sh.opening.Lock()
	defer sh.opening.Unlock()
	sh.mu.Lock()
	s := sh.streams[workspace]
	sh.mu.Unlock()
	if s != nil {
		return s, nil
	}
	cfg, err := sh.part.config(l.Place.Data, workspace, os.Getenv)
	if err != nil {
		return nil, err
	}
	if s, err = stream.Open(ctx, cfg); err != nil {
		return nil, err
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.streams == nil {
		sh.streams = map[string]*stream.Stream{}
	}
	sh.streams[workspace] = s
	return s, nil
}

// sharers are what this process does with the shared events of a workspace.
func (l *Local) sharers(workspace string, known *watch.Known, log *slog.Logger) (watchers []*watch.Watcher, others []func(context.Context), err error) {
	if l.sharing.part.Publish {
		events, err := l.Events(workspace)
		if err != nil {
			return nil, nil, err
		}
		receiver := &watch.Receiver{App: l.App, Detection: l.Detection, Workspace: workspace, Log: log}
		others = append(others, receiver.Run, func(ctx context.Context) { l.publish(ctx, workspace, events, log) })
	}
	if l.sharing.part.Detect {
		cfg := watch.Config{App: l.App, Detection: l.Detection, Workspace: workspace, Log: log, Shared: watch.Shared{
			Open: func(ctx context.Context) (*stream.Stream, error) { return l.stream(ctx, workspace) }, Name: hostName(), Patience: l.sharing.patience,
		}}
		watchers = append(watchers, watch.Correlate(cfg))
		cfg.Indicators = known
		watchers = append(watchers, watch.Share(cfg))
	}
	return watchers, others, nil
}

func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "a machine without a name"
	}
	return name
}

// detect looks at shared events until the context ends, and serves nobody.
func (l *Local) detect(ctx context.Context, o Options) error {
	fmt.Fprintln(o.Out, "Holdfast looks at events that other machines share. It serves no pages here.")
	l.watchEvents(ctx, logger(o.Log))
	return nil
}
