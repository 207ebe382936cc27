package blob

import (
	"bytes"
	"net/http"
	"path"
	"strings"
	"unicode/utf8"

	"holdfast/kind"
)

// SniffLength is how many bytes Sniff wants to see.
const SniffLength = 4096

// office are the kinds of archive that documents come in, by what their first entries
// are called.
var office = []struct{ holds, media string }{
	{"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	{"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	{"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
	{"mimetypeapplication/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"},
	{"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.spreadsheet"},
}

// byEnding are the office files whose first bytes do not tell them apart.
var byEnding = map[string]string{".docx": office[0].media, ".xlsx": office[1].media, ".pptx": office[2].media}

// Media types with names.
const (
	MediaPDF  = "application/pdf"
	MediaDOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	MediaText = "text/plain; charset=utf-8"
)

// Sniff recognises what a file is by its first bytes, whatever its sender claims; the
// name decides only among kinds of office file. What is not on the list is refused:
// programs, web pages, and pictures that can hold script.
func Sniff(name string, head []byte) (string, error) {
	switch media := http.DetectContentType(head); {
	case media == MediaPDF, media == "image/png", media == "image/jpeg", media == "image/gif", media == "image/webp":
		return media, nil
	case media == "application/zip":
		return archive(name, head), nil
	case media == "application/x-gzip":
		return "application/gzip", nil
	case strings.HasPrefix(media, "text/plain") && isText(head):
		return MediaText, nil
	}
	return "", kind.Fieldf("file", "“%s” is of a kind that is not kept here; PDF, Word, Excel, PowerPoint, OpenDocument, PNG, JPEG, GIF, WebP, text, ZIP and gzip are", path.Base(name))
}

func archive(name string, head []byte) string {
	for _, o := range office {
		if bytes.Contains(head, []byte(o.holds)) {
			return o.media
		}
	}
	if media := byEnding[strings.ToLower(path.Ext(name))]; media != "" && bytes.Contains(head, []byte("[Content_Types].xml")) {
		return media
	}
	return "application/zip"
}

// isText tells whether the bytes are text without control signs, that no browser would
// take for a page and no shell for a program.
func isText(head []byte) bool {
	for len(head) > 0 {
		r, n := utf8.DecodeRune(head)
		if r == utf8.RuneError && n == 1 && len(head) >= utf8.UTFMax {
			return false
		}
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f {
			return false
		}
		head = head[n:]
	}
	return true
}
