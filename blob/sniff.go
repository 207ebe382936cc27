package blob

import (
	"bytes"
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

const mediaZIP = "application/zip"

// signs are the first bytes of what is kept.
var signs = []struct {
	begins string
	skip   int
	then   string // after so many bytes
	media  string
}{
	{"%PDF-", 0, "", MediaPDF}, {"\x89PNG\r\n\x1a\n", 0, "", "image/png"}, {"\xff\xd8\xff", 0, "", "image/jpeg"}, {"GIF87a", 0, "", "image/gif"}, {"GIF89a", 0, "", "image/gif"},
	{"RIFF", 8, "WEBP", "image/webp"}, {"PK\x03\x04", 0, "", mediaZIP}, {"PK\x05\x06", 0, "", mediaZIP}, {"\x1f\x8b\x08", 0, "", "application/gzip"},
}

// isMarkup tells whether text begins like a web page or a drawing, which could run
// something in a browser.
func isMarkup(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	return len(head) > 1 && head[0] == '<' && (head[1] == '!' || head[1] == '?' || head[1] == '/' || head[1]|0x20 >= 'a' && head[1]|0x20 <= 'z')
}

// Sniff recognises what a file is by its first bytes, whatever its sender claims; the
// name decides only among kinds of office file. What is not on the list is refused:
// programs, web pages, and pictures that can hold script.
func Sniff(name string, head []byte) (string, error) {
	for _, s := range signs {
		if bytes.HasPrefix(head, []byte(s.begins)) && bytes.HasPrefix(head[min(s.skip, len(head)):], []byte(s.then)) {
			if s.media == mediaZIP {
				return archive(name, head), nil
			}
			return s.media, nil
		}
	}
	if isText(head) && !isMarkup(head) {
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
	return mediaZIP
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
