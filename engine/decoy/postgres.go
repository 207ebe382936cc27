package decoy

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// The first words of the PostgreSQL protocol, version 3.
const (
	pgTLS, pgGSS, pgCancel, pgVersion3 = 80877103, 80877104, 80877102, 3
	pgStartLimit                       = 10000 // the same as PostgreSQL
)

// servePostgres asks for the password in the clear, as a server with old settings
// does, and answers statements when it has let somebody in.
func servePostgres(s *session) {
	settings, ok := pgStart(s)
	if !ok {
		return
	}
	if name := settings["application_name"]; name != "" {
		s.rec.client(name)
	}
	if db := settings["database"]; db != "" {
		s.rec.command("[database] " + db)
	}
	if !s.send(pgMessage('R', 0, 0, 0, 3)) {
		return
	}
	kind, body, ok := pgRead(s)
	if !ok || kind != 'p' {
		return
	}
	user := settings["user"]
	s.rec.credential(user, strings.TrimRight(string(body), "\x00"), "password")
	if !s.admits() {
		s.send(pgError("FATAL", "28P01", `password authentication failed for user "`+visible(user, 63)+`"`))
		return
	}
	pgInside(s)
}

// pgStart reads the packet that begins a connection; offers of encryption are
// declined, which clients accept unless told otherwise.
func pgStart(s *session) (map[string]string, bool) {
	for range 3 {
		head, ok := s.take(8)
		if !ok {
			return nil, false
		}
		size, code := binary.BigEndian.Uint32(head), binary.BigEndian.Uint32(head[4:])
		switch {
		case size == 8 && (code == pgTLS || code == pgGSS):
			if !s.send([]byte{'N'}) {
				return nil, false
			}
			continue
		case code == pgCancel || size < 8 || size > pgStartLimit:
			return nil, false
		case code>>16 != pgVersion3:
			s.send(pgRefuse("FATAL", "0A000", fmt.Sprintf("unsupported frontend protocol %d.%d: server supports 3.0 to 3.0", code>>16, code&0xffff), "postmaster.c", 2195, "ProcessStartupPacket"))
			return nil, false
		}
		body, ok := s.more(int(size - 8))
		if !ok {
			return nil, false
		}
		settings := map[string]string{}
		words := strings.Split(string(body), "\x00")
		for i := 0; i+1 < len(words) && words[i] != ""; i += 2 {
			settings[words[i]] = words[i+1]
		}
		return settings, true
	}
	return nil, false
}

// pgRead reads one message. What is longer than a line may be is read and dropped.
func pgRead(s *session) (kind byte, body []byte, ok bool) {
	head, ok := s.take(5)
	if !ok {
		return 0, nil, false
	}
	size := binary.BigEndian.Uint32(head[1:])
	if size < 4 || size > 1<<24 {
		return 0, nil, false
	}
	size -= 4
	keep := min(int(size), s.server.config.Limits.Line)
	if body, ok = s.more(keep); !ok {
		return 0, nil, false
	}
	_, err := s.r.Discard(int(size) - keep)
	return head[0], body, err == nil
}

// pgInside answers statements: a version where one is asked for, nothing elsewhere.
func pgInside(s *session) {
	out := pgMessage('R', 0, 0, 0, 0)
	version, _, _ := strings.Cut(s.options.Banner, " ")
	for _, pair := range []string{"server_version\x00" + version, "server_encoding\x00UTF8", "client_encoding\x00UTF8", "DateStyle\x00ISO, MDY", "standard_conforming_strings\x00on"} {
		out = append(out, pgMessage('S', []byte(pair+"\x00")...)...)
	}
	ready := pgMessage('Z', 'I')
	if !s.send(append(out, ready...)) {
		return
	}
	for {
		kind, body, ok := pgRead(s)
		if !ok || kind == 'X' {
			return
		}
		text, _, _ := strings.Cut(string(body), "\x00")
		switch kind {
		case 'Q':
			s.rec.command(text)
			ok = s.send(append(pgResult(s, text), ready...))
		case 'P':
			_, statement, _ := strings.Cut(string(body), "\x00")
			statement, _, _ = strings.Cut(statement, "\x00")
			s.rec.command(statement)
			ok = s.send(pgError("ERROR", "53200", "out of memory"))
		case 'S':
			ok = s.send(ready)
		}
		if !ok {
			return
		}
	}
}

// pgResult answers a statement with one row, no row, or a refusal.
func pgResult(s *session, statement string) []byte {
	plain := strings.ToLower(strings.Join(strings.Fields(statement), " "))
	switch {
	case strings.HasPrefix(plain, "select version()"):
		return pgRow("version", "PostgreSQL "+s.options.Banner+" on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14) 12.2.0, 64-bit")
	case strings.HasPrefix(plain, "select current_user"):
		return pgRow("current_user", "postgres")
	case strings.HasPrefix(plain, "select 1"):
		return pgRow("?column?", "1")
	case plain == "" || plain == ";":
		return pgMessage('I')
	case strings.HasPrefix(plain, "set "), strings.HasPrefix(plain, "begin"), strings.HasPrefix(plain, "commit"), strings.HasPrefix(plain, "rollback"):
		verb, _, _ := strings.Cut(strings.Trim(plain, "; "), " ")
		return pgMessage('C', []byte(strings.ToUpper(verb)+"\x00")...)
	}
	return pgError("ERROR", "42501", "permission denied")
}

// pgRow is a result of one column and one row.
func pgRow(column, value string) []byte {
	head := append([]byte{0, 1}, column...)
	head = append(head, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0)
	row := binary.BigEndian.AppendUint32([]byte{0, 1}, uint32(len(value)))
	out := pgMessage('T', head...)
	out = append(out, pgMessage('D', append(row, value...)...)...)
	return append(out, pgMessage('C', []byte("SELECT 1\x00")...)...)
}

func pgError(severity, code, text string) []byte {
	return pgMessage('E', []byte("S"+severity+"\x00V"+severity+"\x00C"+code+"\x00M"+text+"\x00\x00")...)
}

// pgRefuse is an error with the place in the source, as a server tells it too.
func pgRefuse(severity, code, text, file string, line int, routine string) []byte {
	return pgMessage('E', []byte(fmt.Sprintf("S%s\x00V%[1]s\x00C%s\x00M%s\x00F%s\x00L%d\x00R%s\x00\x00", severity, code, text, file, line, routine))...)
}

func pgMessage(kind byte, body ...byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4)), body...)
}
