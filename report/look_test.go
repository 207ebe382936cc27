package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var look = flag.String("look", "", "write the sample document into this folder, to look at")

// TestLook writes the sample: go test ./report -run Look -look /some/folder
func TestLook(t *testing.T) {
	if *look == "" {
		t.Skip("no -look folder given: nothing to write")
	}
	for name, render := range map[string]func(*bytes.Buffer, Document) error{
		"sample.pdf":  func(b *bytes.Buffer, d Document) error { return PDF(b, d) },
		"sample.docx": func(b *bytes.Buffer, d Document) error { return DOCX(b, d) },
		"sample.xlsx": func(b *bytes.Buffer, d Document) error { return XLSX(b, d) },
		"sample.html": func(b *bytes.Buffer, d Document) error { return HTML(b, d) },
	} {
		var b bytes.Buffer
		if err := render(&b, sample()); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*look, name), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
