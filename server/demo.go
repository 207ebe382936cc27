package server

import (
	"context"
	"errors"
	"fmt"
	"os"

	"holdfast/access"
	"holdfast/app"
	"holdfast/catalog"
	"holdfast/engine"
	"holdfast/feed"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port"
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
	l, err := Open(ctx, o.Place)
	if err != nil {
		return err
	}
	return errors.Join(l.serve(ctx, o, l.demonstrate), l.Close())
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
	who, err := l.LoadSample(ctx)
	if err != nil {
		return fmt.Errorf("sample organisation: %w", err)
	}
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
	link, err := l.link(ctx, who, url)
	if err != nil {
		return err
	}
	fmt.Fprintf(o.Out, "\nHoldfast is running with sample data. Open:\n\n  %s\n\nIt is looking at this machine now. Everything is gone when you stop it (Ctrl-C).\n", link)
	return openBrowser(ctx, o, link)
}

func (l *Local) startDemoJobs(ctx context.Context, who access.Actor, fetch bool) error {
	machine := access.With(ctx, access.Actor{Name: "holdfast", Workspace: who.Workspace, Machine: true, Via: "flow"})
	if _, err := l.App.Enqueue(machine, app.Request{Name: JobScanHost, Title: "Look at this machine", Once: "host"}); err != nil {
		return err
	}
	if !fetch {
		return nil
	}
	_, err := l.App.Enqueue(machine, app.Request{Name: JobFeed, Title: "Fetch advisories", Once: "feed"})
	return err
}

// LoadSample makes the workspace of the sample organisation and returns the person
// as whom the demo is entered: its security lead, with every right.
func (l *Local) LoadSample(ctx context.Context) (access.Actor, error) {
	docs, err := sampleDocs()
	if err != nil {
		return access.Actor{}, err
	}
	var who access.Actor
	who, err = l.App.Found(ctx, "Lindenhof Health Software (sample)", app.First{Name: "Demo", Email: "demo@example.org"})
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
	return who, l.priceAll(machine)
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

// sampleDocs reads the sample organisation out of the catalogue.
func sampleDocs() ([]port.Doc, error) {
	var docs []port.Doc
	files, err := catalog.Sample()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		list, err := port.ReadYAML(f.Name, f.Data)
		if err != nil {
			return nil, err
		}
		docs = append(docs, list...)
	}
	return docs, nil
}

// look runs the engines over a target that was sent in.
func (l *Local) look(ctx context.Context, t *engine.Target) ([]engine.Run, error) {
	idx, err := l.Advisories()
	if err != nil {
		return nil, err
	}
	return flow.Look(ctx, t, idx, l.App.Now, nil), nil
}
