// Package engine is the contract between Holdfast and everything that looks at
// the world. An engine is pure: it is given a target and returns observations.
// It does not store, decide or change anything; package flow does that.
//
// The shared vocabulary of the engines lives here (Target, Inventory,
// Observation, Check), because engines are strangers to each other.
package engine

import (
	"context"
	"fmt"
	"time"
)

// Version of the observation contract. It is recorded with every run, so that a
// later reader knows by which rules the facts were written down.
const Version = 1

// An Engine looks at a target and tells what it saw.
type Engine interface {
	// Name is the stable name of the engine, "configcheck" for example. It is the
	// first part of every observation key and therefore never changes.
	Name() string

	// Observe looks at the target and returns every fact. It must not change the
	// target. An error means that the run failed as a whole: nothing may be
	// concluded from the absence of an observation. A fact that could not be
	// established on its own is an observation with outcome Unknown, not an error.
	Observe(ctx context.Context, t *Target) ([]Observation, error)
}

// An Outcome says what a check concluded about one subject.
type Outcome string

// The outcomes. Only Pass lets a finding resolve; only Fail opens one.
const (
	Pass          Outcome = "pass"
	Fail          Outcome = "fail"
	NotApplicable Outcome = "not_applicable" // what the check is about does not exist here
	Unknown       Outcome = "unknown"        // could not be established; Detail says why
)

// Severity is how bad a weakness is by itself, before anything is known of the
// asset it sits on. The words are those of CVSS.
type Severity string

// The severities, in the words of CVSS v3 and v4.
const (
	None     Severity = "none"
	Low      Severity = "low"
	Medium   Severity = "medium"
	High     Severity = "high"
	Critical Severity = "critical"
)

// Rank orders severities: None is 0, Critical is 4, an unknown word is -1.
func (s Severity) Rank() int {
	for i, v := range []Severity{None, Low, Medium, High, Critical} {
		if s == v {
			return i
		}
	}
	return -1
}

// An Observation is one raw fact: a check looked at a subject on a target and
// concluded an outcome. It carries what was seen, never advice: that belongs to
// the Check or Advisory it names.
type Observation struct {
	Engine  string  `json:"engine"`
	Check   string  `json:"check"`             // stable id of the check or advisory: "sshd-root-login", "CVE-2024-6387"
	Subject string  `json:"subject,omitempty"` // what on the target: a package, a file, a user; empty: the target itself
	Outcome Outcome `json:"outcome"`

	Title    string   `json:"title"`              // one sentence for people, without the name of the target
	Severity Severity `json:"severity,omitempty"` // of this fact; empty for Pass and NotApplicable
	Detail   string   `json:"detail,omitempty"`   // what was seen, where: "PermitRootLogin yes (/etc/ssh/sshd_config.d/10-a.conf:3)"
	Evidence []Seen   `json:"evidence,omitempty"`

	// The software facts, filled by vulnmatch.
	Package   *Package  `json:"package,omitempty"`
	FixedIn   string    `json:"fixed_in,omitempty"` // first version without the weakness; empty: no fix is known
	Advisory  *Advisory `json:"advisory,omitempty"`
	Principle string    `json:"principle,omitempty"` // disruption, compromise, detection or impact
}

// Key is stable over runs: the same weakness at the same place has the same key
// tomorrow. It does not contain the target; the finding adds the asset.
func (o Observation) Key() string {
	if o.Subject == "" {
		return o.Engine + "/" + o.Check
	}
	return o.Engine + "/" + o.Check + "/" + o.Subject
}

// Seen is where a fact was read: a file and the line or value in it.
type Seen struct {
	Path  string `json:"path"`
	Line  int    `json:"line,omitempty"`
	Value string `json:"value,omitempty"` // never a secret: password hashes and keys are left out by the engine
}

// A Check explains itself. Each engine that owns checks lists them, so that the
// catalogue, the docs and the UI can be made from the code beside the function.
type Check struct {
	ID             string   `json:"id"`
	Title          string   `json:"title"`           // the weakness in one sentence
	Why            string   `json:"why"`             // what an attacker gains, in plain words
	Fix            string   `json:"fix"`             // how to repair it, for people
	Remedy         string   `json:"remedy"`          // the same for a machine: shell lines, idempotent, run as root
	FalsePositives string   `json:"false_positives"` // when it is right to ignore this
	References     []string `json:"references"`
	Severity       Severity `json:"severity"`
	Principle      string   `json:"principle"`  // disruption, compromise, detection or impact
	CWE            string   `json:"cwe"`        // CWE id, "CWE-521"
	Techniques     []string `json:"techniques"` // MITRE ATT&CK ids that this weakness serves
	Topic          string   `json:"topic"`      // authentication, remote access, privilege, files, kernel, network, maintenance, monitoring, ...
}

// An Advisory is what is publicly known of a vulnerability in software.
type Advisory struct {
	ID        string    `json:"id"` // as published: "DSA-5724-1", "GHSA-…", "GO-2024-…"
	Aliases   []string  `json:"aliases,omitempty"`
	CVE       string    `json:"cve,omitempty"` // the first CVE id among id and aliases
	Summary   string    `json:"summary,omitempty"`
	Details   string    `json:"details,omitempty"`
	CWEs      []string  `json:"cwes,omitempty"`
	CVSS      string    `json:"cvss,omitempty"`  // the vector
	Score     float64   `json:"score,omitempty"` // base score of the vector, 0 to 10
	Severity  Severity  `json:"severity,omitempty"`
	EPSS      float64   `json:"epss,omitempty"` // probability of exploitation within 30 days, 0 to 1 (FIRST)
	KEV       bool      `json:"kev,omitempty"`  // in CISA's catalogue of known exploited vulnerabilities
	KEVDue    string    `json:"kev_due,omitempty"`
	Published time.Time `json:"published,omitzero"`
	Modified  time.Time `json:"modified,omitzero"`
	URLs      []string  `json:"urls,omitempty"`
}

// A Run is one engine over one target: what flow turns into findings.
type Run struct {
	Engine       string        `json:"engine"`
	Target       string        `json:"target"`
	Started      time.Time     `json:"started"`
	Finished     time.Time     `json:"finished"`
	Observations []Observation `json:"observations"`
	Err          error         `json:"-"` // set: the run failed and resolves nothing
}

// Progress is told about long work. Done and total are in units of the work;
// total 0 means unknown. It may be called from several goroutines.
type Progress func(step string, done, total int)

// RunAll runs each engine over the target, one after another, and returns one
// Run for each. It goes on after an engine that failed and stops only when the
// context ends. now is the clock.
func RunAll(ctx context.Context, engines []Engine, t *Target, now func() time.Time, tell Progress) []Run {
	runs := make([]Run, 0, len(engines))
	for i, e := range engines {
		if tell != nil {
			tell(e.Name(), i, len(engines))
		}
		run := Run{Engine: e.Name(), Target: t.Name, Started: now()}
		run.Observations, run.Err = observe(ctx, e, t)
		run.Finished = now()
		runs = append(runs, run)
	}
	return runs
}

// observe turns a panic of an engine into a failed run: one broken parser must
// not end the server, and must not let findings resolve either.
func observe(ctx context.Context, e Engine, t *Target) (found []Observation, err error) {
	defer func() {
		if r := recover(); r != nil {
			found, err = nil, fmt.Errorf("engine %s stopped: %v", e.Name(), r)
		}
	}()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return e.Observe(ctx, t)
}
