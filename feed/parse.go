package feed

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/valyala/fastjson"
)

// parsed is what one file holds.
type parsed struct {
	records  []record
	kev      []kevEntry
	epss     []epssEntry
	epssDate string
	kevDate  string
	problems []error // records of the file that were left out
	ignored  bool    // the file is of no kind that is read here
}

// A parser reads files one after another and reuses its memory.
type parser struct{ json fastjson.Parser }

// reads reports whether files of this name can hold anything for the index.
func (*parser) reads(name string) bool {
	switch strings.ToLower(path.Ext(withoutGzip(name))) {
	case ".json", ".yaml", ".yml", ".csv":
		return true
	}
	return false
}

// parse reads one file, by its name and then by what is in it. The error means
// that nothing of the file is used.
func (p *parser) parse(name string, data []byte) (parsed, error) {
	switch strings.ToLower(path.Ext(withoutGzip(name))) {
	case ".json":
		return p.parseJSON(name, data)
	case ".yaml", ".yml":
		converted, err := yamlToJSON(data)
		if err != nil {
			return parsed{}, err
		}
		return p.parseJSON(name, converted)
	case ".csv":
		out, err := parseCSV(data)
		if errors.Is(err, errOtherCSV) {
			return parsed{ignored: true}, nil
		}
		return out, err
	}
	return parsed{ignored: true}, nil
}

// trackerSize is the size above which a file may be the Debian tracker, which is
// not parsed as a whole.
const trackerSize = 8 << 20

func (p *parser) parseJSON(name string, data []byte) (out parsed, err error) {
	if len(data) > trackerSize && isTracker(data) {
		return p.tracker(name, data)
	}
	v, err := p.json.ParseBytes(data)
	if err != nil {
		return out, syntaxError(data, err)
	}
	switch {
	case v.Type() == fastjson.TypeArray:
		out.addOSV(v.GetArray(), name)
	case v.Exists("id") && (v.Exists("affected") || v.Exists("modified")):
		r, err := parseOSV(v)
		r.file = name
		if err != nil {
			return out, named(r.id, err)
		}
		out.records = []record{r}
	case v.Exists("vulns"):
		out.addOSV(v.GetArray("vulns"), name)
	case v.Exists("catalogVersion"), v.Exists("vulnerabilities", "0", "cveID"):
		out.kevDate = text(v, "catalogVersion")
		out.kev, err = parseKEV(v)
	case v.Exists("distroversion"):
		out.records, err = parseSecDB(v, name)
	case isTracker(data):
		return p.tracker(name, data)
	default:
		out.ignored = true
	}
	return out, err
}

// addOSV reads a list in which every entry with an id is a record.
func (out *parsed) addOSV(list []*fastjson.Value, name string) {
	for i, v := range list {
		if !v.Exists("id") {
			out.ignored = len(out.records) == 0
			continue
		}
		r, err := parseOSV(v)
		if err != nil {
			out.problems = append(out.problems, fmt.Errorf("[%d]: %w", i, named(r.id, err)))
			continue
		}
		r.file = name
		out.records = append(out.records, r)
	}
}

func (p *parser) tracker(name string, data []byte) (out parsed, err error) {
	err = parseTracker(data, &p.json, name, func(r record) { out.records = append(out.records, r) })
	return out, err
}

func named(id string, err error) error {
	if id == "" {
		return err
	}
	return fmt.Errorf("%s: %w", shorten(id), err)
}

// syntaxError finds the place of a fault in JSON with the strict parser of the
// standard library; the fast one only quotes the rest of the text.
func syntaxError(data []byte, fast error) error {
	var any json.RawMessage
	err := json.Unmarshal(data, &any)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("%s: %w", lineOf(data, syntax.Offset), syntax)
	}
	return errors.New(shorten(fast.Error()))
}
