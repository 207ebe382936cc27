package ui

import (
	"context"
	"io"
	"slices"

	"github.com/a-h/templ"
)

// Icon renders one of our own 20 by 20 line icons in the colour of the text. It
// is decoration: the words beside it carry the meaning, so screen readers skip
// it. An unknown name renders nothing.
func Icon(name string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		shape, ok := icons[name]
		if !ok {
			return nil
		}
		_, err := io.WriteString(w, iconOpen+shape+`</svg>`)
		return err
	})
}

const iconOpen = `<svg class="icon" width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">`

// IconNames lists every icon, sorted.
func IconNames() []string {
	names := make([]string, 0, len(icons))
	for n := range icons {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// The icons, drawn on a 20 by 20 grid with a 1.5 stroke and a margin of two.
var icons = map[string]string{
	"home":     `<path d="M3 9.2 10 3l7 6.2V16a1 1 0 0 1-1 1h-3.5v-5h-5v5H4a1 1 0 0 1-1-1z"/>`,
	"govern":   `<circle cx="10" cy="10" r="7"/><path d="m13 7-1.8 4.2L7 13l1.8-4.2z"/>`,
	"identify": `<path d="M3 7V4a1 1 0 0 1 1-1h3M13 3h3a1 1 0 0 1 1 1v3M17 13v3a1 1 0 0 1-1 1h-3M7 17H4a1 1 0 0 1-1-1v-3"/><circle cx="10" cy="10" r="3"/>`,
	"protect":  `<path d="M10 2.5 16 5v4.6c0 3.6-2.4 6.5-6 7.9-3.6-1.4-6-4.3-6-7.9V5z"/>`,
	"detect":   `<path d="M2.5 10S5.2 4.8 10 4.8 17.5 10 17.5 10 14.8 15.2 10 15.2 2.5 10 2.5 10Z"/><circle cx="10" cy="10" r="2.2"/>`,
	"respond":  `<path d="M11 2.5 4.5 11.5H10l-1 6 6.5-9H10z"/>`,
	"improve":  `<path d="m3 14 4.5-4.5 3 3L17 6"/><path d="M12.5 6H17v4.5"/>`,

	"search":   `<circle cx="9" cy="9" r="5.5"/><path d="m13.2 13.2 3.8 3.8"/>`,
	"plus":     `<path d="M10 4v12M4 10h12"/>`,
	"minus":    `<path d="M4 10h12"/>`,
	"edit":     `<path d="m12.5 4.5 3 3L7 16H4v-3z"/><path d="m10.8 6.2 3 3"/>`,
	"trash":    `<path d="M3.5 5.5h13M8 5.5V4a1 1 0 0 1 1-1h2a1 1 0 0 1 1 1v1.5M5.2 5.5l.7 10.4a1 1 0 0 0 1 1h6.2a1 1 0 0 0 1-1l.7-10.4M8.5 9v4.5M11.5 9v4.5"/>`,
	"undo":     `<path d="M7 4.5 3.5 8 7 11.5"/><path d="M3.5 8H12a4.2 4.2 0 0 1 0 8.5H8"/>`,
	"check":    `<path d="m4 10.5 4 4 8-9"/>`,
	"cross":    `<path d="m5 5 10 10M15 5 5 15"/>`,
	"warning":  `<path d="M10 3.2 17.6 16a.7.7 0 0 1-.6 1H3a.7.7 0 0 1-.6-1z"/><path d="M10 8v4M10 14.4v.1"/>`,
	"info":     `<circle cx="10" cy="10" r="7.2"/><path d="M10 9.3v4.2M10 6.5v.1"/>`,
	"question": `<circle cx="10" cy="10" r="7.2"/><path d="M7.9 8a2.1 2.1 0 1 1 3.2 1.8c-.7.4-1.1.8-1.1 1.6M10 13.8v.1"/>`,
	"success":  `<circle cx="10" cy="10" r="7.2"/><path d="m6.8 10.2 2.2 2.3 4.2-4.8"/>`,
	"failure":  `<circle cx="10" cy="10" r="7.2"/><path d="m7.5 7.5 5 5M12.5 7.5l-5 5"/>`,

	"shield":   `<path d="M10 2.5 16 5v4.6c0 3.6-2.4 6.5-6 7.9-3.6-1.4-6-4.3-6-7.9V5z"/><path d="m7.3 9.8 2 2 3.6-4"/>`,
	"bug":      `<rect x="6.5" y="6.5" width="7" height="9.5" rx="3.5"/><path d="M8 6.5a2 2 0 0 1 4 0M10 10v6M6.5 9.5 3.5 8M13.5 9.5l3-1.5M6.5 12.5h-3M13.5 12.5h3M7 15l-2.5 2M13 15l2.5 2"/>`,
	"server":   `<rect x="3" y="3.5" width="14" height="5.5" rx="1.2"/><rect x="3" y="11" width="14" height="5.5" rx="1.2"/><path d="M6 6.2v.1M6 13.7v.1M9.5 6.2h4.5M9.5 13.7h4.5"/>`,
	"database": `<ellipse cx="10" cy="5" rx="6" ry="2.3"/><path d="M4 5v10c0 1.3 2.7 2.3 6 2.3s6-1 6-2.3V5M4 10c0 1.3 2.7 2.3 6 2.3s6-1 6-2.3"/>`,
	"user":     `<circle cx="10" cy="6.8" r="3.3"/><path d="M3.8 17c.6-3.2 3.1-4.8 6.2-4.8s5.6 1.6 6.2 4.8"/>`,
	"users":    `<circle cx="7.8" cy="7" r="3"/><path d="M2.2 16.5c.5-3 2.7-4.4 5.6-4.4s5.1 1.4 5.6 4.4M13 4.3a3 3 0 0 1 0 5.4M15 12.6c1.6.6 2.5 2 2.8 3.9"/>`,
	"building": `<path d="M4 17V4a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v13M12 8h3a1 1 0 0 1 1 1v8M2.5 17h15M7 6.5h2M7 9.5h2M7 12.5h2"/>`,
	"file":     `<path d="M5 3h6l4.5 4.5V16a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1Z"/><path d="M11 3v4.5h4.5M7 11h6M7 14h4"/>`,
	"money":    `<circle cx="10" cy="10" r="7.2"/><path d="M12.4 7.2c-.5-.7-1.3-1.1-2.4-1.1-1.4 0-2.4.7-2.4 1.8 0 2.7 5 1.3 5 4.1 0 1.2-1.1 2-2.6 2-1.2 0-2.2-.5-2.7-1.3M10 4.7v10.6"/>`,
	"chart":    `<path d="M3 3v13a1 1 0 0 0 1 1h13"/><path d="M7 13v-3M10.5 13V6.5M14 13V9"/>`,
	"curve":    `<path d="M3 3v13a1 1 0 0 0 1 1h13"/><path d="M6 5.5c1 5.5 4 8 10.5 8.5"/>`,
	"target":   `<circle cx="10" cy="10" r="7"/><circle cx="10" cy="10" r="3.5"/><path d="M10 10v.1"/>`,
	"clock":    `<circle cx="10" cy="10" r="7.2"/><path d="M10 6v4.2l2.8 1.6"/>`,
	"calendar": `<rect x="3" y="4.5" width="14" height="12.5" rx="1.5"/><path d="M3 8.5h14M6.8 2.8v3M13.2 2.8v3"/>`,
	"link":     `<path d="M8.5 11.5a3 3 0 0 0 4.3 0l2.8-2.8a3 3 0 0 0-4.3-4.3L10 5.7"/><path d="M11.5 8.5a3 3 0 0 0-4.3 0l-2.8 2.8a3 3 0 0 0 4.3 4.3l1.3-1.3"/>`,
	"external": `<path d="M12 3h5v5M17 3l-7.5 7.5M14.5 11.5V16a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6.500a1 1 0 0 1 1-1h4.5"/>`,

	"filter":        `<path d="M3 5h14M5.5 10h9M8.2 15h3.6"/>`,
	"sort":          `<path d="m6.5 8 3.5-4 3.5 4M6.5 12l3.5 4 3.5-4"/>`,
	"sort-up":       `<path d="M10 16V4M5.5 8.5 10 4l4.5 4.5"/>`,
	"sort-down":     `<path d="M10 4v12M5.5 11.5 10 16l4.5-4.5"/>`,
	"columns":       `<rect x="3" y="3.5" width="14" height="13" rx="1.5"/><path d="M7.7 3.500v13M12.3 3.500v13"/>`,
	"download":      `<path d="M10 3v9.500M6 9l4 4 4-4M3.5 16.500h13"/>`,
	"upload":        `<path d="M10 13V3.500M6 7l4-4 4 4M3.5 16.500h13"/>`,
	"chevron-right": `<path d="m7.5 4.5 5.5 5.5-5.5 5.5"/>`,
	"chevron-left":  `<path d="M12.5 4.5 7 10l5.5 5.5"/>`,
	"chevron-down":  `<path d="m4.5 7.5 5.5 5.5 5.5-5.5"/>`,
	"chevron-up":    `<path d="M4.5 12.5 10 7l5.5 5.5"/>`,
	"chevrons":      `<path d="m6.5 7.5 3.5-3.5 3.5 3.500M6.5 12.500l3.5 3.5 3.5-3.5"/>`,
	"arrow-right":   `<path d="M3.5 10h13M11.5 5l5 5-5 5"/>`,
	"menu":          `<path d="M3 5.500h14M3 10h14M3 14.500h14"/>`,
	"more":          `<path d="M4.5 10v.1M10 10v.1M15.5 10v.1" stroke-width="2.2"/>`,
	"moon":          `<path d="M16.5 11.800A7 7 0 1 1 8.2 3.500a5.6 5.6 0 0 0 8.3 8.300Z"/>`,
	"sun":           `<circle cx="10" cy="10" r="3.3"/><path d="M10 2.500v1.800M10 15.700v1.800M2.5 10h1.800M15.7 10h1.800M4.7 4.7 6 6M14 14l1.3 1.300M4.7 15.3 6 14M14 6l1.3-1.3"/>`,
	"system":        `<rect x="2.5" y="3.5" width="15" height="10" rx="1.5"/><path d="M7 17h6M10 13.500V17"/>`,
	"bell":          `<path d="M5.5 8.500a4.5 4.5 0 0 1 9 0c0 4 1.7 5 1.7 5H3.800s1.7-1 1.7-5ZM8.3 16.300a2 2 0 0 0 3.4 0"/>`,
	"play":          `<path d="M6 4v12l10-6z"/>`,
	"pause":         `<path d="M7 4.500v11M13 4.500v11"/>`,
	"stop":          `<rect x="5" y="5" width="10" height="10" rx="1.5"/>`,
	"key":           `<circle cx="6.5" cy="13.5" r="3.5"/><path d="M9 11 16.5 3.500M13.5 6.500l2.5 2.500M11.5 8.500l1.5 1.5"/>`,
	"lock":          `<rect x="4" y="9" width="12" height="8" rx="1.5"/><path d="M6.5 9V6.500a3.5 3.5 0 0 1 7 0V9M10 12.300v1.5"/>`,
	"flag":          `<path d="M4.5 17.500V3.500h9.700L12.5 7l1.7 3.500H4.5"/>`,
	"tag":           `<path d="M3 4v5.300l7.7 7.700a1 1 0 0 0 1.4 0l4.9-4.900a1 1 0 0 0 0-1.400L9.3 3H4a1 1 0 0 0-1 1Z"/><path d="M6.5 6.500v.1"/>`,
	"chat":          `<path d="M4 4h12a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H9l-4 3v-3H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1Z"/><path d="M6.5 7.700h7M6.5 10.500h4.5"/>`,
	"history":       `<path d="M3.2 6.500A7.2 7.2 0 1 1 2.8 11"/><path d="M3 3v3.700h3.700M10 6.200v4.100l2.7 1.5"/>`,
	"copy":          `<rect x="7" y="7" width="10" height="10" rx="1.5"/><path d="M13 7V4a1 1 0 0 0-1-1H4a1 1 0 0 0-1 1v8a1 1 0 0 0 1 1h3"/>`,
	"settings":      `<path d="M3 6h8M15 6h2M3 14h2M9 14h8"/><circle cx="13" cy="6" r="2"/><circle cx="7" cy="14" r="2"/>`,
	"trap":          `<path d="M3 13.500c0-5 3-8.5 7-8.500s7 3.5 7 8.5"/><path d="M2.5 13.500h15M5.5 13.500l1 2.5 1.5-2.5 2 2.5 2-2.5 1.5 2.5 1-2.5"/>`,
	"network":       `<circle cx="10" cy="4.5" r="2"/><circle cx="4.5" cy="15" r="2"/><circle cx="15.5" cy="15" r="2"/><path d="M9 6.3 5.5 13.200M11 6.300l3.5 6.900M6.5 15h7"/>`,
	"box":           `<path d="m10 2.8 6.5 3.500v7.400L10 17.200l-6.5-3.500V6.300z"/><path d="M3.7 6.4 10 9.900l6.3-3.500M10 9.900v7.2"/>`,
	"book":          `<path d="M4 4.500A1.5 1.5 0 0 1 5.5 3H16v11.500H5.500A1.5 1.5 0 0 0 4 16z"/><path d="M4 16a1.5 1.5 0 0 0 1.5 1.500H16v-3"/>`,
	"list":          `<path d="M7 5h10M7 10h10M7 15h10M3.5 5v.1M3.5 10v.1M3.5 15v.1"/>`,
	"grid":          `<rect x="3" y="3" width="5.5" height="5.5" rx="1"/><rect x="11.5" y="3" width="5.5" height="5.5" rx="1"/><rect x="3" y="11.5" width="5.5" height="5.5" rx="1"/><rect x="11.5" y="11.5" width="5.5" height="5.5" rx="1"/>`,
	"bookmark":      `<path d="M5.5 3h9v14L10 13.5 5.5 17z"/>`,
	"refresh":       `<path d="M16.5 8A7 7 0 0 0 4 6.200L3 7.500M3.5 12A7 7 0 0 0 16 13.800l1-1.3"/><path d="M3 3.800v3.700h3.700M17 16.200v-3.700h-3.7"/>`,
	"logout":        `<path d="M8 17H4a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1h4M13 6l4 4-4 4M17 10H7.5"/>`,
	"logo":          `<path d="M10 3v8" stroke-width="2"/><path d="M10 11c0 3-2.5 2.5-4 5.500M10 11c0 3 2.5 2.5 4 5.500M10 11v6M10 7C7.5 7 6 5.5 6 3.200M10 7c2.5 0 4-1.5 4-3.8"/>`,
}
