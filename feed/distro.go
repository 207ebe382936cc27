package feed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/valyala/fastjson"
)

// parseSecDB reads a file of Alpine's secdb: for each package the versions that
// repair something. Each CVE of the file becomes one record.
func parseSecDB(v *fastjson.Value, file string) ([]record, error) {
	release := text(v, "distroversion")
	if release == "" {
		return nil, fmt.Errorf("distroversion: is missing")
	}
	list, err := array(v, "packages")
	if err != nil {
		return nil, err
	}
	ecosystem := Canonical("Alpine:" + release)
	var out []record
	place := map[string]int{}
	for _, entry := range list {
		name := text(entry, "pkg", "name")
		if name == "" {
			continue
		}
		// A package without fixes has no secfixes, or an empty list.
		entry.GetObject("pkg", "secfixes").Visit(func(version []byte, ids *fastjson.Value) {
			for _, id := range secDBNames(ids) {
				i, ok := place[id]
				if !ok {
					i = len(out)
					place[id] = i
					out = append(out, newDistroRecord("ALPINE-", id, file))
				}
				out[i].affected = append(out[i].affected, fixedAt(ecosystem, name, string(version)))
			}
		})
	}
	return keepAffected(out), nil
}

// secDBNames are the names of vulnerabilities in one list; an entry may hold
// several ("CVE-2019-1 GHSA-x XSA-2"), of which the first is the main one.
func secDBNames(ids *fastjson.Value) []string {
	var out []string
	for _, entry := range ids.GetArray() {
		b, _ := entry.StringBytes()
		words := strings.Fields(string(b))
		n := len(out)
		for _, word := range words {
			if IsCVE(word) {
				out = append(out, word)
			}
		}
		if len(out) == n && len(words) > 0 {
			out = append(out, words[0])
		}
	}
	return out
}

// newDistroRecord names a record as the OSV export of the same data does. Copies
// from other files stay apart, since each file is about another repository.
func newDistroRecord(prefix, id, file string) record {
	r := record{id: prefix + id, key: prefix + id + "\x00" + file}
	if IsCVE(id) {
		r.upstream = []string{id}
	}
	return r
}

// fixedAt says that all versions before the fix are affected. Both distributions
// write 0 for a package that never was.
func fixedAt(ecosystem, name, version string) affected {
	if version == "0" {
		return affected{}
	}
	return affected{ecosystem: ecosystem, name: name, ranges: []Range{{Events: []Event{{Introduced, "0"}, {Fixed, version}}}}}
}

func keepAffected(list []record) []record {
	kept := list[:0]
	for _, r := range list {
		entries := r.affected[:0]
		for _, a := range r.affected {
			if a.name != "" {
				entries = append(entries, a)
			}
		}
		if r.affected = entries; len(entries) > 0 {
			kept = append(kept, r)
		}
	}
	return kept
}

// isTracker reports whether the data is the JSON of the Debian security tracker:
// package → vulnerability → releases. Only its beginning is read.
func isTracker(data []byte) bool {
	d := json.NewDecoder(bytes.NewReader(data))
	for i, want := range []json.Token{json.Delim('{'), nil, json.Delim('{'), nil} {
		token, err := d.Token()
		if err != nil || (want != nil && token != want) {
			return false
		}
		if name, ok := token.(string); i == 3 && (!ok || !(strings.HasPrefix(name, "CVE-") || strings.HasPrefix(name, "TEMP-"))) {
			return false
		}
	}
	return true
}

// parseTracker reads the Debian tracker package by package, since the whole is
// some 70 MB. Each pair of package and vulnerability becomes one record.
func parseTracker(data []byte, p *fastjson.Parser, file string, emit func(record)) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return fmt.Errorf("%s: %w", lineOf(data, d.InputOffset()), err)
		}
		name, _ := token.(string)
		var body json.RawMessage
		if err := d.Decode(&body); err != nil {
			return fmt.Errorf("%s: %w", lineOf(data, d.InputOffset()), err)
		}
		v, err := p.ParseBytes(body)
		if err != nil {
			return fmt.Errorf("package %s: %w", shorten(name), err)
		}
		issues, err := v.Object()
		if err != nil {
			return fmt.Errorf("package %s: %w", shorten(name), err)
		}
		issues.Visit(func(id []byte, issue *fastjson.Value) {
			if r := trackerRecord(name, string(id), issue, file); len(r.affected) > 0 {
				emit(r)
			}
		})
	}
	return nil
}

func trackerRecord(name, id string, v *fastjson.Value, file string) record {
	r := newDistroRecord("DEBIAN-", id, file+"\x00"+name)
	r.details = truncate(text(v, "description"), maxDetails)
	v.GetObject("releases").Visit(func(codename []byte, state *fastjson.Value) {
		release, known := debianReleases[string(codename)]
		if !known {
			return // sid has no number and is nobody's installed release
		}
		if a := trackerState("Debian:"+release, name, state); a.name != "" {
			r.affected = append(r.affected, a)
		}
	})
	return r
}

func trackerState(ecosystem, name string, v *fastjson.Value) affected {
	var a affected
	switch text(v, "status") {
	case "resolved":
		a = fixedAt(ecosystem, name, text(v, "fixed_version"))
	case "open":
		a = affected{ecosystem: ecosystem, name: name, ranges: []Range{{Events: []Event{{Introduced, "0"}}}}}
	}
	if a.name != "" {
		a.rating = rateWord(text(v, "urgency"))
	}
	return a
}
