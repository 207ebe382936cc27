package paper_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/paper"
)

// folder is a folder of own templates.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func find(t *testing.T, d paper.Desk, name string) paper.Paper {
	t.Helper()
	p, err := paper.Find(d.Papers(), name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func htmlOf(t *testing.T, doc report.Document) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.HTML(&b, doc); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const letter = `---
title: Letter to the owners
subtitle: What we did this quarter
about: For the meeting of the owners
classification: Internal
---
# From the {{.Organisation.Name}} team

We protect {{len .Crown}} things above all:

{{range .Crown}}- {{.Name}}
{{end}}

[[risk-register]]

Yours
`

func TestAnOwnTemplateBecomesAPaperWithDataAndOtherPapersInIt(t *testing.T) {
	l, ctx := sample(t)
	desk := paper.Desk{App: l.App, Flow: l.Flow, Response: l.Response, Own: folder(t, map[string]string{"letter.md": letter})}
	p := find(t, desk, "letter")
	if !p.Own || p.Title != "Letter to the owners" || p.Text != "For the meeting of the owners" {
		t.Errorf("listed as %+v", p)
	}
	doc, err := p.Make(ctx)
	if err != nil {
		t.Fatal(err)
	}
	html := htmlOf(t, doc)
	for _, want := range []string{"Letter to the owners", "From the Fernhill", "Open risks, most expensive first", "Yours", "Internal", "journal entry"} {
		if !strings.Contains(html, want) {
			t.Errorf("the paper lacks %q", want)
		}
	}
	if strings.Contains(html, "{{") || strings.Contains(html, "[[") {
		t.Error("something was not filled in")
	}
}

func TestATemplateThatIsWrongOrHostileIsRefusedWithItsPlace(t *testing.T) {
	l, ctx := sample(t)
	head := "---\ntitle: T\n---\n"
	cases := map[string]struct{ text, want string }{
		"no-head":       {"just text", "between two lines of ---"},
		"no-title":      {"---\nabout: x\n---\n", "no title"},
		"odd-head":      {"---\ntitle: T\nscript: x\n---\n", "script"},
		"unknown-field": {head + "\n{{.Secret}}", ":5:"},
		"unclosed":      {head + "{{if .Lead}}", "unexpected EOF"},
		"printf":        {head + `{{printf "%999999999d" 1}}`, "not for own templates"},
		"endless":       {head + "{{range 1000000000000}}{{end}}", "not for own templates"},
		"counting":      {head + "{{range .Organisation.Size}}{{end}}", "not for own templates"},
		"recursion":     {head + `{{define "a"}}{{template "a"}}{{end}}{{template "a"}}`, "define and block"},
		"calling":       {head + `{{call .Lead}}`, "not for own templates"},
		"deep":          {head + strings.Repeat("{{range $.Crown}}", 4) + strings.Repeat("{{end}}", 4), "more than 3 deep"},
		"no-paper":      {head + "[[nothing]]\n", `no paper "nothing"`},
		"itself":        {head + "[[itself]]\n", `no paper "itself"`},
		"many":          {head + strings.Repeat("[[risk]]\n", 21), "at most 20"},
		"large":         {head + strings.Repeat("x", 300<<10), "larger than 256 KB"},
		"long":          {head + "{{range .Crown}}{{range $.Crown}}{{range $.Crown}}" + strings.Repeat("long ", 4000) + "{{end}}{{end}}{{end}}", "longer than 1024 KB"},
	}
	files := map[string]string{}
	for name, c := range cases {
		files[name+".md"] = c.text
	}
	desk := paper.Desk{App: l.App, Flow: l.Flow, Response: l.Response, Own: folder(t, files)}
	for name, c := range cases {
		_, err := find(t, desk, name).Make(ctx)
		if code := kind.CodeOf(err); code != kind.Invalid && code != kind.TooLarge || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestNoTemplateReachesOutOfItsFolder(t *testing.T) {
	l, ctx := sample(t)
	secret := filepath.Join(t.TempDir(), "secret.md")
	if err := os.WriteFile(secret, []byte("---\ntitle: Secret\n---\nhidden"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := folder(t, map[string]string{"risk.md": letter, "Bad Name.md": letter, "notes.txt": letter, "brand.yaml": "logo: ../../secret.md\n"})
	if err := os.Symlink(secret, filepath.Join(dir, "link.md")); err != nil {
		t.Fatal(err)
	}
	desk := paper.Desk{App: l.App, Flow: l.Flow, Response: l.Response, Own: dir}
	own := 0
	for _, p := range desk.Papers() {
		if p.Own {
			own++
			if p.Title == "Secret" {
				t.Error("a link out of the folder was followed")
			}
		}
	}
	if own != 1 { // the link, which cannot be read; risk is ours
		t.Errorf("%d own papers are listed", own)
	}
	for _, name := range []string{"link", "risk"} {
		if doc, err := find(t, desk, name).Make(ctx); err == nil {
			t.Errorf("%s became %q", name, doc.Title)
		}
	}
}

func TestTheBrandOfTheFolderIsOnEveryPaper(t *testing.T) {
	l, ctx := sample(t)
	var logo bytes.Buffer
	if err := png.Encode(&logo, image.NewGray(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}
	desk := paper.Desk{App: l.App, Flow: l.Flow, Response: l.Response, Own: folder(t, map[string]string{
		"logo.png": logo.String(), "brand.yaml": "colour: '#7a1f5c'\nfooter: Registered in Galway\nclassification: Secret\npaper: Letter\nfont: Georgia\nlogo: logo.png\n"})}
	doc, err := find(t, desk, "obligations").Make(ctx)
	if err != nil {
		t.Fatal(err)
	}
	html := htmlOf(t, doc)
	for _, want := range []string{"#7a1f5c", "Registered in Galway", "Secret", "Georgia", "data:image/png"} {
		if !strings.Contains(html, want) {
			t.Errorf("the paper lacks %q", want)
		}
	}
	for text, want := range map[string]string{"paper: A0\n": "A4 or Letter", "logo: brand.yaml\n": "neither PNG nor JPEG", "logo: none.png\n": "the logo", ": :": "cannot be read"} {
		desk.Own = folder(t, map[string]string{"brand.yaml": text})
		if _, err := find(t, desk, "obligations").Make(ctx); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzNoOwnTemplateHangsOrBreaksThePaper(f *testing.F) {
	f.Add("{{range .Crown}}{{.Name}}{{end}}")
	f.Add("{{if and .Lead (gt (len .Vendors) 1)}}x{{else}}[[risk]]{{end}}")
	f.Fuzz(func(t *testing.T, body string) {
		if len(body) > 4000 {
			return
		}
		began := time.Now()
		if text, err := paper.Filled("x.md", body); err == nil && len(text) > 1<<20 {
			t.Errorf("%d bytes came out", len(text))
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}
