package flow

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
)

func docxWith(t testing.TB, main string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	f, err := z.Create("word/document.xml")
	if err == nil {
		_, err = io.WriteString(f, main)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAWordFileThatIsNoneIsRefusedWithAReason(t *testing.T) {
	for name, data := range map[string][]byte{
		"no archive": []byte("PK\x03\x04 nonsense"), "no text": func() []byte { var b bytes.Buffer; _ = zip.NewWriter(&b).Close(); return b.Bytes() }(),
		"broken XML": docxWith(t, "<w:p><w:t>x</w:p>"), "too deep": docxWith(t, strings.Repeat("<a>", 1000)), "entities": docxWith(t, `<!DOCTYPE x [<!ENTITY a "b">]><w:p><w:t>&a;</w:t></w:p>`),
		"a bomb": docxWith(t, "<w:p>"+strings.Repeat(" ", maxDocxXML+10)+"</w:p>"),
	} {
		if text, err := docxText(bytes.NewReader(data), int64(len(data))); err == nil {
			t.Errorf("%s: read as %.40q", name, text)
		}
	}
}

func FuzzWordFilesNeverPanic(f *testing.F) {
	f.Add("<w:document><w:p><w:r><w:t>Hello</w:t></w:r></w:p></w:document>")
	f.Add("<w:tr><w:tc><w:p/></w:tc></w:tr>")
	f.Add("</w:p>")
	f.Fuzz(func(t *testing.T, main string) {
		data := docxWith(t, main)
		text, err := docxText(bytes.NewReader(data), int64(len(data)))
		if err == nil && strings.ContainsAny(text, "\x00\x07\x1b") {
			t.Errorf("control signs in %q", text)
		}
	})
}
