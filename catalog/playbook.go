package catalog

import "slices"

// A Playbook says what people do about one kind of incident, in the order in which
// somebody who has done it before would do it. One file each, in the folder playbooks.
type Playbook struct {
	ID         string   `yaml:"id"`
	Title      string   `yaml:"title"`
	Scenario   string   `yaml:"scenario"` // the kind of incident, as records name it
	Severity   string   `yaml:"severity"` // what such an incident usually is
	Aim        string   `yaml:"aim"`      // when it applies and what it wants to reach
	Triggers   []string `yaml:"triggers"` // signs by which one knows that this is the right one
	Vectors    []string `yaml:"vectors"`  // threat vectors of the catalogue that it answers
	Techniques []string `yaml:"techniques"`
	Budget     struct {
		Contain   int `yaml:"contain"`
		Eradicate int `yaml:"eradicate"`
		Recover   int `yaml:"recover"`
	} `yaml:"budget"` // minutes for each phase
	Steps []PlaybookStep `yaml:"steps"`
}

func (p *Playbook) id() string { return p.ID }

// A PlaybookStep is one thing to do or to decide. Steps are followed in the order of
// the list, unless Next or Else says otherwise; both only lead forward.
type PlaybookStep struct {
	ID           string   `yaml:"id"`
	Phase        string   `yaml:"phase"` // detect, contain, eradicate, recover or learn; empty: as the step before
	Type         string   `yaml:"type"`  // action when empty, decision, communication, parallel or playbook
	Role         string   `yaml:"role"`  // who does it, of PlaybookRoles
	Title        string   `yaml:"title"`
	Do           string   `yaml:"do"`
	If           string   `yaml:"if"`      // only when this holds; the question of a decision
	Check        string   `yaml:"check"`   // how one sees that it worked
	Command      string   `yaml:"command"` // an example for a person to adapt; never run by the product
	Minutes      int      `yaml:"minutes"`
	Irreversible bool     `yaml:"irreversible"`
	Optional     bool     `yaml:"optional"`
	Next         string   `yaml:"next"`   // empty: the next of the list; of a parallel step: where its branches meet again
	Else         string   `yaml:"else"`   // where to go when If does not hold
	Uses         []string `yaml:"uses"`   // safeguards of the catalogue that it works with
	Follow       string   `yaml:"follow"` // the playbook that is followed from here
}

// PlaybookRoles are the people of a small organisation in an incident. One person may
// hold several.
var PlaybookRoles = []string{"First responder", "Incident lead", "Scribe", "Administrator", "Developer", "Spokesperson", "Data protection", "Management", "Finance", "People lead", "Facilities"}

// PlaybookPhases are the phases in which something is done, in their order.
var PlaybookPhases = words("detect contain eradicate recover learn")

// incidentTypes are the kinds of incident of the records that a playbook can answer.
var incidentTypes = words("ransomware phishing mail_compromise web_compromise lost_device insider data_leak cloud_key_leak supplier_breach denial_of_service malware zero_day trap_hit physical failure mistake")

var stepTypes = words("action decision communication parallel playbook")

// Playbook finds a playbook by its id.
func (c *Catalog) Playbook(id string) (*Playbook, bool) { return find(c.Playbooks, id) }

// completeSteps fills what steps take from the one before them.
func (p *Playbook) completeSteps() {
	phase := ""
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.Phase == "" {
			s.Phase = phase
		}
		if s.Type == "" {
			s.Type = "action"
		}
		phase = s.Phase
	}
}

// Leads lists the positions of the steps that may follow the one at i. The position
// after the last means the end.
func (p *Playbook) Leads(i int) []int {
	s := &p.Steps[i]
	next := i + 1
	if s.Next != "" {
		next = p.at(s.Next)
	}
	leads := []int{next}
	if s.Type == "parallel" {
		for k := i + 1; k < next; k++ {
			leads = append(leads, k)
		}
	}
	if s.Else != "" {
		leads = append(leads, p.at(s.Else))
	}
	return leads
}

// at is the position of a step; -1: there is none.
func (p *Playbook) at(id string) int {
	return slices.IndexFunc(p.Steps, func(s PlaybookStep) bool { return s.ID == id })
}

// Lengths beyond which nobody reads on in the night.
const (
	longestStepTitle = 70
	longestStep      = 900
	longestPlaybook  = 30
	shortestPlaybook = 12
)

func (c *Catalog) checkPlaybook(p *Playbook, complain complain) {
	complain.id(p.ID)
	complain.text("title", p.Title)
	complain.text("aim", p.Aim)
	complain.among("scenario", incidentTypes, 1, p.Scenario)
	complain.among("severity", words("critical high medium low"), 1, p.Severity)
	complain.form("techniques", techniqueID, p.Techniques)
	if len(p.Triggers) < 3 {
		complain("triggers: name at least three signs")
	}
	for _, id := range p.Vectors {
		if _, ok := c.Vector(id); !ok {
			complain("vectors: there is no vector %q", id)
		}
	}
	if b := p.Budget; b.Contain <= 0 || b.Eradicate < 0 || b.Recover < 0 {
		complain("budget: contain is more than nothing, the others are not negative")
	}
	if n := len(p.Steps); n < shortestPlaybook || n > longestPlaybook {
		complain("steps: %d; between %d and %d can be followed", n, shortestPlaybook, longestPlaybook)
	}
	seen := map[string]bool{}
	for i := range p.Steps {
		s := &p.Steps[i]
		if seen[s.ID] {
			complain("the step %q stands there twice", s.ID)
		}
		seen[s.ID] = true
		c.checkStep(p, i, complain.of("step "+s.ID))
	}
	checkPhases(p, complain)
	checkReached(p, complain)
}

func (c *Catalog) checkStep(p *Playbook, i int, complain complain) {
	s := &p.Steps[i]
	complain.id(s.ID)
	complain.text("title", s.Title)
	complain.text("do", s.Do)
	complain.among("phase", PlaybookPhases, 1, s.Phase)
	complain.among("type", stepTypes, 1, s.Type)
	complain.among("role", PlaybookRoles, 1, s.Role)
	if len(s.Title) > longestStepTitle || len(s.Do) > longestStep {
		complain("is too long: at most %d characters for the title and %d for what to do", longestStepTitle, longestStep)
	}
	if s.Minutes <= 0 {
		complain("minutes is missing")
	}
	if s.Check == "" && (s.Type == "action" || s.Type == "communication") {
		complain("check is missing: how does one see that it worked?")
	}
	if (s.Type == "decision") != (s.Else != "") || s.Type == "decision" && s.If == "" {
		complain("a decision, and nothing else, has a question (if) and a way when it is answered with no (else)")
	}
	for _, to := range []string{s.Next, s.Else} {
		if to != "" && p.at(to) <= i {
			complain("%q is not a later step", to)
		}
	}
	if (s.Type == "playbook") != (s.Follow != "") {
		complain("a step of type playbook, and nothing else, names the playbook to follow")
	} else if _, ok := c.Playbook(s.Follow); s.Follow != "" && !ok {
		complain("follow: there is no playbook %q", s.Follow)
	}
	for _, id := range s.Uses {
		if _, ok := c.Safeguard(id); !ok {
			complain("uses: there is no safeguard %q", id)
		}
	}
}

// checkPhases demands every phase, in their order: nobody throws out an intruder whom
// nobody holds, and nobody restores into a house that is still open.
func checkPhases(p *Playbook, complain complain) {
	at := 0
	for _, s := range p.Steps {
		k := slices.Index(PlaybookPhases, s.Phase)
		if k < at {
			complain("step %s: %s comes after %s", s.ID, s.Phase, PlaybookPhases[at])
		}
		if k > at+1 {
			complain("step %s: the phase %s was left out", s.ID, PlaybookPhases[at+1])
		}
		at = max(at, k)
	}
	if at != len(PlaybookPhases)-1 {
		complain("it does not end with what was learnt")
	}
}

// checkReached demands that every step can be come to from the first.
func checkReached(p *Playbook, complain complain) {
	reached := make([]bool, len(p.Steps)+1)
	reached[0] = true
	for i := range p.Steps { // ways only lead forward, so one pass is enough
		if !reached[i] {
			complain("step %s: no way leads to it", p.Steps[i].ID)
			continue
		}
		for _, k := range p.Leads(i) {
			if k > i {
				reached[k] = true
			}
		}
	}
}
