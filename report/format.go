package report

import "io"

// A Format is a kind of file that a document can become.
type Format struct {
	Ending string // of the file's name: ".pdf"
	Name   string // for people
	Media  string // for the web
	Write  func(io.Writer, Document) error
}

// Formats lists all formats, the one to read first.
func Formats() []Format {
	return []Format{
		{".pdf", "PDF", "application/pdf", PDF},
		{".html", "HTML", "text/html; charset=utf-8", HTML},
		{".docx", "Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", DOCX},
		{".xlsx", "Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", XLSX},
	}
}

// FormatOf finds the format of an ending such as ".pdf"; false for any other.
func FormatOf(ending string) (Format, bool) {
	for _, f := range Formats() {
		if f.Ending == ending {
			return f, true
		}
	}
	return Format{}, false
}
