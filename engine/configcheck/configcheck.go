// Package configcheck judges how a Linux system is set up: who may log in and
// how, what root runs, who may change which file, what the kernel and the
// network let through, and whether somebody would notice.
//
// Every check reads the configuration the way the program that owns it does: PAM
// stacks are evaluated, sshd's first value wins, sudoers aliases are resolved.
// It reads files and the inventory, runs nothing and changes nothing.
package configcheck

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"

	"holdfast/engine"
)

// name is the first part of every observation key and never changes.
const name = "configcheck"

// maxSubjects bounds the failures of one check; the rest is one summary.
const maxSubjects = 100

// A check is what it says of itself and how it looks. Every call of look
// returns at least one verdict.
type check struct {
	engine.Check
	look func(*host) []verdict
}

// A verdict is what a check concluded about one subject.
type verdict struct {
	outcome  engine.Outcome
	subject  string          // empty: the target itself
	severity engine.Severity // empty: that of the check
	detail   string
	seen     []engine.Seen
}

type checker struct{}

// New returns the engine. Its observations follow one rule, so that findings can
// be resolved: a check that fails yields one Fail for each failing subject; a
// check that could not look at everything yields one Unknown without a subject
// as well; only a check that looked at everything and found nothing wrong yields
// Pass, without a subject. So a finding of an earlier run is resolved when its
// check was observed, its key did not fail and nothing of the check is Unknown.
func New() engine.Engine { return checker{} }

// Name implements engine.Engine.
func (checker) Name() string { return name }

// Checks returns every check, in the order of the list in list.go.
func Checks() []engine.Check {
	list := make([]engine.Check, 0, len(all))
	for _, c := range all {
		list = append(list, c.Check)
	}
	return list
}

// errNoFiles is the answer for a target without a file system, such as an SBOM.
var errNoFiles = errors.New("configcheck needs a file system: choose a host or a directory as target, not a bill of materials")

// Observe implements engine.Engine. The inventory may be missing; the checks that
// need it are then Unknown.
func (checker) Observe(ctx context.Context, t *engine.Target) ([]engine.Observation, error) {
	if t.FS == nil {
		return nil, errNoFiles
	}
	h := newHost(ctx, t)
	var list []engine.Observation
	for i := range all {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for _, v := range all[i].look(h) {
			list = append(list, all[i].observation(v))
		}
	}
	return list, ctx.Err()
}

func (c *check) observation(v verdict) engine.Observation {
	o := engine.Observation{
		Engine: name, Check: c.ID, Subject: v.subject, Outcome: v.outcome,
		Title: c.Title, Detail: v.detail, Evidence: v.seen, Principle: c.Principle,
	}
	if v.outcome == engine.Fail || v.outcome == engine.Unknown {
		o.Severity = c.Severity
		if v.severity != "" {
			o.Severity = v.severity
		}
	}
	return o
}

// one makes the answer of a check that looks at a single thing.
func one(o engine.Outcome, format string, args ...any) []verdict {
	return []verdict{{outcome: o, detail: fmt.Sprintf(format, args...)}}
}

func pass(format string, args ...any) []verdict { return one(engine.Pass, format, args...) }

func absent(format string, args ...any) []verdict { return one(engine.NotApplicable, format, args...) }

func unknown(err error) []verdict { return one(engine.Unknown, "%s", err.Error()) }

func fail(detail string, seen ...engine.Seen) []verdict {
	return []verdict{{outcome: engine.Fail, detail: detail, seen: seen}}
}

// A tally gathers what a check with several subjects sees.
type tally struct {
	fails  []verdict
	doubts []string
	looked int // subjects looked at
}

func (t *tally) fail(subject, detail string, seen ...engine.Seen) {
	t.failAs("", subject, detail, seen...)
}

// failAs is fail with a severity that differs from that of the check.
func (t *tally) failAs(s engine.Severity, subject, detail string, seen ...engine.Seen) {
	t.fails = append(t.fails, verdict{outcome: engine.Fail, subject: subject, severity: s, detail: detail, seen: seen})
}

// doubt records that a part could not be looked at.
func (t *tally) doubt(err error) { t.doubts = append(t.doubts, err.Error()) }

// verdicts ends the check. none is the detail of NotApplicable when there was no
// subject at all; empty: then the check passes.
func (t *tally) verdicts(good, none string) []verdict {
	list := limitSubjects(mergeSubjects(t.fails))
	switch {
	case len(t.doubts) > 0:
		return append(list, one(engine.Unknown, "%s", some(t.doubts, 5))...)
	case len(list) > 0:
		return list
	case t.looked == 0 && none != "":
		return absent("%s", none)
	}
	return pass("%s", good)
}

// mergeSubjects sorts by subject and joins the failures of the same one, because
// a key appears once in a run.
func mergeSubjects(fails []verdict) []verdict {
	sort.SliceStable(fails, func(i, j int) bool { return fails[i].subject < fails[j].subject })
	var list []verdict
	for _, v := range fails {
		last := len(list) - 1
		if last < 0 || list[last].subject != v.subject {
			list = append(list, v)
			continue
		}
		if !strings.Contains(list[last].detail, v.detail) {
			list[last].detail += "; " + v.detail
		}
		list[last].seen = append(list[last].seen, v.seen...)
		if v.severity.Rank() > list[last].severity.Rank() {
			list[last].severity = v.severity
		}
	}
	return list
}

func limitSubjects(list []verdict) []verdict {
	if len(list) <= maxSubjects {
		return list
	}
	rest := verdict{outcome: engine.Fail, detail: fmt.Sprintf("%d more of the same kind are not listed one by one", len(list)-maxSubjects)}
	return append(list[:maxSubjects:maxSubjects], rest)
}

// some joins the first n words and counts the others.
func some(words []string, n int) string {
	if len(words) <= n {
		return strings.Join(words, "; ")
	}
	return fmt.Sprintf("%s; and %d more", strings.Join(words[:n], "; "), len(words)-n)
}
