package page

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"holdfast/flow"
	"holdfast/web/ui"
)

// importedWords says how large a framework is.
func importedWords(f flow.FrameworkIntake) string {
	s := plainCount(f.Controls, "requirement", "requirements") + " in " + plainCount(f.Chapters, "chapter", "chapters")
	if f.Edition != "" {
		s += ", edition " + f.Edition
	}
	return s
}

func keptWords(f flow.FrameworkIntake) string {
	if f.Kept == 0 {
		return ""
	}
	return plainCount(f.Kept, "keeps what people wrote", "keep what people wrote")
}

func orphanWords(f flow.FrameworkIntake) string {
	if f.Orphans == 0 {
		return ""
	}
	return plainCount(f.Orphans, "more stays, because somebody worked with it", "more stay, because somebody worked with them")
}

// importedMappings lists what would be compared.
func importedMappings(list []flow.MappingIntake) ui.TableProps {
	t := ui.TableProps{ID: "mappings", Title: "Mappings", Caption: "Mappings between frameworks",
		Columns: []ui.Column{{Label: "From", Main: true}, {Label: "To"}, {Label: "Pairs", Align: ui.End}, {Label: "New", Align: ui.End}, {Label: "Note"}}}
	for _, m := range list {
		t.Rows = append(t.Rows, ui.Row{Cells: []templ.Component{
			ui.Text(m.Source), ui.Text(m.Target), ui.Text(strconv.Itoa(m.Pairs)), ui.Text(strconv.Itoa(m.Taken)), mappingNote(m),
		}})
	}
	return t
}

// mappingNote says why pairs of a mapping are not new.
func mappingNote(m flow.MappingIntake) templ.Component {
	var parts []string
	if m.Absent != "" {
		parts = append(parts, "Left out: "+m.Absent+" is not in this workspace. Adopt or import it first.")
	}
	if m.Kept > 0 {
		parts = append(parts, plainCount(m.Kept, "pair stays", "pairs stay")+" as another authority has it.")
	}
	if m.Twice > 0 {
		parts = append(parts, plainCount(m.Twice, "pair is", "pairs are")+" named twice.")
	}
	if len(parts) == 0 {
		return ui.None()
	}
	return ui.Text(strings.Join(parts, " "))
}
