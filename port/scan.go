package port

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"holdfast/engine"
	"holdfast/kind"
)

// ScanForm is the name of the form of a Scan, which its first member tells.
const ScanForm = "holdfast-scan/1"

// A Scan is everything that was seen on one target: what "holdfast scan -o json"
// prints and the API takes in. Findings are what a person or a pipeline looks at;
// Engines hold the whole of the facts, from which a server draws its conclusions.
type Scan struct {
	Form       string           `json:"form"`
	Target     ScanTarget       `json:"target"`
	Inventory  ScanInventory    `json:"inventory"`
	Findings   []ScanFinding    `json:"findings"`
	Engines    []ScanEngine     `json:"engines"`
	Advisories ScanAdvisories   `json:"advisories"`
	Packages   []engine.Package `json:"packages"`
}

// ScanTarget is what was looked at, and when.
type ScanTarget struct {
	Kind engine.TargetKind `json:"kind"`
	Name string            `json:"name"`
	At   time.Time         `json:"at"`
	Host engine.HostFacts  `json:"host"`
}

// ScanInventory sums up the software. Problems are what could not be read.
type ScanInventory struct {
	Packages   int              `json:"packages"`
	Ecosystems map[string]int   `json:"ecosystems"`
	Problems   []engine.Problem `json:"problems"`
}

// ScanAdvisories are what the software was compared with.
type ScanAdvisories struct {
	Loaded int       `json:"loaded"`
	Newest time.Time `json:"newest,omitzero"`
}

// A ScanFinding is one weakness in short.
type ScanFinding struct {
	Engine    string          `json:"engine"`
	Check     string          `json:"check"` // id of the check or the advisory
	Severity  engine.Severity `json:"severity"`
	Title     string          `json:"title"`
	Subject   string          `json:"subject,omitempty"`
	Package   string          `json:"package,omitempty"`
	Installed string          `json:"installed,omitempty"`
	FixedIn   string          `json:"fixed_in,omitempty"`
	Exploited bool            `json:"exploited,omitempty"` // known to be, by CISA's catalogue
	EPSS      float64         `json:"epss,omitempty"`
	Detail    string          `json:"detail,omitempty"`
}

// A ScanEngine is the run of one engine. With an error it resolves nothing.
type ScanEngine struct {
	Name         string               `json:"name"`
	Error        string               `json:"error,omitempty"`
	Started      time.Time            `json:"started"`
	Finished     time.Time            `json:"finished"`
	Observations []engine.Observation `json:"observations"`
}

// NewScan makes the document of what engines saw.
func NewScan(t *engine.Target, runs []engine.Run, adv ScanAdvisories) *Scan {
	s := &Scan{
		Form: ScanForm, Target: ScanTarget{Kind: t.Kind, Name: t.Name, At: t.Now}, Advisories: adv,
		Inventory: ScanInventory{Ecosystems: map[string]int{}, Problems: []engine.Problem{}},
		Findings:  []ScanFinding{}, Engines: []ScanEngine{}, Packages: []engine.Package{},
	}
	if t.Inventory != nil {
		s.takeInventory(t.Inventory)
	}
	for _, run := range runs {
		e := ScanEngine{Name: run.Engine, Started: run.Started, Finished: run.Finished, Observations: run.Observations}
		if run.Err != nil {
			e.Error = run.Err.Error()
		}
		s.Engines = append(s.Engines, e)
		for _, o := range run.Observations {
			if o.Outcome == engine.Fail {
				s.Findings = append(s.Findings, short(o))
			}
		}
	}
	slices.SortStableFunc(s.Findings, func(a, b ScanFinding) int {
		return cmp.Or(cmp.Compare(b.Severity.Rank(), a.Severity.Rank()), boolCompare(b.Exploited, a.Exploited), cmp.Compare(b.EPSS, a.EPSS),
			cmp.Compare(a.Package, b.Package), cmp.Compare(a.Check, b.Check), cmp.Compare(a.Subject, b.Subject))
	})
	return s
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func (s *Scan) takeInventory(inv *engine.Inventory) {
	s.Target.Host = inv.Host
	s.Packages = append(s.Packages, inv.Packages...)
	s.Inventory.Packages = len(inv.Packages)
	s.Inventory.Problems = append(s.Inventory.Problems, inv.Problems...)
	for _, p := range inv.Packages {
		s.Inventory.Ecosystems[cmp.Or(p.Ecosystem, "unknown")]++
	}
}

func short(o engine.Observation) ScanFinding {
	f := ScanFinding{Engine: o.Engine, Check: o.Check, Severity: o.Severity, Title: o.Title, Subject: o.Subject, FixedIn: o.FixedIn, Detail: o.Detail}
	if o.Package != nil {
		f.Package, f.Installed = o.Package.AdvisoryName(), o.Package.AdvisoryVersion()
	}
	if o.Advisory != nil {
		f.Exploited, f.EPSS = o.Advisory.KEV, o.Advisory.EPSS
	}
	return f
}

// WriteCSV writes the findings as a table, one row each.
func (s *Scan) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"severity", "check", "engine", "package", "installed", "fixed_in", "subject", "exploited", "epss", "title", "detail"}}
	for _, f := range s.Findings {
		row := []string{string(f.Severity), f.Check, f.Engine, f.Package, f.Installed, f.FixedIn, f.Subject,
			strconv.FormatBool(f.Exploited), strconv.FormatFloat(f.EPSS, 'f', -1, 64), f.Title, f.Detail}
		for i := range row {
			row[i] = guard(row[i])
		}
		rows = append(rows, row)
	}
	return out.WriteAll(rows)
}

// Worst is the highest severity among the findings; empty when there are none.
func (s *Scan) Worst() engine.Severity {
	worst := engine.Severity("")
	for _, f := range s.Findings {
		if f.Severity.Rank() > worst.Rank() {
			worst = f.Severity
		}
	}
	return worst
}

// Limits of a scan that is taken in.
const (
	maxScan         = 256 << 20
	maxPackages     = 500_000
	maxObservations = 500_000
	maxClockError   = 10 * time.Minute
)

// ReadScan reads the document that NewScan made, as the target and the runs that it
// was made of. A scan of the future is refused: evidence with its date would prove
// nothing.
func ReadScan(name string, r io.Reader, now time.Time) (*engine.Target, []engine.Run, error) {
	in := &bounded{r: r, left: maxScan, name: name}
	var s Scan
	if err := json.NewDecoder(in).Decode(&s); err != nil {
		return nil, nil, explainScan(name, err)
	}
	if err := s.check(now); err != nil {
		return nil, nil, kind.Errorf(kind.Invalid, "%s: %w", name, err)
	}
	t := &engine.Target{Kind: s.Target.Kind, Name: s.Target.Name, Now: s.Target.At,
		Inventory: &engine.Inventory{Host: s.Target.Host, Packages: s.Packages, Problems: s.Inventory.Problems}}
	var runs []engine.Run
	for _, e := range s.Engines {
		run := engine.Run{Engine: e.Name, Target: t.Name, Started: e.Started, Finished: e.Finished, Observations: e.Observations}
		if e.Error != "" {
			run.Err = errors.New(e.Error)
		}
		runs = append(runs, run)
	}
	return t, runs, nil
}

func explainScan(name string, err error) error {
	var known *kind.Error
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return kind.Errorf(kind.Invalid, "%s: ends in the middle of the JSON: it was cut off", name)
	}
	return kind.Errorf(kind.Invalid, "%s: is not the result of a scan (holdfast scan … -o json): %w", name, err)
}

func (s *Scan) check(now time.Time) error {
	switch {
	case s.Form != ScanForm:
		return fmt.Errorf("form is %q, expected %q: make it with holdfast scan … -o json", s.Form, ScanForm)
	case !slices.Contains([]engine.TargetKind{engine.Host, engine.Root, engine.SBOM}, s.Target.Kind):
		return fmt.Errorf("target.kind %q is none of host, root, sbom", s.Target.Kind)
	case s.Target.Name == "" || len(s.Target.Name) > kind.MaxText:
		return fmt.Errorf("target.name is empty or too long")
	case s.Target.At.IsZero():
		return fmt.Errorf("target.at is missing: when was it scanned?")
	case s.Target.At.After(now.Add(maxClockError)):
		return fmt.Errorf("target.at %s lies in the future: is the clock of the scanned machine right?", s.Target.At.Format(time.RFC3339))
	case len(s.Packages) > maxPackages:
		return fmt.Errorf("more than %d packages", maxPackages)
	}
	for i, e := range s.Engines {
		if err := e.check(now); err != nil {
			return fmt.Errorf("engines[%d].%w", i, err)
		}
	}
	return nil
}

var outcomes = []engine.Outcome{engine.Pass, engine.Fail, engine.NotApplicable, engine.Unknown}

func (e ScanEngine) check(now time.Time) error {
	switch {
	case e.Name == "" || len(e.Name) > 100:
		return fmt.Errorf("name is empty or too long")
	case e.Finished.After(now.Add(maxClockError)):
		return fmt.Errorf("finished lies in the future")
	case len(e.Observations) > maxObservations:
		return fmt.Errorf("observations are more than %d", maxObservations)
	}
	for i, o := range e.Observations {
		switch {
		case o.Engine != e.Name:
			return fmt.Errorf("observations[%d].engine %q is not %q", i, o.Engine, e.Name)
		case o.Check == "" || o.Title == "":
			return fmt.Errorf("observations[%d] has no check or no title", i)
		case !slices.Contains(outcomes, o.Outcome):
			return fmt.Errorf("observations[%d].outcome %q is none of pass, fail, not_applicable, unknown", i, o.Outcome)
		case o.Outcome == engine.Fail && o.Severity.Rank() < 0:
			return fmt.Errorf("observations[%d].severity %q is none of none, low, medium, high, critical", i, o.Severity)
		}
	}
	return nil
}
