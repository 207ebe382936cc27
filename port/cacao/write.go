package cacao

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ErrSignature tells that a signed document was changed: its signatures are still in
// it and no longer fit. The document is written all the same.
var ErrSignature = errors.New("the playbook was changed since it was signed; its signatures are kept and no longer fit")

// Write writes the playbook. With a Source, only what differs from it is written into
// it; without changes the result is the Source itself. A changed document of 1.0 or
// 1.1 is written as 2.0. The only error beside a document is ErrSignature.
func Write(p *Playbook) ([]byte, error) {
	w := &writer{p: p, doc: object{}, flow: object{}}
	if p.Source != nil {
		base, err := Read(p.Source)
		if err != nil {
			return nil, fmt.Errorf("the document that was kept: %w", err)
		}
		if base.equal(p) {
			return bytes.Clone(p.Source), nil
		}
		if w.doc, err = decode(p.Source); err != nil {
			return nil, err
		}
		w.base = base
		if base.Spec == "cacao-2.0" {
			w.flow, _ = w.doc["workflow"].(object)
		} else {
			w.p = p.today()
		}
	}
	w.head()
	w.workflow()
	out, err := json.MarshalIndent(w.doc, "", "  ")
	if err != nil {
		return nil, err
	}
	if w.base != nil && w.base.Signed {
		return append(out, '\n'), ErrSignature
	}
	return append(out, '\n'), nil
}

// today is the playbook with identifiers as 2.0 wants them: by the type of the step.
func (p *Playbook) today() *Playbook {
	now := *p
	now.Steps = slices.Clone(p.Steps)
	names := map[string]string{}
	for _, s := range p.Steps {
		if _, uuid, ok := strings.Cut(s.ID, "--"); ok {
			names[s.ID] = string(s.Type) + "--" + uuid
		}
	}
	name := func(id string) string {
		if to, ok := names[id]; ok {
			return to
		}
		return id
	}
	for i := range now.Steps {
		s := &now.Steps[i]
		s.ID, s.Next, s.Else = name(s.ID), name(s.Next), name(s.Else)
		s.Branches = slices.Clone(s.Branches)
		for k := range s.Branches {
			s.Branches[k] = name(s.Branches[k])
		}
	}
	return &now
}

type writer struct {
	p    *Playbook
	base *Playbook // as it came; nil: made here
	doc  object
	flow object // the workflow as it came, without which new steps are made
	ours bool   // a note or plan was written, so our extension has to be defined
}

// set writes a property, or takes it away when it is empty.
func set(o object, name, value string) {
	if value == "" {
		delete(o, name)
		return
	}
	o[name] = value
}

// child is the object under a property, made when it is missing.
func child(o object, name string) object {
	c, ok := o[name].(object)
	if !ok {
		c = object{}
		o[name] = c
	}
	return c
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (w *writer) head() {
	p, doc := w.p, w.doc
	doc["type"], doc["spec_version"], doc["id"], doc["name"] = "playbook", "cacao-2.0", p.ID, p.Name
	set(doc, "description", p.Description)
	if w.base == nil || w.base.Severity != p.Severity {
		delete(doc, "severity")
		if p.Severity > 0 {
			doc["severity"] = p.Severity
		}
	}
	if w.base == nil {
		doc["created_by"], doc["created"], doc["revoked"] = p.CreatedBy, moment(p.Created), false
		doc["playbook_types"], doc["labels"] = p.Types, p.Labels
	}
	doc["modified"] = moment(p.Modified)
	w.references()
	if p.Plan != (Plan{}) {
		w.ours = true
		o := child(child(doc, "playbook_extensions"), extensionID)
		set(o, "scenario", p.Plan.Scenario)
		set(o, "triggers", p.Plan.Triggers)
		for name, n := range map[string]int{"contain_minutes": p.Plan.Contain, "eradicate_minutes": p.Plan.Eradicate, "recover_minutes": p.Plan.Recover} {
			o[name] = n
		}
	}
}

// references adds techniques that are new and takes those away that are gone. Other
// references stay.
func (w *writer) references() {
	list, _ := w.doc["external_references"].([]any)
	have := map[string]bool{}
	kept := []any{}
	for _, v := range list {
		o, _ := v.(object)
		id, _ := o["external_id"].(string)
		if technique.MatchString(id) && !slices.Contains(w.p.Techniques, id) {
			continue
		}
		have[id] = true
		kept = append(kept, v)
	}
	for _, id := range w.p.Techniques {
		if !have[id] && (w.base == nil || !slices.Contains(w.base.Techniques, id)) { // those of steps stand there
			kept = append(kept, object{"name": "MITRE ATT&CK " + id, "external_id": id,
				"url": "https://attack.mitre.org/techniques/" + strings.Replace(id, ".", "/", 1) + "/"})
		}
	}
	delete(w.doc, "external_references")
	if len(kept) > 0 {
		w.doc["external_references"] = kept
	}
}

// workflow writes the steps. Where the ways are as they came, the structure stays and
// only words change; otherwise the ways are laid anew.
func (w *writer) workflow() {
	same := w.sameWays()
	flow := object{}
	if same {
		flow = w.flow
	}
	var start, end string
	for id, v := range w.flow {
		switch v.(object)["type"] {
		case "start":
			if id == w.doc["workflow_start"] {
				start = id
			}
		case "end":
			if end == "" || id < end {
				end = id
			}
		}
	}
	if start == "" {
		start = ID("start", w.p.ID)
	}
	if end == "" {
		end = ID("end", w.p.ID)
	}
	for i := range w.p.Steps {
		if s := &w.p.Steps[i]; s.Type != End {
			flow[s.ID] = w.step(i)
		}
	}
	if !same {
		w.lay(flow, start, end)
		w.doc["workflow_start"] = start
	}
	w.doc["workflow"] = flow
	if w.ours {
		child(w.doc, "extension_definitions")[extensionID] = object{"type": "extension-definition", "name": "Holdfast playbook", "version": "1.0",
			"description": "Phase, check, budget and conditions for people.", "created_by": w.author(), "schema": "https://holdfast.invalid/schema/cacao-playbook-1.0.json"}
	}
}

func (w *writer) author() string {
	if by, ok := w.doc["created_by"].(string); ok && by != "" {
		return by
	}
	return ID("identity", "holdfast")
}

// sameWays tells whether steps and ways are those of the document that came.
func (w *writer) sameWays() bool {
	return w.base != nil && w.base.Spec == "cacao-2.0" && slices.EqualFunc(w.base.Steps, w.p.Steps, func(a, b Step) bool {
		return a.ID == b.ID && a.Type == b.Type && a.Next == b.Next && a.Else == b.Else && slices.Equal(a.Branches, b.Branches)
	})
}

// step is the object of a step with what people may have changed written into it.
func (w *writer) step(i int) object {
	s := &w.p.Steps[i]
	o, known := w.flow[s.ID].(object)
	if !known {
		o = object{}
	}
	before := w.before(s.ID)
	if before != nil && before.text() == s.text() && before.Note == s.Note && before.Follows == s.Follows {
		return o
	}
	o["type"] = string(s.Type)
	set(o, "name", s.Name)
	set(o, "description", s.Description)
	switch s.Type {
	case Decision, Loop:
		o["condition"] = s.Condition
	case Switch:
		o["switch"] = s.Condition
	case Follow:
		o["playbook_id"] = s.Follows
	}
	if s.Type == Action && (before == nil || before.Command != s.Command || before.Description != s.Description) {
		o["commands"] = w.commands(o, before, s)
	}
	if before == nil || before.Role != s.Role {
		w.agent(o, s)
	}
	w.note(o, s)
	return o
}

// before is the step as it came; nil: it is new.
func (w *writer) before(id string) *Step {
	if w.base == nil || len(w.flow) == 0 {
		return nil
	}
	if i := slices.IndexFunc(w.base.Steps, func(s Step) bool { return s.ID == id }); i >= 0 {
		return &w.base.Steps[i]
	}
	return nil
}

// commands are what people are told and, where there is one, an example for a machine.
// Commands that nobody changed stay as they came.
func (w *writer) commands(o object, before *Step, s *Step) []any {
	var list []any
	manual := object{"type": "manual", "command": s.Description}
	if s.Description == "" {
		manual["command"] = s.Name
	}
	if old, _ := o["commands"].([]any); before != nil && before.Command == s.Command {
		for _, v := range old {
			if c, _ := v.(object); c["type"] == "manual" && c["command"] == before.Description {
				v = manual
			}
			list = append(list, v)
		}
		return list
	}
	if old, _ := o["commands"].([]any); before != nil && s.Command != "" && rewrite(old, before, s.Command) {
		return old
	}
	list = append(list, manual)
	if s.Command != "" {
		list = append(list, object{"type": "bash", "command": s.Command, "description": "An example for a person to adapt; not to be run unseen."})
	}
	return list
}

// rewrite changes the text of the only command that a machine would run, and nothing
// else of it. False: there is none, or several.
func rewrite(list []any, before *Step, text string) bool {
	var only object
	for _, v := range list {
		c, _ := v.(object)
		if c["type"] == "manual" && c["command"] == before.Description {
			continue
		}
		if only != nil {
			return false
		}
		only = c
	}
	if only == nil {
		return false
	}
	kind, _ := only["type"].(string)
	only["command"] = strings.TrimPrefix(text, "# "+kind+"\n")
	delete(only, "command_b64")
	return true
}

func (w *writer) agent(o object, s *Step) {
	delete(o, "agent")
	if s.Role == "" {
		return
	}
	agents := child(w.doc, "agent_definitions")
	for id, v := range agents {
		if a, _ := v.(object); a["name"] == s.Role {
			o["agent"] = id
			return
		}
	}
	id := ID("group", s.Role)
	agents[id] = object{"type": "group", "name": s.Role}
	o["agent"] = id
}

func (w *writer) note(o object, s *Step) {
	ext, _ := o["step_extensions"].(object)
	if s.Note == (Note{}) {
		delete(ext, extensionID)
		if ext != nil && len(ext) == 0 {
			delete(o, "step_extensions")
		}
		return
	}
	w.ours = true
	n := child(child(o, "step_extensions"), extensionID)
	set(n, "phase", s.Note.Phase)
	set(n, "condition", s.Note.Condition)
	set(n, "check", s.Note.Check)
	n["position"], n["minutes"] = s.Note.Position, s.Note.Minutes
	for name, on := range map[string]bool{"optional": s.Note.Optional, "irreversible": s.Note.Irreversible, "communication": s.Note.Communication} {
		delete(n, name)
		if on {
			n[name] = true
		}
	}
}
