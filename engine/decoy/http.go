package decoy

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	httpRequests = 100     // of one visit
	httpHead     = 1 << 16 // bytes of the head of a request
	httpBody     = 1 << 16 // bytes of its body
)

// An allowance lets a library read so much and no more.
type allowance struct {
	r    io.Reader
	left int64
}

// Read implements io.Reader.
func (a *allowance) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, errBounds
	}
	n, err := a.r.Read(p[:min(int64(len(p)), a.left)])
	a.left -= int64(n)
	return n, err
}

// A tap notes what is read through it.
type tap struct {
	io.Reader
	rec *record
}

// Read implements io.Reader.
func (t tap) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	if n > 0 {
		t.rec.saw(p[:n])
	}
	return n, err
}

func serveHTTP(s *session) { answerRequests(s, s.conn) }

func serveHTTPS(s *session) {
	if encrypted, ok := encrypt(s); ok {
		answerRequests(s, tap{encrypted, s.rec})
		encrypted.CloseWrite() //nolint:errcheck // a farewell
	}
}

// encrypt puts a layer of TLS over the connection. From then on the sample holds what
// was meant, not what was on the wire.
func encrypt(s *session) (*tls.Conn, bool) {
	config, err := s.keys.tls()
	if err != nil {
		panic(err) // the certificate of the trap could not be made
	}
	c := tls.Server(s.conn, config)
	if err := c.Handshake(); err != nil {
		return nil, false
	}
	s.conn.silence()
	if name := c.ConnectionState().ServerName; name != "" {
		s.rec.header("TLS server name", name)
	}
	s.w = c
	return c, true
}

// answerRequests serves a sign-in page for as long as the visitor asks.
func answerRequests(s *session, rw io.Reader) {
	allowed := &allowance{r: rw}
	r := bufio.NewReaderSize(allowed, 4096)
	for i := range httpRequests {
		s.conn.next()
		allowed.left = httpHead
		req, err := http.ReadRequest(r)
		if err != nil {
			if in, _ := s.conn.counts(); i == 0 && in > 0 {
				notHTTP(s)
			}
			return
		}
		allowed.left = httpBody
		body, err := io.ReadAll(io.LimitReader(req.Body, httpBody))
		noteRequest(s, req, body)
		if !s.send(respond(s, req, body)) || err != nil || req.Close || len(body) == httpBody {
			return
		}
	}
}

// notHTTP records what was no request, and answers as web servers do.
func notHTTP(s *session) {
	line, _, _ := bytes.Cut(s.rec.copy().Sample, []byte("\n"))
	if line = bytes.TrimRight(line, "\r"); len(line) > 0 {
		s.rec.command(string(line))
	}
	s.send(httpMessage(s, "400 Bad Request", "text/html", []byte("<html><head><title>400 Bad Request</title></head><body><center><h1>400 Bad Request</h1></center></body></html>\r\n"), true))
}

// noteRequest records a request and the names and passwords in it.
func noteRequest(s *session, r *http.Request, body []byte) {
	s.rec.client(r.UserAgent())
	s.rec.path(r.Method + " " + r.RequestURI)
	if r.Host != "" {
		s.rec.header("Host", r.Host)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			s.rec.header(name, value)
		}
	}
	if hit, ok := Recognise(r); ok {
		s.rec.tokens(hit.ID)
	}
	s.rec.tokens(RecogniseText(string(body))...)
	if user, secret, ok := r.BasicAuth(); ok {
		s.rec.credential(user, secret, "basic")
	}
	if user, secret, ok := formLogin(r, body); ok {
		s.rec.credential(user, secret, "form")
	} else if len(body) > 0 {
		s.rec.command("[body] " + string(body))
	}
}

var (
	userFields   = []string{"username", "user", "login", "email", "name", "log", "uname", "account", "j_username"}
	secretFields = []string{"password", "pass", "passwd", "pwd", "pw", "secret", "j_password"}
)

// formLogin finds a name and a password in a form, in JSON or in the query.
func formLogin(r *http.Request, body []byte) (user, secret string, ok bool) {
	fields := map[string]string{}
	collect := func(values url.Values) {
		for name, list := range values {
			fields[strings.ToLower(name)] = list[0]
		}
	}
	collect(r.URL.Query())
	var object map[string]any
	if json.Unmarshal(body, &object) == nil {
		for name, value := range object {
			if text, isText := value.(string); isText {
				fields[strings.ToLower(name)] = text
			}
		}
	} else if values, err := url.ParseQuery(string(body)); err == nil {
		collect(values)
	}
	for _, name := range secretFields {
		if secret, ok = fields[name]; ok {
			break
		}
	}
	for _, name := range userFields {
		if text, has := fields[name]; has {
			return text, secret, ok
		}
	}
	return "", secret, ok
}

// respond answers a request with the sign-in page, or with less.
func respond(s *session, r *http.Request, body []byte) []byte {
	full := r.Method != http.MethodHead
	_, _, tried := formLogin(r, body)
	_, _, basic := r.BasicAuth()
	if (tried || basic) && s.admits() {
		return httpMessage(s, "200 OK", "text/html; charset=utf-8", looks[lookOf(s.options)].page(s.options, "Your workspace is being prepared. Please come back in a few minutes.", false), full)
	}
	_, token := Recognise(r)
	switch path := r.URL.Path; {
	case token && (strings.HasSuffix(path, ".png") || strings.HasSuffix(path, ".gif")):
		kind, image := Pixel()
		return httpMessage(s, "200 OK", kind, image, full)
	case path == "/robots.txt":
		return httpMessage(s, "200 OK", "text/plain", []byte("User-agent: *\nDisallow: /backup/\nDisallow: /admin/\n"), full)
	case path == "/", path == "/login", path == "/admin", path == "/admin/", path == "/index.html", tried:
		message := ""
		if tried || basic {
			message = "The name or the password is wrong."
		}
		return httpMessage(s, "200 OK", "text/html; charset=utf-8", looks[lookOf(s.options)].page(s.options, message, true), full)
	}
	return httpMessage(s, "404 Not Found", "text/html", []byte("<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center></body></html>\r\n"), full)
}

func httpMessage(s *session, status, kind string, body []byte, full bool) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %s\r\nServer: %s\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nCache-Control: no-store\r\n",
		status, s.options.Banner, s.now().UTC().Format(http.TimeFormat), kind, len(body))
	if id, err := s.server.bytes(16); err == nil && strings.HasPrefix(status, "200") {
		fmt.Fprintf(&b, "Set-Cookie: sid=%s; Path=/; HttpOnly\r\n", hex.EncodeToString(id))
	}
	b.WriteString("\r\n")
	if full {
		b.Write(body)
	}
	return b.Bytes()
}
