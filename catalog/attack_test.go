package catalog

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestTheTableOfAttacksIsCompleteAndHangsTogether(t *testing.T) {
	a, err := LoadAttack()
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Tactics) != 14 || len(a.Techniques) < 600 {
		t.Errorf("%d tactics, %d techniques", len(a.Tactics), len(a.Techniques))
	}
	for _, x := range a.Tactics {
		if !slices.Contains(tactics, x.Word) {
			t.Errorf("the records know no tactic %q", x.Word)
		}
	}
	for _, v := range shipped(t).Vectors {
		if _, ok := a.Technique(v.Technique); v.Technique != "" && !ok {
			t.Errorf("the vector %s names %s, which the table lacks", v.ID, v.Technique)
		}
	}
	for _, x := range a.Techniques {
		if x.Parent() == x.ID && !a.Outside(x) && len(a.LogsOf(x.ID))+len(a.BaitFor(x.ID)) == 0 {
			t.Errorf("nobody says where %s %s is seen", x.ID, x.Name)
		}
	}
	if x, _ := a.Technique("T1110.003"); x.Parent() != "T1110" || !slices.Equal(x.Tactics, []string{"credential_access"}) || len(a.LogsOf(x.ID)) == 0 {
		t.Errorf("%+v", x)
	}
}

func TestABrokenTableOfAttacksNamesTheLine(t *testing.T) {
	for text, want := range map[string]string{
		"tactics: [{id: TA1, word: impact, name: I}]\ntechniques:\n  - {id: T1001.001, name: A}\n":                                                             "attack.yaml:3: T1001.001 stands before T1001",
		"tactics: []\ntechniques:\n  - {id: T1001, name: A, tactics: [impact]}\n":                                                                              "attack.yaml:3: T1001 has the tactic \"impact\"",
		"tactics: [{id: TA1, word: impact, name: I}]\ntechniques:\n  - {id: T1001, name: A, tactics: [impact]}\n  - {id: T1001, name: A, tactics: [impact]}\n": "attack.yaml:4: the technique \"T1001\"",
		"tactics: [{id: TA1, word: impact, name: I}]\nlogs: [{id: l, shows: [T1002]}]\ntechniques:\n  - {id: T1001, name: A, tactics: [impact]}\n":             "the log l names T1002",
		"tactics: [{id: TA1, word: impact, name: I}]\nbait: [{type: ssh, notices: [T1002]}]\ntechniques:\n  - {id: T1001, name: A, tactics: [impact]}\n":       "the bait ssh names T1002",
		"tactics: [{id: TA1, word: impact, name: I}]\ntechniques:\n  - {id: T1001, name: A}\n":                                                                 "has no tactic",
		"tactics: [{id: TA1, word: impact, colour: red}]\n":                                                                                                    "attack.yaml",
	} {
		_, err := loadAttack(fstest.MapFS{"attack.yaml": {Data: []byte(text)}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q says %v, want %q", text, err, want)
		}
	}
}

// The publisher's file is compared with in place; nothing of it but ids and names is kept.
func TestTheTableOfAttacksIsThePublishers(t *testing.T) {
	z, err := zip.OpenReader("../../shared/data/03-threat-intel.zip")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("NOT COMPARED with the publisher's table: the public test data (../shared/data beside the module) is absent")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	packed, err := fs.ReadFile(z, "attack/enterprise-attack_stix20_bundle.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	g, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	var bundle struct {
		Objects []struct {
			Type       string
			Name       string
			Revoked    bool
			Deprecated bool `json:"x_mitre_deprecated"`
			External   []struct {
				Source string `json:"source_name"`
				ID     string `json:"external_id"`
			} `json:"external_references"`
			Phases []struct {
				Phase string `json:"phase_name"`
			} `json:"kill_chain_phases"`
		}
	}
	b, err := io.ReadAll(g)
	if err == nil {
		err = json.Unmarshal(b, &bundle)
	}
	if err != nil {
		t.Fatal(err)
	}
	a, _ := LoadAttack()
	n := 0
	for _, o := range bundle.Objects {
		if o.Type != "attack-pattern" || o.Revoked || o.Deprecated {
			continue
		}
		n++
		have, _ := a.Technique(o.External[0].ID)
		if have.Name != o.Name || len(have.Tactics) != len(o.Phases) {
			t.Errorf("%s is %q for %d tactics, the publisher says %q for %d", o.External[0].ID, have.Name, len(have.Tactics), o.Name, len(o.Phases))
		}
		for _, p := range o.Phases {
			if !slices.Contains(have.Tactics, strings.ReplaceAll(p.Phase, "-", "_")) {
				t.Errorf("%s is not done for %s", have.ID, p.Phase)
			}
		}
	}
	if n != len(a.Techniques) {
		t.Errorf("the publisher has %d techniques, we have %d", n, len(a.Techniques))
	}
}
