package decoy

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Hit is a token that was touched, and by whom. Every text is safe to show.
type Hit struct {
	ID      string    `json:"id"`                // or a mark
	At      time.Time `json:"at,omitzero"`       // dns; of a request the caller knows
	Scanner bool      `json:"scanner,omitempty"` // comes from a listed scanner: no alarm
	How     string    `json:"how"`               // path, query, host, authorization, dns
	Remote  string    `json:"remote,omitempty"`  // address and port, as the server saw it
	Agent   string    `json:"agent,omitempty"`   // how the client named itself
	From    string    `json:"from,omitempty"`    // the page that held it: of a clone, or the referrer
	Name    string    `json:"name,omitempty"`    // the path or the name that was asked for
	Query   string    `json:"query,omitempty"`   // dns: the type of the question
	Tongue  string    `json:"tongue,omitempty"`  // languages that the client asks for
}

// Recognise finds a token in a request. It goes by shape: whether the token is ours is
// for the caller to look up by Hash.
func Recognise(r *http.Request) (Hit, bool) {
	if r.URL == nil {
		return Hit{}, false
	}
	for _, place := range []struct{ how, text string }{
		{"path", r.URL.Path}, {"query", r.URL.RawQuery}, {"host", r.Host}, {"authorization", credentialsOf(r)},
	} {
		found := RecogniseText(place.text)
		if len(found) == 0 {
			continue
		}
		return Hit{ID: found[0], How: place.how, Remote: visible(r.RemoteAddr, 128), Agent: visible(r.UserAgent(), textLimit),
			From: pageOf(r), Name: visible(r.URL.Path, textLimit), Tongue: visible(r.Header.Get("Accept-Language"), 128)}, true
	}
	return Hit{}, false
}

// credentialsOf gathers where a request carries a key.
func credentialsOf(r *http.Request) string {
	texts := []string{r.Header.Get("Authorization"), r.Header.Get("X-Api-Key"), r.Header.Get("Cookie")}
	if user, secret, ok := r.BasicAuth(); ok {
		texts = append(texts, user, secret)
	}
	return strings.Join(texts, " ")
}

// pageOf is where a copied page stands, or the referrer.
func pageOf(r *http.Request) string {
	if at := r.URL.Query().Get("at"); at != "" {
		if u, err := url.Parse(at); err == nil && u.Host != "" {
			return visible(at, textLimit)
		}
	}
	return visible(r.Referer(), textLimit)
}

// scanLimit bounds how much of a text is searched for tokens.
const scanLimit = 1 << 16

// RecogniseText finds ids of tokens, and marks of cloud keys and of SSH keys, in any
// text, such as a command or a line of a log: at most eight, each once.
func RecogniseText(text string) []string {
	text = text[:min(len(text), scanLimit)]
	found := fingerprintsIn(text)
	for start := 0; start < len(text) && len(found) < 8; {
		if !isWordByte(text[start]) {
			start++
			continue
		}
		end := start
		for end < len(text) && isWordByte(text[end]) {
			end++
		}
		if id, ok := tokenOf(text[start:end]); ok && !slices.Contains(found, id) {
			found = append(found, id)
		}
		start = end
	}
	return found
}

// Shape of the fingerprint of an SSH key, as sshd writes it: SHA-256 in base64 without
// padding.
const (
	fingerprintHead    = "SHA256:"
	fingerprintLetters = 43
)

func fingerprintsIn(text string) (found []string) {
	for len(found) < 8 {
		at := strings.Index(text, fingerprintHead)
		if at < 0 {
			break
		}
		text = text[at:]
		end := len(fingerprintHead)
		for end < len(text) && (isWordByte(text[end]) || text[end] == '+' || text[end] == '/') {
			end++
		}
		if print := text[:end]; end == len(fingerprintHead)+fingerprintLetters && !slices.Contains(found, print) {
			found = append(found, print)
		}
		text = text[end:]
	}
	return found
}

func isWordByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

// tokenOf tells whether a word is an id, in whatever case, or the id of a cloud key
// that no provider can have given out.
func tokenOf(word string) (string, bool) {
	switch {
	case len(word) == idLetters && isID(strings.ToLower(word)):
		return strings.ToLower(word), true
	case len(word) == 20 && strings.HasPrefix(word, "AKIA") && strings.ContainsAny(word[4:], "0189") && strings.ToUpper(word) == word:
		return word, true
	}
	return "", false
}

// RecogniseName finds the token in a name below a zone.
func RecogniseName(zone, name string) (id string, ok bool) {
	zone, name = strings.ToLower(strings.TrimSuffix(zone, ".")), strings.ToLower(strings.TrimSuffix(name, "."))
	below, ok := strings.CutSuffix(name, "."+zone)
	if !ok {
		return "", false
	}
	for label := range strings.SplitSeq(below, ".") {
		if isID(label) {
			return label, true
		}
	}
	return "", false
}

// Pixel is the image that a callback answers with: one transparent point.
func Pixel() (mediaType string, image []byte) {
	return "image/gif", []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")
}
