package report

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func docxOf(t interface{ Fatal(...any) }, d Document) []byte {
	var b bytes.Buffer
	if err := DOCX(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unzipped are the files of an archive by name.
func unzipped(t interface{ Fatal(...any) }, raw []byte) map[string]string {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := out[f.Name]; twice {
			t.Fatal("the file " + f.Name + " is there twice")
		}
		out[f.Name] = string(b)
	}
	return out
}

// An xmlNode is an element of XML.
type xmlNode struct {
	name     string
	attrs    map[string]string
	text     string
	children []*xmlNode
}

// xmlTree reads XML strictly.
func xmlTree(t interface{ Fatal(...any) }, name, text string) *xmlNode {
	d := xml.NewDecoder(strings.NewReader(text))
	root := &xmlNode{name: name}
	stack := []*xmlNode{root}
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if len(stack) != 1 {
				t.Fatal(name + ": elements are left open")
			}
			return root
		}
		if err != nil {
			t.Fatal(name + " is no XML: " + err.Error())
		}
		top := stack[len(stack)-1]
		switch v := tok.(type) {
		case xml.StartElement:
			n := &xmlNode{name: full(v.Name), attrs: map[string]string{}}
			for _, a := range v.Attr {
				n.attrs[full(a.Name)] = a.Value
			}
			top.children = append(top.children, n)
			stack = append(stack, n)
		case xml.EndElement:
			if top.name != full(v.Name) {
				t.Fatal(name + ": " + top.name + " is closed by " + full(v.Name))
			}
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.text += string(v)
		}
	}
}

func full(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

func (n *xmlNode) walk(visit func(*xmlNode)) {
	visit(n)
	for _, c := range n.children {
		c.walk(visit)
	}
}

// all elements of a name below n.
func (n *xmlNode) all(name string) []*xmlNode {
	var out []*xmlNode
	n.walk(func(c *xmlNode) {
		if c.name == name {
			out = append(out, c)
		}
	})
	return out
}

// words is the text below n.
func (n *xmlNode) words() string {
	var b strings.Builder
	n.walk(func(c *xmlNode) {
		if c.name == "w:t" {
			b.WriteString(c.text)
		}
	})
	return b.String()
}

// order is how ECMA-376 (transitional) wants the children of an element; those a
// word processor is strict about.
var order = map[string][]string{
	"w:pPr":   {"w:pStyle", "w:keepNext", "w:keepLines", "w:pageBreakBefore", "w:widowControl", "w:numPr", "w:pBdr", "w:shd", "w:tabs", "w:bidi", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"},
	"w:rPr":   {"w:rStyle", "w:rFonts", "w:b", "w:bCs", "w:i", "w:iCs", "w:color", "w:sz", "w:szCs", "w:u", "w:shd", "w:rtl", "w:lang"},
	"w:tblPr": {"w:tblStyle", "w:tblW", "w:tblInd", "w:tblBorders", "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook", "w:tblCaption"},
	"w:tcPr":  {"w:tcW", "w:gridSpan", "w:tcBorders", "w:shd", "w:vAlign"},
	"w:lvl":   {"w:start", "w:numFmt", "w:pStyle", "w:suff", "w:lvlText", "w:lvlJc", "w:pPr", "w:rPr"},
	"w:style": {"w:name", "w:basedOn", "w:next", "w:uiPriority", "w:semiHidden", "w:qFormat", "w:pPr", "w:rPr", "w:tblPr", "w:tblStylePr"},
}

// sound checks everything about a DOCX that a word processor would stumble over.
func sound(t interface {
	Fatal(...any)
	Errorf(string, ...any)
}, raw []byte) map[string]*xmlNode {
	files := unzipped(t, raw)
	trees := map[string]*xmlNode{}
	for name, text := range files {
		if ext := path.Ext(name); ext == ".xml" || ext == ".rels" || ext == ".svg" {
			trees[name] = xmlTree(t, name, text)
		}
		if strings.Contains(strings.ToLower(name), "vba") {
			t.Errorf("the file holds a macro: %s", name)
		}
	}
	checkTypes(t, files, trees)
	checkRelations(t, files, trees)
	for name, root := range trees {
		root.walk(func(n *xmlNode) {
			want := order[n.name]
			at := 0
			for _, c := range n.children {
				if want == nil {
					break
				}
				i := slices.Index(want, c.name)
				if i < at {
					t.Errorf("%s: %s has %s out of order", name, n.name, c.name)
				}
				at = max(at, i)
			}
			if n.name == "w:tc" && (len(n.children) == 0 || n.children[len(n.children)-1].name != "w:p") {
				t.Errorf("%s: a cell does not end with a paragraph", name)
			}
		})
	}
	checkNames(t, trees)
	return trees
}

func checkTypes(t interface{ Errorf(string, ...any) }, files map[string]string, trees map[string]*xmlNode) {
	types := trees["[Content_Types].xml"]
	known := map[string]bool{}
	for _, d := range types.all("Default") {
		known["."+d.attrs["Extension"]] = true
	}
	for _, o := range types.all("Override") {
		name := strings.TrimPrefix(o.attrs["PartName"], "/")
		if _, ok := files[name]; !ok {
			t.Errorf("the type of %s is told, but it is not there", name)
		}
	}
	for name := range files {
		if !known[path.Ext(name)] {
			t.Errorf("the type of %s is not told", name)
		}
	}
}

func checkRelations(t interface{ Errorf(string, ...any) }, files map[string]string, trees map[string]*xmlNode) {
	ids := map[string]bool{}
	for _, r := range trees["word/_rels/document.xml.rels"].all("Relationship") {
		if ids[r.attrs["Id"]] {
			t.Errorf("relation %s is there twice", r.attrs["Id"])
		}
		ids[r.attrs["Id"]] = true
		if r.attrs["TargetMode"] == "External" {
			if target := r.attrs["Target"]; safeLink(target) == "" {
				t.Errorf("a link leads to %q", target)
			}
		} else if _, ok := files["word/"+r.attrs["Target"]]; !ok {
			t.Errorf("relation %s leads to %s, which is not there", r.attrs["Id"], r.attrs["Target"])
		}
	}
	trees["word/document.xml"].walk(func(n *xmlNode) {
		for _, a := range []string{"r:id", "r:embed"} {
			if id := n.attrs[a]; id != "" && !ids[id] {
				t.Errorf("%s names relation %s, which is not there", n.name, id)
			}
		}
	})
}

// checkNames: every style, list and bookmark that is named exists, once.
func checkNames(t interface{ Errorf(string, ...any) }, trees map[string]*xmlNode) {
	styles, lists, marks, ids := map[string]bool{}, map[string]bool{"0": true}, map[string]bool{}, map[string]bool{}
	for _, s := range trees["word/styles.xml"].all("w:style") {
		if styles[s.attrs["w:styleId"]] {
			t.Errorf("style %s is there twice", s.attrs["w:styleId"])
		}
		styles[s.attrs["w:styleId"]] = true
	}
	for _, n := range trees["word/numbering.xml"].all("w:num") {
		lists[n.attrs["w:numId"]] = true
	}
	body := trees["word/document.xml"]
	for _, m := range body.all("w:bookmarkStart") {
		if marks[m.attrs["w:name"]] || ids[m.attrs["w:id"]] {
			t.Errorf("bookmark %s is there twice", m.attrs["w:name"])
		}
		marks[m.attrs["w:name"]], ids[m.attrs["w:id"]] = true, true
	}
	if begin, end := len(body.all("w:bookmarkStart")), len(body.all("w:bookmarkEnd")); begin != end {
		t.Errorf("%d bookmarks begin and %d end", begin, end)
	}
	depth := 0
	body.walk(func(n *xmlNode) {
		switch n.name {
		case "w:pStyle", "w:rStyle", "w:tblStyle", "w:basedOn", "w:next":
			if !styles[n.attrs["w:val"]] {
				t.Errorf("style %s does not exist", n.attrs["w:val"])
			}
		case "w:numId":
			if !lists[n.attrs["w:val"]] {
				t.Errorf("list %s does not exist", n.attrs["w:val"])
			}
		case "w:hyperlink":
			if a := n.attrs["w:anchor"]; a != "" && !marks[a] {
				t.Errorf("a link leads to bookmark %s, which is not there", a)
			}
		case "w:fldChar":
			depth += map[string]int{"begin": 1, "end": -1}[n.attrs["w:fldCharType"]]
		}
	})
	if depth != 0 {
		t.Errorf("%d fields are left open", depth)
	}
}

func TestTheDOCXOfTheSampleHoldsTogetherAndIsTheSameEachTime(t *testing.T) {
	raw := docxOf(t, sample())
	if !bytes.Equal(raw, docxOf(t, sample())) {
		t.Error("the same document gave other bytes")
	}
	trees := sound(t, raw)
	body := trees["word/document.xml"]
	styles := map[string]int{}
	for _, s := range body.all("w:pStyle") {
		styles[s.attrs["w:val"]]++
	}
	for _, s := range []string{"Title", "Heading1", "Heading2", "TOC1", "TOC2", "ListParagraph", "Caption", "Quote", "CodeBlock", "TableHead", "Definition", "KeyValue"} {
		if styles[s] == 0 {
			t.Errorf("nothing is set in style %s", s)
		}
	}
	heads := 0
	for _, tr := range body.all("w:tr") {
		if len(tr.all("w:tblHeader")) > 0 {
			heads++
		}
	}
	if heads < 5 {
		t.Errorf("only %d tables repeat their head", heads)
	}
	for _, p := range body.all("wp:docPr") {
		if len(p.attrs["descr"]) < 20 {
			t.Errorf("a figure is read out as %q", p.attrs["descr"])
		}
	}
	if words := body.words(); !strings.Contains(words, "שלום") {
		t.Error("the words from right to left are gone")
	}
}

func TestEveryHeadingOfTheDOCXIsInItsContentsAndLinked(t *testing.T) {
	d := sample()
	body := sound(t, docxOf(t, d))["word/document.xml"]
	entries := map[string]string{}
	for _, h := range body.all("w:sdt")[0].all("w:hyperlink") {
		entries[h.attrs["w:anchor"]] = h.words()
	}
	for i, s := range d.outline() {
		got, ok := entries[fmt.Sprintf("_Toc%d", i+1)]
		if ok != (s.level <= 3) || ok && !strings.HasPrefix(got, s.number+s.text) {
			t.Errorf("heading %q stands in the contents as %q", s.text, got)
		}
	}
}

func TestAnOrderedListOfTheDOCXStartsAtOneAgain(t *testing.T) {
	one := Items("a", "b")
	one.Ordered = true
	body := sound(t, docxOf(t, Document{Blocks: []Block{one, Paragraph{Plain("between")}, one}}))["word/document.xml"]
	var nums []string
	for _, n := range body.all("w:numId") {
		nums = append(nums, n.attrs["w:val"])
	}
	if diff := cmp.Diff([]string{"3", "3", "4", "4"}, nums); diff != "" {
		t.Errorf("lists (-want +got):\n%s", diff)
	}
}

func TestNoTextBreaksTheDOCXOrBecomesMarkup(t *testing.T) {
	evil := "a<w:p/>&amp;]]>\"'\x00\x0b\ufffe\u202e" + `<script>` + "\xff"
	d := Document{Title: evil, Subtitle: evil, Organisation: evil, Version: evil, Classification: evil, Status: evil, Lang: `x"/><y`, Properties: []Property{{evil, evil}}, Blocks: []Block{
		Toc{Title: evil}, Heading{Text: evil, ID: evil}, Paragraph{Text{{Text: evil, Link: "javascript:alert(1)"}, {Text: "x", Link: "#nowhere"}, {Text: "y", Link: "https://e.org/?a=1&b=\"<"}}},
		Table{Caption: evil, Columns: []Column{{Name: evil}}, Rows: []Row{Cells(evil, "one too many"), {}}}, Callout{Title: evil}, Code{evil}, Quote{Plain(evil), evil},
		Definitions{[]Definition{{evil, Plain(evil)}}}, KeyFigures{[]KeyFigure{{evil, evil, evil, High}}}, Why{Figure: evil, Formula: evil}, List{Items: []Item{{}, {Table{Columns: []Column{{Name: "x"}}}}}}, Figure{Caption: evil}, Table{},
	}}
	files := unzipped(t, docxOf(t, d))
	sound(t, docxOf(t, d))
	for name, text := range files {
		if strings.Contains(text, "javascript:") || strings.Contains(text, "<script>") {
			t.Errorf("%s holds markup from the text", name)
		}
	}
}

func TestAnyDocumentMakesADOCXThatHoldsTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { sound(t, docxOf(t, anyDocument(t))) })
}

func TestTheDOCXOpensInAWordProcessorWithAllItsText(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("NOT CHECKED: soffice (LibreOffice) is not installed, so whether a word processor opens the DOCX stays unproven")
	}
	dir := t.TempDir()
	name := filepath.Join(dir, "sample.docx")
	if err := os.WriteFile(name, docxOf(t, sample()), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(office, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--convert-to", "pdf", "--outdir", dir, name)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	pdf, err := os.ReadFile(filepath.Join(dir, "sample.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(poppler(t, pdf, "pdftotext", "FILE", "-")), " ")
	for _, want := range []string{"Harbour & Quay Ltd", "Contents", "2.3 The register", "Figure 1: Share of what", "Table 1: Risk register", "Page 2 of", "PermitRootLogin no", "Decision asked", "Confidential", "Chair of the steering committee"} {
		if !strings.Contains(text, want) {
			t.Errorf("the word processor does not show %q", want)
		}
	}
}

// policy is what is written most: some pages of text with a table.
func policy() Document {
	blocks, err := Markdown(strings.Repeat(samplePolicyText, 4), 1)
	if err != nil {
		panic(err)
	}
	d := sample()
	d.Blocks = append([]Block{Toc{}, PageBreak{}}, blocks...)
	return d
}

// statement is a table of 93 rows, with a chart.
func statement() Document {
	d := policy()
	rows := sampleControls()[2].(Table)
	for len(rows.Rows) < 93 {
		rows.Rows = append(rows.Rows, rows.Rows[len(rows.Rows)%18])
	}
	d.Blocks = append(d.Blocks, Heading{Level: 1, Text: "Statement of applicability"}, rows, sampleSummary()[5])
	return d
}

func BenchmarkPolicyDOCX(b *testing.B)    { benchDOCX(b, policy()) }
func BenchmarkStatementDOCX(b *testing.B) { benchDOCX(b, statement()) }

func benchDOCX(b *testing.B, d Document) {
	for b.Loop() {
		if err := DOCX(io.Discard, d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStatementPDF(b *testing.B) {
	d := statement()
	for b.Loop() {
		if err := PDF(io.Discard, d); err != nil {
			b.Fatal(err)
		}
	}
}
