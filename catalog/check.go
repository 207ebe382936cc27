package catalog

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The closed lists of words, the same as those of the records they become.
var (
	principles  = words("disruption compromise detection impact")
	functions   = words("preventive detective corrective")
	means       = words("technical organisational physical")
	objectives  = words("espionage subversion sabotage forward_operating_site")
	impacts     = words("financial reputational strategic operational compliance legal")
	attributes  = words("confidentiality integrity availability non_repudiation authenticity privacy")
	treatments  = words("avoid reduce share transfer accept")
	lossForms   = words("productivity response replacement fines advantage reputation")
	weaknesses  = words("advisory zero_day configuration architecture application_design cloud_network cloud_iam monitoring")
	assetTypes  = words("host application service data_set network facility person role supplier_service device software intellectual_property reputation")
	actorTypes  = words("organised_crime state hacktivist competitor insider careless_insider opportunist terrorist supplier machine failure nature")
	motivations = words("money secrets ideology revenge power fame curiosity coercion advantage none")
	topics      = words("security privacy continuity artificial_intelligence cloud payment health industrial_control software_development governance")
	relations   = words("equal subset superset intersects")
	tactics     = words("reconnaissance resource_development initial_access execution persistence privilege_escalation defense_evasion credential_access discovery lateral_movement collection command_and_control exfiltration impact hazard")
)

func words(s string) []string { return strings.Fields(s) }

var (
	mitigationID = regexp.MustCompile(`^M1\d{3}$`)
	techniqueID  = regexp.MustCompile(`^T1\d{3}(\.\d{3})?$`)
	cweID        = regexp.MustCompile(`^CWE-[1-9]\d{0,3}$`)
	csfID        = regexp.MustCompile(`^(GV\.(OC|RM|RR|PO|OV|SC)|ID\.(AM|RA|IM)|PR\.(AA|AT|DS|PS|IR)|DE\.(CM|AE)|RS\.(MA|AN|CO|MI)|RC\.(RP|CO))-\d{2}$`)
	slugID       = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	frameworkID  = regexp.MustCompile(`^[a-z0-9]+([.-][a-z0-9]+)*$`) // with a version: nist-csf-2.0
)

// isoControls and cisSafeguards count what the frameworks have under each number.
var (
	isoControls   = map[int]int{5: 37, 6: 8, 7: 14, 8: 34}
	cisSafeguards = [...]int{5, 7, 14, 12, 6, 8, 7, 12, 7, 7, 5, 8, 11, 9, 7, 14, 9, 5}
)

// check proves that the knowledge hangs together. All problems are reported at
// once, each with its file and line.
func (c *Catalog) check() error {
	var list problems
	for i := range c.Safeguards {
		c.checkSafeguard(&c.Safeguards[i], list.at(c, "safeguard", c.Safeguards[i].ID))
	}
	for i := range c.Scenarios {
		c.checkScenario(&c.Scenarios[i], list.at(c, "scenario", c.Scenarios[i].ID))
	}
	for i := range c.Actors {
		c.checkActor(&c.Actors[i], list.at(c, "actor", c.Actors[i].ID))
	}
	for i := range c.Vectors {
		checkVector(&c.Vectors[i], list.at(c, "vector", c.Vectors[i].ID))
	}
	c.checkTerms(&list)
	for i := range c.Frameworks {
		c.checkFramework(&c.Frameworks[i], list.at(c, "framework", c.Frameworks[i].ID))
	}
	for i := range c.Mappings {
		c.checkMapping(&c.Mappings[i], list.at(c, "mapping", c.Mappings[i].id()))
	}
	for i := range c.Documents {
		c.checkDocument(&c.Documents[i], list.at(c, "document", c.Documents[i].ID))
	}
	for i := range c.Stories {
		c.checkStory(&c.Stories[i], list.at(c, "story", c.Stories[i].ID))
	}
	for i := range c.Playbooks {
		c.checkPlaybook(&c.Playbooks[i], list.at(c, "playbook", c.Playbooks[i].ID))
	}
	for i := range c.Plans {
		c.checkPlan(&c.Plans[i], list.at(c, "plan", c.Plans[i].ID))
	}
	return errors.Join(list...)
}

type problems []error

// complain adds a problem of one entry.
type complain func(format string, args ...any)

func (p *problems) at(c *Catalog, kind, id string) complain {
	return func(format string, args ...any) {
		*p = append(*p, fmt.Errorf("%s: %s %q: %s", c.place[kind+"/"+id], kind, id, fmt.Sprintf(format, args...)))
	}
}

// of complains about a part of the entry.
func (c complain) of(part string) complain {
	return func(format string, args ...any) { c("%s: %s", part, fmt.Sprintf(format, args...)) }
}

func (c complain) id(id string) {
	if !slugID.MatchString(id) {
		c("the id is made of small letters, digits and single hyphens")
	}
}

// text demands that a field is filled.
func (c complain) text(field, v string) {
	if strings.TrimSpace(v) == "" {
		c("%s is missing", field)
	}
}

// among demands words of a closed list, at least some of them.
func (c complain) among(field string, closed []string, least int, got ...string) {
	if len(got) < least {
		c("%s is missing", field)
	}
	for _, g := range got {
		if !slices.Contains(closed, g) {
			c("%s: %q is not one of: %s", field, g, strings.Join(closed, ", "))
		}
	}
}

func (c complain) form(field string, form *regexp.Regexp, ids []string) {
	for _, id := range ids {
		if !form.MatchString(id) {
			c("%s: %q is not such an identifier", field, id)
		}
	}
}

func (c complain) patterns(field string, patterns []string) {
	for _, p := range patterns {
		if !validPattern(p) {
			c("%s: %q is not a pattern", field, p)
		}
	}
}

func (c complain) share(field string, r Range) {
	if r.High > 1 {
		c("%s: a share is between 0 and 1, not %v", field, r.High)
	}
}

func (c complain) resolve(field string, has func(string) bool, least int, ids []string) {
	if len(ids) < least {
		c("%s is missing", field)
	}
	for _, id := range ids {
		if !has(id) {
			c("%s: %q does not exist", field, id)
		}
	}
}

func (c *Catalog) has(kind string) func(string) bool {
	return func(id string) bool { _, ok := c.place[kind+"/"+id]; return ok }
}

func (c *Catalog) checkSafeguard(s *Safeguard, bad complain) {
	bad.id(s.ID)
	for field, v := range map[string]string{"title": s.Title, "does": s.Does, "test": s.Test, "cost_reason": s.CostReason, "effect_reason": s.Effect} {
		bad.text(field, v)
	}
	bad.among("function", functions, 1, s.Function)
	bad.among("means", means, 1, s.Means)
	bad.among("principles", principles, 1, s.Principles...)
	bad.share("on_frequency", s.OnFrequency)
	bad.share("on_loss", s.OnLoss)
	if s.Effort.High == 0 || s.AnnualCost.High == 0 {
		bad("effort and annual_cost are missing: nothing is free")
	}
	if s.OnFrequency.High == 0 && s.OnLoss.High == 0 {
		bad("it has no effect: give on_frequency or on_loss")
	}
	bad.among("resolves weaknesses", weaknesses, 0, s.Resolves.Weaknesses...)
	bad.patterns("resolves checks", s.Resolves.Checks)
	bad.form("resolves cwe", cweID, s.Resolves.CWE)
	bad.form("mitigations", mitigationID, s.Mitigation)
	bad.form("techniques", techniqueID, s.Techniques)
	checkReferences(s.References, bad)
}

func checkReferences(r References, bad complain) {
	bad.form("references csf", csfID, r.CSF)
	for _, id := range r.ISO27001 {
		chapter, n, ok := numbers(strings.TrimPrefix(id, "A."))
		if !ok || !strings.HasPrefix(id, "A.") || n < 1 || n > isoControls[chapter] {
			bad("references iso27001: %q is not in Annex A", id)
		}
	}
	for _, id := range r.CIS {
		control, n, ok := numbers(id)
		if !ok || control < 1 || control > len(cisSafeguards) || n < 1 || n > cisSafeguards[control-1] {
			bad("references cis: %q is not in CIS Controls 8.1", id)
		}
	}
}

// numbers splits "8.13" into 8 and 13.
func numbers(id string) (a, b int, ok bool) {
	left, right, found := strings.Cut(id, ".")
	a, err1 := strconv.Atoi(left)
	b, err2 := strconv.Atoi(right)
	return a, b, found && err1 == nil && err2 == nil
}

func (c *Catalog) checkScenario(s *Scenario, bad complain) {
	bad.id(s.ID)
	for field, v := range map[string]string{"title": s.Title, "story": s.Story, "frequency_reason": s.FrequencyReason, "exposure_reason": s.ExposureReason} {
		bad.text(field, v)
	}
	if !strings.Contains(s.Title, "{asset}") {
		bad("the title must name {asset}")
	}
	bad.resolve("actor", c.has("actor"), 1, []string{s.Actor})
	bad.resolve("vectors", c.has("vector"), 1, s.Vectors)
	bad.resolve("safeguards", c.has("safeguard"), 2, s.Safeguards)
	bad.among("objectives", objectives, 0, s.Objectives...)
	bad.among("impacts", impacts, 1, s.Impacts...)
	bad.among("harms", attributes, 1, s.Harms...)
	bad.among("treatment", treatments, 1, s.Treatment)
	bad.among("fed_by asset_types", assetTypes, 0, s.FedBy.AssetTypes...)
	bad.among("fed_by weaknesses", weaknesses, 0, s.FedBy.Weaknesses...)
	bad.patterns("fed_by checks", s.FedBy.Checks)
	bad.share("exposure", s.Exposure)
	if s.Frequency.High == 0 || s.Exposure.High == 0 {
		bad("frequency and exposure are missing")
	}
	checkLosses(s.Losses, bad)
	checkGrowth(s.Growth, bad)
}

func checkLosses(losses []Loss, bad complain) {
	sum := 0.0
	for _, l := range losses {
		bad.among("losses", lossForms, 1, l.Form)
		if l.Share <= 0 || math.IsNaN(l.Share) {
			bad("losses: the share of %s is not above 0", l.Form)
		}
		sum += l.Share
	}
	if math.Abs(sum-1) > 1e-9 {
		bad("losses: the shares sum to %v, not to 1", sum)
	}
}

func checkGrowth(g Growth, bad complain) {
	for field, v := range map[string]float64{"internet": g.Internet, "exploited": g.Exploited, "epss": g.EPSS, "most": g.Most} {
		if math.IsNaN(v) || v < 0 || v > 1000 {
			bad("growth %s: %v is not a factor between 0 and 1000", field, v)
		}
	}
}

func (c *Catalog) checkActor(a *Actor, bad complain) {
	bad.id(a.ID)
	for field, v := range map[string]string{"title": a.Title, "description": a.Description, "objective": a.Objective} {
		bad.text(field, v)
	}
	bad.among("type", actorTypes, 1, a.Type)
	bad.among("motivations", motivations, 1, a.Motivations...)
	bad.among("objectives", objectives, 0, a.Objectives...)
	bad.resolve("vectors", c.has("vector"), 1, a.Vectors)
	if a.Capability < 1 || a.Capability > 5 || a.Opportunity < 1 || a.Opportunity > 5 {
		bad("capability and opportunity are levels from 1 to 5")
	}
}

func checkVector(v *Vector, bad complain) {
	bad.id(v.ID)
	bad.text("title", v.Title)
	bad.text("description", v.Description)
	bad.among("tactic", tactics, 1, v.Tactic)
	if v.Tactic != "hazard" {
		bad.form("technique", techniqueID, []string{v.Technique})
	} else if v.Technique != "" {
		bad("a hazard has no technique")
	}
}

func (c *Catalog) checkTerms(list *problems) {
	owner := map[string]string{}
	for i := range c.Terms {
		t := &c.Terms[i]
		bad := list.at(c, "term", t.id())
		bad.text("means", t.Means)
		for _, name := range append([]string{t.Term}, t.Also...) {
			low := strings.ToLower(name)
			if before, ok := owner[low]; ok {
				bad("%q is a name of %q too", name, before)
			}
			owner[low] = t.Term
		}
	}
}
