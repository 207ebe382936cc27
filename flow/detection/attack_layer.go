package detection

import (
	"encoding/json"
	"fmt"
	"strings"

	"holdfast/catalog"
)

// Versions of the form of a layer, as ATT&CK Navigator names them.
const (
	layerVersion     = "4.5"
	navigatorVersion = "5.1.0"
)

// sightColours are the colours of the matrix in a layer.
var sightColours = map[Sight]string{SightProved: "#1b7f4d", SightCovered: "#8fcfae", SightDeaf: "#e0a92f", SightBlind: "#c8453b"}

// sightScores order the sights for tools that compare layers.
var sightScores = map[Sight]int{SightProved: 100, SightCovered: 70, SightDeaf: 20, SightBlind: 0}

type layer struct {
	Name        string            `json:"name"`
	Versions    map[string]string `json:"versions"`
	Domain      string            `json:"domain"`
	Description string            `json:"description"`
	Techniques  []layerTechnique  `json:"techniques"`
	Gradient    layerGradient     `json:"gradient"`
	Legend      []layerLegend     `json:"legendItems"`
	HideOff     bool              `json:"hideDisabled"`
}

type layerTechnique struct {
	ID       string      `json:"techniqueID"`
	Tactic   string      `json:"tactic,omitempty"`
	Score    int         `json:"score"`
	Colour   string      `json:"color"`
	Comment  string      `json:"comment,omitempty"`
	Enabled  bool        `json:"enabled"`
	Metadata []layerFact `json:"metadata,omitempty"`
	Subs     bool        `json:"showSubtechniques"`
}

type layerFact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type layerGradient struct {
	Colours []string `json:"colors"`
	Min     int      `json:"minValue"`
	Max     int      `json:"maxValue"`
}

type layerLegend struct {
	Label  string `json:"label"`
	Colour string `json:"color"`
}

// Layer writes the matrix as a layer of ATT&CK Navigator. Techniques of which nothing is
// known, and which nobody relevant would use, are left out.
func (c *Coverage) Layer(name string) ([]byte, error) {
	l := layer{
		Name: name, Domain: "enterprise-attack", Versions: map[string]string{"attack": majorVersion(), "navigator": navigatorVersion, "layer": layerVersion},
		Description: fmt.Sprintf("What would be noticed, as of %s. %.0f %% of what weighs here would be; %.0f %% proved itself in a test.", c.Today, 100*c.Share, 100*c.Proved),
		Gradient:    layerGradient{Colours: []string{sightColours[SightBlind], sightColours[SightDeaf], sightColours[SightProved]}, Max: 100},
	}
	for _, s := range Sights {
		l.Legend = append(l.Legend, layerLegend{string(s), sightColours[s]})
	}
	for _, col := range c.Columns {
		for _, cell := range col.Cells {
			l.add(col, cell)
			for _, sub := range cell.Subs {
				l.add(col, sub)
			}
		}
	}
	return json.MarshalIndent(l, "", "  ")
}

func majorVersion() string {
	major, _, _ := strings.Cut(catalog.AttackVersion, ".")
	return major
}

func (l *layer) add(col AttackColumn, c *AttackCell) {
	if c.Sight == SightBlind && c.raw <= 0 && c.Missed == "" {
		return
	}
	t := layerTechnique{ID: c.ID, Tactic: strings.ReplaceAll(col.Word, "_", "-"), Score: sightScores[c.Sight], Colour: sightColours[c.Sight], Enabled: true, Comment: c.Remedy}
	fact := func(name, value string) {
		if value != "" {
			t.Metadata = append(t.Metadata, layerFact{name, value})
		}
	}
	for _, w := range c.By[:min(len(c.By), 5)] {
		fact(strings.ReplaceAll(w.Kind, "_", " "), w.Title)
	}
	fact("last noticed in a test", string(c.Last))
	fact("missed in a test", string(c.Missed))
	fact("weight", fmt.Sprintf("%.0f", c.Weight))
	l.Techniques = append(l.Techniques, t)
}
