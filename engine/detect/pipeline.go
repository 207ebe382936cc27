package detect

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A Pipeline bends rules to the fields, log sources and names of an organisation
// before they are compiled. Its form is a subset of that of pySigma.
type Pipeline struct {
	Name     string
	Priority int // pipelines with a smaller number are applied first
	vars     map[string][]string
	steps    []transformation
}

// A transformation is one step of a pipeline.
type transformation struct {
	kind    string
	at      place
	when    []ruleCondition
	anyOf   bool // of when, one is enough
	notWhen bool
	include []string // fields; empty: all
	exclude []string
	mapping map[string][]string // names of fields or prefixes to new ones
	affix   string
	source  LogSource
	added   []item
	negated bool
	message string
}

// A ruleCondition says which rules a step is for.
type ruleCondition struct {
	source LogSource
	tag    string
}

// The transformations.
const (
	mapFields     = "field_name_mapping"
	mapPrefixes   = "field_name_prefix_mapping"
	addPrefix     = "field_name_prefix"
	addSuffix     = "field_name_suffix"
	addCondition  = "add_condition"
	changeSource  = "change_logsource"
	dropItem      = "drop_detection_item"
	fillValues    = "value_placeholders"
	fillWildcards = "wildcard_placeholders"
	refuse        = "rule_failure"
)

var transformations = []string{mapFields, mapPrefixes, addPrefix, addSuffix, addCondition, changeSource, dropItem, fillValues, fillWildcards, refuse}

// ParsePipeline reads a pipeline. Unknown names are errors.
func ParsePipeline(file string, data []byte) (*Pipeline, error) {
	roots, err := documents(file, data)
	if err != nil {
		return nil, err
	}
	if len(roots) != 1 {
		return nil, place{file, 0}.errorf("a pipeline is one document, here are %d", len(roots))
	}
	r := &reader{file: file, left: maxNodes}
	p := r.pipeline(roots[0])
	if r.err != nil {
		return nil, r.err
	}
	return p, nil
}

func (r *reader) pipeline(root *yaml.Node) *Pipeline {
	p := &Pipeline{Name: r.file, vars: map[string][]string{}}
	for _, q := range r.pairs(root, "the pipeline") {
		switch q.key {
		case "name":
			p.Name = r.text(q.value, q.key)
		case "priority":
			p.Priority = r.number(q.value, q.key)
		case "vars":
			for _, v := range r.pairs(q.value, q.key) {
				p.vars[v.key] = r.texts(v.value, v.key)
			}
		case "transformations":
			for _, n := range r.items(q.value) {
				p.steps = append(p.steps, r.transformation(n))
			}
		case "allowed_backends": // says where pySigma may use it
		default:
			r.unknown(q, "the pipeline", "name", "priority", "vars", "transformations")
		}
	}
	return p
}

func (r *reader) number(n *yaml.Node, what string) int {
	i, err := strconv.Atoi(r.text(n, what))
	if err != nil {
		r.fail(n, "%s must be a whole number", what)
	}
	return i
}

func (r *reader) transformation(n *yaml.Node) transformation {
	t := transformation{at: place{r.file, n.Line}, mapping: map[string][]string{}}
	for _, q := range r.pairs(n, "a transformation") {
		switch q.key {
		case "id":
		case "type":
			t.kind = r.text(q.value, q.key)
			if !slices.Contains(transformations, t.kind) {
				r.unknown(pair{t.kind, q.value, q.value}, "the types of transformation", transformations...)
			}
		case "mapping":
			for _, m := range r.pairs(q.value, q.key) {
				t.mapping[m.key] = r.texts(m.value, m.key)
			}
		case "prefix", "suffix":
			t.affix = r.text(q.value, q.key)
		case "category":
			t.source.Category = r.text(q.value, q.key)
		case "product":
			t.source.Product = r.text(q.value, q.key)
		case "service":
			t.source.Service = r.text(q.value, q.key)
		case "conditions":
			t.added = r.mapBody(r.visit(q.value)).all
		case "negated":
			t.negated = r.bool(q.value, q.key)
		case "message":
			t.message = r.text(q.value, q.key)
		case "include", "exclude":
			r.names(&t, q)
		default:
			r.scope(&t, q)
		}
	}
	if r.err == nil && t.kind == "" {
		r.fail(n, "the transformation has no type")
	}
	return t
}

// names reads the placeholders that a step fills or leaves alone.
func (r *reader) names(t *transformation, q pair) {
	list := r.texts(q.value, q.key)
	if q.key == "include" {
		t.include = list
	} else {
		t.exclude = list
	}
}

// scope reads which rules and which fields a step is for.
func (r *reader) scope(t *transformation, q pair) {
	switch q.key {
	case "rule_conditions":
		for _, n := range r.items(q.value) {
			t.when = append(t.when, r.ruleCondition(n))
		}
	case "rule_cond_op":
		t.anyOf = r.text(q.value, q.key) == "or"
	case "rule_cond_not":
		t.notWhen = r.bool(q.value, q.key)
	case "field_name_conditions":
		for _, n := range r.items(q.value) {
			r.fieldCondition(t, n)
		}
	default:
		r.unknown(q, "a transformation", "id", "type", "mapping", "prefix", "suffix", "category", "product", "service",
			"conditions", "negated", "message", "include", "exclude", "rule_conditions", "rule_cond_op", "rule_cond_not", "field_name_conditions")
	}
}

func (r *reader) ruleCondition(n *yaml.Node) ruleCondition {
	var c ruleCondition
	for _, q := range r.pairs(n, "a condition") {
		text := r.text(q.value, q.key)
		switch q.key {
		case "type":
			if text != "logsource" && text != "tag" {
				r.unknown(pair{text, q.value, q.value}, "the types of condition", "logsource", "tag")
			}
		case "category":
			c.source.Category = text
		case "product":
			c.source.Product = text
		case "service":
			c.source.Service = text
		case "tag":
			c.tag = text
		default:
			r.unknown(q, "a condition", "type", "category", "product", "service", "tag")
		}
	}
	return c
}

func (r *reader) fieldCondition(t *transformation, n *yaml.Node) {
	kind := ""
	for _, q := range r.pairs(n, "a condition") {
		switch q.key {
		case "type":
			kind = r.text(q.value, q.key)
		case "fields":
			switch list := r.texts(q.value, q.key); kind {
			case "include_fields":
				t.include = append(t.include, list...)
			case "exclude_fields":
				t.exclude = append(t.exclude, list...)
			default:
				r.fail(q.at, "the condition must first have a type, include_fields or exclude_fields")
			}
		default:
			r.unknown(q, "a condition", "type", "fields")
		}
	}
}

// forRule says whether the step is for the rule.
func (t *transformation) forRule(tags []string, s LogSource) bool {
	if len(t.when) == 0 {
		return true
	}
	met := 0
	for _, c := range t.when {
		if (c.tag == "" || slices.Contains(tags, c.tag)) && c.source.covers(s) {
			met++
		}
	}
	yes := met == len(t.when) || t.anyOf && met > 0
	return yes != t.notWhen
}

// covers says whether every part that is named here is the same there.
func (s LogSource) covers(of LogSource) bool {
	same := func(want, is string) bool { return want == "" || want == is }
	return same(s.Category, of.Category) && same(s.Product, of.Product) && same(s.Service, of.Service)
}

func (t *transformation) forField(name string) bool {
	return (len(t.include) == 0 || slices.Contains(t.include, name)) && !slices.Contains(t.exclude, name)
}

// A draft is a rule on its way through the pipelines.
type draft struct {
	about      *About
	source     LogSource
	selections []selection
	conditions []condition
	build      builder
}

// through applies the pipelines in the order of their priority.
func (d *draft) through(pipelines []*Pipeline) error {
	ordered := slices.Clone(pipelines)
	slices.SortStableFunc(ordered, func(a, b *Pipeline) int { return cmp.Compare(a.Priority, b.Priority) })
	d.build = builder{at: d.about.at(), values: map[string][]string{}, wildcard: map[string]bool{}}
	for _, p := range ordered {
		for i := range p.steps {
			t := &p.steps[i]
			if !t.forRule(d.about.Tags, d.source) {
				continue
			}
			if err := d.apply(p, t); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *draft) apply(p *Pipeline, t *transformation) error {
	switch t.kind {
	case changeSource:
		d.source = t.source
	case addCondition:
		d.add(t)
	case refuse:
		return d.about.at().errorf("refused by %s: %s", t.at, t.message)
	case fillValues:
		for name, values := range p.vars {
			if t.forField(name) {
				d.build.values[name] = values
			}
		}
	case fillWildcards:
		for _, name := range t.include {
			d.build.wildcard[name] = true
		}
		d.build.wildcard["*"] = d.build.wildcard["*"] || len(t.include) == 0
	default:
		d.selections = slices.Clone(d.selections)
		for i := range d.selections {
			d.selections[i].body = t.renamed(d.selections[i].body)
		}
	}
	return nil
}

// add puts a selection beside those of the rule and into each condition.
func (d *draft) add(t *transformation) {
	name := "_pipeline_" + strconv.Itoa(len(d.selections))
	d.selections = append(slices.Clone(d.selections), selection{name, body{all: t.added}})
	extra := condition{name: name}
	if t.negated {
		extra = condition{op: opNot, kids: []condition{extra}}
	}
	all := make([]condition, len(d.conditions))
	for i, c := range d.conditions {
		all[i] = condition{op: opAnd, kids: []condition{extra, c}}
	}
	d.conditions = all
}

// renamed changes the names of fields, or drops items. A field that becomes several
// is looked for in each of them.
func (t *transformation) renamed(b body) body {
	var out body
	for _, k := range b.any {
		out.any = append(out.any, t.renamed(k))
	}
	for _, k := range b.every {
		out.every = append(out.every, t.renamed(k))
	}
	for _, it := range b.all {
		if it.field == "" || !t.forField(it.field) {
			out.all = append(out.all, it)
			continue
		}
		if t.kind == dropItem {
			continue
		}
		names := t.names(it.field)
		if len(names) == 1 {
			it.field = names[0]
			out.all = append(out.all, it)
			continue
		}
		var either body
		for _, n := range names {
			it.field = n
			either.any = append(either.any, body{all: []item{it}})
		}
		out.every = append(out.every, either)
	}
	return out
}

// names are what a field is called after the step.
func (t *transformation) names(field string) []string {
	switch t.kind {
	case mapFields:
		if to := t.mapping[field]; len(to) > 0 {
			return to
		}
	case mapPrefixes:
		longest := ""
		for from := range t.mapping {
			if strings.HasPrefix(field, from) && len(from) > len(longest) {
				longest = from
			}
		}
		var list []string
		for _, to := range t.mapping[longest] {
			list = append(list, to+field[len(longest):])
		}
		if list != nil {
			return list
		}
	case addPrefix:
		return []string{t.affix + field}
	case addSuffix:
		return []string{field + t.affix}
	}
	return []string{field}
}
