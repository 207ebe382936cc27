package web

import (
	"bytes"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"

	"holdfast/kind"
)

// markdown renders text of people. Raw HTML and addresses with a dangerous scheme
// are left out, because the renderer is not set to trust its source.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify, extension.TaskList),
	goldmark.WithRendererOptions(html.WithHardWraps()),
)

func markdownHTML(source string) string {
	var b bytes.Buffer
	if err := markdown.Convert([]byte(source), &b); err != nil {
		return ""
	}
	return b.String()
}

// preview answers rendered text for the form.
func preview(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	text := form.Get("text")
	if len(text) > kind.MaxLongText {
		return kind.Errorf(kind.TooLarge, "the text is longer than %d bytes", kind.MaxLongText)
	}
	return r.RenderPart(prose(text))
}
