package flow

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"holdfast/flow/prose"
	"holdfast/kind"
)

// Limits of what is read of a Word file, so that a small one cannot unpack without end.
const (
	maxDocxParts = 5000
	maxDocxXML   = 24 << 20 // of the main part, unpacked
	maxDocxDepth = 200
)

// docxText reads the text of a Word file as Markdown: paragraphs, headings, lists and
// tables as lines. An error says what is wrong with the file.
func docxText(at io.ReaderAt, size int64) (string, error) {
	z, err := zip.NewReader(at, size)
	if err != nil {
		return "", kind.Fieldf("file", "is no whole Word file: %v", err)
	}
	if len(z.File) > maxDocxParts {
		return "", kind.Fieldf("file", "has %d parts, more than a document has", len(z.File))
	}
	for _, part := range z.File {
		if part.Name != "word/document.xml" {
			continue
		}
		in, err := part.Open()
		if err != nil {
			return "", kind.Fieldf("file", "cannot be unpacked: %v", err)
		}
		text, err := docxMain(io.LimitReader(in, maxDocxXML+1))
		return text, errors.Join(err, in.Close())
	}
	return "", kind.Fieldf("file", "holds no text of Word (word/document.xml)")
}

// A docxReader walks the main part.
type docxReader struct {
	out     strings.Builder
	line    strings.Builder
	heading int
	list    bool
	cells   int
	inText  bool
}

func docxMain(in io.Reader) (string, error) {
	counted := &countedReader{in: in}
	d := xml.NewDecoder(counted)
	d.Entity = map[string]string{} // none but the five of XML
	var r docxReader
	depth := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return strings.TrimSpace(r.out.String()) + "\n", nil
		}
		if err != nil {
			return "", kind.Fieldf("file", "its text cannot be read: %v", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth > maxDocxDepth || counted.n > maxDocxXML {
				return "", kind.Fieldf("file", "is nested too deeply or unpacks to too much")
			}
			r.start(t)
		case xml.EndElement:
			depth--
			r.end(t.Name.Local)
		case xml.CharData:
			if r.inText {
				r.line.Write(t)
			}
		}
		if r.out.Len() > kind.MaxLongText {
			return strings.ToValidUTF8(r.out.String()[:kind.MaxLongText], ""), nil
		}
	}
}

type countedReader struct {
	in io.Reader
	n  int64
}

func (c *countedReader) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n += int64(n)
	return n, err
}

func (r *docxReader) start(t xml.StartElement) {
	switch t.Name.Local {
	case "p":
		if r.cells == 0 {
			r.line.Reset()
		}
		r.heading, r.list = 0, false
	case "pStyle":
		r.heading = docxHeading(t)
	case "numPr":
		r.list = true
	case "t":
		r.inText = true
	case "tab":
		r.line.WriteByte(' ')
	case "br", "cr":
		r.line.WriteByte(' ')
	case "tr":
		r.line.Reset()
		r.cells = 1
	case "tc":
		r.line.WriteString("| ")
	}
}

// docxHeading is the level of a heading style, 0 for none.
func docxHeading(t xml.StartElement) int {
	for _, a := range t.Attr {
		if a.Name.Local != "val" {
			continue
		}
		low := strings.ToLower(a.Value)
		if low == "title" {
			return 1
		}
		if rest, ok := strings.CutPrefix(low, "heading"); ok && len(rest) == 1 && rest[0] >= '1' && rest[0] <= '6' {
			return int(rest[0] - '0')
		}
	}
	return 0
}

func (r *docxReader) end(name string) {
	switch name {
	case "t":
		r.inText = false
	case "tc":
		r.line.WriteByte(' ')
	case "tr":
		r.cells = 0
		r.write(r.line.String() + "|")
	case "p":
		text := strings.Join(strings.Fields(r.line.String()), " ")
		switch {
		case r.cells > 0 || text == "":
			return
		case r.heading > 0:
			text = strings.Repeat("#", min(r.heading+1, 6)) + " " + text
		case r.list:
			text = "- " + text
		}
		r.write(text)
	}
}

func (r *docxReader) write(text string) {
	r.out.WriteString(prose.Clean(text) + "\n\n")
	r.line.Reset()
}
