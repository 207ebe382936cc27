// Package flow is the pipeline that closes the loop, one file for each stage:
//
//	observe → find → assess → treat → prove
//
// An engine's facts become findings (find.go), findings become risks in money
// (assess.go), risks get safeguards worth their price (treat.go), and the same
// check passing later becomes evidence (prove.go). Every stage is idempotent: over
// unchanged facts it writes nothing. All of it goes through the waist, so the
// journal tells the story. The machine proposes risks and resolves findings; only
// a person accepts or closes a risk.
//
// The portfolio (portfolio.go), the next best actions (actions.go) and the posture
// along the four principles (posture.go) are read from the same records.
package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"holdfast/app"
	"holdfast/blob"
	"holdfast/catalog"
	"holdfast/isms"
	"holdfast/kind"
)

// A Flow connects the waist with the shipped knowledge.
type Flow struct {
	app *app.App
	cat *catalog.Catalog

	files *blob.Store // nil: none are kept

	assets          app.Repo[isms.Asset]
	vulnerabilities app.Repo[isms.Vulnerability]
	findings        app.Repo[isms.Finding]
	risks           app.Repo[isms.Risk]
	safeguards      app.Repo[isms.Safeguard]
	treatments      app.Repo[isms.Treatment]
	evidence        app.Repo[isms.Evidence]
	actors          app.Repo[isms.ThreatActor]
	vectors         app.Repo[isms.ThreatVector]

	uses, treatedBy, proves kind.Relation
}

// New returns a Flow.
func New(a *app.App, cat *catalog.Catalog) (*Flow, error) {
	f := &Flow{
		app: a, cat: cat,
		assets:          app.Of[isms.Asset](a, isms.Assets),
		vulnerabilities: app.Of[isms.Vulnerability](a, isms.Vulnerabilities),
		findings:        app.Of[isms.Finding](a, isms.Findings),
		risks:           app.Of[isms.Risk](a, isms.Risks),
		safeguards:      app.Of[isms.Safeguard](a, isms.Safeguards),
		treatments:      app.Of[isms.Treatment](a, isms.Treatments),
		evidence:        app.Of[isms.Evidence](a, isms.Evidences),
		actors:          app.Of[isms.ThreatActor](a, isms.ThreatActors),
		vectors:         app.Of[isms.ThreatVector](a, isms.ThreatVectors),
	}
	for name, at := range map[string]struct {
		k   *kind.Kind
		rel *kind.Relation
	}{
		"uses": {isms.Risks, &f.uses}, "treated by": {isms.Risks, &f.treatedBy}, "evidenced by": {isms.Safeguards, &f.proves},
	} {
		rel, err := a.Relation(at.k, name)
		if err != nil {
			return nil, err
		}
		*at.rel = rel
	}
	return f, nil
}

// Catalogue is the shipped knowledge.
func (f *Flow) Catalogue() *catalog.Catalog { return f.cat }

// StableKey joins parts into a key that is the same tomorrow. What a key may not
// hold, or a key too long, is replaced by a short hash of the whole.
func StableKey(parts ...string) string {
	whole := strings.Join(parts, "/")
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("-._/:@+~", r):
			return r
		}
		return '_'
	}, whole)
	const longest = 160
	if clean == whole && len(clean) <= longest {
		return clean
	}
	sum := sha256.Sum256([]byte(whole))
	return clean[:min(len(clean), longest)] + "~" + hex.EncodeToString(sum[:4])
}

// App is the waist under the pipeline.
func (f *Flow) App() *app.App { return f.app }
