package response

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port/cacao"
)

// ImportPlaybook takes a CACAO document into the workspace. The document is kept, so
// that nothing of it is lost when it is exported again. A second import of the same
// changes nothing; one of a newer version brings what is new and leaves alone what
// people have changed. A dry run tells what would come and keeps nothing.
func (f *Flow) ImportPlaybook(ctx context.Context, data []byte, dry bool) (PlaybookIntake, error) {
	p, err := cacao.Read(data)
	if err != nil {
		return PlaybookIntake{}, kind.Errorf(kind.Invalid, "%v", err)
	}
	draft := draftFrom(p)
	errDry := errors.New("only a trial")
	var out PlaybookIntake
	err = f.app.Atomic(ctx, func(ctx context.Context) error {
		list, err := f.takePlaybooks(ctx, []playbookDraft{draft})
		if err != nil {
			return err
		}
		out = list[0]
		if dry {
			return errDry
		}
		return nil
	})
	if dry && errors.Is(err, errDry) {
		err = nil
	}
	out.Notes = append(out.Notes, notesOn(p, draft)...)
	return out, err
}

// notesOn says what a reader should know of a document that came from outside.
func notesOn(p *cacao.Playbook, d playbookDraft) []string {
	var notes []string
	if p.Signed {
		notes = append(notes, "It is signed. The signatures are kept; whether they fit was not verified.")
	}
	guessed := 0
	for _, s := range p.Steps {
		if s.Note.Phase == "" && s.Type != cacao.End {
			guessed++
		}
	}
	if guessed > 0 {
		notes = append(notes, fmt.Sprintf("The format has no phases: those of %d steps were guessed from their words. Look at them.", guessed))
	}
	if slices.ContainsFunc(p.Steps, func(s cacao.Step) bool { return s.Shared }) {
		notes = append(notes, "Several branches share a step and go on in different places afterwards. The list shows one way; the document that was kept has all.")
	}
	if d.record.Scenario == "other" {
		notes = append(notes, "The kind of incident is not known; choose it, so that the playbook is offered.")
	}
	if slices.ContainsFunc(p.Steps, func(s cacao.Step) bool { return s.Command != "" }) {
		notes = append(notes, "It holds commands. The product never runs them; read them before you do.")
	}
	return notes
}

// draftFrom is a document as records will be.
func draftFrom(p *cacao.Playbook) playbookDraft {
	d := playbookDraft{record: isms.Playbook{
		Base: isms.Base{Title: prose.Cut(prose.Clean(p.Name), 300), Origin: "cacao"}, Scenario: scenarioOf(p), Severity: severityOn(p.Severity),
		Description: isms.Markdown(prose.Clean(p.Description)), Triggers: isms.Markdown(prose.Clean(p.Plan.Triggers)),
		Contain: p.Plan.Contain, Eradicate: p.Plan.Eradicate, Recover: p.Plan.Recover,
		Techniques: p.Techniques, ExternalID: p.ID, Exchange: isms.Markdown(p.Source),
	}}
	place, names := map[string]int{}, make([]string, len(p.Steps))
	for i, s := range p.Steps {
		place[s.ID], names[i] = i, s.Name
	}
	phase := isms.IncidentDetect
	for i := range p.Steps {
		s := &p.Steps[i]
		phase = laterPhase(phase, phaseOf(s))
		d.steps = append(d.steps, stepFrom(s, i, phase, place, names))
	}
	return d
}

func stepFrom(s *cacao.Step, i int, phase isms.IncidentPhase, place map[string]int, names []string) stepDraft {
	d := stepDraft{next: -1, other: -1, follow: s.Follows, record: isms.PlaybookStep{
		Base: isms.Base{Title: prose.Cut(prose.Clean(s.Name), 300), Origin: "cacao"}, Phase: phase, Position: i + 1, Type: stepTypeOf(s), Role: prose.Clean(s.Role),
		Instruction: isms.Markdown(prose.Clean(cmp.Or(s.Description, s.Name))), Condition: prose.Cut(prose.Clean(cmp.Or(s.Condition, s.Note.Condition)), 4000), Check: isms.Markdown(prose.Clean(s.Note.Check)),
		Command: isms.Markdown(prose.Clean(s.Command)), Minutes: s.Note.Minutes, Optional: s.Note.Optional, Irreversible: s.Note.Irreversible, ExternalID: s.ID,
	}}
	for _, c := range s.Cases {
		if to, ok := place[c.Step]; ok {
			d.record.Instruction += isms.Markdown(fmt.Sprintf("\n- %s: %s", prose.Cut(prose.Clean(c.Value), 200), prose.Cut(prose.Clean(names[to]), 300)))
		}
	}
	if to, ok := place[s.Next]; ok && to != i+1 {
		d.next = to
	}
	if to, ok := place[s.Else]; ok {
		d.other = to
	}
	return d
}

func stepTypeOf(s *cacao.Step) isms.StepType {
	switch s.Type {
	case cacao.Decision, cacao.Loop, cacao.Switch:
		return "decision"
	case cacao.Parallel:
		return "parallel"
	case cacao.Follow:
		return "playbook"
	}
	if s.Note.Communication {
		return "communication"
	}
	return "action"
}

// cacaoType is how the format calls a step of ours.
func cacaoType(t isms.StepType) cacao.Type {
	switch t {
	case "decision":
		return cacao.Decision
	case "parallel":
		return cacao.Parallel
	case "playbook":
		return cacao.Follow
	}
	return cacao.Action
}

// severityScale holds the lower ends of our words on the scale of the format.
var severityScale = []struct {
	least int
	word  isms.Severity
}{{90, isms.SeverityCritical}, {70, isms.SeverityHigh}, {40, isms.SeverityMedium}, {1, isms.SeverityLow}}

func severityOn(n int) isms.Severity {
	for _, s := range severityScale {
		if n >= s.least {
			return s.word
		}
	}
	return ""
}

func severityNumber(word isms.Severity) int {
	for _, s := range severityScale {
		if s.word == word {
			return s.least
		}
	}
	return 0
}

// guessWords tell by the beginning of a word in which phase a step of somebody else
// belongs. The first that is found counts.
var guessWords = []struct {
	phase isms.IncidentPhase
	words []string
}{
	{isms.IncidentLearn, []string{"lesson", "review", "post-incident", "learn", "improve"}},
	{isms.IncidentRecover, []string{"restor", "recover", "return", "resume", "re-enable", "reconnect"}},
	{isms.IncidentEradicate, []string{"eradicat", "remov", "delet", "clean", "patch", "reimage", "rebuild", "wipe", "upgrade"}},
	{isms.IncidentContain, []string{"contain", "isolat", "block", "disable", "quarantin", "revoke", "mitigat", "deny", "suspend", "notif"}},
}

// phaseOf is the phase that a step names, else a guess; empty: none.
func phaseOf(s *cacao.Step) isms.IncidentPhase {
	if phase := isms.IncidentPhase(s.Note.Phase); slices.Contains(AnswerPhases, phase) {
		return phase
	}
	for _, p := range guessWords {
		for _, word := range strings.Fields(strings.ToLower(s.Name)) {
			if slices.ContainsFunc(p.words, func(begin string) bool { return strings.HasPrefix(word, begin) }) {
				return p.phase
			}
		}
	}
	return ""
}

// laterPhase never goes back: steps are shown by phase, and their order must stay.
func laterPhase(before, now isms.IncidentPhase) isms.IncidentPhase {
	if slices.Index(AnswerPhases, now) > slices.Index(AnswerPhases, before) {
		return now
	}
	return before
}

// scenarioWords tell the kind of incident by what a name contains.
var scenarioWords = []struct{ part, scenario string }{
	{"ransom", "ransomware"}, {"business email", "mail_compromise"}, {"mail compromise", "mail_compromise"}, {"phish", "phishing"}, {"credential", "phishing"},
	{"denial", "denial_of_service"}, {"ddos", "denial_of_service"}, {"web", "web_compromise"}, {"insider", "insider"}, {"leak", "data_leak"}, {"exfiltrat", "data_leak"},
	{"supply", "supplier_breach"}, {"supplier", "supplier_breach"}, {"lost", "lost_device"}, {"stolen device", "lost_device"}, {"zero-day", "zero_day"},
	{"trap", "trap_hit"}, {"honey", "trap_hit"}, {"physical", "physical"}, {"malware", "malware"}, {"outage", "failure"}, {"failure", "failure"},
}

func scenarioOf(p *cacao.Playbook) isms.IncidentType {
	for _, c := range isms.IncidentType("").Choices() {
		if c.Value == p.Plan.Scenario {
			return isms.IncidentType(c.Value)
		}
	}
	for _, text := range append([]string{p.Name}, p.Labels...) {
		for _, w := range scenarioWords {
			if strings.Contains(strings.ToLower(text), w.part) {
				return isms.IncidentType(w.scenario)
			}
		}
	}
	return "other"
}

// ExportPlaybook writes a playbook as a CACAO 2.0 document. One that was imported and
// is unchanged is the document that came, byte by byte. Notes say what a receiver
// should know.
func (f *Flow) ExportPlaybook(ctx context.Context, idOrKey string) (doc []byte, notes []string, err error) {
	sheet, err := f.PlaybookSheet(ctx, idOrKey)
	if err != nil {
		return nil, nil, err
	}
	follows, err := f.followed(ctx, sheet)
	if err != nil {
		return nil, nil, err
	}
	p, err := exchangeOf(sheet, follows)
	if err != nil {
		return nil, nil, err
	}
	doc, err = cacao.Write(p)
	if errors.Is(err, cacao.ErrSignature) {
		notes, err = append(notes, prose.Upper(err.Error())+"."), nil
	}
	if err != nil {
		return nil, nil, err
	}
	if !bytes.Equal(doc, p.Source) {
		if _, err := cacao.Read(doc); err != nil {
			return nil, nil, kind.Errorf(kind.Invalid, "the steps cannot be exchanged as they are: %v", err)
		}
	}
	return doc, notes, nil
}

// followed are the identities of the playbooks that steps go over to.
func (f *Flow) followed(ctx context.Context, sheet *PlaybookSheet) (map[string]string, error) {
	out := map[string]string{}
	for step, named := range sheet.Follows {
		p, err := f.playbooks().Get(ctx, named.ID)
		if err != nil {
			return nil, err
		}
		out[step] = playbookIdentity(p)
	}
	return out, nil
}

func playbookIdentity(p *isms.Playbook) string {
	if cacao.Identifier(p.ExternalID) {
		return p.ExternalID
	}
	return cacao.ID("playbook", p.ID)
}

// exchangeOf is the sheet as the format sees it. What is still as it came in the
// document that was kept is taken from there.
func exchangeOf(sheet *PlaybookSheet, follows map[string]string) (*cacao.Playbook, error) {
	rec := sheet.Playbook
	p := &cacao.Playbook{
		ID: playbookIdentity(rec), CreatedBy: cacao.ID("identity", "holdfast"), Created: rec.CreatedAt, Modified: rec.UpdatedAt,
		Types: []string{"investigation", "mitigation", "remediation"}, Labels: []string{"holdfast", string(rec.Scenario)},
	}
	came := playbookDraft{}
	if rec.Exchange != "" {
		kept, err := cacao.Read([]byte(rec.Exchange))
		if err != nil {
			return nil, fmt.Errorf("the document in which the playbook came: %w", err)
		}
		p, came = kept, draftFrom(kept)
		p.Modified = rec.UpdatedAt
	}
	was := came.record
	fill(&p.Name, rec.Title, was.Title)
	fill(&p.Description, string(rec.Description), string(was.Description))
	fill(&p.Plan.Triggers, string(rec.Triggers), string(was.Triggers))
	if rec.Exchange == "" || rec.Scenario != was.Scenario {
		p.Plan.Scenario = string(rec.Scenario)
	}
	p.Plan.Contain, p.Plan.Eradicate, p.Plan.Recover = rec.Contain, rec.Eradicate, rec.Recover
	if rec.Severity != was.Severity {
		p.Severity = severityNumber(rec.Severity)
	}
	if !slices.Equal(rec.Techniques, was.Techniques) {
		p.Techniques = rec.Techniques
	}
	p.Steps = exchangeSteps(sheet, p.Steps, came.steps, follows)
	return p, nil
}

// fill takes the new words unless they are what the old ones became.
func fill(into *string, now, was string) {
	if now != was {
		*into = now
	}
}

// exchangeSteps are the steps as the format sees them.
func exchangeSteps(sheet *PlaybookSheet, kept []cacao.Step, came []stepDraft, follows map[string]string) []cacao.Step {
	ids := make([]string, len(sheet.Steps)+1)
	for i, st := range sheet.Steps {
		if ids[i] = st.ExternalID; !cacao.Identifier(ids[i]) {
			ids[i] = cacao.ID(string(cacaoType(st.Type)), st.ID)
		}
	}
	same := sameWays(sheet, came)
	var out []cacao.Step
	for i, st := range sheet.Steps {
		s, was := cacao.Step{ID: ids[i]}, isms.PlaybookStep{}
		known := slices.IndexFunc(kept, func(k cacao.Step) bool { return k.ID == ids[i] })
		if known >= 0 {
			s, was = kept[known], came[known].record
		}
		exchangeStep(&s, st, &was, known >= 0)
		if to := follows[st.ID]; to != "" {
			s.Follows = to
		}
		if !same {
			lay(&s, sheet, i, ids)
		}
		out = append(out, s)
	}
	return out
}

// sameWays tells whether steps, their order and their ways are as they came.
func sameWays(sheet *PlaybookSheet, came []stepDraft) bool {
	if len(came) != len(sheet.Steps) {
		return false
	}
	for i, st := range sheet.Steps {
		next, other := sheet.Leads(i)
		was := came[i]
		if was.next < 0 {
			was.next = i + 1
		}
		if was.record.ExternalID != st.ExternalID || was.record.Type != st.Type || was.next != next || was.other != other {
			return false
		}
	}
	return true
}

// exchangeStep writes into s what is no longer as it came.
func exchangeStep(s *cacao.Step, st, was *isms.PlaybookStep, known bool) {
	if !known || st.Type != was.Type {
		s.Type = cacaoType(st.Type)
		s.Note.Communication = st.Type == "communication"
	}
	fill(&s.Name, st.Title, was.Title)
	fill(&s.Description, string(st.Instruction), string(was.Instruction))
	fill(&s.Role, st.Role, was.Role)
	fill(&s.Command, string(st.Command), string(was.Command))
	fill(&s.Note.Check, string(st.Check), string(was.Check))
	if s.Type == cacao.Decision || s.Type == cacao.Loop || s.Type == cacao.Switch {
		fill(&s.Condition, st.Condition, was.Condition)
	} else {
		fill(&s.Note.Condition, st.Condition, was.Condition)
	}
	if st.Phase != was.Phase {
		s.Note.Phase = string(st.Phase)
	}
	if !known || st.Position != was.Position {
		s.Note.Position = st.Position
	}
	s.Note.Minutes, s.Note.Optional, s.Note.Irreversible = st.Minutes, st.Optional, st.Irreversible
	if s.Type == cacao.Follow && s.Follows == "" {
		s.Follows = cacao.ID("playbook", st.ID)
	}
}

// lay writes the ways of a step anew.
func lay(s *cacao.Step, sheet *PlaybookSheet, i int, ids []string) {
	next, other := sheet.Leads(i)
	s.Next, s.Else, s.Branches = ids[next], "", nil
	if other >= 0 {
		s.Else = ids[other]
	} else if s.Type == cacao.Decision || s.Type == cacao.Loop {
		s.Else = s.Next
	}
	if s.Type == cacao.Parallel {
		meet := sheet.meet(i)
		s.Next = ids[meet]
		s.Branches = ids[i+1 : meet]
	}
	for k := range sheet.Steps[:i] {
		if meet := sheet.meet(k); meet > i && next == i+1 {
			s.Next = ids[meet] // one of several things at the same time: nothing follows within
		}
	}
}

// meet is where the branches of a parallel step meet again: where it says to go on,
// else at the end of its phase. For other steps it is the step itself.
func (s *PlaybookSheet) meet(i int) int {
	if s.Steps[i].Type != "parallel" {
		return i
	}
	next, _ := s.Leads(i)
	if s.at(s.Steps[i].NextID) >= 0 {
		return next
	}
	for next < len(s.Steps) && s.Steps[next].Phase == s.Steps[i].Phase {
		next++
	}
	return next
}
