package detect

import (
	"strings"
	"testing"
)

func pipeline(t testing.TB, yaml string) Options {
	t.Helper()
	p, err := ParsePipeline("p.yml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return Options{Pipelines: []*Pipeline{p}}
}

func TestPipelines(t *testing.T) {
	plain := "s: {Image|endswith: cmd.exe, User: a}\ncondition: s"
	for _, test := range []struct {
		name, pipeline, detection, event string
		want                             bool
	}{
		{"a field is mapped", "transformations: [{type: field_name_mapping, mapping: {Image: process.executable}}]", plain, `{"process":{"executable":"x\\cmd.exe"},"User":"a"}`, true},
		{"the old name no longer counts", "transformations: [{type: field_name_mapping, mapping: {Image: process.executable}}]", plain, `{"Image":"x\\cmd.exe","User":"a"}`, false},
		{"a field becomes one of several", "transformations: [{type: field_name_mapping, mapping: {Image: [p, q]}}]", plain, `{"q":"cmd.exe","User":"a"}`, true},
		{"a prefix", "transformations: [{type: field_name_prefix, prefix: win.}]", plain, `{"win":{"Image":"cmd.exe","User":"a"}}`, true},
		{"a suffix for some fields", "transformations: [{type: field_name_suffix, suffix: .raw, field_name_conditions: [{type: include_fields, fields: [User]}]}]", plain, `{"Image":"cmd.exe","User.raw":"a"}`, true},
		{"prefixes are mapped", "transformations: [{type: field_name_prefix_mapping, mapping: {Im: proc.}}]", plain, `{"proc":{"age":"cmd.exe"},"User":"a"}`, true},
		{"only for its log source", "transformations: [{type: field_name_prefix, prefix: win., rule_conditions: [{type: logsource, product: other}]}]", plain, `{"Image":"cmd.exe","User":"a"}`, true},
		{"not for its log source", "transformations: [{type: field_name_prefix, prefix: win., rule_cond_not: true, rule_conditions: [{type: logsource, product: other}]}]", plain, `{"win.Image":"cmd.exe","win.User":"a"}`, true},
		{"a condition is added", "transformations: [{type: add_condition, conditions: {Channel: [Security]}}]", plain, `{"Image":"cmd.exe","User":"a"}`, false},
		{"an added condition that holds", "transformations: [{type: add_condition, conditions: {index: [logs]}}]", plain, `{"Image":"cmd.exe","User":"a","index":"logs"}`, true},
		{"a negated condition", "transformations: [{type: add_condition, negated: true, conditions: {index: test}}]", plain, `{"Image":"cmd.exe","User":"a","index":"test"}`, false},
		{"an item is dropped", "transformations: [{type: drop_detection_item, field_name_conditions: [{type: include_fields, fields: [User]}]}]", plain, `{"Image":"cmd.exe"}`, true},
		{"placeholders get values", "vars: {admins: ['root', 'adm*']}\ntransformations: [{type: value_placeholders}]", "s: {User|expand: '%admins%'}\ncondition: s", `{"User":"admin7"}`, true},
		{"placeholders get no other values", "vars: {admins: ['root', 'adm*']}\ntransformations: [{type: value_placeholders}]", "s: {User|expand: '%admins%'}\ncondition: s", `{"User":"alice"}`, false},
		{"placeholders within text", "vars: {h: [a, b]}\ntransformations: [{type: value_placeholders}]", "s: {H|expand|contains: 'x-%h%-y'}\ncondition: s", `{"H":"0x-b-y0"}`, true},
		{"placeholders become wildcards", "transformations: [{type: wildcard_placeholders}]", "s: {User|expand: 'a%admins%'}\ncondition: s", `{"User":"alice"}`, true},
		{"without expand percent signs are plain", "vars: {h: [a]}\ntransformations: [{type: value_placeholders}]", "s: {H: '%h%'}\ncondition: s", `{"H":"%h%"}`, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, _ := oneRule(t, test.detection, test.event, pipeline(t, test.pipeline)); got != test.want {
				t.Errorf("%v", got)
			}
		})
	}
}

func TestAPlaceholderWithoutValuesAndARefusedRuleAreNotCompiled(t *testing.T) {
	c, err := Parse("r.yml", []byte("title: t\nlogsource: {category: test}\ndetection:\n  s: {User|expand: '%admins%'}\n  condition: s"))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{{}, pipeline(t, "transformations: [{type: rule_failure, message: not here}]")} {
		if e, problems := Compile(c, o); len(problems) != 1 || e.Rules() != 0 || !strings.HasPrefix(problems[0].Error(), "r.yml:") {
			t.Errorf("%v", problems)
		}
	}
}

func TestAPipelineThatIsWrongIsRefusedWithItsLine(t *testing.T) {
	for _, test := range []struct{ yaml, want string }{
		{"transformations:\n  - type: field_name_maping", "p.yml:2: \"field_name_maping\" is not known in the types of transformation; did you mean field_name_mapping?"},
		{"transformation: []", "did you mean transformations?"},
		{"priority: x", "whole number"},
		{"transformations: [{prefix: a}]", "no type"},
		{"transformations: [{type: field_name_prefix, rule_conditions: [{type: color}]}]", "logsource, tag"},
	} {
		if _, err := ParsePipeline("p.yml", []byte(test.yaml)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.yaml, err)
		}
	}
}

func TestFiltersLeaveOutWhatIsNormalForTheRulesTheyName(t *testing.T) {
	rules := `title: one
id: one
logsource: {product: windows}
detection: {selection: {f: x}, condition: selection}
---
title: two
id: two
logsource: {product: windows}
detection: {selection: {f: x}, condition: selection}
---
title: normal
logsource: {product: windows}
filter:
    rules: [one]
    selection: {User|startswith: adm_}
    condition: not selection
`
	c, err := Parse("f.yml", []byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	e, problems := Compile(c, Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	m := e.NewMatcher()
	for event, want := range map[string]int{`{"f":"x","User":"adm_1"}`: 1, `{"f":"x","User":"bob"}`: 2} {
		if got, err := m.Match([]byte(event)); err != nil || len(got) != want {
			t.Errorf("%s: %d matches, want %d (%v)", event, len(got), want, err)
		}
	}
}
