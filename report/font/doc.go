// Package font holds the typefaces of Holdfast's documents and charts, and the
// text work that needs their metrics: measuring, breaking into lines, shortening,
// and printing into a PDF.
//
// The text face is Roboto (Apache-2.0), code is DejaVu Sans Mono, and signs that
// neither holds (arrows, ticks, Hebrew, Arabic and others) come from DejaVu Sans
// (both Bitstream Vera licence). A sign that no face holds prints as an open box.
//
// Text is not trusted: call Clean once when it enters a drawing or a document.
// All lengths are in the unit of the size that was handed in.
package font
