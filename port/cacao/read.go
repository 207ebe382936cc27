package cacao

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

type object = map[string]any

// Read reads a document. Errors name the step and the property.
func Read(data []byte) (*Playbook, error) {
	doc, err := decode(data)
	if err != nil {
		return nil, err
	}
	d := document{doc: doc}
	p := d.playbook()
	d.steps(p)
	if d.err != nil {
		return nil, d.err
	}
	p.Source = bytes.Clone(data)
	return p, nil
}

// decode reads one JSON object within bounds.
func decode(data []byte) (object, error) {
	if len(data) > MaxFile {
		return nil, fmt.Errorf("the playbook is larger than %d KB; split it into playbooks that call each other", MaxFile>>10)
	}
	if err := shallow(data); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var doc object
	if err := dec.Decode(&doc); err != nil {
		return nil, fmt.Errorf("this is not a playbook in JSON: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more behind the playbook; one file holds one playbook")
	}
	if doc == nil || doc["type"] != "playbook" {
		return nil, errors.New(`this is not a CACAO playbook: its type is not "playbook"`)
	}
	return doc, nil
}

// shallow refuses nesting that no playbook needs, before anything is built of it.
func shallow(data []byte) error {
	depth, text, escaped := 0, false, false
	for _, c := range data {
		switch {
		case escaped:
			escaped = false
		case text && c == '\\':
			escaped = true
		case c == '"':
			text = !text
		case text:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return fmt.Errorf("the playbook is nested deeper than %d levels", maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// A document is being read. The first error stays.
type document struct {
	doc    object
	flow   object // its workflow
	legacy bool   // 1.0 or 1.1
	err    error
}

func (d *document) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf(format, args...)
	}
}

// text is the value of a property that is text; empty when there is none.
func (d *document) text(o object, at, name string) string {
	switch v := o[name].(type) {
	case nil:
	case string:
		if len(v) <= maxText {
			return v
		}
		d.fail("%s: %s is longer than %d characters", at, name, maxText)
	default:
		d.fail("%s: %s is not text", at, name)
	}
	return ""
}

func (d *document) object(o object, at, name string) object {
	switch v := o[name].(type) {
	case nil:
	case object:
		return v
	default:
		d.fail("%s: %s is not an object", at, name)
	}
	return nil
}

func (d *document) list(o object, at, name string) []any {
	switch v := o[name].(type) {
	case nil:
	case []any:
		return v
	default:
		d.fail("%s: %s is not a list", at, name)
	}
	return nil
}

func (d *document) texts(o object, at, name string) []string {
	var out []string
	for _, v := range d.list(o, at, name) {
		s, ok := v.(string)
		if !ok {
			d.fail("%s: %s holds something that is not text", at, name)
			return nil
		}
		out = append(out, s)
	}
	return out
}

// whole is a whole number that is not negative.
func (d *document) whole(o object, at, name string) int {
	n, ok := o[name].(json.Number)
	if !ok {
		if o[name] != nil {
			d.fail("%s: %s is not a number", at, name)
		}
		return 0
	}
	f, err := n.Float64()
	if err != nil || f < 0 || f > 1e9 || f != float64(int(f)) {
		d.fail("%s: %s is not a whole number that is not negative", at, name)
		return 0
	}
	return int(f)
}

func (d *document) moment(name string) time.Time {
	text := d.text(d.doc, "playbook", name)
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		d.fail("playbook: %s is %q, which is not a time such as 2026-03-01T09:00:00Z", name, cut(text))
	}
	return t.UTC()
}

func (d *document) playbook() *Playbook {
	doc := d.doc
	p := &Playbook{
		ID: d.text(doc, "playbook", "id"), Name: d.text(doc, "playbook", "name"), Description: d.text(doc, "playbook", "description"),
		CreatedBy: d.text(doc, "playbook", "created_by"), Created: d.moment("created"), Modified: d.moment("modified"),
		Spec: d.text(doc, "playbook", "spec_version"), Types: d.texts(doc, "playbook", "playbook_types"), Labels: d.texts(doc, "playbook", "labels"),
		Severity: d.whole(doc, "playbook", "severity"),
	}
	switch p.Spec {
	case "cacao-2.0":
	case "1.0", "1.1", "cacao-1.0", "cacao-1.1":
		d.legacy = true
	default:
		d.fail("the playbook follows version %q of CACAO; 2.0, 1.1 and 1.0 can be read", cut(p.Spec))
	}
	if !Identifier(p.ID) || !strings.HasPrefix(p.ID, "playbook--") {
		d.fail("playbook: the id %q is not playbook-- and a UUID", cut(p.ID))
	}
	if strings.TrimSpace(p.Name) == "" {
		d.fail("playbook: name is missing")
	}
	if p.Severity > 100 {
		d.fail("playbook: severity is %d; it ends at 100", p.Severity)
	}
	p.Signed = len(d.list(doc, "playbook", "signatures")) > 0
	d.references(p, doc, "playbook")
	d.plan(p)
	return p
}

var technique = regexp.MustCompile(`^T\d{4}(\.\d{3})?$`)

// references finds ATT&CK techniques among the references of the playbook or a step.
func (d *document) references(p *Playbook, o object, at string) {
	for _, v := range d.list(o, at, "external_references") {
		o, ok := v.(object)
		if !ok {
			d.fail("%s: external_references holds something that is not an object", at)
			return
		}
		if id, _ := o["external_id"].(string); technique.MatchString(id) && !slices.Contains(p.Techniques, id) {
			p.Techniques = append(p.Techniques, id)
		}
	}
}

// plan reads our extension of the playbook.
func (d *document) plan(p *Playbook) {
	const at = "playbook extension"
	o := d.object(d.object(d.doc, "playbook", "playbook_extensions"), at, extensionID)
	if o == nil {
		return
	}
	p.Plan = Plan{Scenario: d.text(o, at, "scenario"), Triggers: d.text(o, at, "triggers"),
		Contain: d.whole(o, at, "contain_minutes"), Eradicate: d.whole(o, at, "eradicate_minutes"), Recover: d.whole(o, at, "recover_minutes")}
}

// step reads one step without its ways.
func (d *document) step(id string) Step {
	o, _ := d.flow[id].(object)
	s := Step{ID: id, Type: typeOf(d.text(o, id, "type")), Name: d.text(o, id, "name"), Description: d.text(o, id, "description"),
		Condition: d.text(o, id, "condition")}
	switch s.Type {
	case Switch:
		s.Condition = d.text(o, id, "switch")
	case Follow:
		s.Follows = d.text(o, id, "playbook_id")
	}
	d.commands(&s, o)
	d.agent(&s, o)
	d.note(&s, o)
	if s.Name == "" {
		s.Name = firstLine(s.Description)
	}
	s.Name = cmp.Or(s.Name, strings.ReplaceAll(string(s.Type), "-", " "))
	return s
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// typeOf names types of the older versions as those of today.
func typeOf(t string) Type {
	switch t {
	case "single":
		return Action
	case "playbook":
		return Follow
	}
	return Type(t)
}

// commands joins what a machine would run; a manual command is what people are told,
// and stands among the others where the step says something else already.
func (d *document) commands(s *Step, o object) {
	var machine []string
	for _, v := range d.list(o, s.ID, "commands") {
		c, ok := v.(object)
		if !ok {
			d.fail("%s: commands holds something that is not an object", s.ID)
			return
		}
		text := d.text(c, s.ID, "command")
		if text == "" {
			if raw, err := base64.StdEncoding.DecodeString(d.text(c, s.ID, "command_b64")); err == nil && utf8.Valid(raw) && len(raw) <= maxText {
				text = string(raw)
			}
		}
		kind := d.text(c, s.ID, "type")
		switch {
		case text == "":
		case kind == "manual" && (s.Description == "" || s.Description == text):
			s.Description = text
		case kind == "bash":
			machine = append(machine, text)
		default:
			machine = append(machine, "# "+kind+"\n"+text)
		}
	}
	s.Command = strings.Join(machine, "\n")
}

// agent finds the name of who acts.
func (d *document) agent(s *Step, o object) {
	if id := d.text(o, s.ID, "agent"); id != "" {
		// One that is not defined has no name; published examples have such.
		a := d.object(d.object(d.doc, "playbook", "agent_definitions"), "agent_definitions", id)
		s.Role = d.text(a, cut(id), "name")
	}
}

func (d *document) note(s *Step, o object) {
	n := d.object(d.object(o, s.ID, "step_extensions"), s.ID, extensionID)
	if n == nil {
		return
	}
	flag := func(name string) bool { v, _ := n[name].(bool); return v }
	s.Note = Note{Position: d.whole(n, s.ID, "position"), Phase: d.text(n, s.ID, "phase"), Condition: d.text(n, s.ID, "condition"), Check: d.text(n, s.ID, "check"),
		Minutes: d.whole(n, s.ID, "minutes"), Optional: flag("optional"), Irreversible: flag("irreversible"), Communication: flag("communication")}
}

// cut shortens text of a stranger for a message.
func cut(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
