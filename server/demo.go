package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/catalog"
	"holdfast/engine"
	"holdfast/feed"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port"
	"holdfast/web"
)

// Demo runs the product with a sample organisation in a temporary folder, which is
// removed at the end, and looks at the machine that it runs on. Whoever opens the
// printed link is signed in.
func Demo(ctx context.Context, o Options) error {
	if o.Data == "" {
		dir, err := os.MkdirTemp("", "holdfast-demo-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir) //nolint:errcheck // what is left lies in the temporary folder
		o.Data = dir
	}
	var err error
	if o.demo, err = demoAccount(); err != nil {
		return err
	}
	l, err := Open(ctx, o.Place)
	if err != nil {
		return err
	}
	l.quiet = true
	if err := sampleNeighbour(ctx, o.Place); err != nil {
		return errors.Join(fmt.Errorf("sample neighbour: %w", err), l.Close())
	}
	return errors.Join(l.serve(ctx, o, l.demonstrate), l.Close())
}

// demoAccount makes the account as which the demo is entered, with a password and
// a link that nobody can guess.
func demoAccount() (web.Demo, error) {
	d := web.Demo{Email: "demo@example.org"}
	var err error
	if d.Password, err = access.NewSecret(); err != nil {
		return d, err
	}
	d.Secret, err = access.NewSecret()
	return d, err
}

// demonstrate fills an empty installation with the sample, then starts the scan.
func (l *Local) demonstrate(ctx context.Context, o Options, url string) error {
	spaces, err := l.App.Workspaces(ctx)
	if err != nil {
		return err
	}
	if len(spaces) > 0 {
		return l.welcome(ctx, o, url)
	}
	fmt.Fprintln(o.Out, "Preparing the sample organisation …")
	who, err := l.LoadSample(ctx, app.First{Name: "Demo", Email: o.demo.Email, Password: o.demo.Password})
	if err != nil {
		return fmt.Errorf("sample organisation: %w", err)
	}
	machine := access.With(ctx, access.Actor{Name: "Sample", Workspace: who.Workspace, Machine: true, Via: "import"})
	if _, err := l.Detection.AdoptRules(machine, isms.RuleActive); err != nil {
		return fmt.Errorf("sample rules: %w", err)
	}
	if err := l.sampleEvents(ctx, who.Workspace); err != nil {
		return fmt.Errorf("sample events: %w", err)
	}
	go l.goOnWithSampleEvents(ctx, who.Workspace, logger(o.Log))
	if o.Advisories != "" {
		idx, err := feed.Load(ctx, o.Advisories, nil)
		if err != nil {
			return err
		}
		l.UseAdvisories(idx)
	}
	if err := l.startDemoJobs(ctx, who, o.Advisories == ""); err != nil {
		return err
	}
	link := url + "/demo/" + o.demo.Secret
	fmt.Fprintf(o.Out, "\nHoldfast is running with sample data. Open:\n\n  %s\n\nIt is looking at this machine now. Everything is gone when you stop it (Ctrl-C).\n", link)
	return openBrowser(ctx, o, link)
}

func (l *Local) startDemoJobs(ctx context.Context, who access.Actor, fetch bool) error {
	machine := access.With(ctx, access.Actor{Name: "holdfast", Workspace: who.Workspace, Machine: true, Via: "flow"})
	if _, err := l.App.Enqueue(machine, app.Request{Name: JobSample, Title: "Adopt the frameworks of the sample", Once: "sample"}); err != nil {
		return err
	}
	if _, err := l.App.Enqueue(machine, app.Request{Name: JobScanHost, Title: "Look at this machine", Once: "host"}); err != nil {
		return err
	}
	if _, err := l.App.Enqueue(machine, app.Request{Name: JobGovern, Title: "Take the readings of the day and hold the roadmap against reality", Once: "govern"}); err != nil {
		return err
	}
	if _, err := l.FetchIndicators(machine, sampleFeed); err != nil && kind.CodeOf(err) != kind.NotFound { // somebody named other sources
		return err
	}
	if !fetch {
		return nil
	}
	_, err := l.App.Enqueue(machine, app.Request{Name: JobFeed, Title: "Fetch advisories", Once: "feed"})
	return err
}

// sampleTitle is what the workspace of the sample organisation is called.
const sampleTitle = "Fernhill Health Software (sample)"

// LoadSample makes the workspace of the sample organisation with its first
// administrator, and returns who that is.
func (l *Local) LoadSample(ctx context.Context, first app.First) (access.Actor, error) {
	docs, err := sampleDocs(l.App.Now())
	if err != nil {
		return access.Actor{}, err
	}
	var who access.Actor
	who, err = l.App.Found(ctx, sampleTitle, first)
	if err != nil {
		return who, err
	}
	machine := access.With(ctx, access.Actor{Name: "Sample", Workspace: who.Workspace, Machine: true, Via: "import"})
	if _, err := port.Import(machine, l.App, docs, port.Options{Now: l.App.Now(), Reason: "sample organisation"}); err != nil {
		return who, err
	}
	if err := l.Flow.Checks(machine, flow.KnownChecks()); err != nil {
		return who, err
	}
	if err := l.sampleTraps(machine); err != nil {
		return who, err
	}
	if err := l.priceAll(machine); err != nil {
		return who, err
	}
	return who, l.samplePlaybooks(machine)
}

// priceAll computes the figures of every risk that was imported.
func (l *Local) priceAll(ctx context.Context) error {
	risks, err := app.Of[isms.Risk](l.App, isms.Risks).All(ctx, kind.Query{})
	if err != nil {
		return err
	}
	return l.App.Atomic(ctx, func(ctx context.Context) error {
		for _, r := range risks {
			if err := l.Flow.Reprice(ctx, r.ID); err != nil {
				return fmt.Errorf("risk %s: %w", r.Key, err)
			}
		}
		return nil
	})
}

// sampleDocs reads the sample organisation out of the catalogue, as it stands now.
func sampleDocs(now time.Time) ([]port.Doc, error) {
	list, err := catalog.Sample(now)
	if err != nil {
		return nil, err
	}
	objects := make([]map[string]any, len(list))
	for i, d := range list {
		o := map[string]any{"kind": d.Kind, "key": d.Key}
		for name, value := range d.Fields {
			o[name] = value
		}
		if len(d.Links) > 0 {
			o["links"] = d.Links
		}
		objects[i] = o
	}
	text, err := json.Marshal(objects)
	if err != nil {
		return nil, err
	}
	return port.ReadJSON("sample", bytes.NewReader(text))
}

// look runs the engines over a target that was sent in.
func (l *Local) look(ctx context.Context, t *engine.Target) ([]engine.Run, error) {
	idx, err := l.Advisories()
	if err != nil {
		return nil, err
	}
	return flow.Look(ctx, t, idx, l.App.Now, nil), nil
}
