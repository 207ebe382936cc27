package library

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"holdfast/catalog"
	"holdfast/kind"
)

// cisoLibrary is a library of CISO Assistant, as far as it is read. Its translations
// are left out.
type cisoLibrary struct {
	URN         string      `yaml:"urn"`
	RefID       string      `yaml:"ref_id"`
	Name        string      `yaml:"name"`
	Description string      `yaml:"description"`
	Version     yaml.Node   `yaml:"version"`
	Provider    string      `yaml:"provider"`
	Objects     cisoObjects `yaml:"objects"`
}

type cisoObjects struct {
	Framework   many[cisoFramework] `yaml:"framework"`
	Frameworks  many[cisoFramework] `yaml:"frameworks"`
	Controls    many[cisoControl]   `yaml:"reference_controls"`
	Threats     many[yaml.Node]     `yaml:"threats"`
	Matrix      many[yaml.Node]     `yaml:"risk_matrix"`
	Matrices    many[yaml.Node]     `yaml:"risk_matrices"`
	MappingSet  many[cisoMapping]   `yaml:"requirement_mapping_set"`
	MappingSets many[cisoMapping]   `yaml:"requirement_mapping_sets"`
}

// many is one thing or a list of them.
type many[T any] []T

// UnmarshalYAML reads a list, or one thing as a list of one.
func (m *many[T]) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.SequenceNode {
		return n.Decode((*[]T)(m))
	}
	var one T
	if err := n.Decode(&one); err != nil {
		return err
	}
	*m = many[T]{one}
	return nil
}

type cisoFramework struct {
	URN         string     `yaml:"urn"`
	RefID       string     `yaml:"ref_id"`
	Name        string     `yaml:"name"`
	Description string     `yaml:"description"`
	Nodes       []cisoNode `yaml:"requirement_nodes"`
}

type cisoNode struct {
	URN         string   `yaml:"urn"`
	ParentURN   string   `yaml:"parent_urn"`
	RefID       string   `yaml:"ref_id"`
	Name        string   `yaml:"name"`
	Description string   `yaml:"description"`
	Annotation  string   `yaml:"annotation"`
	Evidence    string   `yaml:"typical_evidence"`
	Assessable  bool     `yaml:"assessable"`
	Groups      []string `yaml:"implementation_groups"`
	Controls    []string `yaml:"reference_controls"`
	Importance  string   `yaml:"importance"`
}

type cisoControl struct {
	URN         string `yaml:"urn"`
	RefID       string `yaml:"ref_id"`
	Name        string `yaml:"name"`
	Category    string `yaml:"category"`
	Description string `yaml:"description"`
}

type cisoMapping struct {
	SourceURN string     `yaml:"source_framework_urn"`
	TargetURN string     `yaml:"target_framework_urn"`
	Name      string     `yaml:"name"`
	Pairs     []cisoPair `yaml:"requirement_mappings"`
}

type cisoPair struct {
	SourceURN    string `yaml:"source_requirement_urn"`
	TargetURN    string `yaml:"target_requirement_urn"`
	Relationship string `yaml:"relationship"`
	Strength     int    `yaml:"strength_of_relationship"`
}

// readCISO reads a library in YAML.
func readCISO(f File) (Library, error) {
	var lib cisoLibrary
	if err := yaml.Unmarshal(f.Data, &lib); err != nil {
		return Library{}, bad(f.Name, "", "not a library: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	return lib.library(f.Name)
}

// library makes ours of theirs.
func (lib *cisoLibrary) library(file string) (Library, error) {
	out := Library{Title: oneLine(lib.Name)}
	names := map[string]string{}
	for _, c := range lib.Objects.Controls {
		names[c.URN] = c.Name
		out.Measures = append(out.Measures, Measure{Code: oneLine(c.RefID), Title: oneLine(c.Name), Text: text(c.Description), Sort: oneLine(c.Category)})
	}
	for _, fw := range append(lib.Objects.Framework, lib.Objects.Frameworks...) {
		made, err := lib.framework(file, fw, names)
		if err != nil {
			return Library{}, err
		}
		out.Frameworks = append(out.Frameworks, made)
	}
	if err := lib.mappings(file, &out); err != nil {
		return Library{}, err
	}
	if n := len(out.Measures); n > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("%d reference controls: their names stand in the guidance of the requirements that point to them.", n))
	}
	if n := len(lib.Objects.Matrix) + len(lib.Objects.Matrices); n > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("%d risk matrices were not taken in: the matrix of this workspace is set up with the risk appetite.", n))
	}
	if n := len(lib.Objects.Threats); n > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("%d threats were not taken in: scenarios of the catalogue take their place.", n))
	}
	if len(out.Frameworks)+len(out.Mappings)+len(out.Measures)+len(out.Notes) == 0 {
		return Library{}, bad(file, "objects", "the library holds no framework, mapping or reference control")
	}
	return out, nil
}

func (lib *cisoLibrary) framework(file string, fw cisoFramework, controls map[string]string) (catalog.Framework, error) {
	b := newBuilder(file, catalog.Framework{
		ID: lastOf(fw.URN, fw.RefID, fw.Name), Title: fw.Name, Abbreviation: oneLine(fw.RefID), Publisher: lib.Provider,
		Version: lib.Version.Value, About: fw.Description,
	})
	codes := map[string]string{}
	for i, n := range fw.Nodes {
		place := fmt.Sprintf("requirement_nodes[%d]", i)
		code := oneLine(n.RefID)
		if _, taken := b.have[code]; code == "" || taken {
			code = lastOf(n.URN, place)
		}
		parent := codes[n.ParentURN]
		if n.ParentURN != "" && parent == "" {
			return catalog.Framework{}, bad(file, place, "its parent %s does not stand before it", n.ParentURN)
		}
		if n.URN != "" {
			codes[n.URN] = code
		}
		r := catalog.Requirement{
			ID: code, In: parent, Chapter: !n.Assessable, Title: n.Name, Asks: n.Description, Guidance: n.guidance(controls),
			Proof: n.Evidence, Tier: strings.Join(n.Groups, ", "), Optional: n.Importance == "recommended" || n.Importance == "nice_to_have",
		}
		if err := b.add(place, r); err != nil {
			return catalog.Framework{}, err
		}
	}
	return b.framework()
}

// guidance is the annotation, with the reference controls that the library has.
func (n *cisoNode) guidance(controls map[string]string) string {
	var list []string
	for _, urn := range n.Controls {
		if name := controls[urn]; name != "" && name != n.Name {
			list = append(list, name)
		}
	}
	if len(list) == 0 {
		return n.Annotation
	}
	return strings.TrimSpace(n.Annotation + "\n\nReference controls: " + strings.Join(list, "; ") + ".")
}

func (lib *cisoLibrary) mappings(file string, out *Library) error {
	for i, set := range append(lib.Objects.MappingSet, lib.Objects.MappingSets...) {
		place := fmt.Sprintf("requirement_mapping_sets[%d]", i)
		m := catalog.Mapping{
			Source: lastOf(set.SourceURN), Target: lastOf(set.TargetURN), Authority: oneLine(lib.Provider), About: text(lib.Description),
		}
		if m.Source == "" || m.Target == "" || m.Source == m.Target {
			return bad(file, place, "relates %q to %q; it needs two frameworks", set.SourceURN, set.TargetURN)
		}
		m.Source, m.Target = slug(m.Source), slug(m.Target)
		unrelated := 0
		for j, p := range set.Pairs {
			if p.Relationship == "not_related" {
				unrelated++
				continue
			}
			pair := catalog.Pair{Source: strings.ToUpper(lastOf(p.SourceURN)), Relation: relations[p.Relationship], Target: strings.ToUpper(lastOf(p.TargetURN)), Confidence: confidence(p.Strength)}
			if pair.Relation == "" {
				return bad(file, fmt.Sprintf("%s.requirement_mappings[%d]", place, j), "%q is not a relation; there are equal, subset, superset, intersect and not_related", p.Relationship)
			}
			if pair.Source == "" || pair.Target == "" {
				return bad(file, fmt.Sprintf("%s.requirement_mappings[%d]", place, j), "it needs a source and a target")
			}
			if m.Pairs = append(m.Pairs, pair); len(m.Pairs) > MaxPairs {
				return tooMany(file)
			}
		}
		if unrelated > 0 {
			out.Notes = append(out.Notes, fmt.Sprintf("%d pairs said to have no relation were left out.", unrelated))
		}
		if mirrored(out.Mappings, m) {
			out.Notes = append(out.Notes, fmt.Sprintf("The mapping from %s to %s says the same the other way round and was left out.", m.Source, m.Target))
			continue
		}
		out.Mappings = append(out.Mappings, m)
	}
	return nil
}

// mirrored says whether a mapping only turns round one that is there.
func mirrored(have []catalog.Mapping, m catalog.Mapping) bool {
	turn := map[string]string{"equal": "equal", "intersects": "intersects", "subset": "superset", "superset": "subset"}
	for _, h := range have {
		if h.Source != m.Target || h.Target != m.Source || len(h.Pairs) != len(m.Pairs) {
			continue
		}
		says := map[[3]string]bool{}
		for _, p := range h.Pairs {
			says[[3]string{p.Target, turn[p.Relation], p.Source}] = true
		}
		all := true
		for _, p := range m.Pairs {
			all = all && says[[3]string{p.Source, p.Relation, p.Target}]
		}
		if all {
			return true
		}
	}
	return false
}

// confidence brings a strength from 1 to 10 to ours from 1 to 5.
func confidence(strength int) int {
	if strength <= 0 {
		return 3
	}
	return min(5, (strength+1)/2)
}

// lastOf is the last part of the first name that is not empty: of a URN what it names.
func lastOf(names ...string) string {
	for _, n := range names {
		if n = oneLine(n); n != "" {
			return n[strings.LastIndexByte(n, ':')+1:]
		}
	}
	return ""
}

func tooMany(file string) error {
	return kind.Errorf(kind.TooLarge, "%s: more than %d pairs in one mapping; split it", file, MaxPairs)
}
