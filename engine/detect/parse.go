package detect

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Parse reads the rules, correlations and filters of one YAML file. Everything is
// checked, down to the last pattern; the first error is returned and names file and
// line. Documents that are no rules at all are counted in Others.
func Parse(file string, data []byte) (*Collection, error) {
	roots, err := documents(file, data)
	if err != nil {
		return nil, err
	}
	c := &Collection{}
	for _, root := range roots {
		r := &reader{file: file, left: maxNodes}
		r.document(c, root)
		if r.err != nil {
			return nil, r.err
		}
	}
	return c, nil
}

// document reads one document into the collection, by what it holds.
func (r *reader) document(c *Collection, root *yaml.Node) {
	if r.visit(root).Kind != yaml.MappingNode {
		c.Others++
		return
	}
	parts := map[string]pair{}
	for _, p := range r.pairs(root, "the document") {
		parts[p.key] = p
	}
	if p, legacy := parts["action"]; legacy {
		r.fail(p.at, "action is of an old form of Sigma; write each rule as a document of its own")
		return
	}
	about := func() About { return r.about(root, parts) }
	switch {
	case parts["correlation"].value != nil:
		c.Correlations = append(c.Correlations, r.correlation(about(), parts["correlation"].value))
	case parts["filter"].value != nil:
		c.Filters = append(c.Filters, r.filter(about(), parts))
	case parts["detection"].value != nil:
		c.Rules = append(c.Rules, r.rule(about(), parts))
	case parts["logsource"].value != nil:
		r.fail(root, "the rule has no detection")
	default:
		c.Others++
	}
}

// about reads what all documents have in common. Names that are not known are
// allowed by the specification: people keep notes of their own in rules.
func (r *reader) about(root *yaml.Node, parts map[string]pair) About {
	text := func(name string) string {
		if p, ok := parts[name]; ok {
			return r.text(p.value, name)
		}
		return ""
	}
	texts := func(name string) []string {
		if p, ok := parts[name]; ok {
			return r.texts(p.value, name)
		}
		return nil
	}
	a := About{
		ID: text("id"), Name: text("name"), Title: text("title"), Level: Level(strings.ToLower(text("level"))),
		Status: text("status"), Description: strings.TrimSpace(text("description")), Author: text("author"),
		Tags: texts("tags"), References: texts("references"), FalsePositives: texts("falsepositives"),
		File: r.file, Line: root.Line,
	}
	if a.Title == "" {
		r.fail(root, "the rule has no title")
	}
	if a.Level != "" && a.Level.Rank() == 0 {
		r.fail(parts["level"].at, "level %q: choose informational, low, medium, high or critical", a.Level)
	}
	return a
}

func (r *reader) rule(about About, parts map[string]pair) *Rule {
	rule := &Rule{About: about}
	rule.LogSource = r.logSource(about, parts)
	rule.selections, rule.conditions = r.detection(parts["detection"])
	if r.err == nil {
		r.err = tryBuild(rule.at(), rule.selections, rule.conditions)
	}
	return rule
}

func (r *reader) logSource(about About, parts map[string]pair) LogSource {
	p, ok := parts["logsource"]
	if !ok {
		if r.err == nil {
			r.err = about.at().errorf("the rule has no logsource; name at least a category, a product or a service")
		}
		return LogSource{}
	}
	var s LogSource
	for _, q := range r.pairs(p.value, "logsource") {
		switch q.key {
		case "category":
			s.Category = strings.ToLower(r.text(q.value, q.key))
		case "product":
			s.Product = strings.ToLower(r.text(q.value, q.key))
		case "service":
			s.Service = strings.ToLower(r.text(q.value, q.key))
		}
	}
	return s
}

// detection reads the selections and the condition over them.
func (r *reader) detection(p pair) ([]selection, []condition) {
	var list []selection
	var conditions []pair
	for _, q := range r.pairs(p.value, p.key) {
		switch q.key {
		case "condition":
			for _, n := range r.items(q.value) {
				conditions = append(conditions, pair{r.text(n, "condition"), n, n})
			}
		case "timeframe":
			r.fail(q.at, "timeframe is of an old form of Sigma; write a correlation with a timespan")
		default:
			list = append(list, selection{name: q.key, body: r.body(q.value, 0)})
		}
	}
	if r.err == nil && len(conditions) == 0 {
		r.fail(p.at, "%s has no condition", p.key)
	}
	return list, r.conditions(conditions, list)
}

func (r *reader) conditions(texts []pair, list []selection) []condition {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.name
	}
	var out []condition
	for _, p := range texts {
		if r.err != nil {
			return nil
		}
		cond, err := parseCondition(p.key, names)
		if err != nil {
			r.fail(p.at, "condition: %w", err)
			return nil
		}
		out = append(out, cond)
	}
	return out
}

// tryBuild builds the conditions once, so that every pattern is seen to be right
// when the file is read. Placeholders, which a pipeline fills later, pass.
func tryBuild(at place, list []selection, conditions []condition) error {
	_, err := (&builder{at: at, lax: true}).rule(list, conditions)
	return err
}

// selectionNames lists those that a pattern such as filter_* means. The word them
// leaves out names that begin with an underscore.
func selectionNames(pattern string, names []string) []string {
	var out []string
	for _, n := range names {
		if pattern == "them" && !strings.HasPrefix(n, "_") || pattern != "them" && wild(pattern, n) {
			out = append(out, n)
		}
	}
	return slices.Clip(out)
}

// wild matches a name against a pattern in which * is any text.
func wild(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	last := len(parts) - 1
	if !strings.HasPrefix(name, parts[0]) {
		return false
	}
	name = name[len(parts[0]):]
	for _, part := range parts[1:last] {
		_, after, found := strings.Cut(name, part)
		if !found {
			return false
		}
		name = after
	}
	return strings.HasSuffix(name, parts[last])
}
