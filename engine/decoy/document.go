package decoy

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"time"
)

func makeDocument(b bait) (Token, error) {
	if b.Title == "" {
		b.Title = "Salaries and bonuses"
	}
	switch b.Format {
	case "", "docx":
		link := b.link("logo.png")
		data, err := docx(b.Title, link)
		return Token{Name: fileName(b.Title) + ".docx", Type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Data: data, Value: link,
			Advice: "Leave it on a share or in a mailbox: word processors fetch its image when it is opened, unless they are told to stay offline."}, err
	case "pdf":
		link := b.link("current.html")
		return Token{Name: fileName(b.Title) + ".pdf", Type: "application/pdf", Data: pdf(b.Title, link), Value: link,
			Advice: "Leave it on a share or in a mailbox: readers ask before they open its link, so it rings more rarely than the same as .docx."}, nil
	}
	return Token{}, fmt.Errorf("a document is docx or pdf, not %s", visible(b.Format, 20))
}

// fileName keeps letters and digits of a title.
func fileName(title string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-':
			return r
		case r == ' ':
			return '_'
		}
		return -1
	}, title)
	if name == "" {
		return "Document"
	}
	return name[:min(len(name), 60)]
}

func xmlText(text string) string {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(text)) //nolint:errcheck // memory takes everything
	return b.String()
}

const (
	xmlHead      = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	officeRels   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packageRels  = "http://schemas.openxmlformats.org/package/2006/relationships"
	wordMain     = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
	drawingWord  = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
	drawingMain  = "http://schemas.openxmlformats.org/drawingml/2006/main"
	drawingImage = "http://schemas.openxmlformats.org/drawingml/2006/picture"
)

// docx is a page with a heading, a sentence and a linked image of one point.
func docx(title, link string) ([]byte, error) {
	picture := `<w:drawing><wp:inline><wp:extent cx="12700" cy="12700"/><wp:docPr id="1" name="Logo"/><a:graphic><a:graphicData uri="` + drawingImage + `">` +
		`<pic:pic><pic:nvPicPr><pic:cNvPr id="1" name="Logo"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:link="rId1"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>` +
		`<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="12700" cy="12700"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>`
	parts := []struct{ name, text string }{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`},
		{"_rels/.rels", `<Relationships xmlns="` + packageRels + `"><Relationship Id="rId1" Type="` + officeRels + `/officeDocument" Target="word/document.xml"/></Relationships>`},
		{"word/document.xml", `<w:document xmlns:w="` + wordMain + `" xmlns:r="` + officeRels + `" xmlns:wp="` + drawingWord + `" xmlns:a="` + drawingMain + `" xmlns:pic="` + drawingImage + `"><w:body>` +
			`<w:p><w:r><w:rPr><w:b/><w:sz w:val="36"/></w:rPr><w:t>` + xmlText(title) + `</w:t></w:r></w:p>` +
			`<w:p><w:r><w:t>This version is out of date. The figures were moved to the new share.</w:t></w:r></w:p><w:p><w:r>` + picture + `</w:r></w:p></w:body></w:document>`},
		{"word/_rels/document.xml.rels", `<Relationships xmlns="` + packageRels + `"><Relationship Id="rId1" Type="` + officeRels + `/image" Target="` + xmlText(link) + `" TargetMode="External"/></Relationships>`},
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(xmlHead + p.text)); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return b.Bytes(), err
}

// pdf is a page with a heading and a sentence that is a link as a whole; opening the
// document opens the link too where the reader allows it.
func pdf(title, link string) []byte {
	text := fmt.Sprintf("BT /F1 20 Tf 72 760 Td (%s) Tj ET\nBT /F1 11 Tf 72 730 Td (This version is out of date. Open the current one.) Tj ET\n", pdfText(title))
	action := "<< /S /URI /URI (" + pdfText(link) + ") >>"
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R /OpenAction " + action + " >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> /Annots [6 0 R] >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%sendstream", len(text), text),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
		"<< /Type /Annot /Subtype /Link /Rect [72 725 360 745] /Border [0 0 0] /A " + action + " >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	var offsets []int
	for i, o := range objects {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}

// pdfText writes a string of the base fonts, which know no more than Latin letters.
func pdfText(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '(' || r == ')' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r >= ' ' && r <= '~':
			b.WriteRune(r)
		case r >= 0xa0 && r <= 0xff:
			fmt.Fprintf(&b, "\\%03o", r)
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}
