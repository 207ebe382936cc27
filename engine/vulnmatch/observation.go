package vulnmatch

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/engine"
)

// How much of long lists is told.
const (
	maxURLs     = 40
	maxTold     = 20
	maxTitle    = 200
	maxEvidence = 20
)

func (v *vulnmatch) observation(w *weakness) engine.Observation {
	a := v.advisory(w)
	o := engine.Observation{
		Engine: Name, Check: w.check, Subject: w.group.subject, Outcome: engine.Fail,
		Title: title(w, a), Severity: a.Severity, Detail: detail(w), Evidence: evidence(w),
		Package: firstPackage(w), FixedIn: w.fixed, Advisory: a, Principle: "compromise",
	}
	if o.Severity == "" {
		// A weakness nobody has rated must not sink below all others.
		o.Severity = engine.Medium
		o.Detail += " (no severity published, taken as medium)"
	}
	return o
}

// advisory joins what all advisories tell: the texts and the severity of the main
// one, or of the next that has them.
func (v *vulnmatch) advisory(w *weakness) *engine.Advisory {
	a := &engine.Advisory{ID: w.hits[0].facts.ID, CVE: w.cve}
	for _, h := range w.hits {
		f := &h.facts
		a.Summary, a.Details = first(a.Summary, f.Summary), first(a.Details, f.Details)
		if a.Severity == "" || (a.CVSS == "" && f.CVSS != "") {
			a.CVSS, a.Score, a.Severity = f.CVSS, f.Score, engine.Severity(f.Severity)
		}
		a.CWEs = appendNew(a.CWEs, f.CWEs)
		a.URLs = appendNew(a.URLs, f.URLs)
		a.Published, a.Modified = earlier(a.Published, f.Published), latest(a.Modified, f.Modified)
		if f.ID != a.ID {
			a.Aliases = appendNew(a.Aliases, []string{f.ID})
		}
	}
	a.URLs = a.URLs[:min(len(a.URLs), maxURLs)]
	a.Aliases = appendNew(a.Aliases, w.names)
	a.Aliases = slices.DeleteFunc(a.Aliases, func(id string) bool { return id == a.ID })
	slices.SortFunc(a.Aliases, compareNatural)
	x := v.index.Enrich(w.names...)
	a.KEV, a.KEVDue, a.EPSS = x.KEV, x.KEVDue, x.EPSS
	return a
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func appendNew(list, more []string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// title is the summary of an advisory about this weakness alone, on one line.
func title(w *weakness, a *engine.Advisory) string {
	switch {
	case w.shared:
		return fmt.Sprintf("Known vulnerability in %s, repaired by %s", w.group.name, a.ID)
	case a.Summary == "":
		return "Known vulnerability in " + w.group.name
	}
	s := strings.Join(strings.Fields(a.Summary), " ")
	if runes := []rune(s); len(runes) > maxTitle {
		return string(runes[:maxTitle]) + "…"
	}
	return s
}

// detail says what is installed and up to where it is affected, one part for each
// version: "openssl 3.0.11-1~deb12u1 < 3.0.11-1~deb12u2 (libssl3, openssl)".
func detail(w *weakness) string {
	type part struct {
		text  string
		names []string
	}
	var parts []*part
	byVersion := map[string]*part{}
	for _, h := range w.hits {
		for _, i := range h.packages {
			p := byVersion[i.version]
			if p == nil {
				p = &part{text: w.group.name + " " + i.version + bound(i, w)}
				byVersion[i.version] = p
				parts = append(parts, p)
			}
			p.names = appendNew(p.names, []string{i.pkg.Name})
		}
	}
	out := make([]string, len(parts))
	for n, p := range parts {
		out[n] = p.text
		if len(p.names) > 1 || p.names[0] != w.group.name {
			out[n] += " (" + joinSome(p.names, ", ") + ")"
		}
	}
	return joinSome(out, "; ")
}

// bound is the version up to which the installed one is affected.
func bound(i installed, w *weakness) string {
	switch {
	case len(w.hits) > 1 && w.fixed != "" && w.sameVersion():
		return " < " + w.fixed
	case i.fixed != "":
		return " < " + i.fixed
	case i.until != "":
		return " <= " + i.until
	}
	return ", no fix is known"
}

// sameVersion reports whether all affected packages have one version, so that the
// fix of the weakness is the fix of each.
func (w *weakness) sameVersion() bool {
	version := w.hits[0].packages[0].version
	for _, h := range w.hits {
		for _, i := range h.packages {
			if i.version != version {
				return false
			}
		}
	}
	return true
}

// joinSome joins the start of a list and says how much is left out.
func joinSome(list []string, separator string) string {
	if len(list) <= maxTold {
		return strings.Join(list, separator)
	}
	return strings.Join(list[:maxTold], separator) + fmt.Sprintf("%sand %d more", separator, len(list)-maxTold)
}

func firstPackage(w *weakness) *engine.Package {
	p := *w.hits[0].packages[0].pkg
	return &p
}

func evidence(w *weakness) []engine.Seen {
	var out []engine.Seen
	for _, h := range w.hits {
		for _, i := range h.packages {
			s := engine.Seen{Path: i.pkg.Path, Value: i.pkg.Name + " " + i.pkg.Version}
			if s.Path != "" && len(out) < maxEvidence && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}
