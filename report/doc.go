// Package report turns a document, made of blocks, into a file: HTML for reading
// and printing from a browser, PDF for sending and signing, DOCX for writing on in
// a word processor, and its tables into an XLSX for counting on. The caller says
// what there is to read; this package alone says what it looks like.
//
//	doc := report.Document{Title: "Risk assessment", Date: day, Blocks: []report.Block{
//		report.Toc{},
//		report.Heading{Level: 1, Text: "Where we stand"},
//		report.Paragraph{report.Rich("We expect to lose **£190k** a year.")},
//		report.Figure{Chart: chart.LossExceedance{...}, Caption: "Loss exceedance"},
//	}}
//	err := report.PDF(w, doc)
//
// The same document gives the same bytes: no clock is read, the date is the
// document's. No text is trusted: control signs, forced directions, endless words
// and links to anything but the web, mail or the document itself do no harm.
package report
