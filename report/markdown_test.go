package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMarkdownBecomesBlocks(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want []Block
	}{
		"headings start at the level asked for": {"# A\n\n##### B", []Block{Heading{Level: 2, Text: "A"}, Heading{Level: 4, Text: "B"}}},
		"styles and links":                      {"a **b *c*** `d` [e](https://example.org) <x@example.org>", []Block{Paragraph{Text{{Text: "a "}, {Text: "b ", Bold: true}, {Text: "c", Bold: true, Italic: true}, {Text: " "}, {Text: "d", Code: true}, {Text: " "}, {Text: "e", Link: "https://example.org"}, {Text: " "}, {Text: "x@example.org", Link: "mailto:x@example.org"}}}}},
		"lists in lists":                        {"1. a\n   - b\n2. c", []Block{List{Ordered: true, Items: []Item{{Paragraph{Plain("a")}, List{Items: []Item{{Paragraph{Plain("b")}}}}}, {Paragraph{Plain("c")}}}}}},
		"html is text":                          {"<script>alert(1)</script>\n\nx <b>y</b>", []Block{Code{"<script>alert(1)</script>"}, Paragraph{Plain("x <b>y</b>")}}},
		"tables":                                {"| a | b |\n|---|--:|\n| 1 | *2* |", []Block{Table{Columns: []Column{{Name: "a"}, {Name: "b", Align: Right}}, Rows: []Row{{Cells: []Cell{{Text: Plain("1")}, {Text: Text{{Text: "2", Italic: true}}}}}}}}},
		"code and quotes":                       {"```\na\n  b\n```\n\n> c", []Block{Code{"a\n  b"}, Quote{Text: Plain("c")}}},
		"a picture is told":                     {"![a lock](http://example.org/x.png)", []Block{Paragraph{Plain("a lock")}}},
		"escapes and entities":                  {`\*a\* &amp; &euro;`, []Block{Paragraph{Plain("*a* & €")}}},
	} {
		got, err := Markdown(c.in, 2)
		if name != "headings start at the level asked for" {
			got, err = Markdown(c.in, 1)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTooLongMarkdownIsRefusedWithARemedy(t *testing.T) {
	if _, err := Markdown(strings.Repeat("x", maxMarkdown+1), 1); err == nil || !strings.Contains(err.Error(), "split it") {
		t.Errorf("error = %v", err)
	}
}

func TestDeeplyNestedMarkdownStaysShallow(t *testing.T) {
	blocks, err := Markdown(strings.Repeat("> ", 3000)+"x\n\n"+strings.Repeat("- ", 3000)+"y\n\n"+strings.Repeat("*", 5000)+"z"+strings.Repeat("*", 5000), 1)
	if err != nil {
		t.Fatal(err)
	}
	pdfOf(t, Document{Title: "deep", Blocks: blocks})
}

func TestRichTextIsOneParagraphAndAnythingElseIsShownAsItIs(t *testing.T) {
	for in, want := range map[string]Text{
		"plain":     Plain("plain"),
		"a **b**":   {{Text: "a "}, {Text: "b", Bold: true}},
		"* no list": Plain("* no list"),
		"2 * 3 * 4": Plain("2 * 3 * 4"),
		"":          nil,
	} {
		if diff := cmp.Diff(want, Rich(in)); diff != "" {
			t.Errorf("Rich(%q) (-want +got):\n%s", in, diff)
		}
	}
}

func FuzzMarkdownBecomesAPDFAndAPage(f *testing.F) {
	f.Add(samplePolicyText)
	f.Add("# a\n\n- b\n  > c\n\n| d |\n|---|\n| [e](javascript:x) |\n\n<script>\n\n```\n\t\x00\n```\n![😀](x)\n\n\u202eשלום\xff")
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 4000 {
			return
		}
		blocks, err := Markdown(s, 1)
		if err != nil {
			t.Fatal(err)
		}
		d := Document{Title: s, Blocks: append([]Block{Toc{}, Callout{Title: s, Blocks: blocks}, Paragraph{Rich(s)}}, blocks...)}
		if err := PDF(&bytes.Buffer{}, d); err != nil {
			t.Fatal(err)
		}
		out := htmlOf(t, d)
		if strings.Contains(out, "<script") || strings.Contains(out, `href="javascript`) {
			t.Fatalf("a script reached the page")
		}
	})
}
