package detect

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yml")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, []byte(`{"Image":"C:\\cmd.exe","a":{"b":[1,"x",null]}}`))
	}
	f.Add([]byte("a: &a [*a, *a]"), []byte("{}"))
	f.Fuzz(func(t *testing.T, rules, event []byte) {
		c, err := Parse("fuzz.yml", rules)
		if err != nil {
			return
		}
		e, _ := Compile(c, Options{AnySource: true})
		m := e.NewMatcher()
		matches, err := m.Match(event)
		if err != nil {
			return
		}
		for _, match := range matches {
			m.Reasons(match)
		}
		corr := e.NewCorrelator(Limits{})
		corr.Add(m, matches, 1, time.Time{})
		corr.Close()
	})
}

func FuzzPipeline(f *testing.F) {
	f.Add([]byte("vars: {a: [b]}\ntransformations: [{type: field_name_mapping, mapping: {Image: [a, b]}}]"))
	f.Add([]byte("transformations: [{type: add_condition, conditions: {a: b}, rule_conditions: [{type: logsource, product: windows}]}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParsePipeline("fuzz.yml", data)
		if err != nil {
			return
		}
		c, err := Parse("r.yml", []byte("title: t\nlogsource: {product: windows}\ndetection: {s: {Image: a}, condition: s}"))
		if err != nil {
			t.Fatal(err)
		}
		Compile(c, Options{Pipelines: []*Pipeline{p}})
	})
}

// FuzzEvents reads a file of events and matches each with a few rules.
func FuzzEvents(f *testing.F) {
	f.Add([]byte("{\"Image\":\"cmd.exe\"}\n[{\"a\":1},{\"b\":[]}]"))
	f.Add([]byte(`{"Records":[{"eventSource":"iam.amazonaws.com","eventName":"x"}]}`))
	f.Add([]byte("\x1f\x8b"))
	f.Add([]byte("{\"Event\":{\"System\":{\"Channel\":\"Security\",\"EventID\":{\"#text\":1}},\"EventData\":{\"Data\":[{\"@Name\":\"Image\",\"#text\":\"\\ud800\"}]}}}"))
	all := &Collection{}
	files, err := filepath.Glob("testdata/*.yml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		c, err := Parse(name, data)
		if err != nil {
			f.Fatal(err)
		}
		all.Add(c)
	}
	e, _ := Compile(all, Options{})
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := NewStream("fuzz", bytes.NewReader(data))
		if err != nil {
			return
		}
		m, corr := e.NewMatcher(), e.NewCorrelator(Limits{Groups: 10, Entries: 20})
		for {
			event, err := s.Next()
			var bad *BadEvent
			if errors.As(err, &bad) {
				continue
			}
			if err != nil {
				if !errors.Is(err, io.EOF) && !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
					t.Fatal(err)
				}
				return
			}
			matches, err := m.Match(event.JSON)
			if err != nil {
				continue
			}
			for _, match := range matches {
				m.Reasons(match)
			}
			corr.Add(m, matches, event.Number, time.Time{})
		}
	})
}
