package flow

import (
	"cmp"
	"slices"
	"strings"

	"holdfast/catalog"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// A GapStep is one thing to do that would turn requirements green, or bring them nearer.
type GapStep struct {
	Key      string   `json:"key"` // the same tomorrow: "test/…", "fix/…"
	Title    string   `json:"title"`
	How      string   `json:"how"`
	Kind     string   `json:"kind,omitempty"` // of the record that it is about
	ID       string   `json:"id,omitempty"`
	Avoided  float64  `json:"avoided"` // expected loss of a year that it avoids
	Cost     float64  `json:"cost"`    // of the first year, with the time of people
	Hours    float64  `json:"hours"`
	Ratio    float64  `json:"ratio"`   // Avoided / Cost
	Answers  []string `json:"answers"` // ids of the requirements
	OwnerID  string   `json:"-"`
	QuickWin bool     `json:"quick_win,omitempty"`
}

// Usual work, in hours, where nothing better is known.
const (
	hoursToTest   = 2
	hoursToWrite  = 6
	hoursToReview = 2
	hoursToProve  = 1
	hoursToScan   = 0.5
	hoursToClose  = 8
)

// stepsFor gathers and merges the steps of all missing requirements. What avoids the
// most loss for its cost comes first, then what turns the most requirements.
func (f *Flow) stepsFor(st *Statement, missing []*Standing, actions []Action) []GapStep {
	m := &merger{f: f, st: st, steps: map[string]*GapStep{}, fixes: map[string]Action{}, guards: map[string]Action{}}
	for _, a := range actions {
		if a.Kind == "safeguard" {
			m.guards[a.Safeguard] = a
		} else {
			m.fixes[a.Fix] = a
		}
	}
	for _, s := range missing {
		for _, step := range m.stepsOf(s) {
			m.add(step, s.Requirement.ID)
		}
	}
	var out []GapStep
	for _, key := range SortedKeys(m.steps) {
		s := m.steps[key]
		s.Ratio = s.Avoided / max(s.Cost, 1)
		out = append(out, *s)
	}
	slices.SortStableFunc(out, func(a, b GapStep) int {
		return cmp.Or(cmp.Compare(b.Ratio, a.Ratio), cmp.Compare(float64(len(b.Answers))/max(b.Hours, 0.1), float64(len(a.Answers))/max(a.Hours, 0.1)), cmp.Compare(a.Title, b.Title))
	})
	return out
}

type merger struct {
	f             *Flow
	st            *Statement
	steps         map[string]*GapStep
	fixes, guards map[string]Action // by fix, by key of the safeguard
}

func (m *merger) add(s GapStep, requirement string) {
	have := m.steps[s.Key]
	if have == nil {
		if s.Cost == 0 {
			s.Cost = s.Hours * HourlyCost
		}
		m.steps[s.Key] = &s
		have = &s
	}
	if !slices.Contains(have.Answers, requirement) {
		have.Answers = append(have.Answers, requirement)
	}
}

// Steps are what would turn one requirement green.
func (f *Flow) Steps(st *Statement, s *Standing, actions []Action) []GapStep {
	if s.Measured == isms.MeasuredMet || s.Applies() == isms.AppliesNo {
		return nil
	}
	return f.stepsFor(st, []*Standing{s}, actions)
}

func (m *merger) stepsOf(s *Standing) []GapStep {
	var out []GapStep
	for _, p := range s.Proofs {
		if p.Verdict == Good {
			continue
		}
		if step := m.stepFor(p); step.Key != "" {
			out = append(out, step)
		}
	}
	if len(s.Proofs) > 0 {
		return out
	}
	return m.begin(s)
}

// stepFor turns one weak, aged or bad proof into what mends it.
func (m *merger) stepFor(p Proof) GapStep {
	s := GapStep{Kind: p.Kind, ID: p.ID}
	switch p.Source + " " + p.Kind {
	case "check check":
		a := m.fixes["Repair "+p.ID]
		s.Key, s.Title, s.How, s.Avoided, s.Hours = "fix/"+p.ID, "Repair: "+p.Title, p.Text, a.Avoided, max(a.Hours, hoursToFix)
	case "check unmeasured":
		s.Key, s.Title, s.How, s.Hours = "scan", "Scan the machines that were never looked at", p.Text, hoursToScan
	case "check passed":
		s.Key, s.Title, s.How, s.Hours = "rescan", "Scan again", "The last scan is more than a month old.", hoursToScan
	case "advisory advisory":
		s.Key, s.Title, s.How = "update", "Repair what is overdue or exploited", p.Text
		s.Avoided, s.Hours = m.updates()
	default:
		return m.stepForRecord(p, s)
	}
	return s
}

// updates sums up the repairs of software that save more than they cost.
func (m *merger) updates() (avoided, hours float64) {
	for _, fix := range SortedKeys(m.fixes) {
		if a := m.fixes[fix]; !strings.HasPrefix(fix, "Repair ") {
			avoided, hours = avoided+a.Avoided, hours+a.Hours
		}
	}
	return avoided, max(hours, hoursToFix)
}

func (m *merger) stepForRecord(p Proof, s GapStep) GapStep {
	switch {
	case p.Source == "safeguard" && p.Verdict == Weak && !p.InForce:
		return m.operate(m.st.safeguards[p.ID])
	case p.Source == "safeguard":
		guard := m.st.safeguards[p.ID]
		s.Key, s.Title, s.How, s.Hours, s.OwnerID = "test/"+p.ID, "Test: "+p.Title, prose.FirstOf(string(guard.HowTested), "Test it and note the day and the result."), hoursToTest, guard.OwnerID
	case p.Source == "document" && p.Verdict == Old:
		s.Key, s.Title, s.How, s.Hours = "review/"+p.ID, "Review: "+p.Title, "Read it again, change what is wrong, and record the review.", hoursToReview
	case p.Source == "document":
		s.Key, s.Title, s.How, s.Hours = "publish/"+p.ID, "Bring into force: "+p.Title, "Have it reviewed, approved and published.", hoursToReview
	case p.Source == "evidence":
		s.Key, s.Title, s.How, s.Hours = "evidence/"+p.ID, "Renew the evidence: "+p.Title, "Record the same fact as it is today.", hoursToProve
	case p.Source == "test":
		s.Key, s.Title, s.How, s.Hours = "retest/"+p.ID, "Repair what the test showed, and repeat it: "+p.Title, p.Text, hoursToClose
	case p.Kind == isms.Nonconformities.Name:
		s.Key, s.Title, s.How, s.Hours = "close/"+p.ID, "Close the nonconformity: "+p.Title, "Correct it, remove its cause, and show that it stays away.", hoursToClose
	case p.Kind == isms.Exceptions.Name:
		s.Key, s.Title, s.How, s.Hours = "end/"+p.ID, "End the exception: "+p.Title, p.Text, hoursToClose
	case p.Source == "record":
		s.Key, s.Title, s.How, s.Hours = "record/"+p.Kind+"/"+p.Title, "Repeat: "+p.Title, p.Text, hoursToWrite
	}
	return s
}

// operate is the step that puts a safeguard of the workspace into operation.
func (m *merger) operate(g *isms.Safeguard) GapStep {
	s := GapStep{Key: "operate/" + g.ID, Title: "Put into operation: " + g.Title, How: firstLineOf(string(g.Description)), Kind: isms.Safeguards.Name, ID: g.ID,
		Cost: Mean(g.AnnualCost), Hours: Mean(g.Effort), OwnerID: g.OwnerID, QuickWin: g.QuickWin}
	if a, ok := m.guards[g.Key]; ok {
		s.Avoided, s.Cost, s.Hours = a.Avoided, a.Cost, a.Hours
	}
	return s
}

// begin proposes how to start where there is nothing yet: the record that the clause
// wants, a safeguard or a document of the catalogue, else evidence.
func (m *merger) begin(s *Standing) []GapStep {
	r := s.Requirement
	if todo := ruleTodo(r.Catalogue); todo != "" {
		return []GapStep{{Key: "begin/" + r.Catalogue, Title: todo, How: firstLineOf(string(r.Proof)), Hours: hoursToWrite}}
	}
	var out []GapStep
	for _, entry := range m.f.guardsFor(r.Catalogue) {
		out = append(out, GapStep{Key: "introduce/" + entry.ID, Title: "Introduce: " + entry.Title, How: entry.Does, Cost: Mean(rangeOf(entry.AnnualCost)), Hours: Mean(rangeOf(entry.Effort)), QuickWin: entry.QuickWin})
	}
	for _, d := range m.f.templatesFor(r.Catalogue) {
		out = append(out, GapStep{Key: "write/" + d.ID, Title: "Write: " + d.Title, How: d.About, Hours: hoursToWrite})
	}
	if len(out) > 0 {
		return out
	}
	return []GapStep{{Key: "prove/" + r.ID, Title: "Show that " + r.Code + " is met: " + r.Title, How: prose.FirstOf(string(r.Proof), string(r.Text)), Kind: isms.Requirements.Name, ID: r.ID, Hours: hoursToProve}}
}

// guardsFor are the safeguards of the catalogue that meet a requirement of it.
func (f *Flow) guardsFor(requirement string) []*catalog.Safeguard {
	e := f.entry(requirement)
	if e == nil {
		return nil
	}
	var out []*catalog.Safeguard
	for _, id := range e.Safeguards {
		if g, ok := f.cat.Safeguard(id); ok {
			out = append(out, g)
		}
	}
	return out
}

// entry finds a requirement of the catalogue by framework and number.
func (f *Flow) entry(id string) *catalog.Requirement {
	fw, code, _ := strings.Cut(id, "/")
	framework, ok := f.cat.Framework(fw)
	if !ok {
		return nil
	}
	e, _ := framework.Requirement(code)
	return e
}

// templatesFor are the documents of the catalogue that meet a requirement of it.
func (f *Flow) templatesFor(requirement string) []*catalog.Document {
	fw, code, _ := strings.Cut(requirement, "/")
	var out []*catalog.Document
	for i := range f.cat.Documents {
		if slices.Contains(f.cat.Documents[i].Meets, fw+":"+code) {
			out = append(out, &f.cat.Documents[i])
		}
	}
	return out
}

func firstLineOf(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// dueIn is the day until which a proposed task should be done.
func dueIn(today kind.Date, days int) kind.Date { return kind.DateOf(today.Time().AddDate(0, 0, days)) }
