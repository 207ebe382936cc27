package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"holdfast/api"
	"holdfast/job"
	"holdfast/keep"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/pack"
	"holdfast/report/paper"
	"holdfast/web"
	"holdfast/web/page"
)

// Options say how to serve.
type Options struct {
	Place
	Listen     string // address, "127.0.0.1:8420"
	Advisories string // directory or zip to use instead of fetching; the demo only
	NoBrowser  bool
	Dev        bool // shows the gallery of components at /ui
	Traps      TrapPlace
	Keep       *keep.Store // where sockets outlive the process; nil: they end with it
	Secure     bool        // people reach it through TLS: cookies are marked, and browsers told to stay there
	Version    string
	demo       web.Demo  // the account of the demo
	Out        io.Writer // for people: the URL, and little else
	Log        *slog.Logger
}

// Serve runs the product until the context ends. On the first start it prints the
// one-time link by which the first administrator comes in.
func Serve(ctx context.Context, o Options) error {
	l, err := Open(ctx, o.Place)
	if err != nil {
		return err
	}
	if err := l.sharing.err; err != nil {
		return errors.Join(err, l.Close())
	}
	if l.sharing.part.detectsOnly() {
		return errors.Join(l.detect(ctx, o), l.Close())
	}
	return errors.Join(l.serve(ctx, o, l.welcome), l.Close())
}

// serve listens, starts the jobs, greets, and stops everything in order.
func (l *Local) serve(ctx context.Context, o Options, greet func(ctx context.Context, o Options, url string) error) error {
	log := logger(o.Log)
	name := "web/" + url.QueryEscape(o.Listen)
	listener, _, err := o.Keep.Listener(name, func() (net.Listener, error) { return net.Listen("tcp", o.Listen) })
	if err != nil {
		return fmt.Errorf("listen on %s: %w", o.Listen, err)
	}
	traps, err := l.newTrapHouse(ctx, o.Traps, "http://"+listener.Addr().String(), log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	sources, err := l.newSourceHouse(log, o.Keep)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	srv := &http.Server{
		Handler: l.handler(o, log, traps, sources.posts()), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute,
		WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var work sync.WaitGroup
	jobs := l.runner(log)
	work.Go(func() { jobs.Run(ctx, 2) })
	work.Go(func() { tidy(ctx, jobs) })
	work.Go(func() { l.keepTime(ctx, log) })
	work.Go(func() { l.tendEvents(ctx, log) })
	work.Go(func() { l.watchEvents(ctx, log) })
	work.Go(func() { l.forwardEvents(ctx, log) })
	work.Go(func() { l.copyEvents(ctx, log) })
	work.Go(func() { traps.run(ctx) })
	work.Go(func() { sources.run(ctx) })
	work.Go(func() { o.Keep.Watch(ctx, l.Store.Ping) })
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()

	if err = greet(ctx, o, "http://"+listener.Addr().String()); err == nil {
		o.Keep.Ready()
		select {
		case err = <-served:
		case <-ctx.Done():
		}
	}
	o.Keep.Stopping()
	stop()
	o.Keep.Drop(name)
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err = errors.Join(err, srv.Shutdown(grace))
	work.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// tidy gives memory back to the system that a scan or a report has used: the product
// is idle most of the day and should be small then.
func tidy(ctx context.Context, jobs *job.Runner) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if jobs.Idle() {
				debug.FreeOSMemory()
			}
		}
	}
}

// handler puts the surfaces on one address.
func (l *Local) handler(o Options, log *slog.Logger, traps, posts http.Handler) http.Handler {
	site := web.New(l.site(o, log))
	mux := http.NewServeMux()
	mux.Handle("/", site)
	mux.Handle(sharePath, traps)
	mux.Handle(intakePath, posts)
	mux.Handle("/api/v1/", api.New(api.Config{
		App: l.App, Flow: l.Flow, Response: l.Response, Detection: l.Detection, Log: log, Now: l.now, Version: o.Version, Session: site.Actor,
		Look: l.look, Reports: l.Reports, PaperOf: l.PaperOf, Events: l.Events, Pack: l.Pack(o.Version),
		Forward: l.ForwardOverview, TestForward: l.TestForward, Feeds: l.IndicatorFeeds, FetchFeed: l.FetchIndicators,
		EventReader: l.EventReader,
	}))
	mux.HandleFunc("GET /healthz", l.health)
	return mux
}

// health answers whether the product can do its work. It says nothing else.
func (l *Local) health(w http.ResponseWriter, r *http.Request) {
	if err := l.Store.Ping(r.Context()); err != nil {
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}

// Reports are the documents that can be made.
func (l *Local) Reports() []paper.Paper { return l.desk().Papers() }

// PaperOf is the report on one incident or exercise, by id or key.
func (l *Local) PaperOf(ctx context.Context, k *kind.Kind, id string) (report.Document, error) {
	return l.desk().Of(ctx, k, id)
}

// desk is where reports are made, with the templates and the brand of this place.
func (l *Local) desk() paper.Desk {
	return paper.Desk{App: l.App, Flow: l.Flow, Response: l.Response, Own: cmp.Or(l.Place.Templates, filepath.Join(l.Place.Data, "templates"))}
}

// Pack writes the audit pack.
func (l *Local) Pack(version string) func(context.Context, io.Writer) error {
	return func(ctx context.Context, w io.Writer) error {
		// Only what was uploaded in the workspace itself: an address can be typed.
		m := pack.Maker{Desk: l.desk(), Product: "Holdfast " + version, Open: l.Flow.OpenBlob}
		_, _, err := m.Write(ctx, w)
		return err
	}
}

func (l *Local) site(o Options, log *slog.Logger) web.Config {
	pages, details := page.All(page.Config{Flow: l.Flow, Response: l.Response, Detection: l.Detection, Reports: l.Reports, PaperOf: l.PaperOf, Pack: l.Pack(o.Version), Advisories: l.Advisories, ScanHost: l.askForScan, Watch: l.watchFigures, Events: l.Events,
		IndicatorFeeds: l.IndicatorFeeds, FetchFeed: l.FetchIndicators, Forward: l.ForwardOverview, TestForward: l.TestForward,
		EventReader: l.EventReader})
	return web.Config{
		App: l.App, Log: log, Now: l.now, Pages: pages, Details: details, Glossary: glossary{l}, Dev: o.Dev, Secure: o.Secure, Demo: o.demo,
	}
}

// glossary explains words from the shipped catalogue.
type glossary struct{ l *Local }

// Meaning of a word.
func (g glossary) Meaning(word string) (string, bool) {
	t, ok := g.l.Flow.Catalogue().Term(word)
	if !ok {
		return "", false
	}
	return t.Means, true
}

// welcome prints where the product is found. While it is empty, it prints the
// one-time link by which the first administrator comes in.
func (l *Local) welcome(ctx context.Context, o Options, url string) error {
	secret, err := l.App.SetupSecret(ctx)
	if err != nil {
		return err
	}
	if secret == "" {
		fmt.Fprintf(o.Out, "Holdfast is running at %s\n", url)
		return nil
	}
	link := url + "/setup?link=" + secret
	fmt.Fprintf(o.Out, "Holdfast is running. Open this link to set it up; it works once:\n\n  %s\n\n", link)
	return openBrowser(ctx, o, link)
}

// openBrowser shows the page where there is a desktop. That it cannot is no error.
func openBrowser(ctx context.Context, o Options, url string) error {
	if o.NoBrowser {
		return nil
	}
	path, err := exec.LookPath("xdg-open")
	if err != nil {
		return nil
	}
	cmd := exec.CommandContext(ctx, path, url)
	if err := cmd.Start(); err != nil {
		return nil
	}
	go cmd.Wait() //nolint:errcheck // the browser ends when it likes
	return nil
}
