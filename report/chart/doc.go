// Package chart turns figures into drawings. A chart is plain data; Draw lays it
// out for a width, and the one Drawing is written as SVG for a page or into a PDF,
// so both show the same picture. Table gives the same figures as rows for people
// who cannot see the drawing.
//
//	d := chart.LossExceedance{...}.Draw(720) // or 340 for a phone
//	err := d.SVG(w)                          // inline in a page
//	d.PDF(pen, x, y, width)                  // points on a PDF page
//
// The SVG has no script and no style attribute, so a strict content security
// policy holds. Colours are CSS variables with a fallback (--chart-accent and the
// others of CSS), so that it follows the theme of the page. The same data gives
// the same bytes.
//
// No chart fails on its data: what is not a finite number is left out, too much is
// cut with a word that says so, and a chart without data says that there is none.
package chart
