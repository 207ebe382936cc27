package paper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"holdfast/catalog"
	"holdfast/kind"
	"holdfast/report"

	"go.yaml.in/yaml/v3"
)

// Bounds of the folder of own templates, so that no file in it can exhaust the
// product.
const (
	maxTemplates = 100
	maxTemplate  = 256 << 10 // bytes of a template, and of brand.yaml
	maxFilled    = 1 << 20   // bytes of a template with its data
	maxIncluded  = 20        // papers put into one template
	maxNested    = 3         // repetitions inside repetitions
)

// ownName is what the name of a template may be, without ".md".
var ownName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,59}$`)

// A frontMatter stands at the head of an own template.
type frontMatter struct {
	Title          string `yaml:"title"`
	Subtitle       string `yaml:"subtitle"`
	About          string `yaml:"about"` // what it is for, on the page of reports
	Classification string `yaml:"classification"`
	Status         string `yaml:"status"`
	Landscape      bool   `yaml:"landscape"`
	Contents       *bool  `yaml:"contents"` // whether it begins with a table of contents; yes when not said
}

// folder opens the folder of own templates; nil without an error when there is none.
func (d Desk) folder() (*os.Root, error) {
	if d.Own == "" {
		return nil, nil //nolint:nilnil // no folder is the usual case and no error
	}
	root, err := os.OpenRoot(d.Own) // nothing in it leads out of it
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // as above
	}
	return root, err
}

// own are the papers made of the organisation's templates. One that cannot be used
// is listed too, and says why when it is asked for.
func (d Desk) own() []Paper {
	root, err := d.folder()
	if err != nil || root == nil {
		return nil
	}
	defer root.Close() //nolint:errcheck // it was only read
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil
	}
	var list []Paper
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".md")
		if !ok || !ownName.MatchString(name) || len(list) == maxTemplates || slices.ContainsFunc(shipped, func(s shippedPaper) bool { return s.name == name }) {
			continue
		}
		p := Paper{Name: name, Title: kind.Humanise(name), Icon: "file", Own: true}
		if head, _, err := readTemplate(root, e.Name()); err == nil {
			p.Title, p.Text = head.Title, head.About
		} else {
			p.Text = err.Error()
		}
		p.Make = func(ctx context.Context) (report.Document, error) { return d.fill(ctx, e.Name()) }
		list = append(list, p)
	}
	return list
}

// readLimited reads a whole file of the folder, if it is no larger than the limit.
func readLimited(root *os.Root, name string, limit int64) ([]byte, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(raw)) > limit {
		err = kind.Errorf(kind.TooLarge, "%s: is larger than %d KB", name, limit>>10)
	}
	return raw, err
}

// readTemplate parts a template into its front matter and its body.
func readTemplate(root *os.Root, name string) (frontMatter, string, error) {
	var head frontMatter
	raw, err := readLimited(root, name, maxTemplate)
	if err != nil {
		return head, "", err
	}
	text := strings.ReplaceAll(string(raw), "\r\n", "\n")
	rest, ok := strings.CutPrefix(text, "---\n")
	yamlPart, body, closed := strings.Cut(rest, "\n---\n")
	if !ok || !closed {
		return head, "", kind.Errorf(kind.Invalid, "%s:1: begins with a head between two lines of ---, in which title: stands", name)
	}
	d := yaml.NewDecoder(strings.NewReader(yamlPart))
	d.KnownFields(true)
	if err := d.Decode(&head); err != nil {
		return head, "", kind.Errorf(kind.Invalid, "%s: the head cannot be read: %w", name, err)
	}
	if head.Title == "" {
		return head, "", kind.Errorf(kind.Invalid, "%s:1: the head has no title", name)
	}
	// Lines of the head stay as empty ones, so that messages name the right line.
	return head, strings.Repeat("\n", strings.Count(yamlPart, "\n")+3) + body, nil
}

// fill makes the paper of an own template.
func (d Desk) fill(ctx context.Context, name string) (report.Document, error) {
	root, err := d.folder()
	if err != nil || root == nil {
		return report.Document{}, kind.Errorf(kind.NotFound, "the folder of templates is gone")
	}
	defer root.Close() //nolint:errcheck // it was only read
	head, body, err := readTemplate(root, name)
	if err != nil {
		return report.Document{}, err
	}
	m, err := d.maker(ctx)
	if err != nil {
		return report.Document{}, err
	}
	data, _, err := d.Flow.DocumentData(ctx)
	if err != nil {
		return report.Document{}, err
	}
	text, err := filled(name, body, data)
	if err != nil {
		return report.Document{}, err
	}
	doc := m.document(head.Title, head.Subtitle, head.Status)
	doc.Landscape = head.Landscape
	if head.Classification != "" {
		doc.Classification = head.Classification
	}
	if head.Contents != nil && !*head.Contents {
		doc.Blocks = nil
	}
	blocks, err := d.blocks(ctx, name, text)
	doc.Blocks = append(append(doc.Blocks, blocks...), m.traced())
	return doc, err
}

// includeLine is a line that stands for a whole paper: [[risk-register]].
var includeLine = regexp.MustCompile(`(?m)^\[\[([a-z0-9-]+)\]\]$`)

// blocks turns filled Markdown into blocks, and puts in the papers that it names.
func (d Desk) blocks(ctx context.Context, name, text string) ([]report.Block, error) {
	var out []report.Block
	from := 0
	add := func(part string) error {
		blocks, err := report.Markdown(part, 1)
		out = append(out, blocks...)
		return err
	}
	places := includeLine.FindAllStringSubmatchIndex(text, -1)
	if len(places) > maxIncluded {
		return nil, kind.Errorf(kind.TooLarge, "%s: names %d papers, at most %d can be put into one", name, len(places), maxIncluded)
	}
	for _, at := range places {
		if err := add(text[from:at[0]]); err != nil {
			return nil, err
		}
		from = at[1]
		p, err := Find(d.shipped(), text[at[2]:at[3]])
		if err != nil {
			return nil, kind.Errorf(kind.Invalid, "%s: there is no paper %q to put in", name, text[at[2]:at[3]])
		}
		doc, err := p.Make(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, included(doc)...)
	}
	return out, add(text[from:])
}

// included are the blocks of a paper below a heading with its title.
func included(doc report.Document) []report.Block {
	out := []report.Block{h1(doc.Title)}
	for _, b := range doc.Blocks {
		switch v := b.(type) {
		case report.Toc, report.PageBreak:
		case report.Heading:
			v.Level++
			out = append(out, v)
		default:
			out = append(out, b)
		}
	}
	return out
}

// filled puts the data into the text of a template. What could run for ever, reach
// beyond the data or fill the memory is refused.
func filled(name, body string, data catalog.DocumentData) (string, error) {
	data.Settings = nil // figures of shipped documents
	t, err := template.New(name).Option("missingkey=error").Parse(body)
	if err != nil {
		return "", kind.Errorf(kind.Invalid, "%s", strings.TrimPrefix(err.Error(), "template: "))
	}
	if len(t.Templates()) > 1 {
		return "", kind.Errorf(kind.Invalid, "%s: define and block are not for own templates", name)
	}
	if t.Tree != nil {
		if err := harmless(name, t.Root, 0); err != nil {
			return "", err
		}
	}
	out := &limited{left: maxFilled}
	if err := t.Execute(out, data.Escaped()); err != nil {
		return "", kind.Errorf(kind.Invalid, "%s", strings.TrimPrefix(err.Error(), "template: "))
	}
	return out.String(), nil
}

// limited is a buffer with an end.
type limited struct {
	bytes.Buffer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, fmt.Errorf("the filled text is longer than %d KB", maxFilled>>10)
	}
	return l.Buffer.Write(p)
}

// calls are the functions that a template may use: those that compare.
var calls = map[string]bool{"and": true, "or": true, "not": true, "eq": true, "ne": true, "lt": true, "le": true, "gt": true, "ge": true, "len": true}

// harmless walks what was parsed: only fields of the data, comparisons, and
// repetitions over lists of the data.
func harmless(name string, n parse.Node, depth int) error {
	refuse := func(what string) error {
		return kind.Errorf(kind.Invalid, "%s: %q is not for own templates; they may show fields, compare, and repeat over lists", name, what)
	}
	switch v := n.(type) {
	case nil:
	case *parse.ListNode:
		if v == nil {
			return nil
		}
		for _, c := range v.Nodes {
			if err := harmless(name, c, depth); err != nil {
				return err
			}
		}
	case *parse.TextNode, *parse.CommentNode, *parse.FieldNode, *parse.DotNode, *parse.VariableNode, *parse.StringNode, *parse.NumberNode, *parse.BoolNode, *parse.NilNode, *parse.BreakNode, *parse.ContinueNode:
	case *parse.IdentifierNode:
		if !calls[v.Ident] {
			return refuse(v.Ident)
		}
	case *parse.ActionNode:
		return harmlessPipe(name, v.Pipe, depth)
	case *parse.PipeNode:
		return harmlessPipe(name, v, depth)
	case *parse.ChainNode:
		return harmless(name, v.Node, depth)
	case *parse.IfNode:
		return harmlessBranch(name, v.BranchNode, depth)
	case *parse.WithNode:
		return harmlessBranch(name, v.BranchNode, depth)
	case *parse.RangeNode:
		if depth++; depth > maxNested {
			return kind.Errorf(kind.Invalid, "%s: repeats inside repetitions more than %d deep", name, maxNested)
		}
		if len(v.Pipe.Cmds) != 1 || len(v.Pipe.Cmds[0].Args) != 1 || !isList(v.Pipe.Cmds[0].Args[0]) {
			return refuse(v.Pipe.String())
		}
		return harmlessBranch(name, v.BranchNode, depth)
	default:
		return refuse(n.String())
	}
	return nil
}

// lists are the data that may be repeated over. A number could be too, for ever.
var lists = map[string]bool{"Crown": true, "Vendors": true, "Objectives": true, "Obligations": true, "Frameworks": true}

func isList(n parse.Node) bool {
	switch v := n.(type) {
	case *parse.FieldNode:
		return lists[v.Ident[len(v.Ident)-1]]
	case *parse.VariableNode:
		return len(v.Ident) == 2 && lists[v.Ident[1]]
	}
	return false
}

func harmlessBranch(name string, b parse.BranchNode, depth int) error {
	return errors.Join(harmlessPipe(name, b.Pipe, depth), harmless(name, b.List, depth), harmless(name, b.ElseList, depth))
}

func harmlessPipe(name string, p *parse.PipeNode, depth int) error {
	if p == nil {
		return nil
	}
	for _, c := range p.Cmds {
		for _, arg := range c.Args {
			if err := harmless(name, arg, depth); err != nil {
				return err
			}
		}
	}
	return nil
}
