package report

import (
	"net/url"
	"strings"

	"holdfast/report/chart"
	"holdfast/report/font"
)

// Text is running text in pieces of one style.
type Text []Span

// A Span is a piece of text. Link is where it leads: an http, https or mailto
// address, or "#id" of a heading. Any other link is dropped, its text stays.
type Span struct {
	Text   string
	Bold   bool
	Italic bool
	Code   bool
	Link   string
}

// Plain is text without any style.
func Plain(s string) Text {
	if s == "" {
		return nil
	}
	return Text{{Text: s}}
}

// String is the text without its styles.
func (t Text) String() string {
	var b strings.Builder
	for _, s := range t {
		b.WriteString(s.Text)
	}
	return b.String()
}

// face of a span, given whether it stands in strong surroundings.
func (s Span) face(strong bool) font.Face {
	switch {
	case s.Code:
		return font.Mono
	case s.Italic && (s.Bold || strong):
		return font.BoldItalic
	case s.Italic:
		return font.Italic
	case s.Bold:
		return font.Bold
	case strong:
		return font.Medium
	}
	return font.Regular
}

// safeLink returns the link when it may be followed, else nothing.
func safeLink(link string) string {
	link = strings.TrimSpace(link)
	if link == "" || len(link) > 2000 || link != font.Clean(link) || strings.ContainsAny(link, "\n \\<>\"") {
		return ""
	}
	if strings.HasPrefix(link, "#") {
		return link
	}
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		if u.Host == "" {
			return ""
		}
	case "mailto":
		if u.Opaque == "" {
			return ""
		}
	default:
		return ""
	}
	return u.String() // escaped: only ASCII is left
}

// A Tone colours a label. The severities are for severity; Accent and Faint carry
// no judgement.
type Tone uint8

// The tones. Neutral is the zero value and means no label at all.
const (
	Neutral Tone = iota
	Faint
	Accent
	Low
	Medium
	High
	Critical
)

// Severity is the tone of a severity word of the engine contract.
func Severity(word string) Tone {
	switch chart.Severity(word) {
	case chart.Critical:
		return Critical
	case chart.High:
		return High
	case chart.Medium:
		return Medium
	case chart.Low:
		return Low
	}
	return Faint
}

// colour of a tone: of its text and rules, and of the area behind it.
func (t Tone) colour() (strong, soft chart.Colour) {
	switch t {
	case Low:
		return chart.Low, chart.LowSoft
	case Medium:
		return chart.Medium, chart.MediumSoft
	case High:
		return chart.High, chart.HighSoft
	case Critical:
		return chart.Critical, chart.CriticalSoft
	case Accent:
		return chart.Accent, chart.AccentSoft
	case Faint:
		return chart.Muted, chart.Panel
	}
	return chart.Ink, chart.Panel
}

// name of the tone in class names.
func (t Tone) name() string {
	return [...]string{"neutral", "faint", "accent", "low", "medium", "high", "critical"}[min(t, Critical)]
}
