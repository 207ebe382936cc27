package decoy

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// Capabilities of the MySQL protocol that are spoken of here.
const (
	myLongPassword, myConnectWithDB, myProtocol41 = 1, 8, 0x200
	mySecureConnection, myPluginAuth              = 0x8000, 0x80000
	myConnectAttrs, myLenencAuth                  = 0x100000, 0x200000
	myCapabilities                                = myLongPassword | myConnectWithDB | myProtocol41 | mySecureConnection | myPluginAuth | myConnectAttrs | myLenencAuth | 0x2000
	myNative                                      = "mysql_native_password"
)

// serveMySQL sends a challenge and records the response in the form in which it can
// be tried against a list of passwords: $mysqlna$challenge*response.
func serveMySQL(s *session) {
	salt, err := s.server.bytes(20)
	if err != nil {
		return
	}
	for i := range salt { // a zero would end it early
		salt[i] = salt[i]%94 + 33
	}
	if !s.send(myPacket(0, myGreeting(s.options.Banner, salt))) {
		return
	}
	seq, body, ok := myRead(s)
	if !ok {
		return
	}
	login, ok := parseMyLogin(body)
	if !ok {
		return
	}
	noteMyLogin(s, login)
	if login.plugin != "" && login.plugin != myNative {
		if !s.send(myPacket(seq+1, joined([]byte{0xfe}, []byte(myNative), []byte{0}, salt, []byte{0}))) {
			return
		}
		if seq, login.response, ok = myRead(s); !ok {
			s.rec.credential(login.user, "", "challenge")
			return
		}
	}
	secret := ""
	if len(login.response) > 0 {
		secret = "$mysqlna$" + hex.EncodeToString(salt) + "*" + hex.EncodeToString(login.response)
	}
	s.rec.credential(login.user, secret, "challenge")
	if !s.admits() {
		using := "YES"
		if secret == "" {
			using = "NO"
		}
		host, _, _ := strings.Cut(s.conn.RemoteAddr().String(), ":")
		s.send(myPacket(seq+1, myError(1045, "28000", fmt.Sprintf("Access denied for user '%s'@'%s' (using password: %s)", visible(login.user, 32), host, using))))
		return
	}
	if s.send(myPacket(seq+1, myOK())) {
		myInside(s)
	}
}

func joined(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func myGreeting(version string, salt []byte) []byte {
	b := append([]byte{10}, version...)
	b = append(b, 0, 0x2f, 1, 0, 0) // the number of the connection
	b = append(b, salt[:8]...)
	b = append(b, 0)
	b = binary.LittleEndian.AppendUint16(b, myCapabilities&0xffff)
	b = append(b, 0xff, 2, 0) // utf8mb4, autocommit
	b = binary.LittleEndian.AppendUint16(b, myCapabilities>>16)
	b = append(b, 21)
	b = append(b, make([]byte, 10)...)
	b = append(b, salt[8:]...)
	b = append(b, 0)
	return append(append(b, myNative...), 0)
}

// A myLogin is the answer to the greeting.
type myLogin struct {
	user, database, plugin string
	response               []byte
	attributes             []byte
}

// parseMyLogin reads HandshakeResponse41.
func parseMyLogin(b []byte) (login myLogin, ok bool) {
	if len(b) < 33 {
		return login, false
	}
	caps := binary.LittleEndian.Uint32(b)
	if caps&myProtocol41 == 0 {
		return login, false
	}
	r := myReader{b: b[32:]}
	login.user = r.text()
	switch {
	case caps&myLenencAuth != 0:
		login.response = r.counted()
	case caps&mySecureConnection != 0:
		login.response = r.bytes(int(r.byte()))
	default:
		login.response = []byte(r.text())
	}
	if caps&myConnectWithDB != 0 {
		login.database = r.text()
	}
	if caps&myPluginAuth != 0 {
		login.plugin = r.text()
	}
	if caps&myConnectAttrs != 0 {
		login.attributes = r.counted()
	}
	return login, !r.short || login.user != ""
}

// A myReader reads fields; after a short one everything is empty.
type myReader struct {
	b     []byte
	short bool
}

func (r *myReader) bytes(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.b, r.short = nil, true
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *myReader) byte() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *myReader) text() string {
	end := bytes.IndexByte(r.b, 0)
	if end < 0 {
		text := string(r.b)
		r.b, r.short = nil, true
		return text
	}
	text := string(r.bytes(end))
	r.bytes(1)
	return text
}

// counted reads bytes after their length.
func (r *myReader) counted() []byte {
	n := int(r.byte())
	if n == 0xfc {
		low := r.byte()
		n = int(low) | int(r.byte())<<8
	} else if n > 0xfc {
		r.b, r.short = nil, true
		return nil
	}
	return r.bytes(n)
}

func noteMyLogin(s *session, login myLogin) {
	if login.database != "" {
		s.rec.command("[database] " + login.database)
	}
	r := myReader{b: login.attributes}
	for range 32 {
		if len(r.b) == 0 || r.short {
			return
		}
		name, value := string(r.counted()), string(r.counted())
		switch name {
		case "_client_name":
			s.rec.client(value)
		case "program_name":
			s.rec.header(name, value)
		default:
			s.rec.header(strings.TrimPrefix(name, "_"), value)
		}
	}
}

// myRead reads one packet. What is longer than a line may be is read and dropped.
func myRead(s *session) (seq byte, body []byte, ok bool) {
	head, ok := s.take(4)
	if !ok {
		return 0, nil, false
	}
	size := int(head[0]) | int(head[1])<<8 | int(head[2])<<16
	keep := min(size, s.server.config.Limits.Line)
	if body, ok = s.more(keep); !ok {
		return 0, nil, false
	}
	_, err := s.r.Discard(size - keep)
	return head[3], body, err == nil
}

func myPacket(seq byte, body []byte) []byte {
	return append([]byte{byte(len(body)), byte(len(body) >> 8), byte(len(body) >> 16), seq}, body...)
}

func myOK() []byte { return []byte{0, 0, 0, 2, 0, 0, 0} }

func myError(code uint16, state, text string) []byte {
	return append(binary.LittleEndian.AppendUint16([]byte{0xff}, code), "#"+state+text...)
}

// myInside answers statements after a sign-in.
func myInside(s *session) {
	for {
		seq, body, ok := myRead(s)
		if !ok || len(body) == 0 || body[0] == 1 { // 1: quit
			return
		}
		switch text := string(body[1:]); body[0] {
		case 2: // use a database
			s.rec.command("USE " + text)
			ok = s.send(myPacket(seq+1, myOK()))
		case 3: // query
			s.rec.command(text)
			ok = s.send(myResult(s, seq, text))
		case 14: // ping
			ok = s.send(myPacket(seq+1, myOK()))
		default:
			ok = s.send(myPacket(seq+1, myError(1047, "08S01", "Unknown command")))
		}
		if !ok {
			return
		}
	}
}

func myResult(s *session, seq byte, statement string) []byte {
	plain := strings.ToLower(strings.Join(strings.Fields(statement), " "))
	switch {
	case strings.HasPrefix(plain, "select @@version_comment"):
		return myRow(seq, "@@version_comment", "MySQL Community Server - GPL")
	case strings.HasPrefix(plain, "select version()"), strings.HasPrefix(plain, "select @@version"):
		return myRow(seq, "version()", s.options.Banner)
	case strings.HasPrefix(plain, "show databases"):
		return myRow(seq, "Database", "information_schema")
	case strings.HasPrefix(plain, "set "):
		return myPacket(seq+1, myOK())
	}
	return myPacket(seq+1, myError(1142, "42000", "command denied"))
}

// myRow is a result of one column and one row.
func myRow(seq byte, column, value string) []byte {
	value = value[:min(len(value), 250)] // what one byte can count
	var def []byte
	for _, text := range []string{"def", "", "", "", column, ""} {
		def = append(append(def, byte(len(text))), text...)
	}
	def = append(def, 0x0c, 0xff, 0, 0, 4, 0, 0, 0xfd, 0, 0, 31, 0, 0)
	end := []byte{0xfe, 0, 0, 2, 0}
	return joined(myPacket(seq+1, []byte{1}), myPacket(seq+2, def), myPacket(seq+3, end),
		myPacket(seq+4, append([]byte{byte(len(value))}, value...)), myPacket(seq+5, end))
}
