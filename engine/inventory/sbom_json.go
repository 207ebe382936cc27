package inventory

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// jsonReader walks through a JSON document as a stream. Only the elements of the
// large lists are decoded, one at a time.
type jsonReader struct {
	*bill
	dec  *json.Decoder
	keys []string // seen at the top, for the message

	format, version string
}

func (b *bill) readJSON(r io.Reader) error {
	j := &jsonReader{bill: b, dec: json.NewDecoder(r)}
	err := j.object(j.top)
	if err == nil {
		err = j.end()
	}
	if err != nil {
		return j.at(err)
	}
	return j.check()
}

// at adds the place to an error of the decoder.
func (j *jsonReader) at(err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	case errors.As(err, &syntax):
		if syntax.Error() == "unexpected end of JSON input" {
			return io.ErrUnexpectedEOF
		}
		return fmt.Errorf("%s: it is not correct JSON: %w", j.in.place(j.dec.InputOffset()), err)
	}
	return err
}

// end refuses text after the document.
func (j *jsonReader) end() error {
	switch _, err := j.dec.Token(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return j.at(err)
	}
	return fmt.Errorf("%s: there is text after the end of the document", j.in.place(j.dec.InputOffset()))
}

// check says whether what was read is a bill of materials.
func (j *jsonReader) check() error {
	switch {
	case j.format == formatCycloneDX && j.version != "" && !strings.HasPrefix(j.version, "1."):
		return fmt.Errorf("it is CycloneDX %s; versions 1.x are read", clip(j.version))
	case j.format == formatSPDX2 && !strings.HasPrefix(j.version, "SPDX-2."):
		return fmt.Errorf("it is %s; SPDX 2.x and 3.x are read", clip(j.version))
	case j.format == "":
		return fmt.Errorf("it is JSON%s, not a bill of materials; %s", j.hint(), expected)
	}
	return nil
}

// hint names the JSON that people pick by mistake, by its keys.
func (j *jsonReader) hint() string {
	known := map[string]string{
		"runs": "SARIF", "vulnerabilities": "a list of vulnerabilities", "lockfileVersion": "an npm lock file", "openapi": "an OpenAPI description",
		"document": "a CSAF advisory", "affected": "an OSV advisory", "Results": "a report of Trivy", "matches": "a report of Grype",
	}
	for _, k := range slices.Sorted(maps.Keys(known)) {
		if slices.Contains(j.keys, k) {
			return " (" + known[k] + ", it seems)"
		}
	}
	if len(j.keys) == 0 {
		return " without content"
	}
	return " with the fields " + clip(strings.Join(j.keys, ", "))
}

// The formats, by the field that marks them.
const (
	formatCycloneDX = "CycloneDX"
	formatSPDX2     = "SPDX 2"
	formatSPDX3     = "SPDX 3"
	formatSyft      = "Syft"
)

// top takes one field of the document. The fields of the formats have different
// names, so that the order in which they come does not matter.
func (j *jsonReader) top(key string) error {
	if len(j.keys) < 12 {
		j.keys = append(j.keys, key)
	}
	switch key {
	case "bomFormat":
		return j.text(func(s string) {
			if s == "CycloneDX" {
				j.format = formatCycloneDX
			}
		})
	case "specVersion":
		return j.text(func(s string) { j.version = s })
	case "spdxVersion":
		return j.text(func(s string) { j.format, j.version = formatSPDX2, s })
	case "metadata":
		return j.object(j.cdxMetadata)
	case "components":
		return j.array(j.cdxComponent)
	case "dependencies":
		return j.array(j.cdxDependency)
	case "packages":
		return j.array(j.spdxPackage)
	case "relationships":
		return j.array(j.spdxRelationship)
	case "documentDescribes":
		return j.array(j.spdxDescribes)
	case "@context":
		return j.context()
	case "@graph":
		return j.array(j.spdx3Element)
	case "artifacts":
		return j.array(j.syftArtifact)
	case "distro":
		return j.syftDistro()
	case "descriptor":
		return j.syftDescriptor()
	}
	return j.skip()
}

// object calls do for each field of an object; do reads the value. Another value
// than an object is skipped.
func (j *jsonReader) object(do func(key string) error) error {
	return j.container('{', func() error {
		t, err := j.dec.Token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		return do(key)
	})
}

// array calls do for each element of an array; do reads the element. Another
// value than an array is skipped.
func (j *jsonReader) array(do func(index int) error) error {
	i := 0
	return j.container('[', func() error {
		i++
		return do(i - 1)
	})
}

func (j *jsonReader) container(open json.Delim, each func() error) error {
	t, err := j.dec.Token()
	if err != nil {
		return err
	}
	if t != open {
		return j.skipRest(t)
	}
	for j.dec.More() {
		if err := each(); err != nil {
			return err
		}
	}
	_, err = j.dec.Token()
	return err
}

func (j *jsonReader) skip() error {
	t, err := j.dec.Token()
	if err != nil {
		return err
	}
	return j.skipRest(t)
}

// skipRest reads to the end of the value that begins with the token t.
func (j *jsonReader) skipRest(t json.Token) error {
	depth := 0
	for {
		switch t {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > maxNestedSBOM {
				return fmt.Errorf("%s: it is nested more than %d deep", j.in.place(j.dec.InputOffset()), maxNestedSBOM)
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
		var err error
		if t, err = j.dec.Token(); err != nil {
			return err
		}
	}
}

// decode reads one value. A value of another form than expected is a problem, and
// the rest of the document is still read; ok is false then.
func (j *jsonReader) decode(what string, into any) (ok bool, err error) {
	at := j.dec.InputOffset()
	err = j.dec.Decode(into)
	var form *json.UnmarshalTypeError
	if errors.As(err, &form) {
		j.log.add(j.name, fmt.Sprintf("%s, near %s: a %s stands where it should not (field %s); it was left out",
			what, j.in.place(at), form.Value, clip(form.Field)))
		return false, nil
	}
	return err == nil, err
}

// text reads a value that should be a text; another value is skipped.
func (j *jsonReader) text(use func(string)) error {
	t, err := j.dec.Token()
	if err != nil {
		return err
	}
	if s, ok := t.(string); ok {
		use(s)
		return nil
	}
	return j.skipRest(t)
}
