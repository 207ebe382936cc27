package library

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"holdfast/port/oscal"
)

const formatOSCAL = "OSCAL"

// A reader reads a file of one format.
type reader func(File) (Library, error)

// sniff finds the format of a file by what stands in it, the name aside. Without a
// reader, the format says what the file is instead.
func sniff(f File) (string, reader) {
	data := bytes.TrimSpace(bytes.TrimPrefix(f.Data, []byte("\ufeff")))
	switch {
	case len(data) == 0:
		return "empty", nil
	case bytes.HasPrefix(data, []byte("PK")):
		return "CISO Assistant workbook or table", readWorkbook
	case data[0] == '<':
		return formatOSCAL, readNothing
	case data[0] == '{' || data[0] == '[':
		return sniffJSON(data)
	case bytes.IndexByte(data, 0) >= 0:
		return "not a text; save it as .json, .yaml, .csv or .xlsx", nil
	case looksLikeYAML(data):
		return "CISO Assistant library", readCISO
	}
	return "table", readCSV
}

// readNothing stands for the formats whose files are read together.
func readNothing(File) (Library, error) { return Library{}, nil }

func sniffJSON(data []byte) (string, reader) {
	names := topNames(data)
	has := func(name string) bool { return slices.Contains(names, name) }
	for _, m := range oscal.Models {
		if has(string(m)) {
			return formatOSCAL, readNothing
		}
	}
	switch {
	case has("bomFormat"):
		return "CycloneDX standard", readCycloneDX
	case has("Requirements") && (has("ShortName") || has("Name")):
		return "ASVS", readASVS
	case has("controls") && has("id") && has("name"):
		return "Probo framework", readProbo
	case has("urn") && has("objects"):
		return "CISO Assistant library", readCISO // JSON is YAML
	}
	return "", nil
}

// topNames are the names of the members of the top-level object.
func topNames(data []byte) []string {
	dec := json.NewDecoder(bytes.NewReader(data))
	var names []string
	depth := 0
	for {
		t, err := dec.Token()
		if err != nil {
			return names
		}
		switch t := t.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				depth++
			} else {
				depth--
			}
		case string:
			if depth != 1 {
				continue
			}
			names = append(names, t)
			if skipValue(dec) != nil {
				return names
			}
		}
	}
}

// skipValue reads over the value of a member.
func skipValue(dec *json.Decoder) error {
	var skipped json.RawMessage
	return dec.Decode(&skipped)
}

// looksLikeYAML says whether the first lines name members as those of a library do.
func looksLikeYAML(data []byte) bool {
	head := string(data[:min(len(data), 4096)])
	for line := range strings.Lines(head) {
		for _, name := range []string{"urn:", "objects:", "ref_id:", "convert_library_version:", "---", "locale:"} {
			if strings.HasPrefix(line, name) {
				return true
			}
		}
	}
	return false
}
