// Package ui is the component library and the design language of Holdfast: small
// typed templ components, one style sheet and one script.
//
// Components are plain functions of their props. They render complete, working
// HTML: every link and every form does its work without JavaScript, and the
// script only makes it quicker. Nothing here carries an inline style or an inline
// script, so the strictest content security policy holds.
//
// README.md in this folder shows how a page is built. Gallery shows every
// component in every state.
package ui

import (
	"context"
	"fmt"
	"hash/fnv"
	"html"
	"io"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// A Tone says what a badge, callout or figure means. Severity has colours of its
// own, see Severity.
type Tone string

// The tones. Plain is the calm default.
const (
	Plain     Tone = ""
	Accent    Tone = "accent"    // chosen, new, in the product's own colour
	Positive  Tone = "positive"  // done, healthy, within appetite
	Attention Tone = "attention" // somebody should look
	Negative  Tone = "negative"  // failed, overdue, over the limit
)

// Text renders a string as a component, for table cells and other slots.
func Text(s string) templ.Component { return raw(html.EscapeString(s)) }

// Textf renders a formatted string.
func Textf(format string, args ...any) templ.Component {
	return Text(fmt.Sprintf(format, args...))
}

// Muted renders secondary text.
func Muted(s string) templ.Component { return span("muted", s) }

// Strong renders the text a reader should see first.
func Strong(s string) templ.Component { return span("strong", s) }

// Mono renders an identifier: a version, a path, a CVE number.
func Mono(s string) templ.Component { return span("mono", s) }

// Number renders a figure in tabular numerals, so that columns line up.
func Number(s string) templ.Component { return span("number", s) }

// None renders the sign for "nothing here", read out as "none".
func None() templ.Component {
	return raw(`<span class="muted" aria-hidden="true">–</span><span class="sr-only">none</span>`)
}

// Group renders components one after the other on one line.
func Group(parts ...templ.Component) templ.Component {
	return wrap(`<span class="cluster cluster--tight">`, `</span>`, parts)
}

// Lines renders components below each other, as the two lines of a cell.
func Lines(parts ...templ.Component) templ.Component {
	return wrap(`<span class="lines">`, `</span>`, parts)
}

// Join renders components one after the other, with nothing around them.
func Join(parts ...templ.Component) templ.Component { return wrap("", "", parts) }

func raw(markup string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, markup)
		return err
	})
}

func span(class, s string) templ.Component {
	return raw(`<span class="` + class + `">` + html.EscapeString(s) + `</span>`)
}

func wrap(before, after string, parts []templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		if _, err := io.WriteString(w, before); err != nil {
			return err
		}
		for _, p := range parts {
			if p == nil {
				continue
			}
			if err := p.Render(ctx, w); err != nil {
				return err
			}
		}
		_, err := io.WriteString(w, after)
		return err
	})
}

// classes joins the names that are not empty.
func classes(names ...string) string {
	var b strings.Builder
	for _, n := range names {
		if n == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(n)
	}
	return b.String()
}

// modifier returns base--name, or nothing for an empty name.
func modifier(base, name string) string {
	if name == "" {
		return ""
	}
	return base + "--" + name
}

func when(cond bool, s string) string {
	if cond {
		return s
	}
	return ""
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// stableID makes an id from content, the same at every rendering.
func stableID(prefix string, parts ...string) string {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = io.WriteString(h, p) // a hash does not fail
		_, _ = h.Write([]byte{0})
	}
	return fmt.Sprintf("%s-%x", prefix, h.Sum64())
}

// machineTime is the form <time datetime> wants.
func machineTime(t time.Time) string { return t.Format(time.RFC3339) }

// humanTime is the long form in the zone t is already in.
func humanTime(t time.Time) string { return t.Format("2 Jan 2006, 15:04 MST") }
