package oscal

import "io"

// Write writes the document as JSON, one member on a line, in the order in which it
// was read or made: the same document gives the same bytes.
func (d *Document) Write(w io.Writer) error {
	root := &Object{}
	if d.rest != nil {
		root.members = append(root.members, d.rest.members...)
	}
	root.Set(string(d.Model), d.Body)
	_, err := w.Write(append(appendValue(nil, root, "  ", ""), '\n'))
	return err
}
