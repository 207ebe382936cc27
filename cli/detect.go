package cli

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"holdfast/engine/detect"
)

// A detecting is one run of the detection engine with its flags.
type detecting struct {
	rules, events, pipelines []string
	format, failOn           string
	anySource, skipBroken    bool
	quiet                    bool
	lateness                 time.Duration
}

func (c *cmdline) detect() *cobra.Command {
	d := detecting{format: "table"}
	cmd := &cobra.Command{
		Use: "detect", Short: "Find events that match Sigma rules", Args: slips(cobra.NoArgs),
		Long: `Match events with Sigma rules, correlations and filters, and say why each match is one.
Nothing is stored, no server is needed. Events are JSON: one on each line, one after
another, in arrays or in CloudTrail's envelope; packed with gzip or not. An event that
says what it is, such as a Windows event with its channel, is tried only with rules for
it; any other with all rules.`,
		Example: `  holdfast detect --rules sigma/rules --events events.json
  holdfast detect --rules rules.zip --events cloudtrail.json.gz -o json
  journalctl -o json | holdfast detect --rules sigma/rules/linux --events - --fail-on high`,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.runDetect(cmd.Context(), d) },
	}
	f := cmd.Flags()
	f.StringArrayVar(&d.rules, "rules", nil, "folder, archive or file of rules; may be given several times")
	f.StringArrayVar(&d.events, "events", nil, "file of events, - for standard input; may be given several times")
	f.StringArrayVar(&d.pipelines, "pipeline", nil, "file that maps fields of rules to those of the events; may be given several times")
	formatFlag(cmd, &d.format, "table, json")
	f.StringVar(&d.failOn, "fail-on", "", "exit with status 1 when a match is at least this bad: informational, low, medium, high, critical")
	f.BoolVar(&d.anySource, "any-source", false, "try every rule on every event, whatever log it is written for")
	f.BoolVar(&d.skipBroken, "skip-broken", false, "go on without rules and events that cannot be read")
	f.DurationVar(&d.lateness, "lateness", 10*time.Minute, "for correlations: how much later than its time an event may come")
	f.BoolVarP(&d.quiet, "quiet", "q", false, "no progress")
	return cmd
}

func (d *detecting) check() error {
	switch {
	case len(d.rules) == 0:
		return slipf("name the rules with --rules")
	case len(d.events) == 0:
		return slipf("name the events with --events; - is standard input")
	case d.failOn != "" && detect.Level(d.failOn).Rank() == 0:
		return slipf("--fail-on %s: choose informational, low, medium, high or critical", d.failOn)
	case !slices.Contains([]string{"table", "json"}, d.format):
		return badFormat(d.format, "table", "json")
	case d.lateness <= 0:
		return slipf("--lateness must be more than nothing")
	}
	return nil
}

func (c *cmdline) runDetect(ctx context.Context, d detecting) error {
	if err := d.check(); err != nil {
		return err
	}
	p := c.newProgress(d.quiet)
	defer p.end()
	e, err := c.compileRules(d, p)
	if err != nil {
		return err
	}
	run := &detectRun{c: c, d: d, p: p, engine: e, matcher: e.NewMatcher(), out: c.matchWriter(d.format)}
	run.correlator = e.NewCorrelator(detect.Limits{Lateness: d.lateness})
	if err := run.all(ctx); err != nil {
		return err
	}
	p.end()
	if err := run.out.end(e, run.events); err != nil {
		return err
	}
	if s := run.correlator.Stats(); s.TooLate+s.Evicted+s.Dropped > 0 {
		c.say("Correlations left out %d events that came too late (see --lateness), %d groups and %d matches for want of space.", s.TooLate, s.Evicted, s.Dropped)
	}
	if run.bad > 0 {
		c.say("%d parts of the files are no events and were left out.", run.bad)
	}
	if d.failOn != "" && run.worse > 0 {
		return &exit{Findings, fmt.Sprintf("%d of level %s or worse", run.worse, d.failOn)}
	}
	return nil
}

// compileRules reads and compiles what --rules and --pipeline name. One rule that
// cannot be used stops the run: to go on without it might miss what it is there for.
func (c *cmdline) compileRules(d detecting, p *progress) (*detect.Engine, error) {
	var o detect.Options
	o.AnySource = d.anySource
	for _, name := range d.pipelines {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		pipeline, err := detect.ParsePipeline(name, data)
		if err != nil {
			return nil, badInput{err}
		}
		o.Pipelines = append(o.Pipelines, pipeline)
	}
	all := &detect.Collection{}
	var problems []error
	for _, name := range d.rules {
		got, bad, err := readRules(name, p)
		if err != nil {
			return nil, err
		}
		all.Add(got)
		problems = append(problems, bad...)
	}
	e, bad := detect.Compile(all, o)
	problems = append(problems, bad...)
	if err := c.complain(problems, d.skipBroken); err != nil {
		return nil, err
	}
	if e.Rules() == 0 {
		return nil, badInput{fmt.Errorf("%s: no rules were found", strings.Join(d.rules, ", "))}
	}
	return e, nil
}

func readRules(name string, p *progress) (*detect.Collection, []error, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, err
	}
	if info.IsDir() {
		got, bad := detect.Load(os.DirFS(name), p.tell)
		return got, bad, nil
	}
	if ext := strings.ToLower(filepath.Ext(name)); ext == ".yml" || ext == ".yaml" {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, nil, err
		}
		got, err := detect.Parse(name, data)
		if err != nil {
			return &detect.Collection{}, []error{err}, nil
		}
		return got, nil, nil
	}
	z, err := zip.OpenReader(name)
	if err != nil {
		return nil, nil, badInput{fmt.Errorf("%s: neither a folder, nor a .yml file, nor a zip archive: %w", name, err)}
	}
	defer z.Close() //nolint:errcheck // it was only read
	got, bad := detect.Load(z, p.tell)
	return got, bad, nil
}

// complain names the rules that cannot be used.
func (c *cmdline) complain(problems []error, goOn bool) error {
	if len(problems) == 0 {
		return nil
	}
	const most = 20
	for _, err := range problems[:min(len(problems), most)] {
		c.say("%s", oneLine(err.Error()))
	}
	if len(problems) > most {
		c.say("… and %d more", len(problems)-most)
	}
	if goOn {
		c.say("%d rules were left out.", len(problems))
		return nil
	}
	return badInput{fmt.Errorf("%d rules cannot be used; mend them, or go on without them with --skip-broken", len(problems))}
}

// A detectRun is the way of the events through the engine.
type detectRun struct {
	c          *cmdline
	d          detecting
	p          *progress
	engine     *detect.Engine
	matcher    *detect.Matcher
	correlator *detect.Correlator
	out        matchWriter

	file               int // of d.events
	events, bad, worse int
}

// numbering: the name of an event for the correlator is its file and line.
const lineBits = 40

func (r *detectRun) all(ctx context.Context) error {
	for i, name := range r.d.events {
		r.file = i
		if err := r.readFile(ctx, name); err != nil {
			return err
		}
	}
	return r.correlated(r.correlator.Close())
}

func (r *detectRun) readFile(ctx context.Context, name string) error {
	in, shown := r.c.In, "standard input"
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close() //nolint:errcheck // it was only read
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return slipf("%s is a folder; name its files", name)
		}
		in, shown = f, name
	}
	s, err := detect.NewStream(shown, in)
	if err != nil {
		return badInput{err}
	}
	for n := 0; ; n++ {
		if n%1024 == 0 {
			r.p.tell("reading events of "+shown, int(s.Offset()>>10), 0)
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		event, err := s.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = r.event(shown, event)
		}
		if err := r.tolerate(err); err != nil {
			return err
		}
	}
}

// tolerate lets a bad event pass when that is wanted.
func (r *detectRun) tolerate(err error) error {
	var bad *detect.BadEvent
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &bad):
		return err
	case r.d.skipBroken:
		r.bad++
		return nil
	}
	return badInput{fmt.Errorf("%w; go on without such parts with --skip-broken", err)}
}

func (r *detectRun) event(file string, event detect.Event) error {
	matches, err := r.matcher.Match(event.JSON)
	if err != nil {
		return &detect.BadEvent{File: file, Line: event.Line, Err: err}
	}
	r.events++
	for _, m := range matches {
		if m.Silent {
			continue
		}
		r.judge(m.Rule.Level)
		at := eventAt{File: file, Line: event.Line, Offset: event.Offset, Data: raw(event.JSON)}
		if when, ok := r.matcher.Time(); ok {
			at.Time = &when
		}
		if err := r.out.match(detected{Rule: m.Rule.About, Event: &at, Reason: r.matcher.Reasons(m)}); err != nil {
			return err
		}
	}
	return r.correlated(r.correlator.Add(r.matcher, matches, int64(r.file)<<lineBits|int64(event.Line), time.Time{}))
}

func (r *detectRun) correlated(found []detect.Found) error {
	for _, f := range found {
		if f.Silent {
			continue
		}
		r.judge(f.Correlation.Level)
		d := detected{Rule: f.Correlation.About, Correlation: &correlated{string(f.Correlation.Type), f.Group, f.Count, f.First, f.Last, nil}}
		for _, n := range f.Events {
			d.Correlation.Events = append(d.Correlation.Events, eventAt{File: r.d.events[n>>lineBits], Line: int(n & (1<<lineBits - 1))})
		}
		if err := r.out.match(d); err != nil {
			return err
		}
	}
	return nil
}

func (r *detectRun) judge(l detect.Level) {
	if r.d.failOn != "" && l.Rank() >= detect.Level(r.d.failOn).Rank() {
		r.worse++
	}
}
