package pack

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
)

//go:embed index.html
var indexSource string

var indexPage = template.Must(template.New("index").Parse(indexSource))

// writeIndex is the page for people, which needs nothing but a browser.
func (b *builder) writeIndex() error {
	_, err := b.add(indexFile, "what is in the pack", func(w io.Writer) error {
		return indexPage.Execute(w, map[string]any{"M": b.manifest, "Papers": b.papers, "Records": b.records, "Files": b.files})
	})
	return err
}

const readme = `Audit pack of %s, made on %s

Open index.html to see what is in it.

To check that nothing was changed, with Holdfast:

    holdfast verify PACK.zip

It needs no server and no data: it compares every file with manifest.json, and
follows the chain of the journal from its last entry to its first. Compare the
fingerprint that it prints with the one that you were given by another way: who
changes a file and the manifest with it, changes the fingerprint.

Without Holdfast, unpack it and run in its folder:

    sha256sum --check SHA256SUMS

The journal ends with entry %d. Its hash is
%s
`

func (b *builder) writeReadme() error {
	m := b.manifest
	_, err := b.add(readmeFile, "how to check the pack", func(w io.Writer) error {
		_, err := fmt.Fprintf(w, readme, m.Organisation, m.Day, m.Head.Seq, m.Head.Hash)
		return err
	})
	return err
}
