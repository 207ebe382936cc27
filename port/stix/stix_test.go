package stix_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/port/stix"
)

func TestAPatternGivesTheValuesThatAreEnough(t *testing.T) {
	for _, c := range []struct{ pattern, want, err string }{
		{"[ipv4-addr:value = '192.0.2.7']", "address 192.0.2.7", ""},
		{"[ipv4-addr:value = '198.51.100.0/24']", "network 198.51.100.0/24", ""},
		{"[ipv4-addr:value ISSUBSET '198.51.100.0/24']", "network 198.51.100.0/24", ""},
		{"[domain-name:value = 'a.example' OR domain-name:value IN ('b.example', 'c.example')]", "domain a.example, domain b.example, domain c.example", ""},
		{"[file:name = 'x.exe' AND file:hashes.'SHA-256' = 'aa']", "sha256 aa", ""},
		{"[(file:hashes.MD5 = 'aa' OR file:hashes.'SHA-1' = 'bb') AND file:size = 17]", "md5 aa, sha1 bb", ""},
		{"[url:value = 'http://e.example/\\'q\\\\'] OR ([email-message:from_ref.value = 'a@e.example'])", `url http://e.example/'q\, email a@e.example`, ""},
		{"[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '192.0.2.7']", "address 192.0.2.7", ""},
		{"[network-traffic:dst_ref.value = 'e.example']", "domain e.example", ""},
		{"[x509-certificate:hashes.'SHA-256' = 'cc']", "certificate cc", ""},
		{"[domain-name:value NOT = 'good.example']", "", "nothing in its pattern"},
		{"[domain-name:value != 'good.example' OR domain-name:value = 'bad.example']", "domain bad.example", ""},
		{"[file:name MATCHES '^x']", "", "nothing in its pattern"},
		{"[ipv4-addr:value = '192.0.2.7'] FOLLOWEDBY [domain-name:value = 'e.example'] WITHIN 300 SECONDS", "", "sequence"},
		{"[ipv4-addr:value = '192.0.2.7", "", "does not end"},
		{"[ipv4-addr:value '192.0.2.7']", "", "not known"},
		{"ipv4-addr:value = '192.0.2.7'", "", `"[" belongs`},
		{"", "", `"[" belongs`},
		{strings.Repeat("(", 1000) + "[a:b = 'c']", "", "too deeply"},
		{"[" + strings.Repeat("(", 1000), "", "too deeply"},
		{"[a:b = 'c' OR " + strings.Repeat("a:b='c' OR ", 30_000) + "a:b='c']", "", ""},
	} {
		found, err := stix.Pattern(c.pattern)
		var have []string
		for _, f := range found {
			have = append(have, string(f.Type)+" "+f.Value)
		}
		if got := strings.Join(have, ", "); got != c.want || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) || c.err == "" && c.want != "" && err != nil {
			t.Errorf("%.60s gives %q, %v; want %q, %s", c.pattern, got, err, c.want, c.err)
		}
	}
}

// told is what a result says, in one line each.
func told(r *stix.Result) []string {
	out := []string{}
	for _, m := range r.Marks {
		out = append(out, fmt.Sprintf("%s %s|%s|%s|%s|%s|%d|%v", m.Type, m.Value, m.Campaign, m.Actor, strings.Join(m.Techniques, " "), m.Sharing, m.Confidence, m.Revoked))
	}
	for _, s := range r.Skipped {
		out = append(out, "left "+s.What+": "+s.Why)
	}
	return out
}

func TestWhatOthersTellIsReadWithWhatStandsAroundIt(t *testing.T) {
	for name, c := range map[string]struct {
		text    string
		options stix.Options
		want    []string
	}{
		"a bundle": {`{"type": "bundle", "id": "bundle--1", "objects": [
			{"type": "indicator", "id": "indicator--1", "pattern_type": "stix", "pattern": "[domain-name:value = 'Evil.example']", "confidence": 80, "valid_from": "2026-01-01T00:00:00Z", "object_marking_refs": ["marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"]},
			{"type": "malware", "id": "malware--1", "name": "Rook"}, {"type": "threat-actor", "id": "threat-actor--1", "name": "Crew"},
			{"type": "attack-pattern", "id": "attack-pattern--1", "external_references": [{"source_name": "mitre-attack", "external_id": "T1566.001"}]},
			{"type": "relationship", "id": "relationship--1", "relationship_type": "indicates", "source_ref": "indicator--1", "target_ref": "malware--1"},
			{"type": "relationship", "id": "relationship--2", "relationship_type": "indicates", "source_ref": "indicator--1", "target_ref": "threat-actor--1"},
			{"type": "relationship", "id": "relationship--3", "relationship_type": "indicates", "source_ref": "indicator--1", "target_ref": "attack-pattern--1"},
			{"type": "indicator", "id": "indicator--2", "pattern_type": "yara", "pattern": "rule x {}"},
			{"type": "indicator", "id": "indicator--3", "revoked": true, "pattern": "[ipv4-addr:value = '192.168.0.1' OR ipv4-addr:value = '203.0.113.1']"}]}`, stix.Options{},
			[]string{"domain evil.example|Rook|Crew|T1566.001|amber|80|false", "address 203.0.113.1||||" + "|-1|true",
				"left yara: its pattern is written in yara; rules of Sigma are taken in as rules", "left address 192.168.0.1: belongs to a network that nobody can be reached in from outside"}},
		"an event of MISP": {`{"Event": {"info": "Op Rook", "Orgc": {"name": "CERT"}, "Tag": [{"name": "tlp:green"}], "Galaxy": [{"type": "mitre-attack-pattern", "GalaxyCluster": [{"value": "Phishing - T1566"}]}],
			"Attribute": [{"uuid": "1", "type": "domain|ip", "value": "evil.example|203.0.113.1", "to_ids": true, "timestamp": "1700000000", "Tag": [{"name": "tlp:red"}]},
				{"uuid": "2", "type": "filename|md5", "value": "x.exe|0123456789abcdef0123456789abcdef", "to_ids": "1"}, {"uuid": "3", "type": "ip-dst", "value": "203.0.113.2", "to_ids": false},
				{"uuid": "4", "type": "btc", "value": "1abc", "to_ids": true}, {"uuid": "5", "type": "md5", "value": "x", "to_ids": true}, {"uuid": "6", "type": "url", "value": "http://evil.example/", "deleted": true}],
			"Object": [{"name": "file", "Attribute": [{"uuid": "7", "type": "sha1", "value": "0123456789abcdef0123456789abcdef01234567", "to_ids": true}]}]}}`, stix.Options{},
			[]string{"domain evil.example|Op Rook||T1566|red|-1|false", "address 203.0.113.1|Op Rook||T1566|red|-1|false", "md5 0123456789abcdef0123456789abcdef|Op Rook||T1566|green|-1|false",
				"sha1 0123456789abcdef0123456789abcdef01234567|Op Rook||T1566|green|-1|false", "left 203.0.113.2: its author says that it is context, not a sign (to_ids)",
				"left btc 1abc: attributes of the type btc cannot be looked for", `left md5 x: "x" is not md5 in hexadecimal`, "left http://evil.example/: it was deleted"}},
		"its context too": {`{"info": "x", "Attribute": [{"type": "ip-dst", "value": "203.0.113.2", "to_ids": false}]}`, stix.Options{Context: true}, []string{"address 203.0.113.2|x||||25|false"}},
		"a table with a head": {"\xef\xbb\xbfIndicator_type,Data,Note\nDescription,see the report,\nsha256," + strings.Repeat("ab", 32) + " ,the binary\nip_port,203.0.113.1:443,\ndomain,evil[.]example,\ndomain,203.0.113.2,\n", stix.Options{},
			[]string{"sha256 " + strings.Repeat("ab", 32) + "||||" + "|-1|false", "address 203.0.113.1|||||-1|false", "domain evil.example|||||-1|false", "address 203.0.113.2|||||-1|false", "left see the report: the type Description cannot be looked for"}},
		"a plain list": {"# today\nhxxp://evil[.]example/a\n203.0.113.0/24\n\n203.0.113.7\nboss@evil.example\nnonsense\n203.0.113.7\n", stix.Options{},
			[]string{"url http://evil.example/a|||||-1|false", "network 203.0.113.0/24|||||-1|false", "address 203.0.113.7|||||-1|false", "email boss@evil.example|||||-1|false", "left nonsense: nothing tells what it is"}},
	} {
		r, err := stix.Read(name, []byte(c.text), c.options)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, told(r)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
	for name, text := range map[string]string{"nothing": " ", "XML": "<stix/>", "other JSON": `{"a": 1}`, "broken JSON": `{"objects": [`, "numbers": `[1, 2]`} {
		if _, err := stix.Read(name, []byte(text), stix.Options{}); err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s is read: %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{`{"objects": [{"type": "indicator", "pattern": "[a:b = 'c' OR (x:y IN ('1','2') AND file:hashes.'MD5' = 'd')]"}]}`, `{"Event": {"Attribute": [{"type": "domain|ip", "value": "a|b", "to_ids": 1}]}}`, "type;value\nip;192.0.2.1\n", "a\"b\n", `[{"Event": {}}]`, `{"response": {"response": []}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := stix.Read("x", data, stix.Options{Context: true})
		if err == nil && r.Format == "" && len(r.Marks)+r.Left > 0 {
			t.Fatalf("marks of no format: %+v", r)
		}
	})
}
